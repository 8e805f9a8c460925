"""Panoptic masks as pairs of classes and instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks.mask import Mask, MaskEntry, smallest_dtype


def split_panoptic(mask: Mask) -> tuple[Mask, Mask]:
    """Return a panoptic mask as a pair: the semantic mask, and the instances numbered from 1.

    Pixels of a class without instances, painted ones, have a class and number 0.

    Raises
    ------
    MaskValueError
        If the mask is not panoptic, or holds a value that its table lacks.
    """
    if mask.flavour != "panoptic" or not mask.divisor:
        raise MaskValueError(f"a {mask.flavour} mask has no classes and instances to be told apart; ask for panoptic")
    unknown = mask.unknown_values()
    if unknown:
        raise MaskValueError(f"value {unknown[0]} has no entry in the mask's table; add it first")
    entries = sorted(mask.table.values(), key=lambda entry: entry.value)
    classes = {entry.value // mask.divisor: _of_class(entry, mask.divisor) for entry in entries}
    things = [entry for entry in entries if entry.value % mask.divisor]
    semantic = (mask.array // np.uint32(mask.divisor)).astype(smallest_dtype(max(classes, default=0)))
    instances = _numbered(mask.array, [entry.value for entry in things])
    numbers = {number: replace(entry, value=number) for number, entry in enumerate(things, start=1)}
    return (
        replace(mask, array=semantic, flavour="semantic", table=classes, divisor=0),
        replace(mask, array=instances, flavour="instance", table=numbers, divisor=0),
    )


def _of_class(entry: MaskEntry, divisor: int) -> MaskEntry:
    return replace(entry, value=entry.value // divisor, annotation_id=None)


def _numbered(array: NDArray[Any], values: list[int]) -> NDArray[Any]:
    """Return an array in which the values given, ascending, count from 1, and all others are 0."""
    dtype = smallest_dtype(len(values))
    if not values:
        return np.zeros(array.shape, dtype)
    known = np.array(values, array.dtype)
    numbers = np.empty(array.shape, dtype)
    for top in range(0, len(array), 256):  # a search makes 64-bit numbers of what it finds
        part = array[top : top + 256]
        at = np.minimum(np.searchsorted(known, part), len(known) - 1)
        numbers[top : top + 256] = np.where(known[at] == part, at + 1, 0)
    return numbers

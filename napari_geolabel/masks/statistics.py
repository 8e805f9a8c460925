"""How much of a mask each value covers, and where two masks differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError
from napari_geolabel.geo import GeoGrid, area_m2, same_crs
from napari_geolabel.masks.mask import Mask, MaskEntry, smallest_dtype
from napari_geolabel.ontology.colors import spread_color

_BLOCK_PX = 512
"""Rows and columns over which pixels are taken as equally large."""
_M2_PER_HA = 10_000.0
_ALIGNED_PX = 1e-3
_UNLABELLED = "unlabelled"


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of a mask one value covers."""

    value: int
    """The value, 0 for what is unlabelled."""
    class_id: str | None
    """Its class; None where it has none."""
    name: str
    """What people call it."""
    pixels: int
    """How many valid pixels have it."""
    hectares: float | None
    """Their area on the ground; None without a place on Earth."""
    percent: float
    """Their share of all valid pixels."""


def coverage(mask: Mask, valid: NDArray[np.bool_] | None = None) -> list[Coverage]:
    """Return how much of a mask each value covers, the unlabelled pixels first, then by value.

    Areas are geodesic, measured in blocks of 512 pixels a side, so that they
    hold in degrees and far from the centre of a projection too.

    Parameters
    ----------
    mask
        What to measure; classes of its table that do not occur are listed with 0 pixels, instances are not.
    valid
        Which pixels count, shape (rows, cols); None counts all.

    Raises
    ------
    MaskValueError
        If ``valid`` is not of the mask's shape.
    """
    _require_shape(mask, valid)
    counts, areas = _sums(mask.array, valid, mask.grid)
    wanted = {0, *counts, *(mask.table if mask.flavour == "semantic" else ())}
    total = max(1, sum(counts.values()))
    listed = []
    for value in sorted(wanted):
        entry, pixels = mask.table.get(value), counts.get(value, 0)
        listed.append(
            Coverage(
                value=value,
                class_id=None if entry is None else entry.class_id,
                name=_UNLABELLED if value == 0 else f"value {value}" if entry is None else entry.name,
                pixels=pixels,
                hectares=areas.get(value, 0.0) / _M2_PER_HA if mask.grid.is_georeferenced else None,
                percent=100 * pixels / total,
            )
        )
    return listed


def difference(before: Mask, after: Mask, valid: NDArray[np.bool_] | None = None) -> tuple[Mask, list[Coverage]]:
    """Return where two masks differ, and how much of the ground changed from what to what.

    Values are compared by their classes where both masks name them, so that
    masks of different ontologies or numbers can be compared.

    Parameters
    ----------
    before, after
        Two masks of the same pixels.
    valid
        Which pixels count, shape (rows, cols); None counts all.

    Returns
    -------
    mask
        0 where both say the same; its other values number the changes that
        occur, and its table calls them ``Water → Cloud``.
    coverages
        How much each change covers; value 0 is what both masks agree on.

    Raises
    ------
    MaskValueError
        If the masks do not have the same pixels.
    """
    if not _same_pixels(before.grid, after.grid):
        raise MaskValueError("the two masks have different pixels; lay one on the pixels of the other first")
    _require_shape(before, valid)
    array, names = _in_values_of(before, after)
    places = np.flatnonzero(before.array != array)
    pairs = np.stack([before.array.ravel()[places], array.ravel()[places]], axis=1).astype(np.int64)
    changes, numbers = np.unique(pairs, axis=0, return_inverse=True)
    table = {
        number: MaskEntry(value=number, class_id=None, name=f"{names[old]} → {names[new]}", color=spread_color(number))
        for number, (old, new) in enumerate(changes.tolist(), start=1)
    }
    codes = np.zeros(array.size, smallest_dtype(len(changes)))
    codes[places] = numbers.ravel() + 1
    mask = Mask(array=codes.reshape(array.shape), grid=before.grid, table=table, rule="changes between two masks")
    return mask, coverage(mask, valid)


def _in_values_of(before: Mask, after: Mask) -> tuple[NDArray[Any], dict[int, str]]:
    """Return the second mask in the values that the first has for its classes, and what each value is called."""
    of_word = {word: entry.value for entry in before.table.values() for word in _words(entry)}
    spare = max([*before.table, *before.values().tolist(), 0]) + 1
    names = {0: _UNLABELLED} | {value: before.table[value].name if value in before.table else f"value {value}"
                                for value in {*before.table, *before.values().tolist()}}  # fmt: skip
    lookup = {}
    for value in after.values().tolist():
        entry = after.table.get(value)
        known = value if entry is None else _known(entry, before, of_word)
        lookup[value] = known if known is not None else spare + value
        names.setdefault(lookup[value], entry.name if entry else f"value {value}")
    if all(value == own for value, own in lookup.items()):
        return after.array, names
    old = np.array([0, *lookup], np.int64)
    new = np.array([0, *lookup.values()], np.int64)
    return new[np.searchsorted(old, after.array)], names


def _known(entry: MaskEntry, before: Mask, of_word: Mapping[str, int]) -> int | None:
    """Return the value that a mask has for what another's means: the same one if it may be, None where it has none."""
    same = before.table.get(entry.value)
    own = [] if same is None else _words(same)
    found = (entry.value if word in own else of_word.get(word) for word in _words(entry))
    return next((value for value in found if value is not None), None)


def _words(entry: MaskEntry) -> list[str]:
    """Return by what two masks may know that they mean the same: the annotation, else the class, else the name."""
    if entry.annotation_id is not None:
        return [f"annotation {entry.annotation_id}"]
    return [*([f"class {entry.class_id}"] if entry.class_id else []), f"name {entry.name.casefold()}"]


def _sums(
    array: NDArray[Any], valid: NDArray[np.bool_] | None, grid: GeoGrid
) -> tuple[dict[int, int], dict[int, float]]:
    """Return the pixels of each value, and their square metres (0 without a place on Earth)."""
    counts: dict[int, int] = {}
    areas: dict[int, float] = {}
    for top in range(0, array.shape[0], _BLOCK_PX):
        for left in range(0, array.shape[1], _BLOCK_PX):
            block = array[top : top + _BLOCK_PX, left : left + _BLOCK_PX]
            bottom, right = top + block.shape[0], left + block.shape[1]
            pixel_m2 = _pixel_m2(grid, (top, bottom), (left + right) // 2)
            counted = block if valid is None else block[valid[top:bottom, left:right]]
            for value, count in zip(*np.unique(counted, return_counts=True), strict=True):
                counts[int(value)] = counts.get(int(value), 0) + int(count)
                areas[int(value)] = areas.get(int(value), 0.0) + int(count) * pixel_m2
    return counts, areas


def _pixel_m2(grid: GeoGrid, rows: tuple[int, int], col: int) -> float:
    """Return the mean area of the pixels of some rows, measured on one column; 0 without a place on Earth."""
    if not grid.is_georeferenced:
        return 0.0
    return area_m2(grid, shapely.box(col, rows[0], col + 1, rows[1])) / (rows[1] - rows[0])


def _same_pixels(one: GeoGrid, other: GeoGrid) -> bool:
    """Return whether two grids have the same pixels at the same place, to a thousandth of a pixel."""
    if one.shape != other.shape or one.is_georeferenced != other.is_georeferenced:
        return False
    if not one.is_georeferenced:
        return True
    if one.crs is None or other.crs is None or not same_crs(one.crs, other.crs):
        return False
    return bool(np.abs(one.map_to_pixel(other.pixel_to_map(other.outline)) - one.outline).max() <= _ALIGNED_PX)


def _require_shape(mask: Mask, valid: NDArray[np.bool_] | None) -> None:
    if valid is not None and valid.shape != mask.array.shape:
        raise MaskValueError(f"valid pixels of shape {valid.shape} do not fit a mask of {mask.array.shape}")

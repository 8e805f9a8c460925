"""What a mask is: an array of values, the grid it lies on, and what each value means.

0 is always *unlabelled*; a background that was labelled as such is a class of
its own with a value of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_geolabel.errors import MaskValueError, require_word
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.model import Ontology

Flavour = Literal["semantic", "instance", "panoptic"]
"""Semantic: values are classes.  Instance: values are annotations.  Panoptic: class and instance in one value."""

MaskArray = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32]

MASK_DTYPES = (np.dtype("uint8"), np.dtype("uint16"), np.dtype("uint32"))
"""The data types of masks, smallest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskEntry:
    """What one value of a mask stands for."""

    value: int
    """The value in the array, at least 1."""
    class_id: str | None
    """Class of the ontology; None where a foreign mask's value belongs to none."""
    name: str
    """What people read in a legend."""
    color: str
    """``#rrggbb``."""
    annotation_id: str | None = None
    """The annotation, in instance and panoptic masks."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mask:
    """A raster of classes or instances with its meaning.

    Raises
    ------
    MaskValueError
        If the array is not uint8, uint16 or uint32, or not of the grid's shape.
    """

    array: MaskArray
    """Values, shape (rows, cols), 0 where unlabelled."""
    grid: GeoGrid
    """Where the pixels lie."""
    flavour: Flavour = "semantic"
    """What the values count."""
    table: Mapping[int, MaskEntry] = field(default_factory=dict)
    """Value to meaning; read-only."""
    ontology_stamp: Mapping[str, Any] | None = None
    """Id, version and hash of the ontology that gave the values."""
    rule: str = ""
    """How overlaps and edge pixels were decided, in words."""
    divisor: int = 0
    """Panoptic values are ``class value * divisor + number within the class``; 0 in other flavours."""

    def __post_init__(self) -> None:
        if self.array.dtype not in MASK_DTYPES:
            raise MaskValueError(
                f"a mask cannot hold {self.array.dtype} values; convert it to uint8, uint16 or uint32 first"
            )
        if self.array.shape != self.grid.shape:
            raise MaskValueError(f"the array's shape {self.array.shape} is not the grid's {self.grid.shape}")
        require_flavour(self.flavour)
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def values(self) -> NDArray[np.int64]:
        """Return the values that occur, ascending, without 0."""
        found = present_values(self.array)
        return found[found > 0]

    def unknown_values(self) -> list[int]:
        """Return the values that occur but have no entry in the table."""
        return [int(value) for value in self.values() if int(value) not in self.table]


def semantic_table(ontology: Ontology) -> dict[int, MaskEntry]:
    """Return what each mask value of an ontology means, in the order of its classes."""
    return {
        cls.mask_value: MaskEntry(value=cls.mask_value, class_id=cls.id, name=cls.name, color=cls.color)
        for cls in ontology.classes
        if cls.mask_value is not None
    }


def smallest_dtype(largest: int) -> np.dtype[Any]:
    """Return the smallest mask data type that holds ``largest``.

    Raises
    ------
    MaskValueError
        If none does.
    """
    for dtype in MASK_DTYPES:
        if largest <= np.iinfo(dtype).max:
            return dtype
    raise MaskValueError(f"mask value {largest} does not fit in 32 bits; number the classes or instances lower")


def check_values(values: ArrayLike, dtype: np.dtype[Any] | type | str) -> NDArray[Any]:
    """Return values as an array of ``dtype`` after a look at their range.

    numpy, rasterio and rusterize all wrap silently (300 becomes 44 in uint8),
    so every value passes here before it is written.

    Raises
    ------
    MaskValueError
        If a value is not whole, or does not fit.
    """
    given = np.asarray(values)
    target = np.dtype(dtype)
    if given.size and given.dtype.kind not in "iub" and not _is_whole(given):
        raise MaskValueError(f"mask values must be whole numbers; these are {given.dtype}")
    limits = np.iinfo(target)
    if given.size:
        low, high = given.min(), given.max()
        if low < limits.min or high > limits.max:
            wrong = low if low < limits.min else high
            raise MaskValueError(
                f"mask value {int(wrong)} does not fit in {target} ({limits.min} to {limits.max}); use a larger type"
            )
    return given.astype(target)


def require_flavour(flavour: Flavour) -> None:
    """Refuse a word that is no flavour.

    Raises
    ------
    MaskValueError
        If there is no such flavour.
    """
    require_word(flavour, Flavour, "no flavour of mask", MaskValueError)


def present_values(array: NDArray[Any]) -> NDArray[np.int64]:
    """Return the values that occur in an unsigned array, ascending; counting beats sorting up to 16 bits."""
    if array.dtype.itemsize <= 2:
        counts = np.zeros(np.iinfo(array.dtype).max + 1, np.int64)
        for row in range(0, array.shape[0], 1024):  # bincount makes a 64-bit copy of what it counts
            counts += np.bincount(array[row : row + 1024].ravel(), minlength=counts.size)
        return np.flatnonzero(counts).astype(np.int64)
    return np.unique(array).astype(np.int64)


def _is_whole(values: NDArray[Any]) -> bool:
    """Return whether floating point values are all finite and whole."""
    return values.dtype.kind == "f" and bool(np.all(np.isfinite(values) & (np.floor(values) == values)))

"""Arrays that read only the part that is indexed, in the shape that viewers ask for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from types import EllipsisType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_geolabel.imagery.reader import Bounds

_Index = int | slice | EllipsisType | NDArray[Any] | list[int]


class LazyLevel(ABC):
    """An array of rows and columns, and maybe channels, that is read where it is indexed.

    Rows and columns may be indexed with integers, slices of any step and
    arrays of indices, as numpy does.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...]
    """Shape of the pieces that are best asked for together."""

    @abstractmethod
    def read(self, bounds: Bounds) -> NDArray[Any]:
        """Return a window that lies inside the array, of any size, zero included."""

    def looked_at(self, bounds: Bounds) -> None:  # noqa: B027  (not every level has a use for it)
        """Take note that a viewer has read a window, so that what it needs next can be made ready."""

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the whole array would take."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the level itself: it is a view of the scene, and open files cannot be copied (napari's Duplicate)."""
        return self

    def __getitem__(self, key: _Index | tuple[_Index, ...]) -> NDArray[Any]:
        indices = _expand(key, self.ndim)
        row, row_stop, rest_row = _narrow(indices[0], self.shape[0])
        col, col_stop, rest_col = _narrow(indices[1], self.shape[1])
        bounds = row, row_stop, col, col_stop
        part: NDArray[Any] = self.read(bounds)[(rest_row, rest_col, *indices[2:])]
        self.looked_at(bounds)
        return part

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self.read((0, self.shape[0], 0, self.shape[1]))
        return whole if dtype is None else whole.astype(dtype, copy=False)


def _expand(key: _Index | tuple[_Index, ...], ndim: int) -> list[Any]:
    """Return one index per axis."""
    indices = list(key) if isinstance(key, tuple) else [key]
    if len(indices) - sum(index is Ellipsis for index in indices) > ndim:
        raise IndexError(f"too many indices: the array has {ndim} dimensions")
    place = next((i for i, index in enumerate(indices) if index is Ellipsis), len(indices))
    missing = ndim - sum(index is not Ellipsis for index in indices)
    return [*indices[:place], *[slice(None)] * missing, *indices[place + 1 :]]


def _narrow(index: Any, length: int) -> tuple[int, int, Any]:  # noqa: ANN401  (whatever numpy takes)
    """Return the range that an index needs, and the index into that range."""
    if isinstance(index, slice):
        wanted = range(*index.indices(length))
        if not wanted:
            return 0, 0, slice(0, 0)
        start, stop = min(wanted[0], wanted[-1]), max(wanted[0], wanted[-1]) + 1
        return start, stop, slice(wanted[0] - start, None, wanted.step)
    places = np.asarray(index)
    if places.dtype == np.bool_:
        if places.shape != (length,):
            raise IndexError(f"a boolean index of shape {places.shape} does not fit an axis of {length} pixels")
        places = np.flatnonzero(places)
    elif places.dtype.kind not in "iu" and (places.size or isinstance(index, np.ndarray)):  # an empty list is float
        raise IndexError(f"index {index!r} is no integer; rows and columns are indexed with integers, slices and masks")
    if places.size == 0:
        return 0, 0, places.astype(np.intp)
    if places.min() < -length or places.max() >= length:
        raise IndexError(f"index {index} is out of range for {length} pixels")
    places = np.where(places < 0, places + length, places)
    start, stop = int(places.min()), int(places.max()) + 1
    return start, stop, places - start if places.ndim else int(places) - start

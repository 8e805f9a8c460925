"""The mask that is painted on.

The array is edited in place, by napari's Labels layer or by :meth:`MaskCanvas.apply`;
what changed is told as tile edits, which undo, redo, the journal and the
label file share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psygnal import Signal
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import TILE_PX, TileEdit
from napari_geolabel.errors import MaskValueError
from napari_geolabel.geo import Window
from napari_geolabel.masks.mask import check_values, present_values, semantic_table, smallest_dtype
from napari_geolabel.masks.rasterize import burn
from napari_geolabel.ontology.model import Ontology

TileKey = tuple[int, int]
"""Row and column of a tile, counted in tiles."""


class MaskCanvas:
    """The editable semantic mask of a scene.

    Parameters
    ----------
    shape
        Rows and columns of the scene.
    ontology
        Gives the values that may be painted, and with them the data type.
    """

    changed = Signal(object)
    """Emitted with the smallest :data:`~napari_geolabel.geo.Window` that holds everything that :meth:`apply` wrote."""

    array: NDArray[Any]
    """Values, shape (rows, cols), uint8 or uint16, 0 where unlabelled; edited in place."""

    def __init__(self, shape: tuple[int, int], ontology: Ontology) -> None:
        self.ontology = ontology
        self.array = np.zeros(shape, smallest_dtype(max(semantic_table(ontology), default=0)))
        self._painted: dict[TileKey, int] = {}

    def require_room(self, ontology: Ontology) -> None:
        """Refuse an ontology whose mask values the array cannot hold.

        Raises
        ------
        MaskValueError
            If one of them is too large.
        """
        largest, fitting = max(semantic_table(ontology), default=0), np.iinfo(self.array.dtype).max
        if largest > fitting:
            raise MaskValueError(f"mask value {largest} does not fit into a mask up to {fitting}; number classes lower")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is painted, as far as :meth:`apply` was told."""
        return not self._painted

    @property
    def painted_pixels(self) -> int:
        """How many pixels are painted; counted edit by edit, so that asking is quick however large the scene is."""
        return sum(self._painted.values())

    @property
    def painted_windows(self) -> list[Window]:
        """Where the tiles lie that are painted, as far as :meth:`apply` was told."""
        return [self.tile_window(key) for key in self._painted]

    def apply(self, tiles: Iterable[TileEdit]) -> None:
        """Write what the tiles hold after an edit, whatever stood there; doing it twice changes nothing more.

        Raises
        ------
        MaskValueError
            If a tile lies outside the scene or is not of its size; nothing is written then.
        """
        blocks = [(self.tile_window((t.row, t.col)), t) for t in tiles]
        written = [(window, self._block(window, tile)) for window, tile in blocks]
        for (window, block), (_, tile) in zip(written, blocks, strict=True):
            self.array[window] = block
            self._count((tile.row, tile.col), block)
        if written:
            self.changed.emit(_union([window for window, _ in written]))

    def diff(self, before: Mapping[TileKey, NDArray[Any]]) -> tuple[TileEdit, ...]:
        """Return the edits from earlier copies of tiles to what the array holds now.

        Tiles that hold the same are left out.
        """
        return tuple(self._edits((key, old, self.array[self.tile_window(key)]) for key, old in before.items()))

    def tiles_of(self, window: Window) -> list[TileKey]:
        """Return the tiles that a part of the mask lies in, row by row."""
        rows, cols = (part.indices(n) for part, n in zip(window, self.array.shape, strict=True))
        if rows[0] >= rows[1] or cols[0] >= cols[1]:
            return []
        return [
            (row, col)
            for row in range(rows[0] // TILE_PX, (rows[1] - 1) // TILE_PX + 1)
            for col in range(cols[0] // TILE_PX, (cols[1] - 1) // TILE_PX + 1)
        ]

    def tile(self, key: TileKey) -> NDArray[Any]:
        """Return a copy of a tile, as :meth:`diff` wants it."""
        return self.array[self.tile_window(key)].copy()

    def paint(
        self, geometry: BaseGeometry | Sequence[BaseGeometry], value: int, *, locked: Collection[int] = ()
    ) -> tuple[TileEdit, ...]:
        """Return the edits that give the pixels of a geometry a value; the array stays as it is.

        Parameters
        ----------
        geometry
            One or several geometries in pixel coordinates ``(x, y)``.
        value
            A mask value of the ontology, or 0 to erase.
        locked
            Values that must not be painted over; 0 protects what is unlabelled.

        Raises
        ------
        MaskValueError
            If the ontology has no such value.
        """
        if value != 0 and value not in self.ontology.by_mask_value:
            known = ", ".join(map(str, sorted(self.ontology.by_mask_value))) or "none"
            raise MaskValueError(f"{value} is not a mask value of this ontology; it has {known}, and 0 erases")
        shapes = [geometry] if isinstance(geometry, BaseGeometry) else list(geometry)
        window = self._reach(shapes)
        if not self.tiles_of(window):
            return ()
        covered = burn(shapes, 1, self.array.shape, window=window).astype(bool)
        if locked:
            covered &= ~np.isin(self.array[window], list(locked))
        painted = np.where(covered, self.array.dtype.type(value), self.array[window])
        return tuple(self.patch(window, painted))

    def patch(self, window: Window, painted: NDArray[Any]) -> Iterator[TileEdit]:
        """Yield the edits that put other values, of the window's shape, at a window; the array stays as it is."""
        top, left = window[0].start, window[1].start
        for key in self.tiles_of(window):
            tile = self.tile_window(key)
            after = self.array[tile].copy()
            rows, cols = (slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(window, tile, strict=True))
            after[
                rows.start - tile[0].start : rows.stop - tile[0].start,
                cols.start - tile[1].start : cols.stop - tile[1].start,
            ] = painted[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
            yield from self._edits([(key, self.array[tile], after)])

    def replace(self, array: NDArray[Any], ontology: Ontology | None = None) -> tuple[TileEdit, ...]:
        """Return the edits that turn the mask into another of the same shape; the array stays as it is.

        Parameters
        ----------
        array
            Values of the ontology, and 0.
        ontology
            One that is taken before the edits are made; None is the one in use.

        Raises
        ------
        MaskValueError
            If the shape differs, or a value is not one of the ontology's.
        """
        if array.shape != self.array.shape:
            raise MaskValueError(f"a mask of shape {array.shape} does not fit the scene's {self.array.shape}")
        new = check_values(array, self.array.dtype)
        unknown = sorted(set(present_values(new).tolist()) - {0, *(ontology or self.ontology).by_mask_value})
        if unknown:
            listed = ", ".join(map(str, unknown[:10]))
            raise MaskValueError(f"mask values {listed} are not in the ontology; add classes with these values first")
        everything = self.tiles_of((slice(None), slice(None)))
        windows = ((key, self.tile_window(key)) for key in everything)
        return tuple(self._edits((key, self.array[window], new[window]) for key, window in windows))

    def _count(self, key: TileKey, block: NDArray[Any]) -> None:
        """Keep the number of painted pixels of a tile; tiles without any are left out."""
        painted = int(np.count_nonzero(block))
        if painted:
            self._painted[key] = painted
        else:
            self._painted.pop(key, None)

    def _edits(self, tiles: Iterable[tuple[TileKey, NDArray[Any], NDArray[Any]]]) -> Iterator[TileEdit]:
        """Yield the edits of tiles whose pixels differ."""
        for (row, col), old, new in tiles:
            if not np.array_equal(old, new):
                before, after = (np.ascontiguousarray(block, self.array.dtype).tobytes() for block in (old, new))
                yield TileEdit(row=row, col=col, before=before, after=after)

    def tile_window(self, key: TileKey) -> Window:
        """Return where a tile lies; those at the lower and right border are cut."""
        starts = [index * TILE_PX for index in key]
        if not all(0 <= start < length for start, length in zip(starts, self.array.shape, strict=True)):
            raise MaskValueError(f"tile {key} lies outside a mask of shape {self.array.shape}")
        rows, cols = (
            slice(start, min(start + TILE_PX, length)) for start, length in zip(starts, self.array.shape, strict=True)
        )
        return rows, cols

    def _block(self, window: Window, tile: TileEdit) -> NDArray[Any]:
        """Return the pixels that a tile holds after its edit."""
        shape = tuple(part.stop - part.start for part in window)
        expected = shape[0] * shape[1] * self.array.dtype.itemsize
        if len(tile.after) != expected:
            raise MaskValueError(
                f"tile ({tile.row}, {tile.col}) holds {len(tile.after)} bytes where {expected} belong; "
                "it was made for another scene or data type"
            )
        return np.frombuffer(tile.after, self.array.dtype).reshape(shape)

    def _reach(self, geometries: Sequence[BaseGeometry]) -> Window:
        """Return the part of the mask that geometries can cover."""
        drawn = [geometry for geometry in geometries if not geometry.is_empty]
        if not drawn:
            return slice(0, 0), slice(0, 0)
        bounds = np.nan_to_num(shapely.total_bounds(drawn))  # burn says what is wrong with a NaN
        rows, cols = self.array.shape
        x0, x1 = np.clip([np.floor(bounds[0]) - 1, np.ceil(bounds[2]) + 1], 0, cols).astype(int).tolist()
        y0, y1 = np.clip([np.floor(bounds[1]) - 1, np.ceil(bounds[3]) + 1], 0, rows).astype(int).tolist()
        return slice(y0, y1), slice(x0, x1)


def _union(windows: Sequence[Window]) -> Window:
    """Return the smallest window that holds all."""
    rows, cols = (slice(min(w[axis].start for w in windows), max(w[axis].stop for w in windows)) for axis in (0, 1))
    return rows, cols

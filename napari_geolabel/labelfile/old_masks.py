"""The painted mask when its scene comes to have another size: kept as it was, and never laid on other pixels.

The journal holds every tile that was painted, so nothing is copied: the tiles
leave the mask in one change, whose number and grid the scene's row remembers.
Where each pixel is still at the same place on Earth, since the scene was only
cut or extended to the right and downwards, what lies inside stays painted.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.annotations.change import TILE_PX
from napari_geolabel.geo import GeoGrid, same_crs
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.birth import Content
from napari_geolabel.labelfile.rows import from_json, seal
from napari_geolabel.labelfile.tiles import pack_tile, unpack_tile
from napari_geolabel.labelfile.transaction import now

_KEY = "old_masks"


@dataclass(frozen=True, kw_only=True)
class OldMask:
    """A painted mask that did not fit its scene any more."""

    seq: int
    """Number of the change that set it aside."""
    grid: GeoGrid
    """The grid that it was painted on."""
    array: NDArray[Any]
    """Mask values, shape (rows, cols)."""


def set_mask_aside(db: sqlite3.Connection, content: Content, was: GeoGrid, grid: GeoGrid) -> list[str]:
    """Take a painted mask off a scene that has another size now, and return a sentence on it, if there was one.

    Parameters
    ----------
    db
        The label file, inside a transaction.
    content
        What it holds; its tiles and ``meta`` are brought up to date, and the
        scene's row must be written after this.
    was, grid
        The grid that was painted on, and the scene's now.
    """
    painted = {key: (version, blob) for key, (version, blob) in content.tiles.items() if blob is not None}
    if was.shape == grid.shape or not painted:
        return []
    stays = _pixels_stay(was, grid)
    (seq,) = db.execute(sql.NEXT_SEQ).fetchone()
    title = f"set the painted mask of {_size(was)} pixels aside"
    header = (seq, "", None, now(), title, None, 0, len(painted), None, None)
    db.execute(sql.insert("change"), (*header, seal("change", *header)))
    (journal_entry,) = db.execute(sql.NEXT_JOURNAL_TILE_ENTRY).fetchone()
    lost = 0
    for index, (key, (version, blob)) in enumerate(painted.items()):
        old = _tile(unpack_tile(blob), key, was.shape)
        new = _cut(old, key, grid.shape) if stays else None
        lost += int(np.count_nonzero(old)) - (0 if new is None else int(np.count_nonzero(new)))
        after = None if new is None else pack_tile(new.tobytes())
        values = (journal_entry + index, seq, *key, version + 1, blob, after)
        db.execute(sql.insert("journal_tile"), (*values, seal("journal_tile", *values)))
        entry = db.execute(sql.TILE, key).fetchone()[0]
        db.execute(sql.UPDATE_TILE, (version + 1, after, seal("mask_tile", entry, *key, version + 1, after), entry))
        content.tiles[key] = (version + 1, after)
    content.meta = {**content.meta, _KEY: [*content.meta.get(_KEY, []), _record(seq, was)]}
    return [_say(was, grid, lost, stays=stays)]


def last_set_aside(meta: dict[str, Any]) -> int:
    """Return the number of the last change that set a mask aside, 0 for none; undo does not go behind it."""
    return max(changes_aside(meta), default=0)


def changes_aside(meta: dict[str, Any]) -> list[int]:
    """Return the numbers of the changes that set a mask aside, whose tiles stand in their journal alone."""
    return [int(record["seq"]) for record in meta.get(_KEY, [])]


def read_old_masks(db: sqlite3.Connection) -> list[OldMask]:
    """Return the painted masks that were set aside, oldest first."""
    meta = from_json(db.execute(sql.SCENE).fetchone()[9])
    return [_read(db, record) for record in meta.get(_KEY, [])]


def _read(db: sqlite3.Connection, record: dict[str, Any]) -> OldMask:
    crs = None if record["crs"] is None else CRS.from_user_input(record["crs"])
    shape = (int(record["height"]), int(record["width"]))
    grid = GeoGrid(shape=shape, transform=Affine(*record["transform"]), crs=crs)
    array: NDArray[Any] = np.zeros(shape, np.uint8)
    for _, _, row, col, _, before, *_ in db.execute(sql.JOURNAL_TILES_OF, (record["seq"],)):
        tile = _tile(unpack_tile(before), (row, col), shape)
        array = array.astype(tile.dtype, copy=False)
        array[row * TILE_PX :, col * TILE_PX :][: tile.shape[0], : tile.shape[1]] = tile
    return OldMask(seq=int(record["seq"]), grid=grid, array=array)


def _record(seq: int, grid: GeoGrid) -> dict[str, Any]:
    rows, cols = grid.shape
    crs = None if grid.crs is None else grid.crs.to_wkt()
    return {"seq": seq, "width": cols, "height": rows, "transform": list(grid.transform)[:6], "crs": crs}


def _pixels_stay(was: GeoGrid, grid: GeoGrid) -> bool:
    """Return whether a pixel of the one grid is the same place on Earth in the other."""
    if not (was.is_georeferenced and grid.is_georeferenced) or was.crs is None or grid.crs is None:
        return False
    return tuple(was.transform) == tuple(grid.transform) and same_crs(was.crs, grid.crs)


def _extent(key: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int]:
    """Return the shape of a tile, cut at the border; zero where it lies outside."""
    rows, cols = (max(0, min(TILE_PX, n - index * TILE_PX)) for index, n in zip(key, shape, strict=True))
    return rows, cols


def _tile(pixels: bytes, key: tuple[int, int], shape: tuple[int, int]) -> NDArray[Any]:
    rows, cols = _extent(key, shape)
    return np.frombuffer(pixels, f"u{max(1, len(pixels) // max(1, rows * cols))}").reshape(rows, cols)


def _cut(old: NDArray[Any], key: tuple[int, int], shape: tuple[int, int]) -> NDArray[Any] | None:
    """Return a tile as it is in a mask of another shape, None where that does not reach so far."""
    rows, cols = _extent(key, shape)
    if not rows or not cols:
        return None
    new = np.zeros((rows, cols), old.dtype)
    part = old[:rows, :cols]
    new[: part.shape[0], : part.shape[1]] = part
    return new


def _say(was: GeoGrid, grid: GeoGrid, lost: int, *, stays: bool) -> str:
    if stays and not lost:
        return f"the painted mask of {_size(was)} pixels was carried over whole to {_size(grid)}"
    why = "lie outside the scene now" if stays else f"do not fit a scene of {_size(grid)}"
    return (
        f"{lost} painted pixels of the mask of {_size(was)} {why}; it is kept as it was (labels.old_masks()) "
        "and shown nowhere"
    )


def _size(grid: GeoGrid) -> str:
    return f"{grid.shape[1]} x {grid.shape[0]}"

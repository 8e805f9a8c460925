"""Several files as one scene.

Each band is read from its own file.  The scene's grid is that of the file with
the smallest pixels, and every other file is aligned to it by map position: a
pixel of the scene takes the value of the pixel that lies under its centre.
Where grids nest that is exact; nothing is ever interpolated.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from napari_geolabel.errors import SceneError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import DATASET_MASK, Bounds, PixelReader
from napari_geolabel.imagery.reduced import LeveledFile
from napari_geolabel.imagery.source import alpha_of

_TOLERANCE_PX = 1e-3
"""Grids that differ by less, in pixels over the whole scene, are the same."""

_TIE_PX = 1e-6
"""A centre this close to the next pixel is taken to lie in it, or rounding errors would choose."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of a scene."""

    file: LeveledFile
    label: str
    """What the band is called by the file's name, empty where that says nothing."""

    @property
    def reader(self) -> PixelReader:
        """What the file holds."""
        return self.file.reader

    @property
    def path(self) -> Path:
        """The file."""
        return self.reader.facts.path

    @property
    def grid(self) -> GeoGrid:
        """Where the file's pixels lie."""
        facts = self.reader.facts
        return GeoGrid(shape=facts.shape, transform=facts.transform, crs=facts.crs)


Pixels = dict[int, NDArray[Any]]
"""Band or mask index → pixels, shape (rows, cols)."""


class StackReader:
    """Reads several files as one raster whose bands follow each other.

    Parameters
    ----------
    members
        The files, in the order of their bands.
    path
        What the scene goes by: a folder, or the first file.
    notes
        What a person should know of how the files were chosen.

    Raises
    ------
    SceneError
        If the files lie in different CRSs, do not overlap, or have no georeference and different shapes.
    """

    def __init__(self, members: Sequence[Member], path: Path, notes: Sequence[str] = ()) -> None:
        base = min(members, key=lambda member: abs(member.grid.transform.determinant))
        for member in members:
            _check_place(member, base)
        self._pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="geolabel-bands")
        self.levels: tuple[Level, ...] = base.reader.levels
        self.parts = tuple(member.file for member in members)
        """The files, each with the levels that are built of it."""
        self._layers = [_Layer(member, base) for member in members]
        self._places: list[tuple[_Layer, int]] = [(layer, band) for layer in self._layers for band in layer.bands]
        self.facts = _combined(self._layers, base, path, notes)

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return bands and masks of a window of a level, as ``RasterReader.read`` does."""
        found: dict[int, NDArray[Any]] = {}
        wanted: dict[_Layer, list[int]] = {}
        for index in indexes:
            layer, _ = self._places[index if index >= 0 else -2 - index]
            wanted.setdefault(layer, []).append(index)
        jobs = [
            (layer, {index: self._places[index if index >= 0 else -2 - index][1] for index in own})
            for layer, own in wanted.items()
        ]
        for pixels in self._map(lambda job: job[0].read(level, job[1], bounds), jobs):
            for index, array in pixels.items():
                found[index] = array if index < 0 else array.astype(self.facts.dtype, copy=False)
        return found

    def close(self) -> None:
        """Close all files."""
        self._pool.shutdown()
        for layer in self._layers:
            layer.member.file.close()

    def _map(self, work: Callable[[_Job], Pixels], jobs: Sequence[_Job]) -> Iterable[Pixels]:
        """Do the work of several files side by side, that of a single one on this thread."""
        if len(jobs) == 1:
            return map(work, jobs)
        try:
            return self._pool.map(work, jobs)
        except RuntimeError as error:  # the pool has been shut down
            raise SceneError(f"{self.facts.path} has been closed; open it again") from error


_Job = tuple["_Layer", Mapping[int, int]]  # a file, and its own band for each index of the scene


class _Layer:
    """One file, laid on the grid of the scene."""

    def __init__(self, member: Member, base: Member) -> None:
        self.member = member
        self.alpha = alpha_of(member.reader)
        self.bands = [i for i in range(len(member.reader.facts.bands)) if i != self.alpha]
        self._base = base.grid
        self._sources = [_source_level(member, base.grid, level) for level in base.reader.levels]
        self.covers = self._covers()

    @property
    def is_masked(self) -> bool:
        """Whether some of the scene's pixels may be invalid here without a nodata value saying so."""
        return not self.covers or self.alpha is not None or self.member.reader.facts.mask != "none"

    def read(self, level: Level, bands: Mapping[int, int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return arrays, shape (rows, cols), for a window of a level of the scene.

        ``bands`` gives the file's own band for each index of the scene;
        negative indexes are masks.
        """
        source = self._sources[level.index]
        own = {index: band if index >= 0 else self._mask_index(band) for index, band in bands.items()}
        rows, cols, inside = _pixels_under(self._step(level.shape, source.shape), source.shape, bounds)
        found = self._read_places(source, sorted({i for i in own.values() if i is not None}), rows, cols)
        out = {}
        for index, mine in own.items():
            if index >= 0:
                assert mine is not None  # noqa: S101  (only a mask may be missing)
                out[index] = found[mine]
            else:
                valid = inside if mine is None else inside & (found[mine] != 0)
                out[index] = np.where(valid, np.uint8(255), np.uint8(0))
        return out

    def _read_places(
        self, source: Level, indexes: Sequence[int], rows: NDArray[np.intp], cols: NDArray[np.intp]
    ) -> dict[int, NDArray[Any]]:
        """Return the pixels at rows and columns of a level of the file, which broadcast against each other."""
        top, left = int(rows.min()), int(cols.min())
        found = self.member.file.read(source, indexes, (top, int(rows.max()) + 1, left, int(cols.max()) + 1))
        rows, cols = rows - top, cols - left
        if rows.shape[1] > 1:  # a turned grid
            return {index: array[rows, cols] for index, array in found.items()}
        shape = (rows.size, cols.size)
        straight = all(np.array_equal(each.ravel(), np.arange(each.size)) for each in (rows, cols))
        if straight and all(array.shape == shape for array in found.values()):
            return found
        return {index: array.take(rows[:, 0], axis=0).take(cols[0], axis=1) for index, array in found.items()}

    def _mask_index(self, band: int) -> int | None:
        """Return under which index the file's own mask of a band is read, None where it has none."""
        kind = self.member.reader.facts.mask
        return {"dataset": DATASET_MASK, "band": -2 - band}.get(kind, self.alpha)

    def _step(self, shape: tuple[int, int], source_shape: tuple[int, int]) -> Affine:
        """Return what maps pixels of a level of the scene to pixels of a level of the file."""
        return ~self.member.grid.level(source_shape).transform @ self._base.level(shape).transform

    def _covers(self) -> bool:
        """Return whether the file has a pixel under every pixel of the scene; its corners tell."""
        rows, cols = self._base.shape
        own = self.member.grid.shape
        step = self._step(self._base.shape, own)
        corners = [(row, row + 1, col, col + 1) for row in (0, rows - 1) for col in (0, cols - 1)]
        return all(_pixels_under(step, own, corner)[2].all() for corner in corners)


def _pixels_under(
    step: Affine, shape: tuple[int, int], bounds: Bounds
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return row, column, and whether there is a pixel, under each pixel centre of a window.

    Rows and columns have shapes (rows, 1) and (1, cols) unless the grids are
    turned against each other.  Places outside ``shape`` are moved onto its
    edge, so that they can be read and then masked.
    """
    y, x = np.arange(bounds[0], bounds[1])[:, None] + 0.5, np.arange(bounds[2], bounds[3])[None, :] + 0.5
    if abs(step.b) * shape[1] < _TOLERANCE_PX and abs(step.d) * shape[0] < _TOLERANCE_PX:
        places = [step.e * y + step.f, step.a * x + step.c]
    else:
        places = [step.d * x + step.e * y + step.f, step.a * x + step.b * y + step.c]
    found = [np.floor(place + _TIE_PX).astype(np.intp) for place in places]
    inside = [(place >= 0) & (place < side) for place, side in zip(found, shape, strict=True)]
    rows, cols = (np.clip(place, 0, side - 1) for place, side in zip(found, shape, strict=True))
    return rows, cols, np.logical_and(*inside)


def _source_level(member: Member, base: GeoGrid, level: Level) -> Level:
    """Return the coarsest level of a file whose pixels are no larger than those of a level of the scene."""
    wanted = abs(base.level(level.shape).transform.determinant)
    levels = member.reader.levels
    fine = [each for each in levels if abs(member.grid.level(each.shape).transform.determinant) <= wanted * 1.02]
    return fine[-1] if fine else levels[0]


def _check_place(member: Member, base: Member) -> None:
    """Refuse a file that cannot be laid on the grid of the scene."""
    mine, grid = member.grid, base.grid
    if mine.transform.is_degenerate or mine.transform.is_identity or grid.transform.is_identity:
        if mine.shape != grid.shape or mine.transform != grid.transform:
            raise SceneError(
                f"{base.path} and {member.path} cannot be laid on each other, since one of them is not georeferenced "
                "and their shapes or transforms differ; open each by itself"
            )
        return
    if (mine.crs is None) != (grid.crs is None) or (
        mine.crs is not None and grid.crs is not None and not mine.crs.equals(grid.crs, ignore_axis_order=True)
    ):
        names = [each.crs.name if each.crs is not None else "no CRS" for each in (grid, mine)]
        raise SceneError(
            f"{base.path} ({names[0]}) and {member.path} ({names[1]}) lie in different CRSs and are no one scene; "
            "warp one into the other's (gdalwarp) or open each by itself"
        )
    if not _overlap(mine, grid):
        raise SceneError(f"{base.path} and {member.path} do not overlap and are no one scene; open each by itself")


def _overlap(first: GeoGrid, second: GeoGrid) -> bool:
    """Return whether two grids of one CRS share ground."""
    from shapely import Polygon

    footprints = [Polygon([grid.transform @ (x, y) for x, y in grid.outline.tolist()]) for grid in (first, second)]
    return bool(footprints[0].intersection(footprints[1]).area > 0)


def _combined(layers: Sequence[_Layer], base: Member, path: Path, notes: Sequence[str]) -> FileFacts:
    """Return the facts of a scene of several files, as if it were one."""
    facts = [layer.member.reader.facts for layer in layers]
    own = Counter(
        fact.bands[band].description for layer, fact in zip(layers, facts, strict=True) for band in layer.bands
    )
    bands = []
    for layer, fact in zip(layers, facts, strict=True):
        for i in layer.bands:
            said = fact.bands[i].description
            named = said if said and own[said] == 1 else layer.member.label or said
            bands.append(replace(fact.bands[i], description=named))
    return replace(
        base.reader.facts,
        path=path,
        dtype=np.result_type(*(fact.read_dtype for fact in facts)),
        bands=tuple(bands),
        mask="band" if any(layer.is_masked for layer in layers) else "none",
        alpha=None,
        palette=None,
        files=tuple(fact.path for fact in facts),
        page=None,
        pages=(),
        url=next((fact.url for fact in facts if fact.url is not None), None),
        notes=(*notes, *_notes(layers, base)),
    )


def _called(layer: _Layer) -> str:
    return layer.member.label or layer.member.path.name


def _notes(layers: Sequence[_Layer], base: Member) -> list[str]:
    """Return what a person should know of files that differ from the scene's grid."""
    notes = []
    finest = abs(base.grid.transform.determinant)
    coarser = [_called(layer) for layer in layers if abs(layer.member.grid.transform.determinant) > finest * 1.02]
    if coarser:
        note = f"{', '.join(coarser)}: pixels larger than the scene's, each of which shows unchanged in several of them"
        fine = [_called(layer) for layer in layers if _called(layer) not in coarser]
        alone = f"; the grid is that of {fine[0]} alone, so name the other files without it for a grid of their own"
        notes.append(note + (alone if len(fine) == 1 and len(coarser) > 1 else ""))
    partly = [layer.member.path.name for layer in layers if not layer.covers]
    if partly:
        notes.append(f"{', '.join(partly)}: not all of the scene is covered, and there is no data elsewhere")
    return notes

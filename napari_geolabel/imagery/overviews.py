"""Building the levels that a file does not hold, once.

A file without overviews has to be read whole for every look at all of it.  The
levels are built in one pass over the file, in the background while its scene
is shown, and kept in the user's cache folder (``reduced.py`` says what they
mean).  ``write_overviews_beside`` makes ordinary overviews for other programs.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import GeoLabelError, SceneError, WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import PixelReader, RasterReader
from napari_geolabel.imagery.reduced import (
    FINGERPRINT_TAG,
    TILE_PX,
    LeveledFile,
    LevelSource,
    cache_path,
    fingerprint,
    levels_to_build,
    open_reduced,
    stacked_shape,
    stored_indexes,
    tops,
)
from napari_geolabel.imagery.safety import GDAL_OPTIONS
from napari_geolabel.imagery.stack import StackReader

if TYPE_CHECKING:
    from rasterio.io import DatasetWriter

    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.imagery.tiles import TileStore

WORTH_BUILDING_PX = 4096
"""Scenes with a side above this get their levels built when they are shown."""

MAX_CACHE_BYTES = 8 * 1024**3
_STRIPE_BYTES = 32 * 1024**2

Progress = Callable[[float], None]
"""Is told the share that is done, 0 to 1."""

_log = logging.getLogger(__name__)


class OverviewJob:
    """Builds the levels of a scene in a thread; the scene uses them as soon as they are there.

    Parameters
    ----------
    scene
        The scene; what is read of it in the meantime is the same, only slower.
    """

    def __init__(self, scene: Scene) -> None:
        self._source = scene.source.hold()
        self._cancelled = threading.Event()
        self.share_done = 0.0
        """From 0 to 1."""
        self.error: GeoLabelError | None = None
        """Why nothing came of it; None where all went well, or it was cancelled."""
        self._thread = threading.Thread(target=self._run, name="geolabel-overviews", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Stop soon, and leave nothing behind."""
        self._cancelled.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; return False if that takes longer than ``timeout_s``."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        files = files_without_levels(self._source.store, worth_building_px=WORTH_BUILDING_PX)
        try:
            for done, file in enumerate(files):
                path = build_levels(
                    file.reader,
                    progress=lambda share, done=done: self._note((done + share) / len(files)),  # type: ignore[misc]
                    cancelled=self._is_over,
                )
                if path is None:
                    return
                file.adopt(open_reduced(path, file.reader))
        except GeoLabelError as error:
            self.error = error
            _log.info("overviews of %s were not built: %s", self._source.facts.path, error)
        finally:
            self._source.release()

    def _is_over(self) -> bool:
        # nobody but this job holds the file any more: the scene has been closed
        return self._cancelled.is_set() or self._source.holders <= 1

    def _note(self, share: float) -> None:
        self.share_done = share


def keep_levels_ready(scene: Scene) -> OverviewJob | None:
    """Begin to build the levels that a large scene's file does not hold; None where there is nothing to do."""
    if not files_without_levels(scene.source.store, worth_building_px=WORTH_BUILDING_PX):
        return None
    return OverviewJob(scene)


def files_without_levels(store: TileStore, *, worth_building_px: int = 0) -> list[LeveledFile]:
    """Return the files of a scene, with a side above some pixels, of which levels can be built and are not yet."""
    files = store.reader.parts if isinstance(store.reader, StackReader) else (store.file,)
    large = [file for file in files if max(file.reader.facts.shape) > worth_building_px]
    return [file for file in large if file.reduced is None and levels_to_build(file.reader)]


def build_levels(
    reader: PixelReader, *, progress: Progress | None = None, cancelled: Callable[[], bool] = lambda: False
) -> Path | None:
    """Build all levels that a file does not hold, in one pass, into the user's cache folder.

    Parameters
    ----------
    reader
        The file; it is opened once more, so that others can go on reading.
    progress
        Is told the share that is done.
    cancelled
        Is asked now and then whether to stop.

    Returns
    -------
    pathlib.Path or None
        The cache file; None if it was cancelled.

    Raises
    ------
    SceneError
        If the file holds its levels already, or is damaged.
    WriteError
        If the cache folder cannot be written, or the disk has no room.
    """
    facts, levels = reader.facts, levels_to_build(reader)
    if not levels:
        raise SceneError(f"{facts.path} needs no overviews: it has them, is small, or is not one file on this machine")
    target, print_ = cache_path(facts), fingerprint(facts)
    _make_room(target.parent, sum(level.shape[0] * level.shape[1] for level in levels) * _pixel_bytes(reader))
    own = RasterReader(facts.path, facts.driver, None if facts.page is None else facts.page.number)
    try:
        with atomic_write(target) as temporary:
            _write_levels(temporary, own, levels, print_, progress or (lambda _: None), cancelled)
    except _Cancelled:
        return None
    finally:
        own.close()
    return target


def write_overviews_beside(path: Path, *, progress: Progress | None = None) -> Path:
    """Write overviews beside a GeoTIFF, as ``<name>.ovr``, for every program that reads it.

    The file itself is not touched.  They are made of nearest pixels, by GDAL's
    rule, and hold the file's mask as well.

    Returns
    -------
    pathlib.Path
        The file that was written.

    Raises
    ------
    SceneError
        If the file has overviews already, or is none that can have them.
    WriteError
        If the folder cannot be written.
    """
    reader = RasterReader(path)
    try:
        levels, page = levels_to_build(reader), reader.facts.page
        if page is not None and page.directory != 1:
            raise SceneError(
                f"{path} has several pages, and overviews beside it belong to the first, not to page {page.title}, the "
                "largest; leave out --beside to keep them in the cache folder"
            )
        if not levels:
            raise SceneError(f"{path} needs no overviews: it has them, or is small")
        target = path.with_name(path.name + ".ovr")
        with atomic_write(target) as temporary:
            _write_ovr(temporary, reader, levels, progress or (lambda _: None))
    finally:
        reader.close()
    return target


class _Cancelled(Exception):  # noqa: N818  (no error: somebody asked for it)
    """Leaves a half-written cache file to be removed."""


def _write_levels(
    target: Path,
    reader: RasterReader,
    levels: Sequence[Level],
    print_: str,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    """Write the levels one under another."""
    import rasterio

    indexes, shape = stored_indexes(reader.facts), stacked_shape(levels)
    with (
        rasterio.Env(**GDAL_OPTIONS),
        rasterio.open(target, "w", **_profile(reader.facts.read_dtype, len(indexes), shape)) as dataset,
    ):
        dataset.update_tags(**{FINGERPRINT_TAG: print_})
        parts = [_LevelWriter(dataset, level, top) for level, top in zip(levels, tops(levels), strict=True)]
        for start, stop, pixels in _stripes(reader, indexes):
            if cancelled():
                raise _Cancelled
            for part in parts:
                part.take(start, pixels)
            progress(stop / reader.facts.shape[0])


class _LevelWriter:
    """Picks a level's pixels out of stripes of the full resolution, and writes them in rows of whole tiles."""

    def __init__(self, dataset: DatasetWriter, level: Level, top: int) -> None:
        self._dataset = dataset
        self._next = top
        self._rows, self._cols = (
            nearest_places(many, few) for many, few in zip(level.source_shape, level.shape, strict=True)
        )
        self._waiting: list[NDArray[Any]] = []

    def take(self, start: int, pixels: NDArray[Any]) -> None:
        """Take what a stripe, shape (bands, rows, cols), has of the level; ``start`` is its first row."""
        stop = start + pixels.shape[1]
        first, last = np.searchsorted(self._rows, (start, stop))
        picked = pixels[:, self._rows[first:last] - start].take(self._cols, axis=2)
        self._waiting.append(picked)
        held = sum(each.shape[1] for each in self._waiting)
        is_end = int(last) == len(self._rows)
        whole = held if is_end else held - held % TILE_PX
        if not whole:
            return
        joined = np.concatenate(self._waiting, axis=1)
        self._write(joined[:, :whole])
        self._waiting = [joined[:, whole:]]

    def _write(self, pixels: NDArray[Any]) -> None:
        from rasterio.windows import Window

        _, rows, cols = pixels.shape
        self._dataset.write(pixels, window=Window(0, self._next, cols, rows))
        self._next += rows


def nearest_places(many: int, few: int) -> NDArray[np.intp]:
    """Return which of ``many`` pixels lie under the centres of ``few`` that are spread evenly over them.

    GDAL's rule for reading fewer pixels than there are, to the last bit: a
    centre on an edge belongs to the pixel after it, rounding aside.
    """
    centres = (np.arange(few) + 0.5) * (many / few) + 1e-10
    return np.minimum(centres.astype(np.intp), many - 1)


def _stripes(reader: RasterReader, indexes: Sequence[int]) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Yield first row, row after the last and pixels, shape (bands, rows, cols), from top to bottom."""
    rows, cols = reader.facts.shape
    block = reader.facts.blocks[0][0]
    wanted = _STRIPE_BYTES // max(1, cols * _pixel_bytes(reader))
    height = max(1, wanted // block) * block
    for start in range(0, rows, height):
        stop = min(rows, start + height)
        arrays = reader.read(reader.levels[0], indexes, (start, stop, 0, cols))
        stacked = [arrays[i] if i >= 0 else (arrays[i] != 0).astype(reader.facts.read_dtype) for i in indexes]
        yield start, stop, np.stack(stacked)


def _profile(dtype: np.dtype[Any], count: int, shape: tuple[int, int]) -> dict[str, Any]:
    """Return how a cache file is stored: tiles of one band each, lightly compressed."""
    predictor = 3 if dtype.kind == "f" else 2 if dtype.itemsize <= 4 else 1
    return {
        "driver": "GTiff", "dtype": dtype.name, "count": count, "height": shape[0], "width": shape[1],
        "tiled": True, "blockxsize": TILE_PX, "blockysize": TILE_PX, "interleave": "band", "compress": "deflate",
        "zlevel": 1, "predictor": predictor, "sparse_ok": True, "bigtiff": "if_safer",
        "num_threads": min(2, os.cpu_count() or 1), "photometric": "minisblack",
    }  # fmt: skip


def _write_ovr(target: Path, reader: RasterReader, levels: Sequence[Level], progress: Progress) -> None:
    """Write the first level as a picture of its own, with its mask, and let GDAL halve it on."""
    import rasterio
    from rasterio.enums import Resampling

    facts, first = reader.facts, levels[0]
    bands = list(range(len(facts.bands)))
    if facts.mask == "band" or facts.dtype.kind == "c":
        raise SceneError(
            f"{facts.path} has masks of single bands, or complex values, which overviews beside it cannot hold; "
            "leave out --beside to keep them in the cache folder"
        )
    masks = [-1] if facts.mask == "dataset" else []
    rows, cols = (nearest_places(many, few) for many, few in zip(first.source_shape, first.shape, strict=True))
    nodata = facts.bands[0].nodata
    profile = {**_profile(facts.dtype, len(bands), first.shape), "nodata": nodata}
    with rasterio.Env(**GDAL_OPTIONS, GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(target, "w", **profile) as dataset:
        for start, stop, pixels in _stripes(reader, bands + masks):
            begin, end = np.searchsorted(rows, (start, stop))
            picked = pixels[:, rows[begin:end] - start].take(cols, axis=2)
            window = rasterio.windows.Window(0, int(begin), first.shape[1], int(end - begin))
            if end > begin:
                dataset.write(picked[: len(bands)], window=window)
            if masks and end > begin:
                dataset.write_mask((picked[-1] != 0) * np.uint8(255), window=window)
            progress(0.9 * stop / facts.shape[0])
    factors = [2**i for i in range(1, len(levels))]
    if factors:
        with rasterio.Env(**GDAL_OPTIONS, GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(target, "r+") as dataset:
            dataset.build_overviews(factors, Resampling.nearest)
    progress(1.0)


def _pixel_bytes(reader: LevelSource) -> int:
    return len(stored_indexes(reader.facts)) * reader.facts.read_dtype.itemsize


def _make_room(folder: Path, needed_bytes: int) -> None:
    """Make the cache folder, delete the files used longest ago beyond its budget, and refuse a full disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = sorted(folder.glob("*.tif"), key=lambda path: path.stat().st_mtime, reverse=True)
        total = needed_bytes
        for path in kept:
            total += path.stat().st_size
            if total > MAX_CACHE_BYTES:
                with suppress(OSError):  # open in another program, on Windows
                    path.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise WriteError(f"{folder} cannot be written ({error.strerror}); free it, or use --beside") from error
    if free < needed_bytes:
        raise WriteError(
            f"{folder} has room for {free / 2**20:,.0f} MiB and overviews may need {needed_bytes / 2**20:,.0f}; "
            "free some"
        )

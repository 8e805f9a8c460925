"""The one place that holds dataset handles.

One handle per stored level is kept open behind a lock of its own: a kept
handle with a warm cache is tens of times faster than opening the file again,
and GDAL's handles must not be used from two threads at once.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.facts import FileFacts, check_budget, check_pixel_budget, gather_facts
from napari_geolabel.imagery.levels import Level, plan_levels
from napari_geolabel.imagery.safety import GDAL_OPTIONS, check_overview_file

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

DATASET_MASK = -1
"""Index under which the mask of the whole file is read; the mask of band i is read as ``-2 - i``."""

_MAX_OVERVIEWS = 24

Bounds = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


class RasterReader:
    """Reads windows of a GeoTIFF at any level, from any thread.

    Parameters
    ----------
    path
        A file that ``safety.check_scene_file`` has let through.

    Raises
    ------
    SceneError
        If GDAL cannot open it or its header claims too much.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._handles: dict[int | None, tuple[DatasetReader, threading.Lock]] = {}
        try:
            self.facts = self._open_all(path)
        except SceneError:
            self.close()
            raise
        self.levels: tuple[Level, ...] = plan_levels(
            self.facts.shape, self.facts.overviews, self.facts.blocks, tiled=self.facts.tiled
        )

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return bands and masks of a window of a level.

        Parameters
        ----------
        level
            One of ``levels``.
        indexes
            Band indexes from 0; negative ones are masks (see ``DATASET_MASK``).
        bounds
            The window, in pixels of the level.

        Returns
        -------
        dict
            Index → array (rows, cols).  Masks are uint8 with 0 where the pixel
            is not valid.  Complex bands are magnitudes, NaN where nodata.

        Raises
        ------
        SceneError
            If the file is damaged there, or closed.
        """
        import rasterio
        from rasterio.errors import RasterioError

        dataset, lock = self._handle(level)
        options = _window_options(level, bounds)
        bands = [index for index in indexes if index >= 0]
        found: dict[int, NDArray[Any]] = {}
        try:
            with lock, rasterio.Env(**GDAL_OPTIONS):
                if bands:
                    pixels = dataset.read([index + 1 for index in bands], **options)
                    found.update(zip(bands, pixels, strict=True))
                for index in indexes:
                    if index < 0:
                        found[index] = dataset.read_masks(1 if index == DATASET_MASK else -1 - index, **options)
        except (RasterioError, ValueError, MemoryError) as error:
            raise SceneError(self._complaint(bounds, error)) from error
        if self.facts.dtype.kind == "c":
            found = {i: a if i < 0 else _magnitude(a, self.facts.bands[i].nodata) for i, a in found.items()}
        return found

    def close(self) -> None:
        """Close all handles; a read that is under way ends first."""
        with self._lock:
            handles, self._handles = self._handles, {}
        for dataset, lock in handles.values():
            with lock:
                dataset.close()

    def _handle(self, level: Level) -> tuple[DatasetReader, threading.Lock]:
        try:
            return self._handles[level.overview]
        except KeyError:
            raise SceneError(f"{self.facts.path} has been closed; open it again") from None

    def _open_all(self, path: Path) -> FileFacts:
        """Open the file and its overviews, and return what they hold."""
        first = open_dataset(path)
        self._keep(None, first)
        check_budget(first)
        check_overview_file(first.tags(ns="OVERVIEWS").get("OVERVIEW_FILE"), path)
        check_pixel_budget(first)
        compressed = first.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION") is not None
        # threads slow uncompressed and striped files down
        options = {"NUM_THREADS": str(min(4, os.cpu_count() or 1))} if compressed and first.profile.get("tiled") else {}
        if options:
            self._keep(None, open_dataset(path, **options))
            first.close()
            first = self._handles[None][0]
        overviews = []
        for number in range(min(len(first.overviews(1)), _MAX_OVERVIEWS)):
            overviews.append(open_dataset(path, OVERVIEW_LEVEL=number, **options))
            self._keep(number, overviews[-1])
        return gather_facts(path, first, overviews)

    def _keep(self, overview: int | None, dataset: DatasetReader) -> None:
        self._handles[overview] = (dataset, threading.Lock())

    def _complaint(self, bounds: Bounds, error: Exception) -> str:
        row, row_stop, col, col_stop = bounds
        reason = (
            str(error.__cause__ or error).splitlines()[0] if str(error.__cause__ or error) else type(error).__name__
        )
        return (
            f"{self.facts.path} cannot be read at rows {row} to {row_stop}, columns {col} to {col_stop} ({reason}); "
            "the file may be cut off or damaged: copy or download it again"
        )


def open_dataset(path: Path, **options: object) -> DatasetReader:
    """Return a dataset handle of a GeoTIFF, opened under the safe options.

    Raises
    ------
    SceneError
        If GDAL cannot open it.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with rasterio.Env(**GDAL_OPTIONS), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return rasterio.open(os.fspath(path), driver="GTiff", sharing=False, **options)
    except RasterioError as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else "GDAL gives no reason"
        raise SceneError(
            f"{path} cannot be opened as a GeoTIFF ({reason}); it may be cut off or damaged: copy or download it again"
        ) from error


def _window_options(level: Level, bounds: Bounds) -> dict[str, Any]:
    """Return rasterio's words for a window of a level; a virtual level is decimated to nearest pixels."""
    from rasterio.windows import Window

    row, row_stop, col, col_stop = bounds
    height, width = row_stop - row, col_stop - col
    if not level.is_virtual:
        return {"window": Window(col, row, width, height)}
    down, right = (a / b for a, b in zip(level.source_shape, level.shape, strict=True))
    return {"window": Window(col * right, row * down, width * right, height * down), "out_shape": (height, width)}


def _magnitude(pixels: NDArray[Any], nodata: float | None) -> NDArray[Any]:
    """Return the magnitude of complex pixels, NaN where they are nodata."""
    magnitude: NDArray[Any] = np.abs(pixels)
    if nodata is not None:
        magnitude[pixels.real == nodata] = np.nan
    return magnitude

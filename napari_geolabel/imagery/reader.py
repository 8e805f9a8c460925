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
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.drivers import DRIVER_TITLES, TIFF, VIRTUAL, driver_of
from napari_geolabel.imagery.facts import FileFacts, check_budget, check_pixel_budget, gather_facts
from napari_geolabel.imagery.levels import Level, plan_levels
from napari_geolabel.imagery.naming import BandFacts
from napari_geolabel.imagery.network import RemoteFile
from napari_geolabel.imagery.pages import Page, choose_page, find_pages
from napari_geolabel.imagery.safety import GDAL_OPTIONS, check_overview_file
from napari_geolabel.imagery.virtual import sources_of

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

DATASET_MASK = -1
"""Index under which the mask of the whole file is read; the mask of band i is read as ``-2 - i``."""

_MAX_OVERVIEWS = 24
_SOURCES_LOOKED_AT = 16
_BORROWED = "the smaller levels are overviews of the files that it is made of, so that they may be averages"

Bounds = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


class PixelReader(Protocol):
    """Reads windows at any level, from any thread: of one file, or of several that make one scene."""

    facts: FileFacts
    levels: tuple[Level, ...]

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return index → pixels of bands and masks in a window, as ``RasterReader.read`` does."""
        ...

    def close(self) -> None:
        """Close all files."""
        ...


class RasterReader:
    """Reads windows of one raster at any level, from any thread.

    Parameters
    ----------
    path
        A file that ``safety.check_scene_file`` has let through.
    driver
        The driver that its content asks for.
    page
        Number or name of a page, for a file that has several; None for the largest.
    remote
        What is read over the network instead of ``path``, which then only names it.

    Raises
    ------
    SceneError
        If GDAL cannot open it or its header claims too much.
    """

    def __init__(
        self, path: Path, driver: str = TIFF, page: int | str | None = None, remote: RemoteFile | None = None
    ) -> None:
        self._remote = remote
        self._lock = threading.Lock()
        self._handles: dict[int | None, tuple[DatasetReader, threading.Lock]] = {}
        try:
            self.facts = self._open_all(path, driver, page)
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
        from rasterio.errors import RasterioError

        dataset, lock = self._handle(level)
        options = _window_options(level, bounds)
        bands = [index for index in indexes if index >= 0]
        found: dict[int, NDArray[Any]] = {}
        try:
            with lock, _environment(self._remote):
                if self._is_mixed:  # rasterio reads bands of different types one by one only
                    found.update({i: dataset.read(i + 1, **options).astype(self.facts.dtype) for i in bands})
                elif bands:
                    pixels = dataset.read([index + 1 for index in bands], **options)
                    found.update(zip(bands, pixels, strict=True))
                for index in indexes:
                    if index < 0:
                        found[index] = dataset.read_masks(1 if index == DATASET_MASK else -1 - index, **options)
        except (RasterioError, ValueError, MemoryError) as error:
            raise SceneError(self._complaint(bounds, error)) from (error if self._remote is None else None)
        if self.facts.dtype.kind == "c":
            found = {i: a if i < 0 else _magnitude(a, self.facts.bands[i]) for i, a in found.items()}
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

    @property
    def _is_mixed(self) -> bool:
        return len({band.dtype for band in self.facts.bands}) > 1

    def _open_all(self, path: Path, driver: str, wanted: int | str | None) -> FileFacts:
        """Open the file, or a page of it, and its overviews, and return what they hold."""
        remote = self._remote
        first = self._keep(None, open_dataset(path, driver, remote=remote))
        pages = find_pages(path if remote is None else None, first.subdatasets) if driver == TIFF else ()
        page = choose_page(path, pages, wanted)
        if page is not None and page.directory != 1:  # the first directory opens with its overviews
            first = self._keep(None, open_dataset(path, driver, page, remote=remote))
        check_budget(first, path)
        check_overview_file(first.tags(ns="OVERVIEWS").get("OVERVIEW_FILE"), path, is_local=remote is None)
        check_pixel_budget(first, path)
        options = _thread_options(first)
        if options:
            first = self._keep(None, open_dataset(path, driver, page, remote=remote, **options))
        overviews = [
            self._keep(number, open_dataset(path, driver, page, remote=remote, OVERVIEW_LEVEL=number, **options))
            for number in range(min(len(first.overviews(1)), _MAX_OVERVIEWS))
        ]
        facts = gather_facts(path, first, overviews, pages, page)
        if driver == VIRTUAL and not overviews and _borrows_overviews(path, path.resolve().parent, set()):
            facts = replace(facts, borrows_overviews=True, notes=(*facts.notes, _BORROWED))
        return facts if remote is None else replace(facts, url=remote.url)

    def _keep(self, overview: int | None, dataset: DatasetReader) -> DatasetReader:
        """Keep a handle in the place of an earlier one, and return it."""
        earlier = self._handles.pop(overview, None)
        self._handles[overview] = (dataset, threading.Lock())
        if earlier is not None:
            earlier[0].close()
        return dataset

    def _complaint(self, bounds: Bounds, error: Exception) -> str:
        row, row_stop, col, col_stop = bounds
        reason = (
            str(error.__cause__ or error).splitlines()[0] if str(error.__cause__ or error) else type(error).__name__
        )
        if self._remote is not None:
            return f"{self._remote.url} cannot be read ({self._remote.clean(reason)}); check the connection"
        return (
            f"{self.facts.path} cannot be read at rows {row} to {row_stop}, columns {col} to {col_stop} ({reason}); "
            "the file may be cut off or damaged: copy or download it again"
        )


def open_dataset(
    path: Path, driver: str = TIFF, page: Page | None = None, *, remote: RemoteFile | None = None, **options: object
) -> DatasetReader:
    """Return a dataset handle of a file, of a page in it, or of what is read over the network under its name.

    It is opened under the safe options, those of ``remote`` where that is given.

    Raises
    ------
    SceneError
        If GDAL cannot open it.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    name = os.fspath(path) if remote is None else remote.dataset
    if page is not None and page.directory != 1:
        name = f"GTIFF_DIR:{page.directory}:{name}"
    try:
        with _environment(remote), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return rasterio.open(name, driver=driver, sharing=False, **options)
    except RasterioError as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else "GDAL gives no reason"
        if remote is not None:
            raise SceneError(
                f"{remote.url} cannot be opened over the network ({remote.clean(reason)}); check the address and "
                "whether a login is needed, or download it"
            ) from None
        raise SceneError(
            f"{path} cannot be opened as {DRIVER_TITLES[driver]} ({reason}); "
            "it may be cut off or damaged: copy or download it again"
        ) from error


def _borrows_overviews(path: Path, root: Path, seen: set[Path]) -> bool:
    """Return whether a source of a virtual raster has overviews, which GDAL then reads for small pictures of it.

    Of many sources the first few are looked at: those of a mosaic are made alike.
    """
    for source in islice(sources_of(path, root), _SOURCES_LOOKED_AT):
        if source in seen:
            continue
        seen.add(source)
        driver = driver_of(source)
        try:
            with open_dataset(source, driver) as dataset:
                has_overviews = bool(dataset.overviews(1))
        except SceneError:  # GDAL opens the virtual raster nevertheless; whoever reads there is told
            continue
        if has_overviews or (driver == VIRTUAL and _borrows_overviews(source, root, seen)):
            return True
    return False


def _environment(remote: RemoteFile | None) -> AbstractContextManager[object]:
    """Return the context in which GDAL may read: files of this machine, or one file on the network."""
    import rasterio

    return rasterio.Env(**GDAL_OPTIONS) if remote is None else remote.reading()


def _thread_options(dataset: DatasetReader) -> dict[str, object]:
    """Return options for decoding on several threads, which slow files down where there is nothing to unpack."""
    compressed = dataset.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION") is not None
    if dataset.driver != TIFF or not compressed:
        return {}
    return {"NUM_THREADS": str(min(4, os.cpu_count() or 1))}


def _window_options(level: Level, bounds: Bounds) -> dict[str, Any]:
    """Return rasterio's words for a window of a level; a virtual level is decimated to nearest pixels."""
    from rasterio.windows import Window

    row, row_stop, col, col_stop = bounds
    height, width = row_stop - row, col_stop - col
    if not level.is_virtual:
        return {"window": Window(col, row, width, height)}
    down, right = (a / b for a, b in zip(level.source_shape, level.shape, strict=True))
    return {"window": Window(col * right, row * down, width * right, height * down), "out_shape": (height, width)}


def _magnitude(pixels: NDArray[Any], band: BandFacts) -> NDArray[Any]:
    """Return the magnitude of complex pixels, NaN where they are nodata; real bands beside them keep their sign."""
    if not band.dtype.startswith("complex"):
        return pixels.real.copy()
    magnitude: NDArray[Any] = np.abs(pixels)
    if band.nodata is not None:
        magnitude[pixels.real == band.nodata] = np.nan
    return magnitude

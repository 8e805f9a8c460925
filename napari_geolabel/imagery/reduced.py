"""Levels that a file does not hold, kept in a file of the user's cache folder.

What such a level means is the same whether it is read by leaving out pixels of
the full resolution or from the cache: each of its pixels is the full
resolution's pixel under its centre (nearest; never an average), and so are
masks.  Where a file has overviews of its own they are taken as they are,
whatever rule they were made by, and so are those of the files of a virtual
raster, of which nothing is built.

The cache file is a GeoTIFF without georeference in which the levels stand one
under another, each beginning at a whole tile; masks are bands after the
file's bands, 1 where valid.  Its name comes from the scene's path, and a
fingerprint in its tags tells whether the scene is still the same: the file, and
those that a virtual raster or an ENVI header leads to.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import DATASET_MASK, Bounds, PixelReader, open_dataset
from napari_geolabel.imagery.safety import GDAL_OPTIONS, SceneFile, files_behind

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

TILE_PX = 512
FINGERPRINT_TAG = "GEOLABEL_FINGERPRINT"
_VERSION = 2
_ENDS_BYTES = 64 * 1024


class LevelSource(Protocol):
    """What reads a file: its facts and levels."""

    @property
    def facts(self) -> FileFacts:
        """What the file holds."""
        ...

    @property
    def levels(self) -> tuple[Level, ...]:
        """Its levels, finest first."""
        ...


class ReducedLevels:
    """Reads built levels, safely from many threads.

    Parameters
    ----------
    dataset
        The cache file.
    levels
        The levels of the scene that it holds, in order.
    indexes
        Band and mask indexes in the order of its bands.
    """

    def __init__(self, dataset: DatasetReader, levels: Sequence[Level], indexes: Sequence[int]) -> None:
        self._dataset: DatasetReader | None = dataset
        self._tops = dict(zip((level.index for level in levels), tops(levels), strict=True))
        self._places = {index: place for place, index in enumerate(indexes, start=1)}
        self._lock = threading.Lock()

    def has(self, level: Level) -> bool:
        """Return whether a level is read from here."""
        return level.index in self._tops

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return index → pixels of bands and masks in a window of a level, as ``RasterReader.read`` does.

        Raises
        ------
        SceneError
            If the cache file is damaged, or closed.
        """
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        row, row_stop, col, col_stop = bounds
        window = Window(col, row + self._tops[level.index], col_stop - col, row_stop - row)
        with self._lock, rasterio.Env(**GDAL_OPTIONS):
            if self._dataset is None:
                raise SceneError("the scene has been closed; open it again")
            try:
                pixels = self._dataset.read([self._places[index] for index in indexes], window=window)
            except RasterioError as error:
                raise SceneError(
                    f"{self._dataset.name} cannot be read ({error}); delete it, and it is made anew from the scene"
                ) from error
        return {i: a if i >= 0 else (a != 0) * np.uint8(255) for i, a in zip(indexes, pixels, strict=True)}

    def close(self) -> None:
        """Close the cache file; a read that is under way ends first."""
        with self._lock:
            dataset, self._dataset = self._dataset, None
            if dataset is not None:
                dataset.close()


class LeveledFile:
    """A file's reader together with the levels that have been built of it, once there are any."""

    def __init__(self, reader: PixelReader) -> None:
        self.reader = reader
        self.reduced: ReducedLevels | None = find_reduced(reader)
        """Where levels that the file does not hold are read from."""
        self._closed = False
        self._lock = threading.Lock()

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> dict[int, NDArray[Any]]:
        """Return a window of a level, from the built levels where there are any, which hold the same."""
        reduced = self.reduced
        if reduced is not None and reduced.has(level):
            try:
                return reduced.read(level, indexes, bounds)
            except SceneError:  # the cache file is damaged, or gone with its scene: the file itself has the last word
                self.reduced = None
                reduced.close()
        return self.reader.read(level, indexes, bounds)

    def adopt(self, reduced: ReducedLevels | None) -> None:
        """Read levels that the file does not hold from where they have been built."""
        with self._lock:
            if reduced is not None and (self._closed or self.reduced is not None):
                reduced.close()
            elif reduced is not None:
                self.reduced = reduced

    def close(self) -> None:
        """Close the file and its built levels."""
        self.reader.close()
        with self._lock:
            self._closed = True
            if self.reduced is not None:
                self.reduced.close()


def find_reduced(reader: LevelSource) -> ReducedLevels | None:
    """Return the built levels of a file, None where there are none or the file has changed since."""
    levels = levels_to_build(reader)
    if not levels:
        return None
    path = cache_path(reader.facts)
    if not path.is_file():
        return None
    return open_reduced(path, reader)


def open_reduced(path: Path, reader: LevelSource) -> ReducedLevels | None:
    """Return the levels in a cache file, None where they are of another file or another state of it."""
    levels, indexes, told = levels_to_build(reader), stored_indexes(reader.facts), fingerprint(reader.facts)
    try:
        dataset = open_dataset(path)
    except SceneError:  # cut off or damaged: it is made anew
        return None
    fits = (
        dataset.tags().get(FINGERPRINT_TAG) == told
        and dataset.count == len(indexes)
        and dataset.shape == stacked_shape(levels)
        and np.dtype(dataset.dtypes[0]) == reader.facts.read_dtype
    )
    if not fits:
        dataset.close()
        return None
    return ReducedLevels(dataset, levels, indexes)


def levels_to_build(reader: LevelSource) -> tuple[Level, ...]:
    """Return the levels that can only be made from the full resolution; none of several files or of the network."""
    facts = reader.facts
    if len(files_of(facts)) != 1 or facts.url is not None or facts.borrows_overviews:
        return ()
    return tuple(level for level in reader.levels[1:] if level.is_virtual and level.overview is None)


def stored_indexes(facts: FileFacts) -> list[int]:
    """Return the indexes of all bands and masks of a file."""
    bands = list(range(len(facts.bands)))
    masks = {"dataset": [DATASET_MASK], "band": [-2 - band for band in bands], "none": []}[facts.mask]
    return bands + masks


def tops(levels: Sequence[Level]) -> list[int]:
    """Return the row at which each level begins in the cache file."""
    rows = [0]
    for level in levels:
        rows.append(rows[-1] + -(-level.shape[0] // TILE_PX) * TILE_PX)
    return rows[:-1]


def stacked_shape(levels: Sequence[Level]) -> tuple[int, int]:
    """Return rows and columns of the cache file."""
    return tops(levels)[-1] + levels[-1].shape[0], max(level.shape[1] for level in levels)


def cache_folder() -> Path:
    """Return the folder of the user's cache where built levels are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("napari-geolabel", appauthor=False) / "overviews"


def cache_path(facts: FileFacts) -> Path:
    """Return where the built levels of a file are kept."""
    name = hashlib.sha256(os.fsencode(str(facts.path.absolute()))).hexdigest()[:32]
    return cache_folder() / f"{name}.tif"


def files_of(facts: FileFacts) -> tuple[Path, ...]:
    """Return the files that bands are read from."""
    return facts.files or (facts.path,)


def fingerprint(facts: FileFacts) -> str:
    """Return a text that changes when the file does: its size, time and both ends, its layout, and the files behind it.

    Raises
    ------
    SceneError
        If the file, or one that it is made of, is gone.
    """
    try:
        state, ends, behind = facts.path.stat(), _ends(facts.path), _behind(facts)
    except GeoLabelError:
        raise
    except OSError as error:
        raise SceneError(
            f"{error.filename or facts.path} is gone ({error.strerror}); bring it back and open the scene again"
        ) from error
    return json.dumps(
        {
            "version": _VERSION,
            "path": str(facts.path.absolute()),
            "size": state.st_size,
            "modified_ns": state.st_mtime_ns,
            "ends": ends,
            "behind": behind,
            "shape": facts.shape,
            "bands": len(facts.bands),
            "dtype": facts.dtype.str,
            "mask": facts.mask,
            "page": str(facts.page),
        },
        sort_keys=True,
    )


def _ends(path: Path) -> str:
    """Return a hash of the first and the last bytes of a file."""
    with path.open("rb") as file:
        ends = hashlib.sha256(file.read(_ENDS_BYTES))
        file.seek(max(0, path.stat().st_size - _ENDS_BYTES))
        ends.update(file.read(_ENDS_BYTES))
    return ends.hexdigest()


def _behind(facts: FileFacts) -> str:
    """Return a hash of names, sizes and times of the files that GDAL reads besides a scene's own."""
    states = ((path, path.stat()) for path in files_behind(SceneFile(facts.path, facts.driver)))
    told = [(str(path), state.st_size, state.st_mtime_ns) for path, state in states]
    return hashlib.sha256(os.fsencode(repr(told))).hexdigest()

"""Opening a file as a scene, safely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_geolabel.errors import SceneError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.bands import BandSet
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.naming import detect_bands
from napari_geolabel.imagery.reader import RasterReader
from napari_geolabel.imagery.safety import check_scene_file
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.sensors import NO_SENSOR
from napari_geolabel.imagery.source import SceneSource
from napari_geolabel.imagery.structure import check_whole


def open_scene(path: str | Path, *, bands: Sequence[str] | None = None, sensor: str | None = None) -> Scene:
    """Return a GeoTIFF as a scene; nothing but its header, a first and a last pixel is read.

    Parameters
    ----------
    path
        A GeoTIFF or COG of any number of bands, data type and layout.
    bands
        Names for the bands, one per band in file order, for a file that names
        none (see ``Scene.with_bands``).
    sensor
        Id of the sensor that the file is of (``"planetscope_4"``), ``"none"``
        to have none recognised; by default what the metadata or the file's
        name tells (see ``Scene.sensor``).

    Returns
    -------
    Scene
        Close it, or use it in a ``with`` statement.

    Raises
    ------
    MissingFileError
        If there is no such file.
    SceneError
        If it is not a GeoTIFF, is damaged, or ``bands`` or ``sensor`` does not fit.
    UnsafeFileError
        If opening it would reach other files or the network.
    """
    found = check_scene_file(path)
    check_whole(found)
    reader = RasterReader(found)
    try:
        _try_ends(reader)
    except SceneError:
        reader.close()
        raise
    source = SceneSource(reader)
    plain = Scene(source, _grid(reader.facts), _bands(reader.facts, source.alpha), source.alpha, NO_SENSOR)
    with plain:  # the scene that is returned holds the file from here on
        named = plain if bands is None else plain.with_bands(bands)
        with named:
            return named.with_sensor(sensor)


def _try_ends(reader: RasterReader) -> None:
    """Read the first pixel and the last: a file that is cut off mostly opens without complaint."""
    rows, cols = reader.facts.shape
    reader.read(reader.levels[0], [0], (0, 1, 0, 1))
    reader.read(reader.levels[0], [len(reader.facts.bands) - 1], (rows - 1, rows, cols - 1, cols))


def _grid(facts: FileFacts) -> GeoGrid:
    return GeoGrid(shape=facts.shape, transform=facts.transform, crs=facts.crs)


def _bands(facts: FileFacts, alpha: int | None) -> BandSet:
    """Return the bands to see, named after the file's metadata."""
    tags = {key.lower(): value for key, value in facts.tags.items()}
    return BandSet(band for band in detect_bands(facts.bands, tags) if band.index != alpha)

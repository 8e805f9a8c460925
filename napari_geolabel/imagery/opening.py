"""Opening a file, several files or a folder of bands as a scene, safely."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from napari_geolabel.errors import SceneError
from napari_geolabel.files import expanded, require_file
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.bands import BandSet
from napari_geolabel.imagery.drivers import JPEG2000, TIFF
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.folders import Found, find_files, labels_of, product_folder
from napari_geolabel.imagery.naming import detect_bands
from napari_geolabel.imagery.network import Trust, address_of, check_answer, remote_file
from napari_geolabel.imagery.product_files import read_product_files
from napari_geolabel.imagery.reader import PixelReader, RasterReader
from napari_geolabel.imagery.reduced import LeveledFile
from napari_geolabel.imagery.safety import check_scene_file, is_folder
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.sensors import NO_SENSOR
from napari_geolabel.imagery.source import SceneSource
from napari_geolabel.imagery.stack import Member, StackReader
from napari_geolabel.imagery.structure import check_whole, orientation_note


def open_scene(
    path: str | Path | Sequence[str | Path],
    *,
    bands: Sequence[str] | None = None,
    sensor: str | None = None,
    page: int | str | None = None,
    trust: Trust = "local",
) -> Scene:
    """Return a raster as a scene; nothing but its header, a first and a last pixel is read.

    Parameters
    ----------
    path
        A GeoTIFF or COG, a virtual raster (VRT) whose files lie in its folder,
        a JPEG 2000, PNG or JPEG file, or an ENVI raster or its header; which
        it is, its content tells.  Several paths, or a folder with one file per
        band (Landsat, Sentinel SAFE, ``red.tif green.tif``), make one scene: on
        the grid of the file with the smallest pixels, each band read from
        its own file and aligned by map position.
    bands
        Names for the bands, one per band in file order, for a file that names
        none (see ``Scene.with_bands``).
    sensor
        Id of the sensor that the file is of (``"planetscope_4"``), ``"none"``
        to have none recognised; by default what the metadata or the file's
        name tells (see ``Scene.sensor``).
    page
        Number from 1, or name, of the raster to open in a file that holds
        several; the largest by default.
    trust
        ``"network"`` lets the paths be addresses of GeoTIFFs, ``https://...``
        or ``s3://...``, of which only the parts that are needed are read.
        Without it nothing is ever read over the network.

    Returns
    -------
    Scene
        Close it, or use it in a ``with`` statement.

    Raises
    ------
    MissingFileError
        If there is no such file.
    SceneError
        If it is of no format that opens, is damaged, lies apart from the
        other files, or ``bands``, ``sensor`` or ``page`` does not fit.
    UnsafeFileError
        If opening it would reach other files or the network.
    """
    if trust not in ("local", "network"):
        raise SceneError(f"trust is {trust!r}; it is 'local' or 'network'")
    reader = _open_reader(path, page, trust)
    if reader.facts.url is None:
        reader.facts = _with_product_files(reader.facts)
    source = SceneSource(reader)
    plain = Scene(source, _grid(reader.facts), _bands(reader.facts, source.alpha), source.alpha, NO_SENSOR)
    with plain:  # the scene that is returned holds the file from here on
        named = plain if bands is None else plain.with_bands(bands)
        with named:
            return named.with_sensor(sensor)


def _open_reader(path: str | Path | Sequence[str | Path], page: int | str | None, trust: Trust) -> PixelReader:
    """Return what reads a file, a folder, or several files."""
    paths = [path] if isinstance(path, (str, Path)) else list(path)
    if not paths:
        raise SceneError("no file was named; give the path of a scene, or those of its bands")
    if len(paths) == 1 and address_of(paths[0]) is None:
        paths = [product_folder(expanded(paths[0])) or paths[0]]
    if len(paths) == 1 and address_of(paths[0]) is None and is_folder(paths[0]):
        folder = Path(os.path.abspath(expanded(paths[0])))  # noqa: PTH100  (links are kept)
        found = find_files(folder)
        paths = list(found.paths)
    elif len(paths) > 1:
        names = tuple(_named(each, trust) for each in paths)
        folder, found = names[0], Found(paths=names, labels=tuple(labels_of(names)))
    if len(paths) == 1:
        return _open_file(paths[0], page, trust)
    if page is not None:
        raise SceneError(f"{folder} is a scene of {len(paths)} files, so page {page!r} means nothing; leave it out")
    return _open_stack(found, paths, folder, trust)


def _named(path: str | Path, trust: Trust) -> Path:
    """Return the path of a file, or what an address goes by; neither is opened."""
    address = address_of(path)
    return require_file(path) if address is None else remote_file(address, trust).path


def _open_file(path: str | Path, page: int | str | None, trust: Trust) -> RasterReader:
    """Return the reader of one file, after a look at all that it leads to."""
    address = address_of(path)
    if address is not None:
        remote = remote_file(address, trust)
        check_answer(remote)
        return RasterReader(remote.path, TIFF, page, remote)
    file = check_scene_file(path)
    check_whole(file.path, file.driver)
    reader = RasterReader(file.path, file.driver, page)
    try:
        _try_ends(reader)
    except SceneError:
        reader.close()
        raise
    note = orientation_note(file.path) if file.driver == TIFF else None
    if note is not None:
        reader.facts = replace(reader.facts, notes=(*reader.facts.notes, note))
    return reader


def _open_stack(found: Found, paths: Sequence[str | Path], folder: Path, trust: Trust) -> StackReader:
    """Return the reader of several files, which has bands of its own only if a folder's files have one each."""
    with ExitStack() as opened:
        members = []
        for path, label in zip(paths, found.labels, strict=True):
            reader = _open_file(path, None, trust)
            file = LeveledFile(reader)
            opened.callback(file.close)
            single = len(reader.facts.bands) == 1
            if not single and folder.is_dir():
                raise SceneError(
                    f"{folder} holds files of several bands, {reader.facts.path.name} among {len(paths)}, which may be "
                    "scenes of their own; open one of them, or name those that belong together"
                )
            members.append(Member(file=file, label=label if single else ""))
        stack = StackReader(members, folder, found.notes)
        opened.pop_all()  # the stack closes them from here on
        return stack


def _try_ends(reader: RasterReader) -> None:
    """Read the first pixel and the last: a file that is cut off mostly opens without complaint."""
    rows, cols = reader.facts.shape
    if reader.facts.driver != JPEG2000:  # of which a whole tile would be decoded, and whose head is read in any case
        reader.read(reader.levels[0], [0], (0, 1, 0, 1))
    reader.read(reader.levels[0], [len(reader.facts.bands) - 1], (rows - 1, rows, cols - 1, cols))


def _with_product_files(facts: FileFacts) -> FileFacts:
    """Return facts together with what the supplier's files beside the scene say; the raster's own words stand."""
    found = read_product_files(facts.files, facts.path if facts.path.is_dir() else facts.path.parent)
    bands = facts.bands
    if len(found.band_names) == len(bands) and not any(band.description for band in bands):
        bands = tuple(replace(band, description=name) for band, name in zip(bands, found.band_names, strict=True))
    own = {key.lower() for key in facts.tags}
    added = {key: value for key, value in found.tags.items() if key not in own}
    notes = (*facts.notes, *found.notes)
    return replace(facts, tags={**facts.tags, **added}, bands=bands, told_by=found.paths, notes=notes)


def _grid(facts: FileFacts) -> GeoGrid:
    return GeoGrid(shape=facts.shape, transform=facts.transform, crs=facts.crs)


def _bands(facts: FileFacts, alpha: int | None) -> BandSet:
    """Return the bands to see, named after the file's metadata."""
    tags = {key.lower(): value for key, value in facts.tags.items()}
    return BandSet(band for band in detect_bands(facts.bands, tags) if band.index != alpha)

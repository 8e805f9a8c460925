"""What is looked at before GDAL may open a file, and what GDAL may do then.

A scene must never reach the network or a file outside its own folder.  GDAL
follows a raster's companions on its own: overviews in ``.ovr``, masks in
``.msk`` (either may be any format that GDAL knows, a web service included), and the
path that ``OVERVIEW_FILE`` gives in ``.aux.xml`` or in the file's own tags; a
virtual raster follows its sources and their companions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_geolabel.errors import SceneError, UnsafeFileError
from napari_geolabel.files import expanded, require_file
from napari_geolabel.imagery.drivers import TIFF_MAGIC, VIRTUAL, data_of_header, driver_of, envi_header, magic_of
from napari_geolabel.imagery.virtual import MAX_DEPTH, sources_of
from napari_geolabel.imagery.xml_text import read_xml

CACHE_BYTES = 128 * 1024 * 1024
"""GDAL's own block cache: it keeps the other bands of each decoded block."""

GDAL_OPTIONS: Mapping[str, object] = {
    "GDAL_CACHEMAX": CACHE_BYTES,  # in bytes: rasterio.Env passes the number on as it is
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": 0,
    "VRT_SHARED_SOURCE": "0",  # each handle has sources of its own, so that handles may work on several threads
}
"""Options under which every dataset is opened and read."""

_MAX_SOURCES = 10_000
_URL = re.compile(r"\s*[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True)
class SceneFile:
    """A file that may be opened."""

    path: Path
    """Absolute; links are kept."""

    driver: str
    """The one driver of GDAL that may open it."""


def check_scene_file(path: str | Path) -> SceneFile:
    """Return a file that is safe to open, with the driver that its content asks for.

    Raises
    ------
    MissingFileError
        If there is no such file.
    SceneError
        If it is of no format that opens as a scene.
    UnsafeFileError
        If it is not a plain local file, or it or a companion would lead GDAL elsewhere.
    """
    found = Path(os.path.abspath(require_file(path)))  # noqa: PTH100  (links are kept: companions lie beside the link)
    found = data_of_header(found) or found
    driver = driver_of(found)
    _check(found, driver, found.resolve().parent, {found}, _Folders())
    return SceneFile(found, driver)


def files_behind(scene: SceneFile) -> list[Path]:
    """Return the files besides its own that a scene is made of, in order.

    They are companions, an ENVI header, and the sources of a virtual raster
    with the same of theirs.

    Raises
    ------
    SceneError, UnsafeFileError
        If one of them is not what it was when the scene was opened.
    """
    folders, read = _Folders(), {scene.path}
    _check(scene.path, scene.driver, scene.path.resolve().parent, read, folders)
    found = read | {companion for path in read for companion in folders.companions(path)}
    found |= {header for path in read if (header := envi_header(path)) is not None}
    return sorted(found - {scene.path})


def is_folder(path: str | Path) -> bool:
    """Return whether a path is a folder of this machine; a name that cannot be a path is none."""
    try:
        return expanded(path).is_dir()
    except (ValueError, OSError):
        return False


def check_overview_file(value: str | None, scene: Path, *, is_local: bool = True) -> None:
    """Refuse an ``OVERVIEW_FILE`` tag that points anywhere but to a TIFF beside a scene on this machine."""
    if not value:
        return
    name = value.removeprefix(":::BASE:::")
    beside = scene.parent / name
    plain = is_local and Path(name).name == name and magic_of(beside).startswith(TIFF_MAGIC)
    if not plain:
        raise UnsafeFileError(
            f"{scene} names {value[:120]!r} as its overviews, which is not a TIFF beside it; "
            "remove that tag (OVERVIEW_FILE) or rebuild the overviews with gdaladdo"
        )


class _Folders:
    """File names by folder, each folder listed once however many files in it are asked about."""

    def __init__(self) -> None:
        self._names: dict[Path, dict[str, list[str]]] = {}

    def companions(self, path: Path) -> Iterator[Path]:
        """Yield the files beside a scene that GDAL may open with it, in any capitals."""
        if path.parent not in self._names:
            self._names[path.parent] = _list_companions(path.parent)
        for name in self._names[path.parent].get(path.name.casefold(), []):
            yield path.parent / name


def _list_companions(folder: Path) -> dict[str, list[str]]:
    """Return scene name → names of its companions for a whole folder, all scene names in lower case."""
    found: dict[str, list[str]] = {}
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError:
        return found  # a folder that may be entered but not listed; GDAL does not see the companions then either
    for name in names:
        stem = name.casefold()
        while ending := next((e for e in (".ovr", ".msk", ".aux.xml") if stem.endswith(e)), None):
            stem = stem.removesuffix(ending)  # scene.tif.msk.ovr belongs to scene.tif.msk and to scene.tif
            found.setdefault(stem, []).append(name)
    return found


def _check(path: Path, driver: str, root: Path, seen: set[Path], folders: _Folders, *, depth: int = 0) -> None:
    """Look at a file's companions, and at everything that a virtual raster reads."""
    for companion in folders.companions(path):
        _check_companion(companion, path)
    if driver != VIRTUAL:
        return
    if depth > MAX_DEPTH:
        raise UnsafeFileError(f"{path} is a virtual raster in more than {MAX_DEPTH} others; build one from its files")
    for source in sources_of(path, root):
        if source in seen:
            continue
        if len(seen) > _MAX_SOURCES:
            raise SceneError(f"{path} reads more than {_MAX_SOURCES:,} files; make a GeoTIFF of it with gdal_translate")
        seen.add(source)
        _check(source, driver_of(source), root, seen, folders, depth=depth + 1)


def _check_companion(companion: Path, scene: Path) -> None:
    """Refuse a companion that is not what its name says."""
    if companion.name.casefold().endswith(".aux.xml"):
        _check_aux_xml(companion, scene)
    elif not magic_of(companion).startswith(TIFF_MAGIC):
        raise UnsafeFileError(
            f"{companion} beside the scene is not a TIFF and could lead anywhere; move it away and open the scene again"
        )


def _check_aux_xml(path: Path, scene: Path) -> None:
    """Refuse GDAL's XML companion if it has entities or leads GDAL out of the folder."""
    for element in read_xml(path).iter():
        text = element.text or ""
        if element.get("key") == "OVERVIEW_FILE":
            check_overview_file(text.strip(), scene)
        values = [value for key, value in element.attrib.items() if key != "key"]
        # a link in plain metadata is only text; anything else that looks like one is GDAL's to follow
        linked = element.tag != "MDI" and any(_URL.match(value) for value in [text, *values])
        if linked or any("/vsi" in value.casefold() for value in [text, *values]):
            raise UnsafeFileError(f"{path} refers to other files or the network; move it away and open the scene again")

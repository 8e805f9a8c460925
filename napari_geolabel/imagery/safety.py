"""What is looked at before GDAL may open a file, and what GDAL may do then.

A scene must never reach the network or a file outside its own folder.  GDAL
follows a GeoTIFF's companions on its own: overviews in ``.ovr``, masks in
``.msk`` (either may be any format that GDAL knows, a web service included), and the
path that ``OVERVIEW_FILE`` gives in ``.aux.xml`` or in the file's own tags.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from defusedxml import DefusedXmlException, ElementTree

from napari_geolabel.errors import SceneError, UnsafeFileError
from napari_geolabel.files import require_file

CACHE_BYTES = 128 * 1024 * 1024
"""GDAL's own block cache: it keeps the other bands of each decoded block."""

GDAL_OPTIONS: Mapping[str, object] = {
    "GDAL_CACHEMAX": CACHE_BYTES,  # in bytes: rasterio.Env passes the number on as it is
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": 0,
}
"""Options under which every dataset is opened and read."""

TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"<VRTDataset", "a GDAL virtual raster (VRT)"),
    (b"<WMS_Tile", "a web map description"),
    (b"<GDAL_WMS", "a web map description"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\x89HDF", "an HDF5 or netCDF file"),
    (b"CDF", "a netCDF file"),
    (b"NITF", "a NITF file"),
    (b"EHFA_HEADER_TAG", "an Erdas Imagine file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a GeoPackage or SQLite file"),
    (b"{", "a JSON file"),
    (b"<", "an XML file"),
)

_MAX_SIDECAR_BYTES = 64 * 1024 * 1024
_URL = re.compile(r"\s*[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def check_scene_file(path: str | Path) -> Path:
    """Return the absolute path of a GeoTIFF that is safe to open.

    Raises
    ------
    MissingFileError
        If there is no such file.
    SceneError
        If it is not a TIFF.
    UnsafeFileError
        If it is not a plain local file, or a companion would lead GDAL elsewhere.
    """
    found = Path(os.path.abspath(require_file(path)))  # noqa: PTH100  (links are kept: companions lie beside the link)
    _require_tiff(found)
    for companion in _companions(found):
        _check_companion(companion, found)
    return found


def check_overview_file(value: str | None, scene: Path) -> None:
    """Refuse an ``OVERVIEW_FILE`` tag that points anywhere but to a TIFF beside the scene."""
    if not value:
        return
    name = value.removeprefix(":::BASE:::")
    beside = scene.parent / name
    plain = Path(name).name == name and _magic(beside).startswith(TIFF_MAGIC)
    if not plain:
        raise UnsafeFileError(
            f"{scene} names {value[:120]!r} as its overviews, which is not a TIFF beside it; "
            "remove that tag (OVERVIEW_FILE) or rebuild the overviews with gdaladdo"
        )


def _require_tiff(path: Path) -> None:
    """Refuse what is not a TIFF by its first bytes, saying what it is."""
    start = _magic(path)
    if start.startswith(TIFF_MAGIC):
        return
    if not start:
        raise SceneError(f"{path} is empty; copy or download it again")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((name for magic, name in _OTHER_FORMATS if start.startswith(magic) or text.startswith(magic)), None)
    if kind is None:
        kind = "a text file" if start.isascii() and b"\0" not in start else "of an unknown format"
    raise SceneError(f"{path} is {kind}, not a GeoTIFF; convert it with gdal_translate and open the result")


def _companions(path: Path) -> Iterator[Path]:
    """Yield the files beside a scene that GDAL may open with it, in any capitals."""
    stem = path.name.casefold()
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.name.casefold().startswith(stem)]
    except OSError:
        return  # a folder that may be entered but not listed; GDAL does not see the companions then either
    for name in sorted(names):
        if name.casefold() != stem and name.casefold().endswith((".ovr", ".msk", ".aux.xml")):
            yield path.parent / name


def _check_companion(companion: Path, scene: Path) -> None:
    """Refuse a companion that is not what its name says."""
    if companion.name.casefold().endswith(".aux.xml"):
        _check_aux_xml(companion, scene)
    elif not _magic(companion).startswith(TIFF_MAGIC):
        raise UnsafeFileError(
            f"{companion} beside the scene is not a TIFF and could lead anywhere; move it away and open the scene again"
        )


def _check_aux_xml(path: Path, scene: Path) -> None:
    """Refuse GDAL's XML companion if it has entities or leads GDAL out of the folder."""
    if not path.is_file() or path.stat().st_size > _MAX_SIDECAR_BYTES:
        raise UnsafeFileError(f"{path} is not an ordinary small file; move it away and open the scene again")
    try:
        elements = list(ElementTree.parse(path, forbid_dtd=True).iter())
    except (ElementTree.ParseError, DefusedXmlException, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnsafeFileError(f"{path} is not sound XML ({error}); move it away and open the scene again") from error
    for element in elements:
        text = element.text or ""
        if element.get("key") == "OVERVIEW_FILE":
            check_overview_file(text.strip(), scene)
        values = [value for key, value in element.attrib.items() if key != "key"]
        # a link in plain metadata is only text; anything else that looks like one is GDAL's to follow
        linked = element.tag != "MDI" and any(_URL.match(value) for value in [text, *values])
        if linked or any("/vsi" in value.casefold() for value in [text, *values]):
            raise UnsafeFileError(f"{path} refers to other files or the network; move it away and open the scene again")


def _magic(path: Path) -> bytes:
    """Return the first bytes of an ordinary file, none of anything else."""
    if not path.is_file():  # opening a pipe would wait for ever
        return b""
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise SceneError(f"{path} cannot be read ({error.strerror}); check its permissions") from error

"""Which of GDAL's drivers may open a file, told from the file's own first bytes.

A suffix proves nothing, and GDAL left to itself tries a hundred drivers, some
of which fetch what a file refers to.  Here the content picks one of six, and
everything else is refused by its name.
"""

from __future__ import annotations

from pathlib import Path

from napari_geolabel.errors import SceneError

TIFF, VIRTUAL, JPEG2000, PNG, JPEG, ENVI = "GTiff", "VRT", "JP2OpenJPEG", "PNG", "JPEG", "ENVI"

DRIVER_TITLES = {
    TIFF: "a GeoTIFF",
    VIRTUAL: "a virtual raster (VRT)",
    JPEG2000: "a JPEG 2000 file",
    PNG: "a PNG file",
    JPEG: "a JPEG file",
    ENVI: "an ENVI raster",
}
"""GDAL's driver name → what people call its files."""

SCENE_SUFFIXES = (
    ".tif", ".tiff", ".vrt", ".jp2", ".j2k", ".img", ".dat", ".bsq", ".bil", ".bip", ".hdr", ".png", ".jpg", ".jpeg",
)  # fmt: skip
"""What names of scenes end in, for file dialogs; the content decides."""

TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    *((magic, TIFF) for magic in TIFF_MAGIC),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG2000),
    (b"\xff\x4f\xff\x51", JPEG2000),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
)

_POINTERS = (b"<vrtdataset", b"<gdal_wms", b"<wms_", b"<wmts", b"<vrtmulti", b"gdalg")
"""Words by which GDAL recognises files that point elsewhere, wherever in the first bytes they stand."""

_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"<WMS_Tile", "a web map description"),
    (b"<GDAL_WMS", "a web map description"),
    (b"\x89HDF", "an HDF5 or netCDF file"),
    (b"CDF", "a netCDF file"),
    (b"NITF", "a NITF file"),
    (b"EHFA_HEADER_TAG", "an Erdas Imagine file"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a GeoPackage or SQLite file"),
    (b"{", "a JSON file"),
    (b"<", "an XML file"),
)

_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b")

_ENVI_SUFFIXES = ("", ".img", ".dat", ".bin", ".raw", ".bsq", ".bil", ".bip", ".envi")
_SNIFFED_BYTES = 4096


def driver_of(path: Path) -> str:
    """Return the driver for a file.

    Raises
    ------
    SceneError
        If it is empty or of no format that opens as a scene; the sentence says what it is.
    """
    start = magic_of(path)
    if not start:
        raise SceneError(f"{path} is empty; copy or download it again")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<") and b"<VRTDataset" in text:
        return VIRTUAL
    driver = next((driver for magic, driver in _MAGIC if start.startswith(magic)), None)
    if driver is None and envi_header(path) is not None:
        driver = ENVI
    if driver is None:
        raise SceneError(f"{path} is {_kind(start, text)}, which does not open as a scene; {_way_out(start, path)}")
    if any(word in start.lower() for word in _POINTERS):
        raise SceneError(
            f"{path} is {DRIVER_TITLES[driver]} that begins with a reference to other files; do not trust it"
        )
    return driver


def envi_header(path: Path) -> Path | None:
    """Return the ENVI header that belongs to a data file, found as GDAL finds it, None where there is none."""
    for header in (path.with_suffix(".hdr"), path.with_name(f"{path.name}.hdr")):
        if header != path and magic_of(header).startswith(b"ENVI"):
            return header
    return None


def data_of_header(path: Path) -> Path | None:
    """Return the data file that an ENVI header describes, None where the file is no ENVI header or has no data."""
    if path.suffix.lower() != ".hdr" or not magic_of(path).startswith(b"ENVI"):
        return None
    stem = path.with_suffix("")
    candidates = [stem.with_name(stem.name + suffix) for suffix in _ENVI_SUFFIXES]
    return next((each for each in candidates if each.is_file() and envi_header(each) == path), None)


def magic_of(path: Path) -> bytes:
    """Return the first bytes of an ordinary file, none of anything else.

    Raises
    ------
    SceneError
        If it may not be read.
    """
    if not path.is_file():  # opening a pipe would wait for ever
        return b""
    try:
        with path.open("rb") as file:
            return file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise SceneError(f"{path} cannot be read ({error.strerror}); check its permissions") from error


def _kind(start: bytes, text: bytes) -> str:
    """Return what a file is that cannot be opened."""
    kind = next((name for magic, name in _OTHER_FORMATS if start.startswith(magic) or text.startswith(magic)), None)
    if kind is not None:
        return kind
    return "a text file" if start.isascii() and b"\0" not in start else "of an unknown format"


def _way_out(start: bytes, path: Path) -> str:
    if start.startswith(b"ENVI"):
        return "it is the header of an ENVI raster whose data is not beside it: copy that too"
    if path.suffix.lower() in {".img", ".dat", ".bsq", ".bil", ".bip"}:
        return "an ENVI raster needs its header (.hdr) beside it; make a GeoTIFF of anything else with gdal_translate"
    if start.startswith(_ARCHIVES):
        return "unpack it and open the folder or the raster in it"
    if start.isascii() and b"\0" not in start:
        return "open the raster that it belongs to; labels are imported (geolabel import, Import…)"
    return "make a GeoTIFF of it with gdal_translate and open that"

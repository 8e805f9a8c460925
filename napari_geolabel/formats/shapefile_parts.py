"""The files that a Shapefile is made of: beside each other or in a zip, with the indexes that others make for them."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.formats.texts import shown

_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_INDEXES = (".qix", ".sbn", ".sbx", ".fbn", ".fbx", ".ain", ".aih", ".idm", ".ind")
"""What GDAL, QGIS and ArcGIS make beside a Shapefile to find its features by place and by value."""
_LARGEST = 2**31


def publish(parts: list[Path], path: Path) -> None:
    """Put the parts of a Shapefile into a zip, or beside each other, the one that names them last.

    Raises
    ------
    WriteError
        If they cannot be written, or the index of an earlier file cannot be removed.
    """
    if path.suffix.lower() == ".zip":
        stem = path.name[: -len(".zip")].removesuffix(".shp")
        with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.write(part, f"{stem}{part.suffix}")
        return
    _remove_indexes(path)
    for part in parts:
        with atomic_write(path.with_suffix(part.suffix)) as temporary:
            shutil.copyfile(part, temporary)


def shapefile_parts(path: Path) -> tuple[Path, ...]:
    """Return the files that belong to a Shapefile that is not zipped."""
    return () if path.suffix.lower() == ".zip" else tuple(path.with_suffix(s) for s in sorted(_PARTS - {".shp"}))


def unzipped(path: Path, folder: Path) -> Path:
    """Return the Shapefile that a zip holds, its parts put into a folder under names of our own.

    Raises
    ------
    FormatError
        If it holds none or several, is damaged or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for each in _parts_of(archive, path.name):
                (folder / f"labels{each.filename[-4:].lower()}").write_bytes(archive.read(each))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise FormatError(f"{path.name} cannot be unpacked ({shown(error)})") from error
    return folder / "labels.shp"


def _remove_indexes(path: Path) -> None:
    """Remove the indexes of an earlier Shapefile, by which nobody would find the features of a new one."""
    for suffix in _INDEXES:
        index = path.with_suffix(suffix)
        try:
            index.unlink(missing_ok=True)
        except OSError as error:
            raise WriteError(
                f"{path.name} was not written, as the index {index.name} of the old file cannot be removed "
                f"({error.strerror}); close the program that has it open"
            ) from error


def _parts_of(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Return the parts of the only Shapefile that a zip holds."""
    parts = [each for each in archive.infolist() if PurePosixPath(each.filename).suffix.lower() in _PARTS]
    stems = {each.filename[:-4] for each in parts if each.filename.lower().endswith(".shp")}
    if len(stems) != 1:
        raise FormatError(f"{name} holds {len(stems)} Shapefiles; unpack it and name one")
    if sum(each.file_size for each in parts) > _LARGEST:
        raise FormatError(f"{name} is too large unpacked; unpack it and split it")
    return [each for each in parts if each.filename[:-4] in stems]

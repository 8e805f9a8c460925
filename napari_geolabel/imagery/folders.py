"""Folders that hold one scene in several files.

Sentinel products (SAFE), Landsat's and other folders with a file per band, and
plain folders such as ``red.tif green.tif``.  What belongs to one scene is told
by the names; what is left out is said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_geolabel.errors import SceneError

RASTER_SUFFIXES = frozenset({".tif", ".tiff", ".jp2", ".j2k"})
"""Files in a folder that may be bands; quick looks in PNG or JPEG are not."""

_MAX_FILES = 20_000
_BAND = re.compile(
    r"(?:^|[_\-.])(?P<label>(?:SR_|ST_)?B(?:\d{1,2}A?)(?:_VCID_[12])?|QA_PIXEL|SCL)(?:_(?P<metres>\d{2})m)?(?=[_\-.]|$)",
    re.I,
)
_POLARISATION = re.compile(r"(?:^|[_\-.])(?P<label>VV|VH|HH|HV)(?:[_\-.]|$)", re.I)
_PRODUCT = re.compile(r"MTD_MSIL\d\w\.xml|manifest\.safe|.*_MTL\.(?:txt|xml|json)", re.I)
_SPLIT = re.compile(r"[_\-. ]+")
_LISTED = 6


@dataclass(frozen=True, kw_only=True)
class Found:
    """The files of one scene."""

    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    """What each file's name says of its band, empty where nothing."""

    notes: tuple[str, ...] = ()
    """What was left out."""


def find_files(folder: Path) -> Found:
    """Return the files of a folder that make one scene.

    Raises
    ------
    SceneError
        If the folder holds no raster, or several scenes.
    """
    paths = _rasters(folder)
    if not paths:
        raise SceneError(
            f"{folder} holds no GeoTIFF or JPEG 2000 file; name a folder with one file per band, or a scene's file"
        )
    numbered = {path: match for path in paths if (match := _BAND.search(path.stem))}
    if len(numbered) < 2:
        return Found(paths=tuple(paths), labels=tuple(labels_of(paths)))
    _require_one_scene(folder, {_around(path.stem, match) for path, match in numbered.items()})
    finest: dict[str, Path] = {}
    for path, match in sorted(numbered.items(), key=lambda item: int(item[1]["metres"] or 0), reverse=True):
        finest[match["label"].upper()] = path
    chosen = sorted(finest.items(), key=lambda item: _band_order(item[0]))
    left = [path.name for path in paths if path not in numbered]
    note = f"left out, since their names are no band's: {_listing(left)}"
    return Found(
        paths=tuple(path for _, path in chosen),
        labels=tuple(label for label, _ in chosen),
        notes=(note,) if left else (),
    )


def product_folder(path: Path) -> Path | None:
    """Return the folder of a product whose metadata file is named in its place, as SNAP and QGIS open it.

    Those are ``MTD_MSIL2A.xml`` and ``manifest.safe`` of a SAFE product and ``..._MTL.txt`` of a Landsat folder;
    None for any other file.
    """
    return path.parent if _PRODUCT.fullmatch(path.name) and path.is_file() else None


def has_rasters(folder: Path) -> bool:
    """Return whether a folder holds files that may be bands, of whatever scenes."""
    try:
        return bool(_rasters(folder))
    except SceneError:  # several granules, or a folder that may not be listed: opening it says so
        return True


def labels_of(paths: Sequence[Path]) -> list[str]:
    """Return what each of several file names says of its band: the part that the others do not share.

    A band's number (``B02``, ``SR_B5``) or a polarisation (``VV``) is taken
    where every name has one.
    """
    stems = [path.stem for path in paths]
    for pattern in (_BAND, _POLARISATION):
        labels = [match["label"].upper() if (match := pattern.search(stem)) else "" for stem in stems]
        if all(labels) and len(set(labels)) == len(labels):
            return labels
    if len(stems) == 1:
        return [stems[0]]
    words = [_SPLIT.split(stem) for stem in stems]
    first, last = _shared(words), _shared([each[::-1] for each in words])
    labels = ["_".join(each[first : len(each) - last]) for each in words]
    return labels if all(labels) and len(set(labels)) == len(labels) else stems


def common_name_of(paths: Sequence[Path]) -> str:
    """Return the name of a scene of several files: what their names begin with, else the first name."""
    stems = [path.stem for path in paths]
    shared = os.path.commonprefix(stems).rstrip("_-. ")  # noqa: RUF071  (of names, character by character)
    whole = all(len(stem) == len(shared) or not stem[len(shared)].isalnum() for stem in stems)
    if not whole:  # cut inside a word: ``..._B0`` of ``..._B02`` and ``..._B03``
        shared = re.sub(r"[_\-. ]*[^_\-. ]*$", "", shared)
    return shared if len(shared) > 2 else stems[0]


def _rasters(folder: Path) -> list[Path]:
    """Return the raster files of a folder, of the folders of a SAFE product, or of its resolutions."""
    products = [path for name in ("GRANULE", "measurement") if (path := folder / name).is_dir()]
    if products and products[0].name == "GRANULE":
        granules = sorted(path for path in products[0].iterdir() if path.is_dir())
        if len(granules) != 1:
            raise SceneError(
                f"{folder} holds {len(granules)} granules ({_listing([g.name for g in granules])}); "
                "name the folder of one of them"
            )
        return _rasters(granules[0])
    if products:
        return _in_folder(products[0])
    images = folder / "IMG_DATA"
    start = images if images.is_dir() else folder
    deeper = [path for name in ("R10m", "R20m", "R60m") if (path := start / name).is_dir()]
    return [path for each in [start, *deeper] for path in _in_folder(each)]


def _in_folder(folder: Path) -> list[Path]:
    """Return the raster files that lie directly in a folder, by name."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(_MAX_FILES), entries, strict=False)]
    except OSError as error:
        raise SceneError(f"{folder} cannot be listed ({error.strerror}); check its permissions") from error
    paths = [folder / name for name in sorted(names) if not name.startswith(".")]
    return [path for path in paths if path.suffix.lower() in RASTER_SUFFIXES and path.is_file()]


def _require_one_scene(folder: Path, beginnings: Iterable[str]) -> None:
    """Refuse a folder whose band files begin differently, as those of several scenes do."""
    names = sorted(set(beginnings))
    if len(names) > 1:
        raise SceneError(
            f"{folder} holds bands of {len(names)} scenes ({_listing(names)}); name the files of one of them"
        )


def _band_order(label: str) -> tuple[str, float, str]:
    """Return what sorts bands as people count: B2 before B10, B8A after B8."""
    match = re.search(r"(\d+)(A?)", label)
    number = int(match[1]) + (0.5 if match[2] else 0) if match else 1e3
    return "" if match else label, number, label


def _around(stem: str, match: re.Match[str]) -> str:
    """Return a name without the part that names its band."""
    return f"{stem[: match.start()]}…{stem[match.end() :]}" if match.end() < len(stem) else stem[: match.start()]


def _shared(words: Sequence[Sequence[str]]) -> int:
    """Return how many words all lists begin with."""
    count = 0
    while all(len(each) > count + 1 and each[count] == words[0][count] for each in words):
        count += 1
    return count


def _listing(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more

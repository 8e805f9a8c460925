"""A look at a file's own bookkeeping, to see whether it reaches as far as it says.

A download that broke off opens without complaint and fails, or shows black,
only where the missing part is looked at.  What a TIFF's directories or an ENVI
header promise can be compared with the size of the file at once.
"""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.drivers import ENVI, TIFF, envi_header

if TYPE_CHECKING:
    from tifffile import TiffPage

Found = TypeVar("Found")

_MAX_DIRECTORIES = 32
_SLACK_BYTES = 64 * 1024
"""Some writers claim a little more than they wrote for the last strip, and readers forgive it."""


_MAX_PAGES = 4096
_MAX_NAME = 80
_ENVI_NUMBER = re.compile(
    r"^\s*(samples|lines|bands|data type|header offset|file compression)\s*=\s*(\d+)", re.M | re.I
)
_ORIENTATIONS = {
    2: "mirrored left to right",
    3: "turned by 180 degrees",
    4: "mirrored top to bottom",
    5: "mirrored and turned by 90 degrees to the left",
    6: "turned by 90 degrees to the right",
    7: "mirrored and turned by 90 degrees to the right",
    8: "turned by 90 degrees to the left",
}
"""The TIFF tag's values that differ from the order in which pixels are stored."""

_ENVI_BYTES = {1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 9: 16, 12: 2, 13: 4, 14: 8, 15: 8}
"""ENVI's ``data type`` → bytes a value."""


def check_whole(path: Path, driver: str = TIFF) -> None:
    """Refuse a file whose data ends well before what its own directories point at.

    Raises
    ------
    SceneError
        If the file is cut off.
    """
    size = path.stat().st_size
    needed, last = _furthest_byte(path) if driver == TIFF else (_envi_size(path) if driver == ENVI else 0, 0)
    slack = min(_SLACK_BYTES, last // 2)
    if needed > size + slack:
        raise SceneError(f"{path} is cut off: it has {size:,} bytes of at least {needed:,}; copy or download it again")


def orientation_note(path: Path) -> str | None:
    """Return what a person should know of a TIFF that asks to be turned or mirrored; None where it does not.

    Camera pictures do.  GDAL, GIS programs and the georeference itself take
    pixels as they are stored, and so does a scene.
    """
    found = _look_at_directories(path, 1, lambda page: page.tags.get(274))
    value = found[0].value if found and found[0] is not None else 1
    if value not in _ORIENTATIONS:
        return None
    return (
        f"the file's Orientation tag ({value}) asks viewers to show it {_ORIENTATIONS[value]}; its pixels are shown, "
        "labelled and exported as they are stored, as GIS programs take them"
    )


def page_labels(path: Path) -> dict[int, tuple[tuple[int, int], str]]:
    """Return directory number from 1 → shape and name, for the directories of a TIFF that can be understood."""
    return dict(enumerate(_look_at_directories(path, _MAX_PAGES, _label), 1))


def _label(page: TiffPage) -> tuple[tuple[int, int], str]:
    """Return shape and name of a directory."""
    tag = page.tags.get(285)  # PageName
    name = str(tag.value) if tag is not None else page.description
    return (page.imagelength, page.imagewidth), name.strip().partition("\n")[0][:_MAX_NAME]


def _furthest_byte(path: Path) -> tuple[int, int]:
    """Return the end of the data furthest back in the file, and the size of that strip or tile."""
    extents = _look_at_directories(path, _MAX_DIRECTORIES, lambda page: _extent(page.dataoffsets, page.databytecounts))
    return max(extents, default=(0, 0))


def _look_at_directories(path: Path, limit: int, look: Callable[[TiffPage], Found]) -> list[Found]:
    """Return what a function finds in each directory, up to the first that cannot be understood.

    What cannot be understood is left to GDAL, which may be more forgiving.
    """
    from tifffile import TiffFile, TiffFileError

    # GDAL is the judge of odd files; tifffile's own warnings about them would only alarm
    logger = logging.getLogger("tifffile")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    found: list[Found] = []
    odd = (TiffFileError, struct.error, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError)
    try:
        with TiffFile(path, _multifile=False) as tiff:
            for number in range(min(len(tiff.pages), limit)):
                found.append(look(tiff.pages[number].aspage()))  # noqa: PERF401  (what was found before an error counts)
    except (*odd, OverflowError):
        return found
    finally:
        logger.setLevel(level)
    return found


def _extent(offsets: tuple[int, ...], counts: tuple[int, ...]) -> tuple[int, int]:
    """Return the end and the size of the strip or tile that lies furthest back; sparse ones have no size."""
    if not offsets or len(offsets) != len(counts):
        return (0, 0)
    starts, sizes = np.asarray(offsets, np.float64), np.asarray(counts, np.float64)
    ends = np.where(sizes > 0, starts + sizes, 0)
    furthest = int(ends.argmax())
    return int(ends[furthest]), int(sizes[furthest])


def _envi_size(path: Path) -> int:
    """Return how many bytes the header of an ENVI raster promises, 0 where it does not say."""
    header = envi_header(path)
    if header is None:
        return 0
    text = header.read_bytes()[:1_000_000].decode("latin-1")
    facts = {key.lower(): int(value) for key, value in _ENVI_NUMBER.findall(text)}
    if facts.get("file compression"):
        return 0
    value = _ENVI_BYTES.get(facts.get("data type", 1), 0)
    return (
        facts.get("header offset", 0) + facts.get("samples", 0) * facts.get("lines", 0) * facts.get("bands", 1) * value
    )

"""A look at a TIFF's own bookkeeping, to see whether the file reaches as far as it says.

A download that broke off opens without complaint and fails, or shows black,
only where the missing part is looked at.  What a TIFF's directories promise
can be compared with the size of the file at once.
"""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import numpy as np

from napari_geolabel.errors import SceneError

_MAX_DIRECTORIES = 32
_SLACK_BYTES = 64 * 1024
"""Some writers claim a little more than they wrote for the last strip, and readers forgive it."""


def check_whole(path: Path) -> None:
    """Refuse a TIFF whose data ends well before what its directories point at.

    Raises
    ------
    SceneError
        If the file is cut off.
    """
    size = path.stat().st_size
    needed, last = _furthest_byte(path)
    slack = min(_SLACK_BYTES, last // 2)
    if needed > size + slack:
        raise SceneError(f"{path} is cut off: it has {size:,} bytes of at least {needed:,}; copy or download it again")


def _furthest_byte(path: Path) -> tuple[int, int]:
    """Return the end of the data furthest back in the file, and the size of that strip or tile.

    What cannot be understood is left to GDAL, which may be more forgiving.
    """
    from tifffile import TiffFile, TiffFileError

    # GDAL is the judge of odd files; tifffile's own warnings about them would only alarm
    logger = logging.getLogger("tifffile")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    furthest = (0, 0)
    try:
        with TiffFile(path, _multifile=False) as tiff:
            for number in range(min(len(tiff.pages), _MAX_DIRECTORIES)):
                page = tiff.pages[number].aspage()
                furthest = max(furthest, _extent(page.dataoffsets, page.databytecounts))
    except (
        TiffFileError,
        struct.error,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OSError,
        OverflowError,
    ):
        return furthest
    finally:
        logger.setLevel(level)
    return furthest


def _extent(offsets: tuple[int, ...], counts: tuple[int, ...]) -> tuple[int, int]:
    """Return the end and the size of the strip or tile that lies furthest back; sparse ones have no size."""
    if not offsets or len(offsets) != len(counts):
        return (0, 0)
    starts, sizes = np.asarray(offsets, np.float64), np.asarray(counts, np.float64)
    ends = np.where(sizes > 0, starts + sizes, 0)
    furthest = int(ends.argmax())
    return int(ends[furthest]), int(sizes[furthest])

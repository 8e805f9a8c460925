"""Scenes as large as real ones, written in a second: many tiles of the file are the same few compressed ones.

A TIFF says for each tile or strip where its bytes begin, and may say the same
place more than once.  Reading such a file takes as long as reading one whose
tiles all differ, since every one is decoded; only the disk has less to do.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BANDS = ("blue", "green", "red", "nir")
SIDE = 10_980
TILE_PX = 512

_DIFFERENT = 12
"""Blocks that differ from one another."""

_SHORT, _LONG = 3, 4
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_SIZES, _PLANAR = 273, 277, 278, 279, 284
_SUBFILE, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_SIZES = 254, 317, 322, 323, 324, 325
_EXTRA_SAMPLES = 338
_ADOBE_DEFLATE, _HORIZONTAL, _MIN_IS_BLACK, _CONTIGUOUS = 8, 2, 1, 1


def write_tiled(path: Path, side: int = SIDE) -> Path:
    """Write a scene of four bands, uint16, in tiles and with overviews down to 700 pixels, and return its path."""
    directories, shape = [], side
    while True:
        across = -(-shape // TILE_PX)
        directories.append(_Directory(shape, (TILE_PX, TILE_PX), across * across, is_overview=shape < side))
        if shape <= 700:
            break
        shape = -(-shape // 2)
    _write(path, directories, _blocks((TILE_PX, TILE_PX)))
    return path


def write_strips(path: Path, side: int = SIDE) -> Path:
    """Write a scene of four bands, uint16, in strips of one row and without overviews, and return its path."""
    _write(path, [_Directory(side, (1, side), side, is_overview=False)], _blocks((1, side)))
    return path


@dataclass(frozen=True)
class _Directory:
    """One raster of the file."""

    side: int
    block: tuple[int, int]
    count: int
    is_overview: bool


def _blocks(shape: tuple[int, int]) -> list[bytes]:
    """Return blocks of land and noise, compressed as GDAL does with DEFLATE and predictor 2."""
    random = np.random.default_rng(4)
    rows, cols = np.indices(shape)
    found = []
    for number in range(_DIFFERENT):
        land = 600 + 150 * np.sin(rows / 40 + number) + 150 * np.cos(cols / 60)
        pixels = np.stack([land * (1 + 0.3 * band) for band in range(len(BANDS))], axis=-1).astype("<u2")
        pixels += random.integers(0, 48, pixels.shape, dtype=np.uint16)
        found.append(zlib.compress(_differences(pixels).tobytes(), 1))
    return found


def _differences(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return what predictor 2 stores: each value less the one to its left."""
    found = pixels.copy()
    found[:, 1:] -= pixels[:, :-1]
    return found


def _write(path: Path, directories: Sequence[_Directory], blocks: Sequence[bytes]) -> None:
    starts = np.cumsum([8, *[len(block) for block in blocks]])
    place = int(starts[-1])
    parts = [b"".join(blocks)]
    first = place + place % 2
    for i, directory in enumerate(directories):
        padding = place % 2
        parts.append(b"\0" * padding)
        place += padding
        size = len(_directory(directory, blocks, starts, place, is_last=True))
        parts.append(_directory(directory, blocks, starts, place, is_last=i + 1 == len(directories)))
        place += size
    path.write_bytes(struct.pack("<2sHI", b"II", 42, first) + b"".join(parts))


def _directory(
    directory: _Directory, blocks: Sequence[bytes], starts: NDArray[np.int_], place: int, *, is_last: bool
) -> bytes:
    """Return a directory that stands at a place of the file, with its lists behind it."""
    which = np.arange(directory.count) * 7 % len(blocks)
    offsets = starts[which].tolist()
    sizes = [len(blocks[i]) for i in which]
    bands = len(BANDS)
    entries: list[tuple[int, int, list[int]]] = [
        (_SUBFILE, _LONG, [int(directory.is_overview)]),
        (_WIDTH, _LONG, [directory.side]),
        (_HEIGHT, _LONG, [directory.side]),
        (_BITS, _SHORT, [16] * bands),
        (_COMPRESSION, _SHORT, [_ADOBE_DEFLATE]),
        (_PHOTOMETRIC, _SHORT, [_MIN_IS_BLACK]),
        (_SAMPLES, _SHORT, [bands]),
        (_PLANAR, _SHORT, [_CONTIGUOUS]),
        (_PREDICTOR, _SHORT, [_HORIZONTAL]),
        (_EXTRA_SAMPLES, _SHORT, [0] * (bands - 1)),
    ]
    if directory.block[0] == 1:
        entries += [(_STRIP_OFFSETS, _LONG, offsets), (_ROWS_PER_STRIP, _LONG, [1]), (_STRIP_SIZES, _LONG, sizes)]
    else:
        entries += [(_TILE_WIDTH, _LONG, [TILE_PX]), (_TILE_HEIGHT, _LONG, [TILE_PX])]
        entries += [(_TILE_OFFSETS, _LONG, offsets), (_TILE_SIZES, _LONG, sizes)]
    entries.sort()
    head, lists = struct.pack("<H", len(entries)), b""
    behind = place + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        packed = struct.pack(f"<{len(values)}{'H' if kind == _SHORT else 'I'}", *values)
        if len(packed) <= 4:
            value = packed.ljust(4, b"\0")
        else:
            value = struct.pack("<I", behind + len(lists))
            lists += packed + b"\0" * (len(packed) % 2)
        head += struct.pack("<HHI", tag, kind, len(values)) + value
    following = behind + len(lists)
    following += following % 2
    return head + struct.pack("<I", 0 if is_last else following) + lists

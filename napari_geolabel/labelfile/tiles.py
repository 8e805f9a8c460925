"""Mask tiles as compressed bytes.

A blob is one byte that names the codec, a CRC-32 of what follows, and the
compressed pixels.  A tile without a row in the file is all zero.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from napari_geolabel.labelfile.rows import DamagedRowError

_HEAD = struct.Struct("<BI")
_ZLIB = 1


def pack_tile(pixels: bytes) -> bytes | None:
    """Return the blob of a tile's row-major pixels, None where all are zero."""
    if not pixels.strip(b"\0"):
        return None
    # runs of equal values are what masks are made of: Z_RLE is as small as level 6 and several times faster
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 8, zlib.Z_RLE)
    payload = packer.compress(pixels) + packer.flush()
    return _HEAD.pack(_ZLIB, zlib.crc32(payload)) + payload


def unpack_tile(blob: bytes | None, size: int | None = None) -> bytes:
    """Return a tile's row-major pixels.

    Parameters
    ----------
    blob
        As :func:`pack_tile` made it.
    size
        Bytes of the tile, needed for a blob of None.

    Raises
    ------
    DamagedRowError
        If the blob is damaged or of a codec that this version does not know.
    """
    if blob is None:
        return bytes(size or 0)
    try:
        codec, crc = _HEAD.unpack_from(blob)
        payload = blob[_HEAD.size :]
        if codec != _ZLIB or crc != zlib.crc32(payload):
            raise DamagedRowError("a mask tile's bytes are damaged")
        return zlib.decompress(payload)
    except (struct.error, zlib.error) as error:
        raise DamagedRowError("a mask tile's bytes are damaged") from error


def merge_tile(before: bytes, after: bytes, theirs: bytes, item_bytes: int) -> bytes:
    """Return another's tile with the pixels that were painted from ``before`` to ``after`` painted on it too.

    ``item_bytes`` is the size of one pixel: 1 for uint8, 2 for uint16.
    """
    mine, base, other = (np.frombuffer(part, f"u{item_bytes}") for part in (after, before, theirs))
    return np.where(mine != base, mine, other).tobytes()

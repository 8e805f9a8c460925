"""Label Studio's brush: the four channels of an image as a string of bits in runs.

The bits, highest first: the number of values (32), the size of a value less
one (5), four sizes of a run's length less one (4 each); then runs until all
values are there: whether it repeats one value (1), which of the four sizes
its length has (2), the length less one, and the value or as many values as
the length says.  The layout is that of ``rle-pack`` of thi.ng/umbrella, which
Label Studio uses; the mask is the fourth channel, alpha.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.rle import MAX_WINDOW, Shape
from napari_geolabel.formats.row_runs import outline_of_runs, runs_of

_SIZES = (4, 8, 12, 16)
_CHANNELS = 4


def decode_brush(values: Any, shape: Shape) -> BaseGeometry:  # noqa: ANN401  (any JSON value)
    """Return the outline, along pixel edges, of what is painted.

    Raises
    ------
    BadGeometryError
        If the values are no such string for an image of this shape, or nothing is painted.
    """
    if not isinstance(values, list) or not all(type(value) is int and 0 <= value < 256 for value in values):
        raise BadGeometryError("its brush is no list of bytes")
    if shape[0] * shape[1] > MAX_WINDOW:
        raise BadGeometryError(f"its brush is of more than {MAX_WINDOW:,} pixels; import it as a mask instead")
    painted = _decoded(bytes(values), shape[0] * shape[1] * _CHANNELS).reshape(*shape, _CHANNELS)[..., 3] > 0
    edges = np.flatnonzero(np.diff(painted.ravel(), prepend=False, append=False))
    counts = np.diff(np.concatenate([[0], edges, [painted.size]])).tolist()
    return outline_of_runs(counts, shape)


def encode_brush(geometry: BaseGeometry, shape: Shape) -> list[int]:
    """Return the pixels whose centre a polygon covers as Label Studio's bytes."""
    runs = runs_of(geometry, shape)
    total = shape[0] * shape[1] * _CHANNELS
    pieces = [f"{total:032b}{7:05b}" + "".join(f"{size - 1:04b}" for size in _SIZES)]
    for number, run in enumerate(runs):
        left = run * _CHANNELS
        while left:
            length = min(left, 2 ** _SIZES[-1])
            which = next(i for i, size in enumerate(_SIZES) if length <= 2**size)
            pieces.append(f"1{which:02b}{length - 1:0{_SIZES[which]}b}{255 * (number % 2):08b}")
            left -= length
    text = "".join(pieces)
    text += "0" * (-len(text) % 8)
    return [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]


def _decoded(packed: bytes, wanted: int) -> NDArray[np.uint8]:
    """Return the values of a string of bits."""
    bits = _Bits(packed)
    total, size = bits.take(32), bits.take(5) + 1
    sizes = [bits.take(4) + 1 for _ in range(4)]
    if total != wanted or size != 8:
        raise BadGeometryError("its brush is of an image of another size")
    values = np.zeros(total, np.uint8)
    done = 0
    while done < total:
        repeats = bits.take(1)
        length = min(bits.take(sizes[bits.take(2)]) + 1, total - done)
        if repeats:
            values[done : done + length] = bits.take(size)
        else:
            values[done : done + length] = bits.take_bytes(length)
        done += length
    return values


class _Bits:
    """Bits that are taken from a string of bytes one after the other, highest first."""

    def __init__(self, packed: bytes) -> None:
        self._bits = np.unpackbits(np.frombuffer(packed, np.uint8))
        self._place = 0

    def take(self, count: int) -> int:
        """Return a number of some bits."""
        return int("".join(map(str, self._next(count))), 2)

    def take_bytes(self, count: int) -> NDArray[np.uint8]:
        """Return some numbers of eight bits."""
        return np.packbits(self._next(8 * count))

    def _next(self, count: int) -> NDArray[np.uint8]:
        start, self._place = self._place, self._place + count
        if self._place > len(self._bits):
            raise BadGeometryError("its brush ends too early")
        return self._bits[start : self._place]

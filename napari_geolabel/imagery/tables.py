"""From values to colours: packed tables for integers, arithmetic for the rest.

A pixel of a picture is one 32-bit word, laid out so that the word's bytes are
red, green, blue, alpha in memory.  Channels are joined with ``&``: a channel's
word has all bits set outside its own byte, and none at all where its value is
invalid, so that one invalid channel empties the pixel, alpha and all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.bands import Band, storable
from napari_geolabel.imagery.collar import zero_everywhere
from napari_geolabel.imagery.composite import ResolvedComposite
from napari_geolabel.imagery.inputs import Arrays, Inputs, physical
from napari_geolabel.imagery.stretch import Curve, Limits, Tone, brightness

Words = NDArray[np.uint32]

SHIFTS = (0, 8, 16, 24) if sys.byteorder == "little" else (24, 16, 8, 0)
"""Where red, green, blue and alpha stand in a word."""

_OPAQUE = np.uint32(0xFF << SHIFTS[3])
_EMPTY = np.uint32(0)
_BLOCK_PIXELS = 64 * 1024  # whose words stay in the processor's cache between channels


def has_table(dtype: np.dtype[Any]) -> bool:
    """Return whether every value of a data type fits into a table."""
    return dtype.kind in "iu" and dtype.itemsize <= 2


@dataclass(frozen=True, eq=False)
class TablePaint:
    """Paints integer bands by one table per channel."""

    inputs: Inputs
    channels: tuple[int, ...]
    """Band index of each channel."""

    tables: tuple[Words, ...]

    def __call__(self, arrays: Arrays, collar: NDArray[np.bool_] | None, out: Words) -> None:
        """Fill ``out``, shape (rows, cols), from stored values; ``collar`` says where zeros are no data."""
        bands = [_as_unsigned(arrays[index]) for index in self.channels]
        masks = [arrays[mask] for mask in dict.fromkeys(self.inputs.masks) if mask is not None]
        height = max(1, _BLOCK_PIXELS // max(1, out.shape[1]))
        for start in range(0, len(out), height):
            rows = slice(start, start + height)
            words = self._joined([band[rows] for band in bands])
            for mask in masks:
                words[mask[rows] == 0] = _EMPTY
            if collar is not None:
                words[collar[rows] & zero_everywhere([band[rows] for band in bands])] = _EMPTY
            out[rows] = words

    def _joined(self, bands: Sequence[NDArray[Any]]) -> Words:
        """Return the words of a block, shape (rows, cols), of one band per channel."""
        words: Words = np.empty(bands[0].shape, np.uint32)
        more = np.empty_like(words)
        places = np.empty(bands[0].shape, np.intp)
        for i, (band, table) in enumerate(zip(bands, self.tables, strict=True)):
            places[...] = band
            # "wrap" spares the look for places outside: a table has one for every value
            table.take(places, out=words if i == 0 else more, mode="wrap")
            if i > 0:
                words &= more
        return words


@dataclass(frozen=True, eq=False)
class ValuePaint:
    """Paints bands of any type, and expressions, by computing every pixel."""

    inputs: Inputs
    resolved: ResolvedComposite
    tone: Tone
    colors: Words | None
    """256 words of a colormap for one channel; None for red, green and blue."""

    def __call__(self, arrays: Arrays, collar: NDArray[np.bool_] | None, out: Words) -> None:
        """Fill ``out``, shape (rows, cols), from stored values; ``collar`` says where zeros are no data."""
        values = self.inputs.physical(arrays)
        words = np.full(arrays[self.inputs.bands[0].index].shape, _OPAQUE)
        empty = np.zeros(words.shape, np.bool_)
        for i, (channel, limits) in enumerate(zip(self.resolved.channels, self.tone.limits, strict=True)):
            level = brightness(channel.compute(values), limits, self.tone.gamma, self.tone.curve(i))
            invalid = np.isnan(level)
            index = (np.where(invalid, 0, level) * 255 + 0.5).astype(np.uint8)
            words |= self.colors.take(index) if self.colors is not None else index.astype(np.uint32) << SHIFTS[i]
            empty |= invalid
        if collar is not None:
            empty |= collar & zero_everywhere([arrays[band.index] for band in self.inputs.bands])
        words[empty] = _EMPTY
        out[...] = words


def channel_table(
    band: Band, dtype: np.dtype[Any], limits: Limits, gamma: float, position: int, curve: Curve = ()
) -> Words:
    """Return the table of one of three channels: a word for every value of the data type.

    Parameters
    ----------
    band
        Its scale, offset and nodata hold.
    dtype
        The stored type, at most 16 bits; signed values are found under the
        unsigned ones of the same bits.
    limits, gamma, curve
        The stretch, in scaled units.
    position
        0 red, 1 green, 2 blue.
    """
    level = _levels(band, dtype, limits, gamma, curve).astype(np.uint32) << np.uint32(SHIFTS[position])
    others = ~np.uint32(0xFF << SHIFTS[position])
    return _mark_nodata(level | others, band, dtype)


def color_table(
    band: Band, dtype: np.dtype[Any], limits: Limits, gamma: float, colors: Words, curve: Curve = ()
) -> Words:
    """Return the table of one channel shown in a colormap of 256 words."""
    return _mark_nodata(colors.take(_levels(band, dtype, limits, gamma, curve)), band, dtype)


def palette_table(band: Band, dtype: np.dtype[Any], palette: Mapping[int, tuple[int, int, int, int]]) -> Words:
    """Return the table of a file of colour indices; values without a colour, and clear ones, are not shown."""
    table = np.zeros(256**dtype.itemsize, np.uint32)
    for value, color in palette.items():
        if 0 <= value < len(table) and color[3] > 0:
            table[value] = pack(np.array([color[:3]], np.uint8))[0]
    return _mark_nodata(table, band, dtype)


def pack(colors: NDArray[np.uint8]) -> Words:
    """Return one opaque word for each colour of an array of shape (n, 3)."""
    words = np.full(len(colors), _OPAQUE)
    for i in range(3):
        words |= colors[:, i].astype(np.uint32) << np.uint32(SHIFTS[i])
    return words


def _levels(band: Band, dtype: np.dtype[Any], limits: Limits, gamma: float, curve: Curve) -> NDArray[np.uint8]:
    """Return the brightness, 0 to 255, of every value of a data type."""
    stored = np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}").view(dtype)
    share = brightness(physical(stored, band).astype(np.float64), limits, gamma, curve)
    return (share * 255 + 0.5).astype(np.uint8)


def _mark_nodata(table: Words, band: Band, dtype: np.dtype[Any]) -> Words:
    """Mark the nodata value of a band as invalid."""
    nodata = storable(band.nodata, dtype)
    if nodata is not None:
        table[int(nodata) % len(table)] = _EMPTY
    return table


def _as_unsigned(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return integers as unsigned ones of the same bits."""
    return pixels if pixels.dtype.kind == "u" else pixels.view(f"u{pixels.dtype.itemsize}")

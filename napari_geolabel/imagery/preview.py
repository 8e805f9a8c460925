"""A sample of a scene's pixels: the coarsest level, or a part of a finer one.

Percentiles, histograms and collars are judged here.  Where the file's overviews
are averages, the percentiles lie slightly inside those of the full resolution
(by a few per cent of the range): they are estimates, good for showing.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.collar import Collar, find_collar, zero_everywhere
from napari_geolabel.imagery.composite import Channel
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.stretch import Stretch, Tone, tone_of

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

_MAX_COLLAR_BANDS = 16
_MAX_TONES = 64  # a stretch that follows the view makes one at every step
_SAMPLE_PIXELS = 1_000_000


class Preview:
    """What a look at some of its pixels tells of a scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._tones: dict[tuple[tuple[object, ...], Stretch], Tone] = {}
        self._lock = threading.Lock()

    @cached_property
    def collar(self) -> Collar | None:
        """The black collar, None where the scene has none or marks its invalid pixels itself."""
        scene = self._scene
        bands = tuple(scene.bands)
        masked = any(mask is not None for mask in scene.inputs(bands).masks)
        if masked or scene.palette is not None or any(band.nodata is not None for band in bands):
            return None
        chosen = bands[:: -(-len(bands) // _MAX_COLLAR_BANDS)]
        arrays = scene.read_arrays(scene.inputs(chosen), scene.levels[-1], None)
        return find_collar(np.stack([arrays[band.index] for band in chosen]))

    def tone(self, channels: Sequence[Channel], stretch: Stretch) -> Tone:
        """Return limits and gamma of a stretch for channels, limits in their own (scaled) unit."""
        if not stretch.needs_pixels:
            return tone_of([np.empty(0, np.float32)] * len(channels), stretch)
        key = (tuple(channel.key for channel in channels), stretch)
        with self._lock:
            known = self._tones.get(key)
        if known is None:
            known = tone_of(self.values(channels, stretch.view), stretch)
            with self._lock:
                self._tones[key] = known
                if len(self._tones) > _MAX_TONES:
                    del self._tones[next(iter(self._tones))]
        return known

    def values(self, channels: Sequence[Channel], view: Bounds | None = None) -> list[NDArray[np.float32]]:
        """Return the valid values of each channel, outside the collar: about a million at most.

        Parameters
        ----------
        channels
            What is computed.
        view
            Rows and columns of the full resolution; None for the whole scene,
            judged on its coarsest level.
        """
        level, bounds = self._sampled(view)
        self._decode_together(channels, level, bounds)
        return [self._valid_values(channel, level, bounds) for channel in channels]

    def _sampled(self, view: Bounds | None) -> tuple[Level, Bounds]:
        """Return the level that a part of the scene is judged on, and the part's rows and columns there."""
        levels = self._scene.levels
        if view is None:
            rows, cols = levels[-1].shape
            return levels[-1], (0, rows, 0, cols)
        found = [(level, _scaled(view, levels[0].shape, level.shape)) for level in levels]
        for level, bounds in found:
            if (bounds[1] - bounds[0]) * (bounds[3] - bounds[2]) <= _SAMPLE_PIXELS:
                return level, bounds
        return found[-1]

    def _decode_together(self, channels: Sequence[Channel], level: Level, bounds: Bounds) -> None:
        """Read what all channels need in one go; one by one, a file of strips would be decoded once for each."""
        bands = {band.index: band for channel in channels for band in channel.bands.values()}
        self._scene.read_arrays(self._scene.inputs(tuple(bands.values())), level, _window(bounds))

    def _valid_values(self, channel: Channel, level: Level, bounds: Bounds) -> NDArray[np.float32]:
        """Return the values of a channel at every valid pixel of a part of a level, outside the collar."""
        scene = self._scene
        inputs = scene.inputs(tuple(channel.bands.values()))
        arrays = scene.read_arrays(inputs, level, _window(bounds))
        values = channel.compute(inputs.physical(arrays))
        valid = ~np.isnan(values)
        collar = None if self.collar is None else self.collar.inside(level.shape, bounds)
        if collar is not None:
            valid &= ~(collar & zero_everywhere([arrays[band.index] for band in inputs.bands]))
        return values[valid]


def _scaled(view: Bounds, full: tuple[int, int], shape: tuple[int, int]) -> Bounds:
    """Return rows and columns of the full resolution as those of a level, at least one pixel, inside the level."""
    found = []
    for start, stop, whole, length in ((*view[:2], full[0], shape[0]), (*view[2:], full[1], shape[1])):
        first = min(max(math.floor(start * length / whole), 0), length - 1)
        found += [first, min(max(math.ceil(stop * length / whole), first + 1), length)]
    return found[0], found[1], found[2], found[3]


def _window(bounds: Bounds) -> tuple[slice, slice]:
    return slice(bounds[0], bounds[1]), slice(bounds[2], bounds[3])

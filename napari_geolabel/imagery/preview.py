"""The coarsest level of a scene as a sample of all its pixels.

Percentiles and collars are judged here.  Where the file's overviews are
averages, the percentiles lie slightly inside those of the full resolution (by
a few per cent of the range): they are estimates, good for showing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.collar import Collar, find_collar, zero_everywhere
from napari_geolabel.imagery.composite import Channel
from napari_geolabel.imagery.stretch import Stretch, Tone, tone_of

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

_MAX_COLLAR_BANDS = 16


class Preview:
    """What the coarsest level tells of a scene; everything is computed once, when first asked for."""

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
        if stretch.method == "fixed" and stretch.gamma != "auto":  # needs no look at the pixels
            return tone_of([np.empty(0, np.float32)] * len(channels), stretch)
        key = (tuple(channel.key for channel in channels), stretch)
        with self._lock:
            known = self._tones.get(key)
        if known is None:
            self._decode_together(channels)
            known = tone_of([self._valid_values(channel) for channel in channels], stretch)
            with self._lock:
                self._tones[key] = known
        return known

    def _decode_together(self, channels: Sequence[Channel]) -> None:
        """Read what all channels need in one go; one by one, a file of strips would be decoded once for each."""
        bands = {band.index: band for channel in channels for band in channel.bands.values()}
        self._scene.read_arrays(self._scene.inputs(tuple(bands.values())), self._scene.levels[-1], None)

    def _valid_values(self, channel: Channel) -> NDArray[np.float32]:
        """Return the values of a channel at every valid pixel, outside the collar."""
        scene, level = self._scene, self._scene.levels[-1]
        inputs = scene.inputs(tuple(channel.bands.values()))
        arrays = scene.read_arrays(inputs, level, None)
        values = channel.compute(inputs.physical(arrays))
        valid = ~np.isnan(values)
        if self.collar is not None:
            zero = zero_everywhere([arrays[band.index] for band in inputs.bands])
            valid &= ~(self.collar.coarse & zero)
        return values[valid]

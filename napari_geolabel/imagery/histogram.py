"""How often each value occurs in the channels of a composite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.composite import Composite, resolve
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Limits, above


@dataclass(frozen=True, kw_only=True, eq=False)
class Histogram:
    """The values of one channel, counted."""

    title: str
    """The channel's text."""

    counts: NDArray[np.int64]
    """How many valid pixels fall between two edges, shape (bins,)."""

    edges: NDArray[np.float64]
    """In the channel's own (scaled) unit, shape (bins + 1,), evenly spaced from its least to its greatest value."""

    limits: Limits
    """What the composite's stretch shows darkest and brightest."""


def histogram(
    scene: Scene, composite: Composite | str, *, view: Bounds | None = None, bins: int = 256
) -> tuple[Histogram, ...]:
    """Return the histogram of each channel of a composite.

    Parameters
    ----------
    scene
        The scene.
    composite
        A composite or its id.
    view
        Rows and columns (first, last + 1, first, last + 1) of the full
        resolution whose pixels are counted, at the first level at which they
        are a million at most; None counts the coarsest level.
    bins
        How many intervals, 1 to 65,536.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    CompositeError
        If the number of intervals makes no sense.
    """
    if not 1 <= bins <= 65_536:
        raise CompositeError(f"{bins} is no number of bins; give 1 to 65536")
    resolved = resolve(scene.composite(composite), scene.bands)
    tone = scene.preview.tone(resolved.channels, resolved.composite.stretch)
    values = scene.preview.values(resolved.channels, view)
    return tuple(
        _histogram(text, each, bins, limits)
        for text, each, limits in zip(resolved.composite.channels, values, tone.limits, strict=True)
    )


def _histogram(title: str, values: NDArray[np.float32], bins: int, limits: Limits) -> Histogram:
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else limits
    counts, edges = np.histogram(finite, bins=bins, range=(low, above(low, high)))
    return Histogram(title=title, counts=counts.astype(np.int64), edges=edges.astype(np.float64), limits=limits)

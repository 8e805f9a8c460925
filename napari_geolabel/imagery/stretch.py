"""Stretches: which values of a channel are shown darkest and brightest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import CompositeError

_MEDIAN_BRIGHTNESS = 0.35
_MAX_GAMMA = 2.5
_MEDIAN_SAMPLE = 100_000

Limits = tuple[float, float]
"""The values that are shown darkest and brightest."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """How the values of a composite's channels become brightness.

    Make one with ``Stretch.percentile`` or ``Stretch.fixed``.
    """

    method: Literal["percentile", "fixed"]
    low: float
    """A percentile of the valid pixels, or a value in the channel's own (scaled) unit."""

    high: float
    """See ``low``."""

    gamma: float | Literal["auto"] = 1.0
    """Brightness = position between the limits to the power of ``1 / gamma``; above 1 brightens.

    ``"auto"`` shows the median pixel at a third of full brightness where it would be
    darker, so that a few clouds do not leave the land black.
    """

    channels: Literal["apart", "together"] = "apart"
    """Whether each channel gets limits of its own, or all share the widest, which keeps colours as they are."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise CompositeError(f"a stretch needs finite numbers, not {self.low} and {self.high}")
        if self.low >= self.high:
            raise CompositeError(f"the stretch's low {self.low} is not below its high {self.high}; swap them")
        if self.gamma != "auto" and not 0 < self.gamma < math.inf:
            raise CompositeError(f"gamma {self.gamma} is not a number above 0; 1 changes nothing")
        if self.method == "percentile" and not (self.low >= 0 and self.high <= 100):
            raise CompositeError(f"percentiles lie between 0 and 100, not {self.low} and {self.high}")

    @classmethod
    def percentile(
        cls,
        low: float = 2.0,
        high: float = 98.0,
        *,
        gamma: float | Literal["auto"] = 1.0,
        channels: Literal["apart", "together"] = "apart",
    ) -> Self:
        """Return a stretch between two percentiles of the valid pixels."""
        return cls(method="percentile", low=low, high=high, gamma=gamma, channels=channels)

    @classmethod
    def fixed(cls, low: float, high: float, *, gamma: float | Literal["auto"] = 1.0) -> Self:
        """Return a stretch between two values, in reflectance where the file tells how to make it."""
        return cls(method="fixed", low=low, high=high, gamma=gamma)


@dataclass(frozen=True)
class Tone:
    """A stretch worked out for the pixels of a scene."""

    limits: tuple[Limits, ...]
    """One pair per channel."""

    gamma: float


def tone_of(values: list[NDArray[Any]], stretch: Stretch) -> Tone:
    """Return what a stretch comes to.

    Parameters
    ----------
    values
        The valid values of each channel, of any shape.
    stretch
        What to make of them.
    """
    limits = [(stretch.low, stretch.high) if stretch.method == "fixed" else _percentiles(v, stretch) for v in values]
    if stretch.channels == "together":
        limits = [(min(low for low, _ in limits), max(high for _, high in limits))] * len(limits)
    gamma = _automatic_gamma(values, limits) if stretch.gamma == "auto" else stretch.gamma
    return Tone(tuple(limits), gamma)


def brightness(values: NDArray[Any], limits: Limits, gamma: float) -> NDArray[np.float64]:
    """Return how bright values are shown, 0 to 1, same shape.

    The result is float32 for float32 values and float64 for others; NaN stays NaN.
    """
    low, high = limits
    share = np.clip((values - values.dtype.type(low)) * values.dtype.type(1 / (high - low)), 0, 1)
    result: NDArray[np.float64] = share if gamma == 1 else share ** values.dtype.type(1 / gamma)
    return result


def _automatic_gamma(values: list[NDArray[Any]], limits: list[Limits]) -> float:
    """Return the gamma that shows the median pixel of all channels at a third of full brightness, 1 to 2.5."""
    sampled = [each.ravel()[:: max(1, each.size // _MEDIAN_SAMPLE)] for each in values]
    shares = [brightness(each, pair, 1) for each, pair in zip(sampled, limits, strict=True) if each.size]
    median = float(np.median(np.concatenate(shares))) if shares else 1.0
    if not 0 < median < 1:
        return 1.0
    return float(np.clip(math.log(median) / math.log(_MEDIAN_BRIGHTNESS), 1.0, _MAX_GAMMA))


def _percentiles(values: NDArray[Any], stretch: Stretch) -> Limits:
    """Return two percentiles; where they are one value, the extremes; where these are, that value and one above."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if finite.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, (stretch.low, stretch.high)))
    if low >= high:
        low, high = float(finite.min()), float(finite.max())
    return (low, high) if low < high else (low, low + 1.0)

"""Stretches: which values of a channel are shown darkest and brightest."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import CompositeError

_MEDIAN_BRIGHTNESS = 0.35
_MAX_GAMMA = 2.5
_MEDIAN_SAMPLE = 100_000
_CURVE_STEPS = 256

Limits = tuple[float, float]
"""The values that are shown darkest and brightest."""

Curve = tuple[float, ...]
"""Brightness, 0 to 1, at even places between the limits; empty for a straight line."""

Method = Literal["percentile", "deviation", "fixed", "equalize"]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """How the values of a composite's channels become brightness.

    Make one with ``Stretch.percentile``, ``Stretch.deviations``, ``Stretch.fixed``,
    ``Stretch.each`` or ``Stretch.equalize``.
    """

    method: Method
    low: float
    """A percentile of the valid pixels, a number of standard deviations from their mean, or a value in the
    channel's own (scaled) unit, by ``method``."""

    high: float
    """See ``low``."""

    gamma: float | Literal["auto"] = 1.0
    """Brightness = position between the limits to the power of ``1 / gamma``; above 1 brightens.

    ``"auto"`` shows the median pixel at a third of full brightness where it would be
    darker, so that a few clouds do not leave the land black.
    """

    channels: Literal["apart", "together"] = "apart"
    """Whether each channel gets limits of its own, or all share the widest, which keeps colours as they are."""

    by_channel: tuple[Limits, ...] = ()
    """Fixed limits of each channel, where they differ; ``low`` and ``high`` are then those of the first."""

    view: tuple[int, int, int, int] | None = None
    """Rows and columns (first, last + 1, first, last + 1) of the full resolution whose pixels are judged;
    None for the whole scene."""

    def __post_init__(self) -> None:
        if not all(math.isfinite(number) for pair in self._pairs for number in pair):
            raise CompositeError(f"a stretch needs finite numbers, not {self.low} and {self.high}")
        if any(low >= high for low, high in self._pairs):
            raise CompositeError(f"the stretch's low {self.low} is not below its high {self.high}; swap them")
        if self.gamma != "auto" and not 0 < self.gamma < math.inf:
            raise CompositeError(f"gamma {self.gamma} is not a number above 0; 1 changes nothing")
        if self.method in ("percentile", "equalize") and not (self.low >= 0 and self.high <= 100):
            raise CompositeError(f"percentiles lie between 0 and 100, not {self.low} and {self.high}")
        if self.by_channel and self.method != "fixed":
            raise CompositeError(f"only a fixed stretch has limits by channel, not {self.method}; use Stretch.each")

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
    def deviations(
        cls,
        count: float = 2.0,
        *,
        gamma: float | Literal["auto"] = 1.0,
        channels: Literal["apart", "together"] = "apart",
    ) -> Self:
        """Return a stretch of so many standard deviations to both sides of the mean of the valid pixels."""
        return cls(method="deviation", low=-count, high=count, gamma=gamma, channels=channels)

    @classmethod
    def fixed(cls, low: float, high: float, *, gamma: float | Literal["auto"] = 1.0) -> Self:
        """Return a stretch between two values, in reflectance where the file tells how to make it."""
        return cls(method="fixed", low=float(low), high=float(high), gamma=gamma)

    @classmethod
    def each(cls, *limits: Limits, gamma: float | Literal["auto"] = 1.0) -> Self:
        """Return a stretch between two values for each channel, in reflectance where the file tells how to make it.

        Raises
        ------
        CompositeError
            If there are none, or a low is not below its high.
        """
        if not limits:
            raise CompositeError("a stretch by channel needs a pair of limits for each channel")
        pairs = tuple((float(low), float(high)) for low, high in limits)
        return cls(method="fixed", low=pairs[0][0], high=pairs[0][1], by_channel=pairs, gamma=gamma)

    @classmethod
    def equalize(
        cls, low: float = 0.0, high: float = 100.0, *, channels: Literal["apart", "together"] = "apart"
    ) -> Self:
        """Return a stretch that gives every brightness as many valid pixels, between two percentiles of them."""
        return cls(method="equalize", low=low, high=high, channels=channels)

    def within(self, view: tuple[int, int, int, int] | None) -> Self:
        """Return the same stretch judged on a part of the scene (see ``view``), or on the whole of it for None."""
        return replace(self, view=view)

    @property
    def needs_pixels(self) -> bool:
        """Whether pixels must be looked at to know what it comes to."""
        return self.method != "fixed" or self.gamma == "auto"

    @property
    def _pairs(self) -> tuple[Limits, ...]:
        return (*self.by_channel, (self.low, self.high))


@dataclass(frozen=True)
class Tone:
    """A stretch worked out for the pixels of a scene."""

    limits: tuple[Limits, ...]
    """One pair per channel."""

    gamma: float
    curves: tuple[Curve, ...] = ()
    """One per channel where brightness is no straight line between the limits; else empty."""

    def curve(self, channel: int) -> Curve:
        """Return the curve of a channel, empty for a straight line."""
        return self.curves[channel] if self.curves else ()


def tone_of(values: list[NDArray[Any]], stretch: Stretch) -> Tone:
    """Return what a stretch comes to.

    Parameters
    ----------
    values
        The valid values of each channel, of any shape.
    stretch
        What to make of them.

    Raises
    ------
    CompositeError
        If the stretch has limits for another number of channels.
    """
    if stretch.by_channel and len(stretch.by_channel) != len(values):
        raise CompositeError(
            f"the stretch has limits for {len(stretch.by_channel)} channels and the composite has {len(values)}; "
            "give a pair for each"
        )
    limits = list(stretch.by_channel) if stretch.by_channel else [_limits(_finite(each), stretch) for each in values]
    if stretch.channels == "together":
        limits = [(min(low for low, _ in limits), max(high for _, high in limits))] * len(limits)
    gamma = _automatic_gamma(values, limits) if stretch.gamma == "auto" else stretch.gamma
    return Tone(tuple(limits), gamma, _curves(values, limits, stretch) if stretch.method == "equalize" else ())


def above(low: float, high: float) -> float:
    """Return the upper limit, or where it is not above the lower one a number that is."""
    return high if low < high else max(low + 1.0, low + abs(low) * 1e-6)  # 1 more than a huge number is the same


def brightness(values: NDArray[Any], limits: Limits, gamma: float, curve: Curve = ()) -> NDArray[np.float64]:
    """Return how bright values are shown, 0 to 1, same shape.

    The result is float32 for float32 values and float64 for others; NaN stays NaN.
    """
    low, high = limits
    share = np.clip((values - values.dtype.type(low)) * values.dtype.type(1 / (high - low)), 0, 1)
    if curve:
        share = np.interp(share, np.linspace(0, 1, len(curve)), curve).astype(share.dtype)
    result: NDArray[np.float64] = share if gamma == 1 else share ** values.dtype.type(1 / gamma)
    return result


def _curves(values: list[NDArray[Any]], limits: list[Limits], stretch: Stretch) -> tuple[Curve, ...]:
    """Return the share of values below each of even places between the limits, for each channel."""
    if stretch.channels == "together":  # one curve for all, or colours would shift
        pooled = np.concatenate([_finite(each).ravel() for each in values])
        return (_curve(pooled, limits[0]),) * len(limits)
    return tuple(_curve(_finite(each), pair) for each, pair in zip(values, limits, strict=True))


def _curve(values: NDArray[Any], limits: Limits) -> Curve:
    # in float32 there is no room for as many edges between two values that are nearly the same
    counts, _ = np.histogram(values.astype(np.float64), bins=_CURVE_STEPS, range=limits)
    below = np.concatenate([[0], np.cumsum(counts)])
    return tuple((below / below[-1]).tolist()) if below[-1] else ()


def _automatic_gamma(values: list[NDArray[Any]], limits: list[Limits]) -> float:
    """Return the gamma that shows the median pixel of all channels at a third of full brightness, 1 to 2.5."""
    sampled = [each.ravel()[:: max(1, each.size // _MEDIAN_SAMPLE)] for each in values]
    shares = [brightness(each, pair, 1) for each, pair in zip(sampled, limits, strict=True) if each.size]
    median = float(np.median(np.concatenate(shares))) if shares else 1.0
    if not 0 < median < 1:
        return 1.0
    return float(np.clip(math.log(median) / math.log(_MEDIAN_BRIGHTNESS), 1.0, _MAX_GAMMA))


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values


def _limits(finite: NDArray[Any], stretch: Stretch) -> Limits:
    """Return the limits of one channel; where they are one value, the extremes; where these are, one above."""
    if stretch.method == "fixed":
        return stretch.low, stretch.high
    if finite.size == 0:
        return 0.0, 1.0
    if stretch.method == "deviation":
        mean, std = float(finite.mean(dtype=np.float64)), float(finite.std(dtype=np.float64))
        # beyond the extremes there is nothing that brightness could be spent on
        low = max(mean + stretch.low * std, float(finite.min()))
        high = min(mean + stretch.high * std, float(finite.max()))
    else:
        low, high = (float(value) for value in np.percentile(finite, (stretch.low, stretch.high)))
    if low >= high:
        low, high = float(finite.min()), float(finite.max())
    return low, above(low, high)

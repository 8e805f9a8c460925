"""Curves of spectra on two axes, in the colours of napari's theme."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor

from napari_geolabel.imagery.bands import BandSet
from napari_geolabel.imagery.spectral_axis import SpectralAxis
from napari_geolabel.imagery.spectrum import Spectrum

BAND_ALPHA = 60
"""How much of the spread's colour shows, of 255."""
_HALO_ALPHA = 110
_LEAST_CONTRAST = 1.6
_SYMBOL_PX = 6
_LINE_PX = 2.0
_MARGIN = 0.06  # of the range, around the curves
_MOST_TICKS = 20  # names of bands that find room below the axis


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One spectrum and how it is drawn."""

    spectrum: Spectrum
    color: str | None
    """``#rrggbb``; None is the colour of the theme's text."""

    dashed: bool = False
    """Whether it is what many pixels come to rather than one place."""


class SpectrumPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Plots spectra with their spread.

    The axes grow with what is shown and never shrink by themselves, so that a
    curve that follows the mouse moves on quiet ground; who zooms with the
    mouse has the axes left alone until `fit`.
    """

    def __init__(self, theme: str, bands: BandSet) -> None:
        super().__init__()
        self._curves: dict[str, Curve] = {}
        self._items: dict[str, _Drawn] = {}
        self._reach: tuple[float, float] | None = None
        self._is_free = True
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, 6, 12, 7)  # titles of axes hang over their edge by 5
        item.showGrid(x=True, y=True, alpha=0.15)
        item.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
        self.setMinimumSize(240, 120)
        self.use_theme(theme)
        self.use_bands(bands)

    @property
    def axis(self) -> SpectralAxis:
        """Where bands stand."""
        return self._axis

    @property
    def curves(self) -> dict[str, Curve]:
        """What is shown, by the key it was put with."""
        return dict(self._curves)

    def use_bands(self, bands: BandSet) -> None:
        """Plot the bands of another scene, or the same under other names; what was shown goes."""
        for key in list(self._curves):
            self.drop(key)
        self._axis = SpectralAxis.of(bands)
        bottom = self.getPlotItem().getAxis("bottom")
        named = [(place, self._axis.names[index]) for index, place in self._axis.places.items()]
        bottom.setTicks(None if self._axis.by_wavelength or len(named) > _MOST_TICKS else [named])
        self.setLabel("bottom", self._axis.title)
        self.setLabel("left", self._axis.value)
        for name in ("bottom", "left"):
            self.getPlotItem().getAxis(name).enableAutoSIPrefix(False)  # 0.05 is no 50 milli
        self.fit()

    def use_theme(self, theme: str) -> None:
        """Draw in the colours of another of napari's themes."""
        from napari.utils.theme import get_theme

        colors = get_theme(theme)
        self._text = QColor(colors.text.as_hex())
        self._ground = QColor(colors.canvas.as_hex() if theme == "light" else colors.background.as_hex())
        self.setBackground(self._ground)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(QColor(self._text))
            axis.setTextPen(QColor(self._text))
        for key, curve in self.curves.items():
            self.put(key, curve)

    def put(self, key: str, curve: Curve) -> None:
        """Show a curve, instead of that of the same key."""
        if key in self._curves and self._curves[key].color != curve.color:
            self.drop(key)
        self._curves[key] = curve
        if key not in self._items:
            self._items[key] = _Drawn(self.getPlotItem(), is_above=not curve.dashed)
        color = QColor(self._text) if curve.color is None else QColor(curve.color)
        halo = self._text if contrast(color, self._ground) < _LEAST_CONTRAST else None
        self._items[key].draw(self._axis.points(curve.spectrum), color, halo, is_dashed=curve.dashed)
        self._grow(self._span([curve]))

    def line(self, key: str) -> pg.PlotDataItem:
        """Return the line of a curve that is shown, for a legend."""
        return self._items[key].line

    def drop(self, key: str) -> None:
        """Show a curve no more; one that is not shown is passed over."""
        if self._curves.pop(key, None) is not None:
            self._items.pop(key).remove(self.getPlotItem())

    def fit(self) -> None:
        """Bring all curves into view, and let the axes grow with them again."""
        self._is_free = True
        self._reach = None
        places = sorted(self._axis.places.values()) or [0.0, 1.0]
        self.setXRange(places[0], max(places[-1], places[0] + 1e-6), padding=_MARGIN)
        self._grow(self._span(self._curves.values()))

    def _span(self, curves: Iterable[Curve]) -> tuple[float, float] | None:
        """Return the least and greatest value with spread, None where there are none."""
        points = [point for curve in curves for point in self._axis.points(curve.spectrum)]
        if not points:
            return None
        return min(mean - std for _, mean, std in points), max(mean + std for _, mean, std in points)

    def _grow(self, span: tuple[float, float] | None) -> None:
        if span is None or not self._is_free:
            return
        low, high = span
        if self._reach is not None:
            low, high = min(low, self._reach[0]), max(high, self._reach[1])
        elif self._axis.value == "Reflectance":
            low = min(low, 0.0)
        if (low, high) != self._reach:
            self._reach = low, high
            self.setYRange(low, max(high, low + 1e-9), padding=_MARGIN)

    def _on_zoomed(self, _axes: object) -> None:
        self._is_free = False


class _Drawn:
    """The parts of one curve in a plot: a line with its points, and the band of its spread."""

    def __init__(self, plot: pg.PlotItem, *, is_above: bool) -> None:
        self.line = pg.PlotDataItem(symbol="o", symbolSize=_SYMBOL_PX)
        self.low, self.high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.spread = pg.FillBetweenItem(self.low, self.high)
        self.line.setZValue(10 if is_above else 5)
        self.spread.setZValue(-5)
        for part in (self.spread, self.line):
            plot.addItem(part)

    def draw(
        self, points: list[tuple[float, float, float]], color: QColor, halo: QColor | None, *, is_dashed: bool
    ) -> None:
        x, mean, std = np.array(points, np.float64).reshape(-1, 3).T
        style = Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine
        self.line.setData(x, mean)
        self.line.setPen(pg.mkPen(color, width=_LINE_PX, style=style))
        self.line.setShadowPen(None if halo is None else pg.mkPen(_faint(halo, _HALO_ALPHA), width=_LINE_PX + 2))
        self.line.setSymbolBrush(color)
        self.line.setSymbolPen(color if halo is None else halo)
        has_spread = bool(std.any())
        self.spread.setVisible(has_spread)
        if has_spread:
            self.low.setData(x, mean - std)
            self.high.setData(x, mean + std)
            self.spread.setBrush(_faint(color, BAND_ALPHA))

    def remove(self, plot: pg.PlotItem) -> None:
        for part in (self.spread, self.line):
            plot.removeItem(part)


def contrast(one: QColor, other: QColor) -> float:
    """Return the ratio of the luminances of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    parts = (float(color.redF()), float(color.greenF()), float(color.blueF()))
    linear: list[float] = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _faint(color: QColor, alpha: int) -> QColor:
    faint = QColor(color)
    faint.setAlpha(alpha)
    return faint

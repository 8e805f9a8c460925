"""A histogram of one channel with the limits of its stretch below, to be dragged or typed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPalette, QWheelEvent
from qtpy.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QGridLayout, QSizePolicy, QWidget
from superqt import QDoubleRangeSlider
from superqt.utils import signals_blocked

from napari_geolabel.imagery.histogram import Histogram
from napari_geolabel.imagery.stretch import Limits
from napari_geolabel.widgets.parts import set_tooltip, set_width

CHANNEL_COLORS = ("#e05252", "#4caf50", "#4a90e2")
"""What red, green and blue are painted in; a single channel is painted in the text's colour."""

_HEIGHT_PX = 34
_HANDLE_PX = 9  # half a handle of the slider: its groove begins so far from the edge
_BOX_PX = 46
_RARE = 0.0005  # share of pixels on both sides that the range may leave out
_MARGIN = 0.05


class Bars(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Paints counts as bars; what lies outside the limits is paler."""

    def __init__(self) -> None:
        super().__init__()
        self._shares: NDArray[np.float64] = np.zeros(0)
        self._places: NDArray[np.float64] = np.zeros(1)
        self._limits: Limits = (0.0, 1.0)
        self.color: QColor | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the height that is needed; Qt calls this."""
        return QSize(0, _HEIGHT_PX)

    def show_counts(self, counts: NDArray[np.int64], edges: NDArray[np.float64], span: Limits) -> None:
        """Show counts between edges, over a range of values."""
        roots = np.sqrt(counts)  # rare values are seen beside frequent ones
        self._places = (edges - span[0]) / (span[1] - span[0])
        seen = roots[(self._places[1:] > 0) & (self._places[:-1] < 1)]
        self._shares = np.minimum(roots / (seen.max() if seen.size and seen.max() else 1.0), 1.0)
        self.update()

    def show_limits(self, limits: Limits) -> None:
        """Show limits, as shares of the range."""
        self._limits = limits
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Paint; Qt calls this."""
        painter = QPainter(self)
        strong = QColor(self.color or self.palette().color(QPalette.ColorRole.Text))
        pale = QColor(strong)
        pale.setAlphaF(0.35)
        heights = columns(self._shares, self._places, self.width() - 2 * _HANDLE_PX)
        low, high = (limit * len(heights) for limit in self._limits)
        for x, share in enumerate(heights.tolist()):
            tall = round(share * self.height())
            painter.fillRect(_HANDLE_PX + x, self.height() - tall, 1, tall, strong if low <= x + 0.5 <= high else pale)
        painter.end()


class LimitSlider(QDoubleRangeSlider):  # type: ignore[misc]  # superqt's sliders have no types
    """A slider with two handles, which the wheel does not move: it scrolls the panel around."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        """Leave the wheel to the panel; Qt calls this."""
        event.ignore()


def columns(shares: NDArray[np.float64], places: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the height of each column of pixels: that of the highest bar in it.

    Parameters
    ----------
    shares
        Heights of bars, 0 to 1.
    places
        Where they begin and end, one more than there are bars; 0 is the left and 1 the right edge.
    width
        How many columns there are.
    """
    found = np.zeros(max(width, 0))
    starts = np.clip(np.floor(places[:-1] * width), 0, width).astype(int)
    stops = np.clip(np.ceil(places[1:] * width), 0, width).astype(int)
    for start, stop, share in zip(starts.tolist(), stops.tolist(), shares.tolist(), strict=True):
        found[start:stop] = np.maximum(found[start:stop], share)
    return found


class HistogramView(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The values of a channel and the two limits; a drag tries them, letting go or typing keeps them."""

    tried = Signal(float, float)
    """Emitted with limits while a handle is dragged."""
    kept = Signal(float, float)
    """Emitted with limits when a handle is let go, or a number was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._span: Limits = (0.0, 1.0)
        self._histogram: Histogram | None = None
        self.bars = Bars()
        self.slider = LimitSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.low, self.high = _box(), _box()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(1)
        grid.addWidget(self.low, 0, 0, 2, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.bars, 0, 1)
        grid.addWidget(self.slider, 1, 1)
        grid.addWidget(self.high, 0, 2, 2, 1, Qt.AlignmentFlag.AlignBottom)
        self.slider.valueChanged.connect(self._on_slide)
        self.slider.sliderReleased.connect(self._on_release)
        self.low.editingFinished.connect(self._on_typed)
        self.high.editingFinished.connect(self._on_typed)

    def show_histogram(self, histogram: Histogram, color: str | None = None) -> None:
        """Show the values of a channel, in a colour, and its present limits."""
        self.bars.color = None if color is None else QColor(color)
        self._histogram = histogram
        set_tooltip(self, f"Values of {histogram.title}. Drag a handle: darker to the right, brighter to the left.")
        self._show_span(span_of(histogram))
        self.show_limits(histogram.limits)

    def show_limits(self, limits: Limits) -> None:
        """Show other limits; nothing is emitted."""
        widened = min(self._span[0], limits[0]), max(self._span[1], limits[1])
        if widened != self._span:  # typed, or of a stretch that leaves most pixels out
            self._show_span(widened)
        with signals_blocked(self.slider), signals_blocked(self.low), signals_blocked(self.high):
            self.slider.setRange(*self._span)
            self.slider.setValue(limits)
            self.low.setValue(limits[0])
            self.high.setValue(limits[1])
        self._mark(limits)

    @property
    def limits(self) -> Limits:
        """The limits as they stand on the slider."""
        low, high = self.slider.value()
        return float(low), float(high)

    def _show_span(self, span: Limits) -> None:
        self._span = span
        for box in (self.low, self.high):
            box.setDecimals(_decimals(span))
        if self._histogram is not None:
            self.bars.show_counts(self._histogram.counts, self._histogram.edges, span)

    def _mark(self, limits: Limits) -> None:
        low, high = self._span
        self.bars.show_limits(((limits[0] - low) / (high - low), (limits[1] - low) / (high - low)))

    def _on_slide(self, limits: Limits) -> None:
        low, high = limits
        self.low.setValue(low)
        self.high.setValue(high)
        self._mark((low, high))
        if low < high:
            self.tried.emit(low, high)

    def _on_release(self) -> None:
        low, high = self.limits
        if low < high:
            self.kept.emit(low, high)

    def _on_typed(self) -> None:
        low, high = self.low.value(), self.high.value()
        step = 10.0 ** -self.low.decimals()
        changed = max(abs(low - self.limits[0]), abs(high - self.limits[1])) > step / 2
        if changed and low < high:
            self.kept.emit(low, high)
        elif changed:
            self.show_limits(self.limits)


def span_of(histogram: Histogram) -> Limits:
    """Return the range worth showing: all but the rarest values, and the limits, with a little margin."""
    total = histogram.counts.sum()
    low, high = histogram.limits
    if total:
        share = np.cumsum(histogram.counts) / total
        first, last = np.searchsorted(share, (_RARE, 1 - _RARE))
        low = min(low, float(histogram.edges[first]))
        high = max(high, float(histogram.edges[min(last + 1, len(histogram.edges) - 1)]))
    margin = (high - low) * _MARGIN or 1.0
    return low - margin, high + margin


def _decimals(span: Limits) -> int:
    """Return how many decimals tell a two hundredth of a range."""
    return min(max(0, math.ceil(-math.log10((span[1] - span[0]) / 200))), 6)


def _box() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(-1e9, 1e9)
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    box.setKeyboardTracking(False)
    set_width(box, _BOX_PX)
    return box

"""A histogram whose limits are dragged or typed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import QPoint, Qt

from napari_geolabel.imagery.histogram import Histogram
from napari_geolabel.widgets.histogram_view import HistogramView, columns, span_of


def histogram(counts, low=0.0, high=1.0, limits=(0.2, 0.8)) -> Histogram:
    edges = np.linspace(low, high, len(counts) + 1)
    return Histogram(title="nir", counts=np.array(counts, np.int64), edges=edges, limits=limits)


@pytest.fixture
def view(qtbot) -> HistogramView:
    made = HistogramView()
    qtbot.addWidget(made)
    made.resize(340, 60)
    made.show()
    made.show_histogram(histogram([1, 4, 9, 16, 9, 4, 1, 0, 0, 1]), "#ff0000")
    return made


@pytest.fixture
def said(view) -> list[tuple[str, float, float]]:
    """What the view emitted."""
    told: list[tuple[str, float, float]] = []
    view.tried.connect(lambda low, high: told.append(("tried", low, high)))
    view.kept.connect(lambda low, high: told.append(("kept", low, high)))
    return told


def handle(view, share: float) -> QPoint:
    """The place on the slider's groove of a share of the range between the middles of its end handles."""
    low, high = view.slider.minimum(), view.slider.maximum()
    value = low + share * (high - low)
    return QPoint(round(9 + (value - low) / (high - low) * (view.slider.width() - 18)), view.slider.height() // 2)


def share_of(view, value: float) -> float:
    return (value - view.slider.minimum()) / (view.slider.maximum() - view.slider.minimum())


def test_limits_are_shown_and_showing_them_says_nothing(view, said):
    assert view.limits == pytest.approx((0.2, 0.8))
    assert (view.low.value(), view.high.value()) == pytest.approx((0.2, 0.8))
    view.show_limits((0.3, 0.5))
    assert view.limits == pytest.approx((0.3, 0.5))
    assert said == []


def test_dragging_a_handle_tries_and_letting_go_keeps(view, said, qtbot):
    start, end = handle(view, share_of(view, 0.8)), handle(view, share_of(view, 0.5))
    qtbot.mousePress(view.slider, Qt.MouseButton.LeftButton, pos=start)
    for step in (0.5, 1.0):
        qtbot.mouseMove(view.slider, start + (end - start) * step)
    assert {what for what, _, _ in said} == {"tried"}
    assert view.high.value() == pytest.approx(0.5, abs=0.03)
    qtbot.mouseRelease(view.slider, Qt.MouseButton.LeftButton, pos=end)
    assert said[-1][0] == "kept"
    assert said[-1][1:] == pytest.approx((0.2, 0.5), abs=0.03)


def test_the_wheel_is_left_to_the_panel_around(view, said, qtbot):
    from qtpy.QtCore import QPointF
    from qtpy.QtGui import QWheelEvent
    from qtpy.QtWidgets import QApplication

    middle = QPointF(view.slider.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(view.slider.mapToGlobal(middle.toPoint())),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.slider, event)
    assert view.limits == pytest.approx((0.2, 0.8))
    assert said == []


def test_typing_keeps_and_widens_the_range(view, said, qtbot):
    view.high.setValue(3.0)
    view.high.editingFinished.emit()
    assert said == [("kept", pytest.approx(0.2), 3.0)]
    view.show_limits((0.2, 3.0))
    assert view.limits == pytest.approx((0.2, 3.0))
    assert view.slider.maximum() >= 3.0


def test_leaving_a_number_as_it_was_says_nothing(view, said):
    view.low.editingFinished.emit()
    assert said == []


def test_a_low_above_the_high_is_put_back(view, said):
    view.low.setValue(0.9)
    view.low.editingFinished.emit()
    assert said == []
    assert view.low.value() == pytest.approx(0.2)


def test_bars_stand_at_their_values_paler_outside_the_limits(view):
    view.show_histogram(histogram([100] * 10), "#ff0000")
    image = view.bars.grab().toImage()
    bottom = image.height() - 2
    red = [image.pixelColor(x, bottom).red() - image.pixelColor(x, bottom).blue() for x in range(image.width())]
    width = image.width() - 18
    low, high = view.slider.minimum(), view.slider.maximum()

    def x(value: float) -> int:
        return round(9 + (value - low) / (high - low) * width)

    assert red[x(0.5)] > 200
    assert 20 < red[x(0.1)] < red[x(0.5)]
    assert 20 < red[x(0.9)] < red[x(0.5)]
    assert red[x(-0.04)] < 20


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 300))
def test_no_bar_is_lost_however_narrow(shares, width):
    heights = columns(np.array(shares), np.linspace(0, 1, len(shares) + 1), width)
    assert heights.shape == (width,)
    assert heights.max() == max(shares)
    assert set(heights.tolist()) <= set(shares)


def test_bars_beside_the_range_are_left_out():
    heights = columns(np.array([1.0, 0.5, 1.0]), np.array([-2.0, -1.0, 2.0, 3.0]), 10)
    assert heights.tolist() == [0.5] * 10


def test_the_range_leaves_the_rarest_values_out_but_never_the_limits():
    counts = [10_000] * 10 + [0] * 89 + [1]
    low, high = span_of(histogram(counts, limits=(0.01, 0.09)))
    assert low == pytest.approx(0, abs=0.02)
    assert high < 0.2
    assert span_of(histogram(counts, limits=(0.01, 2.0)))[1] > 2


def test_without_a_valid_pixel_the_limits_are_the_range():
    low, high = span_of(histogram([0, 0, 0], limits=(0.2, 0.6)))
    assert low < 0.2 < 0.6 < high


@pytest.mark.parametrize(("span", "step"), [((0.0, 0.4), 0.001), ((-25.0, 0.0), 0.1), ((0, 30_000), 1)])
def test_numbers_have_as_many_decimals_as_the_range_needs(view, span, step):
    view.show_histogram(histogram([5] * 20, *span, limits=span))
    assert 10.0 ** -view.low.decimals() == pytest.approx(step)

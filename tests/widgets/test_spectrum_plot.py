"""Curves of spectra in a plot, and the list that shows and hides them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor

from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.spectrum import Spectrum
from napari_geolabel.widgets.curve_list import CurveList
from napari_geolabel.widgets.spectrum_plot import Curve, SpectrumPlot, contrast

BANDS = BandSet(
    Band(index=i, name=name, dtype="uint16", scale=1e-4, wavelength_um=um)
    for i, (name, um) in enumerate((("nir", 0.83), ("blue", 0.49), ("red", 0.66)))
)


def curve(*mean, std=0.0, color="#e6399b", **options):
    spectrum = Spectrum(title="here", bands=tuple(BANDS), mean=mean, std=(std,) * 3, count=(1,) * 3)
    return Curve(spectrum=spectrum, color=color, **options)


@pytest.fixture
def plot(qtbot):
    made = SpectrumPlot("dark", BANDS)
    qtbot.addWidget(made)
    return made


def drawn(plot, key):
    """Return what is drawn of a curve: x and y of its points."""
    return [list(values) for values in plot.line(key).getData()]


def y_range(plot):
    return plot.getPlotItem().getViewBox().viewRange()[1]


def test_points_are_drawn_by_wavelength_and_axes_say_what_they_are(plot):
    plot.put("a", curve(0.3, 0.1, 0.2))
    assert drawn(plot, "a") == [[0.49, 0.66, 0.83], [0.1, 0.2, 0.3]]
    assert plot.getPlotItem().getAxis("bottom").labelText == "Wavelength in µm"
    assert plot.getPlotItem().getAxis("left").labelText == "Reflectance"


def test_what_holds_no_data_leaves_no_point_and_nothing_at_all_no_curve(plot):
    plot.put("a", curve(0.3, math.nan, 0.2))
    assert drawn(plot, "a")[0] == [0.66, 0.83]
    plot.put("a", curve(math.nan, math.nan, math.nan))
    x, _ = plot.line("a").getData()
    assert not (x is not None and len(x))


def test_the_spread_is_drawn_to_both_sides_and_only_where_there_is_one(plot):
    plot.put("a", curve(0.3, 0.1, 0.2, std=0.05))
    parts = plot._items["a"]
    assert parts.spread.isVisible()
    assert np.allclose(parts.low.getData()[1], [0.05, 0.15, 0.25])
    assert np.allclose(parts.high.getData()[1], [0.15, 0.25, 0.35])
    plot.put("b", curve(0.3, 0.1, 0.2))
    assert not plot._items["b"].spread.isVisible()


def test_axes_grow_with_what_is_shown_and_stay_until_they_are_fitted(plot):
    plot.put("a", curve(0.3, 0.1, 0.2))
    low, high = y_range(plot)
    assert low <= 0, "reflectance is seen from 0"
    assert high > 0.3
    plot.put("a", curve(0.9, 0.8, 0.9))
    grown = y_range(plot)
    assert grown[1] > 0.9
    plot.put("a", curve(0.3, 0.1, 0.2))
    assert y_range(plot) == grown
    plot.fit()
    assert y_range(plot) == [low, high]


def test_who_zooms_is_left_alone(plot):
    plot.put("a", curve(0.3, 0.1, 0.2))
    plot.getPlotItem().getViewBox().sigRangeChangedManually.emit([True, True])
    plot.setYRange(0.1, 0.2, padding=0)
    plot.put("a", curve(0.9, 0.8, 0.9))
    assert y_range(plot) == [0.1, 0.2]


def test_dropped_curves_are_gone_from_the_picture(plot):
    before = len(plot.getPlotItem().items)
    plot.put("a", curve(0.3, 0.1, 0.2))
    plot.drop("a")
    plot.drop("never there")
    assert not plot.curves
    assert len(plot.getPlotItem().items) == before


def test_other_bands_begin_with_an_empty_plot(plot):
    plot.put("a", curve(0.3, 0.1, 0.2))
    plot.use_bands(BandSet(Band(index=i, name=f"b{i}", dtype="uint8") for i in range(3)))
    assert not plot.curves
    assert plot.getPlotItem().getAxis("left").labelText == "Stored value"
    ticks = plot.getPlotItem().getAxis("bottom")._tickLevels
    assert ticks == [[(1.0, "b0"), (2.0, "b1"), (3.0, "b2")]]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axes_and_the_pixel_under_the_mouse_are_legible_in_the_theme(plot, theme):
    plot.put("cursor", curve(0.3, 0.1, 0.2, color=None))
    plot.use_theme(theme)
    ground = plot.backgroundBrush().color()
    assert contrast(plot.getPlotItem().getAxis("left").textPen().color(), ground) > 7
    line = plot.line("cursor").opts["pen"].color()
    assert contrast(line, ground) > 7


def test_a_colour_as_the_ground_gets_a_rim(plot):
    plot.use_theme("light")
    plot.put("cloud", curve(0.8, 0.8, 0.8, color="#ffffff", dashed=True))
    plot.put("ship", curve(0.2, 0.1, 0.2, color="#d55e00"))
    assert plot.line("cloud").opts["shadowPen"] is not None
    assert plot.line("ship").opts["shadowPen"] is None
    assert plot.line("cloud").opts["pen"].style() == Qt.PenStyle.DashLine


@given(*[st.tuples(*[st.integers(0, 255)] * 3)] * 2)
def test_contrast_is_symmetric_and_between_1_and_21(one, other):
    found = contrast(QColor(*one), QColor(*other))
    assert found == pytest.approx(contrast(QColor(*other), QColor(*one)))
    assert 1 <= found <= 21.001
    assert contrast(QColor(0, 0, 0), QColor(255, 255, 255)) == pytest.approx(21, abs=1e-6)


@pytest.fixture
def curves(qtbot):
    made = CurveList()
    qtbot.addWidget(made)
    made.put("cursor", "under the mouse", "#ffffff")
    made.put("pin:1", "pin 1", "#e6399b", editable=True)
    return made


def test_rows_keep_their_order_and_box_when_they_are_put_again(curves):
    curves.item(0).setCheckState(Qt.CheckState.Unchecked)
    curves.put("cursor", "under the mouse", "#000000")
    assert curves.keys == ["cursor", "pin:1"]
    assert not curves.is_shown("cursor")
    assert curves.is_shown("pin:1")
    assert not curves.is_shown("never there")
    curves.drop("cursor")
    curves.drop("cursor")
    assert curves.keys == ["pin:1"]


def test_a_box_tells_what_is_to_be_shown_and_a_name_what_was_typed(curves, qtbot):
    toggled, renamed = [], []
    curves.toggled.connect(lambda *told: toggled.append(told))
    curves.renamed.connect(lambda *told: renamed.append(told))
    curves.item(1).setCheckState(Qt.CheckState.Unchecked)
    curves.item(1).setText("quay")
    assert toggled == [("pin:1", False)]
    assert renamed == [("pin:1", "quay")]
    curves.put("pin:1", "quay", "#e6399b", editable=True)
    assert len(toggled) == len(renamed) == 1, "what the program writes is no wish"


def test_only_pins_may_be_renamed(curves):
    editable = Qt.ItemFlag.ItemIsEditable
    assert not curves.item(0).flags() & editable
    assert curves.item(1).flags() & editable
    curves.setCurrentRow(1)
    assert curves.current == "pin:1"

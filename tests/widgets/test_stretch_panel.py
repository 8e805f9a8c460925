"""How the composite on screen is stretched, from a panel."""

from __future__ import annotations

import pytest
from qtpy.QtTest import QTest

from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.widgets import stretch_panel as room
from napari_geolabel.widgets.stretch_panel import METHODS, VIEW, WHOLE, StretchPanel


@pytest.fixture
def panel(session, qtbot):
    made = StretchPanel(session)
    qtbot.addWidget(made)
    session.scenes.changed.connect(made.show_stretch)
    made.show()
    made.show_stretch()
    yield made
    made.close_jobs()


def choose(box, text: str) -> None:
    """Do what a person does who chooses in a box."""
    box.setCurrentText(text)
    box.textActivated.emit(text)


def type_in(box, value: float) -> None:
    box.setValue(value)
    box.editingFinished.emit()


def stretch(session) -> Stretch:
    return session.composites.shown.stretch


def test_the_present_stretch_is_shown(panel, session):
    assert panel.method.currentText() == METHODS["percentile"]
    assert (panel.low.value(), panel.high.value()) == (0.5, 99.5)
    assert panel.automatic.isChecked()
    assert panel.gamma.value() == pytest.approx(session.composites.gamma, abs=0.05)
    assert panel.part.currentText() == WHOLE


def test_percentiles_are_typed_and_reset(panel, session):
    type_in(panel.low, 5)
    assert session.composites.percentiles == (5, 99.5)
    assert stretch(session).gamma == "auto"
    panel.reset.click()
    assert (panel.low.value(), panel.high.value()) == (0.5, 99.5)


@pytest.mark.parametrize("method", ["deviation", "equalize", "fixed"])
def test_methods_are_chosen_and_show_what_they_need(panel, session, method):
    limits = session.composites.limits
    choose(panel.method, METHODS[method])
    assert stretch(session).method == method
    assert panel.low.isVisible() is False
    assert panel.count.isVisible() is (method == "deviation")
    if method == "fixed":
        assert session.composites.limits == limits
    choose(panel.method, METHODS["percentile"])
    assert stretch(session).method == "percentile"
    assert panel.low.isVisible()


def test_choosing_what_is_chosen_changes_nothing(panel, session):
    type_in(panel.low, 5)
    choose(panel.method, METHODS["percentile"])
    assert stretch(session).low == 5


def test_deviations_are_typed(panel, session):
    choose(panel.method, METHODS["deviation"])
    type_in(panel.count, 1.5)
    assert (stretch(session).low, stretch(session).high) == (-1.5, 1.5)


def test_channels_share_their_limits_when_together(panel, session):
    choose(panel.method, METHODS["deviation"])
    choose(panel.channels, "channels together")
    assert stretch(session).channels == "together"
    assert len(set(session.composites.limits)) == 1
    choose(panel.method, METHODS["percentile"])
    assert stretch(session).channels == "together"
    choose(panel.channels, "each channel")
    assert stretch(session).channels == "apart"


def test_fixed_limits_are_put_together_at_the_widest(panel, session):
    session.composites.use_limits((10, 90), (20, 200), (5, 100))
    choose(panel.channels, "channels together")
    assert session.composites.limits == ((5, 200),) * 3
    panel.histograms[1].kept.emit(30, 120)
    assert session.composites.limits == ((30, 120),) * 3
    choose(panel.channels, "each channel")
    panel.histograms[1].kept.emit(40, 130)
    assert session.composites.limits == ((30, 120), (40, 130), (30, 120))


def test_gamma_is_typed_or_left_to_the_pixels(panel, session):
    type_in(panel.gamma, 2.2)
    assert stretch(session).gamma == pytest.approx(2.2)
    assert not panel.automatic.isChecked()
    panel.automatic.click()
    assert stretch(session).gamma == "auto"
    panel.automatic.click()
    assert stretch(session).gamma != "auto"


def test_the_present_view_is_judged_each_time_it_is_chosen(panel, session, monkeypatch):
    views = iter([(0, 100, 0, 100), (200, 300, 200, 300)])
    monkeypatch.setattr(room, "current_view", lambda viewer, layer: next(views))
    choose(panel.part, VIEW)
    assert stretch(session).view == (0, 100, 0, 100)
    choose(panel.part, VIEW)
    assert stretch(session).view == (200, 300, 200, 300)
    assert panel.part.currentText() == VIEW
    choose(panel.part, WHOLE)
    assert stretch(session).view is None


def test_with_nothing_in_view_it_stays_and_that_is_told(panel, session, told):
    choose(panel.part, VIEW)
    assert told == ["nothing of the scene is in view; move there first"]
    assert panel.part.currentText() == WHOLE


def test_histograms_come_for_each_channel_and_once(panel, session, qtbot):
    qtbot.waitUntil(lambda: panel.histograms[2].bars._shares.size == 256)
    assert [view.isVisible() for view in panel.histograms] == [True] * 3
    for view, limits in zip(panel.histograms, session.composites.limits, strict=True):
        assert view.limits == pytest.approx(limits)
    session.composite = "ndvi"
    qtbot.waitUntil(lambda: panel.histograms[0].bars.color is None)
    assert [view.isVisible() for view in panel.histograms] == [True, False, False]
    assert not panel.channels.isVisible()


def test_a_panel_that_nobody_sees_counts_nothing(session, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(type(session.composites), "histogram", lambda *a, **k: asked.append(1))
    hidden = StretchPanel(session)
    qtbot.addWidget(hidden)
    hidden.show_stretch()
    hidden.close_jobs()
    assert asked == []


def test_trying_limits_shows_them_and_keeping_keeps_them(panel, session, qtbot):
    from napari_geolabel.viewer.composites import Composites

    before = session.composites.limits
    panel.histograms[0].tried.emit(10, 60)
    panel.histograms[0].tried.emit(10, 50)
    qtbot.waitUntil(lambda: session.composites.limits[0] == (10, 50))
    assert session.composites.limits[1:] == before[1:]

    def kept():
        again = Composites(session.scene, session.scene_layer)
        return again["true_color"].stretch

    assert kept().method == "percentile"
    panel.histograms[0].kept.emit(10, 50)
    assert kept().by_channel[0] == (10, 50)


def test_a_drag_that_is_over_is_not_tried_again(panel, session):
    panel.histograms[0].tried.emit(10, 60)
    panel.histograms[0].kept.emit(10, 55)
    QTest.qWait(0)
    assert session.composites.limits[0] == (10, 55)


def test_an_index_between_fixed_values_offers_its_limits(panel, session):
    session.composite = "ndvi"
    assert panel.method.currentText() in METHODS.values()
    panel.histograms[0].kept.emit(-0.5, 0.75)
    assert session.composites.limits == ((-0.5, 0.75),)
    assert panel.method.currentText() == METHODS["fixed"]
    assert session.composites["true_color"].stretch.method == "percentile"

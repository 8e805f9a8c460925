"""The composites of the selected scene in one panel: list, thumbnails, stretch, bands."""

from __future__ import annotations

import gc
import weakref

import pytest
from qtpy.QtCore import QCoreApplication, QEvent

from napari_geolabel.imagery.composite import Composite
from napari_geolabel.widgets import composite_panel as room
from napari_geolabel.widgets.composite_panel import CompositePanel


@pytest.fixture
def panel(session, qtbot):
    made = CompositePanel(session)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def wanted(panel, monkeypatch) -> list[tuple[object, list[str]]]:
    """What thumbnails were asked for: the view, and the ids."""
    asked: list[tuple[object, list[str]]] = []
    monkeypatch.setattr(
        panel.thumbnails, "want", lambda scene, view, composites: asked.append((view, [c.id for c in composites]))
    )
    return asked


def is_marked(panel, composite_id: str) -> bool:
    return panel.list.tree.currentItem() is panel.list.rows[composite_id]


def test_the_list_has_what_the_scene_can_show_with_the_current_one_marked(panel, session):
    can = {id_ for id_, row in panel.list.rows.items() if not row.isDisabled()}
    assert can == {*session.composites, *session.composites.indices}
    assert is_marked(panel, "true_color")


def test_a_click_switches_in_place(panel, session):
    panel.list.tree.itemClicked.emit(panel.list.rows["savi"], 0)
    assert session.composite == "savi"
    assert is_marked(panel, "savi")


def test_a_key_moves_the_mark(panel, session):
    session.next_composite()
    assert is_marked(panel, session.composites.steps[1])


def test_a_star_makes_a_favourite_and_takes_it_back(panel, session):
    panel.list.tree.itemClicked.emit(panel.list.rows["savi"], 1)
    assert session.composites.favourites[-1] == "savi"
    assert panel.list.rows["savi"].text(1) == f"★ {len(session.composites.steps)}"
    assert session.composite == "true_color"
    panel.list.tree.itemClicked.emit(panel.list.rows["savi"], 1)
    assert "savi" not in session.composites.favourites
    assert panel.list.rows["savi"].text(1) == "☆"


def test_a_composite_of_ones_own_appears_at_once_and_goes(panel, session):
    session.composites.add(Composite(id="mine", title="Mine", channels=("nir", "nir", "blue")))
    session.composite = "mine"
    assert is_marked(panel, "mine")
    session.composite = "true_color"
    session.composites.remove("mine")
    assert "mine" not in panel.list.rows


def test_a_band_or_an_expression_becomes_a_layer(panel, session, viewer):
    panel.bands.choice.setCurrentText("nir")
    panel.bands.button.click()
    panel.bands.choice.setCurrentText(" nir - red ")
    panel.bands.button.click()
    assert {"scene · nir", "scene · nir - red"} <= {layer.name for layer in viewer.layers}


def test_what_is_no_band_is_told(panel, told, viewer):
    before = len(viewer.layers)
    panel.bands.choice.setCurrentText("thermal")
    panel.bands.button.click()
    assert len(told) == 1
    assert len(viewer.layers) == before


def test_pictures_are_asked_for_the_rows_in_sight_once_the_panel_is_seen(panel, wanted, qtbot, monkeypatch):
    monkeypatch.setattr(room, "current_view", lambda viewer, layer: (1, 2, 3, 4))
    panel._on_rest()
    assert wanted == []
    panel.resize(350, 800)
    panel.show()
    qtbot.waitUntil(lambda: bool(wanted))
    view, ids = wanted[-1]
    assert view == (1, 2, 3, 4)
    assert ids == panel.list.in_sight
    assert "true_color" in ids


def test_pictures_follow_the_view_when_it_rests_and_the_search(panel, session, wanted, qtbot):
    panel.show()
    qtbot.waitUntil(lambda: bool(wanted))
    wanted.clear()
    session.viewer.scene.camera.center = (0, 50, 60)
    session.viewer.scene.camera.zoom = 7
    qtbot.waitUntil(lambda: bool(wanted))
    panel.list.search.setText("savi")
    qtbot.waitUntil(lambda: "savi" in wanted[-1][1] and "true_color" not in wanted[-1][1])


def test_pictures_arrive_in_the_list(panel, qtbot):
    panel.resize(350, 800)
    panel.show()
    item = panel.list.rows["true_color"]

    def color():
        return item.icon(0).pixmap(64, 44).toImage().pixelColor(20, 20)

    qtbot.waitUntil(lambda: color().alpha() == 255)


def test_when_the_session_ends_nothing_more_is_made(panel, session, wanted, qtbot):
    panel.show()
    qtbot.waitUntil(lambda: bool(wanted))
    session.close()
    wanted.clear()
    session.viewer.scene.camera.zoom = 3
    assert not panel._rest.isActive()
    assert wanted == []


def test_a_panel_that_is_gone_is_freed_while_the_session_goes_on(session, qtbot):
    made = CompositePanel(session)
    made.show()
    gone = weakref.ref(made)
    made.deleteLater()
    del made
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
    session.next_composite()
    session.composites.toggle_favourite("savi")
    session.viewer.scene.camera.zoom = 3
    session.close()

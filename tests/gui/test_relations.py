"""Relations and groups in a real window: chosen with the mouse, linked by buttons and keys, taken back by name."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.widgets.labels_panel import LabelsPanel
from napari_geolabel.widgets.link_panel import LinkPanel
from napari_geolabel.widgets.panels import Panels


@pytest.fixture
def ships(session, mouse):
    """Two ships side by side and a third below, in sight."""
    boxes = [shapely.box(100, 100, 130, 112), shapely.box(150, 100, 180, 112), shapely.box(100, 150, 130, 162)]
    made = [session.labels.add(box, "ship", kind="box").id for box in boxes]
    mouse.look_at((140, 130), 4)
    return made


@pytest.fixture
def panels(viewer):
    return viewer.window._qt_window.findChild(Panels)


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def linked(session):
    """All links, as ``(number, relation, number)`` in the order of drawing."""
    order = list(session.labels)
    found = ((each, session.labels[each].links) for each in order)
    return [(order.index(one), relation, order.index(other)) for one, links in found for relation, other in links]


def catch(mouse, session, first, last, until):
    """Draw a frame round what shall be selected, as napari's select mode does."""
    session.shapes_layer.mode = "select"
    mouse.drag(first, last)
    until(lambda: len(session.selection.ids) > 0)


def test_two_ships_that_the_mouse_catches_are_linked_turned_round_and_unlinked(
    session, viewer, panels, mouse, press, ships, until, photograph
):
    panel, labels = panels.links, session.labels
    viewer.layers.selection.active = session.shapes_layer
    assert not panel.buttons["link"].isEnabled()
    catch(mouse, session, (90, 90), (190, 120), until)
    assert set(session.selection.ids) == set(ships[:2])

    until(panel.buttons["link"].isEnabled)
    click(panel.buttons["link"])
    assert linked(session) == [(0, "towed_by", 1)]
    assert panel.about.text() == "Ship 1 towed by Ship 2"
    photograph("relations")

    press("Shift+K")
    assert linked(session) == [(1, "towed_by", 0)]
    undo = viewer.window._qt_window.findChild(LabelsPanel).undo
    assert undo.toolTip() == "Undo: link ship: towed by ship  (Ctrl+Z)"
    click(undo)
    assert linked(session) == [(0, "towed_by", 1)]

    click(panel.buttons["unlink"])
    assert linked(session) == []
    assert undo.text().startswith("Undo: unlink")
    press("Ctrl+Z")
    assert linked(session) == [(0, "towed_by", 1)]
    press("Ctrl+Z")
    assert linked(session) == []
    press("Ctrl+Shift+Z")
    assert linked(session) == [(0, "towed_by", 1)]
    assert len(labels) == 3


def test_a_group_is_made_by_key_told_and_taken_apart_and_each_step_has_its_title(
    session, viewer, panels, mouse, press, ships, until
):
    panel, labels = panels.links, session.labels
    viewer.layers.selection.active = session.shapes_layer
    catch(mouse, session, (90, 90), (190, 170), until)
    assert set(session.selection.ids) == set(ships)
    press("Shift+U")
    groups = {labels[each].group for each in ships}
    assert len(groups) == 1
    assert None not in groups
    until(lambda: panel.about.text() == "group of 3")
    assert session.undoing.undo_title == "group 3 annotations"

    mouse.click((115, 156))
    until(lambda: session.selection.ids == [ships[2]])
    click(panel.buttons["ungroup"])
    assert labels[ships[2]].group is None
    assert len(labels.members(labels[ships[0]].group)) == 2
    assert session.undoing.undo_title.startswith("ungroup")

    mouse.click((115, 106))
    until(lambda: session.selection.ids == [ships[0]])
    assert panel.about.text() == "group of 2"
    for _ in range(2):
        press("Ctrl+Z")
    assert {labels[each].group for each in ships} == {None}
    assert session.undoing.redo_title == "group 3 annotations"


def test_what_a_relation_does_not_allow_is_grey_and_says_why(session, viewer, panels, mouse, ships, until):
    panel = panels.links
    viewer.layers.selection.active = session.shapes_layer
    place = panel.relations.findData("wake_of")
    panel.relations.setCurrentIndex(place)
    panel.relations.activated.emit(place)
    catch(mouse, session, (90, 90), (190, 120), until)
    until(lambda: "wake" in panel.buttons["link"].toolTip())
    assert not panel.buttons["link"].isEnabled()
    assert panel.buttons["group"].isEnabled()
    assert linked(session) == []
    assert isinstance(panel, LinkPanel)

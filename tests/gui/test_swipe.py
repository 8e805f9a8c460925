"""A line dragged over the map with a real mouse: one composite left of it, another right, to the pixel."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.swipe import SWIPE_KEY
from napari_geolabel.widgets.swipe_line import SwipeLine


@pytest.fixture
def swipe(session):
    return session.views.swipe


@pytest.fixture
def line(session, viewer) -> SwipeLine:
    (found,) = canvas_of(viewer).findChildren(SwipeLine)
    return found


def canvas_of(viewer) -> Any:
    from napari_geolabel.viewer.gl_guard import canvas_widget

    return canvas_widget(viewer)


def picture_of(viewer):
    """Return what the canvas draws, without the widgets on it."""
    return viewer.screenshot(flash=False)[..., :3].copy()


def drag_line(line, column: int, qapp) -> None:
    """Press the line, move the mouse to a column of the canvas and let go."""
    from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtTest import QTest

    middle = line.rect().center()
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=middle)
    target = line.mapFromParent(QPoint(column, middle.y()))
    held = Qt.MouseButton.LeftButton
    moved = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(target),
        QPointF(line.mapToGlobal(target)),
        held,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    qapp.sendEvent(line, moved)
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=line.rect().center())
    qapp.processEvents()


def assert_split(viewer, column: int, left, right) -> None:
    """Check that the picture is one left of a column of the screen, and another right of it, to the last pixel."""
    shown = picture_of(viewer)
    np.testing.assert_array_equal(shown[:, :column], left[:, :column])
    np.testing.assert_array_equal(shown[:, column:], right[:, column:])


def test_both_sides_of_the_line_are_exact_wherever_it_is_dragged_and_whatever_the_view(
    session, swipe, line, viewer, mouse, press, photograph, qapp
):
    def pictures():
        """Return what each composite alone looks like here."""
        swipe.stop()
        found = []
        for id_ in ("false_color", "true_color"):
            session.composite = id_
            found.append(picture_of(viewer))
        swipe.show("false_color")
        return found[1], found[0]

    session.composite = "true_color"
    mouse.look_at((300, 320), 2.0)
    order = [layer.name for layer in viewer.layers]
    assert not line.isVisible()
    press("Alt+W")
    assert swipe.is_on
    assert line.isVisible()
    swipe.show("false_color")
    (layer,) = (each for each in viewer.layers if SWIPE_KEY in each.metadata)
    assert viewer.layers.index(layer) < viewer.layers.index(session.shapes_layer)
    # no centre of a screen pixel lies on the edge of a scene's pixel, where two layers may round either way
    for centre, zoom in (((300.1, 320.1), 2.0), ((250.5, 350.25), 7.3), ((310, 300), 0.7)):
        mouse.look_at(centre, zoom)
        left, right = pictures()
        assert (left != right).any()
        camera = viewer.scene.camera.center, viewer.scene.camera.zoom
        for column in (101, canvas_of(viewer).width() - 77, 400):
            drag_line(line, column, qapp)
            assert swipe.column_px == column
            assert line.geometry().center().x() == column
            assert_split(viewer, column, left, right)
        assert (viewer.scene.camera.center, viewer.scene.camera.zoom) == camera
    mouse.look_at((300, 320), 2.0)
    path = photograph("swipe")
    assert path.exists()
    press("Escape")
    assert not swipe.is_on
    assert not line.isVisible()
    np.testing.assert_array_equal(picture_of(viewer), pictures()[0])
    swipe.stop()
    assert [each.name for each in viewer.layers if each is not layer] == order
    assert not layer.visible
    swipe.show("ndvi")
    assert [each for each in viewer.layers if SWIPE_KEY in each.metadata] == [layer]


def test_a_drawing_goes_on_across_the_line_and_labels_lie_on_both_sides(
    session, swipe, line, viewer, labels, mouse, press, until, qapp, photograph
):
    mouse.look_at((300, 320), 2.0)
    session.current_class = "ship"
    press("P")
    mouse.click((250, 300))
    mouse.click((350, 300))
    points = session.toolbox.points.copy()
    press("Alt+W")
    np.testing.assert_array_equal(session.toolbox.points, points)
    assert session.tool == "polygon"
    assert viewer.layers.selection.active is session.shapes_layer
    column = mouse.at((300, 320)).x()
    drag_line(line, column, qapp)
    np.testing.assert_array_equal(session.toolbox.points, points)
    mouse.click((350, 340))
    assert swipe.is_right_used
    press("Alt+Right")  # switches the side that was pressed last
    assert swipe.choice[1] == session.views.composite
    mouse.click((250, 340))
    press("Enter")
    until(lambda: len(labels.store) == 1)
    (drawn,) = labels.store.values()
    assert drawn.kind == Kind.POLYGON
    np.testing.assert_allclose(drawn.geometry.bounds, (250, 300, 350, 340), atol=1)
    assert drawn.provenance.composite == session.composite
    photograph("swipe-drawn")
    color = labels.ontology["ship"].color
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    near = np.abs(picture_of(viewer).astype(int) - rgb).max(axis=2) < 40
    assert near[:, :column].sum() > 50
    assert near[:, column:].sum() > 50
    mouse.click((280, 310))
    press("Escape")  # gives up what is drawn, and only then ends the swipe
    assert swipe.is_on
    press("Escape")
    assert not swipe.is_on
    mouse.click((280, 310))
    press("Escape")
    assert not session.toolbox.is_drawing


def test_another_scene_right_of_the_line_tells_its_own_values(session, swipe, viewer, mouse, until, coast, tmp_path):
    with open_scene(shutil.copy(coast, tmp_path / "later.tif")) as other:
        session.add_scene(other)
        swipe.show((other, "nir"), position=0.25)
        assert swipe.titles[1].startswith(other.name)
        mouse.look_at((300, 320), 2.0)
        mouse.move((320, 320))
        assert swipe.layer_under_mouse is swipe.layer
        until(lambda: f"{swipe.layer.name}: B08" in str(viewer.status.get("coordinates", "")))
        mouse.move((100, 320))
        assert swipe.layer_under_mouse is session.scene_layer
        until(lambda: f"{session.scene_layer.name}: B04" in str(viewer.status.get("coordinates", "")))
        session.remove_scene(other)
        assert not swipe.is_on
        swipe.show()
        assert swipe.choice[0] == session.scene.name
        session.views.show("true_color", "ndvi")
        assert not swipe.is_on
        swipe.show()
        assert len(session.views) == 0


def test_the_panel_swipes_chooses_the_right_side_and_what_cannot_be_shown_is_refused(session, swipe, viewer):
    from napari_geolabel.widgets.views_panel import SWIPE, ViewsPanel

    panel = ViewsPanel(session)
    panel.counts[SWIPE].click()
    assert swipe.is_on
    assert not panel.right.isHidden()
    wanted = (session.scene.name, "ndvi")
    panel.right.setCurrentIndex([panel.right.itemData(i) for i in range(panel.right.count())].index(wanted))
    panel.right.activated.emit(panel.right.currentIndex())
    assert swipe.choice == wanted
    with pytest.raises(GeoLabelError, match="VV"):
        swipe.show("vv_vh")
    assert swipe.choice == wanted
    session.composite = "ndvi"
    assert swipe.titles == (session.composites.shown.title,) * 2
    viewer.window._qt_viewer.canvas.native.resize(500, 400)
    assert swipe.column_px == 250
    panel.counts[1].click()
    assert not swipe.is_on
    assert panel.counts[1].isChecked()


def test_the_key_folds_panes_step_by_step_before_it_swipes_and_pressed_twice_changes_nothing(
    session, swipe, viewer, press, until
):
    from qtpy.QtCore import QTimer

    viewer.layers.selection.active = session.shapes_layer
    session.views.open(4)
    turns, gone, timer = [], [], QTimer()
    timer.timeout.connect(lambda: turns.append(None))
    timer.start()
    viewer.layers.events.removed.connect(lambda _: gone.append(len(turns)))
    press("Alt+W")
    until(lambda: swipe.is_on)
    timer.stop()
    assert len(set(gone)) == len(gone) > 3  # the event loop had its turn after each
    assert len(session.views) == 0
    assert not session.views.is_changing
    press("Alt+W")
    assert not swipe.is_on
    states = []
    swipe.changed.connect(lambda: states.append(swipe.is_on))
    for key in ("Alt+G", "Alt+W", "Alt+W"):
        press(key)
    until(lambda: True in states and not states[-1])
    assert len(session.views) == 0

"""Labelling with a real mouse and real keys: tools, classes, composites, undo, status bar."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.scene_layer import PICTURE_KEY

SHIP = (256.0, 256.0)


def only(labels):
    (annotation,) = labels.store.values()
    return annotation


def test_alt_right_switches_the_composite_and_nothing_else(session, viewer, press, mouse, photograph, wait):
    ship = session.labels.add(shapely.box(200, 200, 300, 260), "ship", kind="box")
    mouse.look_at((250, 230), 3.0)
    session.selection.select([ship.id])
    wait(0.3)  # outlines follow the zoom a moment later
    layers = list(viewer.layers)
    camera = viewer.scene.camera.center, viewer.scene.camera.zoom
    before = viewer.screenshot(flash=False)
    shapes = [np.array(data) for data in session.shapes_layer.data]
    press("Alt+Right")
    assert session.composite == "false_color"
    assert session.scene_layer.metadata[PICTURE_KEY].composite.id == "false_color"
    assert not np.array_equal(viewer.screenshot(flash=False), before)
    assert list(viewer.layers) == layers
    assert camera == (viewer.scene.camera.center, viewer.scene.camera.zoom)
    assert session.selected_ids == [ship.id]
    np.testing.assert_array_equal(session.shapes_layer.data, shapes)
    photograph("false-colour")
    press("Alt+Left")
    assert session.composite == "true_color"
    np.testing.assert_array_equal(viewer.screenshot(flash=False), before)


def test_the_composite_switches_in_the_middle_of_a_polygon(session, press, mouse):
    session.current_class = "dock"
    mouse.look_at(SHIP, 2.0)
    press("P")
    assert session.tool == "polygon"
    for xy in ((220, 220), (300, 220), (300, 290)):
        mouse.click(xy)
        press("Alt+Right")
    press("Enter")
    assert only(session.labels).kind is Kind.POLYGON
    np.testing.assert_allclose(
        shapely.get_coordinates(only(session.labels).geometry)[:3], [(220, 220), (300, 220), (300, 290)], atol=0.51
    )
    assert only(session.labels).provenance.composite == session.composite
    assert only(session.labels).provenance.ground_resolution_m == pytest.approx(5.0, rel=0.1)


def test_a_ship_is_drawn_by_three_clicks_and_a_hotkey_changes_its_class(session, press, mouse, photograph):
    mouse.look_at(SHIP, 4.0)
    press("O")
    for xy in ((230, 240), (280, 260), (258, 245)):
        mouse.click(xy)
    ship = only(session.labels)
    assert (ship.class_id, ship.kind) == ("ship", Kind.ROTATED_BOX)
    assert session.counts["ship"] == 1
    press("S")
    assert session.tool is None
    assert session.shapes_layer.mode == "select"
    mouse.click((255, 250))
    assert session.selected_ids == [ship.id]
    press("8")
    assert session.labels[ship.id].class_id == session.labels.ontology.by_hotkey["8"].id
    press("Ctrl+Z")
    assert session.labels[ship.id].class_id == "ship"
    press("Ctrl+Z")
    assert len(session.labels) == 0
    press("Ctrl+Y")
    press("Ctrl+Shift+Z")
    assert session.labels[ship.id].class_id != "ship"
    photograph("ship-drawn")


def test_key_3_never_deletes(session, press, mouse):
    ship = session.labels.add(shapely.box(200, 200, 300, 260), "ship", kind="box")
    press("S")
    session.selection.select([ship.id])
    session.shapes_layer.selected_data = {0}
    session.shapes_layer.mode = "pan_zoom"
    press("3")
    press("1")
    assert list(session.labels) == [ship.id]


def test_the_delete_key_removes_what_is_selected_and_undo_brings_it_back(session, press, wait):
    ship = session.labels.add(shapely.box(200, 200, 300, 260), "ship", kind="box")
    press("S")
    session.selection.select([ship.id])
    press("Delete")
    wait(0.2)
    assert len(session.labels) == 0
    press("Ctrl+Z")
    assert list(session.labels) == [ship.id]


def test_the_status_bar_tells_place_class_and_true_values(session, viewer, mouse, until):
    session.labels.add(shapely.box(200, 200, 300, 260), "ship", kind="box")
    mouse.look_at((250.5, 230.5), 4.0)
    mouse.move((249.5, 230.5))
    mouse.move((250.5, 230.5))
    until(lambda: "row 230 col 250" in str(viewer.status))  # a thread of napari's reads it
    text = viewer.status["coordinates"]
    values = session.scene.sample(250.5, 230.5)
    assert text.startswith("row 230 col 250 · EPSG:")
    assert " · Ship · " in text
    first = ["B04", "B03", "B02"]  # of true colour
    assert text.split(" · ")[-1].startswith("  ".join(f"{name} {values[name]:.6g}" for name in first))
    shown = [name for name, value in values.items() if f"{name} {value:.6g}" in text]
    assert text.endswith(f"  +{len(values) - len(shown)} bands")


def test_holding_b_hides_the_labels(session, viewer, qapp):
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    canvas = viewer.window._qt_viewer.canvas.native
    QTest.keyPress(canvas, Qt.Key.Key_B)
    qapp.processEvents()
    assert not session.shapes_layer.visible
    QTest.keyRelease(canvas, Qt.Key.Key_B)
    qapp.processEvents()
    assert session.shapes_layer.visible


def test_a_layer_deleted_by_accident_comes_back_with_its_labels(session, viewer, until, told):
    session.labels.add(shapely.box(200, 200, 300, 260), "ship", kind="box")
    viewer.layers.remove(session.shapes_layer)
    until(lambda: session.shapes_layer in viewer.layers)
    until(lambda: len(session.shapes_layer.data) == 1)
    assert any("put back" in text for text in told)
    session.labels.add(shapely.box(20, 20, 30, 26), "ship", kind="box")
    until(lambda: len(session.shapes_layer.data) == 2)


def test_the_brush_paints_and_undo_takes_the_stroke_back(session, press, mouse, wait):
    painted = next(c for c in session.labels.ontology.classes if Kind.MASK in c.kinds)
    session.current_class = painted.id
    mouse.look_at(SHIP, 4.0)
    press("M")
    assert session.tool == "brush"
    mouse.drag((230, 250), (280, 250))
    wait(0.2)
    assert session.labels.canvas.array[250, 255] == painted.mask_value
    press("Ctrl+Z")
    assert session.labels.canvas.is_empty


def test_closing_the_session_takes_the_panels_away_and_leaves_the_layers(session, viewer, wait):
    from napari_geolabel.widgets.annotate import DOCK_NAME

    assert DOCK_NAME in viewer.window.dock_widgets
    session.close()
    wait(0.2)
    assert DOCK_NAME not in viewer.window.dock_widgets
    assert session.shapes_layer in viewer.layers

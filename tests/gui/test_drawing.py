"""Every drawing tool, snapping, tracing and Adjust in a real window, by real mouse and keys.

Every step looks at the store, at what the layers show, and at the undo stack.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from napari_geolabel.geo import is_rectangle, measure_box
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.geometry_display import drawings
from napari_geolabel.viewer.grips import grips_of

AT = (300, 300)
FIELD = shapely.box(320, 320, 360, 360)


@pytest.fixture
def labels(coast):
    """Labels with one class of every kind, one that is only drawn as rotated box, and one with named points."""
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    every, names = tuple(str(kind) for kind in Kind), ("nose", "tail", "tip")
    classes = (
        {"id": "thing", "name": "Thing", "color": "#e69f00", "kinds": every, "mask_value": 1, "hotkey": "1"},
        {"id": "hull", "name": "Hull", "color": "#0072b2", "kinds": ("rotated_box",), "hotkey": "2"},
        {"id": "plane", "name": "Plane", "color": "#d55e00", "kinds": ("box",), "hotkey": "3", "keypoints": names},
        *({"id": name, "name": name.capitalize(), "color": "#009e73", "kinds": ("keypoint",)} for name in names),
    )
    ontology = Ontology(id="every", name="Every", version="1", classes=classes)
    return open_labels(scene=open_scene(coast), ontology=ontology)


@pytest.fixture
def bench(session, mouse, press, until):
    """What the tests do and look at, with four pixels of the screen to one of the scene."""
    mouse.look_at(AT, 4.0)
    store = session.labels.store

    def stands():
        """Look whether the layers show what the store has."""
        for layer, is_point in ((session.shapes_layer, False), (session.points_layer, True)):
            kept = [a for a in store.values() if (a.kind is Kind.KEYPOINT) is is_point]
            expected = [d.vertices for a in kept for d in drawings(a)]
            shown = [np.asarray(points).reshape(-1, 2) for points in layer.data]
            same = len(shown) == len(expected) and all(
                len(a) == len(b) and np.allclose(a, b, atol=1e-3) for a, b in zip(shown, expected, strict=True)
            )
            if not same:
                return False
        return len(session.preview_layer.data) == 0 or session.tool == "adjust"

    def check(title):
        """Look at layers, store and undo stack; undo, redo; return what came last."""
        until(stands)
        assert store.undo_titles[0] == title
        after = dict(store)
        press("Ctrl+Z")
        until(stands)
        assert store.redo_titles[0] == title
        assert dict(store) != after
        press("Ctrl+Shift+Z")
        until(stands)
        assert dict(store) == after
        return list(store.values())[-1]

    def nothing(steps):
        """Look whether nothing came of it."""
        until(stands)
        assert len(store.undo_titles) == steps

    return SimpleNamespace(check=check, nothing=nothing, stands=stands)


def test_every_tool_draws_by_its_key_and_is_undone(session, bench, mouse, press, photograph):
    zoom = session.viewer.scene.camera.zoom
    press("R")
    mouse.drag((230, 230), (260, 250))
    box = bench.check("draw thing")
    assert (box.kind, box.geometry.bounds) == (Kind.BOX, pytest.approx((230, 230, 260, 250), abs=0.3))
    press("O")
    for place in ((330, 230), (370, 250), (345, 250)):
        mouse.click(place)
    rotated = bench.check("draw thing")
    assert rotated.kind is Kind.ROTATED_BOX
    assert is_rectangle(shapely.get_coordinates(rotated.geometry)[:4], session.scene.grid, 1e-9)
    press("P")
    for place in ((230, 330), (260, 330), (260, 350)):
        mouse.click(place)
    mouse.double_click((235, 350))
    assert session.viewer.scene.camera.zoom == zoom  # a double click ends the polygon, and does not zoom
    polygon = bench.check("draw thing")
    assert (polygon.kind, len(polygon.geometry.exterior.coords)) == (Kind.POLYGON, 5)
    press("Shift+P")
    angles = np.linspace(0, 2 * np.pi, 9)
    mouse.drag(*(np.array([300, 300]) + 12 * np.column_stack([np.cos(angles), np.sin(angles)])))
    lasso = bench.check("draw thing")
    assert lasso.kind is Kind.POLYGON
    assert lasso.geometry.is_valid
    assert lasso.geometry.area == pytest.approx(np.pi * 144 * 0.9, rel=0.06)
    press("E")
    mouse.drag((330, 300), (370, 320))
    ellipse = bench.check("draw thing")
    assert (ellipse.kind, ellipse.geometry.area) == (Kind.POLYGON, pytest.approx(np.pi * 20 * 10, rel=0.05))
    press("L")
    for place in ((240, 270), (260, 280), (280, 270)):
        mouse.click(place)
    press("Return")
    assert bench.check("draw thing").geometry.length == pytest.approx(2 * np.hypot(20, 10), rel=0.02)
    press("T")
    mouse.click((300, 270))
    assert bench.check("draw thing").kind is Kind.KEYPOINT
    assert len(session.labels) == 7
    photograph("drawing-every-tool")
    for left in range(6, -1, -1):
        press("Ctrl+Z")
        assert len(session.labels) == left
    assert bench.stands()


def test_right_click_backspace_and_escape_in_the_middle_of_a_drawing(session, bench, mouse, press, told):
    press("P")
    for place in ((240, 240), (280, 240), (280, 280), (200, 290)):
        mouse.click(place)
    mouse.click((300, 300), "Right")
    press("Backspace")
    assert len(session.toolbox.points) == 2
    press("Escape")
    bench.nothing(0)
    assert told == []
    for place in ((240, 240), (280, 240), (280, 280)):
        mouse.click(place)
    press("Escape")
    assert "the polygon was kept" in told[-1]
    assert bench.check("draw thing").geometry.area == pytest.approx(800, rel=0.03)
    press("O")
    mouse.click((300, 300))
    mouse.click((330, 300))
    press("Escape")
    bench.nothing(1)
    press("Shift+P")
    mouse.click((300, 300))
    mouse.click((330, 300))
    mouse.click((330, 330))
    mouse.click((320, 340), "Right")
    press("Return")
    assert "needs three points and has 2" in told[-1]
    press("Escape")
    bench.nothing(1)


def test_points_snap_to_a_neighbour_and_a_shared_border_is_traced(session, bench, mouse, press, photograph):
    field = session.labels.add(FIELD, "thing", kind="polygon")
    press("P")
    mouse.move((321, 321))
    assert len(session.preview_layer.data) == 0
    press("Shift+G")
    mouse.move((321, 321))
    assert len(session.preview_layer.data) == 4  # the square round the vertex
    mouse.move((340, 321))
    assert len(session.preview_layer.data) == 4  # the hourglass on the edge
    for place in ((321, 321), (300, 340), (321, 359)):
        mouse.click(place)
    press("Return")
    beside = bench.check("draw thing").geometry
    assert shapely.get_coordinates(beside)[[0, 2]].tolist() == [[320, 320], [320, 360]]
    assert beside.touches(field.geometry)
    press("Shift+T")
    mouse.click((340, 319.5))
    mouse.move((361, 340))
    photograph("drawing-trace")
    mouse.click((361, 340))
    assert len(session.toolbox.points) == 3
    assert session.toolbox.points[1].tolist() == [360, 320]
    mouse.click((370, 310))
    press("Return")
    corner = bench.check("draw thing").geometry
    assert corner.intersection(field.geometry).length == pytest.approx(40, abs=0.5)
    assert corner.intersection(field.geometry).area < 1e-9
    press("Shift+G")
    assert not session.toolbox.aim.is_tracing
    mouse.click((321, 321))
    assert session.toolbox.points[0].tolist() != [320, 320]
    press("Escape")


def test_adjust_moves_turns_and_resizes_by_mouse_and_keys(session, bench, mouse, press, photograph):
    press("O")
    for place in ((330, 280), (270, 310), (305, 312)):
        mouse.click(place)
    (ship,) = session.labels.store
    grid = session.scene.grid

    def corners():
        return shapely.get_coordinates(session.labels[ship].geometry)[:4]

    press("Shift+E")
    mouse.click((300, 295))
    assert session.selected_ids == [ship]
    photograph("drawing-adjust")
    before, centre = corners(), session.viewer.scene.camera.center
    mouse.drag((300, 295), (310, 285))
    bench.check("move thing")
    np.testing.assert_allclose(corners() - before, np.tile([10, -10], (4, 1)), atol=0.3)
    bow = corners()[1]
    mouse.drag(bow, bow + np.array([12, 6]))
    bench.check("resize thing")
    heading = measure_box(corners(), grid).heading_deg
    grip = grips_of(session.labels[ship], session.toolbox.screen_px)[-1].point
    mouse.drag(grip, grip + np.array([5, 20]))
    bench.check("rotate thing by " + session.labels.store.undo_titles[0].rpartition(" ")[2])
    assert 5 < (measure_box(corners(), grid).heading_deg - heading) % 360 < 90
    assert session.viewer.scene.camera.center == centre
    before = corners()
    press("Shift+Right")
    bench.check("move thing")
    press("Ctrl+Shift+Down")
    bench.check("move thing")
    np.testing.assert_allclose(corners() - before, np.tile([1, 10], (4, 1)), atol=1e-9)
    press("Period")
    bench.check("rotate thing by 1°")
    assert session.selected_ids == [ship]
    assert is_rectangle(corners(), grid, 1e-9)
    mouse.click((230, 380))
    assert session.selected_ids == []


def test_tools_that_the_class_forbids_are_grey_and_say_why(session, bench, press, mouse, told, qapp):
    from napari_geolabel.widgets.tool_panel import ToolPanel

    (panel,) = (each for each in qapp.allWidgets() if isinstance(each, ToolPanel) and each.isVisible())
    assert all(button.isEnabled() for name, button in panel.buttons.items() if name in ("box", "lasso", "ellipse"))
    press("2")
    for name in ("box", "polygon", "lasso", "ellipse", "polyline", "keypoint", "brush"):
        assert not panel.buttons[name].isEnabled(), name
        assert "Hull is not drawn as" in panel.buttons[name].toolTip()
    assert panel.buttons["rotated_box"].isEnabled()
    press("E")
    assert session.tool is None
    assert "Hull is not drawn as polygon; draw it as rotated box" in told[-1]
    mouse.drag((230, 230), (260, 250))
    bench.nothing(0)
    panel.trace.click()
    assert (panel.snap.isChecked(), session.toolbox.aim.is_tracing) == (True, True)


def test_a_skeleton_is_drawn_point_after_point_and_undone_as_one(session, bench, mouse, press, told, photograph):
    press("Shift+J")
    assert "Thing has no named points" in told[-1]
    press("3")
    press("Shift+J")
    mouse.click((270, 270))
    mouse.move((300, 300))
    assert session.viewer.canvas.overlays.text.text == "next: Tail (2 of 3)"
    assert len(session.preview_layer.data) > 2
    mouse.click((300, 300))
    mouse.click((310, 270))
    photograph("drawing-skeleton")
    bench.check("draw skeleton of plane")
    nose, tail, tip = session.labels.store.values()
    assert [each.class_id for each in (nose, tail, tip)] == ["nose", "tail", "tip"]
    assert nose.group == tail.group == tip.group is not None
    assert nose.provenance.tool.endswith("skeleton")
    assert nose.geometry.x == pytest.approx(270, abs=0.3)
    for place in ((330, 270), (350, 300)):
        mouse.click(place)
    mouse.click((345, 305), "Right")
    mouse.click((340, 310))
    press("Escape")
    assert "was kept" in told[-1]
    assert len(session.labels) == 5
    press("Ctrl+Z")
    press("Ctrl+Z")
    assert len(session.labels) == 0

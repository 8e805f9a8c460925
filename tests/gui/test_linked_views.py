"""Four panes of the same place on the screen, drawn on with a real mouse in one of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.clipping import drawn_by, named_by
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import SCENE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

FOUR = ("true_color", "false_color", "ndvi", "nir")
CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))
SHIP = ((270, 290), (330, 320), (300, 330))
"""Where bow, stern and one side of a rotated box are clicked, in scene pixels."""


@pytest.fixture
def mouse_in(mouse, viewer) -> Callable[[int], Any]:
    """Return a function that returns the mouse over one of the panes, counted from 0."""
    from qtpy.QtCore import QPoint

    single = type(mouse)

    class MouseInPane(single):
        cell: tuple[int, int]

        def at(self, xy):
            grid = self.viewer.canvas.grid
            rows, cols = grid.shape
            canvas = self.viewer.window._qt_viewer.canvas.native
            whole = np.array([canvas.height(), canvas.width()])
            middle_of_all = super().at(xy)
            size = (whole - (np.array((rows, cols)) - 1) * grid.spacing) / (rows, cols)
            middle = np.array(self.cell) * (size + grid.spacing) + size / 2
            row, col = np.array([middle_of_all.y(), middle_of_all.x()]) - whole / 2 + middle
            return QPoint(round(col), round(row))

    def over(index):
        made = MouseInPane(viewer, mouse.app)
        made.cell = CELLS[index]
        return made

    return over


def outlines_in(viewer, color):
    """Return how many pixels of each quarter of the canvas have a colour."""
    picture = viewer.screenshot(flash=False)[..., :3].astype(int)
    hits = (np.abs(picture - color).max(axis=2) < 40).astype(int)
    rows, cols = (length // 2 for length in hits.shape)
    return [int(hits[r : r + rows, c : c + cols].sum()) for r in (0, rows) for c in (0, cols)]


def class_color(labels, class_id):
    text = labels.ontology[class_id].color
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)])


def test_what_is_drawn_in_the_third_pane_is_in_all_of_them(
    session, viewer, labels, mouse, mouse_in, press, until, photograph
):
    session.views.show(*FOUR)
    mouse.look_at((300, 320), 2.0)
    camera = viewer.scene.camera.center, viewer.scene.camera.zoom
    before = outlines_in(viewer, class_color(labels, "ship"))
    session.current_class = "ship"
    press("O")
    assert session.tool == "rotated_box"
    third = mouse_in(2)
    for point in SHIP[:2]:
        third.click(point)
    third.move(SHIP[2])
    photograph("linked-views-drawing")
    assert all(len(pane.mirror.layers.preview.data) > 0 for pane in session.views[1:])
    third.click(SHIP[2])
    until(lambda: len(labels.store) == 1)
    (ship,) = labels.store.values()
    assert ship.kind == Kind.ROTATED_BOX
    np.testing.assert_allclose(ship.geometry.centroid.coords[0], (300, 305), atol=1)
    assert ship.provenance.composite == "ndvi"
    until(lambda: all(len(pane.mirror.layers.shapes.data) == 1 for pane in session.views[1:]))
    assert (viewer.scene.camera.center, viewer.scene.camera.zoom) == camera
    photograph("linked-views-drawn")
    new = np.array(outlines_in(viewer, class_color(labels, "ship"))) - before
    assert (new > 50).all(), new
    assert np.ptp(new) < 0.5 * new.max(), new
    press("Ctrl+Z")
    until(lambda: all(len(pane.mirror.layers.shapes.data) == 0 for pane in session.views[1:]))
    assert len(session.shapes_layer.data) == 0


def test_the_same_spot_of_every_pane_is_the_same_place(session, viewer, mouse, mouse_in, until):
    session.views.show(*FOUR)
    mouse.look_at((300, 400), 3.0)
    for index in range(4):
        mouse_in(index).move((310, 395))
        np.testing.assert_allclose(
            np.array(viewer.cursor.position)[-2:], session.scene_layer.data_to_world((394.5, 309.5)), atol=6
        )
        assert session.views.under_mouse is session.views[index]
        name = session.views[index].layer.name
        until(lambda name=name: name in str(viewer.status))


def test_a_shape_is_picked_and_moved_in_another_pane_than_the_first(session, viewer, labels, mouse, mouse_in, until):
    from napari_geolabel.annotations.change import Change, Edit

    drawn = session.new_annotation(shapely_box(290, 310, 310, 330), Kind.BOX)
    labels.store.apply(Change(title="draw", edits=(Edit(after=drawn),)))
    session.views.show(*FOUR)
    mouse.look_at((300, 320), 4.0)
    viewer.layers.selection.active = session.shapes_layer
    session.shapes_layer.mode = "select"
    fourth = mouse_in(3)
    fourth.click((300, 320))
    until(lambda: session.selected_ids == [drawn.id])
    assert all(pane.mirror.layers.shapes.selected_data == {0} for pane in session.views[1:])
    fourth.drag((300, 320), (310, 320))
    until(lambda: labels.store[drawn.id].geometry.bounds[0] > 299)
    moved = labels.store[drawn.id].geometry.bounds
    np.testing.assert_allclose(moved, (300, 310, 320, 330), atol=1)
    until(lambda: np.allclose(session.views[1].mirror.layers.shapes.data[0], session.shapes_layer.data[0]))


def test_the_brush_paints_in_all_panes(session, viewer, labels, mouse, mouse_in, until, photograph):
    session.views.show(*FOUR)
    mouse.look_at((300, 320), 2.0)
    paintable = next(c for c in labels.ontology.classes if Kind.MASK in c.kinds and c.mask_value is not None)
    session.current_class = paintable.id
    session.tool = "brush"
    second = mouse_in(1)
    before = np.array(outlines_in(viewer, class_color(labels, paintable.id)))
    second.drag((290, 320), (310, 320))
    until(lambda: (labels.canvas.array == paintable.mask_value).any())
    session.mask_layer.opacity = 1.0
    assert session.views[2].mirror.layers.mask.opacity == 1.0
    path = photograph("linked-views-painted")
    assert path.exists()
    new = np.array(outlines_in(viewer, class_color(labels, paintable.id))) - before
    assert (new > 100).all(), new


def test_a_wheel_and_a_pan_in_one_pane_move_all(session, viewer, mouse, mouse_in):
    session.views.show(*FOUR)
    mouse.look_at((300, 320), 2.0)
    before = np.array(viewer.scene.camera.center)
    mouse_in(3).drag((300, 320), (280, 320))
    after = np.array(viewer.scene.camera.center)
    assert np.abs(after - before).max() > 10
    cameras = {tuple(view.camera.rect.center) for view in viewer.window._qt_viewer.canvas.grid_views}
    assert len(cameras) == 1


def test_alt_g_steps_through_the_views_and_alt_right_switches_the_pane_in_use(
    session, viewer, press, mouse, mouse_in, photograph, until
):
    from napari_geolabel.widgets.panels import Panels

    layers = [(layer, layer.visible) for layer in viewer.layers]
    camera = viewer.scene.camera.center, viewer.scene.camera.zoom
    viewer.layers.selection.active = session.shapes_layer
    parts, drawn = drawn_by(viewer, session.shapes_layer)._subvisuals, []
    canvas_widget(viewer).frameSwapped.connect(lambda: drawn.append(sum(part.visible for part in parts)))
    whole = sum(part.visible for part in parts)
    press("Alt+G")
    until(lambda: not session.views.is_changing)
    assert len(session.views) == 2
    assert whole > 3
    assert set(drawn) == {*range(whole + 1)}  # the shaders of a part are compiled in each picture
    assert drawn[-1] == whole
    text = drawn_by(viewer, session.shapes_layer).text
    assert not text.visible  # nor are those of text that is not there
    session.shapes_layer.text = "class"
    assert text.visible
    assert [named_by(viewer, pane.layer).text for pane in session.views] == [pane.layer.name for pane in session.views]
    press("F7")  # each pane is half as wide as the canvas, and the cell fills it
    (left, top, right, bottom), (x0, y0, x1, y1) = session.labels.coverage.bounds(session.ways.cell), session.ways.view
    assert min((x1 - x0) / (right - left), (y1 - y0) / (bottom - top)) == pytest.approx(1)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(2 * canvas_widget(viewer).height() / canvas_widget(viewer).width())
    viewer.scene.camera.center, viewer.scene.camera.zoom = camera
    press("Alt+G")
    until(lambda: not session.views.is_changing)
    assert len(session.views) == 4
    assert all(layer.visible for layer in session.views[3].layers)
    mouse_in(2).click((300, 320))
    shown = [choice[1] for choice in session.views.choices]
    press("Alt+Right")
    now = [choice[1] for choice in session.views.choices]
    assert [a == b for a, b in zip(shown, now, strict=True)] == [True, True, False, True]
    tabs = viewer.window._qt_window.findChild(Panels).tabs
    tabs.setCurrentIndex(tabs.count() - 1)
    photograph("linked-views-panel")
    press("Alt+G")
    until(lambda: not session.views.is_changing)
    assert len(session.views) == 0
    assert [(layer, layer.visible) for layer in viewer.layers] == layers
    assert (viewer.scene.camera.center, viewer.scene.camera.zoom) == camera


def test_optical_and_radar_of_rotterdam_side_by_side(viewer, shared_data, mouse, mouse_in, photograph):
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.widgets.annotate import annotate

    folder = shared_data / "solaris_spacenet"
    labels = open_labels(scene=open_scene(folder / "rgb_unmasked.tif"), ontology="maritime")
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    radar = session.add_scene(folder / "sar_hh.tif")
    viewer.reset_view()
    session.views.open(2)
    assert [pane.scene for pane in session.views] == [session.scene, radar.metadata[SCENE_KEY]]
    (at,) = session.scene.grid.map_to_pixel(radar.metadata[PLACE_KEY].scene.pixel_to_map([(100, 100)]))
    mouse.look_at(at, 2.0)
    mouse_in(1).move(at)
    assert session.views.under_mouse is session.views[1]
    text = session.shapes_layer.get_status(viewer.cursor.position, world=True)["coordinates"]
    assert "sar_hh" in text
    assert "rgb_unmasked" not in text
    photograph("linked-views-rotterdam")
    session.close()
    assert len(session.views) == 0


def test_rounds_of_panes_and_closing_the_window_with_panes_never_crash(session, viewer, qapp, wait):
    for count in (4, 2, 0) * (10 if os.environ.get("THOROUGH") else 1) + (4,):
        session.views.open(count)
        wait(0.05)
    viewer.close()
    assert session.is_closed or len(session.views) == 4


def shapely_box(*bounds):
    import shapely

    return shapely.box(*bounds)

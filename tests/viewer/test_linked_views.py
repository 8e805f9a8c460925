"""Panes of the same place, in a viewer without a window; how they look and are drawn on is in tests/gui."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.errors import BandNotFoundError, CompositeError, GeoLabelError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.hand import BRUSH
from napari_geolabel.viewer.linked_views import COUNTS
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.rereading import read_scene_as
from napari_geolabel.viewer.scene_layer import PANE_KEY, PICTURE_KEY, SCENE_KEY

SHIP = shapely.Polygon([(10, 10), (20, 10), (20, 40), (10, 40)])
FOUR = ("true_color", "false_color", "ndvi", "nir")


@pytest.fixture
def later(write_scene, scene):
    """The path of a later radar scene of the same place, half as fine."""
    grid = scene.grid.with_transform(scene.grid.transform @ Affine.scale(2), scene.grid.crs)
    return write_scene(grid, "later.tif", bands=("vv", "vh"))


def look_of(viewer):
    """Return all that linked views may not change for good."""
    grid, camera, selection = viewer.canvas.grid, viewer.scene.camera, viewer.layers.selection
    return (
        [(layer, layer.name, layer.visible, layer.opacity) for layer in viewer.layers],
        (grid.enabled, grid.stride, grid.shape, grid.spacing),
        (camera.center, camera.zoom, camera.angles),
        (selection.active, set(selection)),
    )


def cells(viewer):
    """Return the layers of each cell of the grid."""
    grid, layers = viewer.canvas.grid, viewer.layers
    return [[layers[i] for i in indices] for _, indices in grid.iter_viewboxes(layers)]


def point_at(viewer, cell):
    viewer.cursor.viewbox = cell


def press(viewer, cell):
    """Press the mouse in a cell as napari tells of it."""
    point_at(viewer, cell)
    for callback in list(viewer.mouse_drag_callbacks):
        if getattr(callback, "__name__", "") == "_on_press" and "LinkedViews" in callback.__qualname__:
            callback(viewer, None)


def test_there_are_no_panes_in_the_single_view(session, viewer):
    assert len(session.views) == 0
    assert session.views.choices == ()
    assert session.views.used is session.views.under_mouse is session.views.composite is None
    before = look_of(viewer)
    session.views.close()
    session.views.show()
    assert look_of(viewer) == before


@pytest.mark.parametrize(("count", "shape"), [(2, (1, 2)), (3, (1, 3)), (4, (2, 2))])
def test_each_cell_holds_a_scene_and_all_labels(session, viewer, count, shape):
    session.views.show(*FOUR[:count])
    assert session.views.choices == tuple((session.scene.name, each) for each in FOUR[:count])
    assert viewer.canvas.grid.enabled
    assert viewer.canvas.grid.shape == shape
    assert cells(viewer)[0] == [session.views[0].layer, *session.layers]
    for pane, cell in zip(session.views, cells(viewer), strict=True):
        assert cell[0] is pane.layer
        assert cell[0].metadata[PICTURE_KEY].composite.id == pane.composite
        assert [type(layer) for layer in cell[1:]] == [type(layer) for layer in session.layers]
    assert not session.scene_layer.visible


def test_closing_brings_the_single_view_back_exactly(session, viewer):
    own = viewer.add_points([(1, 1)], name="mine")
    hidden = viewer.add_points([(2, 2)], name="hidden", visible=False)
    viewer.layers.move(viewer.layers.index(own), 0)
    viewer.layers.selection.active = session.points_layer
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 1234.0, 567.0), 0.37
    before = look_of(viewer)
    session.views.show(*FOUR)
    assert not own.visible
    session.views.close()
    assert look_of(viewer) == before
    assert not hidden.visible
    assert [key for layer in viewer.layers for key in layer.metadata if key == PANE_KEY] == []


def test_a_grid_of_the_users_own_comes_back_too(session, viewer):
    viewer.canvas.grid.stride, viewer.canvas.grid.enabled = 3, True
    before = look_of(viewer)
    session.views.open(2)
    session.views.close()
    assert look_of(viewer) == before


def test_the_camera_stays_where_it_is_at_opening_and_at_closing(session, viewer):
    camera = viewer.scene.camera
    camera.center, camera.zoom = (0, 700.0, 900.0), 0.5
    session.views.open(4)
    assert (camera.center, camera.zoom) == ((0, 700.0, 900.0), 0.5)
    camera.center, camera.zoom = (0, 800.0, 950.0), 2.0
    session.views.close()
    assert (camera.center, camera.zoom) == ((0, 800.0, 950.0), 2.0)


def test_a_drawing_in_progress_goes_on_through_opening_and_closing(session):
    session.current_class, session.tool = "cloud", "polygon"
    for point in ((10, 10), (30, 10)):
        session.toolbox._click(np.array(point, float))
    session.views.open(4)
    np.testing.assert_allclose(session.toolbox.points, [(10, 10), (30, 10)])
    assert all(len(pane.mirror.layers.preview.data) > 0 for pane in session.views[1:])
    session.views.close()
    np.testing.assert_allclose(session.toolbox.points, [(10, 10), (30, 10)])
    assert session.tool == "polygon"


def test_the_brush_stays_in_hand(session, viewer):
    session.current_class, session.tool = "cloud", BRUSH
    session.views.open(2)
    assert session.tool == BRUSH
    assert viewer.layers.selection.active is session.mask_layer
    session.views.close()
    assert session.tool == BRUSH


@pytest.mark.parametrize("choices", [("true_color",), (*FOUR, "red")])
def test_there_are_two_to_four_panes(session, viewer, choices):
    before = look_of(viewer)
    with pytest.raises(GeoLabelError, match="2 to 4 linked panes, not"):
        session.views.show(*choices)
    assert look_of(viewer) == before


def test_what_cannot_be_shown_changes_nothing(session, viewer):
    before = look_of(viewer)
    with pytest.raises((BandNotFoundError, CompositeError)):
        session.views.show("true_color", "swir")
    with pytest.raises(GeoLabelError, match="nowhere is no scene of this window, which has scene; add it"):
        session.views.show("true_color", ("nowhere", "vv"))
    assert look_of(viewer) == before
    session.views.show("true_color", "ndvi")
    with pytest.raises((BandNotFoundError, CompositeError)):
        session.views.show_in(1, "swir")
    assert session.views[1].composite == "ndvi"


def test_another_scene_is_named_by_its_name_its_layer_or_itself(session, later):
    layer = session.add_scene(later)
    scene = layer.metadata[SCENE_KEY]
    session.views.show(("later", "vv"), (layer, "vh"), (scene, "vv"))
    assert session.views.choices == (("later", "vv"), ("later", "vh"), ("later", "vv"))
    assert all(pane.layer.metadata[PLACE_KEY] is layer.metadata[PLACE_KEY] for pane in session.views)
    assert all(pane.layer.opacity == 1 for pane in session.views)
    np.testing.assert_allclose(session.views[0].layer.data_to_world((0, 0)), layer.data_to_world((0, 0)))


def test_a_pane_may_show_another_scene_in_place(session, viewer, later):
    session.add_scene(later)
    session.views.show(*FOUR)
    before = [cell[1:] for cell in cells(viewer)]
    session.views.show_in(2, ("later", "vv"))
    assert session.views.choices[2] == ("later", "vv")
    assert [cell[1:] for cell in cells(viewer)] == before
    assert cells(viewer)[2][0] is session.views[2].layer
    session.views.close()
    assert session.scenes.layers == [session.scene_layer, session.scenes.layers[1]]


def test_as_many_panes_again_are_changed_and_not_made_anew(session, viewer):
    session.views.show("true_color", "false_color")
    layers = list(viewer.layers)
    session.views.show("ndvi", "nir")
    assert list(viewer.layers) == layers
    assert session.views.choices == ((session.scene.name, "ndvi"), (session.scene.name, "nir"))


def test_switching_a_pane_keeps_camera_selection_and_the_other_panes(session, viewer):
    session._author.commit(Kind.ROTATED_BOX, SHIP)
    session.views.show(*FOUR)
    session.selection.select(session.labels.store)
    before, others = look_of(viewer)[1:], session.views.choices
    session.views[1].composite = "red"
    assert look_of(viewer)[1:] == before
    assert session.selected_ids == list(session.labels.store)
    assert [choice for choice in session.views.choices if choice in others] == [others[0], *others[2:]]
    assert session.composite == "true_color"


def test_open_shows_what_is_shown_then_other_scenes_then_what_follows(session, later):
    session.add_scene(later, "vv")
    session.composite = "false_color"
    session.views.open(2)
    assert session.views.choices == ((session.scene.name, "false_color"), ("later", "vv"))
    session.views.open(4)
    assert session.views.choices[:2] == ((session.scene.name, "false_color"), ("later", "vv"))
    assert len(set(session.views.choices)) == 4


def test_the_key_steps_through_two_four_and_none(session):
    seen = []
    for _ in range(4):
        session.views.step()
        session.views.finish()
        seen.append(len(session.views))
    assert seen == [2, 4, 0, 2]
    assert set(seen) == set(COUNTS)


def test_the_key_pressed_again_while_panes_open_goes_on_behind_them(session, loop):
    for _ in range(2):
        session.views.step()
    assert len(session.views) == 0
    assert session.views.is_changing
    loop.run()
    assert len(session.views) == 4


def test_a_session_that_closes_opens_no_panes_that_the_key_has_asked_for(session, loop):
    for _ in range(3):
        session.views.step()
    session.views.close()
    loop.run()
    assert len(session.views) == 0
    assert not session.views.is_changing


def test_the_pane_under_the_mouse_is_told_in_the_status_bar(session, viewer, later):
    session.add_scene(later, "vv")
    session.views.show("true_color", "nir", ("later", "vv"), "ndvi")
    at = session.scene_layer.data_to_world((30, 50))
    for cell, name in (((0, 0), "True colour"), ((0, 1), "nir"), ((1, 0), "vv")):
        point_at(viewer, cell)
        text = session.shapes_layer.get_status(at, world=True)["coordinates"]
        assert "row 30 col 50" in text
        assert session.views.under_mouse.layer.name in text
        assert name in text
        assert ("vh" in text) == (cell == (1, 0))
        assert ("blue" in text) == (cell != (1, 0))
    point_at(viewer, None)
    assert session.views.under_mouse is None
    assert "blue" in session.shapes_layer.get_status(at, world=True)["coordinates"]


def test_composites_act_on_the_pane_that_was_pressed_last(session, viewer):
    session.views.show(*FOUR)
    assert session.scenes.composites is session.views[0].composites
    press(viewer, (1, 0))
    assert session.views.used is session.views[2]
    assert session.scenes.active_layer is session.views[2].layer
    session.use_composite("red")
    assert [choice[1] for choice in session.views.choices] == ["true_color", "false_color", "red", "nir"]
    session.next_composite()
    assert session.views[2].composite != "red"
    session.views.close()
    assert session.scenes.active_layer is session.scene_layer
    assert session.composite == "true_color"


def test_an_annotation_tells_the_composite_of_the_pane_that_it_was_drawn_in(session, viewer):
    session.views.show(*FOUR)
    press(viewer, (1, 0))
    session._author.commit(Kind.ROTATED_BOX, SHIP)
    (ship,) = session.labels.store.values()
    assert ship.provenance.composite == "ndvi"


def test_panes_tell_when_they_change(session, viewer):
    told = []
    session.views.changed.connect(lambda: told.append(session.views.choices))
    session.views.show("true_color", "nir")
    session.views[1].composite = "red"
    press(viewer, (0, 1))
    session.views.close()
    assert [len(choices) for choices in told] == [2, 2, 2, 0]
    assert told[1][1][1] == "red"


def test_a_stretch_that_was_chosen_holds_in_a_pane(session):
    session.composites.use_stretch(Stretch.fixed(10, 90))
    session.views.open(2)
    assert session.views[0].composites.shown.stretch.method == "fixed"


def test_a_scene_that_comes_waits_behind_the_panes_and_lies_below_the_labels_after(session, viewer, loop, later):
    session.views.show(*FOUR)
    before = cells(viewer)
    layer = session.add_scene(later)
    loop.run()
    assert cells(viewer) == before
    assert not layer.visible
    session.views.close()
    assert layer.visible
    assert list(viewer.layers)[:3] == [session.scene_layer, layer, session.mask_layer]


def test_a_layer_that_the_user_adds_is_shown_in_the_first_pane_and_stays_after(session, viewer, loop):
    session.views.show(*FOUR)
    own = viewer.add_points([(1, 1)], name="mine")
    loop.run()
    assert own in cells(viewer)[0]
    assert own.visible
    session.views.close()
    assert viewer.layers[-1] is own


def test_a_scene_that_waits_behind_is_not_what_composites_act_on(session, viewer, later):
    viewer.layers.selection.active = session.add_scene(later)
    session.views.open(2)
    assert session.scenes.active_layer is session.views[0].layer


def test_layers_that_the_user_moves_go_back_to_their_panes(session, viewer, loop):
    session.views.show(*FOUR)
    before = cells(viewer)
    viewer.layers.move(0, 7)
    loop.run()
    assert cells(viewer) == before


def test_a_layer_of_a_pane_that_is_deleted_closes_the_panes(session, viewer, loop):
    before = look_of(viewer)[0]
    session.views.show(*FOUR)
    viewer.layers.remove(session.views[1].mirror.layers.shapes)
    loop.run()
    assert len(session.views) == 0
    assert look_of(viewer)[0] == before


def test_a_scene_that_is_taken_away_closes_the_panes_that_show_it(session, loop, later):
    layer = session.add_scene(later)
    session.views.show("true_color", ("later", "vv"))
    session.remove_scene(layer)
    loop.run()
    assert len(session.views) == 0
    assert session.scenes.layers == [session.scene_layer]


def test_napari_s_own_switch_of_the_grid_closes_the_panes(session, viewer):
    before = look_of(viewer)
    session.views.open(2)
    viewer.canvas.grid.enabled = False
    assert len(session.views) == 0
    assert look_of(viewer) == before


def test_another_reading_of_the_scene_closes_the_panes(session, scene):
    session.views.open(2)
    read_scene_as(session, scene.with_bands(("a", "b", "c", "d")))
    assert len(session.views) == 0
    session.views.show("a", "b")
    assert session.views.choices[1][1] == "b"


def test_each_layer_of_a_pane_is_named_after_what_it_shows(session, later):
    session.add_scene(later)
    session.views.show("true_color", "nir")
    names = [pane.layer.name for pane in session.views]
    assert names[0] == f"{session.scene_layer.name} · pane 1"
    session.views[1].composite = "ndvi"
    assert session.views[1].layer.name == "scene · NDVI · pane 2"
    session.views.show_in(0, ("later", "vv"))
    assert session.views[0].layer.name.startswith("later · ")
    assert session.views[0].layer.name.endswith(" · pane 1")
    session.views[0].layer.name = "mine"
    session.views[0].composite = "vh"
    assert session.views[0].layer.name == "mine"


def test_undo_takes_a_drawing_out_of_all_panes(session):
    session.views.show(*FOUR)
    session._author.commit(Kind.ROTATED_BOX, SHIP)
    shapes = [session.shapes_layer, *(pane.mirror.layers.shapes for pane in session.views[1:])]
    assert [len(layer.data) for layer in shapes] == [1] * 4
    session.undo()
    assert [len(layer.data) for layer in shapes] == [0] * 4
    session.redo()
    assert [len(layer.data) for layer in shapes] == [1] * 4


def test_the_end_of_a_session_leaves_the_single_view(viewer, labels, loop):
    from napari_geolabel.viewer.session import Session

    session = Session(viewer, labels, defer=loop.defer)
    before = look_of(viewer)[0]
    session.views.show(*FOUR)
    session.close()
    loop.run()
    assert look_of(viewer)[0] == before
    assert not viewer.canvas.grid.enabled
    again = Session(viewer, labels, defer=loop.defer)
    again.views.open(2)
    assert len(again.views) == 2
    again.close()


def test_rounds_of_opening_and_closing_leave_nothing_behind(session, viewer, labels):
    before, listeners = look_of(viewer), len(labels.store.changed)
    for _ in range(5):
        session.views.open(2)
        session.views.close()
    assert look_of(viewer) == before
    assert len(labels.store.changed) == listeners
    assert len(viewer.mouse_drag_callbacks) == len(set(viewer.mouse_drag_callbacks))


def test_a_file_of_one_band_shows_it_in_all_panes(viewer, write_scene, coast_ontology, loop):
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.viewer.session import Session

    with open_scene(write_scene(name="one.tif", bands=("vv",))) as one:
        session = Session(viewer, open_labels(scene=one, ontology=coast_ontology), defer=loop.defer)
        session.views.open(4)
        assert len(session.views) == 4
        assert {pane.scene for pane in session.views} == {one}
        assert composites_of(session.views[3].layer).current in {"vv", session.composite}
        session.close()

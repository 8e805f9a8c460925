"""The shapes view without a window: what scripts and napari's own methods do to the layer."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from napari.layers import Shapes
from napari.layers.base import ActionType
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Change, Edit
from napari_geolabel.geo import GeoGrid, is_rectangle
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import drawings
from napari_geolabel.viewer.shapes_view import EDGE_PX, ShapesView

TRIANGLE = np.array([(10.0, 10.0), (10.0, 60.0), (60.0, 35.0)])
SQUARE = np.array([(100.0, 100.0), (100.0, 140.0), (120.0, 140.0), (120.0, 100.0)])


@pytest.fixture
def layer(bench):
    layer = Shapes(ndim=2, name="labels")
    bench.viewer.add_layer(layer)
    return layer


@pytest.fixture
def view(bench, layer):
    return ShapesView(bench.viewer, layer, bench.store, **bench.wiring)


def agree(bench, layer):
    """The layer shows what the store has: geometry in float32, class, colour, id, in draw order."""
    annotations = [a for a in bench.store.values() if a.kind is not Kind.KEYPOINT]
    expected = [(a, d) for a in annotations for d in drawings(a)]
    assert len(layer.data) == len(expected) == len(layer.features) == len(layer.edge_color)
    for i, (annotation, drawing) in enumerate(expected):
        assert np.array_equal(layer.data[i], drawing.vertices.astype(np.float32))
        assert layer.shape_type[i] == drawing.shape_type
        assert layer.features["id"][i] == annotation.id
        assert layer.features["class"][i] == annotation.class_id
        color = bench.store.ontology[annotation.class_id].color
        assert [round(255 * c) for c in layer.edge_color[i]] == [*bytes.fromhex(color[1:]), 255]
        assert layer.face_color[i][3] == pytest.approx(0.25)
    return True


def snapshot(bench):
    return {a.id: (a.class_id, a.kind, a.geometry.wkb, dict(a.attributes)) for a in bench.store.values()}


def test_the_layer_shows_what_the_store_has(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    assert agree(bench, layer)
    assert len(layer.data) == 7  # the line of two parts takes two rows


def test_a_view_shows_what_stood_in_the_store_before_it(bench, layer, one_of_each):
    bench.add(*one_of_each)
    ShapesView(bench.viewer, layer, bench.store, **bench.wiring)
    assert agree(bench, layer)


def test_showing_and_reading_back_changes_nothing(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    before = snapshot(bench)
    layer.events.features()
    bench.loop.run()
    assert snapshot(bench) == before
    assert bench.titles == ["script"]


@pytest.mark.parametrize(
    ("shape_type", "class_id", "kind"),
    [
        ("polygon", "ship", Kind.POLYGON),
        ("rectangle", "ship", Kind.BOX),
        ("rectangle", "cloud", Kind.POLYGON),
        ("rectangle", "hull", Kind.ROTATED_BOX),
        ("ellipse", "cloud", Kind.POLYGON),
        ("path", "runway", Kind.POLYLINE),
        ("line", "runway", Kind.POLYLINE),
    ],
)
def test_each_shape_becomes_a_kind_that_the_class_allows(bench, layer, view, shape_type, class_id, kind):
    bench.class_id = class_id
    layer.add([SQUARE[:2] if shape_type == "line" else SQUARE], shape_type=shape_type)
    bench.loop.run()
    (annotation,) = bench.store.values()
    assert (annotation.class_id, annotation.kind) == (class_id, kind)
    assert annotation.provenance.annotator == "Ada"
    assert bench.titles == [f"draw {class_id}"]
    assert agree(bench, layer)


def test_a_turned_rectangle_becomes_a_rotated_box(bench, layer, view):
    turn = Affine.rotation(25)
    layer.add([np.array([turn @ tuple(p) for p in SQUARE])], shape_type="rectangle")
    bench.loop.run()
    (annotation,) = bench.store.values()
    assert annotation.kind is Kind.ROTATED_BOX
    assert annotation.attributes == {"length": 12}


def test_a_kind_that_the_class_forbids_is_told_and_not_added(bench, layer, view):
    bench.class_id = "dock"
    layer.add([TRIANGLE], shape_type="polygon")
    bench.loop.run()
    assert not bench.store
    assert not bench.store.can_undo
    assert bench.notes == ["Dock is not drawn as polygon; draw box, or choose another class"]
    assert agree(bench, layer)


def test_several_shapes_at_once_are_one_change(bench, layer, view):
    layer.add([TRIANGLE, TRIANGLE + 100, SQUARE + 50], shape_type=["polygon", "polygon", "rectangle"])
    bench.loop.run()
    assert bench.titles == ["draw 3 annotations"]
    assert [a.kind for a in bench.store.values()] == [Kind.POLYGON, Kind.POLYGON, Kind.BOX]
    bench.store.undo()
    assert agree(bench, layer)
    assert len(layer.data) == 0
    bench.store.redo()
    assert agree(bench, layer)


def test_a_new_shape_gets_the_class_in_hand_though_napari_gives_it_the_features_of_the_last(
    bench, layer, view, one_of_each
):
    bench.add(*one_of_each)
    layer.features = layer.features.copy()  # napari now has the last row's features ready for what comes next
    assert layer.feature_defaults["id"][0] == one_of_each[-1].id
    bench.loop.run()
    bench.class_id = "cloud"
    layer.add([TRIANGLE], shape_type="polygon")
    bench.loop.run()
    assert list(bench.store.values())[-1].class_id == "cloud"
    assert bench.titles == ["script", "draw cloud"]


def test_pasted_shapes_are_new_annotations_of_the_same_class_and_to_the_bit(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    bench.class_id = "dock"  # which forbids most of what is pasted
    view.select([a.id for a in one_of_each])
    layer._copy_data()
    layer._paste_data()
    bench.loop.run()
    originals, copies = list(bench.store.values())[:6], list(bench.store.values())[6:]
    assert bench.titles == ["script", "paste 6 annotations"]
    assert len({a.id for a in bench.store.values()}) == 12
    assert view.selected_ids == [a.id for a in copies]
    for original, copy in zip(originals, copies, strict=True):
        assert (copy.class_id, copy.kind, copy.attributes) == (original.class_id, original.kind, original.attributes)
        assert shapely.equals_identical(copy.geometry, original.geometry)
    assert agree(bench, layer)


def test_a_shape_pasted_after_its_original_was_deleted_has_its_class(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    view.select([one_of_each[2].id])
    layer._copy_data()
    layer.remove_selected()
    bench.loop.run()
    layer._paste_data()
    bench.loop.run()
    assert bench.titles == ["script", "delete cloud", "paste cloud"]
    assert list(bench.store.values())[-1].class_id == "cloud"
    assert agree(bench, layer)


def test_deleting_rows_removes_their_annotations(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    before = snapshot(bench)
    layer.remove([0, 3])
    bench.loop.run()
    assert [a.id for a in bench.store.values()] == [one_of_each[i].id for i in (1, 2, 4, 5)]
    assert bench.titles == ["script", "delete 2 annotations"]
    bench.store.undo()
    assert snapshot(bench) == before
    assert agree(bench, layer)


def test_deleting_one_part_of_a_line_leaves_the_other(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    layer.remove([6])
    bench.loop.run()
    assert shapely.equals_identical(bench.store[one_of_each[5].id].geometry, one_of_each[5].geometry.geoms[0])
    assert agree(bench, layer)


def test_all_data_set_anew_is_one_change_and_unedited_annotations_keep_every_bit(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    data = [np.array(d) for d in layer.data]
    data[2] = data[2] + 5
    layer.data = data
    bench.loop.run()
    assert bench.titles == ["script", "move cloud"]
    for annotation in one_of_each[:2] + one_of_each[3:]:
        assert bench.store[annotation.id] is bench.store[annotation.id]
        assert shapely.equals_identical(bench.store[annotation.id].geometry, annotation.geometry)
    assert agree(bench, layer)


def test_fewer_data_remove_and_more_data_add(bench, layer, view, one_of_each):
    bench.add(*one_of_each[:3])
    data = [np.array(d) for d in layer.data]
    layer.data = data[:2]
    bench.loop.run()
    assert list(bench.store) == [a.id for a in one_of_each[:2]]
    layer.data = [*data[:2], SQUARE, SQUARE + 7]
    bench.loop.run()
    assert len(bench.store) == 4
    assert bench.titles == ["script", "delete cloud", "draw 2 annotations"]
    assert agree(bench, layer)


def test_emptying_the_layer_removes_all_and_undo_brings_all_back(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    before = snapshot(bench)
    layer.data = []
    bench.loop.run()
    assert not bench.store
    bench.store.undo()
    assert snapshot(bench) == before
    assert agree(bench, layer)


def test_bringing_a_shape_to_the_front_is_no_edit(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    view.select([one_of_each[0].id])
    layer.move_to_front()
    bench.loop.run()
    assert bench.titles == ["script"]


def test_a_class_written_into_the_features_changes_the_class(bench, layer, view, one_of_each):
    bench.add(one_of_each[2])
    features = layer.features.copy()
    features["class"] = ["ship"]
    layer.features = features
    bench.loop.run()
    assert bench.store[one_of_each[2].id].class_id == "ship"
    assert shapely.equals_identical(bench.store[one_of_each[2].id].geometry, one_of_each[2].geometry)
    assert agree(bench, layer)


def test_an_unknown_class_in_the_features_is_refused_and_taken_back(bench, layer, view, one_of_each):
    bench.add(one_of_each[2])
    features = layer.features.copy()
    features["class"] = ["submarine"]
    layer.features = features
    bench.loop.run()
    assert len(bench.notes) == 1
    assert "submarine" in bench.notes[0]
    assert bench.titles == ["script"]
    assert agree(bench, layer)


def test_features_without_our_columns_are_mended(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    layer.features = {"colour": np.arange(7)}
    bench.loop.run()
    assert bench.titles == ["script"]
    assert agree(bench, layer)


def test_rows_out_of_step_with_their_features_are_known_by_their_shape(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    layer._data_view.remove(2)  # as vertex removal does with a triangle
    layer.events.data(value=layer.data, action=ActionType.CHANGED, data_indices=(2,), vertex_indices=((0,),))
    bench.loop.run()
    assert bench.titles == ["script", "delete cloud"]
    assert one_of_each[2].id not in bench.store
    assert agree(bench, layer)


def test_a_script_that_changes_the_store_while_an_edit_waits_to_be_read_loses_nothing(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    layer.add([TRIANGLE], shape_type="polygon")
    bench.store.apply(Change(title="remove", edits=(Edit(before=one_of_each[0]),)))
    assert len(layer.data) == 8  # the layer is left alone until it has been read
    bench.loop.run()
    assert bench.titles == ["script", "remove", "draw ship"]
    assert len(bench.store) == 6
    assert agree(bench, layer)


def test_the_users_move_of_an_annotation_that_a_script_changed_meanwhile_keeps_both(bench, layer, view, one_of_each):
    ship = one_of_each[0]
    bench.add(ship)
    layer.data = [layer.data[0] + 10]
    bench.store.apply(Change(title="rate", edits=(Edit(before=ship, after=ship.edited(confidence=0.5)),)))
    bench.loop.run()
    after = bench.store[ship.id]
    assert after.confidence == 0.5
    assert after.geometry.bounds == pytest.approx([b + 10 for b in ship.geometry.bounds], abs=1e-4)
    assert agree(bench, layer)


def test_the_users_move_of_an_annotation_that_a_script_removed_is_let_go(bench, layer, view, one_of_each):
    bench.add(one_of_each[0])
    layer.data = [layer.data[0] + 10]
    bench.store.undo()
    bench.loop.run()
    assert not bench.store
    assert not bench.notes
    assert agree(bench, layer)


def test_mode_and_selection_survive_a_rendering(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    layer.mode = "select"
    view.select([one_of_each[1].id, one_of_each[5].id])
    assert len(layer.selected_data) == 3
    bench.loop.run()
    bench.store.apply(Change(title="remove", edits=(Edit(before=one_of_each[0]),)))
    assert layer.mode == "select"
    assert view.selected_ids == [one_of_each[1].id, one_of_each[5].id]
    assert layer.selected_data == {0, 4, 5}


@pytest.mark.parametrize("shape_type", ["polygon", "path"])
def test_shapes_of_one_point_are_left_out_with_a_note(bench, layer, view, shape_type):
    layer.add([np.full((3, 2), 5.0), TRIANGLE], shape_type=[shape_type, "polygon"])
    bench.loop.run()
    assert len(bench.store) == 1
    assert len(bench.notes) == 1
    assert "left out" in bench.notes[0]
    assert agree(bench, layer)


def test_small_shapes_of_scripts_are_kept_however_far_out_the_camera_is(bench, layer, view):
    bench.viewer.scene.camera.zoom = 0.01
    layer.add([TRIANGLE / 10], shape_type="polygon")
    bench.loop.run()
    assert len(bench.store) == 1


def test_outlines_keep_their_width_on_screen(bench, layer, view, one_of_each):
    layer.scale = (10, 10)
    bench.add(*one_of_each)
    for zoom in (0.5, 0.02):
        bench.viewer.scene.camera.zoom = zoom
        bench.loop.run()
        assert layer.edge_width == pytest.approx([EDGE_PX / (10 * zoom)] * 7)
    assert bench.titles == ["script"]


def test_after_a_jump_into_the_scene_outlines_are_restyled_at_once(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    bench.loop.run()
    camera, widths = bench.viewer.scene.camera, list(layer.edge_width)
    zoom = camera.zoom
    camera.zoom = 3 * zoom
    assert layer.edge_width == widths
    camera.zoom = 30 * zoom
    assert layer.edge_width == pytest.approx([width / 30 for width in widths])
    camera.zoom = zoom
    assert layer.edge_width == pytest.approx([width / 30 for width in widths])  # too thin for a moment, which is quick
    bench.loop.run()
    assert layer.edge_width == pytest.approx(widths)


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_the_hand_is_busy_with_is_restyled_after_it(bench, layer, view, one_of_each, is_ours, monkeypatch):
    bench.add(*one_of_each)
    bench.loop.run()
    if not is_ours:
        bench.viewer.add_points()
    camera, widths = bench.viewer.scene.camera, list(layer.edge_width)
    monkeypatch.setattr(view._gesture, "_is_down", True)
    camera.zoom = 30 * camera.zoom
    assert layer.edge_width == pytest.approx([width / (1 if is_ours else 30) for width in widths])
    monkeypatch.setattr(view._gesture, "_is_down", False)
    view._gesture._released()
    bench.loop.run()
    assert layer.edge_width == pytest.approx([width / 30 for width in widths])


def test_zooming_in_steps_restyles_once(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    bench.loop.run()
    for zoom in (1.1, 1.2, 1.3):
        bench.viewer.scene.camera.zoom = zoom
    assert [ms for ms, _ in bench.loop.waiting] == [120]


def test_the_class_in_hand_colours_what_napari_draws_and_nothing_that_is_selected(bench, layer, view, one_of_each):
    bench.add(*one_of_each)
    view.select([one_of_each[2].id])
    view.use_class("ship")
    assert agree(bench, layer)
    assert layer.current_edge_color in ("#ff0000", "red", "#ff0000ff")


def test_a_closed_view_neither_reads_nor_renders(bench, layer, view, one_of_each):
    bench.add(one_of_each[0])
    layer.add([TRIANGLE], shape_type="polygon")
    view.close()
    bench.loop.run()
    bench.add(one_of_each[1])
    layer.remove([0])
    bench.loop.run()
    assert len(bench.store) == 2
    assert len(layer.data) == 1
    assert view._gesture._callback not in bench.viewer.mouse_drag_callbacks


def test_a_box_dragged_by_a_corner_on_a_degree_grid_stays_a_rectangle_on_the_ground(bench, layer):
    grid = GeoGrid(shape=(512, 512), transform=Affine(0.0007, 0, 46.16, 0, -0.0003, -15.58), crs=CRS.from_epsg(4326))
    ShapesView(bench.viewer, layer, bench.store, grid=grid, **bench.wiring)
    turn = Affine.rotation(25)
    layer.add([np.array([turn @ tuple(p) for p in SQUARE])], shape_type="rectangle")
    bench.loop.run()
    (annotation,) = bench.store.values()
    assert is_rectangle(shapely.get_coordinates(annotation.geometry)[:4], grid)
    data = np.array(layer.data[0])
    data[1] += (5, 9)
    layer.data = [data]
    bench.loop.run()
    (annotation,) = bench.store.values()
    assert annotation.kind is Kind.ROTATED_BOX
    assert is_rectangle(shapely.get_coordinates(annotation.geometry)[:4], grid)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "multi", "move", "delete", "paste", "script", "undo", "redo"]), st.integers(0, 99)
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_is_done_layer_and_store_agree_and_undoing_all_returns_to_the_start(new_bench, steps):
    bench = new_bench()
    layer = Shapes(ndim=2)
    bench.viewer.add_layer(layer)
    view = ShapesView(bench.viewer, layer, bench.store, **bench.wiring)
    for step, number in steps:
        _take(step, number, bench, layer, view)
        bench.loop.run()
        assert agree(bench, layer)
    end = snapshot(bench)
    count = 0
    while bench.store.undo():
        count += 1
        bench.loop.run()  # many changes in a row are shown together
        assert agree(bench, layer)
    assert not bench.store
    for _ in range(count):
        bench.store.redo()
    bench.loop.run()
    assert snapshot(bench) == end
    assert agree(bench, layer)
    view.close()


def _take(step, number, bench, layer, view):
    """One step of a session, as scripts and napari's own methods do it."""
    count = len(layer.data)
    if step == "add":
        layer.add([TRIANGLE + number], shape_type="polygon")
    elif step == "multi":
        layer.add([SQUARE + number, SQUARE * 2 + number], shape_type="rectangle")
    elif step == "script":
        bench.add(
            Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(number, number, number + 1 / 3, number + 9))
        )
    elif step == "undo":
        bench.store.undo()
    elif step == "redo":
        bench.store.redo()
    elif count and step == "move":
        data = [np.array(d) for d in layer.data]
        data[number % count] += number + 1
        layer.data = data
    elif count and step == "delete":
        layer.remove([number % count])
    elif count and step == "paste":
        layer.selected_data = {number % count}
        layer._copy_data()
        layer._paste_data()

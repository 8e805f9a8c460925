from __future__ import annotations

import numpy as np
import pytest
import shapely
from napari.layers import Points

from napari_geolabel.annotations import Annotation, Change, Edit
from napari_geolabel.geo import pixel_to_display
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.points_view import MARKER_PX, PointsView


@pytest.fixture
def layer(bench):
    layer = Points(ndim=2, name="keypoints")
    bench.viewer.add_layer(layer)
    return layer


@pytest.fixture
def view(bench, layer):
    bench.class_id = "buoy"
    return PointsView(bench.viewer, layer, bench.store, **bench.wiring)


@pytest.fixture
def buoys():
    places = [(10 + 1 / 3, 20.1), (30.7, 40.9), (50.123456789, 60.987654321)]
    return [Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(place)) for place in places]


def agree(bench, layer):
    annotations = [a for a in bench.store.values() if a.kind is Kind.KEYPOINT]
    assert len(layer.data) == len(annotations) == len(layer.features) == len(layer.face_color)
    for i, annotation in enumerate(annotations):
        assert np.array_equal(layer.data[i], pixel_to_display([annotation.geometry.x, annotation.geometry.y]))
        assert layer.features["id"][i] == annotation.id
        color = bench.store.ontology[annotation.class_id].color
        assert [round(255 * c) for c in layer.face_color[i]] == [*bytes.fromhex(color[1:]), 255]
    return True


def snapshot(bench):
    return {a.id: (a.class_id, a.geometry.wkb) for a in bench.store.values()}


def test_the_layer_shows_the_keypoints_and_nothing_else(bench, layer, view, buoys, one_of_each):
    bench.add(*one_of_each, *buoys)
    assert agree(bench, layer)
    assert len(layer.data) == 3


def test_added_points_become_one_change_each_time(bench, layer, view):
    layer.add([10.5, 20.5])
    bench.loop.run()
    layer.add([[1, 2], [3, 4]])
    bench.loop.run()
    assert bench.titles == ["draw buoy", "draw 2 annotations"]
    assert next(iter(bench.store.values())).geometry == shapely.Point(21, 11)
    assert agree(bench, layer)


def test_pasted_points_are_new_annotations_although_napari_tells_of_no_data(bench, layer, view, buoys):
    bench.add(*buoys)
    bench.loop.run()
    bench.class_id = "dock"
    view.select([buoys[0].id, buoys[2].id])
    layer._copy_data()
    layer._paste_data()
    bench.loop.run()
    assert bench.titles == ["script", "paste 2 annotations"]
    copies = list(bench.store.values())[3:]
    assert [shapely.equals_identical(c.geometry, b.geometry) for c, b in zip(copies, (buoys[0], buoys[2]), strict=True)]
    assert [c.class_id for c in copies] == ["buoy", "buoy"]
    assert agree(bench, layer)


def test_a_moved_point_is_moved_and_the_others_keep_every_bit(bench, layer, view, buoys):
    bench.add(*buoys)
    data = np.array(layer.data)
    data[1] = 5, 6
    layer.data = data
    bench.loop.run()
    assert bench.titles == ["script", "move buoy"]
    assert bench.store[buoys[1].id].geometry == shapely.Point(6.5, 5.5)
    assert shapely.equals_identical(bench.store[buoys[0].id].geometry, buoys[0].geometry)
    assert agree(bench, layer)


def test_deleting_undoing_and_redoing_come_back_to_the_bit(bench, layer, view, buoys):
    bench.add(*buoys)
    before = snapshot(bench)
    view.select([buoys[1].id])
    layer.remove_selected()
    bench.loop.run()
    assert bench.titles == ["script", "delete buoy"]
    bench.store.undo()
    assert snapshot(bench) == before
    assert agree(bench, layer)
    bench.store.redo()
    assert buoys[1].id not in bench.store
    assert agree(bench, layer)


def test_a_class_without_keypoints_refuses_them(bench, layer, view):
    bench.class_id = "dock"
    layer.add([10, 20])
    bench.loop.run()
    assert not bench.store
    assert bench.notes == ["Dock is not drawn as keypoint; draw box, or choose another class"]
    assert agree(bench, layer)


def test_selection_is_kept_by_annotation(bench, layer, view, buoys):
    bench.add(*buoys)
    bench.loop.run()
    view.select([buoys[2].id])
    bench.store.apply(Change(title="remove", edits=(Edit(before=buoys[0]),)))
    assert view.selected_ids == [buoys[2].id]
    assert layer.selected_data == {1}


def test_markers_keep_their_size_on_screen(bench, layer, view, buoys):
    bench.add(*buoys)
    bench.viewer.scene.camera.zoom = 4.0
    bench.loop.run()
    assert layer.size == pytest.approx([MARKER_PX / 4] * 3)
    assert bench.titles == ["script"]


def test_the_class_in_hand_colours_new_points(bench, layer, view, buoys):
    bench.add(*buoys)
    view.use_class("ship")
    assert agree(bench, layer)
    layer.add([1, 1])
    assert [round(c) for c in layer.face_color[-1]] == [1, 0, 0, 1]


def test_a_refresh_alone_changes_nothing(bench, layer, view, buoys):
    bench.add(*buoys)
    layer.refresh()
    bench.loop.run()
    assert bench.titles == ["script"]
    assert not bench.loop.waiting

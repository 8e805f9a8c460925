"""Which annotations are shapes, and how view, store, selection and picture follow."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer import working_set
from napari_geolabel.viewer.frame import Frame


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Ten shapes are many."""
    monkeypatch.setattr(working_set, "MOST_SHAPES", 10)


@pytest.fixture
def crowd(session, loop):
    """A hundred clouds in rows of ten, fifty pixels apart; the view is on all of them."""
    look_at(session, 256, 256, 600)
    session.labels.add_many(
        [shapely.Point(30 + 50 * i, 30 + 50 * j).buffer(8) for j in range(10) for i in range(10)], "cloud"
    )
    loop.run()
    return list(session.labels)


def look_at(session, x, y, width_px):
    """Look at a place; the window of 800 x 600 screen pixels is so many scene pixels wide."""
    frame, camera = Frame.of(session.scene.grid), session.viewer.scene.camera
    camera.center = tuple(frame.to_world((x, y)))
    camera.zoom = 800 / width_px / frame.pixel_size[0]


def shown(session):
    return [row for row in session.shapes_layer.features["id"] if row]


def test_few_annotations_are_all_shapes_in_view_or_not(session, loop):
    session.labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box")
    look_at(session, 400, 400, 50)
    loop.run()
    assert shown(session) == list(session.labels)
    assert session.label_views.working.is_covered
    assert session.layers.overlay is None


def test_too_many_in_view_are_a_picture_and_no_shapes(session, loop, crowd):
    assert shown(session) == []
    picture = session.layers.overlay
    assert picture.visible
    assert picture.name == "labels overview"
    layers = list(session.viewer.layers)
    assert layers.index(session.scene_layer) < layers.index(picture) < layers.index(session.shapes_layer)
    assert session.viewer.layers.selection.active is session.shapes_layer
    red, green, blue, alpha = np.asarray(picture.data[0])[30, 30]
    assert (red, green, blue) == (255, 255, 255)
    assert alpha


def test_zooming_in_makes_shapes_of_what_is_in_view_once_the_view_rests(session, loop, crowd):
    look_at(session, 30, 30, 90)
    assert shown(session) == []
    loop.run()
    assert crowd[0] in shown(session)
    assert 1 <= len(shown(session)) <= 10
    assert not session.layers.overlay.visible


def test_while_the_view_moves_on_the_picture_fills_in(session, loop, crowd):
    look_at(session, 30, 30, 90)
    loop.run()
    look_at(session, 480, 480, 90)
    assert session.layers.overlay.visible
    assert crowd[-1] not in shown(session)
    loop.run()
    assert crowd[-1] in shown(session)
    assert not session.layers.overlay.visible


def test_small_moves_change_no_shapes(session, loop, crowd):
    look_at(session, 80, 80, 60)
    loop.run()
    before = session.shapes_layer.data
    look_at(session, 82, 80, 60)
    loop.run()
    assert all(a is b for a, b in zip(before, session.shapes_layer.data, strict=True))


def test_an_edit_of_a_shape_in_view_shows_there_and_in_the_picture_and_is_undone(session, loop, crowd):
    look_at(session, 30, 30, 90)
    loop.run()
    session.labels.update(crowd[0], geometry=shapely.box(20, 20, 60, 60), kind="polygon")
    loop.run()
    row = shown(session).index(crowd[0])
    assert np.ptp(session.shapes_layer.data[row], axis=0).tolist() == [40, 40]
    assert np.asarray(session.layers.overlay.data[0])[50, 50, 3]
    assert session.labels.store.undo_titles[0] == "change geometry, kind of cloud"
    session.undo()
    loop.run()
    assert np.ptp(session.shapes_layer.data[row], axis=0).tolist() == [16, 16]
    assert not np.asarray(session.layers.overlay.data[0])[50, 50, 3]


def test_the_layer_is_read_back_as_an_edit_of_the_store(session, loop, crowd):
    look_at(session, 30, 30, 90)
    loop.run()
    layer, row = session.shapes_layer, shown(session).index(crowd[0])
    data = list(layer.data)
    data[row] = data[row] + 5
    layer.data = data
    loop.run()
    x0, y0, *_ = session.labels[crowd[0]].geometry.bounds
    assert (x0, y0) == pytest.approx((27, 27), abs=1e-4)
    assert len(session.labels) == 100


def test_what_is_selected_is_a_shape_wherever_it_lies_and_stays_one(session, loop, crowd):
    session.selection.select([crowd[55]])
    assert session.selection.ids == [crowd[55]]
    assert shown(session) == [crowd[55]]
    look_at(session, 30, 30, 90)
    loop.run()
    assert session.selection.ids == [crowd[55]]
    assert crowd[55] in shown(session)
    assert shown(session) == sorted(shown(session), key=crowd.index)
    session.selection.select([])
    assert session.selection.ids == []


def test_more_can_be_selected_than_layers_show(session, loop, crowd):
    heard = []
    session.selection.changed.connect(lambda: heard.append(len(session.selection.ids)))
    session.selection.select(crowd[:40])
    assert sorted(session.selection.ids) == sorted(crowd[:40])
    assert len(shown(session)) == 10
    session.classes.give("cloud")
    session.labels.remove(crowd[39])
    loop.run()
    assert len(session.selection.ids) == 39
    session.shapes_layer.selected_data = {0}
    assert len(session.selection.ids) == 1
    assert heard[0] == 40


def test_hidden_classes_are_in_no_picture_and_locked_ones_cannot_be_picked(session, loop, crowd):
    picker = session.label_views.picker
    session.marks.locked = {"cloud"}
    assert picker.pick(30, 30) is None
    session.selection.select(crowd[:3])
    assert session.selection.ids == []
    session.marks.hidden = {"cloud"}
    loop.run()
    assert not np.asarray(session.layers.overlay.data[0]).any()
    session.marks.hidden = session.marks.locked = ()
    loop.run()
    assert np.asarray(session.layers.overlay.data[0])[30, 30, 3]
    assert picker.pick(30, 30) == crowd[0]


def test_a_click_into_the_picture_selects_the_topmost(session, loop, crowd):
    picker = session.label_views.picker
    assert picker.pick(30, 30) == crowd[0]
    assert session.selection.ids == [crowd[0]]
    assert picker.pick(80, 30, session.selection.ids) == crowd[1]
    assert session.selection.ids == crowd[:2]
    assert picker.pick(55, 55) is None


def test_keypoints_are_shapes_and_picture_too(session, loop):
    look_at(session, 256, 256, 600)
    session.labels.add_many([shapely.Point(10 + 5 * i, 100) for i in range(50)], "bow")
    loop.run()
    assert len(session.points_layer.data) == 0
    assert np.asarray(session.layers.overlay.data[0])[100, 10].tolist() == [255, 255, 0, 255]
    look_at(session, 12, 100, 20)
    loop.run()
    assert 1 <= len(session.points_layer.data) <= 10


def test_a_bulk_change_that_makes_few_of_many_brings_all_back(session, loop, crowd):
    session.labels.remove(crowd[5:])
    loop.run()
    assert shown(session) == crowd[:5]
    assert not session.layers.overlay.visible
    session.undo()
    loop.run()
    assert session.layers.overlay.visible
    assert shown(session) == []


def test_hidden_labels_have_no_picture_either(session, loop, crowd):
    session.hide_labels()
    assert not session.layers.overlay.visible
    session.show_labels()
    assert session.layers.overlay.visible
    session.shapes_layer.visible = False
    assert not session.layers.overlay.visible


def test_a_picture_that_a_person_removed_comes_back_when_it_is_needed(session, loop, crowd):
    session.viewer.layers.remove(session.layers.overlay)
    look_at(session, 30, 30, 90)
    loop.run()
    look_at(session, 256, 256, 600)
    loop.run()
    assert session.layers.overlay in session.viewer.layers
    assert session.layers.overlay.visible


def test_the_working_set_answers_by_kind_and_in_draw_order(session, loop, crowd):
    working = session.label_views.working
    held = [crowd[70], crowd[3]]
    assert [a.id for a in working.annotations({Kind.POLYGON}, held)] == [crowd[3], crowd[70]]
    assert working.annotations({Kind.KEYPOINT}, held) == []
    x0, y0, x1, y1 = working.view()
    assert (x1 - x0, y1 - y0) == pytest.approx((600, 450))
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((256, 256))


def test_a_closed_session_follows_no_more(session, loop, crowd):
    session.close()
    look_at(session, 30, 30, 90)
    loop.run()
    assert shown(session) == []
    assert not session.layers.overlay.visible


def test_of_many_changes_in_a_row_the_first_show_at_once_and_the_rest_together(session, loop, monkeypatch):
    swaps = []
    view = session.label_views.shapes
    swap = view._swap
    monkeypatch.setattr(view, "_swap", lambda *rows: swaps.append(len(rows[0])) or swap(*rows))
    monkeypatch.setattr(working_set, "MOST_SHAPES", 1000)
    for i in range(30):
        session.labels.add(shapely.box(5 * i, 10, 5 * i + 4, 14), "ship", kind="box")
    assert swaps == [1, 2, 3, 4, 5, 6, 7, 8]
    loop.run()
    assert swaps[8:] == [30]
    assert shown(session) == list(session.labels)
    session.labels.add(shapely.box(10, 100, 14, 104), "ship", kind="box")
    assert swaps[-1] == 31

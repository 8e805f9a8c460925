"""The labels once more, on layers of a pane."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.label_layers import add_label_layers
from napari_geolabel.viewer.mirrors import LabelMirror


def shown_mirror(session) -> LabelMirror:
    """A mirror of the labels of a session that has appeared."""
    made = LabelMirror(session, 2, add_label_layers(session.viewer, session.labels))
    for show in made.shows:
        show()
    return made


SHIP = shapely.Polygon([(10, 10), (20, 10), (20, 40), (10, 40)])


@pytest.fixture
def mirror(session, loop):
    """A mirror of the labels of a session that holds one ship, selected."""
    session._author.commit(Kind.ROTATED_BOX, SHIP)
    session.selection.select(session.labels.store)
    made = shown_mirror(session)
    yield made
    made.close()


def test_until_it_appears_it_is_hidden_and_hides_nothing_else(session):
    made = LabelMirror(session, 2, add_label_layers(session.viewer, session.labels))
    assert not any(layer.visible for layer in made.layers)
    assert all(layer.visible for layer in session.layers)
    session.shapes_layer.visible = False
    for show in made.shows:
        show()
    assert [layer.visible for layer in made.layers] == [layer.visible for layer in session.layers]
    made.close()


def test_it_has_the_same_layers_with_names_of_their_own(mirror, session):
    for own, original in zip(mirror.layers, session.layers, strict=True):
        assert type(own) is type(original)
        assert own is not original
        assert own.name == f"{original.name} · pane 2"
        np.testing.assert_allclose(own.scale, original.scale)


def test_it_shows_what_there_is_and_what_comes(mirror, session, loop):
    loop.run()
    np.testing.assert_allclose(mirror.layers.shapes.data[0], session.shapes_layer.data[0])
    session.current_class = "bow"
    session._author.commit(Kind.KEYPOINT, shapely.Point(3, 4))
    np.testing.assert_allclose(mirror.layers.points.data, session.points_layer.data)
    np.testing.assert_allclose(mirror.layers.shapes.face_color, session.shapes_layer.face_color)
    session.undo()
    assert len(mirror.layers.points.data) == 0


def test_an_edit_of_its_shapes_goes_to_the_store_and_so_to_the_others(mirror, session, loop):
    layer = mirror.layers.shapes
    layer.data = [layer.data[0] + 5]
    loop.run()
    (ship,) = session.labels.store.values()
    assert ship.geometry.bounds == (15, 15, 25, 45)
    np.testing.assert_allclose(session.shapes_layer.data[0], layer.data[0])


def test_what_is_drawn_on_it_gets_the_class_in_hand(mirror, session, loop):
    session.current_class = "bow"
    mirror.layers.points.add([(7, 8)])
    loop.run()
    assert [a.class_id for a in session.labels.store.values()] == ["ship", "bow"]
    assert len(session.points_layer.data) == 1
    assert mirror.layers.points.current_face_color == session.points_layer.current_face_color


def test_the_same_annotations_are_selected_everywhere(mirror, session, viewer):
    shapes = mirror.layers.shapes
    assert shapes.selected_data == {0}
    session.selection.select([])
    assert shapes.selected_data == set()
    viewer.layers.selection.active = shapes
    shapes.selected_data = {0}
    assert session.selected_ids == list(session.labels.store)
    shapes.selected_data = set()
    assert session.selected_ids == []


def test_the_mask_is_the_same_array_and_is_painted_on_the_original_alone(mirror, session):
    assert mirror.layers.mask.data is session.mask_layer.data
    assert not mirror.layers.mask.editable
    assert mirror.layers.mask.colormap is session.mask_layer.colormap


def test_each_stroke_is_drawn_in_the_mirror_too(mirror, session):
    drawn = []
    mirror.layers.mask.events.labels_update.connect(lambda event: drawn.append(np.array(event.data).max()))
    session.mask_layer.selected_label = 2
    session.mask_layer.paint((30, 30), 2)
    assert max(drawn) == 2


def test_the_preview_of_a_tool_is_in_the_mirror_too(mirror, session):
    session.current_class, session.tool = "cloud", "polygon"
    for point in ((10, 10), (30, 10)):
        session.toolbox._click(np.array(point, float))
    np.testing.assert_allclose(mirror.layers.preview.data, session.preview_layer.data)
    np.testing.assert_allclose(mirror.layers.preview.edge_width, session.preview_layer.edge_width)
    session.tool = None
    assert len(mirror.layers.preview.data) == len(session.preview_layer.data) == 0


def test_hidden_labels_are_hidden_in_the_mirror_and_the_other_way_round(mirror, session):
    session.hide_labels()
    assert not any(layer.visible for layer in mirror.layers)
    session.show_labels()
    assert all(layer.visible for layer in mirror.layers)
    mirror.layers.shapes.visible = False
    mirror.layers.mask.opacity = 0.2
    assert not session.shapes_layer.visible
    assert session.mask_layer.opacity == 0.2


def test_after_its_end_it_follows_nothing(session, loop, labels):
    listeners = len(labels.store.changed), len(session.selection.changed), len(session.hand.class_changed)
    mirror = shown_mirror(session)
    mirror.close()
    session._author.commit(Kind.ROTATED_BOX, SHIP)
    session.hide_labels()
    assert len(mirror.layers.shapes.data) == 0
    assert mirror.layers.shapes.visible
    after = len(labels.store.changed), len(session.selection.changed), len(session.hand.class_changed)
    assert after == listeners


def test_labels_of_all_panes_are_hidden_and_shown_in_one_batch_each(session, viewer):
    session.views.open(4)
    labels, told = [layer for pane in session.views for layer in pane.layers[1:]] + list(session.layers), []
    before = [layer.visible for layer in labels]
    for name in ("begin_batch", "end_batch"):
        getattr(viewer.layers.events, name).connect(lambda event: told.append(event.type))
    session.hide_labels()
    assert not any(layer.visible for layer in labels)
    assert told == ["begin_batch", "end_batch"]
    session.show_labels()
    assert [layer.visible for layer in labels] == before
    assert told == ["begin_batch", "end_batch"] * 2

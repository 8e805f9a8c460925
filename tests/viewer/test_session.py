"""A session without a window: layers, classes, tools, composites, undo, provenance and its end."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import (
    BandNotFoundError,
    CompositeError,
    ForbiddenKindError,
    GeoLabelError,
    UnknownClassError,
)
from napari_geolabel.geo.grid import pixel_to_display
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer import layer_keeper
from napari_geolabel.viewer.label_layers import LABELS_KEY
from napari_geolabel.viewer.scene_layer import add_scene_layer
from napari_geolabel.viewer.session import Session, find_session

BOX = shapely.box(10, 10, 40, 30)
TRIANGLE = shapely.Polygon([(100, 100), (140, 100), (120, 150)])


def test_a_session_adds_its_layers_above_the_scene_with_shapes_active(session, viewer):
    assert list(viewer.layers) == [session.scene_layer, *session.layers]
    assert viewer.layers.selection.active is session.shapes_layer
    assert {tuple(layer.scale) for layer in viewer.layers} == {(10, 10)}
    assert {tuple(map(str, layer.units)) for layer in viewer.layers} == {("meter", "meter")}
    for layer in (session.shapes_layer, session.points_layer, session.mask_layer):
        assert layer.metadata[LABELS_KEY] is session.labels


def test_a_scene_that_is_open_already_is_used(viewer, scene, labels, loop):
    layer = add_scene_layer(viewer, scene)
    session = Session(viewer, labels, defer=loop.defer)
    assert session.scene_layer is layer
    assert (
        sum(
            item.metadata.get("geolabel_scene") is scene and "geolabel_picture" in item.metadata
            for item in viewer.layers
        )
        == 1
    )


def test_an_ontology_without_masks_has_no_mask_layer(viewer, scene, coast_ontology, loop):
    drawn = coast_ontology.model_copy(update={"classes": coast_ontology.classes[:1]})
    session = Session(viewer, open_labels(scene=scene, ontology=drawn), defer=loop.defer)
    assert session.mask_layer is None
    assert "brush" not in session.tools
    session.close()


def test_the_mask_layer_edits_the_canvas_itself(session):
    assert session.mask_layer.data is session.labels.canvas.array


def test_the_composite_is_set_stepped_and_told(session):
    seen = []
    session.composite_changed.connect(seen.append)
    camera = session.viewer.scene.camera.zoom, session.viewer.scene.camera.center
    session.composite = "ndvi"
    session.next_composite()
    session.previous_composite()
    assert seen == ["ndvi", "ndwi", "ndvi"]
    assert session.composite == "ndvi"
    assert camera == (session.viewer.scene.camera.zoom, session.viewer.scene.camera.center)


def test_an_unknown_composite_raises_for_scripts_and_is_told_to_people(session, told):
    with pytest.raises(CompositeError):
        session.composite = "nonsense"
    session.use_composite("nonsense")
    assert told[-1].startswith("no composite 'nonsense'")


def test_labels_and_selection_stay_when_the_composite_changes(session):
    ship = session.labels.add(BOX, "ship")
    session.selection.select([ship.id])
    session.composite = "false_color"
    assert session.selected_ids == [ship.id]


def test_a_band_becomes_a_layer_below_the_labels_and_the_active_layer_stays(session):
    layer = session.add_band("nir")
    names = list(session.viewer.layers)
    assert names.index(session.scene_layer) + 1 == names.index(layer) < names.index(session.shapes_layer)
    assert session.viewer.layers.selection.active is session.shapes_layer
    assert "row 0 col 0" in layer.get_status((1, 1), world=True)["coordinates"]
    with pytest.raises(BandNotFoundError):
        session.add_band("thermal")


def test_what_panels_ask_for_is_told_when_it_cannot_be(session, told):
    session.try_add_band("nir +")
    assert len(told) == 1


def test_new_annotations_get_the_current_class_and_tell_what_was_on_screen(session):
    session.composite = "ndvi"
    session.current_class = "cloud"
    session.tool = "polygon"
    session.viewer.scene.camera.zoom = 0.25
    made = session.new_annotation(TRIANGLE, Kind.POLYGON)
    assert made.class_id == "cloud"
    assert made.provenance.composite == "ndvi"
    assert made.provenance.ground_resolution_m == 4
    assert made.provenance.tool.endswith(", polygon")
    assert made.provenance.annotator


def test_a_class_that_is_unknown_is_refused(session):
    with pytest.raises(UnknownClassError):
        session.current_class = "submarine"
    assert session.current_class == "ship"


def test_drawing_what_the_class_forbids_is_refused(session):
    with pytest.raises(ForbiddenKindError, match="Ship is not drawn as polygon"):
        session.new_annotation(TRIANGLE, Kind.POLYGON)


def test_a_tool_that_the_class_forbids_is_refused_with_the_reason(session, told):
    with pytest.raises(GeoLabelError, match="Ship is not drawn as polygon; draw it as rotated box or box"):
        session.tool = "polygon"
    session.use_tool("polygon")
    assert session.tool is None
    assert len(told) == 1
    with pytest.raises(GeoLabelError, match="there is no tool 'spline'"):
        session.tool = "spline"


def test_the_tool_follows_a_class_that_forbids_it(session):
    seen = []
    session.tool_changed.connect(seen.append)
    session.tool = "rotated_box"
    session.current_class = "wake"
    assert session.tool == "polyline"
    session.current_class = "cloud"
    assert session.tool == "polygon"
    assert session.toolbox.active == "polygon"
    assert seen == ["rotated_box", "polyline", "polygon"]


def test_a_tool_that_the_new_class_allows_stays(session):
    session.tool = "box"
    session.current_class = "ship"
    assert session.tool == "box"


def test_the_brush_paints_with_the_current_class(session):
    session.current_class = "cloud"
    session.tool = "brush"
    assert session.viewer.layers.selection.active is session.mask_layer
    assert session.mask_layer.mode == "paint"
    assert session.mask_layer.selected_label == 2
    session.viewer.layers.selection.active = session.shapes_layer
    assert session.tool is None
    assert session.mask_layer.mode == "pan_zoom"


def test_one_of_naparis_own_modes_puts_the_tool_away(session):
    session.current_class = "cloud"
    session.tool = "polygon"
    session.shapes_layer.mode = "select"
    assert session.tool is None
    assert session.shapes_layer.mode == "select"


def test_choosing_a_class_in_select_mode_changes_the_selected_annotations_as_one_undo(session, loop):
    one, two = session.labels.add_many([TRIANGLE, shapely.affinity.translate(TRIANGLE, 60)], "cloud")
    polygon_ship = session.labels.ontology["ship"]
    assert Kind.POLYGON not in polygon_ship.kinds
    line = session.labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake")
    session.shapes_layer.mode = "select"
    session.selection.select([one.id, two.id])
    session.classes.choose("cloud")
    assert {session.labels[i].class_id for i in (one.id, two.id)} == {"cloud"}
    box = session.labels.add(BOX, "ship")
    loop.run()
    session.selection.select([box.id])
    session.classes.choose("cloud")
    assert session.labels[box.id].class_id == "cloud"
    session.undo()
    assert session.labels[box.id].class_id == "ship"
    assert session.labels[line.id].class_id == "wake"


def test_choosing_a_class_while_drawing_leaves_what_is_drawn_alone(session):
    box = session.labels.add(BOX, "ship")
    session.selection.select([box.id])
    session.classes.choose("cloud")
    assert session.labels[box.id].class_id == "ship"
    assert session.current_class == "cloud"


def test_a_class_that_the_selection_cannot_have_is_told(session, told):
    line = session.labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake")
    session.shapes_layer.mode = "select"
    session.selection.select([line.id])
    session.classes.choose("ship")
    assert session.labels[line.id].class_id == "wake"
    assert len(told) == 1


def test_what_a_tool_commits_is_one_undoable_annotation_in_every_view(session):
    session._author.commit(Kind.ROTATED_BOX, shapely.Polygon([(10, 10), (20, 10), (20, 40), (10, 40)]))
    assert len(session.labels) == len(session.shapes_layer.data) == session.counts["ship"] == 1
    np.testing.assert_allclose(session.shapes_layer.data[0], pixel_to_display([(10, 10), (20, 10), (20, 40), (10, 40)]))
    session.undo()
    assert len(session.labels) == len(session.shapes_layer.data) == 0
    session.redo()
    assert len(session.shapes_layer.data) == 1


def test_a_console_edit_shows_in_the_layers(session):
    session.labels.add(shapely.Point(50, 60), "bow")
    np.testing.assert_allclose(session.points_layer.data, [(59.5, 49.5)])


def test_hiding_brings_back_only_what_was_visible(session):
    session.points_layer.visible = False
    session.hide_labels()
    assert not any(layer.visible for layer in session.layers)
    session.show_labels()
    assert session.shapes_layer.visible
    assert not session.points_layer.visible


def test_labels_that_are_hidden_twice_come_back_all_the_same(session):
    session.hide_labels()
    session.hide_labels()  # the key was let go in another window
    session.show_labels()
    assert all(layer.visible for layer in session.layers)


def test_a_mask_layer_that_came_with_a_later_ontology_is_put_back_too(viewer, scene, coast_ontology, loop, monkeypatch):
    monkeypatch.setattr(layer_keeper, "canvas_widget", lambda viewer: object())
    first = coast_ontology.model_copy(update={"classes": coast_ontology.classes[:1]})
    session = Session(viewer, open_labels(scene=scene, ontology=first), defer=loop.defer)
    assert session.mask_layer is None
    session.labels.use_ontology(coast_ontology)
    viewer.layers.remove(session.mask_layer)
    loop.run()
    assert session.mask_layer in viewer.layers
    session.close()


def test_one_viewer_has_one_session_until_it_is_closed(session, viewer):
    assert find_session(viewer) is session
    session.close()
    assert find_session(viewer) is None


def test_a_closed_session_leaves_layers_and_labels_and_hears_nothing(session, viewer):
    session.labels.add(BOX, "ship")
    seen = []
    session.closed.connect(lambda: seen.append(True))
    session.tool = "box"
    session.close()
    session.close()
    assert seen == [True]
    assert session.shapes_layer in viewer.layers
    assert not session.shapes_layer.keymap
    session.labels.add(shapely.affinity.translate(BOX, 50), "ship")
    assert len(session.shapes_layer.data) == 1
    assert len(session.labels) == 2


def test_labels_go_on_in_a_second_session(session, viewer, loop):
    session.labels.add(BOX, "ship")
    labels = session.labels
    session.close()
    again = Session(viewer, labels, defer=loop.defer)
    assert len(again.shapes_layer.data) == 1
    again.close()


def test_a_session_and_its_viewer_are_freed(scene, coast_ontology, loop):
    from napari.components import ViewerModel

    session = Session(ViewerModel(), open_labels(scene=scene, ontology=coast_ontology), defer=loop.defer)
    gone = weakref.ref(session), weakref.ref(session.viewer)
    session.close()
    del session
    loop.run()  # what was put off holds its view until it is called
    gc.collect()
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_an_ontology_that_gets_its_first_class_to_paint_gets_a_mask_layer(viewer, scene, coast_ontology, loop):
    drawn = coast_ontology.model_copy(update={"classes": coast_ontology.classes[:1]})
    labels = open_labels(scene=scene, ontology=drawn)
    session = Session(viewer, labels, defer=loop.defer)
    active = viewer.layers.selection.active
    assert session.mask_layer is None

    labels.use_ontology(coast_ontology)

    mask = session.mask_layer
    assert mask in viewer.layers
    assert viewer.layers.index(mask) < viewer.layers.index(session.shapes_layer)
    assert viewer.layers.selection.active is active
    assert find_session(viewer) is session
    session.current_class = "cloud"
    session.tool = "brush"
    assert session.tool == "brush"
    labels.paint(BOX, "cloud")
    assert mask.data is labels.canvas.array
    assert mask.selected_label == 2

    session.close()
    assert "geolabel_session" not in mask.metadata


def test_an_import_that_brings_a_class_to_paint_shows_what_it_painted(session, viewer, scene, coast_ontology, loop):
    drawn = coast_ontology.model_copy(update={"classes": coast_ontology.classes[:1]})
    labels = open_labels(scene=scene, ontology=drawn)
    session.labels.paint(BOX, "cloud")
    path = scene.path.with_name("clouds.tif")
    session.labels.export(path)
    from napari.components import ViewerModel

    other = Session(ViewerModel(), labels, defer=loop.defer)

    labels.import_from(path, make_classes=True)

    assert other.mask_layer is not None
    assert np.count_nonzero(other.mask_layer.data) == 30 * 20
    other.close()

"""Further scenes in a labelling session."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.attach import attach
from napari_geolabel.viewer.commands import next_composite
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.keys import COMPOSITE_KEYS
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY, add_scene_layer


@pytest.fixture
def later(write_scene, scene):
    """The path of a later scene of the same place, half as fine."""
    grid = scene.grid.with_transform(scene.grid.transform @ Affine.scale(2), scene.grid.crs)
    return write_scene(grid, "later.tif", bands=("blue", "green", "red", "nir"))


def test_an_added_scene_lies_below_the_labels_and_the_active_layer_stays(session, viewer, later):
    layer = session.add_scene(later)
    names = list(viewer.layers)
    assert names.index(session.scene_layer) < names.index(layer) < min(names.index(each) for each in session.layers)
    assert viewer.layers.selection.active is session.shapes_layer
    assert session.scenes.layers == [session.scene_layer, layer]
    np.testing.assert_allclose(layer.data_to_world((0, 0)), (10, 10))


def test_a_scene_or_a_path_or_paths_may_be_given_with_what_to_show(session, later):
    with open_scene(later) as scene:
        layer = session.add_scene(scene, "nir")
        assert layer.metadata[SCENE_KEY] is scene
        assert layer.metadata[PICTURE_KEY].composite.id == "nir"
        assert session.add_scene(scene) is layer
    assert session.add_scene(str(later)) is not layer
    assert session.add_scene([later]).metadata[SCENE_KEY].path == later


def test_labels_stay_with_the_first_scene(session, later):
    session.add_scene(later)
    session._author.commit(Kind.ROTATED_BOX, shapely.Polygon([(10, 10), (20, 10), (20, 40), (10, 40)]))
    (ship,) = session.labels.store.values()
    assert session.labels.scene is session.scene
    np.testing.assert_allclose(session.shapes_layer.data_to_world((9.5, 9.5)), (100, 100))
    assert ship.geometry.bounds == (10, 10, 20, 40)


def test_composites_act_on_the_scene_whose_layer_is_selected(session, viewer, later, told):
    layer = session.add_scene(later)
    changes = []
    session.scenes.changed.connect(lambda: changes.append(session.scenes.composites.current))
    session.next_composite()
    assert (session.composite, composites_of(layer).current) == ("false_color", "true_color")
    viewer.layers.selection.active = layer
    assert session.scenes.active_layer is layer
    assert session.scenes.composites is composites_of(layer)
    session.use_composite("ndvi")
    session.next_composite()
    session.previous_composite()
    assert composites_of(layer).current == layer.metadata[PICTURE_KEY].composite.id == "ndvi"
    assert session.composite == "false_color"
    next_composite(viewer)
    assert composites_of(layer).current != "ndvi"
    assert changes[0] == "false_color"
    assert "ndvi" in changes
    session.composite = "true_color"
    assert session.composites.current == "true_color"
    viewer.layers.selection.active = session.shapes_layer
    assert session.scenes.composites is session.composites
    assert not told


def test_the_keys_of_the_session_work_on_an_added_layer(session, viewer, later):
    layer = session.add_scene(later)
    bound = {str(key) for key in layer.keymap}
    assert {"Alt+Right", "R", "Ctrl+Z", "1"} <= bound
    viewer.layers.selection.active = layer
    next(action for key, action in layer.keymap.items() if str(key) == "Alt+Right")(layer)
    assert composites_of(layer).current == "false_color"
    assert session.composite == "true_color"


def test_a_band_is_added_from_the_scene_that_is_selected(session, viewer, later):
    layer = session.add_scene(later)
    viewer.layers.selection.active = layer
    session.try_add_band("nir")
    band = viewer.layers[viewer.layers.index(layer) + 1]
    assert band.name == "later · nir"
    np.testing.assert_allclose(band.data_to_world((0, 0)), (10, 10))
    assert viewer.layers.selection.active is layer


def test_the_status_bar_tells_the_values_of_every_visible_scene(session, later):
    session.labels.add(shapely.box(10, 10, 40, 30), "ship")
    layer = session.add_scene(later)
    world = session.scene_layer.data_to_world((20, 30))
    texts = {each.get_status(world, world=True)["coordinates"] for each in (session.shapes_layer, layer)}
    (text,) = texts
    values = open_scene(later).sample(15.25, 10.25)
    assert text.startswith("row 20 col 30 · EPSG:32633")
    assert " · Ship · scene: blue " in text
    assert text.endswith(" · later: " + "  ".join(f"{name} {value:.6g}" for name, value in values.items()))
    layer.visible = False
    assert "later" not in session.shapes_layer.get_status(world, world=True)["coordinates"]
    layer.visible = True
    beyond = layer.data_to_world((400, 400))  # in the later scene alone
    assert " · later: blue " in layer.get_status(beyond, world=True)["coordinates"]
    assert "scene:" not in layer.get_status(beyond, world=True)["coordinates"]


def test_a_scene_that_is_dropped_during_a_session_is_taken_in(session, viewer, later, loop):
    attach(viewer)
    with open_scene(later) as scene:
        layer = add_scene_layer(viewer, scene)
        assert viewer.layers[-1] is layer
        loop.run()
        assert list(viewer.layers).index(layer) < list(viewer.layers).index(session.shapes_layer)
        np.testing.assert_allclose(layer.data_to_world((0, 0)), (10, 10))
        assert "later: blue" in session.shapes_layer.get_status((50.0, 50.0), world=True)["coordinates"]


def test_and_where_nobody_has_attached_the_viewer_as_well(session, viewer, later, loop):
    other = open_scene(later)
    grid = other.grid.with_transform(other.grid.transform @ Affine.translation(4, 2), other.grid.crs)
    layer = add_scene_layer(viewer, other.with_transform(grid.transform, grid.crs))
    loop.run()
    np.testing.assert_allclose(layer.data_to_world((0, 0)), (10 + 40, 10 + 80))


def test_a_scene_that_was_added_can_be_taken_away_with_its_bands(session, viewer, later):
    before = list(viewer.layers)
    layer = session.add_scene(later)
    viewer.layers.selection.active = layer
    session.try_add_band("nir")
    scene = layer.metadata[SCENE_KEY]
    session.remove_scene(layer)
    assert list(viewer.layers) == before
    assert session.scenes.composites is session.composites
    with pytest.raises(SceneError, match="has been closed"):
        scene.read()
    with open_scene(later) as own:
        session.add_scene(own)
        session.remove_scene(own)
        assert own.read().shape[0] == 4


def test_a_scene_that_is_deleted_in_the_list_of_layers_is_closed_with_its_last_layer(session, viewer, later, loop):
    layer = session.add_scene(later)
    viewer.layers.selection.active = layer
    session.try_add_band("nir")
    band = viewer.layers[viewer.layers.index(layer) + 1]
    scene = layer.metadata[SCENE_KEY]
    viewer.layers.remove(layer)
    loop.run()
    assert scene.read().shape[0] == 4
    viewer.layers.remove(band)
    loop.run()
    with pytest.raises(SceneError, match="has been closed"):
        scene.read()


def test_the_labelled_scene_stays_and_a_stranger_is_named(session, later):
    with pytest.raises(GeoLabelError, match="scene is the scene that is labelled"):
        session.remove_scene(session.scene)
    with open_scene(later) as stranger, pytest.raises(GeoLabelError, match="later is no scene of this window"):
        session.remove_scene(stranger)
    with pytest.raises(GeoLabelError, match="is the scene that is labelled"):
        session.remove_scene(session.shapes_layer)


def test_what_cannot_be_opened_or_shown_is_refused_and_leaves_the_window_as_it_was(session, viewer, tmp_path):
    before = list(viewer.layers)
    with pytest.raises(GeoLabelError):
        session.add_scene(tmp_path / "missing.tif")
    assert list(viewer.layers) == before


def test_when_the_session_ends_layers_stay_and_composites_still_step(session, viewer, later):
    layer = session.add_scene(later)
    session.close()
    assert layer in viewer.layers
    assert {str(key) for key in layer.keymap} == {key.label for key in COMPOSITE_KEYS}
    assert all(action.__name__ for action in layer.keymap.values())  # napari's list of shortcuts asks for it
    for each in (layer, session.scene_layer):
        next(action for key, action in each.keymap.items() if str(key) == "Alt+Right")(each)
        assert composites_of(each).current == "false_color"
    changes = []
    session.scenes.changed.connect(lambda: changes.append(1))
    viewer.layers.selection.active = layer
    assert not changes

"""Several scenes in one window, without a session."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.grid import GeoGrid, pixel_to_display
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.warped import WarpedPicture
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.attach import attach
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import (
    PICTURE_KEY,
    SCENE_KEY,
    add_band_layer,
    add_scene_layer,
    change_scene,
    show_composite,
)
from napari_geolabel.viewer.session import Session
from napari_geolabel.viewer.together import GREY_OPACITY, add_scene, first_grid, make_first

UTM33, UTM34 = CRS.from_epsg(32633), CRS.from_epsg(32634)


@pytest.fixture
def shifted(write_scene, scene):
    """A finer scene inside the first, south up."""
    transform = scene.grid.transform @ Affine.translation(100, 200) @ Affine.scale(0.5, -0.5)
    with open_scene(write_scene(scene.grid.with_transform(transform, scene.grid.crs), "shifted.tif")) as other:
        yield other


@pytest.fixture
def abroad(write_scene, scene):
    """A large scene of the next zone that holds the first; an affine map would err by pixels."""
    centre = scene.grid.pixel_to_crs([(256, 256)], UTM34)[0]
    transform = Affine(60, 0, centre[0] - 60_000, 0, -60, centre[1] + 60_000)
    grid = GeoGrid(shape=(2000, 2000), transform=transform, crs=UTM34)
    with open_scene(write_scene(grid, "abroad.tif", bands=("blue", "green", "red", "nir"))) as other:
        yield other


def same_place(one, other, map_crs, xy):
    """Return how far apart two layers show a pixel point of the first one's scene, in world units."""
    first, second = one.metadata[SCENE_KEY].grid, other.metadata[SCENE_KEY].grid
    there = second.crs_to_pixel(first.pixel_to_crs([xy], map_crs), map_crs)[0]
    here = one.data_to_world(pixel_to_display([xy])[0])
    return np.abs(np.array(here) - other.metadata[PLACE_KEY].to_world([there])[0]).max()


def test_a_second_scene_is_laid_over_the_first_at_its_place(viewer, scene, shifted):
    below = add_scene(viewer, scene)
    above = add_scene(viewer, shifted)
    assert list(viewer.layers) == [below, above]
    assert first_grid(viewer.layers) is scene.grid
    assert same_place(below, above, scene.grid.crs, (120.0, 150.0)) < 1e-6
    np.testing.assert_allclose(above.data_to_world((-0.5, -0.5)), (2000, 1000))
    assert above.name == "shifted · True colour"
    assert above.opacity == 1


def test_a_scene_that_is_there_already_gets_no_second_layer(viewer, scene):
    assert add_scene(viewer, scene) is add_scene(viewer, scene)
    assert len(viewer.layers) == 1


def test_a_grey_scene_lets_the_one_below_shine_through(viewer, scene, write_scene):
    add_scene(viewer, scene)
    with open_scene(write_scene(scene.grid, "radar.tif", bands=("vv",))) as radar:
        assert add_scene(viewer, radar).opacity == GREY_OPACITY


def test_a_composite_may_be_chosen(viewer, scene, shifted):
    add_scene(viewer, scene)
    assert add_scene(viewer, shifted, "green").metadata[PICTURE_KEY].composite.id == "green"


def test_a_scene_of_another_zone_is_warped_says_so_and_switches_in_place(viewer, scene, abroad):
    below, above = add_scene(viewer, scene), add_scene(viewer, abroad)
    assert above.name == "abroad · True colour · warped from EPSG:32634"
    assert isinstance(above.metadata[PICTURE_KEY], WarpedPicture)
    for xy in np.random.default_rng(5).uniform(0, 512, (100, 2)):
        assert same_place(below, above, UTM33, xy) <= 5.01  # half a pixel of 10 m
    before = np.asarray(above.data[-1]).copy()
    show_composite(above, "nir")
    assert above.name.startswith("abroad · ")
    assert above.name.endswith(" · warped from EPSG:32634")
    assert not np.array_equal(np.asarray(above.data[-1]), before)


def test_the_values_on_screen_are_those_of_the_warped_scene(viewer, scene, abroad):
    add_scene(viewer, scene)
    add_scene(viewer, abroad)
    band = add_band_layer(viewer, abroad, "red")
    assert band.metadata[PLACE_KEY].is_warped
    full = band.data[0]
    values = abroad.read("red")[0]
    for x, y in np.random.default_rng(6).uniform(0, 512, (100, 2)):
        world = viewer.layers[0].data_to_world(pixel_to_display([(x, y)])[0])
        row, col = (round(v) for v in band.world_to_data(world))
        ((east, north),) = abroad.grid.crs_to_pixel(scene.grid.pixel_to_crs([(x, y)], UTM33), UTM33)
        if min(abs(east - round(east)), abs(north - round(north))) > 0.1:  # not within half a fine pixel of a border
            assert full[row, col] == values[int(north), int(east)]


def test_a_band_of_an_added_scene_lies_where_its_scene_lies(viewer, scene, shifted):
    add_scene(viewer, scene)
    above, band = add_scene(viewer, shifted), add_band_layer(viewer, shifted, "red")
    np.testing.assert_allclose(band.data_to_world((7, 9)), above.data_to_world((7, 9)))


def test_a_scene_that_is_dropped_finds_its_place(viewer, scene, shifted):
    attach(viewer)
    add_scene_layer(viewer, scene)
    dropped = add_scene_layer(viewer, shifted)
    np.testing.assert_allclose(dropped.data_to_world((-0.5, -0.5)), (2000, 1000))
    text = dropped.get_status((1999.0, 1001.0), world=True)["coordinates"]
    assert text.startswith("row 0 col 0 · EPSG:32633")
    assert "scene: blue" in text
    assert "shifted: red" in text


def test_and_a_warped_one_too(viewer, scene, abroad):
    attach(viewer)
    below, dropped = add_scene_layer(viewer, scene), add_scene_layer(viewer, abroad)
    assert dropped.name.endswith("warped from EPSG:32634")
    assert same_place(below, dropped, UTM33, (300.0, 20.0)) <= 5.01
    assert dropped.data.shapes[0] == (*dropped.metadata[PLACE_KEY].shown.shape, 4)


def test_what_is_dropped_without_a_georeference_is_put_beside_and_said_so(viewer, scene, write_scene, told):
    attach(viewer)
    add_scene_layer(viewer, scene)
    grid = GeoGrid(shape=(30, 40), transform=Affine.identity())
    with open_scene(write_scene(grid, "photo.tif")) as photo:
        layer = add_scene_layer(viewer, photo)
        assert layer.data_to_world((0, 0))[1] > 5120
    assert layer.name.endswith("beside, not in its place")
    assert told == ["photo was put to the right of the first scene: photo is not georeferenced"]


def test_a_scene_still_finds_its_place_when_the_first_is_gone(viewer, scene, shifted, write_scene):
    below = add_scene(viewer, scene)
    add_scene(viewer, shifted)
    viewer.layers.remove(below)
    with open_scene(write_scene(scene.grid, "again.tif")) as again:
        np.testing.assert_allclose(add_scene(viewer, again).data_to_world((0, 0)), (5, 5))


def test_a_scene_that_cannot_be_shown_with_the_first_is_refused_and_adds_nothing(viewer, scene, write_scene):
    add_scene(viewer, scene)
    grid = GeoGrid(shape=(9000, 4000), transform=Affine(1e-3, 0, -80, 0, -1e-3, -30), crs=CRS.from_epsg(4326))
    with (
        open_scene(write_scene(grid, "chile.tif", bands=("red",))) as far,
        pytest.raises(GeoLabelError, match="chile cannot be shown together with the first scene"),
    ):
        add_scene(viewer, far)
    assert len(viewer.layers) == 1


def test_naming_the_bands_of_an_added_scene_leaves_it_in_its_place(viewer, scene, abroad):
    add_scene(viewer, scene)
    above = add_scene(viewer, abroad)
    place = above.metadata[PLACE_KEY]
    change_scene(above, abroad.with_bands(["red", "green", "blue", "nir"]))
    assert above.metadata[PLACE_KEY].transform == place.transform
    assert above.name.endswith("warped from EPSG:32634")


def test_the_scene_that_is_labelled_becomes_the_first_and_the_others_follow(
    viewer, scene, abroad, loop, coast_ontology
):
    attach(viewer)
    other, labelled = add_scene(viewer, scene), add_scene(viewer, abroad)
    band = add_band_layer(viewer, abroad, "red")
    labelled.name = "mine"
    session = Session(viewer, open_labels(scene=abroad, ontology=coast_ontology), defer=loop.defer)
    assert session.scene_layer is labelled
    assert not labelled.metadata[PLACE_KEY].is_warped
    assert not band.metadata[PLACE_KEY].is_warped
    np.testing.assert_allclose(labelled.data_to_world((0, 0)), session.shapes_layer.data_to_world((0, 0)))
    np.testing.assert_array_equal(np.asarray(labelled.affine), np.eye(3))
    assert same_place(labelled, other, UTM33, (1000.0, 1000.0)) <= 5.01
    assert labelled.name == "mine"
    assert other.name == "scene · True colour · fitted, under 0.1 px"
    session.close()


def test_labels_of_an_ended_session_move_with_their_scene(viewer, scene, shifted, loop, coast_ontology):
    first = Session(viewer, open_labels(scene=scene, ontology=coast_ontology), defer=loop.defer)
    first.labels.add(shapely.box(110, 150, 120, 160), "ship")
    added = first.add_scene(shifted)
    first.close()
    Session(viewer, open_labels(scene=shifted, ontology=coast_ontology), defer=loop.defer).close()
    old, row_col = first.shapes_layer, (149.5, 109.5)
    np.testing.assert_allclose(old.data_to_world(row_col), first.scene_layer.data_to_world(row_col))
    np.testing.assert_array_equal(np.asarray(added.affine), np.eye(3))
    make_first(viewer, first.scene_layer)
    np.testing.assert_allclose(old.data_to_world((0, 0)), (5, 5))

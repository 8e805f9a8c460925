"""A scene as one layer, its composite switched in place."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, ExpressionError, GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.render import render
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.viewer.scene_layer import (
    PICTURE_KEY,
    SCENE_KEY,
    add_band_layer,
    add_scene_layer,
    change_scene,
    find_scene_layer,
    offered_composites,
    scene_layer_data,
    scene_layers,
    show_composite,
)


def test_a_scene_becomes_one_rgba_multiscale_layer_in_metres(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    assert layer.rgb
    assert layer.multiscale
    assert tuple(layer.scale) == (10, 10)
    assert tuple(layer.translate) == (5, 5)
    assert [str(unit) for unit in layer.units] == ["meter", "meter"]
    assert layer.metadata[SCENE_KEY] is scene
    assert layer.name == "scene · True colour"


def test_the_layer_shows_the_pixels_that_render_gives(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    np.testing.assert_array_equal(np.asarray(layer.data[0]), render(scene, "true_color", max_size=None))


def test_layer_data_is_what_napari_makes_the_same_layer_of(viewer, scene):
    from napari.layers import Layer

    layer = viewer.add_layer(Layer.create(*scene_layer_data(scene)))
    assert layer.metadata[PICTURE_KEY].scene is scene
    assert layer.data.shapes[0] == (512, 512, 4)


def test_switching_keeps_the_layer_and_its_data_and_shows_the_other_picture(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    levels = list(layer.data)
    before = layer._slice.image.view.copy()
    show_composite(layer, "false_color")
    assert list(viewer.layers) == [layer]
    assert all(now is then for now, then in zip(layer.data, levels, strict=True))
    assert layer.name == f"scene · {scene.composites()['false_color'].title}"
    assert not np.array_equal(layer._slice.image.view, before)


def test_switching_when_zoomed_out_reaches_the_picture_that_napari_has_cached(viewer, write_scene):
    from affine import Affine
    from pyproj import CRS

    from napari_geolabel.geo.grid import GeoGrid  # a scene of two levels, of which the last is on screen

    grid = GeoGrid(shape=(3000, 3000), transform=Affine(1, 0, 5e5, 0, -1, 4e6), crs=CRS.from_epsg(32633))
    with open_scene(write_scene(grid, bands=("blue", "green", "red", "nir"))) as large:
        layer = add_scene_layer(viewer, large)
        assert layer.data_level == len(layer.data) - 1 > 0
        show_composite(layer, "false_color")
        np.testing.assert_array_equal(layer._slice.image.view, np.asarray(layer.data[-1]))
        np.testing.assert_array_equal(
            layer._slice.image.view[::50, ::50], layer.data[-1][0 : layer.data[-1].shape[0]][::50, ::50]
        )


def test_a_name_that_the_user_gave_stays(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    layer.name = "my harbour"
    show_composite(layer, "ndvi")
    assert layer.name == "my harbour"


def test_a_composite_that_cannot_be_shown_leaves_the_layer_as_it_was(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    before = np.asarray(layer.data[0])
    with pytest.raises(BandNotFoundError, match="swir16"):
        show_composite(layer, Composite(id="swir", title="SWIR", channels=("swir16", "nir", "red")))
    assert layer.name == "scene · True colour"
    np.testing.assert_array_equal(np.asarray(layer.data[0]), before)


def test_the_first_composite_is_stretched_as_the_preferences_say(scene, monkeypatch):
    from napari_geolabel.viewer import scene_layer
    from napari_geolabel.viewer.preferences import Preferences

    monkeypatch.setattr(scene_layer, "load_preferences", lambda: Preferences(stretch_low=10, stretch_high=90))
    offered = offered_composites(scene)
    assert offered["blue"].stretch == Stretch.percentile(10, 90, gamma="auto")
    assert offered["ndvi"].stretch == scene.composites()["ndvi"].stretch


def test_a_band_is_a_grey_layer_of_true_values(viewer, scene):
    layer = add_band_layer(viewer, scene, "nir")
    np.testing.assert_array_equal(np.asarray(layer.data[0]), scene.read("nir")[0].astype(np.float32))
    assert not layer.rgb
    assert layer.name == "scene · nir"
    low, high = layer.contrast_limits
    assert layer.contrast_limits_range[0] < low < high < layer.contrast_limits_range[1]


def test_an_index_is_a_layer_too(viewer, scene):
    layer = add_band_layer(viewer, scene, "(nir - red) / (nir + red)")
    values = np.asarray(layer.data[0])
    nir, red = (scene.read(name)[0].astype(float) for name in ("nir", "red"))
    np.testing.assert_allclose(values, (nir - red) / (nir + red), rtol=1e-5)


@pytest.mark.parametrize(("text", "error"), [("thermal", BandNotFoundError), ("nir.__class__", ExpressionError)])
def test_what_is_no_band_adds_no_layer(viewer, scene, text, error):
    with pytest.raises(error) as caught:
        add_band_layer(viewer, scene, text)
    assert isinstance(caught.value, GeoLabelError)
    assert len(viewer.layers) == 0


def test_scene_layers_are_found_the_active_one_first(viewer, scene):
    first, second = add_scene_layer(viewer, scene), add_scene_layer(viewer, scene)
    band = add_band_layer(viewer, scene, "nir")
    viewer.layers.selection.active = second
    assert scene_layers(viewer) == [second, first]
    assert find_scene_layer(viewer, scene) is first
    assert band not in scene_layers(viewer)


def test_naming_bands_changes_the_layer_in_place(viewer, write_scene):
    with open_scene(write_scene(bands=("one", "two", "three"))) as unnamed:
        layer = add_scene_layer(viewer, unnamed)
        named = unnamed.with_bands(["red", "green", "blue"])
        change_scene(layer, named)
        assert layer.metadata[SCENE_KEY] is named
        assert layer.name.endswith("True colour")
        np.testing.assert_array_equal(np.asarray(layer.data[0]), render(named, "true_color", max_size=None))

"""Two scenes in one window: the same place under the mouse in both, seen on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo.grid import GeoGrid
from napari_geolabel.geo.measure import pixel_size_m
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.places import PLACE_KEY

HOME = GeoGrid(shape=(400, 500), transform=Affine(10, 0, 5e5, 0, -10, 4.4e6), crs=CRS.from_epsg(32633))


@pytest.fixture
def mark_on(tmp_path):
    """Write a scene that is dark but for a mark, and return its path and the middle of the mark in pixels of HOME."""
    import rasterio

    def write(name, grid):
        (x, y), reach = np.floor(grid.crs_to_pixel(HOME.pixel_to_map([AT]), HOME.crs)[0]).astype(int), 6
        pixels = (np.indices(grid.shape).sum(axis=0) * 256 // sum(grid.shape) // 4).astype(np.uint8)
        pixels[y - reach : y + reach + 1, x - reach : x + reach + 1] = 250
        profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "height": grid.shape[0], "width": grid.shape[1]}
        profile |= {"crs": grid.crs.to_wkt(), "transform": grid.transform, "compress": "deflate", "tiled": True}
        with rasterio.open(tmp_path / f"{name}.tif", "w", **profile) as file:
            file.write(pixels, 1)
            file.set_band_description(1, "red")
        return tmp_path / f"{name}.tif", HOME.map_to_pixel(grid.pixel_to_crs([(x + 0.5, y + 0.5)], HOME.crs))[0]

    return write


def mark_on_screen(viewer):
    """Return the middle of what is bright on the canvas, in canvas pixels from its middle."""
    picture = viewer.screenshot(flash=False)[..., :3].astype(int).sum(axis=2)
    rows, cols = np.nonzero(picture > 600)
    assert len(rows) > 100, "nothing bright is on the screen"
    return np.array([rows.mean(), cols.mean()]) + 0.5 - np.array(picture.shape) / 2


AT = (200.0, 150.0)
ZOOM = 1.0  # screen pixels to a metre
TURNED = GeoGrid(
    shape=(700, 900),
    transform=Affine.translation(502010, 4.39853e6)
    @ Affine.rotation(-57)
    @ Affine.scale(7, -7)
    @ Affine.translation(-430, -340),
    crs=HOME.crs,
)
# of the zone to the west, so large that an affine map would err by more than half a pixel
WEST = GeoGrid(shape=(5500, 5500), transform=Affine(20, 0, 9.6e5, 0, -20, 4.45e6), crs=CRS.from_epsg(32632))
DEGREES = GeoGrid(shape=(500, 600), transform=Affine(1e-4, 0, 14.99, 0, -1e-4, 39.75), crs=CRS.from_epsg(4326))


@pytest.mark.parametrize(
    ("name", "grid", "how"),
    [("turned", TURNED, "red"), ("degrees", DEGREES, "fitted, 0.1 px"), ("west", WEST, "warped from EPSG:32632")],
)
def test_each_scene_is_drawn_where_it_lies_within_half_a_fine_pixel(viewer, wait, mark_on, name, grid, how, photograph):
    from napari_geolabel.viewer.attach import attach
    from napari_geolabel.viewer.scene_layer import add_scene_layer
    from napari_geolabel.viewer.together import add_scene

    attach(viewer)
    (home_path, home_mark), (path, mark) = mark_on("home", HOME), mark_on(name, grid)
    with open_scene(home_path) as home, open_scene(path) as other:
        below, above = add_scene_layer(viewer, home), add_scene(viewer, other)
        assert above.name.endswith(how)
        above.opacity = 1
        camera, place = viewer.scene.camera, below.metadata[PLACE_KEY]
        camera.center, camera.zoom = tuple(place.to_world([AT])[0]), ZOOM
        for shown, hidden, at in ((below, above, home_mark), (above, below, mark)):
            shown.visible, hidden.visible = True, False
            wait(0.3)
            expected = (place.to_world([at])[0] - camera.center[-2:]) * ZOOM
            finer_m = min(10, *pixel_size_m(grid))
            assert np.abs(mark_on_screen(viewer) - expected).max() <= finer_m / 2 * ZOOM + 0.6
        if above.metadata[PLACE_KEY].is_warped:
            below.visible = True
            viewer.reset_view()
            wait(0.2)
            photograph("several-scenes-warped")


def test_a_scene_dropped_in_a_session_goes_below_the_labels_and_alt_right_acts_on_what_is_selected(
    session, viewer, labels, wait, press, qapp, photograph, tmp_path
):
    import shutil

    later = tmp_path / "later.tif"
    shutil.copy(labels.scene.path, later)
    viewer.window._qt_viewer._qt_open([str(later)], stack=False, plugin="napari-geolabel")
    wait(0.3)
    dropped = session.scenes.layers[1]
    layers = list(viewer.layers)
    assert layers.index(dropped) < layers.index(session.shapes_layer)
    np.testing.assert_allclose(dropped.data_to_world((3, 4)), session.scene_layer.data_to_world((3, 4)))
    viewer.layers.selection.active = dropped
    press("Alt+Right")
    assert composites_of(dropped).current == "false_color"
    assert session.composite == "true_color"
    photograph("several-scenes-session")
    session.remove_scene(dropped)
    wait(0.2)
    assert session.scenes.layers == [session.scene_layer]


def test_radar_over_an_optical_scene_of_rotterdam(viewer, shared_data, wait, mouse, photograph):
    from napari_geolabel.widgets.annotate import annotate
    from napari_geolabel.widgets.panels import Panels

    folder = shared_data / "solaris_spacenet"
    labels = open_labels(scene=open_scene(folder / "rgb_unmasked.tif"), ontology="maritime")
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    radar = session.add_scene(folder / "sar_hh.tif")
    viewer.reset_view()
    wait(0.3)
    viewer.layers.selection.active = radar
    session.viewer.window._qt_window.findChild(Panels).tabs.setCurrentIndex(1)
    photograph("several-scenes-rotterdam")
    x, y = session.scene.grid.map_to_pixel(radar.metadata[PLACE_KEY].scene.pixel_to_map([(100, 100)]))[0]
    mouse.look_at((x, y), 8.0)
    wait(0.3)
    photograph("several-scenes-rotterdam-near")
    text = radar.get_status(session.scene_layer.data_to_world((y - 0.5, x - 0.5)), world=True)["coordinates"]
    assert "rgb_unmasked: red" in text
    assert "sar_hh: band_1" in text
    session.close()

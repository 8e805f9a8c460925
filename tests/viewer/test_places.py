"""Where several scenes lie in one window: the same point on Earth, within half a pixel of the finer scene."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.crs import LONLAT
from napari_geolabel.geo.grid import GeoGrid, pixel_to_display
from napari_geolabel.geo.measure import pixel_size_m
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.places import Place, place_of, place_or_beside

UTM31, UTM32, DEGREES = CRS.from_epsg(32631), CRS.from_epsg(32632), CRS.from_epsg(4326)
FIRST = GeoGrid(shape=(200, 300), transform=Affine(4.5, 0, 592317, 0, -4.5, 5750102), crs=UTM31)


class Standing:
    """What of a scene counts for its place: a name and a grid."""

    def __init__(self, grid: GeoGrid, name: str = "other") -> None:
        self.grid, self.name = grid, name


rotations = st.floats(0, 360)
first_grids = st.builds(
    lambda size, angle, up: GeoGrid(
        shape=(200, 300),
        transform=Affine.translation(592000, 5750000) @ Affine.rotation(angle) @ Affine.scale(size, up * size),
        crs=UTM31,
    ),
    st.floats(0.3, 30),
    rotations,
    st.sampled_from((-1, 1)),
)
other_grids = st.one_of(
    first_grids,
    st.builds(
        lambda size, angle, up: GeoGrid(
            shape=(180, 220),
            transform=Affine.translation(1.81e5, 5.768e6)
            @ Affine.rotation(angle)
            @ Affine.scale(size, up * size * 1.3),
            crs=UTM32,
        ),
        st.floats(0.3, 60),
        rotations,
        st.sampled_from((-1, 1)),
    ),
    st.builds(
        lambda width, height: GeoGrid(
            shape=(180, 220), transform=Affine(width, 0, 4.34, 0, -height, 51.9), crs=DEGREES
        ),
        st.floats(1e-5, 1e-3),
        st.floats(1e-5, 1e-3),
    ),
)


def napari_world(place: Place, shown_pixel: np.ndarray) -> np.ndarray:
    """Return what napari's own transforms make of pixel points of a layer."""
    from napari.layers import Points

    layer = Points(np.zeros((1, 2)), **place.layer_transform)
    return np.array([layer.data_to_world(point) for point in pixel_to_display(shown_pixel)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=first_grids, other=other_grids, x=st.floats(0, 220), y=st.floats(0, 180))
def test_a_map_point_is_at_the_same_place_of_the_world_in_every_layer(first, other, x, y):
    place = place_of(first, Standing(other))
    (in_first,) = first.crs_to_pixel(other.pixel_to_crs([(x, y)], LONLAT), LONLAT)
    expected = Frame.of(first).to_world([in_first])
    finer = min(*Frame.of(first).pixel_size, *pixel_size_m(other))
    assert np.abs(place.to_world([(x, y)]) - expected).max() <= 0.51 * finer
    if not place.is_warped:
        np.testing.assert_allclose(napari_world(place, np.array([(x, y)])), place.to_world([(x, y)]), atol=1e-5)
        np.testing.assert_allclose(place.to_pixel(place.to_world([(x, y)])), [(x, y)], atol=1e-5)


def test_the_first_scene_lies_in_its_own_frame():
    place = Place.alone(FIRST)
    np.testing.assert_array_equal(place.layer_transform["affine"], np.eye(3))
    assert place.layer_transform["scale"] == (4.5, 4.5)
    assert not place.is_warped
    assert (place.note, place.notice) == ("", "")


def test_in_one_crs_the_place_is_exact_and_the_name_says_nothing():
    other = Standing(FIRST.with_transform(FIRST.transform @ Affine.translation(7, 3) @ Affine.scale(0.5), UTM31))
    place = place_of(FIRST, other)
    assert (place.note, place.notice) == ("", "")
    np.testing.assert_allclose(place.to_world([(0, 0)]), [(3 * 4.5, 7 * 4.5)])


def test_the_design_figures_of_two_scenes_of_one_harbour_hold():
    optical = GeoGrid(shape=(200, 200), transform=Affine(4.49997, 0, 592317.86, 0, -4.49997, 5750102.2), crs=UTM31)
    sar = GeoGrid(
        shape=(200, 200), transform=Affine(-0.0285696, -2.5, 593124.12, 2.5, -0.0285696, 5749208.2), crs=UTM31
    )
    place = place_of(optical, Standing(sar))
    (row, col) = napari_world(place, np.array([(0.5, 0.5)]))[0]
    assert (row, col) == pytest.approx((892.675, 804.994), abs=0.1)  # with 4.5 m


def test_another_crs_is_fitted_where_that_is_near_enough_and_the_name_says_how_near():
    near = GeoGrid(shape=(100, 100), transform=Affine(4e-5, 0, 4.34, 0, -3e-5, 51.9), crs=DEGREES)
    assert place_of(FIRST, Standing(near)).note == "fitted, under 0.1 px"
    wide = GeoGrid(shape=(3000, 3000), transform=Affine(10, 0, 1.8e5, 0, -10, 5.78e6), crs=UTM32)
    place = place_of(FIRST.with_transform(FIRST.transform @ Affine.scale(3), UTM31), Standing(wide))
    assert place.note == "fitted, 0.2 px"
    assert not place.is_warped


def test_another_crs_is_warped_where_a_fit_would_err_by_more():
    large = GeoGrid(shape=(10980, 10980), transform=Affine(10, 0, 1e5, 0, -10, 5.8e6), crs=UTM32)
    place = place_of(FIRST, Standing(large))
    assert place.is_warped
    assert place.note == "warped from EPSG:32632"
    points = np.random.default_rng(3).uniform(0, 10980, (200, 2))
    back = place.to_pixel(place.to_world(points))
    assert np.abs(back - points).max() <= 0.5 * 4.5 / 10 * 1.5  # half a fine pixel, across a corner


def test_a_scene_somewhere_else_on_earth_is_shown_there_and_said_to_be_far():
    far = FIRST.with_transform(Affine.translation(0, 100_000) @ FIRST.transform, UTM31)
    assert place_of(FIRST, Standing(far)).notice == (
        "other does not overlap the first scene: it lies 100.0 km away; zoom out"
    )


def test_without_georeference_scenes_of_one_shape_lie_pixel_on_pixel_and_say_so():
    nowhere = GeoGrid(shape=(200, 300), transform=Affine.identity())
    place = place_of(FIRST, Standing(nowhere, "mask"))
    assert place.note == "pixel on pixel"
    assert place.notice.startswith("mask was laid on the first scene pixel on pixel: mask is not georeferenced")
    np.testing.assert_allclose(place.to_world([(10, 20)]), [(20 * 4.5, 10 * 4.5)])
    assert place.layer_transform["units"] == ("m", "m")
    place = place_of(nowhere, Standing(FIRST))
    assert "the first scene is not georeferenced" in place.notice
    assert place.layer_transform["units"] == ("pixel", "pixel")
    np.testing.assert_allclose(place.to_world([(10, 20)]), [(20, 10)])


def test_scenes_of_other_shapes_lie_side_by_side_where_one_has_no_georeference():
    nowhere = GeoGrid(shape=(50, 60), transform=Affine.identity())
    place = place_of(FIRST, Standing(nowhere, "chip"))
    assert place.note == "beside, not in its place"
    assert place.notice == "chip was put to the right of the first scene: chip is not georeferenced"
    assert place.to_world([(0, 0)])[0, 1] > 300 * 4.5


def test_what_cannot_be_shown_in_the_first_crs_is_refused_by_name_or_put_beside():
    far = Standing(GeoGrid(shape=(9000, 9000), transform=Affine(1e-3, 0, -80, 0, -1e-3, -30), crs=DEGREES), "chile")
    with pytest.raises(GeoLabelError, match="chile cannot be shown together with the first scene: it lies too far"):
        place_of(FIRST, far)
    assert place_or_beside(FIRST, far).note == "beside, not in its place"


def test_100_map_points_of_the_harbour_are_in_both_layers_within_half_a_fine_pixel(shared_data, viewer):
    from napari_geolabel.viewer.scene_layer import add_scene_layer

    folder = shared_data / "solaris_spacenet"
    with open_scene(folder / "rgb_unmasked.tif") as optical, open_scene(folder / "sar_hh.tif") as sar:
        below = add_scene_layer(viewer, optical)
        place = place_of(optical.grid, sar)
        above = add_scene_layer(viewer, sar, place=place)
        assert "fitted" not in above.name
        points = np.random.default_rng(7).uniform(0, 200, (100, 2))
        for x, y in points:
            (map_point,) = sar.grid.pixel_to_map([(x, y)])
            (on_optical,) = optical.grid.map_to_pixel([map_point])
            world = below.data_to_world(pixel_to_display([on_optical])[0])
            found = pixel_to_display([(x, y)])[0]
            assert np.abs(np.array(above.world_to_data(world)) - found).max() < 0.5 * 0.01  # far below half a pixel
            np.testing.assert_allclose(above.data_to_world(found), world, atol=0.01)
            row, col = (round(v) for v in above.world_to_data(world))  # the pixel that napari draws there
            if 0 <= row < 200 and 0 <= col < 200:
                pixel = np.floor(sar.grid.map_to_pixel([map_point])[0])
                values = sar.read(
                    window=(slice(int(pixel[1]), int(pixel[1]) + 1), slice(int(pixel[0]), int(pixel[0]) + 1))
                )
                near = sar.read()[:, max(0, row - 1) : row + 2, max(0, col - 1) : col + 2]
                assert values[0, 0, 0] in near


def test_the_harbours_pixels_lie_on_each_other_when_one_scene_is_resampled_onto_the_other(
    shared_data, tmp_path, viewer
):
    """The optical scene written on the SAR's rotated grid: every layer shows the same colour at a place."""
    import rasterio
    from rasterio.warp import Resampling, reproject

    from napari_geolabel.viewer.scene_layer import add_scene_layer

    folder, path = shared_data / "solaris_spacenet", tmp_path / "turned.tif"
    with rasterio.open(folder / "rgb_unmasked.tif") as source, rasterio.open(folder / "sar_hh.tif") as sar:
        turned = np.zeros((3, *sar.shape), np.uint8)
        reproject(
            source.read(),
            turned,
            src_transform=source.transform,
            src_crs=source.crs,
            dst_transform=sar.transform,
            dst_crs=sar.crs,
            resampling=Resampling.nearest,
        )
        profile = {"driver": "GTiff", "count": 3, "dtype": "uint8", "height": 200, "width": 200}
        with rasterio.open(path, "w", **profile, crs=sar.crs, transform=sar.transform, photometric="RGB") as target:
            target.write(turned)
    with open_scene(folder / "rgb_unmasked.tif") as optical, open_scene(path) as other:
        below = add_scene_layer(viewer, optical)
        above = add_scene_layer(viewer, other, place=place_of(optical.grid, other))
        rows, cols = np.mgrid[5:195:10, 5:195:10].reshape(2, -1)
        same = seen = 0
        for row, col in zip(rows, cols, strict=True):
            world = above.data_to_world((row, col))
            r, c = (round(v) for v in below.world_to_data(world))
            if 0 <= r < 200 and 0 <= c < 200:
                seen += 1
                same += np.array_equal(optical.read()[:, r, c], other.read()[:, row, col])
        assert seen > 200
        assert same == seen

"""Masks on other pixels, by nearest neighbour."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.warp import Resampling, reproject

from napari_geolabel.errors import CancelledError, NotGeoreferencedError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, Watch, resampled

UTM = CRS.from_epsg(32633)
FINE = GeoGrid(shape=(60, 80), transform=Affine(10, 0, 4e5, 0, -10, 5e6), crs=UTM)
VALUES = np.random.default_rng(2).integers(0, 5, FINE.shape).astype(np.uint8)
MASK = Mask(array=VALUES, grid=FINE)


def test_its_own_pixels_give_the_mask_again():
    assert np.array_equal(resampled(MASK, FINE).array, VALUES)


def test_halves_of_a_pixel_have_its_value_and_what_lies_outside_is_unlabelled():
    double = resampled(MASK, FINE.level((120, 160)))
    assert np.array_equal(double.array, np.kron(VALUES, np.ones((2, 2), np.uint8)))
    shifted = FINE.with_transform(FINE.transform @ Affine.translation(70, 0), UTM)
    moved = resampled(MASK, shifted).array
    assert np.array_equal(moved[:, :10], VALUES[:, 70:])
    assert not moved[:, 10:].any()


@settings(max_examples=30)
@given(st.floats(0, 360), st.floats(0.3, 3), st.booleans())
def test_turned_and_south_up_grids_get_the_pixels_of_gdal(angle, size, south_up):
    scale = Affine.scale(10 * size, 10 * size if south_up else -10 * size)
    turned = GeoGrid(
        shape=(40, 40), transform=Affine.translation(4e5 + 393.3, 5e6 - 301.7) @ Affine.rotation(angle) @ scale, crs=UTM
    )
    expected = np.zeros(turned.shape, np.uint8)
    reproject(
        VALUES, expected, src_transform=FINE.transform, src_crs="EPSG:32633", dst_transform=turned.transform,
        dst_crs="EPSG:32633", resampling=Resampling.nearest,
    )  # fmt: skip
    assert (resampled(MASK, turned).array != expected).mean() < 0.01, "but where a centre meets an edge"


def test_another_crs_is_no_trouble():
    lon, lat = FINE.pixel_to_lonlat([[40, 30]])[0]
    degrees = GeoGrid(shape=(9, 9), transform=Affine(1e-4, 0, lon, 0, -1e-4, lat), crs=CRS.from_epsg(4326))
    found = resampled(MASK, degrees)
    x, y = FINE.lonlat_to_pixel(degrees.pixel_to_map([[0.5, 0.5]]))[0]
    assert found.array[0, 0] == VALUES[int(y), int(x)]
    assert found.grid == degrees


@pytest.mark.parametrize("west", [-180.0, 0.0, -360.0])
def test_a_mask_of_the_world_is_the_same_wherever_its_grid_begins_to_count(west):
    lonlat = CRS.from_epsg(4326)
    values = np.random.default_rng(3).integers(1, 5, (18, 36)).astype(np.uint8)
    counted = GeoGrid(shape=(18, 36), transform=Affine(10, 0, 0, 0, -10, 90), crs=lonlat)  # from 0 to 360 degrees
    other = GeoGrid(shape=(18, 36), transform=Affine(10, 0, west, 0, -10, 90), crs=lonlat)
    moved = resampled(Mask(array=values, grid=counted), other).array
    assert np.array_equal(moved, np.roll(values, -round(west / 10) % 36, axis=1))


def test_pixels_that_the_crs_of_the_mask_does_not_reach_lie_outside_of_it():
    world = GeoGrid(shape=(180, 360), transform=Affine(1, 0, -180, 0, -1, 90), crs=CRS.from_epsg(4326))
    large = GeoGrid(shape=(100, 100), transform=Affine(1e4, 0, 0, 0, -1e4, 5.5e6), crs=UTM)
    found = resampled(Mask(array=np.ones(large.shape, np.uint8), grid=large), world).array
    rows, cols = np.nonzero(found)
    assert 80 < found.sum() < 130
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (40, 48, 188, 201)


def test_without_a_place_on_earth_there_is_nothing_to_go_by():
    nowhere = GeoGrid(shape=(3, 3), transform=Affine.identity())
    with pytest.raises(NotGeoreferencedError):
        resampled(MASK, nowhere)
    with pytest.raises(CancelledError):
        resampled(MASK, FINE, watch=Watch(cancelled=lambda: True))

"""Control points are fitted on request, and the fit says how far it is off."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.control import GroundControlPoint
from rasterio.transform import from_gcps

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.gcps import ControlPoints, fit_transform

UTM = CRS.from_epsg(32633)
PLACE = Affine.translation(399_960, 5_300_040) @ Affine.rotation(31.5) @ Affine.scale(10, -10)


def points_on(transform: Affine, pixels: np.ndarray, crs: CRS = UTM) -> ControlPoints:
    ground = np.array([transform @ (x, y) for x, y in pixels.tolist()])
    return ControlPoints(pixels=pixels.astype(float), ground=ground, crs=crs)


@given(
    size=st.floats(1e-4, 100), turn=st.floats(0, 360), x=st.floats(-2e6, 2e6), y=st.floats(-9e6, 9e6),
    side=st.integers(10, 30_000),
)  # fmt: skip
def test_points_of_a_transform_give_it_back(size, turn, x, y, side):
    transform = Affine.translation(x, y) @ Affine.rotation(turn) @ Affine.scale(size, -size)
    pixels = np.array([(0, 0), (side, 0), (0, side), (side, side), (side / 3, side / 5)])
    fit = fit_transform(points_on(transform, pixels))
    for pixel in pixels.tolist():
        # doubles hold a place of millions to a billionth, which may be a visible part of a small pixel
        assert (
            np.hypot(*np.subtract(fit.transform @ tuple(pixel), transform @ tuple(pixel))) < 1e-6 + 1e-9 * side * size
        )
    assert fit.largest_px < 1e-3 + 1e-6 / size


def test_residuals_are_distances_in_pixels():
    pixels = np.array([(0, 0), (100, 0), (0, 100), (100, 100), (50, 50)], float)
    points = points_on(PLACE, pixels)
    points.ground[4] += 30, 0  # three pixels
    fit = fit_transform(points)
    assert fit.residuals_px[4] == pytest.approx(3 * 4 / 5)  # a fifth of it goes into the offset
    assert fit.residuals_px[:4] == pytest.approx(3 / 5)
    assert fit.rms_px == pytest.approx(np.sqrt((2.4**2 + 4 * 0.6**2) / 5))
    assert fit.largest_px == pytest.approx(2.4)


def test_points_across_the_antimeridian_are_one_area():
    pixels = np.array([(0, 0), (100, 0), (0, 100), (100, 100)], float)
    points = points_on(Affine(0.01, 0, 179.5, 0, -0.01, 10), pixels, CRS.from_epsg(4326))
    points.ground[:, 0] = (points.ground[:, 0] + 180) % 360 - 180
    assert fit_transform(points).largest_px < 1e-6


@pytest.mark.parametrize("pixels", [[(0, 0), (9, 9)], [(0, 0), (5, 5), (9, 9)], [(1, 1)] * 4])
def test_points_that_fix_no_plane_are_told(pixels):
    with pytest.raises(SceneError, match="fit no transform"):
        fit_transform(points_on(PLACE, np.array(pixels, float)))


def test_a_scene_with_control_points_opens_in_pixels_and_can_be_laid_on_them(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 100, 120))
    points = [
        GroundControlPoint(row=y, col=x, x=(PLACE @ (x, y))[0], y=(PLACE @ (x, y))[1])
        for x in (0, 120)
        for y in (0, 100)
    ]
    with rasterio.open(path, "r+") as target:
        target.gcps = points, "EPSG:32633"
    with open_scene(path) as scene:
        assert not scene.grid.is_georeferenced
        assert any("fit_gcps" in note for note in scene.metadata["notes"])
        fit = scene.fit_gcps()
        assert fit.crs.to_epsg() == 32633
        assert fit.largest_px < 1e-6
        with scene.with_transform(fit.transform, fit.crs) as placed:
            assert placed.grid.is_georeferenced
            assert placed.grid.pixel_to_map([(60, 50)])[0] == pytest.approx(PLACE @ (60, 50))
            assert not any("control points" in note for note in placed.metadata["notes"])


def test_a_scene_without_control_points_is_told(make_tiff, random_pixels):
    scene = open_scene(make_tiff(random_pixels(1, 9, 9)))
    with scene, pytest.raises(SceneError, match=r"scene\.tif has no ground control points"):
        scene.fit_gcps()


@pytest.mark.parametrize("name", ["rasterio/RGB.byte.gcp.vrt", "gdal_autotest/byte_gcp.tif", "gdal_autotest/gcps.vrt"])
def test_real_control_points_fit_as_gdal_fits_them(name, shared_data):
    with rasterio.open(shared_data / name) as dataset:
        points, crs = dataset.gcps
    with open_scene(shared_data / name) as scene:
        if not crs or len(points) < 3:
            with pytest.raises(SceneError):
                scene.fit_gcps()
            return
        fit, expected = scene.fit_gcps(), from_gcps(points)
        for x, y in [(0, 0), (scene.grid.shape[1], scene.grid.shape[0])]:
            assert ~fit.transform @ (expected @ (x, y)) == pytest.approx((x, y), abs=0.5)

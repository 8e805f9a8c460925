"""Spectra are the physical values of the pixels that they name, and of no others."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import GeometryError, WriteError
from napari_geolabel.imagery import open_scene, statistics
from napari_geolabel.imagery.spectrum import (
    Spectrum,
    area_spectrum,
    areas_spectrum,
    pixel_spectrum,
    write_spectra,
)


@pytest.fixture
def scene(make_tiff, random_pixels):
    pixels = (random_pixels(3, 60, 90) % 4000 + 1).astype("uint16")
    pixels[0, 10, 10] = 0
    path = make_tiff(
        pixels,
        descriptions=("nir, 833 nm", "red, 665 nm", "quality"),
        nodata=0,
        scales=(1e-4,) * 3,
        offsets=(-0.1,) * 3,
    )
    with open_scene(path) as opened:
        yield opened


def reflectance(scene):
    return scene.read(reflectance=True)


def test_a_pixel_has_its_own_values(scene):
    found = pixel_spectrum(scene, 20.7, 30.2)
    assert found.mean == pytest.approx(reflectance(scene)[:, 30, 20].data, rel=1e-6)
    assert found.std == (0, 0, 0)
    assert found.count == (1, 1, 1)
    assert found.title == "pixel 20, 30"
    assert pixel_spectrum(scene, 20, 30, "a ship").title == "a ship"


def test_points_are_in_the_order_of_wavelengths_and_leave_out_bands_without_one(scene):
    found = pixel_spectrum(scene, 20, 30)
    assert [um for um, _, _ in found.points] == [0.665, 0.833]
    assert found.points[0][1] == found.mean[1]


def test_a_pixel_without_data_in_a_band_has_no_value_there(scene):
    found = pixel_spectrum(scene, 10, 10)
    assert math.isnan(found.mean[0])
    assert found.count == (0, 1, 1)
    assert [um for um, _, _ in found.points] == [0.665]


@pytest.mark.parametrize(("x", "y"), [(-1, 5), (90, 5), (5, 60), (math.nan, 5)])
def test_there_is_no_spectrum_outside_the_scene(scene, x, y):
    assert pixel_spectrum(scene, x, y) is None


def test_an_area_is_the_mean_and_spread_of_the_pixels_whose_centre_it_holds(scene):
    triangle = shapely.Polygon([(5.1, 5.3), (60.2, 12.4), (20.3, 54.9)])
    found = area_spectrum(scene, triangle, "field")
    rows, cols = np.mgrid[:60, :90]
    inside = shapely.contains_xy(triangle, cols + 0.5, rows + 0.5)
    for i, band in enumerate(reflectance(scene)):
        values = band[inside].compressed().astype(float)
        assert found.count[i] == values.size
        assert found.mean[i] == pytest.approx(values.mean(), rel=1e-6)
        assert found.std[i] == pytest.approx(values.std(), rel=1e-5)
    assert found.count[0] == inside.sum() - 1  # one pixel holds no data in the first band
    assert found.title == "field"


def test_blocks_do_not_change_an_area(scene, monkeypatch):
    circle = shapely.Point(40, 30).buffer(25)
    whole = area_spectrum(scene, circle)
    monkeypatch.setattr(statistics, "_BLOCK_VALUES", 500)
    parted = area_spectrum(scene, circle)
    assert parted.count == whole.count
    assert parted.mean == pytest.approx(whole.mean, rel=1e-9)
    assert parted.std == pytest.approx(whole.std, rel=1e-6)


def test_a_hole_does_not_count(scene):
    ring = shapely.box(10, 10, 30, 30) - shapely.box(15, 15, 25, 25)
    assert area_spectrum(scene, ring).count[1] == 300


@pytest.mark.parametrize(
    ("geometry", "pixels"),
    [
        (shapely.box(10.6, 10.6, 10.9, 10.9), 1),
        (shapely.Point(33.3, 20.1), 1),
        (shapely.LineString([(5.5, 8.5), (12.5, 8.5)]), 8),
    ],
)
def test_what_holds_no_centre_counts_the_pixels_that_it_touches(scene, geometry, pixels):
    assert area_spectrum(scene, geometry).count[1] == pixels


def test_an_area_that_hangs_over_the_edge_counts_what_lies_on_the_scene(scene):
    assert area_spectrum(scene, shapely.box(-50, -50, 4, 4)).count[1] == 16


def test_several_areas_make_one_curve(scene):
    parts = [shapely.box(0, 0, 4, 4), shapely.box(50, 20, 60, 30), shapely.box(500, 500, 510, 510)]
    both = areas_spectrum(scene, parts, "fields")
    values = reflectance(scene)[1]
    expected = np.concatenate([values[:4, :4].compressed(), values[20:30, 50:60].compressed()]).astype(float)
    assert both.count[1] == expected.size
    assert both.mean[1] == pytest.approx(expected.mean(), rel=1e-6)
    assert both.std[1] == pytest.approx(expected.std(), rel=1e-5)


@pytest.mark.parametrize("geometry", [shapely.box(200, 200, 210, 210), shapely.Polygon()])
def test_an_area_beside_the_scene_is_refused(scene, geometry):
    with pytest.raises(GeometryError, match="no pixel of the scene"):
        area_spectrum(scene, geometry)


def test_spectra_are_written_as_a_table(scene, tmp_path):
    path = tmp_path / "spectra.csv"
    curves = [pixel_spectrum(scene, 10, 10, "=1+1"), area_spectrum(scene, shapely.box(0, 0, 9, 9), "Straße")]
    write_spectra(path, curves)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert len(rows) == 6
    assert list(rows[0]) == ["title", "band", "common_name", "wavelength_um", "mean", "std", "pixels"]
    assert rows[0]["title"] == "'=1+1"  # a spreadsheet would compute it
    assert (rows[0]["mean"], rows[0]["pixels"]) == ("", "0")
    assert rows[3]["title"] == "Straße"
    assert rows[3]["wavelength_um"] == "0.833"
    assert float(rows[3]["mean"]) == pytest.approx(curves[1].mean[0], rel=1e-8)
    assert rows[5]["wavelength_um"] == ""


def test_a_table_that_cannot_be_written_is_told(tmp_path):
    empty = Spectrum(title="x", bands=(), mean=(), std=(), count=())
    with pytest.raises(WriteError, match="is not a folder"):
        write_spectra(tmp_path / "missing" / "a.csv", [empty])


def test_the_mean_of_a_whole_scene_is_that_of_all_its_pixels(shared_data):
    path = shared_data / "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif"
    with open_scene(path) as scene:
        rows, cols = scene.grid.shape
        found = area_spectrum(scene, shapely.box(0, 0, cols, rows))
        exact = scene.read("B04", reflectance=True).astype(float)
    assert found.count[3] == rows * cols
    assert found.mean[3] == pytest.approx(exact.mean(), rel=1e-6)
    assert found.std[3] == pytest.approx(exact.std(), rel=1e-5)

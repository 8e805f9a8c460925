"""The sample scenes are what their README says, and their truth is exact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely

import napari_geolabel as geolabel
from napari_geolabel.geo import is_rectangle, measure_box

ROOT = Path(__file__).resolve().parents[1]
SENTINEL_2 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


@pytest.fixture
def coast(sample_data):
    with geolabel.open_scene(sample_data / "coast.tif") as scene:
        yield scene


@pytest.fixture
def harbour(sample_data):
    with geolabel.open_scene(sample_data / "harbour.tif") as scene:
        yield scene


@pytest.fixture
def coast_labels(sample_data, coast):
    labels = geolabel.open_labels(scene=coast, ontology=sample_data / "coast_ontology.yaml")
    report = labels.import_from(sample_data / "coast_truth.geojson")
    assert not report.skipped
    return labels


@pytest.fixture
def harbour_labels(sample_data, harbour):
    labels = geolabel.open_labels(scene=harbour, ontology="maritime")
    labels.import_from(sample_data / "harbour_truth.geojson")
    return labels


def of_class(labels, class_id):
    return [labels[i] for i in labels if labels[i].class_id == class_id]


def reflectance(scene, band):
    return scene.read(band, reflectance=True)[0]


def burnt(geometries, scene):
    """The pixels of geometries by GDAL, not by our own code."""
    if not geometries:
        return np.zeros(scene.grid.shape, bool)
    return rasterio.features.rasterize(geometries, out_shape=scene.grid.shape).astype(bool)


def test_all_of_it_is_under_five_megabytes():
    listed = subprocess.run(["git", "ls-files", "-z", "sample_data"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name]
    assert sum((ROOT / name).stat().st_size for name in names) < 5_000_000


def test_the_coast_has_the_bands_of_sentinel_2(coast):
    assert tuple(band.description for band in coast.bands) == SENTINEL_2
    assert [coast.bands.find(name).description for name in ("blue", "red", "nir", "nir08", "swir16")] == [
        "B02",
        "B04",
        "B08",
        "B8A",
        "B11",
    ]
    assert coast.dtype == np.uint16
    assert coast.bands.find("red").scale == 1e-4
    assert coast.bands.find("red").wavelength_um == pytest.approx(0.6646)
    assert coast.bands.find("red").fwhm_um == pytest.approx(0.031)
    assert coast.bands.find("red").nodata == 0
    assert coast.grid.crs.to_epsg() == 32633


def test_scenes_are_tiled_deflated_and_have_overviews(sample_data):
    for name in ("coast.tif", "harbour.tif"):
        with rasterio.open(sample_data / name) as source:
            assert source.profile["compress"] == "deflate"
            assert source.profile["tiled"]
            assert source.block_shapes[0] == (256, 256)
            assert source.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"
            assert len(source.overviews(1)) == 2
            assert "no real place" in source.tags()["TIFFTAG_IMAGEDESCRIPTION"]


def test_the_harbour_has_four_named_bands_on_a_rotated_grid(harbour):
    assert [band.common_name for band in harbour.bands] == ["blue", "green", "red", "nir"]
    transform = harbour.grid.transform
    assert np.rad2deg(np.arctan2(transform.d, transform.a)) == pytest.approx(25)
    assert np.hypot(transform.a, transform.d) == pytest.approx(1)


def test_water_is_dark_leaves_jump_at_the_red_edge_and_clouds_are_bright(coast, coast_labels):
    sea = (slice(400, 440), slice(30, 70))
    deep = coast.read(["green", "nir"], window=sea, reflectance=True)
    assert deep[0].mean() > deep[1].mean()
    assert deep[1].mean() < 0.03
    ndvi = (reflectance(coast, "nir") - reflectance(coast, "red")) / (
        reflectance(coast, "nir") + reflectance(coast, "red")
    )
    assert (ndvi > 0.6).mean() > 0.15, "there are fields and woods"
    assert np.median(ndvi[sea]) < -0.2
    inner = burnt([cloud.geometry.buffer(-4) for cloud in of_class(coast_labels, "thick_cloud")], coast)
    assert np.median(reflectance(coast, "blue")[inner]) > 0.5
    assert np.median(reflectance(coast, "swir16")[inner]) > 0.35


def test_the_plume_is_turbid(coast):
    plume, open_sea = (slice(320, 345), slice(390, 415)), (slice(400, 440), slice(30, 70))
    red = reflectance(coast, "red")
    assert red[plume].mean() > 2 * red[open_sea].mean()


def test_no_data_is_the_corner_outside_the_swath(coast):
    red = coast.read("red")[0]
    corner = burnt([shapely.Polygon([(694, 640), (768, 452), (768, 640)])], coast)
    assert np.array_equal(np.ma.getmaskarray(red), corner)
    for band in SENTINEL_2:
        assert np.array_equal(np.ma.getmaskarray(coast.read(band)[0]), corner), band


def test_a_cloud_is_brighter_than_what_surrounds_it_right_at_its_outline(coast, coast_labels):
    blue = reflectance(coast, "blue").filled(np.nan)
    for cloud in of_class(coast_labels, "thick_cloud"):
        inside = burnt([cloud.geometry.buffer(-1)], coast) & ~burnt([cloud.geometry.buffer(-2.5)], coast)
        outside = burnt([cloud.geometry.buffer(2.5)], coast) & ~burnt([cloud.geometry.buffer(1)], coast)
        assert np.nanmedian(blue[inside]) > np.nanmedian(blue[outside]) + 0.15


def test_shadows_lie_away_from_the_sun_and_are_dark(coast, coast_labels):
    nir = reflectance(coast, "nir").filled(np.nan)
    clouds = [cloud.geometry for cloud in of_class(coast_labels, "thick_cloud")]
    shadows = [shadow.geometry for shadow in of_class(coast_labels, "cloud_shadow")]
    assert not burnt(clouds, coast)[burnt(shadows, coast)].any(), "what a cloud hides is no shadow"
    on_land = [shadow for shadow in shadows if shadow.centroid.x > 560 and shadow.area > 60]
    assert on_land
    for shadow in on_land:
        core, rim = burnt([shadow.buffer(-2)], coast), burnt([shadow.buffer(12)], coast)
        around = rim & ~burnt([other.buffer(3) for other in [*clouds, *shadows]], coast)
        assert np.nanmedian(nir[core]) < 0.6 * np.nanmedian(nir[around])
        nearest = min(clouds, key=lambda cloud: cloud.centroid.distance(shadow.centroid))
        assert shadow.centroid.y < nearest.centroid.y, "the sun stands in the south"
        assert shadow.centroid.x < nearest.centroid.x, "... and in the east"


def test_every_ship_is_a_rectangle_on_the_ground_and_stands_out_from_the_sea(coast, coast_labels):
    ships = of_class(coast_labels, "ship")
    assert len(ships) >= 12
    # bridges are white in all visible bands, so each hull has something that the sea has not
    red = reflectance(coast, "red").filled(0)
    for ship in ships:
        corners = shapely.get_coordinates(ship.geometry)[:4]
        assert is_rectangle(corners, coast.grid)
        size = measure_box(corners, coast.grid)
        assert 25 < size.length_m < 400
        assert 2.5 < size.length_m / size.width_m < 9
        hull = burnt([ship.geometry.buffer(0.3)], coast)
        ring = burnt([ship.geometry.buffer(9)], coast) & ~burnt([ship.geometry.buffer(4)], coast)
        assert red[hull].max() > np.median(red[ring]) + 0.05


def test_wakes_begin_at_the_stern_of_a_ship_under_way(coast_labels):
    sterns = [
        shapely.get_coordinates(ship.geometry)[2:4].mean(axis=0)
        for ship in of_class(coast_labels, "ship")
        if ship.attributes["state"] == "underway"
    ]
    wakes = of_class(coast_labels, "wake")
    starts = [np.array(wake.geometry.coords[0]) for wake in wakes]
    assert len(starts) == len(sterns) > 5
    for start in starts:
        assert min(np.hypot(*(start - stern)) for stern in sterns) < 1e-6


def test_the_mask_is_the_burn_of_the_truth(sample_data, coast, coast_labels):
    with rasterio.open(sample_data / "coast_truth_mask.tif") as source:
        stored = source.read(1)
        assert source.transform == coast.grid.transform
        colors = source.colormap(1)
    ontology = geolabel.load_ontology(sample_data / "coast_ontology.yaml")
    expected = np.zeros(coast.grid.shape, np.uint8)
    for label_class in ontology.classes:  # later classes win
        if label_class.mask_value is not None:
            expected[burnt([found.geometry for found in of_class(coast_labels, label_class.id)], coast)] = (
                label_class.mask_value
            )
            assert bytes(colors[label_class.mask_value][:3]).hex() == label_class.color.lstrip("#").lower()
    assert np.array_equal(stored, expected)
    assert set(np.unique(stored)) == {0, *ontology.by_mask_value}


def test_our_own_rasterize_gives_the_same_mask(sample_data, coast_labels):
    with rasterio.open(sample_data / "coast_truth_mask.tif") as source:
        stored = source.read(1)
    assert np.array_equal(geolabel.rasterize(coast_labels, flavour="semantic").array, stored)


def test_nothing_is_labelled_outside_the_scene(coast, coast_labels, harbour, harbour_labels):
    for scene, labels in ((coast, coast_labels), (harbour, harbour_labels)):
        frame = shapely.Polygon(scene.grid.outline).buffer(1e-6)
        assert all(frame.contains(labels[i].geometry) for i in labels)


def test_the_truth_has_no_problems(coast_labels, harbour_labels):
    assert coast_labels.problems() == []
    assert harbour_labels.problems() == []


def test_ships_in_the_harbour_do_not_overlap_and_lie_on_water(harbour, harbour_labels):
    boxes = [harbour_labels[i].geometry for i in harbour_labels]
    assert len(boxes) == 10
    for index, box in enumerate(boxes):
        assert is_rectangle(shapely.get_coordinates(box)[:4], harbour.grid)
        assert all(box.intersection(other).area < 1e-6 for other in boxes[index + 1 :])
    ndwi = reflectance(harbour, "green") - reflectance(harbour, "nir")
    between = burnt([shapely.box(20, 300, 130, 460)], harbour)
    assert (ndwi[between] > 0).mean() > 0.95


def test_ids_are_unique_and_the_same_for_ever(sample_data):
    ids = [
        feature["id"]
        for name in ("coast", "harbour")
        for feature in json.loads((sample_data / f"{name}_truth.geojson").read_text("utf-8"))["features"]
    ]
    assert len(set(ids)) == len(ids)
    assert "df61889f-15d8-5c1d-a72c-0d3b95f5e7b9" in ids


def test_making_them_again_gives_the_same_pixels_and_labels(sample_data, tmp_path):
    names = ["coast", "harbour"] if os.environ.get("THOROUGH") else ["harbour"]  # the coast takes 20 s
    script = sample_data / "make.py"
    environment_free = [sys.executable, "-B", str(script), *names, "--out", str(tmp_path)]
    subprocess.run(environment_free, check=True, capture_output=True, timeout=800)
    rasters = {"coast": ("coast.tif", "coast_truth_mask.tif"), "harbour": ("harbour.tif",)}
    for name in (raster for made in names for raster in rasters[made]):
        with rasterio.open(sample_data / name) as stored, rasterio.open(tmp_path / name) as fresh:
            before, after = stored.read().astype(int), fresh.read().astype(int)
            # other processors round the last bit of a sine otherwise, which may move a pixel by a step or two
            assert (before != after).mean() < 1e-3, name
            assert np.abs(before - after).max() <= 40, name
            assert stored.profile == fresh.profile
    for name in [f"{name}_truth.geojson" for name in names]:
        stored, fresh = (json.loads((folder / name).read_text("utf-8")) for folder in (sample_data, tmp_path))
        assert [f["id"] for f in stored["features"]] == [f["id"] for f in fresh["features"]]
        for old, new in zip(stored["features"], fresh["features"], strict=True):
            assert old["properties"]["class_id"] == new["properties"]["class_id"]
            assert shapely.equals_exact(
                shapely.from_geojson(json.dumps(old["geometry"])),
                shapely.from_geojson(json.dumps(new["geometry"])),
                tolerance=1e-9,
            )

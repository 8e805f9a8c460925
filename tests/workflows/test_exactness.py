"""A pixel is a pixel: what is labelled, saved, reloaded and rasterised covers the same pixels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from shapely import Polygon

from napari_geolabel import GeoGrid, Labels, Scene, load_ontology, open_labels, open_scene, polygonize, rasterize
from napari_geolabel.masks.rasterize import burn

EDGE_PX = 1e-3


def geometries_of(labels: Labels) -> list[shapely.Geometry]:
    return [labels[annotation_id].geometry for annotation_id in labels]


def pixels_of(labels: Labels) -> np.ndarray:
    return rasterize(labels, flavour="instance").array


def worst_distance_px(one: np.ndarray, other: np.ndarray, polygons: list[Polygon]) -> float:
    """Return how far, at most, the centre of a pixel that differs lies from the edge of a polygon."""
    rows, cols = np.nonzero(one != other)
    if len(rows) == 0:
        return 0.0
    edges = shapely.boundary(np.array(polygons, object))
    tree = shapely.STRtree(edges)
    centres = shapely.points(cols + 0.5, rows + 0.5)
    _, distances = tree.query_nearest(centres, return_distance=True, all_matches=False)
    return float(distances.max())


@pytest.fixture
def drawn(scene: Scene, random_polygons: list[Polygon]) -> Labels:
    labels = open_labels(scene=scene, ontology="maritime")
    labels.add_many(random_polygons, "ship", kind="polygon")
    return labels


def test_saved_and_reloaded_polygons_are_the_same_to_the_last_bit(drawn: Labels, scene: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "drawn.geojson")
    reloaded = open_labels(scene=scene, ontology="maritime")
    assert reloaded.import_from(tmp_path / "drawn.geojson").imported == 500
    assert list(reloaded) == list(drawn)
    for before, after in zip(geometries_of(drawn), geometries_of(reloaded), strict=True):
        assert before.wkb == after.wkb
    assert np.array_equal(pixels_of(drawn), pixels_of(reloaded))


def test_a_second_save_writes_the_same_bytes(drawn: Labels, scene: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "first.geojson")
    reloaded = open_labels(scene=scene, ontology="maritime")
    reloaded.import_from(tmp_path / "first.geojson")
    reloaded.export(tmp_path / "second.geojson")
    assert (tmp_path / "first.geojson").read_bytes() == (tmp_path / "second.geojson").read_bytes()


def test_wgs84_coordinates_alone_cover_the_same_pixels(
    drawn: Labels, scene: Scene, random_polygons: list[Polygon], tmp_path: Path
) -> None:
    drawn.export(tmp_path / "drawn.geojson")
    content = json.loads((tmp_path / "drawn.geojson").read_text())
    assert "crs" not in content
    for feature in content["features"]:
        stripped = {name: feature[name] for name in ("type", "geometry")}
        feature.clear()
        feature.update(stripped, properties={"class_id": "ship"})
    plain = {"type": "FeatureCollection", "features": content["features"]}
    (tmp_path / "plain.geojson").write_text(json.dumps(plain))

    reloaded = open_labels(scene=scene, ontology="maritime")
    reloaded.import_from(tmp_path / "plain.geojson", outside="keep")
    before, after = pixels_of(drawn), pixels_of(reloaded)
    different = int((before != after).sum())
    assert worst_distance_px(before, after, random_polygons) <= EDGE_PX, f"{different} pixels differ"
    assert different == 0


def test_pixels_agree_with_gdal(drawn: Labels, random_polygons: list[Polygon]) -> None:
    from rasterio.features import rasterize as gdal_rasterize

    numbered = list(zip(random_polygons, range(1, 501), strict=True))
    by_gdal = gdal_rasterize(numbered, out_shape=(512, 512), dtype="uint16")
    assert worst_distance_px(pixels_of(drawn), by_gdal, random_polygons) <= EDGE_PX


def test_a_written_mask_lies_on_the_scene_and_holds_the_same_pixels(
    drawn: Labels, scene: Scene, tmp_path: Path
) -> None:
    drawn.export(tmp_path / "mask.tif", flavour="instance")
    with rasterio.open(tmp_path / "mask.tif") as written, rasterio.open(scene.path) as original:
        assert written.transform == original.transform
        assert written.crs == original.crs
        assert np.array_equal(written.read(1), pixels_of(drawn))


def test_polygons_traced_from_a_mask_burn_to_the_same_mask(drawn: Labels, scene: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "mask.tif", flavour="semantic")
    frame = polygonize(tmp_path / "mask.tif", ontology="maritime")
    again = rasterize(frame, grid=scene.grid, ontology=load_ontology("maritime"))
    with rasterio.open(tmp_path / "mask.tif") as written:
        assert np.array_equal(again.array, written.read(1))


def test_the_frame_of_labels_covers_the_same_pixels(drawn: Labels, scene: Scene) -> None:
    frame = drawn.to_geodataframe()
    again = rasterize(frame, grid=scene.grid, ontology=drawn.ontology, flavour="instance")
    assert np.array_equal(again.array, pixels_of(drawn))


def test_atlanta_building_footprints_burn_to_the_published_mask(shared_data: Path) -> None:
    folder = shared_data / "solaris_spacenet"
    with open_scene(folder / "sample_geotiff.tif") as scene:
        labels = open_labels(scene=scene, ontology=load_ontology("landcover"))
        building = next(c.id for c in labels.ontology.classes if c.mask_value is not None and "polygon" in c.kinds)
        report = labels.import_from(folder / "geotiff_labels.geojson", class_map={None: building})
        assert report.imported == len(labels) == 43
        mask = rasterize(labels)
    with rasterio.open(folder / "sample_fp_mask_from_geojson.tif") as published:
        expected = published.read(1) > 0
    assert int(expected.sum()) == 33_818
    assert int(((mask.array > 0) != expected).sum()) == 0


def test_unedited_imports_leave_with_every_bit(shared_data: Path, tmp_path: Path) -> None:
    """The file is in EPSG:32616; a GeoPackage in the scene's CRS, the same one, gets its very coordinates back."""
    geopandas = pytest.importorskip("geopandas")
    folder = shared_data / "solaris_spacenet"
    with open_scene(folder / "sample_geotiff.tif") as scene:
        labels = open_labels(scene=scene, ontology="landcover")
        building = next(c.id for c in labels.ontology.classes if "polygon" in c.kinds)
        labels.import_from(folder / "geotiff_labels.geojson", class_map={None: building})
        labels.export(tmp_path / "buildings.gpkg")
    features = json.loads((folder / "geotiff_labels.geojson").read_text())["features"]
    original = [shapely.force_2d(shapely.from_geojson(json.dumps(f["geometry"]))) for f in features]
    written = geopandas.read_file(tmp_path / "buildings.gpkg", layer="labels_polygon")
    single = [g.geoms[0] if g.geom_type == "MultiPolygon" and len(g.geoms) == 1 else g for g in written.geometry]
    assert {g.normalize().wkb for g in single} == {g.normalize().wkb for g in original}


def test_the_truth_of_the_sample_coast_burns_to_its_mask(sample_data: Path) -> None:
    with open_scene(sample_data / "coast.tif") as scene:
        labels = open_labels(scene=scene, ontology=sample_data / "coast_ontology.yaml")
        report = labels.import_from(sample_data / "coast_truth.geojson")
        assert (report.imported, report.skipped) == (len(labels), [])
        mask = rasterize(labels)
    with rasterio.open(sample_data / "coast_truth_mask.tif") as truth:
        assert np.array_equal(mask.array, truth.read(1))
    assert len(np.unique(mask.array)) == 5


def test_the_truth_of_the_sample_harbour_lies_on_its_rotated_grid(sample_data: Path) -> None:
    with open_scene(sample_data / "harbour.tif") as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        report = labels.import_from(sample_data / "harbour_truth.geojson")
        assert (report.imported, report.skipped, report.notes) == (len(labels), [], [])
        assert {annotation.kind for annotation in labels.store.values()} == {"rotated_box"}
        rows, cols = scene.grid.shape
        assert all(0 <= x <= cols and 0 <= y <= rows for g in geometries_of(labels) for x, y in g.centroid.coords)


def test_masks_do_not_depend_on_the_order_of_windows(drawn: Labels, grid: GeoGrid) -> None:
    whole = rasterize(drawn, flavour="instance").array
    quarters = np.zeros_like(whole)
    for rows in (slice(0, 200), slice(200, 512)):
        for cols in (slice(0, 311), slice(311, 512)):
            part = rasterize(drawn, flavour="instance", window=(rows, cols))
            assert part.grid == grid.window((rows, cols))
            quarters[rows, cols] = part.array
    assert np.array_equal(quarters, whole)


def test_burning_one_polygon_at_a_time_gives_each_its_own_pixels(random_polygons: list[Polygon]) -> None:
    alone = [burn([polygon], 1, (512, 512)).astype(bool) for polygon in random_polygons[:60]]
    together = burn(random_polygons[:60], np.arange(1, 61), (512, 512), dtype="uint16")
    expected = np.zeros((512, 512), "uint16")
    for number, pixels in enumerate(alone, start=1):
        expected[pixels] = number
    assert np.array_equal(together, expected)

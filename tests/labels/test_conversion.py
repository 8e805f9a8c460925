"""Label files from one format to another."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from shapely import LineString, Polygon, box

from napari_geolabel.errors import FormatError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.labels.conversion import check_file, convert, convert_mask, stand_in_grid
from napari_geolabel.labels.exchange import read_columns
from napari_geolabel.labels.rasters import rasterize

TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])
UTM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}


@pytest.fixture
def ours(labels: Labels, tmp_path: Path) -> Path:
    labels.add(box(3, 4, 20, 9), "ship", attributes={"category": "merchant"})
    labels.add(TRIANGLE, "tug", status="accepted")
    labels.add(LineString([(9, 9), (80, 90)]), "wake")
    labels.classify_scene(haze=True)
    labels.export(tmp_path / "ours.geojson")
    return tmp_path / "ours.geojson"


def theirs(path: Path, *, crs: dict[str, object] | None = None) -> Path:
    """Write a foreign file in metres, with coordinates that no grid would give back."""
    rings = [[[400001.1, 5300000.3], [400100.7, 5300000.3], [400100.7, 5299900.9], [400001.1, 5300000.3]]]
    geometry = {"type": "Polygon", "coordinates": rings}
    features = [
        {"type": "Feature", "properties": {"class": c, "note": "x"}, "geometry": geometry} for c in ("Hut", "Pier")
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs or UTM, "features": features}))
    return path


def test_geojson_becomes_a_geopackage_without_scene_or_ontology(tmp_path: Path) -> None:
    report = convert(theirs(tmp_path / "in.geojson"), tmp_path / "out.gpkg")
    assert (report.imported, report.skipped) == (2, [])
    frame = gpd.read_file(tmp_path / "out.gpkg", layer="labels_polygon")
    assert list(frame["class_name"]) == ["Hut", "Pier"]
    assert frame.crs.to_epsg() == 32633
    assert [400001.1, 5300000.3] in shapely.get_coordinates(frame.geometry.iloc[0]).tolist()
    assert list(frame["note"]) == ["x", "x"]


def test_a_class_map_makes_the_classes_it_names(tmp_path: Path) -> None:
    convert(theirs(tmp_path / "in.geojson"), tmp_path / "out.geojson", class_map={"Hut": "building"})
    classes = [f["properties"]["class_id"] for f in json.loads((tmp_path / "out.geojson").read_text())["features"]]
    assert classes[0] == "building"
    assert len(set(classes)) == 2


def test_our_own_file_keeps_ids_attributes_status_and_the_scene_s_answers(
    ours: Path, labels: Labels, tmp_path: Path
) -> None:
    convert(ours, tmp_path / "again.geojson", ontology=labels.ontology)
    first, second = (json.loads(path.read_text()) for path in (ours, tmp_path / "again.geojson"))
    assert second["features"] == first["features"]
    assert second["geolabel"]["scene"]["attributes"] == {"haze": True}


def test_geojson_is_written_in_the_crs_and_with_the_styles_that_are_asked_for(
    ours: Path, labels: Labels, scene: Scene, tmp_path: Path
) -> None:
    out = tmp_path / "out.geojson"
    for crs, of in (("scene", None), ("EPSG:32633", None), ("scene", scene)):
        convert(ours, out, crs=crs, styles=["qml", "sld"], scene=of)
        frame = gpd.read_file(out)
        assert (frame.crs.to_epsg(), len(frame)) == (scene.grid.crs.to_epsg(), 3)
        expected = shapely.transform(labels[frame["id"][1]].geometry, scene.grid.pixel_to_map)
        assert shapely.equals_exact(frame.geometry[1].normalize(), expected.normalize(), 1e-6)
    assert {each.suffix for each in tmp_path.glob("out*")} >= {".qml", ".sld"}
    back = convert(out, tmp_path / "back.geojson", scene=scene)
    assert (back.imported, back.skipped) == (3, [])


def test_foreign_metres_stay_to_the_last_bit_in_the_crs_they_came_in(tmp_path: Path) -> None:
    source = theirs(tmp_path / "in.geojson")
    convert(source, tmp_path / "out.geojson", crs="scene", styles=["qml"])
    rings = [f["geometry"]["coordinates"][0] for f in json.loads((tmp_path / "out.geojson").read_text())["features"]]
    given = json.loads(source.read_text())["features"][0]["geometry"]["coordinates"][0]
    assert [sorted(map(tuple, ring)) for ring in rings] == [sorted(map(tuple, given))] * 2
    assert (tmp_path / "out.qml").is_file()


@pytest.mark.parametrize(
    ("name", "more", "sentence"),
    [
        ("out.gpkg", {"crs": "scene"}, "GeoPackage has no choice of a CRS"),
        ("out.geojson", {"styles": ["css"]}, "is no style; choose qml or sld"),
        ("out.gpkg", {"styles": ["qml"]}, "has its styles inside"),
        ("out.tif", {"crs": "scene"}, "mask GeoTIFF has no choice of a CRS"),
    ],
)
def test_a_crs_or_a_style_that_the_target_cannot_have_is_refused(
    ours: Path, scene: Scene, tmp_path: Path, name: str, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(FormatError, match=sentence):
        convert(ours, tmp_path / name, scene=scene, **more)  # type: ignore[arg-type]
    assert not (tmp_path / name).exists()


def test_labels_become_a_mask_on_a_scene(ours: Path, labels: Labels, scene: Scene, tmp_path: Path) -> None:
    convert(ours, tmp_path / "mask.tif", scene=scene, ontology=labels.ontology)
    with rasterio.open(tmp_path / "mask.tif") as mask:
        assert np.array_equal(mask.read(1), rasterize(labels).array)
    with pytest.raises(FormatError, match="name the scene"):
        convert(ours, tmp_path / "other.tif", ontology=labels.ontology)
    assert not (tmp_path / "other.tif").exists()


def test_what_a_mask_cannot_have_is_told(labels: Labels, scene: Scene, tmp_path: Path) -> None:
    labels.add(box(10, 10, 30, 30), "ship", kind="polygon", status="rejected")
    labels.add(LineString([(9, 9), (80, 90)]), "wake")
    labels.export(tmp_path / "a.geojson")
    report = convert(tmp_path / "a.geojson", tmp_path / "a.tif", scene=scene, ontology=labels.ontology)
    with rasterio.open(tmp_path / "a.tif") as mask:
        assert not mask.read(1).any()
    assert report.imported == 1
    assert report.notes == [
        "1 rejected annotations are left out",
        "1 annotations of wake are left out, which has no mask_value in the ontology",
    ]


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("a.png", None, {"a.png", "a.panoptic.json"}),
        ("a.tif", "panoptic-pair", {"a_semantic.tif", "a_instance.tif"}),
    ],
)
def test_a_mask_is_written_in_the_format_that_is_meant(
    ours: Path, labels: Labels, scene: Scene, tmp_path: Path, name: str, form: str | None, written: set[str]
) -> None:
    out, expected_in = tmp_path / "out", tmp_path / "expected"
    out.mkdir()
    expected_in.mkdir()
    labels.export(expected_in / name, format=form)
    convert(ours, out / name, scene=scene, ontology=labels.ontology, format=form)
    assert {each.name for each in out.iterdir()} >= written
    for each in written:
        if each.endswith(("png", "tif")):
            with rasterio.open(out / each) as found, rasterio.open(expected_in / each) as expected:
                assert found.driver == expected.driver
                assert np.array_equal(found.read(), expected.read())


def foreign_mask(path: Path, scene: Scene) -> Path:
    """Write a mask of numbers that name no class: 7 and 8."""
    values = np.zeros(scene.grid.shape, np.uint8)
    values[5:15, 5:15], values[5:15, 20:30] = 7, 8
    rows, cols = values.shape
    about = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "uint8", "crs": scene.grid.crs}
    with rasterio.open(path, "w", transform=scene.grid.transform, **about) as mask:
        mask.write(values, 1)
    return path


def test_the_values_of_a_mask_are_mapped_to_classes(scene: Scene, ontology, tmp_path: Path) -> None:
    mask, out = foreign_mask(tmp_path / "m.tif", scene), tmp_path / "m.geojson"
    for more in ({}, {"ontology": ontology}):
        report = convert(mask, out, class_map={"7": "ship", 8: None, 99: "tug"}, overwrite="always", **more)
        found = [f["properties"] for f in json.loads(out.read_text())["features"]]
        assert (report.imported, [each["class_id"] for each in found]) == (1, ["ship"])
    report = convert(mask, out, class_map={7: "ship", 8: "ship"}, overwrite="always")
    found = [f["properties"] for f in json.loads(out.read_text())["features"]]
    assert [(each["class_id"], each["class_name"]) for each in found] == [("ship", "ship")] * 2
    with pytest.raises(FormatError, match='of the class "8"'):
        convert(mask, out, class_map={7: "ship"}, ontology=ontology)


def test_a_mask_of_other_pixels_than_the_scene_is_refused(scene: Scene, write_scene, tmp_path: Path) -> None:
    from napari_geolabel.geo import GeoGrid
    from napari_geolabel.imagery.opening import open_scene

    mask = foreign_mask(tmp_path / "m.tif", scene)
    grid = GeoGrid(shape=(64, 64), transform=scene.grid.transform, crs=scene.grid.crs)
    with open_scene(write_scene(grid, "small.tif")) as small:
        for name in ("x.tif", "x.coco.json"):
            with pytest.raises(FormatError, match=r"m\.tif has 512 x 512 pixels and the scene 64 x 64; polygonize it"):
                convert(mask, tmp_path / name, scene=small)
            assert not (tmp_path / name).exists()


def test_a_mask_becomes_polygons(ours: Path, labels: Labels, scene: Scene, tmp_path: Path) -> None:
    labels.export(tmp_path / "mask.tif")
    assert convert(tmp_path / "mask.tif", tmp_path / "a.geojson").imported == 2
    assert convert_mask(tmp_path / "mask.tif", tmp_path / "b.gpkg", ontology=labels.ontology).imported == 2
    assert (tmp_path / "b.gpkg").exists()
    with pytest.raises(FormatError, match="mask again"):
        convert_mask(tmp_path / "mask.tif", tmp_path / "c.tif")


def test_a_frame_may_stand_for_a_file(labels: Labels, ours: Path, tmp_path: Path) -> None:
    frame = labels.to_geodataframe()
    assert convert(frame, tmp_path / "a.geojson", ontology=labels.ontology).imported == 3
    with pytest.raises(FormatError, match="frame has no CRS"):
        convert(frame.set_crs(None, allow_override=True), tmp_path / "b.geojson", ontology=labels.ontology)


def test_an_unknown_class_is_refused_where_an_ontology_is_given(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"in\.geojson.*Hut"):
        convert(theirs(tmp_path / "in.geojson"), tmp_path / "out.gpkg", ontology="maritime")
    assert not (tmp_path / "out.gpkg").exists()


def test_the_stand_in_grid_is_the_one_that_the_file_was_drawn_on(ours: Path, scene: Scene) -> None:
    assert stand_in_grid(read_columns(ours)) == scene.grid


def test_the_stand_in_grid_of_a_foreign_file_covers_it_in_metres(tmp_path: Path) -> None:
    columns = read_columns(theirs(tmp_path / "in.geojson"))
    grid = stand_in_grid(columns)
    assert columns.crs is not None
    pixels = shapely.transform(columns.geometries, grid.map_to_pixel)
    x0, y0, x1, y1 = shapely.total_bounds(pixels)
    rows, cols = grid.shape
    assert 0 <= x0 < x1 <= cols
    assert 0 <= y0 < y1 <= rows
    assert x1 - x0 == pytest.approx(99.6)


def test_the_stand_in_grid_of_longitude_and_latitude_has_pixels_of_about_a_metre(tmp_path: Path) -> None:
    from napari_geolabel.geo import pixel_size_m

    path = tmp_path / "points.geojson"
    path.write_text(json.dumps({"type": "Point", "coordinates": [13.123456, 47.5]}))
    size = pixel_size_m(stand_in_grid(read_columns(path)))
    assert size is not None
    assert all(0.5 < side < 1.5 for side in size)


def test_a_file_is_checked_with_its_own_answers_on_the_scene(ours: Path, labels: Labels) -> None:
    store, report = check_file(ours, scene=None, ontology=labels.ontology)
    assert report.skipped == []
    assert dict(store.scene_attributes) == {"haze": True}
    assert list(store) == list(labels)


@pytest.fixture
def painted_file(scene, ontology, tmp_path) -> Path:
    """A label file with a tug and a painted cloud."""
    labels = open_labels(tmp_path / "painted.labels.gpkg", scene=scene, ontology=ontology)
    labels.add(box(10, 10, 30, 20), "tug")
    labels.paint(box(20, 10, 60, 50), "cloud")
    labels.close()
    return labels.path


def test_what_is_painted_goes_into_a_mask_below_the_annotations(painted_file, scene, tmp_path) -> None:
    report = convert(painted_file, tmp_path / "a.tif", scene=scene)

    with rasterio.open(tmp_path / "a.tif") as mask:
        values = mask.read(1)
    assert (values == 9).sum() == 40 * 40 - 10 * 10
    assert (values == 2).sum() == 20 * 10
    assert report.notes == []


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_a_format_that_cannot_hold_the_paint_says_so(painted_file, scene, tmp_path, name) -> None:
    report = convert(painted_file, tmp_path / name, scene=scene)

    assert any("the painted mask does not go into a Geo" in note for note in report.notes)


def test_paint_of_other_pixels_or_values_is_left_out_and_told(painted_file, scene, tmp_path, ontology) -> None:
    from affine import Affine

    moved = scene.with_transform(Affine.translation(500, 0) @ scene.grid.transform, scene.grid.crs)
    report = convert(painted_file, tmp_path / "a.tif", scene=moved)
    assert "the painted mask is left out, since its pixels are not those of the scene" in report.notes

    swapped = {"cloud": 2, "tug": 9}
    classes = [c.model_copy(update={"mask_value": swapped.get(c.id, c.mask_value)}) for c in ontology.classes]
    report = convert(painted_file, tmp_path / "b.tif", scene=scene, ontology=ontology.with_classes(classes))
    assert report.notes == [
        "the painted mask is left out, since its values mean something else in the ontology harbour"
    ]


def test_an_import_of_a_label_file_says_that_its_paint_stays_behind(painted_file, labels) -> None:
    report = labels.import_from(painted_file)

    assert report.imported == 1
    assert any("the painted mask of painted.labels.gpkg is not taken over" in note for note in report.notes)

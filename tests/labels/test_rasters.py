"""Labels, frames and files to masks, and masks to polygons."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely import LineString, Polygon, box

from napari_geolabel.errors import CancelledError, FormatError, GeoLabelError, NotGeoreferencedError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels
from napari_geolabel.labels.rasters import polygonize, rasterize
from napari_geolabel.masks import Mask, MaskEntry
from napari_geolabel.ontology.model import Ontology

UTM = CRS.from_epsg(32633)
TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])


@pytest.fixture
def drawn(labels: Labels) -> Labels:
    labels.add(TRIANGLE, "tug")
    labels.add(box(20, 5, 30, 40), "ship")
    labels.add(box(28, 8, 60, 20), "ship")
    labels.add(LineString([(9, 9), (80, 90)]), "wake")
    return labels


def test_a_later_class_wins_then_what_was_drawn_later(drawn: Labels) -> None:
    semantic, instance = rasterize(drawn).array, rasterize(drawn, flavour="instance").array
    assert semantic[12, 25] == 2, "tug stands after ship in the ontology"
    assert semantic[35, 25] == 1
    assert instance[9, 29] == 3
    assert (semantic.dtype, semantic.shape) == (np.dtype("uint8"), (512, 512))


def test_rejected_annotations_are_in_no_mask(drawn: Labels) -> None:
    before = rasterize(drawn).array
    ship = drawn.add(box(200, 200, 210, 210), "ship", status="rejected")
    assert np.array_equal(rasterize(drawn).array, before)
    drawn.update(ship.id, status="draft")
    assert not np.array_equal(rasterize(drawn).array, before)


def test_rejected_annotations_are_in_no_mask_of_a_frame_or_a_file_either(drawn: Labels, scene: Scene, tmp_path) -> None:
    before = rasterize(drawn).array
    drawn.add(box(200, 200, 210, 210), "ship", status="rejected")
    drawn.export(tmp_path / "a.geojson")
    for source in (drawn.to_geodataframe(), tmp_path / "a.geojson"):
        assert np.array_equal(rasterize(source, grid=scene.grid, ontology=drawn.ontology).array, before)


def test_a_label_file_brings_its_paint(open_kept, scene: Scene, ontology: Ontology, file_path: Path) -> None:
    labels = open_kept()
    labels.paint(box(100, 100, 120, 120), "cloud")
    labels.add(box(110, 110, 130, 130), "tug")
    labels.close()
    mask = rasterize(file_path, grid=scene.grid, ontology=ontology)
    assert [(mask.array == value).sum() for value in (9, 2)] == [300, 400]
    part = rasterize(file_path, grid=scene.grid, ontology=ontology, window=(slice(100, 110), slice(100, 140)))
    assert (part.array == 9).sum() == 200
    assert rasterize(file_path, grid=scene.grid, ontology=ontology, flavour="instance").array.max() == 1


def test_paint_of_a_label_file_that_does_not_fit_is_refused(open_kept, scene: Scene, ontology, file_path) -> None:
    labels = open_kept()
    labels.paint(box(100, 100, 120, 120), "cloud")
    labels.close()
    moved = GeoGrid(shape=scene.grid.shape, transform=Affine.translation(500, 0) @ scene.grid.transform, crs=UTM)
    with pytest.raises(FormatError, match="cannot be burnt, since its pixels are not those of the scene; give"):
        rasterize(file_path, grid=moved, ontology=ontology)
    with pytest.raises(FormatError, match="since its values mean something else in the ontology maritime; give"):
        rasterize(file_path, grid=scene.grid, ontology="maritime")


def test_paint_lies_under_what_is_drawn(drawn: Labels) -> None:
    drawn.paint(box(0, 0, 100, 100), "cloud")
    array = rasterize(drawn).array
    assert (array[35, 25], array[50, 50], array[200, 200]) == (1, 9, 0)
    assert 9 not in rasterize(drawn, flavour="instance").array


def test_a_frame_file_and_labels_give_the_same_mask(drawn: Labels, scene: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    expected = rasterize(drawn)
    frame = drawn.to_geodataframe()
    for source in (frame, frame.to_crs("EPSG:4326"), tmp_path / "a.geojson", str(tmp_path / "a.geojson")):
        mask = rasterize(source, grid=scene.grid, ontology=drawn.ontology)
        assert np.array_equal(mask.array, expected.array)
        assert mask.grid == expected.grid
        assert dict(mask.table) == dict(expected.table)


def test_a_frame_without_a_crs_is_in_pixels(scene: Scene, ontology: Ontology) -> None:
    frame = gpd.GeoDataFrame({"class_id": ["ship"]}, geometry=[box(5, 6, 15, 9)])
    assert int(rasterize(frame, grid=scene.grid, ontology=ontology).array.sum()) == 30


def test_a_template_may_be_named(scene: Scene) -> None:
    frame = gpd.GeoDataFrame({"class_id": ["ship"]}, geometry=[box(5, 6, 15, 9)])
    mask = rasterize(frame, grid=scene.grid, ontology="maritime")
    assert mask.ontology_stamp is not None
    assert mask.ontology_stamp["id"] == "maritime"


def test_a_frame_needs_a_grid_and_an_ontology(scene: Scene, ontology: Ontology) -> None:
    frame = gpd.GeoDataFrame({"class_id": ["ship"]}, geometry=[TRIANGLE])
    for given in ({}, {"grid": scene.grid}, {"ontology": ontology}):
        with pytest.raises(GeoLabelError, match=r"grid=scene\.grid"):
            rasterize(frame, **given)


def test_an_unknown_class_in_a_frame_is_named(scene: Scene, ontology: Ontology) -> None:
    frame = gpd.GeoDataFrame({"class_id": ["ship", "barge"]}, geometry=[TRIANGLE, TRIANGLE], index=["a", "b"])
    with pytest.raises(FormatError, match=r"row b.*barge"):
        rasterize(frame, grid=scene.grid, ontology=ontology)


def test_a_file_that_cannot_be_burnt_whole_is_refused(drawn: Labels, scene: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    content = (tmp_path / "a.geojson").read_text().replace('"class_id":"wake"', '"class_id":"tug"')
    (tmp_path / "a.geojson").write_text(content)
    with pytest.raises(FormatError, match=r"a\.geojson: .*tug"):
        rasterize(tmp_path / "a.geojson", grid=scene.grid, ontology=drawn.ontology)


def test_polygons_of_a_mask_carry_class_place_and_area(drawn: Labels, scene: Scene) -> None:
    frame = polygonize(rasterize(drawn), ontology=drawn.ontology)
    assert frame.crs == scene.grid.crs
    assert set(frame["class_id"]) == {"ship", "tug"}
    pixels = frame.geometry.area / 100
    assert pixels.sum() == pytest.approx(np.count_nonzero(rasterize(drawn).array))
    assert np.array_equal(rasterize(frame, grid=scene.grid, ontology=drawn.ontology).array, rasterize(drawn).array)


def test_instances_keep_their_ids_when_they_are_polygonized(drawn: Labels) -> None:
    mask = rasterize(drawn, flavour="instance")
    frame = polygonize(mask, ontology=drawn.ontology)
    burnt = {i for i, annotation in drawn.store.items()}
    assert set(frame["id"]) <= burnt
    assert len(frame) == len(mask.values())


def test_a_foreign_mask_brings_its_own_classes() -> None:
    table = {7: MaskEntry(value=7, class_id=None, name="Open water", color="#123456")}
    array = np.array([[0, 7, 7], [3, 0, 7]], np.uint8)
    mask = Mask(array=array, grid=GeoGrid(shape=(2, 3), transform=Affine.identity()), table=table)
    frame = polygonize(mask)
    assert frame.crs is None
    assert dict(zip(frame["class_value"], frame["class_name"], strict=True)) == {7: "Open water", 3: "3"}
    water = frame.loc[frame["class_value"] == 7].geometry.iloc[0]
    assert water.equals(box(1, 0, 3, 1).union(box(2, 0, 3, 2)))


LONG = "Mosaic cropland (>50%) / natural vegetation (tree, shrub, herbaceous cover)"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([f"{LONG} (<50%)", f"{LONG} (other)"], [f"{LONG} (<50%)", f"{LONG} (other)"]),
        (["  Water ", "A" * 49 + " BCD"], ["Water", "A" * 49 + " BCD"]),
        (["Water", "water"], ["Water 1", "water 2"]),
        (["Water", "Water"], ["Water 1", "Water 2"]),
        (["\u6c34", "***"], ["\u6c34", "***"]),
    ],
)
def test_each_value_of_a_mask_is_a_class_of_its_own_whatever_its_name(names: list[str], found: list[str]) -> None:
    grid = GeoGrid(shape=(4, 4), transform=Affine.identity())
    array = np.array([[1, 1, 2, 2]] * 4, np.uint8)
    table = {i: MaskEntry(value=i, class_id=None, name=name, color="#112233") for i, name in enumerate(names, 1)}
    frame = polygonize(Mask(array=array, grid=grid, table=table)).sort_values("class_value")
    assert (frame.class_value.tolist(), frame.class_name.tolist()) == ([1, 2], found)
    assert frame.class_id.is_unique


def test_corners_join_areas_where_they_are_asked_to() -> None:
    array = np.array([[1, 0], [0, 1]], np.uint8)
    mask = Mask(array=array, grid=GeoGrid(shape=(2, 2), transform=Affine.identity()))
    assert len(polygonize(mask)) == 2
    joined = polygonize(mask, connectivity=8)
    assert len(joined) == 1
    assert shapely.is_valid(joined.geometry.iloc[0])


def test_an_empty_mask_gives_an_empty_frame() -> None:
    mask = Mask(array=np.zeros((3, 4), np.uint8), grid=GeoGrid(shape=(3, 4), transform=Affine.identity()))
    for flavour in ("semantic", "instance"):
        frame = polygonize(Mask(array=mask.array, grid=mask.grid, flavour=flavour))  # type: ignore[arg-type]
        assert len(frame) == 0
        assert "class_id" in frame


def test_whole_numbers_of_a_column_are_burnt_as_they_are(scene: Scene) -> None:
    frame = gpd.GeoDataFrame({"parcel": [7, 70_000]}, geometry=[box(0, 0, 4, 4), box(2, 0, 6, 4)])
    mask = rasterize(frame, grid=scene.grid, column="parcel")
    assert mask.array[0, :7].tolist() == [7, 7, 70_000, 70_000, 70_000, 70_000, 0]
    assert mask.array.dtype == np.uint32, "the smallest type that holds them"
    assert [entry.name for entry in mask.table.values()] == ["parcel 7", "parcel 70000"]
    assert mask.unknown_values() == []


def test_a_property_of_a_file_is_burnt_like_a_column_of_a_frame(scene: Scene, tmp_path) -> None:
    corners = scene.grid.pixel_to_map(np.array([(0.0, 0.0), (4.0, 4.0)]))
    there = box(*corners.min(axis=0), *corners.max(axis=0))
    frame = gpd.GeoDataFrame({"parcel": [7]}, geometry=[there], crs=scene.grid.crs)
    frame.to_file(tmp_path / "parcels.gpkg")
    found = rasterize(tmp_path / "parcels.gpkg", grid=scene.grid, column="parcel").array
    assert np.array_equal(found, rasterize(frame, grid=scene.grid, column="parcel").array)
    assert set(np.unique(found)) == {0, 7}


def test_a_mask_without_a_table_has_the_values_of_the_ontology(ontology: Ontology) -> None:
    array = np.zeros((3, 4), np.uint8)
    ship = ontology["ship"]
    array[1, 1:3] = ship.mask_value
    mask = Mask(array=array, grid=GeoGrid(shape=(3, 4), transform=Affine.identity()))
    frame = polygonize(mask, ontology=ontology)
    assert frame["class_id"].tolist() == ["ship"]
    array[0, 0] = 200
    with pytest.raises(GeoLabelError, match="200"):
        polygonize(mask, ontology=ontology)


def test_a_column_of_words_names_the_classes(scene: Scene, ontology: Ontology) -> None:
    frame = gpd.GeoDataFrame({"class_id": ["?"], "sort": ["ship"]}, geometry=[box(5, 6, 15, 9)])
    assert int(rasterize(frame, grid=scene.grid, ontology=ontology, column="sort").array.sum()) == 30


def test_columns_that_cannot_be_burnt_are_refused_with_the_reason(scene: Scene) -> None:
    frame = gpd.GeoDataFrame(
        {"half": [0.5, 1], "gap": [1, np.nan], "below": [1, -1], "large": [1, 2**32]}, geometry=[TRIANGLE, TRIANGLE]
    )
    for column, reason in (
        ("half", "whole numbers"),
        ("gap", 'row 1 has no number in "gap"'),
        ("below", "-1 does not fit"),
        ("large", "does not fit in 32 bits"),
        ("none", "it has half, gap, below, large"),
        ("geometry", "no column"),
    ):
        with pytest.raises(GeoLabelError, match=reason):
            rasterize(frame, grid=scene.grid, column=column)


def test_lines_are_as_wide_as_asked_and_the_later_drawn_may_win(drawn: Labels) -> None:
    thin, wide = (rasterize(drawn, flavour="instance", width_m=width).array for width in (None, 200))
    assert (wide == 4).sum() > 10 * (thin == 4).sum(), "the wake, of 20 pixels"
    assert rasterize(drawn, order="drawn").array[12, 25] == 1, "ship was drawn after tug"


def test_progress_is_told_and_work_can_be_cancelled(drawn: Labels) -> None:
    shares: list[float] = []
    mask = rasterize(drawn, progress=shares.append)
    polygonize(mask, progress=shares.append)
    assert len(shares) >= 2
    for work in (lambda: rasterize(drawn, cancelled=lambda: True), lambda: polygonize(mask, cancelled=lambda: True)):
        with pytest.raises(CancelledError):
            work()


def test_small_areas_are_left_out_by_square_metres_or_pixels() -> None:
    array = np.zeros((20, 20), np.uint8)
    array[2, 2], array[5:9, 5:9] = 1, 1
    mask = Mask(array=array, grid=GeoGrid(shape=(20, 20), transform=Affine(10, 0, 4e5, 0, -10, 5e6), crs=UTM))
    assert len(polygonize(mask)) == 2
    assert len(polygonize(mask, min_area_m2=101)) == len(polygonize(mask, min_area_px=2)) == 1
    assert len(polygonize(mask, min_area_m2=99)) == 2
    nowhere = Mask(array=array, grid=GeoGrid(shape=(20, 20), transform=Affine.identity()))
    with pytest.raises(NotGeoreferencedError, match="min_area_px"):
        polygonize(nowhere, min_area_m2=5)


def test_simplified_polygons_have_fewer_vertices() -> None:
    mask = Mask(array=np.tri(40, dtype=np.uint8), grid=GeoGrid(shape=(40, 40), transform=Affine.identity()))
    exact, fewer = polygonize(mask).geometry, polygonize(mask, simplify_px=2).geometry
    assert shapely.get_num_coordinates(fewer).sum() < shapely.get_num_coordinates(exact).sum() / 5

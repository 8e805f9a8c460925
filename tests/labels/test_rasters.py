"""Labels, frames and files to masks, and masks to polygons."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import LineString, Polygon, box

from napari_geolabel.errors import FormatError, GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels
from napari_geolabel.labels.rasters import polygonize, rasterize
from napari_geolabel.masks import Mask, MaskEntry
from napari_geolabel.ontology.model import Ontology

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

"""Masks as labels: paint, polygons, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import Polygon, box

from napari_geolabel.errors import FormatError, MaskValueError
from napari_geolabel.formats.mask_geotiff import write_mask
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.labels.mask_import import areas_of, class_words
from napari_geolabel.labels.rasters import rasterize
from napari_geolabel.masks import Mask, MaskEntry, burn
from napari_geolabel.ontology.model import LabelClass, Ontology

TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])


@pytest.fixture
def again(scene: Scene, ontology: Ontology) -> Labels:
    """Other labels of the same scene, empty."""
    return open_labels(scene=scene, ontology=ontology)


def test_a_mask_of_ours_comes_back_pixel_for_pixel(labels: Labels, again: Labels, tmp_path: Path) -> None:
    labels.add(TRIANGLE, "ship")
    labels.add(box(300, 300, 320, 330) - box(305, 305, 310, 310), "tug")
    labels.paint(shapely.Point(200, 200).buffer(60), "cloud")
    labels.export(tmp_path / "mask.tif")
    report = again.import_from(tmp_path / "mask.tif")
    assert report.imported == len(again) == 2
    assert {annotation.class_id for annotation in again.store.values()} == {"ship", "tug"}
    assert np.array_equal(again.canvas.array, labels.canvas.array)
    assert np.array_equal(rasterize(again).array, rasterize(labels).array)
    assert any("cloud" in note for note in report.notes)
    again.undo()
    assert (len(again), again.is_painted) == (0, False)


def test_imported_paint_leaves_other_paint_alone(labels: Labels, again: Labels, tmp_path: Path) -> None:
    labels.paint(box(10, 10, 20, 20), "cloud")
    labels.export(tmp_path / "mask.tif")
    again.paint(box(40, 40, 50, 50), "cloud")
    again.import_from(tmp_path / "mask.tif")
    assert int((again.canvas.array == 9).sum()) == 200


def test_instances_come_back_as_the_annotations_that_they_were(labels: Labels, again: Labels, tmp_path: Path) -> None:
    ships = labels.add_many([TRIANGLE, box(200, 200, 240, 230)], "ship")
    labels.export(tmp_path / "mask.tif", flavour="instance")
    again.import_from(tmp_path / "mask.tif")
    assert list(again) == [ship.id for ship in ships]
    assert np.array_equal(rasterize(again, flavour="instance").array, rasterize(labels, flavour="instance").array)


def test_a_mask_of_another_size_is_refused(again: Labels, write_scene: Callable[..., Path], grid: GeoGrid) -> None:
    small = write_scene(replace(grid, shape=(100, 120)), "small.tif", bands=("class",))
    with pytest.raises(FormatError, match=r"small\.tif has 120 x 100 pixels and the scene 512 x 512"):
        again.import_from(small, make_classes=True)


def test_a_mask_that_lies_elsewhere_is_refused(again: Labels, scene: Scene, tmp_path: Path) -> None:
    moved = scene.grid.with_transform(scene.grid.transform @ Affine.translation(1, 0), scene.grid.crs)
    mask = Mask(array=np.ones((512, 512), np.uint8), grid=moved, table=table_of(1))
    write_mask(tmp_path / "moved.tif", mask)
    with pytest.raises(FormatError, match=r"moved\.tif lies elsewhere"):
        again.import_from(tmp_path / "moved.tif")


def test_a_mask_without_a_place_is_taken_by_its_shape(again: Labels, tmp_path: Path) -> None:
    array = np.zeros((512, 512), np.uint8)
    array[3:7, 10:20] = 1
    write_mask(tmp_path / "mask.tif", Mask(array=array, grid=pixels(512, 512), table=table_of(1)))
    again.import_from(tmp_path / "mask.tif")
    (ship,) = again.store.values()
    assert ship.geometry.equals(box(10, 3, 20, 7))


def test_values_that_no_class_has_are_refused_or_made_into_classes(again: Labels, tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "foreign.tif", "w", driver="GTiff", width=512, height=512, count=1, dtype="uint8"
    ) as foreign:
        array = np.zeros((512, 512), np.uint8)
        array[5:9, 5:9] = 77
        foreign.write(array, 1)
    with pytest.raises(FormatError, match=r"foreign\.tif: value 77"):
        again.import_from(tmp_path / "foreign.tif")
    assert len(again) == 0
    again.import_from(tmp_path / "foreign.tif", class_map={"77": "ship"})
    assert len(again) == 1
    again.undo()
    again.import_from(tmp_path / "foreign.tif", make_classes=True)
    assert int((again.canvas.array > 0).sum()) == 16


def test_classes_that_a_mask_has_no_room_for_are_refused(scene: Scene, tmp_path: Path) -> None:
    last = LabelClass(id="last", name="Last", color="#ff0000", mask_value=255, kinds=("polygon", "mask"))
    full = open_labels(scene=scene, ontology=Ontology(id="full", name="Full", version="1", classes=(last,)))
    array = np.zeros((512, 512), np.uint8)
    array[5:9, 5:9] = 7
    table = {7: MaskEntry(value=7, class_id=None, name="Seven", color="#00ffff")}
    write_mask(tmp_path / "mask.tif", Mask(array=array, grid=scene.grid, table=table))
    with pytest.raises(MaskValueError, match="mask value 256 does not fit into a mask up to 255; number classes lower"):
        full.import_from(tmp_path / "mask.tif", make_classes=True)
    assert [each.id for each in full.ontology.classes] == ["last"]


def test_a_class_that_is_only_a_line_cannot_come_from_a_mask(again: Labels, tmp_path: Path) -> None:
    array = np.zeros((512, 512), np.uint8)
    array[5:9, 5:9] = 4
    table = {4: MaskEntry(value=4, class_id="wake", name="Wake", color="#00ffff")}
    write_mask(tmp_path / "mask.tif", Mask(array=array, grid=pixels(512, 512), table=table))
    report = again.import_from(tmp_path / "mask.tif")
    assert report.skipped == [("wake", "the class can be neither painted nor drawn as a polygon")]
    assert len(again) == 0


def test_the_reference_cloud_mask_is_painted_whole(shared_data: Path) -> None:
    folder = shared_data / "s2cloudless"
    with open_scene(folder / "S2_L1C_betsiboka_13band_uint16.tif") as scene:
        labels = open_labels(scene=scene, ontology="clouds")
        labels.import_from(folder / "s2cloudless_cl_mask_reference.tif", class_map={"1": "thick_cloud"})
        value = labels.ontology["thick_cloud"].mask_value
        with rasterio.open(folder / "s2cloudless_cl_mask_reference.tif") as reference:
            assert np.array_equal(labels.canvas.array == value, reference.read(1) == 1)
    assert value != 1


@settings(max_examples=60, deadline=None)
@given(array=arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 3)))
@pytest.mark.parametrize("flavour", ["semantic", "instance"])
def test_areas_burn_to_the_mask_that_they_came_from(array: np.ndarray, flavour: str) -> None:
    mask = Mask(array=array, grid=pixels(*array.shape), flavour=flavour, table=table_of(1, 2, 3))  # type: ignore[arg-type]
    areas = areas_of(mask)
    assert np.array_equal(burn(areas.geometries, areas.values, array.shape), array)
    if flavour == "instance":
        assert len(areas.values) == len(np.unique(areas.values)) == len(mask.values())


def test_a_mask_says_its_classes_by_id_by_name_or_by_number() -> None:
    table = {
        1: MaskEntry(value=1, class_id="ship", name="Ship", color="#ff0000"),
        2: MaskEntry(value=2, class_id=None, name="Hull", color="#ff0000"),
    }
    mask = Mask(array=np.array([[0, 1], [2, 3]], np.uint8), grid=pixels(2, 2), table=table)
    assert class_words(mask) == {1: "ship", 2: "Hull", 3: "3"}
    assert class_words(mask, {"1": "tug"}) == {1: "1", 2: "Hull", 3: "3"}


def pixels(rows: int, cols: int) -> GeoGrid:
    return GeoGrid(shape=(rows, cols), transform=Affine.identity())


def table_of(*values: int) -> dict[int, MaskEntry]:
    names = {1: "ship", 2: "tug", 3: "cloud"}
    return {v: MaskEntry(value=v, class_id=names[v], name=names[v], color="#ff0000") for v in values}


def test_values_are_read_by_a_table_of_numbers_or_words(again: Labels, tmp_path: Path) -> None:
    array = np.zeros(again.scene.grid.shape, np.uint8)
    array[10:20, 10:20], array[40:50, 40:50], array[60:70, 60:70] = 1, 2, 3
    write_foreign(tmp_path / "foreign.tif", array, again.scene.grid)
    again.import_from(tmp_path / "foreign.tif", class_map={1: "ship", "2": "cloud", 3: None})
    assert {annotation.class_id for annotation in again.store.values()} == {"ship"}
    assert again.canvas.painted_pixels == 100


def test_a_mask_of_other_pixels_is_resampled_only_when_asked_and_said(again: Labels, tmp_path: Path) -> None:
    half = again.scene.grid.level((256, 256))
    array = np.zeros((256, 256), np.uint8)
    array[5:10, 5:10] = 1
    write_foreign(tmp_path / "half.tif", array, half)
    with pytest.raises(FormatError, match=r"256 x 256 pixels and the scene 512 x 512.*resample=True"):
        again.import_from(tmp_path / "half.tif", class_map={1: "ship"})
    assert len(again) == 0
    report = again.import_from(tmp_path / "half.tif", class_map={1: "ship"}, resample=True)
    assert any("nearest neighbour from 256 x 256" in note for note in report.notes)
    (ship,) = again.store.values()
    assert ship.geometry.bounds == (10, 10, 20, 20)


def write_foreign(path: Path, array: np.ndarray, grid: GeoGrid) -> None:
    """Write a mask as another program would, without names."""
    rows, cols = array.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=1, dtype=array.dtype,
        crs=None if grid.crs is None else grid.crs.to_wkt(), transform=grid.transform,
    ) as target:  # fmt: skip
        target.write(array, 1)

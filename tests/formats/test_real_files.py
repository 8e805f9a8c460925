"""Every label file of other tools that lies beside a checkout: it is read, or one sentence says why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.mask_geotiff import read_mask
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Ontology

Sized = tuple[str, tuple[int, int]]

# file: format, the image and its rows and columns where the file leaves them open, features, left out
READ: dict[str, tuple[str, Sized | None, int, int]] = {
    "eolearn/bbox.geojson": ("geojson", None, 1, 0),
    "labels_datumaro/coco_dataset/coco_instances/annotations/instances_train.json": ("coco", None, 1, 0),
    "labels_datumaro/coco_dataset/coco_instances/annotations/instances_val.json": ("coco", None, 2, 0),
    "labels_datumaro/coco_dataset/coco_roboflow/train/_annotations.coco.json": ("coco", None, 1, 0),
    "labels_datumaro/coco_dataset/coco_roboflow/val/_annotations.coco.json": ("coco", None, 2, 0),
    "labels_datumaro/coco_dataset/coco_stuff/annotations/stuff_train.json": ("coco", None, 1, 0),
    "labels_datumaro/coco_dataset/coco_stuff/annotations/stuff_val.json": ("coco", None, 1, 0),
    "labels_datumaro/cvat_dataset/for_images/export_task/train.xml": ("cvat", ("img0.jpg", (8, 8)), 2, 0),
    "labels_datumaro/dota_dataset/train/labelTxt/train_001.txt": ("dota", None, 1, 0),
    "labels_datumaro/dota_dataset/train/labelTxt/train_002.txt": ("dota", None, 1, 0),
    "labels_datumaro/dota_dataset/val/labelTxt/val_001.txt": ("dota", None, 2, 0),
    "labels_datumaro/roboflow_dataset/coco/train/_annotations.coco.json": ("coco", ("train_001.jpg", (5, 10)), 1, 0),
    "labels_datumaro/roboflow_dataset/coco/val/_annotations.coco.json": ("coco", None, 2, 0),
    "labels_datumaro/roboflow_dataset/yolo_obb/train/labelTxt/train_001.txt": ("dota", None, 1, 0),
    "labels_datumaro/roboflow_dataset/yolo_obb/train/labelTxt/train_002.txt": ("dota", None, 1, 0),
    "labels_datumaro/roboflow_dataset/yolo_obb/val/labelTxt/val_001.txt": ("dota", None, 2, 0),
    "labels_datumaro/voc_dataset/voc_dataset1/Annotations/2007_000001.xml": ("voc", None, 2, 0),
    "labels_datumaro/vott_json_dataset/dataset/train-export.json": ("vott", ("img0001.jpg", (5, 5)), 1, 0),
    "labels_datumaro/vott_json_dataset/dataset_with_meta_file/train-export.json": (
        "vott",
        ("img0001.jpg", (5, 5)),
        1,
        0,
    ),
    "labels_datumaro/yolo_dataset/annotations/Annotations/1.txt": ("yolo", ("1.jpg", (10, 15)), 2, 0),
    "labels_datumaro/yolo_dataset/labels/labels/train/1.txt": ("yolo", ("1.jpg", (10, 15)), 2, 0),
    "labels_datumaro/yolo_dataset/labels/labels/val/1.txt": ("yolo", ("1.jpg", (10, 15)), 2, 0),
    "labels_datumaro/yolo_dataset/strict/obj_train_data/1.txt": ("yolo", ("1.jpg", (10, 15)), 2, 0),
    "labels_labelbox/coco/instances.json": ("coco", ("000000458755.jpg", (480, 640)), 6, 0),
    "labels_labelbox/labelbox_v1/highly_nested_image.json": ("labelbox", None, 2, 1),
    "labels_labelbox/labelbox_v1/image_export.json": ("labelbox", None, 9, 1),
    "labels_labelbox/ndjson/classification_import.json": ("labelbox", None, 0, 3),
    "labels_labelbox/ndjson/classification_import_name_only.json": ("labelbox", None, 0, 0),
    "labels_labelbox/ndjson/image_import.json": ("labelbox", None, 3, 1),
    "labels_labelbox/ndjson/image_import_name_only.json": ("labelbox", None, 3, 1),
    "labels_labelbox/ndjson/mmc_import.json": ("labelbox", ("cnjencjencjfencvj", (1, 1)), 0, 1),
    "labels_labelbox/ndjson/nested_import_name_only.json": ("labelbox", None, 4, 0),
    "labels_labelbox/ndjson/polyline_import.json": ("labelbox", None, 1, 0),
    "labels_labelbox/ndjson/rectangle_import.json": ("labelbox", None, 1, 0),
    "labels_labelstudio/test_export_csv/csv_test.json": ("labelstudio", ("vvo9noqqfa", (576, 768)), 1, 0),
    "labels_labelstudio/test_export_json_min/data.json": ("labelstudio", None, 1, 0),
    "labels_labelstudio/test_export_yolo/data.json": ("labelstudio", ("image1", (2800, 2800)), 2, 0),
    "labels_labelstudio/test_export_yolo/data_polygons.json": ("labelstudio", None, 1, 0),
    "labels_labelstudio/test_import_yolo_data/labels/img_1.txt": ("yolo", ("img_1.jpg", (329, 640)), 4, 0),
    "labels_labelstudio/test_import_yolo_data/labels/img_5.txt": ("yolo", ("img_5.jpg", (425, 640)), 3, 0),
    "labels_labelstudio/test_import_yolo_data/labels/img_7.txt": ("yolo", ("img_7.jpeg", (427, 640)), 2, 0),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_1.txt": ("yolo", ("img_1.jpg", (329, 640)), 4, 0),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_2.txt": ("yolo", ("img_2.jpg", (329, 640)), 4, 0),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_3.txt": ("yolo", ("img_3.jpg", (329, 640)), 4, 0),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_4.txt": ("yolo", ("img_4.jpg", (329, 640)), 4, 0),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_5.txt": ("yolo", ("img_5.jpg", (329, 640)), 3, 0),
    "labels_msft/example_labels.geojson": ("geojson", None, 68, 0),
    "raster_vision/0-aoi.geojson": ("geojson", None, 1, 0),
    "raster_vision/0-gt-polygons.geojson": ("geojson", None, 6, 0),
    "raster_vision/0-pred-polygons.geojson": ("geojson", None, 6, 0),
    "raster_vision/bboxes.geojson": ("geojson", None, 5, 0),
    "raster_vision/tiny-spacenet-labels.geojson": ("geojson", None, 49, 0),
    "solaris_spacenet/coco_sample_1.json": ("coco", ("sample_geotiff_733601_3724734.tif", (90, 90)), 1, 0),
    "solaris_spacenet/coco_sample_2.json": ("coco", None, 43, 0),
    "solaris_spacenet/geotiff_labels.geojson": ("geojson", None, 43, 0),
    "solaris_spacenet/gj_to_px_result.geojson": ("geojson", None, 43, 0),
    "solaris_spacenet/gt.geojson": ("geojson", None, 28, 0),
    "solaris_spacenet/pred.geojson": ("geojson", None, 28, 0),
}
# file: part of the sentence
REFUSED = {
    "eolearn/timestamps.json": "holds a JSON list where GeoJSON has an objec",
    "labels_datumaro/cvat_dataset/for_images/export_project/annotations.xml": "holds labels of 6 images",
    "labels_datumaro/roboflow_dataset/yolo_obb/data.yaml": "is in fractions of an image; name the scene",
    "labels_datumaro/vott_json_dataset/dataset_with_meta_file/dataset_meta.json": "is no GeoJSON",
    "labels_datumaro/yolo_dataset/labels/README.txt": "is in fractions of an image; name the scene",
    "labels_datumaro/yolo_dataset/strict/train.txt": "is in fractions of an image; name the scene",
    "labels_labelbox/coco/panoptic.json": "is COCO panoptic, whose labels stand in PNG",
    "labels_labelstudio/test_export_csv/csv_test2.json": "is in percent of an image whose size it does",
    "labels_labelstudio/test_export_csv/csv_test2_result.csv": "is no xView3 CSV: its first line has no dete",
    "labels_labelstudio/test_export_json_min/label_config.xml": "is no Pascal VOC: it holds <View>, not <anno",
    "labels_labelstudio/test_export_yolo/label_config.xml": "is no Pascal VOC: it holds <View>, not <anno",
    "labels_labelstudio/test_export_yolo/label_config_obb.xml": "is no Pascal VOC: it holds <View>, not <anno",
    "labels_labelstudio/test_export_yolo/label_config_polygons.xml": "is no Pascal VOC: it holds <View>, not <anno",
    "labels_labelstudio/test_import_yolo_data/classes.txt": "is in fractions of an image; name the scene",
    "labels_labelstudio/test_import_yolo_data/labels/img_2.txt": "is in fractions of an image; name the scene",
    "labels_labelstudio/test_import_yolo_data/labels/img_3.txt": "is in fractions of an image; name the scene",
    "labels_labelstudio/test_import_yolo_data/labels/img_4.txt": "is in fractions of an image; name the scene",
    "labels_labelstudio/test_import_yolo_data/labels/img_6.txt": "is in fractions of an image; name the scene",
    "labels_labelstudio/test_import_yolo_data_unif_dims/classes.txt": "is in fractions of an image; name the scene",
    "solaris_spacenet/split_multi_grouped_result.json": "names no CRS, and feature 1 has a point (742",
    "solaris_spacenet/split_multi_result.csv": "is no xView3 CSV: its first line has no dete",
    "solaris_spacenet/split_multi_result.json": "names no CRS, and feature 1 has a point (742",
    "solaris_spacenet/w_multipolygon.csv": "is no xView3 CSV: its first line has no dete",
}


def image_of(sized: Sized | None) -> Image | None:
    return None if sized is None else Image(name=sized[0], shape=sized[1])


def read(path: Any, sized: Sized | None):
    """Return the format and the columns of a file."""
    form = importer_for(path)
    return form, form.read(path, image_of(sized))


@pytest.mark.parametrize("name", READ)
def test_label_files_of_other_tools_are_read(shared_data, name):
    form_id, sized, count, skipped = READ[name]
    form, columns = read(shared_data / name, sized)
    assert (form.id, len(columns), len(columns.skipped)) == (form_id, count, skipped)
    assert all(reason and "\n" not in reason for _, reason in columns.skipped)
    assert len(columns.where) == len(columns.class_ids) == len(columns.properties) == count
    assert not shapely.is_missing(columns.geometries).any()
    assert np.isfinite(shapely.get_coordinates(columns.geometries)).all()


@pytest.mark.parametrize("name", READ)
def test_what_is_read_becomes_annotations_or_stands_in_the_report(shared_data, name):
    _, sized, count, skipped = READ[name]
    _, columns = read(shared_data / name, sized)
    if columns.crs is None:
        grid = GeoGrid(shape=(3000, 3000) if sized is None else sized[1], transform=Affine.identity())
    else:
        x0, _, _, y1 = shapely.total_bounds(columns.geometries)
        grid = GeoGrid(shape=(3000, 3000), transform=Affine(1e-5, 0, x0, 0, -1e-5, y1), crs=columns.crs)
    class_map = {None: "thing"}
    ontology = columns.with_new_classes(Ontology(id="o", name="O", version="1", classes=()), None)
    if None in columns.class_ids:
        (thing,) = columns.with_new_classes(ontology, {}).classes[:1] or (None,)
        class_map = {None: thing.id} if thing is not None else {None: None}
    back, report = columns.to_annotations(grid, ontology, class_map=class_map if None in columns.class_ids else None)
    assert report.imported == len(back)
    told = {place for place, _ in report.skipped}
    assert len(back) >= count - len(told)
    assert len(report.skipped) >= skipped
    assert all(a.provenance.source == "imported" for a in back)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_says_why_in_one_sentence(shared_data, name):
    with pytest.raises(GeoLabelError) as refused:
        read(shared_data / name, None)
    sentence = str(refused.value)
    assert REFUSED[name] in sentence
    assert "\n" not in sentence
    assert (shared_data / name).name in sentence


OF_STAC = {  # how many items and catalogues of these folders say what
    "leads to no label item whose labels lie here": 14,
    "which is not fetched": 29,
    "is a STAC item without labels": 23,
}


def test_stac_folders_of_others_say_where_their_labels_are_or_that_there_are_none(shared_data):
    paths = [p for folder in sorted(shared_data.glob("labels_*stac*")) for p in folder.rglob("*") if p.is_file()]
    told = dict.fromkeys(OF_STAC, 0)
    for path in paths:
        with pytest.raises(GeoLabelError) as refused:
            read(path, None)
        sentence = str(refused.value)
        assert sentence.startswith(path.name)
        assert "\n" not in sentence
        kind = next(part for part in OF_STAC if part in sentence)
        told[kind] += 1
    assert told == OF_STAC


OTHERWISE = {  # what is no text
    "eolearn/CLM.npy": "is of no format that labels can be read in",
    "labels_datumaro/yolo_dataset/labels/obj.names": "is of no format that labels can be read in",
    "labels_datumaro/yolo_dataset/strict/obj.data": "is of no format that labels can be read in",
    "raster_vision/labels.tif": "has 3 bands; a mask has one",
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_arrays_lists_of_names_and_pictures_of_labels_say_what_they_lack(shared_data, name):
    def look(path):
        form = importer_for(path)
        return read_mask(path) if form.content == "mask" else form.read(path, None)

    with pytest.raises(GeoLabelError, match=OTHERWISE[name]):
        look(shared_data / name)


def test_a_mask_of_solaris_is_read(shared_data):
    mask = read_mask(shared_data / "solaris_spacenet" / "sample_b_mask_inner.tif")
    assert (mask.array.shape, mask.values().tolist()) == ((900, 900), [255])


NO_LABELS = {"ImageSets", "images", "Images", "JPEGImages"}
SUFFIXES = {".json", ".geojson", ".xml", ".txt", ".csv", ".ndjson"}


def test_no_file_is_forgotten(shared_data):
    folders = [shared_data / name for name in ("raster_vision", "eolearn", "solaris_spacenet")]
    folders += [each for each in shared_data.glob("labels_*") if "stac" not in each.name]
    found = {
        path.relative_to(shared_data).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and not NO_LABELS & set(path.parts)
    }
    assert found <= READ.keys() | REFUSED.keys()

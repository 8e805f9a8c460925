"""COCO files that other programs have written: whole data sets, run lengths and what only looks like COCO."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.coco_read import read
from napari_geolabel.formats.label_set import Image

SCENE = Image(name="scene.tif", shape=(512, 512))


REAL = {
    "labels_datumaro/coco_dataset/coco_roboflow/train/_annotations.coco.json": 1,
    "labels_datumaro/coco_dataset/coco_instances/annotations/instances_train.json": 1,
    "labels_datumaro/coco_dataset/coco_instances/annotations/instances_val.json": 2,
    "labels_datumaro/coco_dataset/coco_stuff/annotations/stuff_train.json": 1,
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_whole(shared_data, name):
    path = shared_data / name
    assert importer_for(path).id == "coco"
    columns = read(path, None)
    assert (len(columns), columns.skipped) == (REAL[name], [])


def test_the_whole_of_a_coco_set_is_read_image_by_image(shared_data):
    path = shared_data / "labels_labelbox/coco/instances.json"
    document = json.loads(path.read_text())
    total = 0
    for about in document["images"]:
        image = Image(name=about["file_name"], shape=(about["height"], about["width"]))
        columns = read(path, image)
        assert columns.skipped == []
        total += len(columns)
    assert total == len(document["annotations"])


def test_areas_of_real_rle_are_those_that_the_file_gives(shared_data):
    path = shared_data / "labels_datumaro/coco_dataset/coco_stuff/annotations/stuff_train.json"
    (annotation,) = json.loads(path.read_text())["annotations"]
    (geometry,) = read(path, None).geometries
    assert geometry.area == sum(annotation["segmentation"]["counts"][1::2])


def test_buildings_of_spacenet_are_those_of_their_geojson(shared_data):
    folder = shared_data / "solaris_spacenet"
    columns = read(folder / "coco_sample_2.json", Image(name="sample_geotiff.tif", shape=(900, 900)))
    areas = [
        annotation["area"] for annotation in json.loads((folder / "coco_sample_2.json").read_text())["annotations"]
    ]
    assert (len(columns), columns.skipped) == (43, [])
    assert np.allclose(shapely.area(columns.geometries), areas, rtol=1e-6)
    with pytest.raises(FormatError, match="labels of 2 images"):
        read(folder / "coco_sample_1.json", None)


def test_json_of_other_tools_is_not_taken_for_coco(shared_data):
    path = shared_data / "labels_labelstudio/test_export_yolo/data.json"
    assert importer_for(path).id == "labelstudio"
    with pytest.raises(FormatError, match="without any category_id"):
        read(path, None)


def test_panoptic_files_say_why_not(shared_data):
    with pytest.raises(FormatError, match="panoptic"):
        read(shared_data / "labels_labelbox/coco/panoptic.json", None)

"""Labelbox' lines for an import, and its exports old and new."""

from __future__ import annotations

import json

import pytest
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.labelbox import read, write
from napari_geolabel.formats.png_masks import png_of
from napari_geolabel.geo import GeoGrid

SHAPE = (512, 640)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
ROW = {"dataRow": {"globalKey": "scene.tif"}}
PIERCED = shapely.box(4, 4, 20, 20).difference(shapely.box(8, 8, 10, 10))


def line(**more) -> dict:
    return {"uuid": "1", **ROW, "name": "ship", **more}


SHAPES = {
    "box": (line(bbox={"top": 1, "left": 2, "height": 2, "width": 3}), "box", shapely.box(2, 1, 5, 3)),
    "polygon": (
        line(polygon=[{"x": 2, "y": 1}, {"x": 5, "y": 1}, {"x": 5, "y": 3}]),
        "polygon",
        shapely.Polygon([(2, 1), (5, 1), (5, 3)]),
    ),
    "line": (line(line=[{"x": 2, "y": 1}, {"x": 5, "y": 1}]), "polyline", shapely.LineString([(2, 1), (5, 1)])),
    "point": (line(point={"x": 2.5, "y": 1}), "keypoint", shapely.Point(2.5, 1)),
    "mask": (line(mask={"png": png_of(PIERCED, (30, 30))}), "polygon", PIERCED),
}


@pytest.mark.parametrize(("record", "kind", "geometry"), SHAPES.values(), ids=SHAPES)
def test_shapes_lie_where_labelbox_has_them(read_text_as, everything, record, kind, geometry):
    (found,), report = read_text_as("labelbox", json.dumps(record)).to_annotations(PIXELS, everything)
    assert (found.kind, found.class_id, report.skipped) == (kind, "ship", [])
    assert shapely.equals(found.geometry, geometry)


ANSWERS = [
    {"name": "one", "answer": {"name": "b", "classifications": [{"name": "word", "answer": "under b"}]}},
    {"name": "some", "answer": [{"name": "a"}, {"name": "b"}]},
    {"name": "number", "answer": "12.5"},
]


def test_answers_are_attributes_and_those_without_a_shape_are_of_the_scene(read_text_as, everything):
    records = [
        line(point={"x": 1, "y": 1}, classifications=ANSWERS, confidence=0.5),
        {"uuid": "2", **ROW, "name": "haze", "answer": {"name": "true"}},
    ]
    columns = read_text_as("labelbox", "\n".join(map(json.dumps, records)))
    (found,), _ = columns.to_annotations(PIXELS, everything)
    assert dict(found.attributes) == {"one": "b", "word": "under b", "some": ("a", "b"), "number": 12.5}
    assert (found.confidence, columns.scene_attributes) == (0.5, {"haze": "true"})


def test_an_export_of_today_is_read_as_well(read_text_as, everything):
    box = {"name": "ship", "bounding_box": {"top": 1, "left": 2, "height": 2, "width": 3}}
    answer = {"name": "one", "radio_answer": {"name": "Bee", "value": "b"}}
    labels = [{"annotations": {"objects": [{**box, "classifications": [answer]}], "classifications": [answer]}}]
    record = {"data_row": {"id": "x", "global_key": "scene.tif"}, "projects": {"p": {"labels": labels}}}
    columns = read_text_as("labelbox", json.dumps(record))
    (found,), _ = columns.to_annotations(PIXELS, everything)
    assert (found.geometry.bounds, dict(found.attributes)) == ((2, 1, 5, 3), {"one": "b"})
    assert columns.scene_attributes == {"one": "b"}


def test_other_images_are_told_of(read_text_as):
    records = [line(point={"x": 1, "y": 1}), {**line(point={"x": 1, "y": 1}), "dataRow": {"id": "other"}}]
    columns = read_text_as("labelbox", json.dumps(records))
    assert columns.notes == ["1 annotations of other images were left where they are (2 images)"]
    alone = read_text_as("labelbox", json.dumps(records[1]))
    assert alone.notes == ["the labels of other were taken, the only image of the file"]


def test_what_is_written_is_one_line_for_each_shape(tmp_path, everything):
    parts = shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(5, 5, 6, 6)])
    drawn = [
        Annotation(class_id="ship", kind="box", geometry=shapely.box(2, 1, 5, 3), attributes={"one": "b", "yes": True}),
        Annotation(class_id="ship", kind="polygon", geometry=parts),
    ]
    labels = LabelSet(annotations=drawn, grid=PIXELS, ontology=everything, image_name="scene.tif")
    write(tmp_path / "a.ndjson", labels)
    first, *others = map(json.loads, (tmp_path / "a.ndjson").read_text().splitlines())
    assert first == {
        "uuid": drawn[0].id,
        **ROW,
        "name": "ship",
        "bbox": {"top": 1.0, "left": 2.0, "height": 2.0, "width": 3.0},
        "classifications": [{"name": "one", "answer": {"name": "b"}}, {"name": "yes", "answer": "true"}],
    }
    assert len({each["uuid"] for each in others}) == 2


BAD = {
    "mask on a server": line(mask={"instanceURI": "https://example.org/mask.png"}),
    "NaN": line(point={"x": "nan", "y": 1}),
    "no object": line(bbox=[1, 2, 3, 4]),
    "no area": line(bbox={"top": 1, "left": 1, "height": 0, "width": 4}),
    "no shape": line(),
    "two points": line(polygon=[{"x": 1, "y": 2}] * 2),
}


@pytest.mark.parametrize("record", BAD.values(), ids=BAD)
def test_a_bad_annotation_is_left_out_with_its_reason(read_text_as, record):
    columns = read_text_as("labelbox", json.dumps([record, SHAPES["point"][0]]))
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "holds what is no object"),
        ("[1]", "holds what is no object"),
        ('{"a": 1}', "nothing in it names a data row"),
        ('{"a": 1}\n{"b": ', "no JSON in line 2"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("labelbox", text)


def test_an_empty_file_holds_no_labels(read_text_as):
    columns = read_text_as("labelbox", "")
    assert (len(columns), columns.notes) == (0, ["the file is empty, which is how no labels are written"])


REAL = {
    "labelbox_v1/image_export.json": (9, 1),
    "labelbox_v1/highly_nested_image.json": (2, 1),
    "ndjson/classification_import_name_only.json": (0, 0),
    "ndjson/image_import.json": (3, 1),
    "ndjson/nested_import_name_only.json": (4, 0),
    "ndjson/polyline_import.json": (1, 0),
    "ndjson/rectangle_import.json": (1, 0),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read(shared_data, name):
    path = shared_data / "labels_labelbox" / name
    assert importer_for(path).id == "labelbox"
    columns = read(path, None)
    assert (len(columns), len(columns.skipped)) == REAL[name]

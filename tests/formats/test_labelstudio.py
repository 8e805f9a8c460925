"""Label Studio's conventions, and files that Label Studio wrote."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.brush import decode_brush, encode_brush
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.labelstudio import count, read, write
from napari_geolabel.geo import GeoGrid

SHAPE = (200, 400)  # not square, so that percent of width and of height differ
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())


def task(*results: dict, image: str = "/data/local-files/?d=scene.png", **more) -> dict:
    return {"data": {"image": image}, "annotations": [{"result": list(results)}], **more}


def region(kind: str, value: dict, **more) -> dict:
    return {
        "id": "a1",
        "type": f"{kind}labels",
        "from_name": "label",
        "to_name": "image",
        "original_width": 400,
        "original_height": 200,
        "value": {**value, f"{kind}labels": ["ship"]},
        **more,
    }


def turned_about_its_corner(x: float, y: float, width: float, height: float, degrees: float) -> shapely.Polygon:
    """The corners of a rectangle that is turned clockwise on the screen about its top left corner."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    return shapely.Polygon([(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners])


REGIONS = {
    "box": (region("rectangle", {"x": 10, "y": 20, "width": 5, "height": 10}), "box", shapely.box(40, 40, 60, 60)),
    "turned box": (
        region("rectangle", {"x": 50, "y": 50, "width": 10, "height": 5, "rotation": 30}),
        "rotated_box",
        turned_about_its_corner(200, 100, 40, 10, 30),
    ),
    "polygon": (
        region("polygon", {"points": [[1, 1], [2, 1], [2, 3]], "closed": True}),
        "polygon",
        shapely.Polygon([(4, 2), (8, 2), (8, 6)]),
    ),
    "open polygon": (
        region("polygon", {"points": [[1, 1], [2, 1]], "closed": False}),
        "polyline",
        shapely.LineString([(4, 2), (8, 2)]),
    ),
    "keypoint": (region("keypoint", {"x": 1.25, "y": 50, "width": 0.3}), "keypoint", shapely.Point(5, 100)),
}


@pytest.mark.parametrize(("result", "kind", "geometry"), REGIONS.values(), ids=REGIONS)
def test_regions_lie_where_label_studio_has_them(read_text_as, everything, result, kind, geometry):
    columns = read_text_as("labelstudio", json.dumps([task(result)]), shape=SHAPE)
    (found,), report = columns.to_annotations(PIXELS, everything)
    assert (found.kind, found.class_id, report.skipped) == (kind, "ship", [])
    assert shapely.hausdorff_distance(found.geometry, geometry) < 1e-9


def test_an_ellipse_becomes_a_polygon(read_text_as):
    result = region("ellipse", {"x": 50, "y": 50, "radiusX": 5, "radiusY": 5, "rotation": 90})
    columns = read_text_as("labelstudio", json.dumps([task(result)]), shape=SHAPE)
    assert columns.geometries[0].bounds == pytest.approx((190, 80, 210, 120))


def test_answers_share_the_id_of_their_region_and_others_are_of_the_image(read_text_as, everything):
    answers = [
        {"id": "a1", "type": "choices", "from_name": "one", "value": {"choices": ["b"]}},
        {"id": "a1", "type": "choices", "from_name": "some", "value": {"choices": ["a", "b"]}},
        {"id": "a1", "type": "textarea", "from_name": "word", "value": {"text": ["2020-01-01"]}},
        {"id": "a1", "type": "number", "from_name": "number", "value": {"number": 3}},
        {"id": "z", "type": "choices", "from_name": "haze", "value": {"choices": ["true"]}},
    ]
    columns = read_text_as("labelstudio", json.dumps([task(REGIONS["box"][0], *answers)]), shape=SHAPE)
    (found,), _ = columns.to_annotations(PIXELS, everything)
    assert dict(found.attributes) == {"one": "b", "some": ("a", "b"), "word": "2020-01-01", "number": 3}
    assert columns.scene_attributes == {"haze": "true"}


def test_controls_of_our_own_configurations_name_the_way_to_the_attribute(read_text_as, everything):
    answers = [
        {"id": "a1", "type": "choices", "from_name": "ship.one", "value": {"choices": ["b"]}},
        {"id": "a1", "type": "choices", "from_name": "ship.one.b.under", "value": {"choices": ["x"]}},
        {"id": "a1", "type": "choices", "from_name": "quality.score", "value": {"choices": ["y"]}},
        {"id": "z", "type": "choices", "from_name": "scene.haze", "value": {"choices": ["true"]}},
    ]
    columns = read_text_as("labelstudio", json.dumps([task(REGIONS["box"][0], *answers)]), shape=SHAPE)
    asked = {key: answer for key, answer in columns.properties[0].items() if key.startswith("attr_")}
    assert asked == {"attr_one": "b", "attr_under": "x", "attr_quality.score": "y"}
    assert columns.scene_attributes == {"haze": "true"}


def test_a_prediction_counts_where_nobody_has_annotated(read_text_as, everything):
    predicted = {"data": {"image": "scene.png"}, "annotations": [{"was_cancelled": True, "result": []}]}
    predicted["predictions"] = [{"score": 0.75, "result": [REGIONS["box"][0]]}]
    columns = read_text_as("labelstudio", json.dumps(predicted), shape=SHAPE)
    assert columns.notes == ["the regions are a prediction; nobody has annotated the task"]
    assert columns.to_annotations(PIXELS, everything)[0][0].confidence == 0.75


def test_an_answer_that_was_changed_there_counts_here(tmp_path, everything):
    drawn = Annotation(
        class_id="ship", kind="box", geometry=shapely.box(4, 4, 8, 8), attributes={"one": "a", "yes": True}
    )
    labels = LabelSet(annotations=[drawn], grid=PIXELS, ontology=everything, image_name="scene.tif")
    path = tmp_path / "scene.json"
    write(path, labels)
    document = json.loads(path.read_text())
    results = document[0]["annotations"][0]["result"]
    document[0]["annotations"][0]["result"] = [r for r in results if r["from_name"] != "ship.yes"]
    next(r for r in results if r["from_name"] == "ship.one")["value"]["choices"] = ["b"]
    path.write_text(json.dumps(document))
    (back,), _ = read(path, Image(name="scene.tif", shape=SHAPE)).to_annotations(PIXELS, everything)
    assert (back.id, dict(back.attributes)) == (drawn.id, {"one": "b"})


def test_brush_strokes_return_pixel_by_pixel():
    shape = (40, 300)
    area = shapely.box(3, 5, 290, 33).difference(shapely.box(10, 10, 20, 20))
    packed = encode_brush(area, shape)
    assert all(type(value) is int and 0 <= value < 256 for value in packed)
    assert shapely.equals(decode_brush(packed, shape), area)


def test_a_brush_of_single_values_is_read_as_well():
    """A run that does not repeat holds its values one by one: here four pixels of four channels each."""
    values = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255]
    bits = f"{16:032b}{7:05b}" + f"{3:04b}" * 4 + f"0{0:02b}{15:04b}" + "".join(f"{value:08b}" for value in values)
    packed = np.packbits(np.array(list(bits + "0" * (-len(bits) % 8)), np.uint8)).tolist()
    assert shapely.equals(
        decode_brush(packed, (2, 2)), shapely.Polygon([(0, 0), (2, 0), (2, 2), (1, 2), (1, 1), (0, 1)])
    )


@pytest.mark.parametrize(
    "packed", [[], [1, 2], "text", [300], [0, 0, 0, 16, 0, 0], encode_brush(shapely.box(0, 0, 1, 1), (3, 3))]
)
def test_a_damaged_brush_is_refused(packed):
    with pytest.raises(BadGeometryError):
        decode_brush(packed, (2, 2))


BAD = {
    "no value": {"type": "rectanglelabels", "value": {}},
    "NaN": region("rectangle", {"x": "nan", "y": 1, "width": 1, "height": 1}),
    "no list": region("polygon", {"points": 7}),
    "unknown": region("video", {}),
    "brush": region("brush", {"format": "png"}),
}


@pytest.mark.parametrize("result", BAD.values(), ids=BAD)
def test_a_bad_region_is_left_out_with_its_reason(read_text_as, result):
    columns = read_text_as("labelstudio", json.dumps([task(result, REGIONS["box"][0])]), shape=SHAPE)
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "no list of tasks"),
        ([{"image": "a", "label": []}], "not JSON-MIN"),
        ([task(image="a.png"), task(image="b.png")], "none of scene.tif"),
        ([task(region("keypoint", {"x": 1, "y": 1}), region("keypoint", {"x": 1}, original_width=3))], "several sizes"),
        ([task(region("keypoint", {"x": 1, "y": 1}, original_width=3))], "take the scene that they were drawn on"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, document, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("labelstudio", json.dumps(document), shape=SHAPE)


def test_percent_without_a_size_need_the_scene(tmp_path):
    result = {key: value for key, value in REGIONS["box"][0].items() if not key.startswith("original")}
    (tmp_path / "a.json").write_text(json.dumps([task(result)]))
    with pytest.raises(FormatError, match="name the scene"):
        read(tmp_path / "a.json", None)
    assert len(read(tmp_path / "a.json", Image(name="scene.png", shape=SHAPE))) == 1


def test_real_files_are_read_whole(shared_data):
    folder = shared_data / "labels_labelstudio"
    polygons = folder / "test_export_yolo" / "data_polygons.json"
    columns = read(polygons, None)
    assert (len(columns), columns.skipped, count(polygons)) == (1, [], 1)
    assert len(read(folder / "test_export_yolo" / "data.json", Image(name="image1", shape=(2800, 2800)))) == 2

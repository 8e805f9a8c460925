"""LabelMe's conventions."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
import shapely
from affine import Affine
from PIL import Image as Picture

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.labelme import read, recognises, write
from napari_geolabel.geo import GeoGrid

SHAPE = (512, 640)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())


def file_of(*shapes: object, **more) -> str:
    head = {"version": "5.4.1", "flags": {}, "imagePath": "scene.png", "imageData": None}
    return json.dumps({**head, "imageHeight": 512, "imageWidth": 640, "shapes": list(shapes), **more})


def shape(kind: str, points: list, **more) -> dict:
    return {"label": "ship", "points": points, "group_id": None, "shape_type": kind, "flags": {}, **more}


def png(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Picture.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


MASK = np.array([[0, 0, 0, 255], [255, 255, 255, 255]], np.uint8)
SHAPES = {
    "rectangle": (shape("rectangle", [[5, 3], [2, 1]]), "box", shapely.box(2, 1, 5, 3)),
    "polygon": (shape("polygon", [[2, 1], [5, 1], [5, 3]]), "polygon", shapely.Polygon([(2, 1), (5, 1), (5, 3)])),
    "rotation": (
        shape("rotation", [[5, 0], [7, 2], [3, 6], [1, 4]]),
        "rotated_box",
        shapely.Polygon([(5, 0), (7, 2), (3, 6), (1, 4)]),
    ),
    "line": (shape("line", [[2, 1], [5, 1]]), "polyline", shapely.LineString([(2, 1), (5, 1)])),
    "point": (shape("point", [[2.5, 1.5]]), "keypoint", shapely.Point(2.5, 1.5)),
    "mask": (  # the last row and column of its window belong to it
        shape("mask", [[2, 1], [5, 2]], mask=png(MASK)),
        "polygon",
        shapely.Polygon([(5, 1), (6, 1), (6, 3), (2, 3), (2, 2), (5, 2)]),
    ),
}


@pytest.mark.parametrize(("member", "kind", "geometry"), SHAPES.values(), ids=SHAPES)
def test_shapes_lie_where_labelme_has_them(read_text_as, everything, member, kind, geometry):
    (found,), report = read_text_as("labelme", file_of(member)).to_annotations(PIXELS, everything)
    assert (found.kind, found.class_id, report.skipped) == (kind, "ship", [])
    assert shapely.equals(found.geometry, geometry)


def test_a_circle_becomes_a_polygon_of_its_size(read_text_as):
    columns = read_text_as("labelme", file_of(shape("circle", [[50, 60], [50, 70]])))
    assert columns.geometries[0].bounds == pytest.approx((40, 50, 60, 70))


def test_flags_of_the_image_are_of_the_scene_and_those_of_a_shape_are_attributes(read_text_as, everything):
    text = file_of(shape("point", [[1, 1]], flags={"yes": True}, description="seen"), flags={"haze": False})
    columns = read_text_as("labelme", text)
    assert columns.scene_attributes == {"haze": False}
    (found,), _ = columns.to_annotations(PIXELS, everything)
    assert dict(found.attributes) == {"yes": True}
    assert columns.properties[0]["attr_description"] == "seen"


def test_a_flag_that_was_changed_there_counts_here(tmp_path, everything):
    drawn = Annotation(class_id="ship", kind="box", geometry=shapely.box(4, 4, 8, 8), attributes={"yes": True})
    path = tmp_path / "scene.labelme.json"
    write(path, LabelSet(annotations=[drawn], grid=PIXELS, ontology=everything, image_name="scene.tif"))
    document = json.loads(path.read_text())
    document["shapes"][0]["flags"]["yes"] = False
    path.write_text(json.dumps(document))
    (back,), _ = read(path, Image(name="scene.tif", shape=SHAPE)).to_annotations(PIXELS, everything)
    assert (back.id, dict(back.attributes)) == (drawn.id, {"yes": False})


def test_pixels_that_were_repainted_there_count_here(tmp_path, everything):
    pierced = shapely.box(4, 4, 20.4, 20).difference(shapely.box(8, 8, 10, 10))
    drawn = Annotation(class_id="ship", kind="polygon", geometry=pierced)
    path = tmp_path / "scene.labelme.json"
    write(path, LabelSet(annotations=[drawn], grid=PIXELS, ontology=everything, image_name="scene.tif"))
    document = json.loads(path.read_text())
    (member,) = document["shapes"]
    (x0, y0), (x1, y1) = member["points"]
    member["mask"] = png(np.full((int(y1 - y0) + 1, int(x1 - x0) + 1), 255, np.uint8))
    path.write_text(json.dumps(document))
    (back,), _ = read(path, Image(name="scene.tif", shape=SHAPE)).to_annotations(PIXELS, everything)
    assert shapely.equals(back.geometry, shapely.box(4, 4, 21, 20))


BAD = {
    "no object": 7,
    "unknown": shape("star", [[1, 1]]),
    "a list for a type": shape(["point"], [[1, 1]]),
    "NaN": shape("point", [["nan", 1]]),
    "one point": shape("line", [[1, 1]]),
    "no area": shape("rectangle", [[1, 1], [1, 5]]),
    "no base64": shape("mask", [[1, 1], [2, 2]], mask="***"),
    "no PNG": shape("mask", [[1, 1], [2, 2]], mask=base64.b64encode(b"GIF89a").decode()),
    "mask of another size": shape("mask", [[1, 1], [2, 2]], mask=png(MASK)),
    "empty mask": shape("mask", [[1, 1], [2, 2]], mask=png(np.zeros((2, 2), np.uint8))),
}


@pytest.mark.parametrize("member", BAD.values(), ids=BAD)
def test_a_bad_shape_is_left_out_with_its_reason(read_text_as, member):
    columns = read_text_as("labelme", file_of(member, SHAPES["point"][0]))
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "no list of shapes"),
        ("[]", "no list of shapes"),
        (file_of(imageHeight="x"), "correct its size"),
        (file_of(imageHeight=5), "take the scene that they were drawn on"),
        (file_of()[:-9], "is not JSON"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("labelme", text)


def test_labels_of_another_image_are_taken_with_a_note(read_text_as):
    columns = read_text_as("labelme", file_of(imagePath="..\\other.png"))
    assert columns.notes == ["the labels of ..\\other.png were taken, which is not called like scene.tif"]


def test_it_is_recognised():
    assert recognises(file_of().encode())
    assert not recognises(b'{"type": "FeatureCollection"}')

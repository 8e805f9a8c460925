"""What stands in a CVAT file of ours, element by element."""

from __future__ import annotations

import pytest
import shapely
from affine import Affine
from defusedxml import ElementTree as SafeET

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.formats.cvat import losses, write
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.geo import GeoGrid

PIXELS = GeoGrid(shape=(60, 80), transform=Affine.identity())
OUTLINE = shapely.Polygon([(2, 1), (5, 1), (5, 3)])
PIERCED = shapely.box(10, 10, 15, 14).difference(shapely.box(11, 11, 13, 12))


def a(kind: str, geometry: shapely.Geometry, **more) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry, **more)


@pytest.fixture
def written(tmp_path, everything):
    """Write annotations and return the root of the file."""

    def write_them(*annotations: Annotation, grid: GeoGrid = PIXELS):
        labels = LabelSet(
            annotations=annotations, grid=grid, ontology=everything, scene_name="scene", image_name="scene.tif"
        )
        write(tmp_path / "a.xml", labels)
        return SafeET.parse(tmp_path / "a.xml").getroot()

    return write_them


def test_the_task_lists_classes_with_their_attributes(written):
    root = written()
    assert root.findtext("version") == "1.1"
    assert root.findtext("meta/task/name") == "scene"
    labels = root.findall("meta/task/labels/label")
    assert [(each.findtext("name"), each.findtext("color")) for each in labels] == [
        ("ship", "#ff0000"),
        ("cloud", "#cccccc"),
    ]
    asked = {node.findtext("name"): node for node in labels[0].findall("attributes/attribute")}
    inputs = {name: (node.findtext("input_type"), node.findtext("values")) for name, node in asked.items()}
    assert inputs == {
        "word": ("text", ""),
        "number": ("number", "0\n1e+09\n1"),
        "yes": ("checkbox", "false\ntrue"),
        "day": ("text", ""),
        "one": ("select", "a\nb"),
        "some": ("text", "a\nb"),
    }
    assert asked["one"].findtext("default_value") == "a"
    assert asked["word"].findtext("default_value") == ""


def test_the_image_has_its_name_and_size(written):
    (image,) = written().findall("image")
    assert dict(image.attrib) == {"id": "0", "name": "scene.tif", "width": "80", "height": "60"}


SHAPES = [
    (a("box", shapely.box(2, 1, 5, 3)), "box", {"xtl": "2.0", "ytl": "1.0", "xbr": "5.0", "ybr": "3.0"}),
    (a("polygon", OUTLINE), "polygon", {"points": "2.0,1.0;5.0,1.0;5.0,3.0"}),
    (a("polyline", shapely.LineString([(2, 1), (5.25, 1)])), "polyline", {"points": "2.0,1.0;5.25,1.0"}),
    (a("keypoint", shapely.Point(3.5, 2.5)), "points", {"points": "3.5,2.5"}),
    (
        a("polygon", PIERCED),
        "mask",
        {"left": "10", "top": "10", "width": "5", "height": "4", "rle": "0, 6, 2, 12"},
    ),
]


@pytest.mark.parametrize(("annotation", "tag", "members"), SHAPES, ids=[tag for _, tag, _ in SHAPES])
def test_each_kind_is_the_element_that_cvat_has_for_it(written, annotation, tag, members):
    (node,) = written(annotation).find("image")
    assert node.tag == tag
    assert members.items() <= node.attrib.items()
    assert node.get("label") == "ship"


def test_answers_are_texts_and_what_cvat_lacks_stands_in_attributes_of_our_own(written):
    answers = {"word": "x < y & \x01z", "number": 0.1, "yes": False, "some": ("a", "b")}
    drawn = a("box", shapely.box(2, 1, 5, 3), attributes=answers, status=Status.ACCEPTED, confidence=0.25)
    (node,) = written(drawn).find("image")
    texts = {each.get("name"): each.text for each in node}
    assert {key: texts[key] for key in answers} == {
        "word": "x < y & z",  # XML has no such character
        "number": "0.1",
        "yes": "false",
        "some": "a;b",
    }
    assert texts["geolabel_id"] == drawn.id
    assert (texts["geolabel_status"], texts["geolabel_confidence"]) == ("accepted", "0.25")
    assert node.get("source") == "manual"


def test_parts_are_shapes_of_one_annotation_and_keep_the_order(written):
    parts = shapely.MultiPolygon([OUTLINE, shapely.affinity.translate(OUTLINE, 30, 0)])
    nodes = list(written(a("box", shapely.box(0, 0, 1, 1)), a("polygon", parts)).find("image"))
    assert [node.tag for node in nodes] == ["box", "polygon", "polygon"]
    assert [node.get("z_order") for node in nodes] == ["0", "1", "1"]
    pieces = [{each.get("name"): each.text for each in node}.get("geolabel_pieces") for node in nodes]
    assert pieces == [None, "2", "2"]


def test_rejected_annotations_stay_out_and_are_told_of(written, everything):
    rejected = a("box", shapely.box(2, 1, 5, 3), status=Status.REJECTED)
    assert len(written(rejected).find("image")) == 0
    told = list(losses(LabelSet(annotations=[rejected], grid=PIXELS, ontology=everything)))
    assert told == ["1 rejected annotation left out"]


def test_a_box_on_pixels_that_are_not_square_is_told_of(everything):
    leaning = a("rotated_box", shapely.Polygon([(10, 10), (20, 15), (18, 25), (8, 20)]))
    (sentence,) = losses(LabelSet(annotations=[leaning], grid=PIXELS, ontology=everything))
    assert "not square on the ground" in sentence

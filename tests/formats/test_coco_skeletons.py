"""Skeletons in COCO: one annotation for each instance, and its points again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.formats.coco_read import count, read
from napari_geolabel.formats.coco_skeletons import instances, point_names
from napari_geolabel.formats.coco_write import losses, write
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind, LabelClass, Ontology
from napari_geolabel.ontology.model import Attribute

SCENE = Image(name="scene.tif", shape=(200, 200))
GRID = GeoGrid(shape=SCENE.shape, transform=Affine.identity())
NAMES = ("nose", "tail", "left_wing")
HIDDEN = Attribute(id="occluded", name="Hidden", type="boolean")


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    kinds = (Kind.BOX, Kind.POLYGON)
    points = tuple(
        LabelClass(id=name, name=name, color="#00ff00", kinds=(Kind.KEYPOINT,), attributes=(HIDDEN,)) for name in NAMES
    )
    plane = LabelClass(
        id="plane", name="Plane", color="#ff0000", kinds=kinds, keypoints=NAMES, skeleton=(("nose", "tail"),)
    )
    return Ontology(id="air", name="Air", version="1", classes=(plane, *points))


def point(name: str, x: float, y: float, group: str | None = "a", **more) -> Annotation:
    return Annotation(class_id=name, kind=Kind.KEYPOINT, geometry=shapely.Point(x, y), group=group, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "planes.json"


@pytest.fixture
def written(path, ontology):
    """Write annotations and return what stands in the file, and what comes back of it."""

    def send(*annotations: Annotation):
        labels = LabelSet(annotations=annotations, grid=GRID, ontology=ontology, image_name="scene.tif")
        assert list(losses(labels)) == []
        write(path, labels)
        back, report = read(path, SCENE).to_annotations(GRID, ontology)
        assert report.skipped == []
        return json.loads(path.read_text()), back

    return send


def plain(annotations):
    """What annotations say, without who made them, in the order of their ids."""
    blank = annotations[0].provenance
    return sorted((replace(each, provenance=blank) for each in annotations), key=lambda each: each.id)


def test_a_group_of_named_points_is_one_annotation_and_comes_back_as_it_was(written):
    drawn = [
        point("tail", 50.25, 60.5, status=Status.ACCEPTED, confidence=0.5),
        point("nose", 10, 20, attributes={"occluded": True}),
    ]
    document, back = written(*drawn)
    (category,) = [each for each in document["categories"] if each["name"] == "plane"]
    assert (category["keypoints"], category["skeleton"]) == (list(NAMES), [[1, 2]])
    (only,) = document["annotations"]
    assert only["category_id"] == category["id"]
    assert only["keypoints"] == [10, 20, 1, 50.25, 60.5, 2, 0, 0, 0]
    assert (only["num_keypoints"], only["bbox"]) == (2, [10, 20, 40.25, 40.5])
    assert plain(back) == plain(drawn)


def test_a_thing_in_the_group_has_the_points_and_keeps_its_own_outline(written):
    outline = shapely.Polygon([(0, 0), (80, 5), (60, 90)])
    thing = Annotation(class_id="plane", kind=Kind.POLYGON, geometry=outline, group="a")
    drawn = [thing, point("nose", 10, 20), point("tail", 50, 60)]
    document, back = written(*drawn)
    (only,) = document["annotations"]
    assert only["num_keypoints"] == 2
    assert only["bbox"] == [0, 0, 80, 90]
    assert len(only["segmentation"]) == 1
    assert plain(back) == plain(drawn)


def test_several_instances_and_single_points_stay_apart(written, path):
    drawn = [
        point("nose", 1, 1, "a"),
        point("nose", 11, 11, "b"),
        point("tail", 2, 2, "a"),
        point("tail", 12, 12, "b"),
        point("nose", 30, 30, None),
    ]
    document, back = written(*drawn)
    assert [each.get("num_keypoints") for each in document["annotations"]] == [2, 2, 1]
    assert [each["id"] for each in document["annotations"]] == [1, 2, 3]
    assert count(path) == 3
    assert plain(back) == plain(drawn)


def test_links_and_other_groups_come_back_beside_those_of_skeletons(written):
    plane = Annotation(class_id="plane", kind=Kind.BOX, geometry=shapely.box(0, 0, 9, 9), group="a")
    other = Annotation(class_id="plane", kind=Kind.BOX, geometry=shapely.box(20, 20, 29, 29), group="row")
    nose, tail = point("nose", 1, 1), point("tail", 5, 5)
    links = (("follows", other.id),)
    drawn = [plane.edited(links=links), nose.edited(links=links), tail, other]
    _, back = written(*drawn)
    assert {(a.id, a.group, a.links) for a in back} == {(a.id, a.group, a.links) for a in drawn}


def test_groups_that_are_no_skeletons_are_left_as_they_are(ontology):
    twins = [point("nose", 1, 1), point("nose", 2, 2)]
    alone = [Annotation(class_id="plane", kind=Kind.BOX, geometry=shapely.box(0, 0, 9, 9), group="b")]
    assert instances([*twins, *alone], ontology) == []
    foreign = Ontology(id="o", name="O", version="1", classes=ontology.classes[1:])
    assert instances([point("nose", 1, 1), point("tail", 2, 2)], foreign) == []


def foreign(**annotation) -> dict:
    """A file of another program."""
    return {
        "images": [{"id": 7, "file_name": "scene.tif", "width": 200, "height": 200}],
        "categories": [{"id": 3, "name": "plane", "keypoints": list(NAMES), "skeleton": [[1, 2]]}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "iscrowd": 0, **annotation}],
    }


def test_named_points_of_other_programs_are_a_group_with_what_is_hidden(path, ontology):
    path.write_text(json.dumps(foreign(keypoints=[5, 6, 2, 7, 8, 1, 0, 0, 0], num_keypoints=2, bbox=[5, 6, 2, 2])))
    back, report = read(path, SCENE).to_annotations(GRID, ontology)
    assert report.skipped == []
    assert [(each.class_id, dict(each.attributes)) for each in back] == [("nose", {}), ("tail", {"occluded": True})]
    assert np.array_equal(shapely.get_coordinates([each.geometry for each in back]), [(5, 6), (7, 8)])
    assert len({each.group for each in back}) == 1
    assert back[0].group
    assert {each.provenance.source for each in back} == {"imported"}


def test_where_another_program_has_an_outline_that_counts(path, ontology):
    outline = [[0, 0, 10, 0, 10, 10]]
    path.write_text(json.dumps(foreign(keypoints=[5, 6, 2, 7, 8, 2, 0, 0, 0], segmentation=outline)))
    (back,), _ = read(path, SCENE).to_annotations(GRID, ontology)
    assert (back.class_id, back.kind, back.group) == ("plane", Kind.POLYGON, None)


@pytest.mark.parametrize(
    ("change", "skipped"),
    [
        ({"keypoints": [1, 2, "x", 3, 4, 2, 0, 0, 0]}, 1),
        ({"keypoints": [0, 0, 0] * 3}, 1),
        ({"keypoints": [1, 2, 2, 3, 4, 2, 0, 0, 0], "geolabel": {"points": 3, "group_id": 4}}, 0),
        ({"keypoints": [1, 2, 2, 3, 4, 2, 0, 0, 0], "geolabel": {"points": {"nose": [1], "tail": {}}}}, 0),
    ],
)
def test_damaged_points_are_skipped_or_read_as_far_as_they_go(path, ontology, change, skipped):
    path.write_text(json.dumps(foreign(**change)))
    back, report = read(path, SCENE).to_annotations(GRID, ontology)
    assert len(report.skipped) == skipped
    assert len(back) == (0 if skipped else 2)


def test_a_point_that_another_program_has_found_is_hidden_no_more(written, path, ontology):
    document, _ = written(point("nose", 1, 1, attributes={"occluded": True}), point("tail", 9, 9))
    document["annotations"][0]["keypoints"][2] = 2
    path.write_text(json.dumps(document))
    back, _ = read(path, SCENE).to_annotations(GRID, ontology)
    assert dict(back[0].attributes) == {"occluded": False}


@pytest.mark.parametrize(
    ("keypoints", "names"),
    [(["a", "b"], ["a", "b"]), (["point"], []), (["a", "a"], []), ("ab", []), ([1, 2], []), (None, [])],
)
def test_only_several_different_names_name_points(keypoints, names):
    assert point_names({"keypoints": keypoints}) == names


def test_pycocotools_reads_the_instances(written, path):
    coco = pytest.importorskip("pycocotools.coco")
    written(point("nose", 1, 1), point("tail", 9, 9), point("left_wing", 5, 0, attributes={"occluded": True}))
    read_back = coco.COCO(str(path))
    (only,) = read_back.anns.values()
    category = read_back.cats[only["category_id"]]
    assert category["keypoints"] == list(NAMES)
    assert only["keypoints"][2::3] == [2, 2, 1]
    assert read_back.getAnnIds(catIds=read_back.getCatIds(catNms=["plane"])) == [only["id"]]

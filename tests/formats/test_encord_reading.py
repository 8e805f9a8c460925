"""Label rows of Encord as its exports have them: round shapes, older members, many images, and what is amiss."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.errors import FormatError
from tests.formats.encord_rows import (
    FORM,
    SHAPE,
    row_with,
    thing,
)


@pytest.fixture
def nowhere(nowhere):
    return type(nowhere)(shape=SHAPE, transform=nowhere.transform)


@pytest.fixture
def read(read_text_as):
    return lambda row: read_text_as("encord", json.dumps(row), shape=SHAPE)


ROUND = {
    "a circle": ({"circle": {"x": 0.5, "y": 0.5, "r": 0.1}}, (256, 192, 384, 320)),
    "a stretched circle": (
        {"circle": {"x": 0.5, "y": 0.5, "r": 0.1, "stretch": 0.5, "theta": 90}},
        (288, 192, 352, 320),
    ),
    "an ellipse": ({"ellipse": {"x": 0.5, "y": 0.5, "rx": 0.1, "ry": 0.25, "theta": 0}}, (256, 128, 384, 384)),
}


@pytest.mark.parametrize(("member", "bounds"), ROUND.values(), ids=ROUND)
def test_what_is_round_becomes_a_polygon(read, nowhere, everything, member, bounds):
    (found,), _ = read(row_with(thing(**member))).to_annotations(nowhere, everything)
    assert (found.kind, found.geometry.bounds) == ("polygon", pytest.approx(bounds))


def test_points_of_a_skeleton_that_are_seen_are_keypoints(read, nowhere, everything):
    points = {
        str(n): {"x": 0.1 * n, "y": 0.5, "name": f"p{n}", "visibility": v}
        for n, v in ((1, "visible"), (2, "invisible"))
    }
    columns = read(row_with(thing(skeleton=points)))
    (found,), _ = columns.to_annotations(nowhere, everything)
    assert (found.kind, found.geometry.x, columns.properties[0]["attr_point"]) == ("keypoint", pytest.approx(64), "p1")


def test_a_polygon_of_the_older_member_alone_and_rings_of_pairs_are_read(read, nowhere, everything):
    corners = [(0.1, 0.1), (0.3, 0.1), (0.2, 0.4)]
    old = thing(polygon={str(n): {"x": x, "y": y} for n, (x, y) in enumerate(corners)})
    pairs = thing(polygons=[[[list(corner) for corner in corners]]])
    (one, other), _ = read(row_with(old, pairs)).to_annotations(nowhere, everything)
    assert shapely.equals(one.geometry, other.geometry)
    assert one.geometry.bounds == pytest.approx((64, 51.2, 192, 204.8))


LACKING = {
    "no shape": (thing(shape="cuboid"), "a cuboid cannot be held"),
    "a box of texts": (thing(boundingBox={"x": "a", "y": 0, "w": 1, "h": 1}), "its boundingBox has what is no number"),
    "a box without a width": (thing(rotatableBoundingBox={"x": 0, "y": 0, "w": 0, "h": 1, "theta": 0}), "no area"),
    "a ring of five numbers": (thing(polygons=[[[0, 0, 1, 1, 0.5]]]), "its ring has 5 numbers"),
    "pairs beside numbers": (thing(polygons=[[[[0, 0], 1, 1]]]), "its ring has 4 numbers"),
    "rings that are none": (thing(polygons=[[7]]), "its ring is no list"),
    "a bitmask too far": (
        thing(bitmask={"top": 0, "left": 600, "height": 2, "width": 60, "rleString": "0"}),
        "reaches over the edge",
    ),
    "a bitmask without a string": (thing(bitmask={"top": 0, "left": 0, "height": 2, "width": 2}), "no rleString"),
    "a circle without a radius": (thing(circle={"x": 0.5, "y": 0.5, "r": 0}), "it has no area"),
    "points that are none": (thing(polyline={"0": {"x": 0, "y": 0}, "1": 7}), "has what is no point"),
}  # fmt: skip


@pytest.mark.parametrize(("member", "reason"), LACKING.values(), ids=LACKING)
def test_an_object_that_cannot_be_read_is_told_of_and_the_others_come_in(read, nowhere, everything, member, reason):
    columns = read(row_with(member, thing(point={"0": {"x": 0.5, "y": 0.5}})))
    assert len(columns) == 1
    ((place, why),) = columns.skipped
    assert (place, reason in why) == ("object 1", True)


def test_a_project_has_many_images_and_that_of_the_scene_is_taken(read_text_as):
    mine, other = row_with(thing(point={"0": {"x": 0.5, "y": 0.5}})), row_with(thing(), thing())
    other["data_units"]["d"]["data_title"] = "other.tif"
    columns = read_text_as("encord", json.dumps([other, mine]), shape=SHAPE)
    assert len(columns) == 1
    assert columns.notes == ["2 objects of other images were left where they are (2 images)"]
    with pytest.raises(FormatError, match="2 images"):
        FORM.read(path_of(columns, read_text_as, [other, mine]), None)


def path_of(columns, read_text_as, rows):
    """Return where the fixture wrote a file."""
    folder = read_text_as.__closure__
    found = next(cell.cell_contents for cell in folder if hasattr(cell.cell_contents, "joinpath"))
    return found / columns.name


def test_answers_about_other_frames_are_not_those_of_the_image(read):
    def haze(name, frames):
        return {"classifications": [{"value": name, "answers": "x"}], "range": frames}

    told = {"a": haze("here", [[0, 0]]), "b": haze("there", [[3, 9]]), "c": haze("always", [])}
    assert read(row_with(classification_answers=told)).scene_attributes == {"here": "x", "always": "x"}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"label_hash": "a"}, "has no data_units"),
        ([], "has no data_units"),
        (row_with() | {"data_units": {}}, "has no data_units"),
        (row_with() | {"data_units": {"d": {"data_title": "v", "labels": {"0": {"objects": []}}}}}, "no single image"),
        (row_with() | {"data_units": {"d": {"data_title": "scene.tif", "width": 9, "height": 9}}}, "9 x 9"),
    ],
)
def test_what_is_no_image_of_the_scene_is_refused_in_a_sentence(read, row, sentence):
    with pytest.raises(FormatError, match=sentence):
        read(row)

"""YOLO there and back: boxes, outlines, rotated boxes, and the class numbers of a data set."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import yaml
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.yolo import count, names_path, read, read_obb, recognises
from napari_geolabel.formats.yolo_names import find_names
from napari_geolabel.geo import GeoGrid, box_from_axis
from napari_geolabel.ontology import LabelClass, Ontology

SHAPE = (700, 1337)
SCENE = Image(name="scene.tif", shape=SHAPE)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
KINDS = ("box", "rotated_box", "polygon", "keypoint", "polyline")
CLASSES = Ontology(
    id="o",
    name="O",
    version="1",
    classes=tuple(LabelClass(id=name, name=name.title(), color="#ff0000", kinds=KINDS) for name in ("ship", "tug")),
)
SIDE = st.floats(0.01, 300)
TASKS = ("yolo", "yolo-seg", "yolo-obb")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("yolo")


def an(kind: str, geometry: shapely.Geometry, class_id: str = "tug", **more) -> Annotation:
    return Annotation(class_id=class_id, kind=kind, geometry=geometry, **more)


def labels_of(*annotations: Annotation, ontology: Ontology = CLASSES) -> LabelSet:
    return LabelSet(annotations=annotations, grid=PIXELS, ontology=ontology, scene_name="scene", image_name="scene.tif")


def sent(folder, task: str, *annotations: Annotation) -> list[Annotation]:
    """Write annotations and read them again."""
    path = folder / task / "labels" / "scene.txt"
    path.parent.parent.mkdir(exist_ok=True)
    FORMATS[task].write(path, labels_of(*annotations))
    back, report = FORMATS[task].read(path, SCENE).to_annotations(PIXELS, CLASSES)
    assert report.skipped == []
    return back


def close(one: Annotation, other: Annotation) -> bool:
    return bool(np.abs(shapely.get_coordinates(one.geometry) - shapely.get_coordinates(other.geometry)).max() <= 1e-6)


@given(x=st.floats(0, 1000), y=st.floats(0, 390), width=SIDE, height=SIDE)
@settings(max_examples=40, deadline=None)
def test_boxes_come_back_within_a_millionth_of_a_pixel(folder, x, y, width, height):
    drawn = an("box", box(x, y, x + width, y + height))
    (back,) = sent(folder, "yolo", drawn)
    assert (back.kind, back.class_id) == ("box", "tug")
    assert np.abs(np.subtract(back.geometry.bounds, drawn.geometry.bounds)).max() <= 1e-6


@given(points=st.lists(st.tuples(st.floats(0, 1337), st.floats(0, 700)), min_size=3, max_size=9, unique=True))
@settings(max_examples=40, deadline=None)
def test_outlines_come_back_within_a_millionth_of_a_pixel(folder, points):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1:
        hull = box(0, 0, 4, 4)
    drawn = an("polygon", hull)
    (back,) = sent(folder, "yolo-seg", drawn)
    assert back.kind == "polygon"
    assert close(back, drawn)


@given(length=st.floats(1, 200), width=st.floats(0.5, 60), turn=st.floats(0, 2 * np.pi))
@settings(max_examples=40, deadline=None)
def test_rotated_boxes_keep_their_bow(folder, length, width, turn):
    axis = np.array([np.cos(turn), np.sin(turn)])
    bow = np.array([600.0, 350.0])
    stern = bow - length * axis
    corners = box_from_axis(bow, stern, stern + width / 2 * np.array([-axis[1], axis[0]]), PIXELS)
    drawn = an("rotated_box", shapely.Polygon(corners))
    (back,) = sent(folder, "yolo-obb", drawn)
    assert back.kind == "rotated_box"
    assert close(back, drawn)


def test_the_file_is_in_fractions_from_corner_to_corner(tmp_path):
    path = tmp_path / "labels" / "scene.txt"
    FORMATS["yolo"].write(path, labels_of(an("box", box(0, 0, 1337, 350), "ship")))
    assert path.read_text() == "0 0.5 0.25 1.0 0.5\n"
    document = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert document == {"train": "images", "val": "images", "task": "detect", "nc": 2, "names": {0: "ship", 1: "tug"}}


@pytest.mark.parametrize("task", TASKS)
def test_what_reaches_over_the_edge_is_cut_off_and_all_fractions_are_below_one(tmp_path, task):
    out = an("rotated_box", shapely.Polygon([(-5, 20), (10, -9), (30, 10), (15, 39)]))
    far = an("box", box(2000, 0, 2010, 9))
    lost = FORMATS[task].lost(labels_of(out, far))
    assert any("1 annotation cut off at the edge" in sentence for sentence in lost)
    assert any("1 annotation outside the image left out" in sentence for sentence in lost)
    FORMATS[task].write(tmp_path / "scene.txt", labels_of(out, far))
    (line,) = (tmp_path / "scene.txt").read_text().splitlines()
    assert all(0 <= float(token) <= 1 for token in line.split()[1:])


def test_what_each_task_loses_is_said_once():
    pierced = shapely.Polygon(box(0, 0, 90, 90).exterior, [box(10, 10, 20, 20).exterior])
    drawn = [
        an("box", box(0, 0, 9, 9)),
        an("rotated_box", shapely.Polygon([(5, 0), (10, 5), (5, 10), (0, 5)])),
        an("polygon", shapely.MultiPolygon([pierced, box(100, 100, 120, 120)])),
        an("polyline", shapely.LineString([(0, 0), (9, 9)])),
        an("keypoint", shapely.Point(4, 4)),
        an("box", box(0, 0, 9, 9), status=Status.REJECTED),
    ]
    for task, sentences in {
        "yolo": ["2 annotations drawn as rotated box or polygon written as the boxes about them"],
        "yolo-seg": ["2 annotations drawn as box or rotated box", "several parts", "lost the holes"],
        "yolo-obb": ["1 annotation drawn as polygon written as the smallest", "1 annotation drawn as box written"],
    }.items():
        lost = FORMATS[task].lost(labels_of(*drawn))
        for sentence in ["1 rejected annotation", "2 shapes without extent", "ids, attributes, status", *sentences]:
            assert sum(sentence in each for each in lost) == 1, (task, sentence, lost)


@pytest.mark.parametrize(("task", "number"), [("yolo", 1), ("yolo-seg", 2), ("yolo-obb", 1)])
def test_parts_become_labels_of_their_own_where_outlines_are_written(folder, task, number):
    parts = shapely.MultiPolygon([box(0, 0, 9, 9), shapely.Polygon([(50, 50), (60, 50), (60, 70)])])
    assert len(sent(folder, task, an("polygon", parts))) == number


def test_class_numbers_that_are_there_never_change(tmp_path):
    (tmp_path / "data.yaml").write_text("train: a\nnames: [tree, SHIP]\nnc: 2\n")
    FORMATS["yolo"].write(tmp_path / "labels" / "scene.txt", labels_of(an("box", box(0, 0, 9, 9), "ship")))
    document = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert document == {"train": "a", "nc": 3, "task": "detect", "names": {0: "tree", 1: "SHIP", 2: "tug"}}
    assert (tmp_path / "labels" / "scene.txt").read_text().startswith("1 ")


def test_a_data_set_of_another_task_is_refused_and_stays(tmp_path):
    FORMATS["yolo"].write(tmp_path / "labels" / "scene.txt", labels_of(an("box", box(0, 0, 9, 9))))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FormatError, match="of the task detect and not obb"):
        FORMATS["yolo-obb"].write(tmp_path / "labels" / "scene.txt", labels_of())
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_an_image_without_labels_is_an_empty_file(tmp_path):
    FORMATS["yolo"].write(tmp_path / "labels" / "scene.txt", labels_of())
    assert (tmp_path / "labels" / "scene.txt").read_bytes() == b""
    assert len(read(tmp_path / "labels" / "scene.txt", SCENE)) == 0


def test_naming_the_data_set_means_the_labels_of_the_image(tmp_path):
    form = FORMATS["yolo"]
    assert form.placed(tmp_path / "data.yaml", "scene") == tmp_path / "labels" / "scene.txt"
    (tmp_path / "train" / "labels").mkdir(parents=True)
    (tmp_path / "train" / "labels" / "scene.txt").write_text("")
    assert form.placed(tmp_path / "data.yaml", "scene") == tmp_path / "train" / "labels" / "scene.txt"
    assert form.placed(tmp_path / "a.txt", "scene") == tmp_path / "a.txt"
    assert names_path(tmp_path / "labels" / "train" / "a.txt") == tmp_path / "data.yaml"
    assert form.files_beside(tmp_path / "other" / "a.txt") == (tmp_path / "other" / "data.yaml",)


@pytest.mark.parametrize(
    ("line", "kind", "bounds", "confidence"),
    [
        ("0 0.5 0.5 0.2 0.4", "box", (4, 3, 6, 7), None),
        ("0 0.5 0.5 0.2 0.4 0.75", "box", (4, 3, 6, 7), 0.75),
        ("0 0.1 0.1 0.5 0.1 0.3 0.9", "polygon", (1, 1, 5, 9), None),
        ("0 0.1 0.1 0.5 0.1 0.3 0.9 0.25", "polygon", (1, 1, 5, 9), 0.25),
        ("0 0.5 0 1 0.5 0.5 1 0 0.5", "rotated_box", (0, 0, 10, 10), None),
    ],
)
def test_lines_are_told_apart_by_their_length(tmp_path, line, kind, bounds, confidence):
    (tmp_path / "classes.txt").write_text("ship\n")
    (tmp_path / "a.txt").write_text(line)
    grid = GeoGrid(shape=(10, 10), transform=Affine.identity())
    (back,), report = read(tmp_path / "a.txt", Image(name="a.png", shape=(10, 10))).to_annotations(grid, CLASSES)
    assert (back.kind, back.confidence, report.notes) == (kind, confidence, [])
    assert back.geometry.bounds == pytest.approx(bounds)


def test_keypoints_after_a_box_are_left_out_and_said(tmp_path):
    (tmp_path / "data.yaml").write_text("names: {0: ship}\nkpt_shape: [2, 3]\n")
    (tmp_path / "scene.txt").write_text("0 0.5 0.5 0.2 0.4 0.1 0.1 2 0.2 0.2 2\n")
    (back,), report = read(tmp_path / "scene.txt", SCENE).to_annotations(PIXELS, CLASSES)
    assert back.kind == "box"
    assert report.notes == ["the keypoints of the boxes were left out"]


def test_without_names_classes_are_called_by_number(tmp_path):
    (tmp_path / "other.txt").write_text("1 0.5 0.5 0.2 0.4\n")
    columns = read(tmp_path / "other.txt", SCENE)
    assert columns.class_ids == ["1"]
    assert "not called like scene.tif" in columns.notes[0]
    assert "called by number" in columns.notes[1]
    with pytest.raises(FormatError, match="name the scene"):
        read(tmp_path / "other.txt", None)


BAD_LINES = {
    "words": "a b c d e",
    "too short": "0 0.5 0.5 0.2",
    "two points": "0 0.5 0.5 0.2 0.2 0.1 0.1 nan",
    "NaN": "0 nan 0.5 0.2 0.2",
    "1e400": "0 0.5 1e400 0.2 0.2",
    "infinity": "0 inf 0.5 0.2 0.2",
    "pixels": "0 512 512 20 20",
    "no area": "0 0.5 0.5 0 0.2",
    "size below zero": "0 0.5 0.5 -0.1 0.2",
    "class below zero": "-1 0.5 0.5 0.1 0.2",
    "class is a fraction": "0.5 0.5 0.5 0.1 0.2",
    "class is huge": "99999999999999999999 0.5 0.5 0.1 0.2",
    "class of another script": "\u0663 0.5 0.5 0.1 0.2",
    "commas": "0,0.5,0.5,0.1,0.2",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_left_out_or_alone_refuses_the_file(tmp_path, line):
    (tmp_path / "scene.txt").write_text(f"0 0.5 0.5 0.2 0.4\n{line}\n", encoding="utf-8")
    columns = read(tmp_path / "scene.txt", SCENE)
    assert len(columns) == 1
    assert columns.skipped[0][0] == "line 2"
    (tmp_path / "scene.txt").write_text(line, encoding="utf-8")
    with pytest.raises(FormatError, match=r"scene\.txt is no YOLO: line 1"):
        read(tmp_path / "scene.txt", SCENE)


BAD_NAMES = {
    "no YAML": "names: [",
    "a list": "- a\n",
    "text": "names: ship\n",
    "an object": "!!python/object/apply:os.system ['true']",
    "negative number": "names: {-1: a}\n",
    "number is text": "names: {a: b}\n",
    "huge number": "names: {999999999: a}\n",
    "deep": "[" * 5000,
}


@pytest.mark.parametrize("text", BAD_NAMES.values(), ids=BAD_NAMES)
def test_bad_class_names_are_one_sentence_and_are_not_replaced(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text)
    (tmp_path / "scene.txt").write_text("0 0.5 0.5 0.2 0.4\n")
    with pytest.raises(FormatError, match=r"data\.yaml"):
        read(tmp_path / "scene.txt", SCENE)
    with pytest.raises(FormatError, match=r"data\.yaml"):
        FORMATS["yolo"].write(tmp_path / "scene.txt", labels_of(an("box", box(0, 0, 9, 9))))
    assert (tmp_path / "data.yaml").read_text() == text
    assert (tmp_path / "scene.txt").read_text() == "0 0.5 0.5 0.2 0.4\n"


def test_text_that_is_no_utf8_is_one_sentence(tmp_path):
    (tmp_path / "scene.txt").write_bytes(b"0 0.5 0.5 0.2 0.4 \xff\n")
    with pytest.raises(FormatError, match="not UTF-8"):
        read(tmp_path / "scene.txt", SCENE)


@pytest.mark.parametrize(
    ("head", "expected"),
    [(b"0 0.5 0.5 1 1\n", True), (b"", True), (b"1 2 3", False), (b"0 0 0 2 2 2 2 0 ship 0", False), (b"{}", False)],
)
def test_yolo_is_recognised_by_its_first_line(head, expected):
    assert recognises(head) is expected


REAL = {
    "labels_datumaro/yolo_dataset/labels/labels/train/1.txt": ((10, 15), ["label_2", "label_4"]),
    "labels_datumaro/yolo_dataset/annotations/Annotations/1.txt": ((10, 15), ["label_2", "label_4"]),
    "labels_datumaro/yolo_dataset/strict/obj_train_data/1.txt": ((10, 15), ["label_2", "label_4"]),
    "labels_labelstudio/test_import_yolo_data/labels/img_1.txt": (
        (329, 640),
        ["bus", "number", "closed_door", "closed_door"],
    ),
    "labels_labelstudio/test_import_yolo_data_unif_dims/labels/img_5.txt": ((425, 640), ["bus", "closed_door", "bus"]),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_whole(shared_data, name):
    shape, words = REAL[name]
    path = shared_data / name
    assert importer_for(path).id == "yolo"
    columns = read(path, Image(name=f"{path.stem}.jpg", shape=shape))
    assert (columns.class_ids, columns.skipped) == (words, [])
    assert count(path) == len(words)
    bounds = shapely.bounds(columns.geometries)
    assert (bounds >= -1e-3).all()
    assert (bounds[:, 2:] <= np.array(shape[::-1]) + 1e-3).all()


def test_rotated_boxes_are_read_as_such_by_name(tmp_path):
    (tmp_path / "scene.txt").write_text("0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n")
    (tmp_path / "classes.txt").write_text("ship\n")
    (back,), _ = read_obb(tmp_path / "scene.txt", SCENE).to_annotations(PIXELS, CLASSES)
    assert back.kind == "rotated_box"
    assert find_names(tmp_path / "scene.txt").names == {0: "ship"}

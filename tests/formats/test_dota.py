"""DOTA there and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.dota import count, losses, read, recognises, write
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid, box_from_axis
from napari_geolabel.ontology import LabelClass, Ontology

SCENE = Image(name="scene.tif", shape=(512, 512))
PIXELS = GeoGrid(shape=(512, 512), transform=Affine.identity())


def ontology_of(*kinds: str) -> Ontology:
    return Ontology(
        id="o",
        name="O",
        version="1",
        classes=(LabelClass(id="ship", name="Ship", color="#ff0000", kinds=kinds),),
    )


ALL = ontology_of("box", "rotated_box", "polygon", "keypoint")


def an(kind: str, geometry: shapely.Geometry, **more) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry, **more)


def labels_of(*annotations: Annotation) -> LabelSet:
    return LabelSet(annotations=annotations, grid=PIXELS, ontology=ALL, scene_name="scene")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("dota") / "scene.txt"


def sent(path, *annotations: Annotation, ontology: Ontology = ALL) -> list[Annotation]:
    """Write annotations and read them again."""
    write(path, labels_of(*annotations))
    back, report = read(path, SCENE).to_annotations(PIXELS, ontology)
    assert report.skipped == []
    assert not any("rectangles" in note for note in report.notes)
    return back


@given(
    x=st.floats(-20, 530),
    y=st.floats(-20, 530),
    length=st.floats(1, 200),
    width=st.floats(0.5, 60),
    turn=st.floats(0, 2 * np.pi),
)
@settings(max_examples=60, deadline=None)
def test_rotated_boxes_come_back_to_the_last_bit_with_their_bow(path, x, y, length, width, turn):
    axis = np.array([np.cos(turn), np.sin(turn)])
    bow = np.array([x, y])
    stern = bow - length * axis
    corners = box_from_axis(bow, stern, stern + width / 2 * np.array([-axis[1], axis[0]]), PIXELS)
    drawn = an("rotated_box", shapely.Polygon(corners))
    (back,) = sent(path, drawn)
    assert back.kind == "rotated_box"
    assert shapely.equals_exact(back.geometry, drawn.geometry, 0)


@given(x=st.floats(0, 500), y=st.floats(0, 500), width=st.floats(0.01, 300), height=st.floats(0.01, 300))
@settings(max_examples=30, deadline=None)
def test_boxes_come_back_as_rotated_boxes_of_the_same_corners(path, x, y, width, height):
    drawn = an("box", box(x, y, x + width, y + height))
    (back,) = sent(path, drawn)
    assert back.kind == "rotated_box"
    assert back.geometry.bounds == drawn.geometry.bounds
    (as_box,) = sent(path, drawn, ontology=ontology_of("box"))
    assert (as_box.kind, as_box.geometry.bounds) == ("box", drawn.geometry.bounds)


def test_polygons_become_the_smallest_boxes_about_them(path):
    (back,) = sent(path, an("polygon", shapely.Polygon([(10, 10), (50, 10), (50, 30), (30, 30)])))
    assert back.geometry.covers(shapely.Point(30, 30))
    assert back.geometry.area == pytest.approx(800)


def test_the_text_is_eight_coordinates_a_class_and_a_zero(path):
    write(path, labels_of(an("rotated_box", shapely.Polygon([(5.5, 0), (10, 5), (5, 10), (0.25, 5)]))))
    assert path.read_text() == "5.5 0.0 10.0 5.0 5.0 10.0 0.25 5.0 ship 0\n"


def test_what_it_loses_is_said():
    drawn = [
        an("box", box(0, 0, 9, 9)),
        an("polygon", shapely.Polygon([(0, 0), (9, 0), (9, 9)])),
        an("keypoint", shapely.Point(4, 4)),
        an("box", box(0, 0, 9, 9), status=Status.REJECTED),
    ]
    told = list(losses(labels_of(*drawn)))
    expected = [
        "1 rejected",
        "1 shape without extent left out",
        "ids, attributes",
        "polygon written as",
        "box written as",
    ]
    assert len(told) == len(expected)
    assert all(part in sentence for part, sentence in zip(expected, told, strict=True))
    assert list(losses(labels_of())) == []
    (scene,) = losses(replace(labels_of(), scene_attributes={"haze": True}))
    assert "the whole scene" in scene


@pytest.mark.parametrize(
    ("quad", "kinds", "kind", "moved"),
    [
        ("100 100 160 101 160 120 100 119", ("rotated_box", "polygon"), "rotated_box", True),  # rounded to pixels
        ("100 100 160 130 150 190 90 120", ("rotated_box", "polygon"), "polygon", False),  # no rectangle at all
        ("100 100 160 130 150 190 90 120", ("rotated_box",), "rotated_box", True),
        ("100 100 100 120 160 120 160 100", ("rotated_box", "polygon"), "rotated_box", False),  # turned the wrong way
    ],
)
def test_quadrilaterals_of_other_programs_become_what_the_class_allows(path, quad, kinds, kind, moved):
    path.write_text(f"imagesource:GoogleEarth\ngsd:0.146\n{quad} ship 1\n")
    (back,), report = read(path, SCENE).to_annotations(PIXELS, ontology_of(*kinds))
    assert back.kind == kind
    assert any("made rectangles" in note for note in report.notes) is moved
    if kind == "rotated_box":
        corners = shapely.get_coordinates(back.geometry)[:4]
        edges = np.roll(corners, -1, axis=0) - corners
        turns = edges[:, 0] * np.roll(edges, -1, axis=0)[:, 1] - edges[:, 1] * np.roll(edges, -1, axis=0)[:, 0]
        assert (turns > 0).all()  # clockwise where y runs down
        assert abs(float(edges[0] @ edges[1])) <= 1e-6 * np.hypot(*edges[0]) * np.hypot(*edges[1])


def test_a_file_called_otherwise_is_taken_with_a_note(tmp_path):
    (tmp_path / "P0001.txt").write_text("0 0 0 2 2 2 2 0 ship 0\n")
    assert read(tmp_path / "P0001.txt", SCENE).notes == [
        "the labels of P0001.txt were taken, which is not called like scene.tif"
    ]
    assert read(tmp_path / "P0001.txt", None).notes == []


GOOD = "0 0 0 2 2 2 2 0 ship 0"
BAD_LINES = {
    "too short": "0 0 0 2 2 2 2",
    "too long": GOOD + " 1",
    "a word": "0 0 a 2 2 2 2 0 ship 0",
    "NaN": "0 0 nan 2 2 2 2 0 ship 0",
    "1e400": "0 0 1e400 2 2 2 2 0 ship 0",
    "infinity": "0 0 -inf 2 2 2 2 0 ship 0",
    "commas": GOOD.replace(" ", ","),
    "a class of two words": "0 0 0 2 2 2 2 0 small ship 0",
    "JSON": "{}",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_left_out_or_alone_refuses_the_file(path, line):
    path.write_text(f"{GOOD}\n\n{line}\n")
    columns = read(path, SCENE)
    assert len(columns) == 1
    assert columns.skipped[0][0] == "line 3"
    path.write_text(line)
    with pytest.raises(FormatError, match=r"scene\.txt is no DOTA: line 1"):
        read(path, SCENE)


@pytest.mark.parametrize("content", [b"\xff\xfe0 0", b"0 0 0 2 2 2 2 0 \xe9 0"])
def test_text_that_is_no_utf8_is_one_sentence(path, content):
    path.write_bytes(content)
    with pytest.raises(FormatError, match="not UTF-8"):
        read(path, SCENE)


def test_quads_without_area_are_refused_by_the_check(path):
    path.write_text("5 5 5 5 5 5 5 5 ship 0\n")
    back, report = read(path, SCENE).to_annotations(PIXELS, ALL)
    assert back == []
    assert report.skipped[0][0] == "line 1"


@pytest.mark.parametrize(
    ("head", "expected"),
    [(GOOD.encode(), True), (b"imagesource:x\n", True), (b"gsd:1", True), (b"0 0.5 0.5 0.1 0.1", False), (b"", False)],
)
def test_dota_is_recognised_by_its_first_line(head, expected):
    assert recognises(head) is expected


REAL = {
    "labels_datumaro/dota_dataset/train/labelTxt/train_001.txt": 1,
    "labels_datumaro/dota_dataset/train/labelTxt/train_002.txt": 1,
    "labels_datumaro/dota_dataset/val/labelTxt/val_001.txt": 2,
    "labels_datumaro/roboflow_dataset/yolo_obb/val/labelTxt/val_001.txt": 2,
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_whole(shared_data, name):
    path = shared_data / name
    assert importer_for(path).id == "dota"
    columns = read(path, Image(name=f"{path.stem}.jpg", shape=(5, 10)))
    assert (len(columns), columns.skipped, columns.notes) == (REAL[name], [], [])
    assert count(path) == REAL[name]
    grid = GeoGrid(shape=(5, 10), transform=Affine.identity())
    ontology = columns.with_new_classes(Ontology(id="o", name="O", version="1", classes=()))
    back, report = columns.to_annotations(grid, ontology)
    assert (len(back), report.skipped) == (REAL[name], [])
    assert {each.kind for each in back} == {"rotated_box"}

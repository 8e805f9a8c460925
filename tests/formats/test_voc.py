"""Pascal VOC there and back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from defusedxml import ElementTree as SafeET
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.voc import count, losses, read, recognises, write
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology

SHAPE = (300, 400)
SCENE = Image(name="scene.tif", shape=SHAPE)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
DIFFICULT = Attribute(id="difficult", name="Difficult", type="boolean")
CLASSES = Ontology(
    id="o",
    name="O",
    version="1",
    classes=(
        LabelClass(
            id="ship",
            name="Ship",
            color="#ff0000",
            kinds=("box", "rotated_box", "polygon", "keypoint"),
            attributes=(DIFFICULT,),
        ),
    ),
)


def an(kind: str, geometry: shapely.Geometry, **more) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry, **more)


def labels_of(*annotations: Annotation) -> LabelSet:
    return LabelSet(annotations=annotations, grid=PIXELS, ontology=CLASSES, image_name="scene.tif")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("voc") / "scene.xml"


def sent(path, *annotations: Annotation) -> list[Annotation]:
    """Write annotations and read them again."""
    write(path, labels_of(*annotations))
    back, report = read(path, SCENE).to_annotations(PIXELS, CLASSES)
    assert (report.skipped, report.notes) == ([], [])
    return back


def text(*objects: str, size: str = "<size><width>400</width><height>300</height></size>") -> str:
    return f"<annotation><filename>scene.jpg</filename>{size}{''.join(objects)}</annotation>"


def obj(box_text: str = "<xmin>3</xmin><ymin>2</ymin><xmax>5</xmax><ymax>3</ymax>", more: str = "") -> str:
    return f"<object><name>ship</name>{more}<bndbox>{box_text}</bndbox></object>"


@given(x=st.integers(0, 399), y=st.integers(0, 299), width=st.integers(1, 400), height=st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_boxes_of_whole_pixels_come_back_exactly(path, x, y, width, height):
    drawn = an("box", box(x, y, min(x + width, 400), min(y + height, 300)))
    (back,) = sent(path, drawn)
    assert (back.kind, back.geometry.bounds) == ("box", drawn.geometry.bounds)
    assert not any("rounded" in sentence for sentence in losses(labels_of(drawn)))


@given(x=st.floats(0, 300), y=st.floats(0, 200), width=st.floats(0.6, 99), height=st.floats(0.6, 99))
@settings(max_examples=60, deadline=None)
def test_other_boxes_come_back_within_half_a_pixel_or_as_one(path, x, y, width, height):
    drawn = an("box", box(x, y, x + width, y + height))
    (back,) = sent(path, drawn)
    gap = np.abs(np.subtract(back.geometry.bounds, drawn.geometry.bounds)).max()
    assert gap <= (0.5 + 1e-9 if min(width, height) >= 1 else 1)
    assert back.geometry.area >= 1


def test_pixels_count_from_one_and_the_last_belongs_to_the_box(path):
    write(path, labels_of(an("box", box(2, 1, 5, 3))))
    root = SafeET.fromstring(path.read_text())
    assert [int(node.text) for node in root.find("object/bndbox")] == [3, 2, 5, 3]
    assert (root.findtext("filename"), root.findtext("size/width"), root.findtext("size/height")) == (
        "scene.tif",
        "400",
        "300",
    )


def test_what_reaches_over_the_edge_stays_within_the_image(path):
    drawn = [an("box", box(-9, -9, 4, 4)), an("box", box(395, 290, 500, 500)), an("box", box(900, 0, 910, 9))]
    assert [each.geometry.bounds for each in sent(path, *drawn)] == [(0, 0, 4, 4), (395, 290, 400, 300)]
    told = list(losses(labels_of(*drawn)))
    assert "1 annotation outside the image left out" in told
    assert "2 annotations rounded to whole pixels" in told


def test_what_it_loses_is_said():
    drawn = [
        an("rotated_box", shapely.Polygon([(5, 0), (10, 5), (5, 10), (0, 5)])),
        an("keypoint", shapely.Point(4, 4)),
        an("box", box(0, 0, 9, 9), status=Status.REJECTED),
    ]
    told = list(losses(labels_of(*drawn)))
    assert len(told) == 4
    assert "rotated box" in told[3]


def test_fractions_and_flags_of_other_programs_are_read_as_they_are(path):
    inner = "<xmin>5.5</xmin><ymin>6</ymin><xmax>7.5</xmax><ymax>8</ymax>"
    path.write_text(text(obj(inner, "<difficult>1</difficult>"), obj(more="<part><name>bow</name></part>")))
    (first, second), report = read(path, SCENE).to_annotations(PIXELS, CLASSES)
    assert (first.geometry.bounds, dict(first.attributes)) == ((4.5, 5, 7.5, 8), {"difficult": True})
    assert second.geometry.bounds == (2, 1, 5, 3)
    assert report.notes == ["1 part of objects left out"]


def test_a_zero_gives_files_away_that_count_from_zero(path):
    path.write_text(text(obj("<xmin>0</xmin><ymin>2</ymin><xmax>5</xmax><ymax>3</ymax>")))
    (back,), report = read(path, SCENE).to_annotations(PIXELS, CLASSES)
    assert back.geometry.bounds == (0, 2, 5, 3)
    assert "counts pixels from 0" in report.notes[0]


def test_another_name_is_noted_and_never_opened(path):
    path.write_text(text(obj()).replace("scene.jpg", "/etc/passwd"))
    assert read(path, SCENE).notes == ["the labels of /etc/passwd were taken, which is not called scene.tif"]
    with pytest.raises(FormatError, match="400 x 300 pixels, and small has 5 x 4"):
        read(path, Image(name="small", shape=(4, 5)))


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>'
BAD_FILES = {
    "truncated": text(obj())[:-12],
    "empty": "",
    "another root": "<annotations/>",
    "JSON": "{}",
    "entities": BOMB,
    "a document type": '<!DOCTYPE annotation SYSTEM "file:///etc/passwd"><annotation/>',
    "latin-1": text(obj()).replace("ship", "sch\xfcff").encode("latin-1"),
    "unknown encoding": '<?xml version="1.0" encoding="klingon"?><annotation/>',
    "no width": text(size="<size><height>300</height></size>"),
    "width is text": text(size="<size><width>wide</width><height>300</height></size>"),
    "width below zero": text(size="<size><width>-400</width><height>300</height></size>"),
    "width is huge": text(size="<size><width>1e400</width><height>300</height></size>"),
    "another size": text(size="<size><width>40</width><height>30</height></size>"),
    "control characters": text(obj()).replace("ship", "\x00"),
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_sentence(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FormatError, match=r"scene\.xml") as caught:
        read(path, SCENE)
    assert "\n" not in str(caught.value)


BAD_BOXES = {
    "none": "",
    "three sides": "<xmin>1</xmin><ymin>1</ymin><xmax>2</xmax>",
    "NaN": "<xmin>nan</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
    "1e400": "<xmin>1</xmin><ymin>1</ymin><xmax>1e400</xmax><ymax>2</ymax>",
    "words": "<xmin>one</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
    "turned about": "<xmin>9</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
}


@pytest.mark.parametrize("inner", BAD_BOXES.values(), ids=BAD_BOXES)
def test_a_bad_box_is_left_out_and_the_others_come_in(path, inner):
    path.write_text(text(obj(inner), obj()))
    back, report = read(path, SCENE).to_annotations(PIXELS, CLASSES)
    assert [each.geometry.bounds for each in back] == [(2, 1, 5, 3)]
    assert [where for where, _ in report.skipped] == ["object 1"]


def test_deep_nesting_neither_crashes_nor_hangs(path):
    path.write_text(text("<part>" * 50_000 + "</part>" * 50_000, obj()))
    assert len(read(path, SCENE)) == 1


def test_objects_without_a_class_are_named_in_the_sentence(path):
    path.write_text(text(obj().replace("<name>ship</name>", "")))
    with pytest.raises(FormatError, match="object 1 names no class"):
        read(path, SCENE).to_annotations(PIXELS, CLASSES)


def test_an_empty_image_has_no_objects(path):
    assert sent(path) == []
    assert count(path) == 0


@pytest.mark.parametrize(
    ("head", "expected"), [(text(obj()).encode(), True), (b"<annotations><image/>", False), (b"<annotation>", False)]
)
def test_voc_is_recognised_by_its_elements(head, expected):
    assert recognises(head) is expected


def test_a_real_file_is_read_whole(shared_data):
    path = shared_data / "labels_datumaro/voc_dataset/voc_dataset1/Annotations/2007_000001.xml"
    assert importer_for(path).id == "voc"
    columns = read(path, Image(name="2007_000001.jpg", shape=(10, 20)))
    assert (columns.class_ids, columns.skipped, count(path)) == (["cat", "person"], [], 2)
    assert [each.bounds for each in columns.geometries] == [(0, 1, 3, 4), (3, 4, 6, 7)]

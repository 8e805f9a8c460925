"""HRSC2016's boxes."""

from __future__ import annotations

import math

import pytest
import shapely
from affine import Affine
from defusedxml import ElementTree as SafeET

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.hrsc import losses, write
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import LabelClass, Ontology

PIXELS = GeoGrid(shape=(512, 640), transform=Affine.identity())
SHIPS = Ontology(
    id="o",
    name="O",
    version="1",
    classes=tuple(
        LabelClass(id=class_id, name=name, color="#ff0000", kinds=("box", "rotated_box", "polygon"))
        for class_id, name in {"ship": "Ship", "carrier": "Aircraft carrier", "tug": "Tug"}.items()
    ),
)


def file_of(**values: object) -> str:
    held = {"Class_ID": 100000002, "mbox_cx": 100, "mbox_cy": 50, "mbox_w": 40, "mbox_h": 10, "mbox_ang": 0, **values}
    members = "".join(f"<{key}>{value}</{key}>" for key, value in held.items() if value is not None)
    return (
        "<HRSC_Image><Img_ID>scene</Img_ID><Img_SizeWidth>640</Img_SizeWidth><Img_SizeHeight>512</Img_SizeHeight>"
        f"<HRSC_Objects><HRSC_Object>{members}</HRSC_Object></HRSC_Objects></HRSC_Image>"
    )


@pytest.mark.parametrize(
    ("values", "bow"),
    [
        ({}, (120, 50)),
        ({"header_x": 119, "header_y": 50}, (120, 50)),
        ({"header_x": 81, "header_y": 50}, (80, 50)),
        ({"mbox_ang": math.pi / 2}, (100, 70)),  # clockwise on the screen: down
        ({"mbox_ang": math.pi / 2, "header_x": 100, "header_y": 31}, (100, 30)),
    ],
)
def test_the_header_tells_which_end_is_the_bow(read_text_as, values, bow):
    columns = read_text_as("hrsc", file_of(**values))
    (found,), report = columns.to_annotations(PIXELS, SHIPS)
    corners = shapely.get_coordinates(found.geometry)[:4]
    assert corners[:2].mean(axis=0).tolist() == pytest.approx(bow)
    assert (found.class_id, found.kind, found.geometry.area) == ("carrier", "rotated_box", pytest.approx(400))
    assert report.skipped == []


def test_numbers_of_the_data_set_are_written_and_other_classes_become_ships(tmp_path):
    turned = shapely.Polygon([(120, 45), (120, 55), (80, 55), (80, 45)])  # bow to the right
    drawn = [Annotation(class_id=class_id, kind="rotated_box", geometry=turned) for class_id in ("carrier", "tug")]
    labels = LabelSet(annotations=drawn, grid=PIXELS, ontology=SHIPS, scene_name="scene")
    write(tmp_path / "a.xml", labels)
    root = SafeET.parse(tmp_path / "a.xml").getroot()
    assert [node.text for node in root.iter("Class_ID")] == ["100000002", "100000001"]
    first = next(root.iter("HRSC_Object"))
    numbers = [float(first.findtext(key)) for key in ("mbox_cx", "mbox_cy", "mbox_w", "mbox_h", "mbox_ang")]
    assert numbers == pytest.approx([100, 50, 40, 10, 0])
    assert [float(first.findtext(key)) for key in ("header_x", "header_y")] == pytest.approx([120, 50])
    assert "1 annotation of classes that HRSC2016 has not written as ships" in list(losses(labels))


def test_the_long_side_of_a_box_is_its_length(tmp_path):
    for box in (shapely.box(10, 20, 50, 30), shapely.box(10, 20, 20, 60)):
        drawn = Annotation(class_id="ship", kind="box", geometry=box)
        write(tmp_path / "a.xml", LabelSet(annotations=[drawn], grid=PIXELS, ontology=SHIPS))
        node = next(SafeET.parse(tmp_path / "a.xml").getroot().iter("HRSC_Object"))
        assert [float(node.findtext(key)) for key in ("mbox_w", "mbox_h")] == pytest.approx([40, 10])


@pytest.mark.parametrize("values", [{"mbox_cx": "nan"}, {"mbox_cx": "1e400"}, {"mbox_w": None}, {"mbox_h": 0}])
def test_a_bad_object_is_left_out_with_its_reason(read_text_as, values):
    columns = read_text_as("hrsc", file_of(**values))
    assert (len(columns), len(columns.skipped)) == (0, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<annotation/>", "is no HRSC2016"),
        (file_of().replace("640", "64"), "take the scene that they were drawn on"),
        (file_of().replace("640", "many"), "correct its size"),
        (file_of()[:-7], "no XML that can be read"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("hrsc", text)


def test_unknown_numbers_stay_numbers(read_text_as):
    assert read_text_as("hrsc", file_of(Class_ID="100000099")).class_ids == ["100000099"]
    assert read_text_as("hrsc", file_of(Class_ID="ferry")).class_ids == ["ferry"]

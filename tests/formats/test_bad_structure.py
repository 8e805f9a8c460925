"""Files whose syntax is right and whose members are not what they should be, one of them at a time, anywhere."""

from __future__ import annotations

import copy
import json
import warnings
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid

SHAPE = (64, 80)
GRID = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
JSON = ("geojson", "coco", "labelstudio", "labelme", "labelbox", "encord", "stac", "vott", "xview")
XML = ("voc", "cvat", "hrsc")
JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1e300,
    "",
    "..",
    "\0",
    "nan",
    "\N{GRINNING FACE}" * 50,
    [],
    [None],
    [[[]]],
    [1, "a", {}],
    {},
    {"type": "Point"},
    {"a": {"b": []}},
)
WORDS = ("", "x", "nan", "-1", "1e999", "9" * 40, "..", " ", "0x10", "1,2;3", "\N{ARABIC-INDIC DIGIT FIVE}", "true")


@pytest.fixture(scope="module")
def good(tmp_path_factory, everything):
    """Return the text of a good file of each format, and where to write it."""
    pierced = shapely.box(5, 5, 20.5, 20).difference(shapely.box(8, 8, 10, 11))
    parts = shapely.MultiPolygon([shapely.box(30, 30, 33, 35), shapely.box(40, 40, 41, 42)])
    shapes = [
        ("box", shapely.box(1.25, 2.5, 9.75, 8)),
        ("rotated_box", shapely.Polygon([(30, 20), (40, 30), (35, 35), (25, 25)])),
        ("polygon", pierced),
        ("polygon", parts),
        ("polyline", shapely.LineString([(1, 1), (2, 3)])),
        ("keypoint", shapely.Point(4, 5)),
    ]
    labels = LabelSet(
        annotations=[
            Annotation(class_id="ship", kind=kind, geometry=geometry, attributes={"one": "a", "yes": True})
            for kind, geometry in shapes
        ],
        grid=GRID,
        ontology=everything,
        scene_name="scene",
        image_name="scene.tif",
        scene_attributes={"haze": True},
    )
    files = {}
    for form_id in (*JSON, *XML):
        path = tmp_path_factory.mktemp(form_id) / f"scene{FORMATS[form_id].suffixes[-1]}"
        FORMATS[form_id].write(path, labels)
        files[form_id] = path, path.read_text()
    return files


def nodes(value: Any, path: tuple = ()) -> list[tuple]:
    """Return the places of all members of a JSON value."""
    found = [path]
    if isinstance(value, dict):
        found += [place for key, each in value.items() for place in nodes(each, (*path, key))]
    elif isinstance(value, list):
        found += [place for key, each in enumerate(value[:8]) for place in nodes(each, (*path, key))]
    return found


def replaced(value: Any, path: tuple, junk: Any) -> Any:
    """Return a JSON value with junk in the place of one member."""
    if not path:
        return junk
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = junk
    return changed


def reads_or_refuses(form_id: str, path: Any, ontology: Any) -> None:
    """Read a file; whatever is said of it must be sentences."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            columns = FORMATS[form_id].read(path, Image(name="scene.tif", shape=SHAPE))
            class_map = dict.fromkeys([None, *columns.class_ids], "ship")
            _, report = columns.to_annotations(GRID, ontology, class_map=class_map)
            said = [reason for _, reason in report.skipped] + report.notes
        except GeoLabelError as error:
            said = [str(error)]
    assert all(sentence and "\n" not in sentence and len(sentence) < 500 for sentence in said)


@given(data=st.data())
@settings(max_examples=40)
@pytest.mark.parametrize("form_id", JSON)
def test_one_wrong_member_anywhere_in_json(good, everything, form_id, data):
    path, text = good[form_id]
    document = [json.loads(line) for line in text.splitlines()] if form_id == "labelbox" else json.loads(text)
    place = data.draw(st.sampled_from(nodes(document)))
    path.write_text(json.dumps(replaced(document, place, data.draw(st.sampled_from(JUNK)))))
    reads_or_refuses(form_id, path, everything)


@given(data=st.data())
@settings(max_examples=40)
@pytest.mark.parametrize("form_id", XML)
def test_one_wrong_text_attribute_or_element_anywhere_in_xml(good, everything, form_id, data):
    path, text = good[form_id]
    root = ET.fromstring(text)  # noqa: S314  (our own)
    node = data.draw(st.sampled_from(list(root.iter())))
    what = data.draw(st.sampled_from(["text", "attribute", "without", "emptied"]))
    word = data.draw(st.sampled_from(WORDS))
    if what == "text":
        node.text = word
    elif what == "attribute" and node.attrib:
        node.set(data.draw(st.sampled_from(sorted(node.attrib))), word)
    elif what == "without" and node.attrib:
        del node.attrib[data.draw(st.sampled_from(sorted(node.attrib)))]
    else:
        for child in list(node):
            node.remove(child)
    path.write_bytes(ET.tostring(root, encoding="utf-8"))
    reads_or_refuses(form_id, path, everything)

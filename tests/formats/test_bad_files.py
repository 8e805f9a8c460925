"""Files that are damaged, hostile or meant for somebody else: one sentence each, or a report, and nothing else."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import warnings
from collections.abc import Callable

import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid

SHAPE = (512, 640)
GRID = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
SCENE = Image(name="scene.tif", shape=SHAPE)
VECTOR = sorted(form.id for form in FORMATS.values() if form.reads and form.writes and form.content == "vector")
NUMBER = re.compile(rb"-?\d+\.\d+")
WHOLE = re.compile(rb"(?<![\w.])\d+(?![\w.])")
WORD = re.compile(rb'"[a-z_]+"(?=\s*:)')


def all_numbers(put: bytes) -> Callable[[bytes], bytes]:
    return lambda content: NUMBER.sub(put, content)


def every_third(pattern: re.Pattern[bytes], put: bytes) -> Callable[[bytes], bytes]:
    def mutate(content: bytes) -> bytes:
        places = [match.span() for match in pattern.finditer(content)][::3]
        for start, stop in reversed(places):
            content = content[:start] + put + content[stop:]
        return content

    return mutate


def flipped(step: int) -> Callable[[bytes], bytes]:
    def mutate(content: bytes) -> bytes:
        changed = bytearray(content)
        for place in range(step // 2, len(changed), step):
            changed[place] ^= 1 << (place % 8)
        return bytes(changed)

    return mutate


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotations>&b;</annotations>'
VIRTUAL = b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>"
MUTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "one byte": lambda content: content[:1],
    "half": lambda content: content[: len(content) // 2],
    "without its end": lambda content: content[:-3],
    "without its beginning": lambda content: content[7:],
    "twice": lambda content: content + content,
    "UTF-16": lambda content: content.decode(errors="replace").encode("utf-16"),
    "Latin-1 in it": lambda content: content.replace(b"ship", b"sch\xf6n"),
    "NUL bytes in it": lambda content: content.replace(b"ship", b"sh\0p"),
    "control characters": lambda content: content.replace(b"ship", b"s\x01\x1bp"),
    "NaN": all_numbers(b"NaN"),
    "infinity": all_numbers(b"-Infinity"),
    "1e400": all_numbers(b"1e400"),
    "1e308": all_numbers(b"1e308"),
    "a number of 400 digits": all_numbers(b"1" * 400),
    "words for numbers": all_numbers(b'"abc"'),
    "null for numbers": all_numbers(b"null"),
    "lists for numbers": all_numbers(b"[[]]"),
    "below zero": every_third(WHOLE, b"-7"),
    "whole numbers beyond all": every_third(WHOLE, b"9" * 25),
    "objects for whole numbers": every_third(WHOLE, b"{}"),
    "members renamed": every_third(WORD, b'"other"'),
    "members all alike": every_third(WORD, b'"id"'),
    "paths that lead outside": lambda content: content.replace(b"scene.tif", b"../../../../etc/passwd"),
    "a formula": lambda content: content.replace(b"ship", b"=cmd|' /C calc'!A0"),
    "lists within lists": lambda content: b"[" * 200_000 + b"]" * 200_000,
    "objects within objects": lambda content: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "elements within elements": lambda content: b"<annotations>" * 20_000 + b"</annotations>" * 20_000,
    "entities that grow": lambda content: BOMB + content.partition(b"?>")[2],
    "entities from outside": lambda content: OUTSIDE,
    "a list": lambda content: b"[]",
    "a list of nothing": lambda content: b"[null, 1, []]",
    "an object": lambda content: b"{}",
    "a number": lambda content: b"7",
    "a page": lambda content: b"<html><body>Sign in</body></html>",
    "a virtual file of GDAL": lambda content: (
        b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>"
    ),
    "bits flipped": flipped(97),
    "many bits flipped": flipped(11),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory, everything):
    """Return the bytes of a good file of each format, and where to write them."""
    files = {}
    outline = shapely.Polygon([(20.5, 10.25), (40, 10), (25, 30.5)])
    shapes = [
        ("box", shapely.box(10.25, 20.5, 40.75, 60.125)),
        ("rotated_box", shapely.Polygon([(100, 90.5), (130, 120.5), (120, 130.5), (90, 100.5)])),
        ("polygon", outline),
        ("polygon", shapely.box(50, 50, 90.5, 90).difference(shapely.box(60, 60, 70.5, 71))),
        ("polygon", shapely.MultiPolygon([outline, shapely.affinity.translate(outline, 0, 100)])),
        ("polyline", shapely.LineString([(300.5, 300), (340, 310.25)])),
        ("keypoint", shapely.Point(400.25, 400.5)),
    ]
    answers = {"word": "a ship", "number": 0.5, "yes": True, "one": "a", "some": ("a", "b")}
    labels = LabelSet(
        annotations=[Annotation(class_id="ship", kind=k, geometry=g, attributes=answers) for k, g in shapes],
        grid=GRID,
        ontology=everything,
        scene_name="scene",
        image_name="scene.tif",
        scene_attributes={"haze": True},
    )
    for form_id in VECTOR:
        path = tmp_path_factory.mktemp(form_id) / f"scene{FORMATS[form_id].suffixes[-1]}"
        FORMATS[form_id].write(path, labels)
        files[form_id] = (path, path.read_bytes())
    return files


@pytest.mark.parametrize("form_id", VECTOR)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_bad_file_is_one_sentence_or_a_report(good, everything, form_id, name):
    path, content = good[form_id]
    path.write_bytes(MUTATIONS[name](content))
    form = FORMATS[form_id]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            columns = form.read(path, SCENE)
            class_map = dict.fromkeys([None, *columns.class_ids], "ship")
            _, report = columns.to_annotations(GRID, everything, class_map=class_map)
            said = [reason for _, reason in report.skipped] + report.notes
        except GeoLabelError as error:
            said = [str(error)]
    for sentence in said:
        assert "\n" not in sentence
        assert 0 < len(sentence) < 400
        assert "Traceback" not in sentence
    assert not any("root:x:0" in sentence for sentence in said)


@pytest.mark.parametrize("form_id", VECTOR)
@pytest.mark.parametrize("name", ["empty", "half", "UTF-16", "lists within lists", "bits flipped"])
def test_counting_and_recognising_take_any_file(good, form_id, name):
    path, content = good[form_id]
    path.write_bytes(MUTATIONS[name](content))
    form = FORMATS[form_id]
    assert form.recognises(path.read_bytes()[: 2**16]) in (True, False)
    with contextlib.suppress(GeoLabelError, OSError, sqlite3.Error):  # which is how it says that it cannot tell
        assert form.count(path) >= 0


@pytest.mark.parametrize("form_id", VECTOR)
def test_no_folder_pipe_or_address_is_opened(tmp_path, form_id):
    for place in (tmp_path, tmp_path / "missing", "https://example.org/a.json", "/vsicurl/https://example.org/a.json"):
        with pytest.raises(GeoLabelError):
            FORMATS[form_id].read(place, SCENE)

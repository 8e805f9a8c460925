"""The fuzzer's own parts: seeds that are good files, and a judge that tells finds from refusals."""

from __future__ import annotations

import json
import random
import runpy
from pathlib import Path

import pytest

from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.format import Format
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS
from tests.formats.test_bad_structure import nodes, replaced

OTHERS = ("coco-panoptic", "geojson-by-line", *(f"ontology-{each}" for each in ONTOLOGY_FORMATS))
SCRIPT = Path(__file__).parents[1] / "fuzz" / "fuzz_readers.py"


@pytest.fixture(scope="module")
def fuzz():
    return runpy.run_path(str(SCRIPT))


def test_every_reader_of_text_is_fuzzed(fuzz):
    found = {each.id for each in FORMATS.values() if each.reads and each.content == "vector"}
    assert set(fuzz["READERS"]) == found | set(OTHERS)


def test_what_belongs_to_a_file_lies_beside_what_is_fuzzed(fuzz, tmp_path):
    path = tmp_path / "scene.json"
    fuzz["lay_beside"]("stac", path)
    assert fuzz["one_input"]("stac", fuzz["seeds"]("stac")[0], path) == ""
    assert (tmp_path / "scene.geojson").is_file()


@pytest.mark.parametrize("name", OTHERS)
def test_the_seeds_of_the_others_are_good_files_too(fuzz, tmp_path, name):
    target = fuzz["TARGETS"][name]
    path = tmp_path / f"scene{target.suffix}"
    target.prepare(path)
    for seed in target.seeds():
        said = fuzz["one_input"](name, seed, path)
        assert not any(word in said for word in ("is no", "is not", "cannot"))
    assert fuzz["one_input"](name, b"\x00{", path)


OF_JSON = ("coco-panoptic", *(f"ontology-{f.id}" for f in ONTOLOGY_FORMATS.values() if f.syntax == "json"))
JUNK = (None, -1, 10**30, 1e300, "", [], {}, [None], [1, "a", {}])


@pytest.mark.parametrize("name", OF_JSON)
def test_one_wrong_member_anywhere_is_told_in_a_sentence(fuzz, tmp_path, name):
    target = fuzz["TARGETS"][name]
    path = tmp_path / f"scene{target.suffix}"
    target.prepare(path)
    good = json.loads(target.seeds()[0])
    places = nodes(good)
    dice = random.Random(name)  # noqa: S311  (no secret)
    for place in dice.sample(places, min(len(places), 10)):
        for junk in JUNK:
            fuzz["one_input"](name, json.dumps(replaced(good, place, junk)).encode(), path)


@pytest.mark.parametrize(
    ("name", "place", "junk"),
    [
        ("ontology-cvat", (0, "attributes", 0, "values"), 10**30),
        ("ontology-cvat", (0, "attributes", 0, "values"), True),
        ("ontology-encord", ("objects", 0, "featureNodeHash"), []),
        ("coco-panoptic", ("annotations", 0, "segments_info", 0, "id"), 10**30),
        ("coco-panoptic", ("categories", 0, "color"), ""),
    ],
)
def test_what_once_ended_in_a_traceback(fuzz, tmp_path, name, place, junk):
    target = fuzz["TARGETS"][name]
    path = tmp_path / f"scene{target.suffix}"
    target.prepare(path)
    changed = replaced(json.loads(target.seeds()[0]), place, junk)
    fuzz["one_input"](name, json.dumps(changed).encode(), path)


def test_geojson_that_is_another_file_line_by_line_is_a_find(fuzz, tmp_path, monkeypatch):
    from napari_geolabel.formats import geojson_read

    path, seed = tmp_path / "a.geojson", fuzz["seeds"]("geojson")[0]
    assert fuzz["one_input"]("geojson-by-line", seed, path) == ""
    read = geojson_read.read_by_line
    monkeypatch.setattr(geojson_read, "read_by_line", lambda found, take: read(found, lambda some: take(some[1:])))
    with pytest.raises(fuzz["FindError"], match="line by line"):
        fuzz["one_input"]("geojson-by-line", seed, path)


@pytest.mark.parametrize("form_id", ["geojson", "cvat", "labelbox", "gpkg"])
def test_seeds_are_read_and_nothing_is_said_against_them(fuzz, tmp_path, form_id):
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[-1]}"
    found = fuzz["seeds"](form_id)
    assert len(found) == len(fuzz["shapes"]()) + 2
    said = [fuzz["one_input"](form_id, seed, path) for seed in found]
    assert not any("no " in sentence and "JSON" in sentence for sentence in said)


OF_TEXT = ["geojson", "coco", "cvat", "labelstudio", "labelme", "labelbox", "vott", "hrsc", "encord", "stac"]


@pytest.mark.parametrize("form_id", OF_TEXT)
def test_random_bytes_and_random_edits_are_refused_in_a_sentence(fuzz, tmp_path, form_id):
    dice = random.Random(form_id)  # noqa: S311  (no secret)
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[-1]}"
    seed = fuzz["seeds"](form_id)[0]
    for _ in range(40):
        changed = bytearray(seed)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(changed))
            if dice.random() < 0.5:
                changed[place] = dice.randrange(256)
            else:
                del changed[place : place + dice.randint(1, 30)]
        fuzz["one_input"](form_id, bytes(changed), path)
        fuzz["one_input"](form_id, dice.randbytes(40), path)


def add_bad(fuzz, monkeypatch, reader):
    """Have a format of that reader fuzzed under the name ``bad``."""
    bad = Format(id="bad", title="Bad", suffixes=(".bad",), reader=reader)
    monkeypatch.setitem(fuzz["one_input"].__globals__, "FORMATS", {"bad": bad})
    target = fuzz["Target"](suffix=".bad", seeds=list, read=lambda path: fuzz["read_labels"]("bad", path))
    monkeypatch.setitem(fuzz["TARGETS"], "bad", target)


def test_what_is_no_sentence_is_a_find(fuzz, tmp_path, monkeypatch):
    from napari_geolabel.errors import FormatError

    def reader(path, image):
        raise FormatError("two\nlines")

    add_bad(fuzz, monkeypatch, reader)
    with pytest.raises(fuzz["FindError"], match="bad says"):
        fuzz["one_input"]("bad", b"", tmp_path / "a.bad")


def test_what_is_no_error_of_ours_is_a_find_too(fuzz, tmp_path, monkeypatch):
    def reader(path, image):
        raise KeyError("x")

    add_bad(fuzz, monkeypatch, reader)
    with pytest.raises(KeyError):
        fuzz["one_input"]("bad", b"", tmp_path / "a.bad")

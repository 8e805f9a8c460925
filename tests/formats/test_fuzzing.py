"""The fuzzer's own parts: seeds that are good files, and a judge that tells finds from refusals."""

from __future__ import annotations

import random
import runpy
from pathlib import Path

import pytest

from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.format import Format

SCRIPT = Path(__file__).parents[1] / "fuzz" / "fuzz_readers.py"


@pytest.fixture(scope="module")
def fuzz():
    return runpy.run_path(str(SCRIPT))


def test_every_reader_is_fuzzed(fuzz):
    assert set(fuzz["READERS"]) == {
        each.id for each in FORMATS.values() if each.reads and each.writes and each.content == "vector"
    }


def test_what_belongs_to_a_file_lies_beside_what_is_fuzzed(fuzz, tmp_path):
    path = tmp_path / "scene.json"
    fuzz["lay_beside"]("stac", path)
    assert fuzz["one_input"]("stac", fuzz["seeds"]("stac")[0], path) == ""
    assert (tmp_path / "scene.geojson").is_file()


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


def test_what_is_no_sentence_is_a_find(fuzz, tmp_path, monkeypatch):
    from napari_geolabel.errors import FormatError

    def reader(path, image):
        raise FormatError("two\nlines")

    bad = Format(id="bad", title="Bad", suffixes=(".bad",), reader=reader)
    monkeypatch.setitem(fuzz["one_input"].__globals__, "FORMATS", {"bad": bad})
    with pytest.raises(fuzz["FindError"], match="bad says"):
        fuzz["one_input"]("bad", b"", tmp_path / "a.bad")


def test_what_is_no_error_of_ours_is_a_find_too(fuzz, tmp_path, monkeypatch):
    def reader(path, image):
        raise KeyError("x")

    bad = Format(id="bad", title="Bad", suffixes=(".bad",), reader=reader)
    monkeypatch.setitem(fuzz["one_input"].__globals__, "FORMATS", {"bad": bad})
    with pytest.raises(KeyError):
        fuzz["one_input"]("bad", b"", tmp_path / "a.bad")

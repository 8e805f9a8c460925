"""Which format a path means, where it is read and written, and how others add theirs."""

from __future__ import annotations

import warnings
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, exporter_for, importer_for, registry
from napari_geolabel.formats.format import function_of
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.registry import Format, all_formats, recognised, same_suffix

POINTS = Format(id="points", title="Points", suffixes=(".pts",), writer=lambda path, labels: path.write_text("1"))
NOT_A_FORMAT = 7


@pytest.fixture
def added(monkeypatch):
    """Add entry points of another package for a while."""

    def add(**entries: str) -> None:
        found = [EntryPoint(name, value, registry.ENTRY_POINTS) for name, value in entries.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: found if group == registry.ENTRY_POINTS else [])
        all_formats.cache_clear()

    yield add
    all_formats.cache_clear()


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.geojson", "geojson"), ("a.JSON", "geojson"), ("b/a.gpkg", "gpkg"), ("m.tif", "mask"), ("m.TIFF", "mask")],
)
def test_the_suffix_tells_the_format(path, expected):
    assert exporter_for(path).id == expected


def test_a_named_format_wins_over_the_suffix():
    assert exporter_for("labels.txt", "geojson").id == "geojson"
    assert importer_for("labels.bin", format="mask").content == "mask"


@pytest.mark.parametrize("path", ["a.dxf", "folder/", "a"])
def test_an_unknown_suffix_is_one_sentence_that_lists_the_formats(path):
    with pytest.raises(FormatError, match=r"GeoJSON \(.geojson .json\), GeoPackage \(.gpkg\), mask GeoTIFF"):
        exporter_for(path)


def test_text_files_are_written_only_in_a_format_that_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"a\.txt may be yolo, yolo-seg, yolo-obb, dota; say which"):
        exporter_for("a.txt")
    assert exporter_for("a.txt", "dota").id == "dota"
    assert importer_for(tmp_path / "a.txt").id == "yolo"


@pytest.mark.parametrize("form_id", ["cvat", "labelstudio", "labelme", "vott", "hrsc", "xview", "xview3"])
def test_an_ending_of_its_own_tells_a_format_that_shares_its_suffix(form_id):
    assert exporter_for(f"scene{FORMATS[form_id].suffixes[0]}").id == form_id
    assert exporter_for("scene.json").id == exporter_for("scene.geojson").id == "geojson"


@pytest.mark.parametrize(("path", "ids"), [("a.xml", "voc, cvat, hrsc"), ("a.csv", "xview3")])
def test_a_shared_suffix_alone_is_asked_about(path, ids):
    with pytest.raises(FormatError, match=f"may be {ids}; say which"):
        exporter_for(path)


def test_what_cannot_be_read_is_not_offered_for_reading():
    with pytest.raises(FormatError, match=r"a\.dxf is of no format that labels can be read in; use GeoJSON"):
        importer_for("a.dxf")
    with pytest.raises(FormatError, match="cannot be read as 'word'; choose geojson, gpkg"):
        importer_for("a.json", "word")


def test_every_function_that_a_format_names_exists():
    for form in FORMATS.values():
        assert form.reads or form.writes
        for name in ("reader", "writer", "losses", "counter", "recogniser", "beside", "place"):
            work = getattr(form, name)
            assert work is None or callable(function_of(work)), f"{form.id}: {work}"


def test_ids_are_unique_and_shared_suffixes_can_be_told_apart():
    assert all(key == each.id for key, each in FORMATS.items())
    for form in FORMATS.values():
        for suffix in form.suffixes:
            sharing = [each for each in same_suffix("a" + suffix) if each.reads]
            assert len(sharing) < 2 or all(each.recogniser for each in sharing), suffix


def test_another_package_adds_a_format(monkeypatch, utm, ontology, tmp_path):
    monkeypatch.setattr(registry, "entry_points", lambda group: [_Loaded(POINTS)])
    all_formats.cache_clear()
    found = exporter_for("a.pts")
    assert (found.id, found.reads, found.writes) == ("points", False, True)
    found.write(tmp_path / "a.pts", LabelSet(annotations=[], grid=utm, ontology=ontology))
    assert (tmp_path / "a.pts").read_text() == "1"
    assert found.count(tmp_path / "a.pts") is None
    assert found.files_beside(tmp_path / "a.pts") == ()
    with pytest.raises(FormatError, match="can only be read, or only be written"):
        found.read(tmp_path / "a.pts")
    all_formats.cache_clear()


class _Loaded:
    """An entry point whose object is at hand."""

    def __init__(self, loaded: object, name: str = "points") -> None:
        self.loaded, self.name, self.value = loaded, name, "other.package:FORM"

    def load(self) -> object:
        return self.loaded


@pytest.mark.parametrize(
    ("loaded", "sentence"),
    [(NOT_A_FORMAT, "is no new format"), (Format(id="mask", title="Mask", suffixes=(".msk",)), "is no new format")],
)
def test_what_is_no_new_format_is_left_out_with_a_warning(monkeypatch, loaded, sentence):
    monkeypatch.setattr(registry, "entry_points", lambda group: [_Loaded(loaded)])
    all_formats.cache_clear()
    with pytest.warns(UserWarning, match=sentence):
        assert dict(all_formats()) == dict(FORMATS)
    all_formats.cache_clear()


def test_a_broken_package_takes_no_format_away(added):
    added(broken="napari_geolabel.no_such_module:FORM", also="napari_geolabel.formats:no_such_name")
    with pytest.warns(UserWarning, match="cannot be loaded") as caught:
        assert exporter_for("a.geojson").id == "geojson"
    assert len(caught) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exporter_for("a.geojson")  # said once


def test_the_first_is_taken_of_formats_that_nobody_can_tell_apart(tmp_path: Path):
    assert recognised(tmp_path / "missing.json", [FORMATS["geojson"], FORMATS["coco"]]) is FORMATS["geojson"]

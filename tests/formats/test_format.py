"""What a format is."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.catalogue import FORMATS
from napari_geolabel.formats.format import Format, function_of
from napari_geolabel.formats.registry import has_own_ending


def test_a_function_may_stand_there_by_its_name():
    assert function_of("pathlib:Path") is Path
    assert function_of(len) is len
    with pytest.raises(FormatError, match="can only be read, or only be written"):
        function_of(None)


def test_what_a_format_does_not_say_has_a_harmless_answer(tmp_path):
    bare = Format(id="a", title="A", suffixes=(".a",))
    assert (bare.reads, bare.writes, bare.whole) == (False, False, False)
    assert bare.lost(None) == []
    assert bare.count(tmp_path) is None
    assert bare.recognises(b"") is False
    assert bare.files_beside(tmp_path) == ()
    assert bare.placed(tmp_path, "scene") == tmp_path


def test_what_a_format_names_is_asked():
    form = Format(
        id="a",
        title="A",
        suffixes=(".a",),
        reader=lambda path, image: (path, image),
        losses=lambda labels: iter(["all"]),
        counter=lambda path: 7.0,
        recogniser=lambda head: head,
        beside=lambda path: [path],
        place=lambda path, stem: f"{path}/{stem}",
    )
    assert form.reads
    assert form.read(Path("x")) == (Path("x"), None)
    assert form.lost(None) == ["all"]
    assert (form.count(Path("x")), form.recognises(b"x"), form.recognises(b"")) == (7, True, False)
    assert form.files_beside(Path("x")) == (Path("x"),)
    assert form.placed(Path("x"), "scene") == Path("x/scene")


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_names_of_formats_are_fit_for_a_command_line_and_a_dialog(form):
    assert form.id == form.id.lower().strip()
    assert " " not in form.id
    assert form.title.strip() == form.title
    assert form.suffixes
    assert all(suffix == suffix.lower() for suffix in form.suffixes)


@pytest.mark.parametrize("form", [each for each in FORMATS.values() if each.writes], ids=lambda form: form.id)
def test_every_format_that_is_written_can_be_told_by_a_name_or_needs_one(form):
    first, last = (
        [each for each in FORMATS.values() if each.writes and suffix in each.suffixes]
        for suffix in (form.suffixes[0], form.suffixes[-1])
    )
    assert form.only_by_name or first == [form] or last[0] is form or has_own_ending(f"a{form.suffixes[0]}", form)

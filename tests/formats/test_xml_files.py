"""XML of unknown origin."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.xml_files import add_text, local_name, read_xml, to_bytes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.xml"


@given(text=st.text(max_size=30))
def test_any_text_can_be_written_and_read(tmp_path_factory, text):
    root = ET.Element("top")
    add_text(root, "word", text)
    path = tmp_path_factory.getbasetemp() / "a.xml"
    path.write_bytes(to_bytes(root))
    back = read_xml(path, "top", "Top").findtext("word")
    printable = "".join(c for c in text if c.isprintable() or c in "\t\n")
    assert all(character in back or character.isspace() for character in printable if character != "\r")


def test_a_namespace_is_no_part_of_a_name(path):
    path.write_text('<k:top xmlns:k="http://example.org"><k:in/></k:top>')
    root = read_xml(path, "top", "Top")
    assert [local_name(node) for node in root.iter()] == ["top", "in"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no XML that can be read safely"),
        (b"<top", "no XML that can be read safely"),
        (b"<other/>", "is no Top: it holds <other>, not <top>"),
        (b"\xff\xfe<top/>", "not UTF-8 text"),
        (b'<!DOCTYPE top SYSTEM "http://example.org/a.dtd"><top/>', "no XML that can be read safely"),
        (b'<!DOCTYPE top [<!ENTITY a "b">]><top>&a;</top>', "no XML that can be read safely"),
        (b'<?xml version="1.0" encoding="nonsense"?><top/>', "no XML that can be read safely"),
        (b"<top>&undefined;</top>", "no XML that can be read safely"),
    ],
)
def test_what_cannot_be_read_safely_is_one_sentence(path, content, sentence):
    path.write_bytes(content)
    with pytest.raises(FormatError, match=sentence):
        read_xml(path, "top", "Top")


def test_a_byte_order_mark_is_passed_over(path):
    path.write_bytes(b"\xef\xbb\xbf<top/>")
    assert local_name(read_xml(path, "top", "Top")) == "top"


def test_a_file_is_utf8_and_says_so():
    root = ET.Element("top")
    add_text(root, "word", "Schiff \N{LATIN SMALL LETTER O WITH DIAERESIS}\0")
    text = to_bytes(root)
    assert text.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<top>")
    assert "Schiff \N{LATIN SMALL LETTER O WITH DIAERESIS}<".encode() in text
    assert text.endswith(b"</top>\n")

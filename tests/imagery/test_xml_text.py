"""XML that two parsers could read differently is refused; what remains is read as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import UnsafeFileError
from napari_geolabel.imagery.xml_text import parse_xml, read_xml


@pytest.mark.parametrize(
    "text",
    [
        "<a><b>text</b></a>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<a><b>text</b></a>',
        "  <?xml version='1.0'?><a><b>text</b></a>",
        "<!-- first --><a>\n<!-- second -->\n<b>text</b><!-- third --></a>\n<!-- last -->",
        "<a><b><![CDATA[text]]></b></a>",
        "<a><b>te&#120;t</b></a>",
    ],
)
def test_plain_xml_is_read(text):
    root = parse_xml(text)
    assert root.tag == "a"
    assert root[0].text == "text"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><a/>",
        "<a b='1' b='2'/>",
        "<a>&unknown;</a>",
        "<a>&#0;</a>",
        "<a>\0</a>",
        "<a><?php x ?></a>",
        "<?xml version='1.0'?><?xml version='1.0'?><a/>",
        "<?x '?><a/><b ' ?><a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!doctype a><a/>",
        "<a>one<!-- two -->three</a>",
        "<a>one<!-- two --></a>",
        "<a><!-- two -->three</a>",
        "<a>one<![CDATA[two]]></a>",
        "<a><![CDATA[one]]>two</a>",
        "<a><![CDATA[one]]><![INCLUDE[two]]></a>",
    ],
)
def test_what_is_unsound_or_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(ValueError, match=r"\S"):
        parse_xml(text)


@pytest.mark.parametrize("depth", [900, 20_000])
def test_deep_xml_ends_in_an_error_or_an_element(depth):
    try:
        root = parse_xml("<a>" * depth + "</a>" * depth)
    except ValueError:
        return
    assert root.tag == "a"


def test_a_file_is_named_in_the_sentence(tmp_path):
    path = tmp_path / "scene.vrt"
    for content in (b"<a>", b"\xff\xfe<\0a\0/\0>\0", b"<a>\xe9</a>", b"<?xml version='1.0' encoding='UTF-16'?><a>"):
        path.write_bytes(content)
        with pytest.raises(UnsafeFileError, match=r"scene\.vrt is not sound XML .*move it away"):
            read_xml(path)


def test_a_folder_or_a_huge_file_is_no_xml(tmp_path):
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as file:
        file.truncate(65 * 2**20)
    for path in (tmp_path, huge, tmp_path / "nothing.xml"):
        with pytest.raises(UnsafeFileError, match="not an ordinary small file"):
            read_xml(path)


def test_a_mark_of_byte_order_is_no_text(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(b"\xef\xbb\xbf<a/>")
    assert read_xml(path).tag == "a"


@given(st.text(max_size=60))
def test_any_text_gives_an_element_or_an_error_of_one_kind(text):
    for candidate in (text, f"<a>{text}</a>", f"<a b='{text}'/>"):
        try:
            parse_xml(candidate)
        except ValueError:
            continue


@given(st.binary(max_size=80))
def test_any_bytes_give_an_element_or_a_sentence(tmp_path_factory, data):
    path: Path = tmp_path_factory.getbasetemp() / "any.xml"
    path.write_bytes(b"<a>" + data)
    try:
        read_xml(path)
    except UnsafeFileError as error:
        assert "any.xml" in str(error)  # noqa: PT017  (most bytes are no XML, some are)

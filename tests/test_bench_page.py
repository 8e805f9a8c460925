"""Where the figures of benchmarks go, and how they are found again."""

from __future__ import annotations

import json

import pytest

from benchmarks.page import Figures, NotMeasuredError, figures_path, marks, number_in, renew, show, tables_of

TEXT = """Some machine, load 1.2.

**COG**

| | napari-geolabel | rasterio per request |
|---|---:|---:|
| open | 28.9 | 5,373 (49x) |
| reads in 60 pans | 20 |  |

Words between.

| 1,000 polygons | CPU s | of rasterio's |
|:--|--:|--:|
| **`rasterize` of ours** | 0.30 | 0.26 |
"""


@pytest.fixture
def page(tmp_path):
    return tmp_path / "performance.md"


def test_a_section_is_added_to_a_page_that_has_none_and_renewed_there_afterwards(page):
    page.write_text("# Page\n")
    begin, end = marks("a")
    show(page, "a", "first")
    show(page, "a", "second\n\n")
    assert page.read_text() == f"# Page\n\n{begin}\n\nsecond\n\n{end}\n"


def test_only_the_section_of_the_part_is_renewed(page):
    (a, z), (b, y) = marks("one"), marks("two")
    page.write_text(f"before\n{a}\nold\n{z}\nbetween\n{b}\nkept\n{y}\nafter\n")
    renew(page, "one", "new")
    assert page.read_text() == f"before\n{a}\n\nnew\n\n{z}\nbetween\n{b}\nkept\n{y}\nafter\n"


def test_tables_are_found_under_their_first_heading_or_the_bold_line_before_them():
    first, second = tables_of(TEXT)
    assert first["title"] == "COG"
    assert first["columns"] == ["napari-geolabel", "rasterio per request"]
    assert first["rows"] == {"open": ["28.9", "5,373 (49x)"], "reads in 60 pans": ["20", ""]}
    assert second["title"] == "1,000 polygons"
    assert second["rows"] == {"`rasterize` of ours": ["0.30", "0.26"]}


def test_what_a_run_says_is_kept_as_json_with_the_machine_and_its_load(page):
    renew(page, "imagery", TEXT)
    told = json.loads(figures_path(page, "imagery").read_text("utf-8"))
    assert told["part"] == "imagery"
    assert told["tables"] == tables_of(TEXT)
    assert told["time"].endswith("+00:00")
    assert told["machine"]["cores"] >= 1
    assert "load" in told


@pytest.mark.parametrize(
    ("cell", "number"),
    [("5,373 (49x)", 5373), ("0.0", 0), ("-3.5 MiB", -3.5), ("1.6e+02x", 160), ("not told", None), ("", None)],
)
def test_the_number_of_a_cell_is_its_first(cell, number):
    assert number_in(cell) == number


def test_figures_are_found_by_part_table_row_and_column(page):
    renew(page, "imagery", TEXT)
    figures = Figures(page)
    assert figures.number("imagery", "COG", "open", "rasterio per request") == 5373
    assert figures.row("imagery", "COG", "reads") == {"napari-geolabel": 20}
    assert figures.number("imagery", "1,000", "`rasterize`", "of rasterio's") == 0.26
    assert figures.table("imagery", "")["title"] == "COG", "the first where any will do"


@pytest.mark.parametrize(
    ("part", "table", "row", "column"),
    [
        ("masks", "COG", "open", "napari-geolabel"),
        ("imagery", "strips", "open", "napari-geolabel"),
        ("imagery", "COG", "close", "napari-geolabel"),
        ("imagery", "COG", "open", "QGIS"),
    ],
)
def test_what_no_run_has_told_is_said_to_be_so(page, part, table, row, column):
    renew(page, "imagery", TEXT)
    with pytest.raises(NotMeasuredError):
        Figures(page).number(part, table, row, column)

"""docs/formats.md says what the formats do."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "scripts" / "formats_table.py"))


def test_the_page_is_what_the_script_writes(script):
    assert (ROOT / "docs" / "formats.md").read_text(encoding="utf-8") == script["page"]()


def test_what_the_table_says_of_some_formats_is_what_they_promise(script):
    fates: dict[str, dict[str, str]] = {}
    for table in script["page"]().split("\n\n"):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        for title, *cells in rows[2:]:
            fates.setdefault(title, {}).update(zip(rows[0][-len(cells) :], cells, strict=True))
    changed = {title: {what for what, fate in row.items() if fate != "kept"} for title, row in fates.items()}
    assert changed["GeoJSON"] == set()
    assert changed["COCO"] == changed["Label Studio"] == {"polyline", "rejected annotation"}
    assert changed["LabelMe"] == {"rejected annotation"}
    assert changed["CVAT for images"] == {"rejected annotation", "attributes of the scene"}
    assert len(fates) >= 15
    assert all(len(row) == 20 for row in fates.values())

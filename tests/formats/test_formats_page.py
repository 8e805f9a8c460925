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


def test_geojson_and_coco_keep_what_they_are_said_to_keep(script):
    table = [line.split(" | ") for line in script["page"]().splitlines() if line.startswith("| ")]
    fates = {row[0].removeprefix("| "): [cell.removesuffix(" |") for cell in row[1:]] for row in table}
    geojson, coco = fates[""].index("GeoJSON"), fates[""].index("COCO")
    rows = {name: fate for name, fate in fates.items() if name not in {"", "---"}}
    assert {fate[geojson] for fate in rows.values()} == {"kept"}
    assert {name for name, fate in rows.items() if fate[coco] != "kept"} == {"polyline", "rejected annotation"}

"""Tables for people, JSON for scripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from napari_geolabel.cli.tables import print_facts, print_json, print_table


def test_columns_line_up_and_nothing_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["band", "name"], [[1, "red"], [10, None], [0.5, 1e-4]])
    assert capsys.readouterr().out.splitlines() == [
        "  band  name",
        "  ----  ------",
        "  1     red",
        "  10    -",
        "  0.5   0.0001",
    ]


def test_a_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a", "bc"], [])
    assert capsys.readouterr().out == "  a  bc\n  -  --\n"


def test_facts_line_up_and_unknown_ones_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts({"size": "3 x 4", "CRS": None, "levels": 2})
    assert capsys.readouterr().out == "  size    3 x 4\n  levels  2\n"


def test_json_keeps_letters_and_makes_text_of_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": "Løgstør", "path": Path("a/b"), "made": datetime(2024, 5, 31, tzinfo=UTC), "none": None}
    print_json(value)
    text = capsys.readouterr().out
    assert "Løgstør" in text
    assert json.loads(text)["made"].startswith("2024-05-31")

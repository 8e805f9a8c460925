"""The site of the documentation: every page is in its menu, and the page of commands holds all of them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]
MENU = re.compile(r"^ +- [^:\n]+: (\S+\.md)$|^  - [^:\n]+: (\S+\.md)$", re.MULTILINE)


@pytest.fixture(scope="module")
def hook():
    """The module that mkdocs calls for each page."""
    spec = importlib.util.spec_from_file_location("cli_page", ROOT / "scripts" / "cli_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_in_the_menu_and_every_entry_of_the_menu_is_a_page():
    listed = [one or other for one, other in MENU.findall((ROOT / "mkdocs.yml").read_text("utf-8"))]
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert set(listed) == pages
    assert len(listed) == len(set(listed))


def test_the_page_of_commands_tells_each_with_its_options(hook):
    source = (ROOT / "docs" / "cli.md").read_text("utf-8")
    page = SimpleNamespace(file=SimpleNamespace(src_uri="cli.md"))
    made = hook.on_page_markdown(source, page=page, config=None, files=None)
    for command in ("info", "spectra", "ontology schema", "convert"):
        assert f"\n## geolabel {command}\n" in made
    section = made.split("## geolabel spectra\n")[1].split("\n## ")[0]
    for option in ("--pixel COL,ROW", "--labels FILE", "--library ID", "--keep"):
        assert f"| `{option}" in section
    assert "<!--" not in made
    assert all(row.count(" | ") == 1 for row in made.splitlines() if row.startswith("| `"))


def test_other_pages_are_left_alone(hook):
    page = SimpleNamespace(file=SimpleNamespace(src_uri="index.md"))
    assert hook.on_page_markdown("<!-- the commands -->", page=page) == "<!-- the commands -->"


def test_the_drawing_is_one_picture_with_words_for_those_who_do_not_see_it():
    drawing = (ROOT / "docs" / "images" / "how-it-thinks.svg").read_text("utf-8")
    assert 'aria-label="' in drawing
    assert "http://" not in drawing.replace("http://www.w3.org/2000/svg", "")
    assert (ROOT / "docs" / "how-it-thinks.md").read_text("utf-8").count("![") == 1

"""What the packages say of themselves, and the scripts that try them."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LICENCES = ROOT / "scripts" / "licences.py"


@pytest.fixture(scope="module")
def licence_of():
    return runpy.run_path(str(LICENCES))["licence_of"]


def test_a_licence_is_its_expression_then_its_classifiers_then_its_text(licence_of):
    marks = ["License :: OSI Approved :: MIT License"]
    assert licence_of({"words": "BSD-3-Clause", "marks": marks, "text": "long"}) == "BSD-3-Clause"
    assert licence_of({"words": None, "marks": marks, "text": "The MIT License\n\nCopyright"}) == "MIT License"
    assert licence_of({"words": None, "marks": ["License :: OSI Approved"], "text": " ISC \nmore"}) == "ISC"
    assert licence_of({"words": None, "marks": [], "text": None}) == "not named"
    assert licence_of({"words": "A|B", "marks": [], "text": None}) == r"A\|B"


def test_the_page_of_licences_has_a_row_for_each_direct_dependency():
    page = (ROOT / "docs" / "licences.md").read_text("utf-8").lower()
    rows = {re.sub(r"[-_.]+", "-", name) for name in re.findall(r"^\| ([\w.-]+) \|", page, re.MULTILINE)}
    needed = {re.sub(r"[-_.]+", "-", Requirement(line).name).lower() for line in PROJECT["dependencies"]}
    assert needed <= rows, f"run make package: {sorted(needed - rows)}"


def test_the_page_is_made_of_an_environment(tmp_path):
    page = tmp_path / "licences.md"
    done = subprocess.run(
        [sys.executable, str(LICENCES), sys.executable, str(page)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    lines = page.read_text("utf-8").splitlines()
    assert "| package | licence |" in lines
    assert any(line.startswith("| numpy | ") for line in lines)
    assert not any(line.startswith("| napari-geolabel |") for line in lines)


def test_every_dependency_has_a_lower_bound_that_is_met_here():
    from importlib.metadata import version

    for line in PROJECT["dependencies"]:
        needed = Requirement(line)
        assert any(part.operator == ">=" for part in needed.specifier), line
        assert Version(version(needed.name)) in needed.specifier, line


def test_pyside6_leaves_out_the_version_that_ends_python_3_11():
    (apart,) = (Requirement(line) for line in PROJECT["optional-dependencies"]["pyside6"] if line.startswith("PySide6"))
    assert Version("6.12.0") not in apart.specifier
    assert Version("6.12.1") in apart.specifier
    assert apart.marker.evaluate({"python_version": "3.11"})
    assert not apart.marker.evaluate({"python_version": "3.12"})


def test_the_napari_hub_finds_what_it_shows():
    said = metadata("napari-geolabel")
    assert "Framework :: napari" in said.get_all("Classifier")
    assert said["Summary"]
    assert said["License-Expression"] == "BSD-3-Clause"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert "# napari-geolabel" in (said["Description"] or said.get_payload())


def test_an_unknown_environment_is_named():
    script = ROOT / "scripts" / "test-versions.sh"
    done = subprocess.run(["bash", str(script), "python2"], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)  # 1 where there is no uv
    assert "python2" in done.stderr or "uv is needed" in done.stderr

"""What the documentation shows runs as it is written, and what it links to is there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample_data").glob("*.md")])
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks():
    """Every Python block of README.md and docs, with the page and line where it stands."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for match in BLOCK.finditer(text):
            name = f"{page.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 2}"
            yield name, match.group(1)


def page_id(page):
    return str(page.relative_to(ROOT))


@pytest.fixture
def checkout(tmp_path, sample_data):
    """A folder that holds the sample data, as the root of a checkout does, and may be written to."""
    (tmp_path / "sample_data").symlink_to(sample_data, target_is_directory=True)
    return tmp_path


RUN_BLOCKS = """
import json, os, sys
root = os.getcwd()
for number, (name, code) in enumerate(json.load(sys.stdin)):
    os.mkdir(f"{root}/block-{number}")
    os.chdir(f"{root}/block-{number}")
    os.symlink(f"{root}/sample_data", "sample_data", target_is_directory=True)
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
"""


@pytest.mark.parametrize("page", sorted({name.rpartition(":")[0] for name, _ in blocks()}))
def test_the_python_blocks_of_a_page_run_as_written_each_in_a_folder_of_its_own(page, checkout):
    wanted = [(name, code) for name, code in blocks() if name.rpartition(":")[0] == page]
    done = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", "-c", RUN_BLOCKS],
        input=json.dumps(wanted),
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr  # it names the page and the line of the block


SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPENS_A_WINDOW = {"open", "demo"}


@pytest.mark.parametrize("page", [page for page in PAGES if "```sh\ngeolabel" in page.read_text("utf-8")], ids=page_id)
def test_the_commands_of_a_page_run_as_written(page, checkout, monkeypatch):
    from typer.testing import CliRunner

    from napari_geolabel.cli import app

    monkeypatch.chdir(checkout)
    for block in SHELL_BLOCK.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == "geolabel", line
            if arguments[0] not in OPENS_A_WINDOW:
                done = CliRunner().invoke(app, arguments)
                assert done.exit_code == 0, f"{line}: {done.output}"


def test_the_readme_shows_about_ten_lines_and_they_leave_labels_and_a_mask(checkout):
    (code,) = BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    assert 8 <= len([line for line in code.splitlines() if line.strip()]) <= 12
    subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True, capture_output=True, timeout=240)
    assert (checkout / "labels.geojson").stat().st_size > 1000
    assert (checkout / "mask.tif").stat().st_size > 1000


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_within_the_repository_lead_somewhere(page):
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_the_glossary_says_what_to_avoid_and_defines_each_word_once():
    words = re.findall(r"^\*\*([^*]+)\*\* — ", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)
    assert len(words) == len(set(words)) > 25
    assert "*Avoid:*" in (ROOT / "docs" / "glossary.md").read_text("utf-8")


def test_the_architecture_draws_every_room():
    drawing = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert drawing.count("```mermaid") == 1
    for folder in (ROOT / "napari_geolabel").iterdir():
        if (folder / "__init__.py").is_file():
            assert f"<b>{folder.name}</b>" in drawing, folder.name


def test_the_readme_lists_every_command():
    from typer.main import get_command

    from napari_geolabel.cli.app import app

    readme = (ROOT / "README.md").read_text("utf-8")
    commands = get_command(app).commands
    assert commands
    for name in commands:
        assert f"`geolabel {name}" in readme, name


def test_the_page_on_ontologies_has_every_field_and_an_example_that_loads():
    from napari_geolabel.ontology import Attribute, Ontology, load_ontology
    from napari_geolabel.ontology.files import loads
    from napari_geolabel.ontology.limits import Size
    from napari_geolabel.ontology.model import LabelClass

    page = (ROOT / "docs" / "ontology.md").read_text("utf-8")
    headings = {Ontology: "## The ontology", LabelClass: "## A class", Size: "`size` has", Attribute: "## An attribute"}
    for model, heading in headings.items():
        table = page.split(heading, 1)[1].split("\n| field |", 1)[1].split("\n\n", 1)[0]
        told = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) - {"geolabel_ontology"}
        assert told == set(model.model_fields), heading
    example = loads(page.split("```yaml\n", 1)[1].split("```", 1)[0])
    assert example["ship"].size is not None
    assert load_ontology("maritime").id != example.id


def test_the_page_of_checks_has_every_rule_its_severity_and_what_mends_it():
    from napari_geolabel.annotations.fixes import FIXES
    from napari_geolabel.annotations.problems import RULES

    page = (ROOT / "docs" / "checks.md").read_text("utf-8")
    rules = re.findall(r"^\| `(\w+)` \| (\w+) \| .* \| (.*) \|$", page, re.MULTILINE)
    assert {rule: severity for rule, severity, _ in rules} == {rule: severity for rule, (severity, _) in RULES.items()}
    assert {rule for rule, _, mended in rules if mended != "-"} == set(FIXES)


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_changelog_knows_this_version():
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.gui
@pytest.mark.parametrize("options", [["--guard"], ["--batch", "--guard", "--guard-batch"]])
def test_the_script_of_the_upstream_report_survives_with_the_guard(options):
    script = ROOT / "docs" / "upstream" / "layer_removal_crash.py"
    command = [sys.executable, str(script), *options, "--rounds", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "round 3 of 3 is through" in done.stdout


def test_the_page_on_bands_names_every_composite_and_counts_the_indices():
    from napari_geolabel.imagery.composites import composites
    from napari_geolabel.imagery.indices import indices
    from napari_geolabel.imagery.sensors import sensors

    text = (ROOT / "docs" / "seeing-with-bands.md").read_text("utf-8")
    special = {"hh_hv"} & {composite.id for sensor in sensors().values() for composite in sensor.composites}
    for id_ in {*composites(), *special}:
        assert f"`{id_}`" in text
    assert f"{len(indices())} spectral indices" in text

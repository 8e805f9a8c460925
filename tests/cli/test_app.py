"""The command line as a whole: help, version, errors and speed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

COMMANDS = ["info", "composites", "render", "open", "export", "convert", "rasterize", "polygonize", "validate", "demo"]


def geolabel(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("geolabel")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


def test_the_installed_command_prints_its_version() -> None:
    done = geolabel("--version")
    assert (done.returncode, done.stdout) == (0, f"geolabel {version('napari-geolabel')}\n")


def test_help_lists_the_commands_in_order_of_use(run: Callable[..., Any]) -> None:
    text = run("--help").stdout
    places = [text.index(f"\n  {command} ") for command in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_explains_itself(run: Callable[..., Any], command: str) -> None:
    from typer.main import get_command

    from napari_geolabel.cli import app

    assert "Usage" in run(command, "--help").stdout
    described = get_command(app).commands[command]  # type: ignore[attr-defined]
    assert described.help
    for parameter in described.params:
        assert getattr(parameter, "help", None) or parameter.param_type_name == "argument", parameter.name


def test_no_command_at_all_prints_the_help(run: Callable[..., Any]) -> None:
    result = run()
    assert "Commands" in result.output


def test_help_imports_nothing_heavy_and_comes_at_once() -> None:
    code = (
        "import sys; from napari_geolabel.cli import main; sys.argv = ['geolabel', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'napari', 'qtpy', 'rasterio', 'geopandas', 'pyogrio', 'numpy', 'shapely', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    before = os.times()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert done.stdout.endswith("[]\n"), done.stdout[-500:] + done.stderr
    after = os.times()
    used_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert used_s < 5  # of processor time: a busy machine is no fault of the program


def test_an_error_is_one_sentence_on_standard_error_and_exit_code_1(tmp_path: Path) -> None:
    done = geolabel("info", tmp_path / "nowhere.tif")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("geolabel: ")
    assert "nowhere.tif" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistyped_option_is_exit_code_2_with_a_hint(run: Callable[..., Any]) -> None:
    result = run("info", "scene.tif", "--jsn")
    assert result.exit_code == 2
    assert "--json" in result.output


def test_the_module_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "napari_geolabel.cli", "--version"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("geolabel ")

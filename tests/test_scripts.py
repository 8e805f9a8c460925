"""What `make test` concludes from its runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "sum_up_tests.py"


@pytest.fixture
def run_pytest(tmp_path):
    """Run real tests of a given text and return their JUnit report."""

    def run(name, code):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"test_{name}.py").write_text(code)
        report = tmp_path / f"{name}.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # napari's plugin takes seconds to load
        subprocess.run(
            [*command, f"--junitxml={report}", str(folder)], capture_output=True, timeout=240, env=environment
        )
        return report

    return run


def sum_up(*arguments):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=180)


PASSING = "def test_one(): pass\ndef test_two(): pass\n"
SKIPPING = "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip({reason!r})\n"


def test_two_runs_become_one_closing_line(run_pytest):
    done = sum_up(run_pytest("core", PASSING), run_pytest("gui", PASSING))
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("=")
    assert " 4 passed in " in done.stdout.splitlines()[-1]


def test_failures_and_errors_fail_the_whole(run_pytest):
    code = "import pytest\n@pytest.fixture\ndef broken(): 1 / 0\ndef test_a(broken): pass\ndef test_b(): assert 0\n"
    done = sum_up(run_pytest("core", PASSING), run_pytest("gui", code))
    assert done.returncode == 1
    assert "1 failed, 2 passed, 1 error in" in done.stdout


def test_a_skipped_test_with_a_window_is_a_failure(run_pytest):
    core, gui = run_pytest("core", PASSING), run_pytest("gui", SKIPPING.format(reason="no screen"))
    done = sum_up(core, gui, "--must-run", gui)
    assert done.returncode == 1
    assert "test_two (no screen): a test with a window was skipped" in done.stdout
    assert "1 failed, 3 passed in" in done.stdout


@pytest.mark.parametrize("reason", ["real scenes (../shared/data) are not on this machine", "QGIS is not installed"])
def test_skips_for_missing_data_or_a_missing_qgis_are_allowed_and_counted(run_pytest, reason):
    gui = run_pytest("gui", SKIPPING.format(reason=reason))
    done = sum_up(gui, "--must-run", gui)
    assert done.returncode == 0
    assert "1 passed, 1 skipped in" in done.stdout


def test_skips_elsewhere_are_only_counted(run_pytest):
    core, gui = run_pytest("core", SKIPPING.format(reason="no reason")), run_pytest("gui", PASSING)
    done = sum_up(core, gui, "--must-run", gui)
    assert done.returncode == 0
    assert "3 passed, 1 skipped in" in done.stdout


def test_a_run_without_tests_or_without_a_report_fails(run_pytest, tmp_path):
    assert sum_up(run_pytest("core", "")).returncode == 1
    done = sum_up(run_pytest("gui", PASSING), tmp_path / "never.xml")
    assert done.returncode == 1
    assert "never.xml was not written" in done.stderr


def test_the_pictures_of_the_documentation_are_made_from_the_sample_and_small(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs_pictures.py"), str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = sorted(tmp_path.glob("*.jpg"))
    assert [path.name for path in made] == ["composites.jpg", "indices.jpg", "stretches.jpg", "swipe.jpg"]
    made.append(tmp_path / "spectra.png")
    assert sum(path.stat().st_size for path in made) < 350_000
    assert all((ROOT / "docs" / "images" / path.name).is_file() for path in made)

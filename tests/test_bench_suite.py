"""All benchmarks in one run: nothing that fails takes the others with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import pytest

from benchmarks import __main__ as suite
from benchmarks import bench_start, pictures, targets
from benchmarks.page import PAGE, Figures, figures_path, renew

PLAIN = suite.Part("plain", ("plain",), 1, "a part")
FIGURES = PAGE.with_suffix("")


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A folder of benchmarks of its own, and a page that is not the real one."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    monkeypatch.setattr(suite, "HERE", folder)
    monkeypatch.setattr(suite, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(suite, "PAGE", tmp_path / "performance.md")
    (folder / "__init__.py").touch()
    (folder / "plain.py").write_text("print('ran')")
    (folder / "broken.py").write_text("raise SystemExit('the disk is full')")
    (folder / "endless.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('child', 'w').write(str(child.pid))\ntime.sleep(600)"
    )
    return folder


def test_parts_that_fail_or_take_too_long_lose_nothing_of_the_others(lab, capsys):
    parts = [
        suite.Part("broken", ("broken",), 1, "a broken part"),
        suite.Part("endless", ("endless",), 0.01, "an endless part"),
        PLAIN,
    ]
    assert suite.run_all(parts) == 2
    told = capsys.readouterr().out
    assert "the disk is full" in told
    assert "took more than 0.01 minutes" in told
    assert "[ 3/3] a part ..." in told
    assert "2 of 3 parts failed: broken, endless" in told
    assert re.search(r"Total time 0 min \d\d s", told)
    assert (lab.parent / "logs" / "plain.log").read_text() == "ran\n"
    assert "| Reading |" in (lab.parent / "performance.md").read_text(), "the targets are made all the same"


def test_a_part_that_is_ended_takes_the_programs_that_it_started_along(lab):
    command = [sys.executable, "-m", "benchmarks.endless"]
    process = subprocess.Popen(command, cwd=lab.parent, start_new_session=True)
    note = lab.parent / "child"
    wait_until(lambda: note.is_file() and note.read_text())
    child = int(note.read_text())
    suite._end(process)
    assert process.returncode is not None
    wait_until(lambda: not is_running(child))


def wait_until(condition, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def test_every_part_is_a_module_whose_options_are_known():
    for part in suite.PARTS:
        source = (suite.HERE / f"{part.words[0]}.py").read_text("utf-8")
        for word in part.words[1:]:
            assert not word.startswith("--") or f'"{word}"' in source, f"{part.name}: {word}"
    assert len({part.name for part in suite.PARTS}) == len(suite.PARTS)


def test_an_unknown_part_is_refused_with_the_names_that_there_are():
    command = [sys.executable, "-m", "benchmarks", "imagry"]
    done = subprocess.run(command, cwd=PAGE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no part is called imagry; there are start, composite" in done.stderr


def test_every_target_is_measured_by_a_part_of_the_suite_and_says_why_it_may_be_missed():
    names = {part.name for part in suite.PARTS}
    assert {target.part for target in targets.TARGETS} <= names
    assert all(target.why for target in targets.TARGETS)
    assert {target.room for target in targets.TARGETS} == {
        "Reading", "Spectral", "Bench", "Label file", "Masks", "Formats", "Start-up",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sense", "limit", "good", "bad"), [("at least", 4, 4, 3.9), ("at most", 1.5, 1.5, 1.6), ("under", 10, 9.9, 10)]
)
def test_a_target_is_met_on_the_right_side_of_its_limit(sense, limit, good, bad):
    target = targets.Target(
        room="", what="", sense=sense, limit=limit, unit="x", measure=lambda _: 0.0, part="masks", why="because"
    )
    assert target.is_met(good)
    assert not target.is_met(bad)


def test_the_table_says_what_is_met_what_is_missed_and_why_and_what_nobody_has_measured(tmp_path):
    page = tmp_path / "performance.md"
    gestures = "`update` of an attribute | 0.6 | 1.2 | 0.5 |\n| `update` of a geometry | 0.8 | 3.80 | 0.7 |"
    heads = "| one gesture, median of 300 | ms | times the bare transaction | of it |\n|---|---|---|---|\n"
    renew(page, "labelfile", f"{heads}| {gestures}\n")
    targets.renew_targets(page)
    text = page.read_text()
    assert "until it is durable, of the bare transaction | at most 1.5x | 1.2x | met |" in text
    assert "| at most 1.5x | 3.8x | **missed**: the exact bytes" in text
    assert "not measured: `make bench-imagery`" in text
    assert f"1 of {len(targets.TARGETS)} targets are met" in text


def test_what_stands_on_the_page_is_what_the_figures_beside_it_give():
    assert targets.report(Figures(PAGE)).strip() in PAGE.read_text("utf-8"), "make bench-targets"


def test_every_make_target_that_the_table_names_exists():
    makefile = (PAGE.parents[1] / "Makefile").read_text("utf-8")
    assert all(f"\nbench-{target.part}:" in makefile for target in targets.TARGETS)


def test_bars_are_drawn_for_all_that_is_measured_each_with_its_number(tmp_path):
    page = tmp_path / "performance.md"
    shutil.copytree(FIGURES, tmp_path / "performance", ignore=shutil.ignore_patterns("*.svg"))
    drawn = pictures.draw_all(page)
    assert len(drawn) == sum(
        figures_path(PAGE, drawing.name).with_suffix(".svg").is_file() for drawing in pictures.DRAWINGS
    )
    for path in drawn:
        tree = ET.parse(path)  # noqa: S314  (our own)
        words = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert "napari-geolabel" in words
        bars = [float(bar.get("width")) for bar in tree.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
        assert len(bars) == sum(bool(re.fullmatch(r"[\d,.e+-]+ m?s", word)) for word in words)
        assert all(0 < bar < pictures.WIDTH for bar in bars)


def test_longer_bars_stand_for_larger_numbers():
    drawn = pictures.svg("t", "ms", {"pan": {"napari-geolabel": 3.0, "a": 30.0, "b": 3000.0}})
    widths = [float(width) for width in re.findall(r'<rect x="\d+" y="\d+" width="([\d.]+)"', drawn)]
    assert widths == sorted(widths)
    assert widths[2] - widths[1] == pytest.approx(2 * (widths[1] - widths[0]), abs=0.2), "a logarithmic scale"


def test_starts_are_timed_in_processes_of_their_own_and_told_beyond_python_s(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench_start, "IMPORTS", {"import napari_geolabel": "napari_geolabel"})
    page = tmp_path / "performance.md"
    monkeypatch.setattr(sys, "argv", ["bench_start", "--rounds", "1", "--report", str(page)])
    bench_start.main()
    figures = Figures(page)
    for row in ("Python alone", "import napari_geolabel", "geolabel --help", "napari finds"):
        assert figures.number("start", "start", row, "ms") > 0
    assert "beyond Python's own start" in capsys.readouterr().out


def test_figures_are_json_with_a_time_or_none_where_an_earlier_run_was_taken_over():
    for path in FIGURES.glob("*.json"):
        told = json.loads(path.read_text("utf-8"))
        assert told["part"] == path.stem
        assert told["tables"]

"""The promises of the label file under faults; ``make faults`` runs the same with many more rounds."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from napari_geolabel.annotations import Annotation, Change, Edit
from napari_geolabel.labelfile import LabelFile
from napari_geolabel.ontology import Kind

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault tests fork"),
    pytest.mark.timeout(900),  # rounds of another process, on whatever machine
]

LAB = Path(__file__).with_name("faultlab.py")
SYNCED_COMMIT = """
import os, sys
sys.path.insert(0, {folder!r})
from pathlib import Path
import faultlab, shapely
path = Path({path!r})
labels = faultlab.open_desk(path)
os.write(1, b"BEFORE\\n")
labels.add(shapely.box(5, 5, 15, 10), "ship")
labels.flush()
os.write(1, b"ACKNOWLEDGED\\n")
labels.export(path.with_suffix(".geojson"))
os.write(1, b"EXPORTED\\n")
labels.close()
"""


def run_lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the laboratory as a program of its own, so that a fork of it has no threads of pytest's."""
    return subprocess.run([sys.executable, str(LAB), *arguments], capture_output=True, text=True, timeout=850)


def rounds(name: str, quick: int) -> str:
    """Return how many rounds to run: those of the environment, or few."""
    return os.environ.get(f"GEOLABEL_FAULTS_{name}", str(quick))


def test_after_kill_9_at_any_moment_every_acknowledged_edit_is_there() -> None:
    wanted = rounds("KILL", 20)

    done = run_lab("kill", "--rounds", wanted, "--seed", "7")

    assert f"{wanted} of {wanted} rounds: every acknowledged edit was there" in done.stdout, done.stdout + done.stderr


def test_no_flipped_bit_loses_an_edit_or_goes_unnoticed() -> None:
    wanted = rounds("FLIP", 60)

    done = run_lab("flip", "--rounds", wanted, "--seed", "7")

    assert f"{wanted} of {wanted} flipped bits" in done.stdout, done.stdout + done.stderr


def test_of_two_processes_that_edit_one_file_every_edit_lands_or_is_shown_as_a_conflict() -> None:
    wanted = rounds("PAIR", 60)

    done = run_lab("pair", "--rounds", wanted)

    assert f"{2 * int(wanted)} edits" in done.stdout, done.stdout + done.stderr


def test_a_file_is_synced_before_it_is_called_saved_and_before_and_after_it_is_renamed(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    script = tmp_path / "commit.py"
    script.write_text(SYNCED_COMMIT.format(folder=str(LAB.parent), path=str(tmp_path / "a.labels.gpkg")))
    trace = tmp_path / "trace"
    calls = "trace=openat,close,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", calls, sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if "ptrace" in done.stderr and "permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    lines = trace.read_text().splitlines()
    before, acknowledged, exported = (
        next(i for i, line in enumerate(lines) if f'"{word}' in line) for word in ("BEFORE", "ACKNOWLEDGED", "EXPORTED")
    )

    commit = lines[before:acknowledged]
    written = [i for i, line in enumerate(commit) if "pwrite64" in line and "-wal>" in line]
    synced = [i for i, line in enumerate(commit) if re.search(r"f(data)?sync\(", line) and "-wal>" in line]
    assert written, "the edit went to the write-ahead log"
    assert synced
    assert synced[-1] > written[-1], "what was written last was synced before the acknowledgement"

    export = lines[acknowledged:exported]
    renamed = next(i for i, line in enumerate(export) if re.search(r"rename\w*\(", line) and ".geojson" in line)
    assert any("fsync" in line and ".geojson>" in line for line in export[:renamed]), "the new file is synced first"
    assert any("fsync" in line and f"<{tmp_path}>" in line for line in export[renamed:]), "its folder is synced last"


def test_the_laboratory_finds_a_loss_that_is_there(lab, tmp_path: Path) -> None:
    path = tmp_path / "a.labels.gpkg"
    state = lab.make_worn_file(path)

    assert lab.check_after_kill(path, [f"open {state}"]) == "0 acknowledged"
    with pytest.raises(AssertionError, match="acknowledged was"):
        lab.check_after_kill(path, [f"open {state}", "try 1", "ack 1"])


def test_the_laboratory_sees_a_change_that_is_not_whole(lab, tmp_path: Path) -> None:
    path = tmp_path / "a.labels.gpkg"
    lab.make_worn_file(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM journal WHERE entry = (SELECT max(entry) FROM journal)")
    with LabelFile.open(path, grid=lab.GRID, mode="r") as file:
        contents = file.load()

    with pytest.raises(AssertionError, match="1 changes are not whole"):
        lab.check_soundness(path, contents)


def test_the_laboratory_counts_each_edit_once(lab, tmp_path: Path) -> None:
    path = tmp_path / "a.labels.gpkg"
    labels = lab.open_desk(path)
    for title in ("one", "two", "two"):
        ship = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(0, 0, 9, 9))
        labels.store.apply(Change(title=title, edits=(Edit(after=ship),)))
    labels.close()

    assert lab.check_pair(path, ["one"]) == "1 edits = 1 landed + 0 shown as conflicts"
    with pytest.raises(AssertionError, match="1 of 1 edits are lost"):
        lab.check_pair(path, ["never made"])
    with pytest.raises(AssertionError, match="1 edits are there more than once"):
        lab.check_pair(path, ["one", "two"])


@pytest.mark.parametrize("name", ["out.geojson", "out.gpkg", "out.tif"])
def test_the_laboratory_tells_an_export_that_is_not_what_was_written_last(lab, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.labels.gpkg"
    lab.make_worn_file(path)
    labels = lab.open_desk(path)
    told: list[str] = []
    lab.export(labels, tmp_path / name, told.append)
    none = dict.fromkeys(lab.EXPORTS)

    assert lab.check_exports(path, told, none) == "1 exports whole"
    assert lab.content_of(tmp_path / name) == told[0].split()[-1]
    labels.remove(list(labels)[:2])
    labels.paint(shapely.box(0, 0, 99, 99), "buoy")
    lab.export(labels, tmp_path / name, lambda line: None)
    labels.close()
    with pytest.raises(AssertionError, match=name):
        lab.check_exports(path, told, none)

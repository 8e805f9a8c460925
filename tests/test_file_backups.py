"""Numbered copies of what is about to be replaced."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import WriteError
from napari_geolabel.file_backups import KEPT, backups_of, keep_backup
from napari_geolabel.files import atomic_write


def write(path: Path, text: str) -> None:
    """Replace a file as an export does: keep a backup, then publish the new one."""
    keep_backup(path)
    with atomic_write(path) as temporary:
        temporary.write_bytes(text.encode())


def texts(path: Path) -> list[str]:
    """Return what the backups of a file hold, newest first."""
    return [(folder / path.name).read_text() for folder in backups_of(path)]


def test_nothing_is_kept_of_what_is_not_there(tmp_path: Path) -> None:
    assert keep_backup(tmp_path / "a.geojson") is None
    assert backups_of(tmp_path / "a.geojson") == []
    assert list(tmp_path.iterdir()) == []


def test_the_newest_copy_has_number_one_and_five_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    for number in range(8):
        write(path, str(number))

    assert path.read_text() == "7"
    assert texts(path) == ["6", "5", "4", "3", "2"]
    assert [folder.name for folder in backups_of(path)] == ["1", "2", "3", "4", "5"]
    assert backups_of(path)[0] == tmp_path / ".backups" / "a.geojson" / "1"


@given(versions=st.lists(st.text(max_size=20), max_size=12))
def test_the_copies_are_the_last_five_versions_whatever_they_were(tmp_path_factory, versions: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.json"
    for text in versions:
        write(path, text)

    kept = [text.encode() for text in versions[:-1][::-1][:KEPT]]
    assert [(folder / path.name).read_bytes() for folder in backups_of(path)] == kept


def test_asking_again_after_a_failure_keeps_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, "old")
    write(path, "new")

    for _ in range(10):
        keep_backup(path)

    assert texts(path) == ["new", "old"]


def test_files_that_belong_together_are_kept_together_under_their_own_names(tmp_path: Path) -> None:
    mask, sidecar = tmp_path / "mask.tif", tmp_path / "mask.tif.aux.xml"
    mask.write_text("pixels")
    sidecar.write_text("names")

    keep_backup(mask, [sidecar, tmp_path / "mask.qml"])

    assert {p.name: p.read_text() for p in backups_of(mask)[0].iterdir()} == {
        "mask.tif": "pixels",
        "mask.tif.aux.xml": "names",
    }


def test_a_sidecar_that_changed_makes_another_copy(tmp_path: Path) -> None:
    mask, sidecar = tmp_path / "mask.tif", tmp_path / "mask.qml"
    mask.write_text("pixels")
    keep_backup(mask, [sidecar])
    sidecar.write_text("style")
    keep_backup(mask, [sidecar])

    assert [len(list(folder.iterdir())) for folder in backups_of(mask)] == [2, 1]


def test_a_folder_that_is_one_output_is_kept_whole(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    (folder / "labels").mkdir(parents=True)
    (folder / "labels" / "a.txt").write_text("0 1 1")

    keep_backup(folder)
    shutil.rmtree(folder)

    assert (backups_of(folder)[0] / "dataset" / "labels" / "a.txt").read_text() == "0 1 1"


def test_a_link_is_followed_and_the_copy_lies_beside_the_real_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.json", tmp_path / "b.json"
    real.write_text("old")
    link.symlink_to(real)

    write(link, "new")

    assert real.read_text() == "new"
    assert texts(real) == ["old"]
    assert backups_of(link) == backups_of(real)


def test_without_hard_links_the_bytes_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.json"
    for text in ("one", "two", "three"):
        write(path, text)
    keep_backup(path)
    keep_backup(path)

    assert texts(path) == ["three", "two", "one"]
    assert (backups_of(path)[0] / "a.json").stat().st_ino != path.stat().st_ino


def test_a_copy_that_cannot_be_kept_stops_the_writing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    (tmp_path / ".backups").write_text("in the way")

    with pytest.raises(WriteError, match=r"a\.json was not replaced, since no backup .* choose another name"):
        write(path, "new")

    assert path.read_text() == "old"


def test_on_a_full_disk_the_old_file_and_its_copies_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write(path, "one")
    write(path, "two")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("napari_geolabel.file_backups.mkdtemp", full)
        with pytest.raises(WriteError, match="No space left"):
            write(path, "three")

    assert path.read_text() == "two"
    assert texts(path) == ["one"]


def test_a_gap_in_the_numbers_is_filled_before_a_copy_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for number in range(6):
        write(path, str(number))
    shutil.rmtree(backups_of(path)[2])  # number 3, as a kill between two renames leaves it

    write(path, "6")

    assert texts(path) == ["5", "4", "3", "1", "0"]


def test_what_a_killed_session_left_half_made_is_swept_once_it_is_old(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, "one")
    write(path, "two")
    shelf = tmp_path / ".backups" / "a.json"
    old, young = shelf / ".making-old", shelf / ".making-young"
    for left in (old, young):
        left.mkdir()
        (left / "a.json").write_text("half")
    os.utime(old, (1, 1))

    write(path, "three")

    assert not old.exists()
    assert young.exists()
    assert texts(path) == ["two", "one"]


CHILD = """
import os, sys
from pathlib import Path
import napari_geolabel.file_backups as backups
from napari_geolabel.files import atomic_write
path, fatal = Path(sys.argv[1]), int(sys.argv[2])
steps = 0
def count(event, args):
    global steps
    if event in ("os.rename", "os.link", "os.mkdir", "shutil.rmtree", "os.remove") and ".backups" in str(args):
        steps += 1
        if steps == fatal:
            os.kill(os.getpid(), 9)
sys.addaudithook(count)
backups.keep_backup(path)
with atomic_write(path) as temporary:
    temporary.write_text("new")
print("done")
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_kill_at_any_step_loses_no_version_but_the_oldest(tmp_path: Path) -> None:
    for fatal in range(1, 30):
        path = tmp_path / str(fatal) / "a.json"
        path.parent.mkdir()
        for number in range(7):
            write(path, str(number))

        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(path), str(fatal)], capture_output=True, text=True, timeout=60
        )

        held = [path.read_text(), *texts(path)]
        assert {"6", "5", "4", "3", "2"} <= set(held), (fatal, held, done.stderr)
        write(path, "later")
        assert path.read_text() == "later"
        if done.stdout == "done\n":
            assert fatal > 5, "the hook saw the steps"
            return
    pytest.fail("no run came to its end")

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile import Failed, Saved


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted: {done.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(folder: Path) -> Path:
    """Fill a disk to the last byte and return the file that does it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def test_on_a_full_disk_nothing_is_lost_and_work_goes_on_when_there_is_room(
    small_disk, open_file, make_ship, add, sqlite
) -> None:
    where = small_disk / "scene.labels.gpkg"
    file = open_file(where)
    saved, kept = [make_ship(n) for n in range(20)], [make_ship(n) for n in range(100)]
    for ship in saved:
        file.record(add(ship))
    file.flush()
    ballast = fill_up(small_disk)
    for ship in kept:
        file.record(add(ship))

    with pytest.raises(WriteError, match=r"disk of .* is full; make room"):
        file.flush(timeout_s=60)
    assert isinstance(file.status, Failed)
    assert file.status.count > 0
    with pytest.raises(WriteError):
        file.close()

    ballast.unlink()
    file.retry()
    file.flush(timeout_s=60)
    assert file.status == Saved()
    file.close()
    assert open_file(where).load().annotations == saved + kept


def test_what_a_full_disk_cannot_take_goes_to_another_place(small_disk, tmp_path, open_file, make_ship, add) -> None:
    file = open_file(small_disk / "scene.labels.gpkg")
    ships = [make_ship(n) for n in range(200)]
    for ship in ships[:20]:
        file.record(add(ship))
    file.flush()
    fill_up(small_disk)
    for ship in ships[20:]:
        file.record(add(ship))
    with pytest.raises(WriteError):
        file.flush(timeout_s=60)

    file.save_as(tmp_path / "rescued.labels.gpkg")

    assert file.status == Saved()
    assert file.path == tmp_path / "rescued.labels.gpkg"
    file.record(add(make_ship(399)))
    file.close()
    assert len(open_file(tmp_path / "rescued.labels.gpkg").load().annotations) == 201


def test_a_checkpoint_that_fails_on_a_full_disk_loses_nothing(small_disk, open_file, make_ship, add) -> None:
    where = small_disk / "scene.labels.gpkg"
    file = open_file(where)
    for n in range(30):
        file.record(add(make_ship(n)))
    file.flush()
    ballast = fill_up(small_disk)

    file.close()

    assert "keeps its write-ahead log" in file.notes[-1]
    ballast.unlink()
    assert len(open_file(where).load().annotations) == 30


def test_a_file_that_is_deleted_is_noticed_and_everything_goes_to_another_place(
    open_file, path, tmp_path, make_ship, add
) -> None:
    file = open_file()
    ships = [make_ship(n) for n in range(5)]
    for ship in ships[:3]:
        file.record(add(ship))
    file.flush()
    path.unlink()
    for ship in ships[3:]:
        file.record(add(ship))

    with pytest.raises(WriteError, match="was deleted while it was open; save to another place"):
        file.flush()
    assert not path.exists(), "no empty file may appear in its place"

    file.save_as(tmp_path / "rescued.labels.gpkg")
    assert len(list(file.log())) == 5, "the journal is rescued with the labels"
    file.close()
    assert open_file(tmp_path / "rescued.labels.gpkg").load().annotations == ships


def test_a_file_that_is_replaced_is_not_written_to_and_memory_is_the_rescue(
    open_file, path, tmp_path, make_ship, add, paint
) -> None:
    other = open_file(tmp_path / "other.labels.gpkg")
    other.close()
    file = open_file()
    ships = [make_ship(n) for n in range(5)]
    for ship in ships[:3]:
        file.record(add(ship))
    file.record(add(ships[0]).reversed())  # and back again, where it was in the draw order
    file.record(add(ships[0]))
    file.record(paint(4))
    file.flush()
    shutil.copy(tmp_path / "other.labels.gpkg", tmp_path / "copy")
    before = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").replace(path)
    for ship in ships[3:]:
        file.record(add(ship))

    with pytest.raises(WriteError, match="was replaced by another file"):
        file.flush()
    assert path.read_bytes() == before

    file.save_as(tmp_path / "rescued.labels.gpkg")
    file.close()
    contents = open_file(tmp_path / "rescued.labels.gpkg").load()
    assert contents.annotations == ships
    assert contents.tiles[0, 0][:100] == bytes([4]) * 100


def test_an_idle_session_notices_within_seconds_that_its_file_is_gone(open_file, path, until) -> None:
    file = open_file()
    path.unlink()

    until(lambda: isinstance(file.status, Failed))

    assert "deleted" in file.status.reason


def test_a_file_that_comes_back_to_its_place_is_written_to_again(open_file, path, make_ship, add, monkeypatch) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.writer.RETRY_SECONDS", 3600)  # `flush` alone tries again
    file = open_file()
    path.rename(path.with_name("away"))
    file.record(add(make_ship()))
    with pytest.raises(WriteError):
        file.flush()
    path.with_name("away").rename(path)

    file.flush(timeout_s=60)

    assert file.status == Saved()


def test_a_locked_file_is_told_and_written_when_it_is_free(open_file, path, make_ship, add, monkeypatch, until) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.connection.BUSY_SECONDS", 0.2)
    file = open_file()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    file.record(add(make_ship()))

    with pytest.raises(WriteError, match="is locked by another program"):
        file.flush()

    blocker.execute("ROLLBACK")
    blocker.close()
    until(lambda: file.status == Saved())  # the writer tries again by itself


def test_a_flush_that_takes_too_long_says_how_much_waits(open_file, path, make_ship, add, monkeypatch) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.connection.BUSY_SECONDS", 100)
    file = open_file()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    file.record(add(make_ship()))

    with pytest.raises(WriteError, match=r"1 changes are not yet in .* after 0.3 s"):
        file.flush(timeout_s=0.3)

    blocker.execute("ROLLBACK")
    blocker.close()


def test_a_change_that_cannot_be_stored_is_told_and_blocks_nothing_silently(
    open_file, make_ship, add, tmp_path
) -> None:
    file = open_file()
    file.record(add(make_ship(attributes={"name": object()})))

    with pytest.raises(WriteError, match="object is no value that a label file can hold"):
        file.flush()
    assert isinstance(file.status, Failed)


def test_saving_over_an_existing_file_is_refused(open_file, tmp_path) -> None:
    (tmp_path / "taken").write_text("x")

    with pytest.raises(WriteError, match="exists already"):
        open_file().save_as(tmp_path / "taken")


def test_a_place_that_cannot_be_written_leaves_everything_as_it_was(open_file, tmp_path, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship()))

    with pytest.raises(WriteError, match="is not a folder"):
        file.save_as(tmp_path / "no" / "such" / "folder.gpkg")

    file.flush()
    assert file.status == Saved()


def test_a_clock_that_is_set_back_changes_no_order(open_file, make_ship, add, update, monkeypatch) -> None:
    times = iter(f"2024-05-{31 - n:02d}T12:00:00.000Z" for n in range(30))
    for module in ("transaction", "sessions", "birth"):
        monkeypatch.setattr(f"napari_geolabel.labelfile.{module}.now", lambda: next(times))
    ship = make_ship()
    file = open_file()
    changes = [add(ship), update(ship, confidence=0.1)]
    changes.append(update(changes[1].edits[0].after, confidence=0.2))
    for change in changes:
        file.record(change)
    file.close()

    file = open_file()
    assert file.load().annotations[0].confidence == 0.2
    assert file.load().history == changes
    assert [entry.seq for entry in file.log()] == [1, 2, 3]
    at = [entry.at for entry in file.log()]
    assert at == sorted(at, reverse=True), "the clock did run backwards"


def test_what_waits_together_is_synced_together(open_file, path, make_ship, add, sqlite) -> None:
    file = open_file()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    ships = [make_ship(n) for n in range(300)]
    for ship in ships:
        file.record(add(ship))
    told: list[str] = []
    file._writer.ledger.db.set_trace_callback(told.append)

    blocker.execute("ROLLBACK")
    blocker.close()
    file.flush()

    assert sqlite(path, "SELECT count(*) FROM change") == [(300,)], "each is a change of its own"
    assert 1 <= told.count("COMMIT") < 10


def test_a_change_that_cannot_be_stored_is_set_aside_and_all_others_land(
    open_file, path, make_ship, add, sqlite
) -> None:
    file = open_file()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for n in range(5):
        file.record(add(make_ship(n)))
    bad = add(make_ship(attributes={"name": object()}))
    file.record(bad)
    file.record(add(make_ship(7)))
    blocker.execute("ROLLBACK")
    blocker.close()

    with pytest.raises(WriteError, match=r"cannot hold 1 change .*no value that a label file can hold.*else is saved"):
        file.flush()

    assert sqlite(path, "SELECT count(*) FROM change") == [(6,)]
    assert isinstance(file.status, Failed)
    assert file.status.count == 1
    assert file._writer.waiting() == [bad], "nothing is lost: it is still in memory"
    with pytest.raises(WriteError, match="cannot hold"):
        file.close()
    file.retry()
    with pytest.raises(WriteError, match="cannot hold"):
        file.flush()


@pytest.mark.parametrize("mended", [True, False], ids=["mended", "undone"])
def test_what_was_set_aside_lands_when_it_is_mended_and_is_gone_when_it_is_undone(
    open_file, make_ship, add, update, mended
) -> None:
    bad = make_ship(attributes={"name": "half a \ud800 sign"})
    file = open_file()
    file.record(add(bad))
    with pytest.raises(WriteError, match="cannot hold"):
        file.flush()
    file.record(add(other := make_ship(9)))

    mend = update(bad, attributes={"name": "a sign"})
    file.record(mend if mended else add(bad).reversed())

    file.flush()
    assert file.status == Saved()
    assert file.conflicts() == []
    file.close()
    found = {a.id: a for a in open_file().load().annotations}
    assert found == {other.id: other} | ({bad.id: mend.edits[0].after} if mended else {})


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_that_ends_the_writer_keeps_nobody_waiting(open_file, make_ship, add) -> None:
    file = open_file()

    with pytest.raises(WriteError, match="has stopped"):
        file._writer.call(sys.exit)
    file._writer._thread.join()

    with pytest.raises(WriteError, match="export the labels"):
        file._writer.call(lambda: None)
    with pytest.raises(WriteError):
        file.record(add(make_ship()))
    file.discard()


def test_what_the_disk_refuses_on_request_is_one_sentence(open_file, path, tmp_path, monkeypatch) -> None:
    file = open_file()

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("napari_geolabel.labelfile.beginning.begin_session", refuse)
    with pytest.raises(WriteError, match=r"elsewhere.gpkg was not written \(disk I/O error\)"):
        file.save_as(tmp_path / "elsewhere.gpkg")
    assert file.path == path
    monkeypatch.setattr(file, "_put_ontology", refuse)
    with pytest.raises(WriteError, match="disk I/O error"):
        file.use_ontology(file.ontology)
    monkeypatch.setattr(file, "_resolve", refuse)
    with pytest.raises(WriteError, match="disk I/O error"):
        file.resolve(None)
    file.flush()

"""The lock of network drives keeps all but one writer out, and whoever lost it finds out."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile import Failed, LabelFile, Saved, connection, lock_file
from napari_geolabel.labelfile.lock_file import LockFile


@pytest.fixture
def on_network(monkeypatch):
    """Let every folder lie on a network drive."""
    monkeypatch.setattr(connection, "filesystem_of", lambda path: "nfs4")


def test_on_a_network_drive_there_is_no_write_ahead_log_and_one_writer(
    open_file, path, on_network, make_ship, add, sqlite
) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.flush()
    assert not path.with_name(path.name + "-wal").exists()
    assert sqlite(path, "PRAGMA journal_mode") == [("delete",)]

    with pytest.raises(WriteError, match=r"is open in another session \(process \d+ on .*mode='r'"):
        open_file()
    assert len(open_file(mode="r").load().annotations) == 1

    file.close()
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert len(open_file().load().annotations) == 1


@pytest.mark.parametrize("content", ["", "nonsense", "{}"])
def test_a_lock_that_says_nothing_is_taken_over_once_it_is_not_just_being_made(path, content: str) -> None:
    lock = path.with_name(path.name + ".lock")
    lock.write_text(content)
    with pytest.raises(WriteError, match="one that is just beginning"):
        LockFile.acquire(path)

    old = lock.stat().st_mtime - lock_file.MAKING_SECONDS - 1
    os.utime(lock, (old, old))
    LockFile.acquire(path).release()


def test_a_lock_of_a_process_that_died_is_taken_over(path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    held = {"pid": dead.pid, "host": socket.gethostname(), "started": "2024-01-01T00:00:00.000Z"}
    path.with_name(path.name + ".lock").write_text(json.dumps(held))

    LockFile.acquire(path).release()


def test_a_lock_of_another_machine_counts_while_it_shows_life(path) -> None:
    lock = path.with_name(path.name + ".lock")
    lock.write_text(json.dumps({"pid": 1, "host": "elsewhere", "started": "2024-01-01T00:00:00.000Z"}))

    with pytest.raises(WriteError, match="process 1 on elsewhere"):
        LockFile.acquire(path)

    old = lock.stat().st_mtime - lock_file.STALE_SECONDS - 1
    os.utime(lock, (old, old))
    LockFile.acquire(path).release()
    assert not lock.exists()


@pytest.fixture
def every_sign_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no sign of life be left out because the last one was just given."""
    monkeypatch.setattr(lock_file, "LIFE_SECONDS", 0.0)


def wait_until(condition) -> None:
    """Wait for something that another thread brings about."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_session_on_a_network_drive_shows_that_it_lives_without_being_asked(
    monkeypatch, open_file, path, every_sign_counts
) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.beginning.is_network", lambda _: True)
    monkeypatch.setattr("napari_geolabel.labelfile.writer.LOOK_SECONDS", 0.01)
    file = open_file()
    lock = path.with_name(path.name + ".lock")
    old = time.time() - 2 * lock_file.STALE_SECONDS

    os.utime(lock, (old, old))
    wait_until(lambda: lock.stat().st_mtime > old + lock_file.STALE_SECONDS)
    lock.unlink()
    wait_until(lock.exists)

    file.close()
    assert not lock.exists()


def test_signs_of_life_are_given_now_and_then_and_never_over_the_lock_of_another(path) -> None:
    lock = LockFile.acquire(path)
    os.utime(lock.path, (1, 1))

    lock.show_life()
    assert lock.path.stat().st_mtime == 1, "the last sign is young enough"

    lock.shown -= lock_file.LIFE_SECONDS
    lock.show_life()
    assert lock.path.stat().st_mtime > 1
    lock.release()


def test_a_drive_that_is_away_for_a_moment_does_not_stop_the_session(tmp_path, every_sign_counts) -> None:
    lock = LockFile(tmp_path / "not here" / "scene.lock")

    lock.show_life()

    assert not lock.path.exists()


@pytest.fixture
def left_behind(path):
    """A lock of another machine that shows no life any more."""
    lock = path.with_name(path.name + ".lock")
    lock.write_text(json.dumps({"pid": 1, "host": "elsewhere", "started": "2024-01-01T00:00:00.000Z"}))
    old = time.time() - lock_file.STALE_SECONDS - 60
    os.utime(lock, (old, old))
    return lock


def test_of_many_sessions_that_see_a_lock_left_behind_one_takes_it_over(path, left_behind) -> None:
    start, taken, refused = threading.Barrier(8), [], []

    def session() -> None:
        start.wait()
        try:
            taken.append(LockFile.acquire(path))
        except WriteError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=session) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(taken), len(refused)) == (1, 7)
    assert taken[0].taken_by() is None
    assert all("is open in another session" in each or "is just being taken over" in each for each in refused)
    taken[0].release()
    assert list(path.parent.iterdir()) == []


def test_who_judged_a_lock_before_another_took_it_over_looks_again(path, left_behind) -> None:
    late = LockFile(left_behind)
    late._require_nobody(path)
    first = LockFile.acquire(path)

    with pytest.raises(WriteError, match="is open in another session"):
        late._take_over(path)

    assert first.taken_by() is None
    assert "process" in late.taken_by()
    late.release()
    assert left_behind.exists(), "a lock is given back by whoever has it"
    first.release()


def test_a_turn_that_was_left_behind_is_named(path, left_behind) -> None:
    turn = left_behind.with_name(left_behind.name + ".turn")
    turn.touch()

    with pytest.raises(WriteError, match=rf"remove {turn.name} if nobody does"):
        LockFile.acquire(path)

    turn.unlink()
    LockFile.acquire(path).release()


def test_a_session_whose_lock_was_taken_over_while_it_was_silent_writes_no_more(
    open_file, path, on_network, make_ship, add, tmp_path
) -> None:
    file = open_file()
    file.record(add(first := make_ship(1)))
    file.flush()
    lock = path.with_name(path.name + ".lock")
    held = json.loads(lock.read_text()) | {"id": "of another session"}
    lock.write_text(json.dumps(held))

    file.record(add(second := make_ship(9)))
    with pytest.raises(WriteError, match=r"was taken over by process .* while this session was silent"):
        file.flush()
    assert isinstance(file.status, Failed)

    other = tmp_path / "other.labels.gpkg"
    file.save_as(other)
    assert file.status == Saved()
    assert other.with_name(other.name + ".lock").exists(), "the new place is locked as the old one was"
    assert lock.exists(), "that is the other session's"
    file.close()
    assert not other.with_name(other.name + ".lock").exists()
    lock.unlink()
    assert {a.id for a in open_file().load().annotations} == {first.id}
    with LabelFile.open(other, grid=file._opened.form.grid, mode="r") as there:
        assert {a.id for a in there.load().annotations} == {first.id, second.id}


def test_a_place_that_another_session_has_locked_is_refused_and_the_old_one_goes_on(
    open_file, tmp_path, on_network, make_ship, add
) -> None:
    other = tmp_path / "other.labels.gpkg"
    theirs = LockFile.acquire(other)
    file = open_file()
    file.record(add(make_ship()))

    with pytest.raises(WriteError, match="is open in another session"):
        file.save_as(other)

    file.flush()
    assert theirs.taken_by() is None
    theirs.release()


def test_what_cannot_be_written_on_a_share_is_kept_elsewhere_before_a_lock_is_asked_for(
    open_file, path, on_network, monkeypatch, make_ship, add
) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    can = os.access
    monkeypatch.setattr(
        os, "access", lambda where, mode: path.parent not in (where, *where.parents) and can(where, mode)
    )

    kept = open_file()

    assert "cannot be written, so the labels are kept in" in kept.notes[0]
    assert len(kept.load().annotations) == 1
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_lock_that_cannot_be_made_is_one_sentence(open_file, path, on_network, monkeypatch) -> None:
    with pytest.raises(WriteError, match="is not a folder; make it first"):
        open_file(path.parent / "missing" / path.name)

    def refuse(_lock: LockFile) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(LockFile, "_create", refuse)
    with pytest.raises(WriteError, match=r"cannot be locked \(Permission denied\); choose another folder"):
        open_file()

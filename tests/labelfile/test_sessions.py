from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import textwrap

import pytest

from napari_geolabel.labelfile import connection, pack, sessions


def crash(path) -> None:
    """Let another process draw two ships and die."""
    script = f"""
        import os, shapely
        from affine import Affine
        from pyproj import CRS
        from napari_geolabel.annotations import Annotation, Change, Edit
        from napari_geolabel.geo import GeoGrid
        from napari_geolabel.labelfile import LabelFile
        from napari_geolabel.ontology import Kind, LabelClass, Ontology
        grid = GeoGrid(shape=(500, 600), transform=Affine(10, 0, 399960, 0, -10, 5300040), crs=CRS.from_epsg(32633))
        ship = LabelClass(id="ship", name="Ship", color="#ff0000", mask_value=1, kinds=(Kind.BOX,))
        ontology = Ontology(id="crash", name="Crash", version="1", classes=(ship,))
        file = LabelFile.open({str(path)!r}, grid=grid, ontology=ontology, annotator="Cleo")
        for x in (1, 20):
            box = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(x, 1, x + 5, 5))
            file.record(Change(title="draw ship", edits=(Edit(after=box),)))
        file.flush()
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=60)


def test_a_session_that_crashed_is_told_with_what_it_left(open_file, path) -> None:
    crash(path)

    file = open_file(ontology=None)

    assert len(file.load().annotations) == 2
    assert len(file.notes) == 1
    assert "the session of Cleo that began" in file.notes[0]
    assert "ended without closing; all its 2 finished edits are here" in file.notes[0]
    file.close()
    assert open_file(ontology=None).notes == (), "it is told once"


def test_a_session_that_runs_is_no_crash(open_file) -> None:
    open_file()

    assert open_file().notes == ()


def test_a_session_is_no_crash_in_a_copy_nor_where_it_went_on_elsewhere(
    open_file, path, tmp_path, make_ship, add, monkeypatch
) -> None:
    packed, moved = tmp_path / "packed.gpkg", tmp_path / "moved.gpkg"
    file = open_file()
    file.record(add(make_ship()))
    file.flush()
    pack(path, packed)
    file.save_as(moved)
    file.close()
    monkeypatch.setattr(sessions, "is_running", lambda *_: False)  # as on the next day

    for place in (packed, path, moved):
        again = open_file(place)
        assert again.notes == ()
        assert len(again.load().annotations) == 1


def test_a_session_that_closed_is_no_crash(open_file) -> None:
    open_file().close()

    assert open_file().notes == ()


def test_a_process_of_the_same_number_that_began_before_us_is_another_one() -> None:
    host = socket.gethostname()

    assert not sessions.is_running(os.getpid(), host, "2001-01-01T00:00:00.000Z")
    assert sessions.is_running(os.getpid(), host, sessions.now())


def test_the_file_system_of_a_path_is_known_on_linux(tmp_path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("mounts are read from /proc")
    shown = subprocess.run(["stat", "-f", "-c", "%T", str(tmp_path)], capture_output=True, text=True).stdout.strip()

    found = connection.filesystem_of(tmp_path)

    assert found
    assert not connection.is_network(tmp_path)
    assert connection.filesystem_of(tmp_path / "not" / "yet" / "there") == found
    assert shown.startswith(("ext", found[:3], "tmpfs", "overlay", "UNKNOWN"))


def test_labels_of_a_read_only_folder_go_to_a_place_that_the_user_sees(
    tmp_path, make_ship, add, open_file, state_folder
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    ours = open_file(folder / "scene.labels.gpkg")
    ours.record(add(make_ship()))
    ours.close()
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("making a folder read-only for root needs a mount")
    bound = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True)
    if bound.returncode:
        pytest.skip("no folder can be mounted here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    try:
        file = open_file(folder / "scene.labels.gpkg")
        assert file.path.is_relative_to(state_folder)
        assert f"cannot be written, so the labels are kept in {file.path}" in file.notes[0]
        assert len(file.load().annotations) == 1, "what was there is there"
        file.record(add(make_ship(50)))
        file.close()
        assert len(open_file(folder / "scene.labels.gpkg").load().annotations) == 2
        assert len(open_file(folder / "scene.labels.gpkg", mode="r").load().annotations) == 1
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)

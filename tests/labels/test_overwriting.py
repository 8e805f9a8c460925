"""The guard before exports: no file loses most of its labels by mistake, and what is replaced is kept."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import FewerLabelsError, WriteError
from napari_geolabel.file_backups import backups_of
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.labels.conversion import convert, convert_mask
from napari_geolabel.labels.overwriting import FEWER_BY, is_collapse
from napari_geolabel.ontology.model import Ontology


def boxes(number: int) -> list[shapely.Polygon]:
    """Return boxes of 6 x 6 pixels, 30 to a row."""
    return [
        shapely.box(10 + 16 * (n % 30), 10 + 16 * (n // 30), 16 + 16 * (n % 30), 16 + 16 * (n // 30))
        for n in range(number)
    ]


@pytest.fixture
def many(labels: Labels) -> Labels:
    """Forty tugs."""
    labels.add_many(boxes(40), "tug")
    return labels


@pytest.fixture
def few(scene: Scene, ontology: Ontology) -> Labels:
    """Three tugs of the same scene."""
    made = open_labels(scene=scene, ontology=ontology)
    made.add_many(boxes(3), "tug")
    return made


def number_in(path: Path) -> int:
    return len(json.loads(path.read_text())["features"])


@given(before=st.integers(0, 10_000), after=st.integers(0, 10_000))
def test_only_a_loss_of_more_than_half_and_of_ten_or_more_is_a_collapse(before: int, after: int) -> None:
    if is_collapse(before, after):
        assert after < before / 2
        assert before - after >= FEWER_BY
    else:
        assert after >= before / 2 or before - after < FEWER_BY


@pytest.mark.parametrize(("before", "after", "asked"), [(20, 10, False), (20, 9, True), (10, 0, True), (9, 0, False)])
def test_the_rule_at_its_edges(before: int, after: int, asked: bool) -> None:
    assert is_collapse(before, after) is asked


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".tif"])
def test_an_export_of_far_fewer_labels_is_refused_unless_told(
    many: Labels, few: Labels, tmp_path: Path, suffix
) -> None:
    path = tmp_path / f"a{suffix}"
    many.export(path)
    before = path.read_bytes()

    with pytest.raises(FewerLabelsError, match=r"holds \d+ (annotations|labelled pixels) and would hold \d+; choose"):
        few.export(path)
    assert path.read_bytes() == before
    assert backups_of(path) == []
    assert not few.status

    few.export(path, overwrite="always")
    assert path.read_bytes() != before
    assert (backups_of(path)[0] / path.name).read_bytes() == before


def test_a_refusal_leaves_the_labels_unsaved(many: Labels, few: Labels, tmp_path: Path) -> None:
    many.export(tmp_path / "a.geojson")

    with pytest.raises(FewerLabelsError):
        few.export(tmp_path / "a.geojson")

    assert few.unsaved
    assert not many.unsaved


def test_ordinary_edits_are_exported_without_a_question(many: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    many.export(path)
    many.remove(list(many)[:15])
    many.export(path)
    many.remove(list(many)[:5])
    many.export(path)

    assert number_in(path) == 20
    assert [number_in(folder / "a.geojson") for folder in backups_of(path)] == [25, 40]


def test_no_other_word_replaces_anything(many: Labels, few: Labels, open_kept, tmp_path: Path) -> None:
    many.export(tmp_path / "many.geojson")
    for name in ("many.geojson", "new.geojson"):
        with pytest.raises(WriteError, match="'ask' is no way to overwrite; choose never, careful or always"):
            few.export(tmp_path / name, overwrite="ask")
    with pytest.raises(WriteError, match="'ask' is no way to overwrite"):
        open_kept().save_as(tmp_path / "new.labels.gpkg", overwrite="ask")
    assert sorted(each.name for each in tmp_path.glob("[mn]*")) == ["many.geojson"]
    assert number_in(tmp_path / "many.geojson") == 40


def test_an_export_may_be_told_never_to_replace_anything(many: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    many.export(path, overwrite="never")

    with pytest.raises(WriteError, match=r"a\.geojson exists already; choose another name"):
        many.export(path, overwrite="never")


def test_a_dry_run_neither_refuses_nor_keeps(many: Labels, few: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    many.export(path)

    few.export(path, dry_run=True)

    assert number_in(path) == 40
    assert backups_of(path) == []


def test_a_file_that_nobody_can_count_is_replaced_and_kept(few: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"not a database")

    few.export(path)

    assert (backups_of(path)[0] / "a.gpkg").read_bytes() == b"not a database"


def test_a_mask_is_kept_with_its_names_and_style(many: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    many.export(path)
    many.paint(shapely.box(300, 300, 400, 400), "cloud")
    many.export(path)

    kept = backups_of(path)[0]
    assert sorted(file.name for file in kept.iterdir()) == ["a.qml", "a.tif", "a.tif.aux.xml"]
    with rasterio.open(kept / "a.tif") as mask:
        assert set(np.unique(mask.read(1))) == {0, 2}


def test_a_painted_mask_that_was_erased_does_not_replace_the_old_one(labels: Labels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    labels.paint(shapely.box(0, 0, 50, 50), "cloud")
    labels.export_painted(path)
    labels.paint(shapely.box(0, 0, 50, 50), None)

    with pytest.raises(FewerLabelsError, match="2500 labelled pixels and would hold 0"):
        labels.export_painted(path)
    labels.export_painted(path, overwrite="always")


def test_a_home_folder_is_guarded_under_its_short_name_too(many: Labels, few: Labels, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    many.export("~/a.geojson")

    with pytest.raises(FewerLabelsError):
        few.export("~/a.geojson")


def test_convert_is_guarded_too(many: Labels, few: Labels, tmp_path: Path, ontology: Ontology) -> None:
    many.export(tmp_path / "many.geojson")
    few.export(tmp_path / "few.geojson")
    convert(tmp_path / "many.geojson", tmp_path / "a.gpkg", ontology=ontology)

    with pytest.raises(FewerLabelsError, match="holds 40 annotations and would hold 3"):
        convert(tmp_path / "few.geojson", tmp_path / "a.gpkg", ontology=ontology)
    convert(tmp_path / "few.geojson", tmp_path / "a.gpkg", ontology=ontology, overwrite="always")


def test_polygons_of_a_mask_are_guarded_too(many: Labels, few: Labels, tmp_path: Path, ontology: Ontology) -> None:
    many.export(tmp_path / "many.tif")
    few.export(tmp_path / "few.tif")
    convert_mask(tmp_path / "many.tif", tmp_path / "a.geojson", ontology=ontology)

    with pytest.raises(FewerLabelsError):
        convert_mask(tmp_path / "few.tif", tmp_path / "a.geojson", ontology=ontology)


def test_a_label_file_is_no_target_of_a_conversion(open_kept, file_path, few: Labels, tmp_path, ontology) -> None:
    kept = open_kept()
    kept.add_many(boxes(2), "tug")
    kept.close()
    few.export(tmp_path / "few.geojson")

    with pytest.raises(WriteError, match="is a label file, which an export would destroy"):
        convert(tmp_path / "few.geojson", file_path, ontology=ontology, overwrite="always")


def test_save_as_replaces_a_label_file_only_when_told_and_keeps_it(open_kept, scene, ontology, tmp_path: Path) -> None:
    other = tmp_path / "other.labels.gpkg"
    old = open_labels(other, scene=scene, ontology=ontology)
    old.add_many(boxes(40), "tug")
    old.close()
    labels = open_kept()
    labels.add_many(boxes(3), "tug")

    with pytest.raises(WriteError, match="exists already"):
        labels.save_as(other)
    with pytest.raises(FewerLabelsError, match="holds 40 annotations and would hold 3"):
        labels.save_as(other, overwrite="careful")
    labels.save_as(other, overwrite="always")
    labels.close()

    assert labels.path == other
    assert len(open_kept(path=other)) == 3
    kept = backups_of(other)[0] / other.name
    with open_labels(kept, scene=scene, mode="r")._file as file:
        assert len(file.load().annotations) == 40


def test_save_as_does_not_replace_a_label_file_that_is_in_use(open_kept, tmp_path: Path) -> None:
    labels, other = open_kept(), open_kept(path=tmp_path / "other.labels.gpkg")

    with pytest.raises(WriteError, match="is in use; close it there"):
        labels.save_as(other.path, overwrite="always")
    with pytest.raises(WriteError, match="is in use"):
        labels.save_as(labels.path, overwrite="always")


# faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".tif"])
def test_bytes_that_come_back_otherwise_never_replace_the_old_file(many: Labels, tmp_path, suffix, monkeypatch) -> None:
    path = tmp_path / f"a{suffix}"
    many.export(path)
    before = path.read_bytes()
    many.add(shapely.box(400, 400, 440, 440), "tug")

    def decay(file: Path) -> None:
        """Flip a bit of the temporary file when it is synced, as a bad disk or cable would."""
        if file.suffix == suffix and file != path and file.is_file():
            data = bytearray(file.read_bytes())
            data[len(data) // 2] ^= 1
            file.write_bytes(data)

    monkeypatch.setattr("napari_geolabel.files.sync", decay)
    with pytest.raises(WriteError, match="did not come back from the disk as it was written"):
        many.export(path)

    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.glob(".a-*")) == []


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".tif"])
def test_a_full_disk_leaves_the_old_file_and_the_labels_unsaved(many: Labels, tmp_path, suffix, monkeypatch) -> None:
    path = tmp_path / f"a{suffix}"
    many.export(path)
    before = path.read_bytes()
    many.paint(shapely.box(200, 300, 300, 400), "cloud")
    many.add(shapely.box(400, 400, 440, 440), "tug")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("napari_geolabel.files.sync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        many.export(path)

    assert path.read_bytes() == before
    assert many.unsaved
    monkeypatch.undo()
    many.export(path)
    assert (backups_of(path)[0] / path.name).read_bytes() == before
    assert len(backups_of(path)) == 1


def test_a_read_only_file_is_not_replaced_and_not_counted_as_saved(many: Labels, tmp_path, monkeypatch) -> None:
    path = tmp_path / "a.geojson"
    many.export(path)
    before = path.read_bytes()
    many.add(shapely.box(400, 400, 440, 440), "tug")
    # root may write anywhere, so the answer of the system is given here
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(WriteError, match="is read-only; allow writing to it or choose another name"):
        many.export(path)

    assert path.read_bytes() == before
    assert many.unsaved


KILLED = """
import os, sys
import rasterio, rusterize, shapely
import napari_geolabel.formats.geojson_write, napari_geolabel.formats.mask_geotiff
import napari_geolabel.imagery.opening, napari_geolabel.labels.opening
from napari_geolabel import open_labels, open_scene

def run(path, fatal):
    labels = open_labels(scene=open_scene(sys.argv[1]), ontology="maritime")
    labels.add_many([shapely.box(9 * n, 9, 9 * n + 5, 15) for n in range(5)], "ship")
    labels.export(path)
    labels.add_many([shapely.box(9 * n, 29, 9 * n + 5, 35) for n in range(5)], "ship")
    steps = 0
    def count(event, args):
        nonlocal steps
        if event in ("os.rename", "os.link", "os.mkdir", "os.chmod", "open") and "/out/" in str(args[0]):
            steps += 1
            if steps == fatal:
                os.kill(os.getpid(), 9)
    sys.addaudithook(count)
    labels.export(path)

for text in sys.argv[3:]:  # what takes long, the imports, is done once for all of them
    child = os.fork()
    if not child:
        try:
            run(sys.argv[2].format(text), int(text))
            os._exit(0)
        finally:
            os._exit(1)
    print(text, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("suffix", [".geojson", ".tif"])
def test_a_kill_at_any_step_of_an_export_leaves_the_old_or_the_new_file_and_a_copy(
    write_scene, tmp_path, suffix
) -> None:
    steps = [*range(1, 24, 3), 1000]
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", KILLED, str(write_scene()), str(tmp_path / "out" / f"{{}}{suffix}")]
    done = subprocess.run([*command, *map(str, steps)], capture_output=True, text=True, timeout=600)
    ends = dict(map(int, line.split()) for line in done.stdout.splitlines())
    assert list(ends) == steps, done.stderr
    assert set(ends.values()) == {0, -9}, done.stderr
    assert ends[1000] == 0
    for fatal in steps:
        path = tmp_path / "out" / f"{fatal}{suffix}"
        counts = {5: "old", 10: "new"} if suffix == ".geojson" else {5 * 5 * 6: "old", 10 * 5 * 6: "new"}
        which = counts[holding(path)]
        copies = [holding(folder / path.name) for folder in backups_of(path)]
        assert all(counts[copy] == "old" for copy in copies)
        assert len(copies) <= 1
        if which == "new":
            assert len(copies) == 1, f"killed at {fatal}: the new file is there and the old one nowhere"


def holding(path: Path) -> int:
    """Return how many labels or labelled pixels a file that must be whole holds."""
    if path.suffix == ".geojson":
        return number_in(path)
    with rasterio.open(path) as mask:
        return int(np.count_nonzero(mask.read(1)))

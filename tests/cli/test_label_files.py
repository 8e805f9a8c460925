"""`X``, and label files given wherever labels are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import rasterio
import shapely

from napari_geolabel import open_labels, open_scene


@pytest.fixture
def label_file(scene_path: Path) -> Path:
    """A label file of two ships, one of them undone, a wake and a painted cloud."""
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime", annotator="Ann")
        labels.add(shapely.box(100, 100, 140, 120), "ship", kind="box")
        labels.add(shapely.box(200, 100, 240, 120), "ship", kind="box")
        labels.undo()
        labels.add(shapely.LineString([(90, 110), (20, 112)]), "wake")
        labels.paint(shapely.box(400, 400, 420, 420), next(c.id for c in labels.ontology.classes if "mask" in c.kinds))
        labels.close()
    return path


def test_log_tells_who_did_what(run: Callable[..., Any], label_file: Path) -> None:
    told = run("log", label_file).stdout
    assert "scene.labels.gpkg: 5 changes" in told
    assert told.count("Ann") == 5
    assert "add wake" in told


def test_log_for_a_script_is_json(run: Callable[..., Any], label_file: Path) -> None:
    entries = json.loads(run("log", label_file, "--json").stdout)
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[2]["undoes"] == 2
    assert [entry["added"] for entry in entries] == [1, 1, 0, 1, 0]


def test_pack_writes_a_whole_copy_also_of_a_file_in_use(
    run: Callable[..., Any], label_file: Path, scene_path: Path, tmp_path: Path
) -> None:
    with open_scene(scene_path) as scene:
        labels = open_labels(label_file, scene=scene)
        labels.add(shapely.box(300, 100, 340, 120), "ship", kind="box")
        labels.flush()
        assert "copy.labels.gpkg" in run("pack", label_file, "-o", tmp_path / "copy.labels.gpkg").stdout
        labels.close()
        copy = open_labels(tmp_path / "copy.labels.gpkg", scene=scene, mode="r")
        assert len(copy) == 3
        copy.close()


@pytest.mark.parametrize(
    "command", [["log"], ["log", "--conflicts"], ["restore", "--to", "1"], ["pack", "-o", "copy.gpkg"]]
)
def test_what_is_no_label_file_is_one_sentence(run: Callable[..., Any], tmp_path: Path, command: list[str]) -> None:
    wrong = tmp_path / "wrong.labels.gpkg"
    wrong.write_text("text")
    for path in (wrong, tmp_path / "missing.labels.gpkg"):
        result = run(command[0], path, *command[1:])
        assert result.exit_code == 1
        assert result.stderr.count("\n") == 1
        assert path.name in result.stderr


def test_a_label_file_is_exported_with_its_own_ontology(
    run: Callable[..., Any], label_file: Path, scene_path: Path, tmp_path: Path
) -> None:
    result = run("export", label_file, "-o", tmp_path / "x.geojson", "--scene", scene_path, "--ontology", "clouds")
    assert result.exit_code == 0
    assert "x.geojson: 2 labels" in result.stdout
    found = json.loads((tmp_path / "x.geojson").read_text())["features"]
    assert [feature["properties"]["class_id"] for feature in found] == ["ship", "wake"]


def test_its_paint_goes_into_a_mask(
    run: Callable[..., Any], label_file: Path, scene_path: Path, tmp_path: Path
) -> None:
    assert run("rasterize", label_file, "--scene", scene_path, "-o", tmp_path / "m.tif").exit_code == 0
    with rasterio.open(tmp_path / "m.tif") as mask:
        values = mask.read(1)
    assert (values[400:420, 400:420] > 0).all()
    assert values[110, 110] > 0
    assert values[110, 220] == 0


def test_it_can_be_validated_without_its_scene(run: Callable[..., Any], label_file: Path) -> None:
    assert "2 annotations against maritime" in run("validate", label_file).stdout


def test_validating_on_the_scene_finds_what_lies_outside_it(
    run: Callable[..., Any], tmp_path: Path, scene_path: Path
) -> None:
    away = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"class_id": "ship", "attr_category": "unknown"},
                "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0], [0.01, 0.01], [0, 0]]]},
            }
        ],
    }
    path = tmp_path / "away.geojson"
    path.write_text(json.dumps(away))
    result = run("validate", path, "--scene", scene_path, "--json")
    assert result.exit_code == 1
    assert "outside" in {problem["rule"] for problem in json.loads(result.stdout)["problems"]}


def test_an_export_over_a_label_file_is_refused(
    run: Callable[..., Any], label_file: Path, labels_path: Path, scene_path: Path
) -> None:
    before = label_file.read_bytes()
    result = run("export", labels_path, "-o", label_file, "--scene", scene_path)
    assert result.exit_code == 1
    assert "is a label file, which an export would destroy" in result.stderr
    assert label_file.read_bytes() == before


def test_a_label_file_is_imported_to_the_bit(label_file: Path, scene_path: Path) -> None:
    with open_scene(scene_path) as scene:
        source = open_labels(label_file, scene=scene, mode="r")
        labels = open_labels(scene=scene, ontology="maritime")
        report = labels.import_from(label_file)
        assert report.imported == 2
        assert [a.geometry for a in labels.store.values()] == [a.geometry for a in source.store.values()]
        assert list(labels) == list(source)
        source.close()


def test_log_is_filtered_by_annotation_annotator_and_time(run: Callable[..., Any], label_file: Path) -> None:
    entries = json.loads(run("log", label_file, "--json").stdout)
    with open_scene(label_file.with_name("scene.tif")) as scene:
        labels = open_labels(label_file, scene=scene, annotator="Ben")
        first = next(iter(labels))
        labels.update(first, confidence=0.5)
        labels.close()

    def numbers(*options: str) -> list[int]:
        return [entry["seq"] for entry in json.loads(run("log", label_file, "--json", *options).stdout)]

    assert numbers("--annotation", first) == [1, 6]
    assert numbers("--annotator", "ben") == [6]
    assert numbers("--annotator", "Ann", "--annotation", first) == [1]
    assert numbers("--since", entries[3]["at"].replace(" ", "T"))[-3:] == [4, 5, 6]
    assert numbers("--since", "2100-01-01") == []
    assert "no changes" in run("log", label_file, "--since", "2100-01-01").stdout


def test_an_earlier_state_comes_back_as_one_more_change(run: Callable[..., Any], label_file: Path) -> None:
    told = run("restore", label_file, "--to", "3", "--annotator", "Cid").stdout
    assert "1 annotation and 1 mask tile went back to how they were" in told
    entries = json.loads(run("log", label_file, "--json").stdout)
    assert (entries[-1]["title"], entries[-1]["removed"], entries[-1]["tiles"]) == ("go back to change 3", 1, 1)
    assert entries[-1]["actor"] == "Cid"
    with open_scene(label_file.with_name("scene.tif")) as scene:
        labels = open_labels(label_file, scene=scene, mode="r")
        assert [a.class_id for a in labels.store.values()] == ["ship"]
        assert not labels.is_painted
        labels.close()
    assert "nothing differs" in run("restore", label_file, "--to", "3").stdout
    assert not label_file.with_name(label_file.name + "-wal").exists()


def test_one_annotation_goes_back_to_a_time(run: Callable[..., Any], label_file: Path) -> None:
    with open_scene(label_file.with_name("scene.tif")) as scene:
        labels = open_labels(label_file, scene=scene)
        ship, wake = labels
        labels.close()
    assert "1 annotation went back" in run("restore", label_file, "--to", "2001-01-01", "--annotation", ship).stdout
    with open_scene(label_file.with_name("scene.tif")) as scene:
        labels = open_labels(label_file, scene=scene, mode="r")
        assert list(labels) == [wake]
        labels.close()


@pytest.mark.parametrize("to", ["99", "-1", "yesterday", "0001-01-01T00:00+14:00"])
def test_what_is_no_state_is_refused(run: Callable[..., Any], label_file: Path, to: str) -> None:
    before = label_file.read_bytes()
    result = run("restore", label_file, f"--to={to}")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "numbered 1 to 5" in result.stderr or "is no time" in result.stderr or "end of the calendar" in result.stderr
    assert len(before) == label_file.stat().st_size


def test_conflicts_are_listed_with_all_three_sides(run: Callable[..., Any], label_file: Path) -> None:
    assert "no open conflicts" in run("log", label_file, "--conflicts").stdout
    with open_scene(label_file.with_name("scene.tif")) as scene:
        ann, ben = (open_labels(label_file, scene=scene, annotator=name) for name in ("Ann", "Ben"))
        ship = next(iter(ann))
        ann.update(ship, confidence=0.25)
        ann.flush()
        ben.update(ship, confidence=0.75)
        ben.close()
        ann.close()
    told = run("log", label_file, "--conflicts").stdout
    assert "1 open conflict\n" in told
    (line,) = [line for line in told.splitlines() if ship in line]
    assert line.split()[-5:] == ["confidence", "0.75", "0.25", "no", "value"]
    (found,) = json.loads(run("log", label_file, "--conflicts", "--json", "--annotation", ship).stdout)
    assert (found["mine"], found["theirs"], found["base"], found["actor"]) == (0.75, 0.25, None, "Ben")
    assert json.loads(run("log", label_file, "--conflicts", "--json", "--annotation", "x").stdout) == []


def test_pack_refuses_to_lose_far_more_labels_than_it_brings_unless_told(
    run: Callable[..., Any], label_file: Path, scene_path: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.labels.gpkg"
    with open_scene(scene_path) as scene, closing(open_labels(taken, scene=scene, ontology="maritime")) as labels:
        labels.add_many([shapely.box(n, 0, n + 3, 9) for n in range(30)], "ship", kind="box")

    refused = run("pack", label_file, "-o", taken)
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert "holds 30 annotations and would hold 2" in refused.stderr

    assert run("pack", label_file, "-o", taken, "--force").exit_code == 0
    assert len(list((tmp_path / ".backups" / taken.name).iterdir())) == 1
    assert run("log", taken).stdout.count("Ann") == 5


def test_pack_leaves_old_history_out_if_it_is_told(run: Callable[..., Any], label_file: Path, tmp_path: Path) -> None:
    for history, changes in {"all": "5 changes", "none": "no changes", "90d": "5 changes", "2020-01-01": "5"}.items():
        copy = tmp_path / f"{history}.labels.gpkg"
        assert run("pack", label_file, "-o", copy, "--history", history).exit_code == 0
        assert changes in run("log", copy).stdout

    wrong = run("pack", label_file, "-o", tmp_path / "x.labels.gpkg", "--history", "soon")
    assert wrong.exit_code == 1
    assert "give all, none, a number of days as 90d, or a time" in wrong.stderr

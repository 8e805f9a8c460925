"""``geolabel import``: into the scene's label file, with a report."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.geo import LONLAT
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.label_files import ontology_of
from napari_geolabel.ontology import load_ontology


@pytest.fixture
def into(tmp_path):
    return tmp_path / "scene.labels.gpkg"


def logged(run, path):
    return [entry["title"] for entry in json.loads(run("log", path, "--json").stdout)]


def test_labels_come_into_the_label_file_beside_the_scene(run, scene_path, labels_path, into):
    done = run("import", labels_path, "-s", scene_path)
    assert done.exit_code == 0, done.stderr
    assert "scene.labels.gpkg: 3 labels came in" in done.stdout
    assert logged(run, into) == ["import 3 from labels.geojson"]
    again = json.loads(run("import", labels_path, "-s", scene_path, "--duplicates", "skip", "--json").stdout)
    assert (again["imported"], len(again["skipped"])) == (0, 3)
    assert again["skipped"][0]["why"].startswith("it repeats ")


def test_a_dry_run_makes_no_file(run, scene_path, labels_path, into):
    done = run("import", labels_path, "-s", scene_path, "--dry-run", "--status", "suggested", "--confidence", "0.5")
    assert done.stdout.startswith("3 labels would come in")
    assert not into.exists()


def test_classes_are_mapped_made_and_remembered(run, scene_path, labels_path, into):
    text = labels_path.read_text("utf-8").replace('"ship"', '"vessel"').replace('"dock"', '"reef"')
    labels_path.write_text(text, "utf-8")
    order = ("import", labels_path, "-s", scene_path, "--into", into)
    done = run(*order)
    assert done.exit_code == 1
    assert 'is of the class "vessel"' in done.stderr
    done = run(*order, "--class-map", "vessel=ship", "--make-classes", "--remember")
    assert "3 labels came in" in done.stdout
    kept = ontology_of(into)
    assert kept["ship"].aliases == ("vessel",)
    assert "reef" in kept
    assert kept.version != load_ontology("maritime").version


def test_a_file_that_names_no_crs_is_given_one(run, scene_path, labels_path, into):
    degrees = json.loads(labels_path.read_text("utf-8"))
    with open_scene(scene_path) as scene:
        for feature in degrees["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            metres = shapely.transform(shape, lambda xy: scene.grid.pixel_to_map(scene.grid.crs_to_pixel(xy, LONLAT)))
            feature["geometry"] = shapely.geometry.mapping(metres)
    labels_path.write_text(json.dumps(degrees), "utf-8")
    refused = run("import", labels_path, "-s", scene_path)
    assert refused.exit_code == 1
    assert "--crs EPSG:CODE" in refused.stderr
    done = run("import", labels_path, "-s", scene_path, "--crs", "scene")
    assert done.exit_code == 0, done.stderr
    assert "scene.labels.gpkg: 3 labels came in" in done.stdout
    assert into.exists()


def test_numbers_out_of_range_are_refused_by_the_command_line(run, scene_path, labels_path):
    assert run("import", labels_path, "-s", scene_path, "--confidence", "2").exit_code == 2
    assert run("import", labels_path, "-s", scene_path, "--duplicates", "maybe").exit_code == 2
    done = run("import", labels_path, "-s", scene_path, "--status", "holy")
    assert done.exit_code == 1
    assert "no status" in done.stderr

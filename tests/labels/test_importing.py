"""Imports with choices: what is remembered, what repeats, what would come in, and one step of undo for all of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import FormatError, NotGeoreferencedError, UnknownClassError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.editing import next_version, with_aliases

MARITIME = load_ontology("maritime")
BOX = shapely.box(100, 100, 160, 120)


@pytest.fixture
def scene(write_scene):
    with open_scene(write_scene()) as opened:
        yield opened


@pytest.fixture
def labels(scene):
    return open_labels(scene=scene, ontology=MARITIME)


@pytest.fixture
def write(tmp_path, scene):
    """Write boxes at some x with properties of each, in longitude and latitude."""

    def file(*features, name="in.geojson"):
        made = [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shapely.geometry.mapping(
                    shapely.transform(shapely.box(x, 100, x + 60, 120), scene.grid.pixel_to_lonlat)
                ),
            }
            for x, properties in features
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
        return path

    return file


def test_a_class_map_by_hand_is_remembered_in_the_ontology(labels, write):
    path = write((100, {"class": "vessel"}), (300, {"class": "Boat"}))
    with pytest.raises(FormatError, match='is of the class "vessel"'):
        labels.import_from(path)
    labels.import_from(path, class_map={"vessel": "ship", "Boat": "ship"}, remember=True)
    assert labels.ontology["ship"].aliases == ("vessel", "Boat")
    assert labels.ontology.version == next_version(MARITIME.version)
    again = write((200, {"class": "VESSEL"}), name="again.geojson")
    assert labels.import_from(again).imported == 1
    assert labels.ontology.version == next_version(MARITIME.version), "nothing new was to be remembered"


def test_a_word_that_leads_elsewhere_now_leaves_its_former_class():
    once = with_aliases(MARITIME, {"craft": "ship", "ship": "buoy", None: "ship", "x": None, 7: "ship", " ": "ship"})
    assert (once["ship"].aliases, once["buoy"].aliases) == (("craft",), ())
    moved = with_aliases(once, {"Craft": "platform"})
    assert (moved["ship"].aliases, moved["platform"].aliases) == ((), ("Craft",))
    assert with_aliases(moved, {"craft": "platform"}) is moved
    with pytest.raises(UnknownClassError):
        with_aliases(MARITIME, {"craft": "spaceship"})


@pytest.mark.parametrize("word", ["Ship", "BUOY", "x" * 130, "two\nlines"])
def test_ids_and_what_is_no_name_are_not_remembered_but_mapped(labels, write, word):
    assert with_aliases(MARITIME, {word: "platform"}) is MARITIME
    path = write((100, {"class": word}), (300, {"class": "rig"}))
    report = labels.import_from(path, class_map={word: "platform", "rig": "platform"}, remember=True)
    assert (report.imported, labels.ontology["platform"].aliases) == (2, ("rig",))


def test_predictions_come_with_a_status_and_a_confidence(labels, write):
    path = write((100, {"class": "ship", "score": 0.25}), (300, {"class": "ship"}))
    labels.import_from(path, status="suggested", confidence=0.8)
    assert sorted(a.confidence for a in labels.store.values()) == [0.25, 0.8]
    assert {a.status for a in labels.store.values()} == {Status.SUGGESTED}


def test_duplicates_are_left_out_and_reported(labels, write):
    there = labels.add(BOX, "ship", kind="box")
    report = labels.import_from(write((101, {"class": "ship"}), (300, {"class": "ship"})), duplicates="skip")
    assert report.imported == 1
    assert [why for _, why in report.skipped] == [f"it repeats {there.id}"]
    assert len(labels) == 2


def test_duplicates_are_flagged_as_suggestions(labels, write):
    labels.add(BOX, "ship", kind="box")
    labels.import_from(write((101, {"class": "ship"}), (300, {"class": "ship"})), duplicates="flag", iou=0.5)
    assert [a.status for a in labels.store.values()] == [Status.DRAFT, Status.SUGGESTED, Status.DRAFT]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"duplicates": "ignore"}, "'ignore' is no way with duplicates; choose keep, skip or flag"),
        ({"outside": "clip"}, "'clip' is no way with what lies outside; choose skip or keep"),
    ],
)
def test_words_that_are_no_choice_are_refused(labels, write, choice, sentence):
    with pytest.raises(FormatError, match=sentence):
        labels.import_from(write((100, {"class": "ship"})), **choice)
    assert len(labels) == 0


def test_a_dry_run_tells_and_changes_nothing(labels, write):
    path = write((100, {"class": "vessel"}), (101, {"class": "vessel"}), (300, {"class": "reef"}))
    order = {"class_map": {"vessel": "ship"}, "make_classes": True, "duplicates": "skip", "remember": True}
    foreseen = labels.import_from(path, dry_run=True, **order)
    assert (len(labels), labels.ontology, labels.store.can_undo) == (0, MARITIME, False)
    done = labels.import_from(path, **order)
    assert (foreseen.imported, foreseen.notes) == (done.imported, done.notes) == (2, done.notes)
    assert [why.split()[0] for _, why in foreseen.skipped] == [why.split()[0] for _, why in done.skipped]


def test_everything_that_came_in_is_one_step_of_undo(labels, write):
    labels.add(BOX, "ship", kind="box")
    path = write(*((x, {"class": "ship"}) for x in (200, 300, 400)))
    labels.import_from(path, duplicates="skip", status="suggested", confidence=0.5)
    assert len(labels) == 4
    assert labels.store.undo_titles[0] == "import 3 from in.geojson"
    labels.undo()
    assert len(labels) == 1
    labels.redo()
    assert len(labels) == 4


def test_metres_that_name_no_crs_come_in_where_they_are_said_to_lie(labels, scene, tmp_path):
    ring = [list(point) for point in scene.grid.pixel_to_map(shapely.get_coordinates(BOX))]
    feature = {
        "type": "Feature",
        "properties": {"class": "ship"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "metres.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    with pytest.raises(FormatError, match="name its CRS: geolabel import --crs"):
        labels.import_from(path)
    for crs in ("scene", scene.grid.crs, scene.grid.crs.to_epsg()):
        assert labels.import_from(path, crs=crs).imported == 1
        (ship,) = labels.store.values()
        assert shapely.equals_exact(ship.geometry.normalize(), BOX.normalize(), 1e-6)
        labels.undo()


def test_a_crs_is_refused_where_the_file_says_itself_where_it_lies(labels, tmp_path):
    labels.add(BOX, "ship", kind="box")
    labels.export(tmp_path / "mask.tif")
    open_labels(tmp_path / "own.labels.gpkg", scene=labels.scene, ontology=MARITIME).close()
    before = list(labels)
    for name in ("mask.tif", "own.labels.gpkg"):
        for dry_run in (True, False):
            with pytest.raises(FormatError, match=f"{name} is a .* which says itself where"):
                labels.import_from(tmp_path / name, crs="scene", dry_run=dry_run)
    with pytest.raises(NotGeoreferencedError, match="EPSG:0"):
        labels.import_from(tmp_path / "x.geojson", crs="EPSG:0")
    assert list(labels) == before


def test_a_mask_is_foreseen_too(labels, scene, tmp_path):
    painted = open_labels(scene=scene, ontology="maritime")
    painted.paint(shapely.box(0, 0, 10, 10), "dock")
    painted.export(tmp_path / "mask.tif")
    report = labels.import_from(tmp_path / "mask.tif", dry_run=True)
    assert report.notes[-1] == "100 pixels of dock are painted"
    assert not labels.is_painted
    labels.import_from(tmp_path / "mask.tif", class_map={3: "dock"}, remember=True)
    assert int(np.count_nonzero(labels.canvas.array)) == 100

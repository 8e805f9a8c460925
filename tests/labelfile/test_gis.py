"""QGIS itself, in the system's Python, on a label file that a session holds."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest
import shapely

pytestmark = pytest.mark.gis

SYSTEM_PYTHON = Path("/usr/bin/python3")
PRELUDE = """
import json, os, sys
from qgis.core import (QgsApplication, QgsVectorLayer, QgsFeature, QgsGeometry, QgsPointXY)
app = QgsApplication([], False)
app.initQgis()
path = sys.argv[1]
def layer(name):
    found = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert found.isValid(), name
    return found
"""


@pytest.fixture(scope="module")
def qgis():
    """Run a script in QGIS and return what it prints as JSON."""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/tmp")}
    command = [str(SYSTEM_PYTHON), "-c"]
    if not SYSTEM_PYTHON.exists() or subprocess.run([*command, "import qgis.core"], capture_output=True).returncode:
        pytest.skip("QGIS is not installed (make test-gis installs it)")

    def run(path: Path, script: str) -> Any:
        done = subprocess.run(
            [
                *command,
                PRELUDE
                + textwrap.dedent(script)
                + "\nsys.stdout.flush()\nos._exit(0)  # QGIS falls over while it tidies up",
                str(path),
            ],
            capture_output=True,
            text=True,
            env=environment,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run


@pytest.fixture
def held(open_file, make_ship, add):
    """A session that holds a file with a ship, a road and a buoy."""
    file = open_file()
    ship = make_ship(100, 100, attributes={"name": "Ada", "category": "merchant"})
    file.record(
        add(
            ship,
            make_ship(class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (9, 9)])),
            make_ship(class_id="buoy", kind="keypoint", geometry=shapely.Point(3, 4)),
        )
    )
    file.flush()
    return file, ship


def test_qgis_shows_class_colours_and_drop_downs_while_a_session_holds_the_file(qgis, path, held) -> None:
    shown = qgis(
        path,
        """
        out = {}
        for name in ("labels_polygon", "labels_line", "labels_point"):
            found = layer(name)
            renderer = found.renderer()
            categories = {c.value(): c.symbol().color().name() for c in renderer.categories()} if renderer.type() == "categorizedSymbol" else {}
            setup = found.editorWidgetSetup(found.fields().indexOf("class_id"))
            options = setup.config().get("map", {})
            choices = {k: v for entry in (options if isinstance(options, list) else [options]) for k, v in entry.items()}
            out[name] = [found.featureCount(), categories, setup.type(), choices, found.crs().authid()]
        print(json.dumps(out))
        """,  # noqa: E501
    )

    for count, categories, widget, choices, crs in shown.values():
        assert count == 1
        assert {k: categories[k] for k in ("ship", "road", "buoy")} == {
            "ship": "#ff0000",
            "road": "#00ff00",
            "buoy": "#0000ff",
        }
        assert widget == "ValueMap"
        assert choices == {"Ship <of any kind>": "ship", "Road": "road", "Buoy": "buoy"}
        assert crs == "EPSG:32633"


EDIT = """
found = layer("labels_polygon")
assert found.startEditing()
feature = next(found.getFeatures())
assert found.changeAttributeValue(feature.id(), found.fields().indexOf("attr_name"), "Bea")
assert found.changeAttributeValue(feature.id(), found.fields().indexOf("status"), "accepted")
moved = QgsGeometry(feature.geometry())
moved.translate(100, -50)
assert found.changeGeometry(feature.id(), moved)
print(json.dumps([found.commitChanges(), found.commitErrors()]))
"""


def test_an_edit_made_in_qgis_arrives_in_the_session_that_holds_the_file(qgis, path, held) -> None:
    file, ship = held
    arrived = threading.Event()
    file.arrived.connect(arrived.set)

    done, errors = qgis(path, EDIT)

    assert done, errors
    assert arrived.wait(60)
    (edit,) = file.pull({ship.id: ship}, scene_attributes={}).edits
    assert edit.after.attributes == {"name": "Bea", "category": "merchant"}
    assert edit.after.status == "accepted"
    assert edit.after.geometry.bounds == (110, 105, 120, 110)
    file.close()


def test_an_edit_made_in_qgis_is_taken_over_when_the_file_is_opened_again(qgis, path, held, open_file) -> None:
    file, _ = held
    file.close()

    done, errors = qgis(path, EDIT)

    assert done, errors
    file = open_file()
    found = file.load().annotations[0]
    assert found.attributes["name"] == "Bea"
    assert found.geometry.bounds == (110, 105, 120, 110)
    assert file.notes == ("edits made in another program were taken over: 1 changed",)


EDIT_ALL_LAYERS = """
answers = []
for name, dx, dy in (("labels_polygon", 100, -50), ("labels_line", 20, 10), ("labels_point", -10, -30)):
    found = layer(name)
    assert found.startEditing()
    feature = next(found.getFeatures())
    assert found.changeAttributeValue(feature.id(), found.fields().indexOf("status"), "accepted")
    assert found.changeAttributeValue(feature.id(), found.fields().indexOf("confidence"), 0.5)
    moved = QgsGeometry(feature.geometry())
    moved.translate(dx, dy)
    assert found.changeGeometry(feature.id(), moved)
    answers.append([found.commitChanges(), found.commitErrors()])
print(json.dumps(answers))
"""
MOVED = {"ship": (110, 105, 120, 110), "road": (2, -1, 11, 8), "buoy": (2, 7, 2, 7)}


def check_all_layers(annotations) -> None:
    """Check that the edits of all three layers are there, geometry to a hundredth of a pixel."""
    found = {annotation.class_id: annotation for annotation in annotations}
    assert found.keys() == MOVED.keys()
    for class_id, bounds in MOVED.items():
        assert found[class_id].geometry.bounds == pytest.approx(bounds, abs=0.01), class_id
        assert (found[class_id].status, found[class_id].confidence) == ("accepted", 0.5), class_id


def test_edits_of_polygons_lines_and_points_arrive_in_the_session_that_holds_the_file(qgis, path, held) -> None:
    file, _ = held
    known = {annotation.id: annotation for annotation in _known(file)}
    heard = threading.Event()
    file.arrived.connect(heard.set)

    answers = qgis(path, EDIT_ALL_LAYERS)

    assert answers == [[True, answers[i][1]] for i in range(3)], answers
    for _ in range(100):
        for edit in file.pull(known, scene_attributes={}).edits:
            known[edit.id] = edit.after
        if all(annotation.status == "accepted" for annotation in known.values()):
            break
        heard.wait(0.1)
        heard.clear()
    check_all_layers(known.values())
    file.flush()
    assert {entry.actor for entry in file.log() if entry.seq > 1} == {"another program"}
    file.close()


def test_edits_of_polygons_lines_and_points_are_taken_over_and_told_on_reopening(qgis, path, held, open_file) -> None:
    held[0].close()

    answers = qgis(path, EDIT_ALL_LAYERS)

    assert all(done for done, _ in answers), answers
    file = open_file()
    check_all_layers(file.load().annotations)
    assert file.notes == ("edits made in another program were taken over: 3 changed",)
    entry = list(file.log())[-1]
    assert (entry.actor, entry.changed) == ("another program", 3)
    back = file.change_back_to(entry.seq - 1)
    assert len(back.edits) == 3, "and can be taken back from the history"


def test_a_class_chosen_in_qgis_that_the_kind_cannot_be_is_put_back_and_told(qgis, path, held, open_file) -> None:
    file, ship = held
    file.close()

    done, errors = qgis(
        path,
        """
        found = layer("labels_polygon")
        assert found.startEditing()
        feature = next(found.getFeatures())
        assert found.changeAttributeValue(feature.id(), found.fields().indexOf("class_id"), "road")
        print(json.dumps([found.commitChanges(), found.commitErrors()]))
        """,
    )

    assert done, errors
    file = open_file()
    assert file.load().annotations[0] == ship
    assert any("was not taken over" in note and "road" in note for note in file.notes)


def test_attributes_with_options_are_drop_downs_in_qgis(qgis, path, held) -> None:
    widget, config = qgis(
        path,
        """
        found = layer("labels_polygon")
        setup = found.editorWidgetSetup(found.fields().indexOf("attr_category"))
        print(json.dumps([setup.type(), setup.config()]))
        """,
    )

    options = config["map"]
    choices = {k: v for entry in (options if isinstance(options, list) else [options]) for k, v in entry.items()}
    assert widget == "ValueMap"
    assert "merchant" in choices.values()


def _known(file):
    """Return what a session has, as its store would: all that the journal says."""
    return [edit.after for edit in file.journal.change(1).edits]


def test_a_feature_drawn_in_qgis_becomes_an_annotation_and_a_deleted_one_goes(qgis, path, held, open_file) -> None:
    held[0].close()

    done, errors = qgis(
        path,
        """
        found = layer("labels_point")
        assert found.startEditing()
        feature = QgsFeature(found.fields())
        feature.setAttribute("class_id", "buoy")
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(400060, 5299940)))
        assert found.addFeature(feature)
        first = found.commitChanges()
        lines = layer("labels_line")
        assert lines.startEditing()
        assert lines.deleteFeature(next(lines.getFeatures()).id())
        print(json.dumps([first and lines.commitChanges(), found.commitErrors() + lines.commitErrors()]))
        """,
    )

    assert done, errors
    file = open_file()
    found = [(a.class_id, a.geometry.bounds[:2]) for a in file.load().annotations]
    assert found == [("ship", (100, 100)), ("buoy", (3, 4)), ("buoy", (10, 10))]
    assert file.notes == ("edits made in another program were taken over: 1 added, 1 removed",)


def test_a_session_goes_on_writing_while_qgis_has_the_file_open(qgis, path, held, make_ship, add) -> None:
    file, _ = held
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.25):
            file.record(add(make_ship(300)))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        done, errors = qgis(path, EDIT)
    finally:
        stop.set()
        worker.join()
    assert done, errors
    file.flush(timeout_s=60)

    names = [a.attributes.get("name") for a in _reread(file)]
    assert names[0] == "Bea"
    assert len(names) > 3


def _reread(file):
    file.close()
    from napari_geolabel.labelfile import LabelFile

    with LabelFile.open(file.path, grid=file._opened.form.grid, mode="r") as again:
        return again.load().annotations

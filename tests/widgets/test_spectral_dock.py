"""The spectral profile: what the mouse is over, pins, the selection and classes, and their way into a file."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt

from napari_geolabel.imagery.spectrum import area_spectrum, pixel_spectrum
from napari_geolabel.labels.spectra import class_areas, class_spectra
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.rereading import read_scene_as
from napari_geolabel.widgets.spectral_dock import CURSOR, SELECTION, SpectralDock

BOX = shapely.box(10, 20, 30, 60)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "spectra.csv"


@pytest.fixture
def dock(session, qtbot, target):
    """The dock, shown."""
    made = SpectralDock(session, choose_export=lambda parent: str(target))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def point(session):
    """Return a function that puts the mouse over a pixel point of the scene."""

    def move(x, y):
        session.viewer.cursor.position = tuple(Frame.of(session.scene.grid).to_world((x, y)))

    return move


def row_of(dock, key):
    return dock.curves.item(dock.curves.keys.index(key))


def test_the_curve_under_the_mouse_is_that_of_its_pixel(dock, session, point, qtbot):
    point(100.3, 50.8)
    qtbot.waitUntil(lambda: CURSOR in dock.plot.curves)
    assert dock.plot.curves[CURSOR].spectrum == pixel_spectrum(session.scene, 100.3, 50.8)
    point(-5, 50)
    qtbot.waitUntil(lambda: CURSOR not in dock.plot.curves)


def test_a_dock_that_is_not_seen_reads_nothing(dock, point, qtbot, session):
    dock.hide()
    point(100.3, 50.8)
    done = []
    dock._at_points.ask("after", lambda scene: 1, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert CURSOR not in dock.plot.curves


def test_a_curve_is_hidden_and_shown_by_its_box(dock, point, qtbot):
    point(100.3, 50.8)
    dock.pin_cursor()
    qtbot.waitUntil(lambda: "pin:1" in dock.plot.curves)
    row_of(dock, "pin:1").setCheckState(Qt.CheckState.Unchecked)
    assert "pin:1" not in dock.plot.curves
    assert dock.spectra() == []
    row_of(dock, "pin:1").setCheckState(Qt.CheckState.Checked)
    assert "pin:1" in dock.plot.curves


def test_pins_are_at_the_middle_of_their_pixel_named_and_removed(dock, session, point, qtbot):
    point(100.3, 50.8)
    pin = dock.pin_cursor()
    assert (pin.x, pin.y) == (100.5, 50.5)
    qtbot.waitUntil(lambda: len(dock.spectra()) == 1)
    row_of(dock, "pin:1").setText("quay")
    assert [each.title for each in dock.spectra()] == ["quay"]
    assert dock.pins[1].name == "quay"
    dock.curves.setCurrentRow(dock.curves.keys.index("pin:1"))
    dock.remove.click()
    assert not len(dock.pins)
    assert dock.curves.keys == [CURSOR]
    assert not dock.plot.curves.keys() - {CURSOR}


def test_what_cannot_be_pinned_or_removed_is_told(dock, point, told):
    point(-1, 50)
    assert dock.pin_cursor() is None
    dock.remove.click()
    assert "not on the scene" in told[0]
    assert "choose a pin" in told[1]


def test_the_button_pins_what_is_in_the_middle_of_the_view(dock, session):
    session.viewer.scene.camera.center = tuple(Frame.of(session.scene.grid).to_world((200.2, 300.9)))
    dock.pin.click()
    assert (dock.pins[1].x, dock.pins[1].y) == (200.5, 300.5)
    session.viewer.scene.camera.center = tuple(Frame.of(session.scene.grid).to_world((-200, 1e6)))
    dock.pin.click()
    rows, _ = session.scene.grid.shape
    assert (dock.pins[2].x, dock.pins[2].y) == (0.5, rows - 0.5)


def test_an_activated_pin_is_looked_at(dock, session, point):
    point(100.3, 50.8)
    dock.pin_cursor()
    dock.curves.setCurrentRow(1)
    dock.curves.itemActivated.emit(dock.curves.item(1))
    centre = Frame.of(session.scene.grid).to_pixel(session.viewer.scene.camera.center)
    assert np.allclose(centre, (100.5, 50.5))


def test_the_selection_has_the_mean_of_its_pixels_and_follows_edits(dock, session, qtbot):
    ship = session.labels.add(BOX, "ship")
    session.selection.select([ship.id])
    qtbot.waitUntil(lambda: SELECTION in dock.plot.curves)
    found, expected = dock.plot.curves[SELECTION].spectrum, area_spectrum(session.scene, BOX)
    assert found.mean == expected.mean
    assert found.std == expected.std
    assert found.title == "selected Ship"
    session.labels.update(ship.id, geometry=shapely.box(10, 20, 20, 30))
    qtbot.waitUntil(lambda: dock.plot.curves[SELECTION].spectrum.count[0] == 100)
    session.selection.select([])
    assert SELECTION not in dock.plot.curves
    assert SELECTION not in dock.curves.keys


def test_several_that_are_selected_are_taken_together(dock, session, qtbot):
    ids = [session.labels.add(shapely.box(x, 10, x + 10, 20), "ship").id for x in (10, 50)]
    session.selection.select(ids)
    qtbot.waitUntil(lambda: SELECTION in dock.plot.curves)
    assert dock.plot.curves[SELECTION].spectrum.count[0] == 200
    assert dock.plot.curves[SELECTION].spectrum.title == "2 selected: Ship"


def test_classes_are_gathered_from_labels_and_follow_them(dock, session, qtbot):
    first = session.labels.add(BOX, "ship")
    quay = session.labels.add(shapely.box(100, 100, 130, 110), "dock")
    dock.classes.click()
    qtbot.waitUntil(lambda: {"class:ship", "class:dock"} <= dock.plot.curves.keys())
    expected = class_spectra(session.labels)
    for class_id, spectrum in expected.items():
        assert dock.plot.curves[f"class:{class_id}"].spectrum.mean == spectrum.mean
        assert dock.plot.curves[f"class:{class_id}"].color == session.labels.ontology[class_id].color
    session.labels.add(shapely.box(200, 200, 210, 210), "ship")
    qtbot.waitUntil(lambda: dock.plot.curves["class:ship"].spectrum.count[0] == 800 + 100)
    session.labels.remove(quay.id)
    qtbot.waitUntil(lambda: "class:dock" not in dock.curves.keys)
    assert first.id in session.labels.store
    dock.classes.click()
    assert dock.curves.keys == [CURSOR]


def test_many_edits_in_a_row_are_read_once(dock, session, qtbot, monkeypatch):
    session.labels.add(BOX, "ship")
    dock.classes.click()
    qtbot.waitUntil(lambda: "class:ship" in dock.plot.curves)
    asked = []
    ask = dock._ask_classes
    monkeypatch.setattr(dock, "_ask_classes", lambda **only: (asked.append(only), ask(**only)))
    for row in range(50):
        session.labels.add(shapely.box(100, row * 5, 110, row * 5 + 5), "ship")
    assert not asked
    qtbot.waitUntil(lambda: dock.plot.curves["class:ship"].spectrum.count[0] == 800 + 50 * 50)
    assert asked[-1] == {"only": {"ship"}}
    assert len(asked) < 50


def test_classes_without_labels_are_said_to_need_some(dock, told):
    dock.classes.click()
    assert "no class has an annotation yet" in told[0]
    assert class_areas(dock._session.labels) == {}


def test_what_is_shown_is_written_as_a_table(dock, session, point, target, told, qtbot):
    dock.export.click()
    assert "nothing to export" in told[0]
    assert not target.exists()
    point(100.3, 50.8)
    dock.pin_cursor()
    ship = session.labels.add(BOX, "ship")
    session.selection.select([ship.id])
    qtbot.waitUntil(lambda: len(dock.spectra()) == 2)
    dock.export.click()
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows[:: len(session.scene.bands)]] == ["pin 1", "selected Ship"]
    assert float(rows[0]["mean"]) == pytest.approx(pixel_spectrum(session.scene, 100.3, 50.8).mean[0])
    assert told[-1] == f"2 spectra written to {target}"


def test_a_file_that_cannot_be_written_is_told(dock, point, tmp_path, told, qtbot):
    dock._choose_export = lambda parent: str(tmp_path / "missing" / "spectra.csv")
    point(100.3, 50.8)
    dock.pin_cursor()
    qtbot.waitUntil(lambda: len(dock.spectra()) == 1)
    dock.export.click()
    assert len(told) == 1
    assert "spectra.csv" in told[0]


def test_a_scene_read_otherwise_has_its_pins_read_again(dock, session, point, qtbot):
    point(100.3, 50.8)
    dock.pin_cursor()
    qtbot.waitUntil(lambda: len(dock.spectra()) == 1)
    before = dock.spectra()[0].mean[0]
    read_scene_as(session, session.scene.with_band(0, scale=0.5, wavelength_um=0.49))
    qtbot.waitUntil(lambda: len(dock.spectra()) == 1)
    assert dock.spectra()[0].mean[0] == pytest.approx(before * 0.5)
    assert not math.isnan(before)


def test_the_colours_follow_the_theme(dock, session):
    before = dock.plot.backgroundBrush().color()
    session.viewer.theme = "light" if session.viewer.theme == "dark" else "dark"
    assert dock.plot.backgroundBrush().color() != before


def test_the_end_of_the_session_lets_go_of_everything(dock, session, point, qapp):
    scene = session.scene
    point(100.3, 50.8)
    dock.pin_cursor()
    session.close()
    point(30, 30)
    session.viewer.theme = "light"
    qapp.processEvents()
    scene.require_open()
    assert len(session.viewer.layers["pinned spectra"].data) == 0

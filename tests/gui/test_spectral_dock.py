"""Spectra in a real window: what the mouse is over, what is pinned, what is selected, in both themes."""

from __future__ import annotations

import csv
from itertools import product

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.spectrum import pixel_spectrum
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.panels import Panels
from napari_geolabel.widgets.spectral_dock import CURSOR, SELECTION, SpectralDock

LEFT = Qt.MouseButton.LeftButton


def dock_of(viewer):
    return viewer.window._qt_window.findChild(SpectralDock)


def _title_of(dock, key):
    """Return the title of the curve that is plotted, None where there is none."""
    return dock.plot.curves[key].spectrum.title if key in dock.plot.curves else None


@pytest.fixture
def dock(session, viewer, wait):
    """The dock, opened with its button in the Scene tab."""
    panels = viewer.window._qt_window.findChild(Panels)
    tabs = [panels.tabs.tabText(i) for i in range(panels.tabs.count())]
    panels.tabs.setCurrentIndex(tabs.index("Scene"))
    wait(0.05)
    QTest.mouseClick(panels.spectral.spectra, LEFT)
    found = dock_of(viewer)
    assert found is not None
    assert found.isVisible()
    return found


def test_the_curve_follows_the_mouse_at_full_resolution(dock, session, mouse, until):
    for x, y in ((300, 200), (120, 410)):
        mouse.move((x + 0.5, y + 0.5))
        at = np.floor(Frame.of(session.scene.grid).to_pixel(session.viewer.cursor.position)) + 0.5
        expected = pixel_spectrum(session.scene, *at)
        until(lambda title=expected.title: _title_of(dock, CURSOR) == title)
        assert dock.plot.curves[CURSOR].spectrum.mean == expected.mean


def test_a_key_pins_the_pixel_under_the_mouse_and_the_map_marks_it(session, viewer, mouse, press, until, photograph):
    mouse.move((300.5, 200.5))
    press("Alt+P")
    dock = dock_of(viewer)
    (pin,) = dock.pins
    cursor = Frame.of(session.scene.grid).to_pixel(viewer.cursor.position)
    assert (pin.x, pin.y) == tuple(np.floor(cursor) + 0.5)
    until(lambda: len(dock.spectra()) == 1)
    assert dock.spectra()[0].title == "pin 1"
    assert len(viewer.layers["pinned spectra"].data) == 2
    assert viewer.layers.selection.active is session.scene_layer or viewer.layers.selection.active in session.layers
    before = np.linalg.norm(viewer.layers["pinned spectra"].data[0, 1])
    viewer.scene.camera.zoom *= 4
    assert np.linalg.norm(viewer.layers["pinned spectra"].data[0, 1]) == pytest.approx(before / 4, rel=0.01)
    QTest.keyClick(dock.curves, Qt.Key.Key_Delete)
    assert len(dock.pins) == 1, "no row is chosen yet"
    dock.curves.setCurrentRow(dock.curves.keys.index("pin:1"))
    dock.curves.setFocus()
    QTest.mouseClick(dock.remove, LEFT)
    assert not len(dock.pins)
    assert not len(viewer.layers["pinned spectra"].data)


def test_a_click_on_an_annotation_shows_its_mean_and_spread(dock, session, mouse, until):
    ship = session.labels.add(shapely.box(100, 100, 200, 180), "ship", kind="box")
    session.tool = None
    session.shapes_layer.mode = "select"
    mouse.click((150, 140))
    assert session.selected_ids == [ship.id]
    until(lambda: SELECTION in dock.plot.curves)
    spectrum = dock.plot.curves[SELECTION].spectrum
    assert set(spectrum.count) == {8000}
    session.labels.update(ship.id, geometry=shapely.box(100, 100, 150, 180))
    until(lambda: dock.plot.curves[SELECTION].spectrum.count[0] == 4000)
    session.labels.remove(ship.id)
    until(lambda: SELECTION not in dock.curves.keys)
    assert SELECTION not in dock.plot.curves


def test_the_whole_stands_readable_in_both_themes_and_sizes(
    viewer, labels, until, press, mouse, photograph, wait, tmp_path
):
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    session.labels.add(shapely.box(100, 100, 200, 180), "dock", kind="polygon")
    session.labels.add(shapely.box(300, 200, 340, 230), "ship", kind="box")
    viewer.reset_view()
    wait(0.2)
    for place in ((300.5, 200.5), (150.5, 400.5), (420.5, 300.5)):
        mouse.move(place)
        press("Alt+P")
    dock = dock_of(viewer)
    QTest.mouseClick(dock.classes, LEFT)
    until(lambda: len(dock.spectra()) == 5)
    mouse.move((200, 300))
    until(lambda: CURSOR in dock.plot.curves)
    for theme, size in product(("dark", "light"), ((1280, 800), (1600, 1000))):
        viewer.theme = theme
        viewer.window.resize(*size)
        photograph(f"spectra-{theme}-{size[0]}")
        for button in (dock.pin, dock.remove, dock.classes, dock.fit, dock.export):
            assert button.fontMetrics().horizontalAdvance(button.text()) < button.width(), (theme, size)
    dock._choose_export = lambda parent: str(tmp_path / "spectra.csv")
    QTest.mouseClick(dock.export, LEFT)
    with (tmp_path / "spectra.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["title"] for row in rows} == {"pin 1", "pin 2", "pin 3", "class Ship", "class Dock or quay"}
    assert len(rows) == 5 * 13
    session.close()


REAL = {"cloud": (365, 8), "woods": (243, 705), "water": (217, 327)}


def test_cloud_woods_and_water_of_a_real_scene_look_as_they_must(
    viewer, shared_data, until, press, mouse, photograph, wait
):
    scene = open_scene(shared_data / "s2cloudless" / "S2_L1C_betsiboka_13band_uint16.tif")
    labels = open_labels(scene=scene, ontology="clouds")
    session = annotate(viewer, scene, labels.ontology, labels=labels)
    x, y = REAL["cloud"]
    session.labels.add(shapely.box(x - 8, y - 8, x + 8, y + 8), "thick_cloud")
    found = {}
    for number, (what, (x, y)) in enumerate(REAL.items(), 1):
        mouse.look_at((x + 0.5, y + 0.5), 8)
        mouse.move((x + 0.5, y + 0.5))
        press("Alt+P")
        dock = dock_of(viewer)
        wait(0.1)  # the dock takes room from the map
        assert (dock.pins[number].x, dock.pins[number].y) == (x + 0.5, y + 0.5)
        dock.pins.rename(number, what)
        until(lambda number=number, dock=dock: len(dock.spectra()) == number)
        (spectrum,) = [each for each in dock.spectra() if each.title == what]
        found[what] = dict(zip(scene.bands.names, spectrum.mean, strict=True))
    cloud, woods, water = found["cloud"], found["woods"], found["water"]
    assert min(cloud[name] for name in ("B02", "B03", "B04", "B08")) > 0.6, "bright and white"
    assert woods["B08"] > 4 * woods["B04"], "the red edge of leaves"
    assert woods["B03"] > woods["B04"]
    assert water["B11"] < 0.03 < water["B03"], "water swallows the infrared"
    assert dock.plot.axis.value == "Reflectance"
    assert dock.plot.axis.by_wavelength
    QTest.mouseClick(dock.classes, LEFT)
    until(lambda: len(dock.spectra()) == 4)
    dock.library.fill()
    titles = ("Green vegetation", "Lake water", "Thick water cloud")
    for entry in [entry for entry in dock.library.entries.actions() if entry.text() in titles]:
        entry.trigger()
    assert {key for key in dock.plot.curves if key.startswith("library:")} == {
        "library:green_vegetation", "library:lake_water", "library:water_cloud",
    }  # fmt: skip
    assert all(curve.dashed for key, curve in dock.plot.curves.items() if key.startswith("library:"))
    assert len(dock.measured()) == 4
    viewer.reset_view()
    photograph("spectra-betsiboka")
    session.labels.remove(next(iter(session.labels)))
    session.close()

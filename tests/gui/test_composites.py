"""Switching composites touches nothing else; the panel, by mouse and keys; hundreds of switches."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.widgets.panels import Panels

SWITCHES = 1000 if os.environ.get("THOROUGH") else 400
TOLERANCE_MIB = 16
"""How much the memory of a process may wander over so many switches, after it has seen each composite."""


@pytest.fixture
def panel(session, viewer, wait):
    panels = viewer.window._qt_window.findChild(Panels)
    panels.tabs.setCurrentIndex([panels.tabs.tabText(i) for i in range(panels.tabs.count())].index("Composite"))
    wait(0.1)
    return panels.composites


def state_of(session) -> dict[str, Any]:
    """Everything that a switch must leave as it is."""
    viewer, shapes = session.viewer, session.shapes_layer
    camera = viewer.scene.camera
    mask = session.mask_layer.data
    shown_mask = np.asarray(mask[-1] if session.mask_layer.multiscale else mask)
    return {
        "camera": (tuple(camera.center), camera.zoom, tuple(camera.angles)),
        "layers": [(id(layer), layer.visible, layer.opacity) for layer in viewer.layers],
        "active": viewer.layers.selection.active,
        "selected layers": set(viewer.layers.selection),
        "selected": session.selected_ids,
        "highlighted": set(shapes.selected_data),
        "mode": shapes.mode,
        "tool": session.tool,
        "class": session.current_class,
        "drawn": [tuple(map(tuple, each)) for each in session.preview_layer.data.tolist()],
        "shapes": [tuple(map(tuple, each.tolist())) for each in shapes.data],
        "points": session.points_layer.data.tolist(),
        "labels": {a.id: (a.geometry.wkb, a) for a in session.labels.store.values()},
        "mask": shown_mask.tobytes(),
        "undo": session.labels.store.undo_titles,
        "unsaved": session.labels.unsaved,
    }


@pytest.fixture
def labelled(session, mouse):
    """Labels of several sorts, one of them selected, and a view of one's own."""
    labels = session.labels
    labels.add(shapely.box(100, 100, 160, 130), "ship", kind=Kind.BOX)
    chosen = labels.add(shapely.box(300, 200, 360, 260), "ship", kind=Kind.BOX)
    labels.add(shapely.LineString([(50, 50), (90, 200)]), "wake")
    labels.add(shapely.Point(500, 300), "bow")
    mouse.look_at((330, 230), 4.0)
    return chosen


def test_a_switch_leaves_camera_selection_and_labels_as_they_were(session, labelled, press, wait):
    session.selection.select([labelled.id])
    wait(0.3)  # outlines follow the zoom a moment later
    before = state_of(session)
    assert before["selected"] == [labelled.id]
    seen = []
    for key in ("Alt+Right", "Alt+Right", "Alt+Left", "Alt+5", "Alt+1"):
        press(key)
        seen.append(session.composite)
        assert state_of(session) == before, f"{key} to {session.composite}"
    assert len(set(seen)) > 2


def test_a_switch_leaves_a_half_drawn_polygon_as_it_was(session, labelled, press, mouse, photograph, panel, wait):
    """Whichever way it is asked for: by key, by blinking, by the panel, by the console."""
    session.current_class = "dock"
    press("P")
    for xy in ((300, 200), (360, 190), (372, 250)):
        mouse.click(xy)
    wait(0.3)
    before = state_of(session)
    assert before["tool"] == "polygon"
    assert len(before["drawn"]) >= 3
    assert len(before["labels"]) == 4
    press("Alt+Right")
    assert state_of(session) == before
    click_on(panel, "agriculture")
    assert session.composite == "agriculture"
    assert state_of(session) == before
    session.composite = "ndvi"
    assert state_of(session) == before
    photograph("half-drawn-on-ndvi")
    mouse.click((310, 262))
    press("Enter")
    (dock,) = [a for a in session.labels.store.values() if a.class_id == "dock"]
    drawn = shapely.Polygon([(300, 200), (360, 190), (372, 250), (310, 262)])
    assert dock.geometry.symmetric_difference(drawn).area < 0.05 * drawn.area
    assert dock.provenance.composite == "ndvi"


def test_holding_y_blinks_and_leaves_everything_else(session, labelled, viewer, press, qapp, wait):
    press("Alt+7")
    press("Alt+2")
    shown, before = session.composites.steps[1], session.composites.steps[6]
    wait(0.3)
    state, canvas = state_of(session), canvas_widget(viewer)
    QTest.keyPress(canvas, Qt.Key.Key_Y)
    qapp.processEvents()
    assert session.composite == before
    assert state_of(session) == state
    QTest.keyRelease(canvas, Qt.Key.Key_Y)
    qapp.processEvents()
    assert session.composite == shown
    assert state_of(session) == state


def click_on(panel, composite_id: str, column: int = 0) -> None:
    """Click on a row with the mouse."""
    tree, row = panel.list.tree, panel.list.rows[composite_id]
    tree.scrollToItem(row)
    place = tree.visualRect(tree.indexFromItem(row, column)).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)


def color_of(panel, composite_id: str) -> tuple[int, ...]:
    """The mean colour of a thumbnail."""
    image = panel.list.rows[composite_id].icon(0).pixmap(64, 44).toImage()
    colors = [image.pixelColor(x, y).getRgb() for x in range(image.width()) for y in range(image.height())]
    return tuple(np.mean(colors, axis=0).round().astype(int).tolist())


def test_thumbnails_show_the_view_and_follow_it_when_it_rests(session, panel, mouse, until, photograph):
    until(lambda: color_of(panel, "true_color")[3] > 0)
    whole = color_of(panel, "true_color")
    assert 240 < whole[3] < 255, "the whole scene has a corner without data"
    mouse.look_at((107, 158), 8.0)  # a cloud fills the view
    until(lambda: color_of(panel, "true_color")[3] == 255)
    assert min(color_of(panel, "true_color")[:3]) > max(whole[:3])
    photograph("thumbnails-of-a-cloud")


def test_a_word_finds_and_enter_shows(session, panel, photograph):
    QTest.keyClicks(panel.list.search, "snow cyan")
    found = [id_ for id_, row in panel.list.rows.items() if not row.isHidden()]
    assert "snow_cloud" in found
    assert "ndvi" not in found
    QTest.keyClick(panel.list.search, Qt.Key.Key_Return)
    assert session.composite == found[0]
    photograph("search-snow-cyan")


def test_a_click_on_a_star_makes_a_favourite_that_its_key_shows(session, panel, press):
    session.composites.favourites = ["true_color", "ndvi"]
    click_on(panel, "savi", column=1)
    assert session.composites.favourites == ("true_color", "ndvi", "savi")
    assert session.composite == "true_color"
    press("Alt+3")
    assert session.composite == "savi"
    press("Alt+0")
    assert session.composites.favourites == ("true_color", "ndvi")


def test_a_handle_is_dragged_and_the_picture_follows(session, panel, viewer, until, wait, photograph):
    view = panel.stretch.histograms[0]
    until(lambda: view.bars._shares.size > 0)
    limits, others = session.composites.limits[0], session.composites.limits[1:]
    before = viewer.screenshot(flash=False)
    slider = view.slider
    groove, span = slider.width() - 18, slider.maximum() - slider.minimum()

    def at(value: float):
        from qtpy.QtCore import QPoint

        return QPoint(round(9 + (value - slider.minimum()) / span * groove), slider.height() // 2)

    middle = sum(limits) / 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(limits[1]))
    QTest.mouseMove(slider, at(middle))
    until(lambda: session.composites.limits[0][1] < limits[1])
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(middle))
    assert session.composites.limits[0] == pytest.approx((limits[0], middle), abs=0.03 * span)
    assert session.composites.limits[1:] == others
    wait(0.1)
    assert not np.array_equal(viewer.screenshot(flash=False), before)
    photograph("limits-dragged")
    panel.stretch.reset.click()
    wait(0.1)
    assert np.array_equal(viewer.screenshot(flash=False), before)


def test_the_stretch_is_judged_on_what_is_in_view(session, panel, mouse):
    mouse.look_at((107, 158), 8.0)
    panel.stretch.part.textActivated.emit("present view")
    row, row_stop, col, col_stop = session.composites.shown.stretch.view
    canvas = canvas_widget(session.viewer)
    assert ((row + row_stop) / 2, (col + col_stop) / 2) == pytest.approx((158, 107), abs=2)
    assert col_stop - col == pytest.approx(canvas.width() / 8, abs=3)
    assert row_stop - row == pytest.approx(canvas.height() / 8, abs=3)


def test_everything_stays_in_sight_in_a_small_window(session, panel, viewer, photograph, wait):
    viewer.window.resize(1280, 800)
    wait(0.4)
    photograph("composites-small-window")
    tab = viewer.window._qt_window.findChild(Panels).tabs.currentWidget()
    assert panel.width() <= tab.viewport().width()
    assert panel.height() <= tab.viewport().height()
    assert panel.list.tree.height() >= 150
    assert panel.stretch.reset.isVisible()


SCRIPT = """
import gc, sys
import napari, psutil
from qtpy.QtWidgets import QApplication
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.widgets.annotate import annotate

app = QApplication.instance() or QApplication([])
viewer = napari.Viewer(show=True)
viewer.window.resize(700, 400)
session = annotate(viewer, open_scene(sys.argv[1]), "maritime")
viewer.reset_view()
ids = list(session.composites)
process, drawn = psutil.Process(), []
session.composite_changed.connect(drawn.append)

def switch(times):
    for turn in range(times):
        session.composite = ids[turn % len(ids)]
        app.processEvents()
    gc.collect()
    return process.memory_info().rss / 2**20

before = switch(3 * len(ids))
drawn.clear()
after = switch(int(sys.argv[2]))
print(len(drawn), len(viewer.layers), f"{before:.1f} {after:.1f}", flush=True)
viewer.close()
app.processEvents()
print("survived", flush=True)
"""


def test_hundreds_of_switches_leave_memory_flat_and_never_crash(coast, tmp_path):
    """In a process of its own: a native crash must not end the test run."""
    environment = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "settings.yaml"), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT, str(coast), str(SWITCHES)],
        capture_output=True,
        text=True,
        timeout=800,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told, last = done.stdout.splitlines()[-2:]
    switches, layers, before, after = (float(word) for word in told.split())
    assert last == "survived"
    assert switches == SWITCHES
    assert layers == 5
    assert after - before < TOLERANCE_MIB, f"{before} MiB before, {after} MiB after"

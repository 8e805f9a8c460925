"""The minimap in a real window: opened by its key, clicked with a real mouse; and the cells on the map."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtTest import QTest

from napari_geolabel.widgets.minimap import MapDock


def middle(session) -> tuple[float, float]:
    x0, y0, x1, y1 = session.ways.view
    return (x0 + x1) / 2, (y0 + y1) / 2


def test_the_minimap_shows_what_was_seen_and_goes_where_it_is_clicked(
    session, viewer, mouse, press, photograph, until, tmp_path
):
    ways, (rows, cols) = session.ways, session.scene.grid.shape
    viewer.layers.selection.active = session.shapes_layer
    press("F6")
    dock = viewer.window._qt_window.findChild(MapDock)
    until(lambda: dock.map.has_picture and dock.map.isVisible())
    ways.seen.forget()
    mouse.look_at((100, 100), 4)
    until(lambda: ways.seen.share > 0)
    assert "seen near enough" in dock.note.text()
    first, zoom = ways.seen.share, viewer.scene.camera.zoom

    at = dock.map.frame.topLeft() + QPointF(dock.map.frame.width() * 0.75, dock.map.frame.height() * 0.5)
    QTest.mouseClick(dock.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at.toPoint())
    assert middle(session) == pytest.approx((0.75 * cols, 0.5 * rows), abs=1 + 2 * cols / dock.map.frame.width())
    assert viewer.scene.camera.zoom == zoom
    until(lambda: ways.seen.share > first)
    picture = dock.map.grab().toImage()
    inside, unseen = at.toPoint(), (dock.map.frame.bottomLeft() + QPointF(8, -8)).toPoint()
    raw = dock.map._picture
    places = [dock.map.place_at(QPointF(point)) for point in (inside, unseen)]
    source = [raw.pixelColor(int(x / cols * raw.width()), int(y / rows * raw.height())).lightness() for x, y in places]
    shown = [picture.pixelColor(point * picture.devicePixelRatio()).lightness() for point in (inside, unseen)]
    assert shown[1] < 0.75 * source[1]  # under the veil
    assert shown[0] > 0.75 * source[0]
    assert dock.map.place_at(QPointF(-50, -50)) == (0, 0)

    press("Shift+F6")
    assert dock.cells.isChecked()
    press("R")
    session.current_class = "ship"
    session.tool = "box"
    x, y = middle(session)
    mouse.click((x - 20, y - 15))
    mouse.click((x + 20, y + 15))
    until(lambda: len(session.labels) == 1)  # the cells are in nobody's way
    QTest.mouseClick(dock.next, Qt.MouseButton.LeftButton)
    cell = ways.cell
    QTest.mouseClick(dock.nothing, Qt.MouseButton.LeftButton)
    assert set(session.labels.coverage.checked) == {cell}
    until(lambda: "1 labelled, 1 checked" in dock.note.text())
    viewer.reset_view()
    photograph("minimap")
    dock.map.resize(dock.map.width(), 60)
    assert np.isclose(dock.map.frame.height() / dock.map.frame.width(), rows / cols)
    QTest.mouseClick(dock.cells, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(8, 8))
    assert not ways.cells.is_on
    QTest.mouseClick(dock.forget, Qt.MouseButton.LeftButton)
    assert not ways.seen.raster.any()

"""The minimap's geometry and what it tells, without a map beside it."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import QPointF

from napari_geolabel.widgets.minimap import MapDock, _veil


@pytest.fixture
def dock(session, qtbot):
    made = MapDock(session)
    qtbot.addWidget(made)
    made.map.resize(400, 300)
    return made


def test_the_scene_fills_the_widget_as_far_as_its_shape_allows(dock, session):
    (rows, cols), frame = session.scene.grid.shape, dock.map.frame
    assert frame.width() / frame.height() == pytest.approx(cols / rows)
    assert frame.height() == pytest.approx(300) or frame.width() == pytest.approx(400)
    assert frame.center() == QPointF(200, 150)


def test_points_of_the_widget_are_places_of_the_scene_and_those_beside_it_its_edge(dock, session):
    rows, cols = session.scene.grid.shape
    assert dock.map.place_at(QPointF(200, 150)) == pytest.approx((cols / 2, rows / 2))
    assert dock.map.place_at(dock.map.frame.bottomRight()) == pytest.approx((cols, rows))
    assert dock.map.place_at(QPointF(-9, 999)) == pytest.approx((0, rows))
    x0, y0, x1, y1 = 0.25 * cols, 0.5 * rows, 0.75 * cols, rows
    shown = dock.map._on_screen(x0, y0, x1, y1)
    assert dock.map.place_at(shown.topLeft()) == pytest.approx((x0, y0))
    assert dock.map.place_at(shown.bottomRight()) == pytest.approx((x1, y1))


def test_what_is_not_seen_is_veiled(session):
    raster = session.ways.seen.raster
    raster[:] = False
    raster[0, 0] = True
    veil = _veil(raster)
    assert (veil.width(), veil.height()) == raster.shape[::-1]
    assert veil.pixelColor(0, 0).alpha() == 0
    assert veil.pixelColor(1, 0).alpha() > 100


def test_it_counts_cells_as_they_change_and_has_the_picture_of_the_composite(dock, session, qtbot):
    qtbot.waitUntil(lambda: dock.map.has_picture)
    total = len(session.labels.coverage)
    assert dock.note.text().endswith(f"Cells: 0 labelled, 0 checked, {total} open.")
    session.labels.add(shapely.box(1, 1, 5, 5), session.current_class, kind="box")
    session.labels.coverage.mark(list(session.labels.coverage)[-1])
    qtbot.waitUntil(lambda: f"1 labelled, 1 checked, {total - 2} open" in dock.note.text())
    session.ways.seen.forget()
    assert dock.note.text().startswith("0% seen")


def test_its_box_and_the_session_agree_on_the_cells(dock, session):
    session.ways.cells.toggle()
    assert dock.cells.isChecked()
    dock.cells.setChecked(False)
    assert not session.ways.cells.is_on

"""The table of annotations in a real window: opened by key, stepped through, edited, mended."""

from __future__ import annotations

import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.annotations import Status
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.annotation_model import PROBLEM, STATUS


def open_table(viewer, press):
    press("Alt+T")
    return viewer.window._qt_window.findChild(AnnotationDock)


def test_ships_are_found_edited_and_mended_in_the_table(session, viewer, press, photograph, qtbot):
    labels = session.labels
    ships = [
        labels.add(shapely.box(100 + 40 * i, 100, 125 + 40 * i, 105), "ship", kind="box", attributes={"category": c}).id
        for i, c in enumerate(("merchant", "fishing", "fishing"))
    ]
    twin = labels.add(shapely.box(180, 100, 205, 105), "ship", kind="box").id
    table = open_table(viewer, press)
    assert table.model.ids == [*ships, twin]
    qtbot.waitUntil(lambda: twin in table.watch.by_annotation, timeout=60000)
    photograph("annotation-table")

    table.search.setText("fishing")
    assert table.model.ids == ships[1:]
    press("PageDown")
    assert session.selection.ids == [ships[1]]
    press("PageDown")
    assert session.selection.ids == [ships[2]]
    press("PageUp")
    row = table.model.row_of(ships[1])
    table.table.edit(table.model.index(row, STATUS))
    box = table.table.indexWidget(table.model.index(row, STATUS))
    QTest.keyClick(box, Qt.Key.Key_A)  # accepted
    assert labels[ships[1]].status is Status.ACCEPTED

    table.search.clear()
    qtbot.waitUntil(lambda: table.model.index(3, PROBLEM).data() not in ("", None), timeout=60000)
    table.fix.click()
    assert set(labels) == {*ships[:2], twin}
    press("Ctrl+Z")
    assert set(labels) == {*ships, twin}


def test_the_table_is_made_once_and_goes_with_the_session(session, viewer, press):
    table = open_table(viewer, press)
    assert open_table(viewer, press) is table
    session.close()
    assert "Annotations" not in viewer.window.dock_widgets

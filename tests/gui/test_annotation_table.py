"""The table of annotations in a real window: opened by key, stepped through, edited, mended."""

from __future__ import annotations

import shapely
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_geolabel.annotations import Status
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.annotation_model import COLUMNS, PROBLEM, SIZE, STATUS
from napari_geolabel.widgets.parts import TABLE_ROW_PX


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

    table.filters.search.setText("fishing")
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

    table.filters.search.clear()
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


def at(table, row, name):
    """The point of the table where the cell of an attribute is."""
    index = table.model.index(row, len(COLUMNS) + table.model.attributes.index(name))
    table.table.scrollTo(index)
    return table.table.visualRect(index).center()


def click(table, point, *, held=Qt.KeyboardModifier.NoModifier, twice=False):
    where = table.table.viewport(), Qt.MouseButton.LeftButton, held, point
    QTest.mouseClick(*where)
    if twice:
        QTest.mouseDClick(*where)  # the second click of a double click, and nothing else


def test_answers_of_several_ships_are_given_in_the_table_with_the_mouse(
    session, viewer, press, photograph, until, told
):
    labels = session.labels
    ships = [
        labels.add(shapely.box(100 + 40 * i, 100, 110 + 40 * i + 5 * i, 105), "ship", kind="box").id for i in range(4)
    ]
    table = open_table(viewer, press)
    table.columns.toggle_attribute("length_m")
    table.columns.toggle_attribute("wake")
    high = table.table.height()
    table.filters.more.setChecked(True)
    until(lambda: table.filters.details.isVisible() and table.table.height() >= high - 4)  # the dock has made room
    viewer.window.resize(1280, 800)
    until(lambda: viewer.window._qt_window.width() == 1280)
    assert table.table.viewport().height() >= 7 * TABLE_ROW_PX  # with both rows of filters
    photograph("table-small")
    viewer.window.resize(1600, 1000)
    lengths = sorted(float(table.model.index(row, SIZE).data().split()[0]) for row in range(4))
    QTest.keyClicks(table.filters.least, str(lengths[1] - 0.1))
    assert table.model.ids == ships[1:]

    click(table, at(table, 0, "length_m"))
    click(table, at(table, 1, "length_m"), held=Qt.KeyboardModifier.ShiftModifier)
    click(table, at(table, 0, "length_m"), twice=True)
    line = table.table.viewport().findChild(QLineEdit)
    QTest.keyClicks(line, "9000")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: table.table.viewport().findChild(QLineEdit) is None)
    assert "9000 m is more than 500 m" in told[-1]
    assert not labels[ships[1]].attributes

    click(table, at(table, 0, "length_m"))
    click(table, at(table, 1, "length_m"), held=Qt.KeyboardModifier.ShiftModifier)
    click(table, at(table, 0, "length_m"), twice=True)
    line = table.table.viewport().findChild(QLineEdit)
    QTest.keyClicks(line, "90")
    photograph("annotation-table-editing")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: table.table.viewport().findChild(QLineEdit) is None)
    assert [labels[i].attributes.get("length_m") for i in ships] == [None, 90, 90, None]
    assert session.undoing.undo_title == "set length_m of 2 annotations"
    press("Ctrl+Z")
    assert [labels[i].attributes.get("length_m") for i in ships] == [None] * 4

    box = table.table.visualRect(table.model.index(2, len(COLUMNS) + 1)).left() + 12
    click(table, QPoint(box, at(table, 2, "wake").y()))
    assert labels[ships[3]].attributes == {"wake": True}
    assert session.undoing.undo_title == "set wake of Ship 4"

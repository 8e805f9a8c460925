"""The docks of a session as their title bars treat them: the cross, the way back, the end."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDockWidget

from napari_geolabel.widgets.annotate import DOCK_NAME, annotate
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.docks import CONFLICTS, HISTORY, TABLE
from napari_geolabel.widgets.panels import Panels

BOX = shapely.box(10, 10, 30, 20)


@pytest.fixture
def dock(viewer):
    """Return a function that finds a dock by its title, None where there is none."""

    def find(name):
        found = viewer.window._qt_window.findChildren(QDockWidget)
        return next((each for each in found if each.name == name), None)

    return find


@pytest.fixture
def click_the_cross(dock, settle_down):
    def click(name):
        QTest.mouseClick(dock(name).title.close_button, Qt.MouseButton.LeftButton)
        settle_down()

    return click


@pytest.fixture
def settle_down(qapp):
    """Return a function that lets Qt do all it has to do, deletions that were put off among it."""
    from qtpy.QtCore import QEvent

    def settle():
        qapp.processEvents()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        qapp.processEvents()

    return settle


def test_a_table_that_was_closed_by_its_cross_comes_back_as_it_was(session, dock, click_the_cross):
    session.labels.add(BOX, "ship", kind="box")
    session.asked.emit("table")
    table = dock(TABLE).findChild(AnnotationDock)
    table.filters.search.setText("ship")
    click_the_cross(TABLE)
    assert not table.isVisible()
    session.asked.emit("table")
    assert table.isVisible()
    assert table.filters.search.text() == "ship"
    session.asked.emit("next")
    assert len(session.selected_ids) == 1


def test_labelling_goes_on_without_its_panels_which_the_window_menu_brings_back(session, viewer, dock, click_the_cross):
    click_the_cross(DOCK_NAME)
    assert not dock(DOCK_NAME).isVisible()
    session.labels.add(BOX, "ship", kind="box")
    session.labels.undo()
    (action,) = [each for each in viewer.window.window_menu.actions() if each.text() == DOCK_NAME]
    action.trigger()
    assert dock(DOCK_NAME).isVisible()


@pytest.mark.parametrize("closed", [DOCK_NAME, TABLE, HISTORY, CONFLICTS])
def test_a_session_ends_whatever_was_closed_before(session, viewer, dock, click_the_cross, settle_down, closed):
    session.asked.emit("table")
    for name in (HISTORY, CONFLICTS):
        session.asked.emit(name.lower())
    click_the_cross(closed)
    session.close()
    settle_down()
    assert [name for name in (DOCK_NAME, TABLE, HISTORY, CONFLICTS) if dock(name)] == []
    menu = {action.text() for action in viewer.window.window_menu.actions()}
    assert not menu & {DOCK_NAME, TABLE, HISTORY, CONFLICTS}
    session.labels.add(BOX, "ship", kind="box")  # nothing of the ended session listens any more
    session.labels.undo()


def test_the_label_file_closes_when_nobody_reads_it_any_more(viewer, coast, tmp_path, monkeypatch):
    """A reader would keep its write-ahead log alive."""
    from napari_geolabel.labels.labels import Labels

    session = annotate(viewer, coast, "maritime")
    watch = viewer.window._qt_window.findChild(Panels).labels.watch
    closing, close = [], Labels.close
    monkeypatch.setattr(Labels, "close", lambda self: (closing.append(watch.background._is_closed), close(self)))
    session.close()
    assert closing == [True]
    assert [path.name for path in session.labels.path.parent.glob(f"{session.labels.path.name}-*")] == []

"""Notices on the canvas: few, each for its time, and the keyboard stays where it is."""

from __future__ import annotations

import pytest
from napari._qt.dialogs.qt_notification import NapariQtNotification
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.notices import warn
from napari_geolabel.widgets.notice_stack import MOST_NOTICES, NoticeStack, look_after_notices


@pytest.fixture(autouse=True)
def short_notices(monkeypatch):
    """Notices go after a moment."""
    monkeypatch.setattr(NapariQtNotification, "DISMISS_AFTER", 300)


@pytest.fixture
def shown(session, viewer, until):
    """What the notices on the canvas say, the oldest first; those of the start are gone."""
    canvas = canvas_widget(viewer)

    def texts():
        found = (child for child in canvas.children() if isinstance(child, NapariQtNotification))
        notices = [notice for notice in found if not notice.isHidden()]
        return [notice.message.text() for notice in notices]

    for notice in canvas.findChildren(NapariQtNotification):
        notice.close()
    window = viewer.window._qt_window
    window.activateWindow()
    until(window.isActiveWindow)
    return texts


def test_the_same_refusal_ten_times_is_one_notice(shown, wait):
    for _ in range(10):
        warn("select something first")
    wait(0.05)
    assert shown() == ["select something first"]


def test_many_refusals_leave_the_newest(shown, wait):
    for number in range(10):
        warn(f"refused {number}")
    wait(0.05)
    assert shown() == [f"refused {number}" for number in range(10 - MOST_NOTICES, 10)]


def test_every_notice_goes_by_itself(shown, until):
    for number in range(3):
        warn(f"refused {number}")
    until(lambda: not shown())


def test_notices_that_came_while_another_window_was_in_front_go_when_it_comes_back(shown, viewer, wait, until):
    window = viewer.window._qt_window
    other = QLineEdit()
    other.show()
    other.activateWindow()
    until(lambda: not window.isActiveWindow())
    warn("the export is done")
    wait(0.7)
    assert shown() == ["the export is done"]
    other.close()
    window.activateWindow()
    until(window.isActiveWindow)
    until(lambda: not shown())


def test_the_keyboard_stays_in_the_form_while_notices_go(shown, viewer, until):
    field = QLineEdit()
    viewer.window.add_dock_widget(field, name="form")
    field.setFocus()
    committed = []
    field.editingFinished.connect(lambda: committed.append(field.text()))
    warn("one")
    warn("two")
    QTest.keyClicks(field, "12")
    until(lambda: not shown())
    assert viewer.window._qt_window.focusWidget() is field
    assert not committed, "half of the text was taken for all"


def test_a_notice_that_was_closed_by_hand_is_gone_for_good(shown, viewer, wait):
    warn("first")
    wait(0.05)
    (notice,) = canvas_widget(viewer).findChildren(NapariQtNotification)
    notice.close_button.click()
    wait(0.05)
    for number in range(4):
        warn(f"then {number}")
    wait(0.05)
    assert shown() == ["then 1", "then 2", "then 3"]


def test_a_second_session_in_a_window_has_the_same_stack(session, viewer):
    canvas = canvas_widget(viewer)
    look_after_notices(canvas)
    assert len(canvas.findChildren(NoticeStack)) == 1

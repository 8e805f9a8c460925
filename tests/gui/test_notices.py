"""Notices on the canvas: few, each for its time, and the keyboard stays where it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from napari._qt.dialogs.qt_notification import NapariQtNotification
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.notices import warn
from napari_geolabel.widgets.notice_stack import MOST_NOTICES, NoticeStack, look_after_notices


@pytest.fixture(autouse=True)
def last(monkeypatch):
    """Set how many milliseconds a notice lasts: a minute, unless a test says less."""

    def last(milliseconds):
        monkeypatch.setattr(NapariQtNotification, "DISMISS_AFTER", milliseconds)

    last(60_000)
    return last


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


def test_every_notice_goes_by_itself(shown, until, last):
    last(300)
    for number in range(3):
        warn(f"refused {number}")
    until(lambda: not shown())


def test_notices_that_came_while_another_window_was_in_front_go_when_it_comes_back(shown, viewer, wait, until, last):
    last(300)
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


def test_the_keyboard_stays_in_the_form_while_notices_go(shown, viewer, until, last):
    last(300)
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


def shown_notices(viewer):
    return [each for each in canvas_widget(viewer).findChildren(NapariQtNotification) if not each.isHidden()]


def test_a_sentence_is_shown_whole_and_notices_stand_on_each_other(shown, viewer, wait):
    long = "Cloud is not drawn as rotated box; draw it as polygon or mask, or choose another class"
    for text in (long, "select something first", f"{long}, or {long}"):
        warn(text)
    wait(0.5)
    for size in ((1600, 1000), (1280, 800)):
        viewer.window.resize(*size)
        wait(0.5)
        canvas, notices = canvas_widget(viewer), shown_notices(viewer)
        for notice in notices:
            assert canvas.rect().contains(notice.geometry())
            assert "…" not in notice.message._elidedText()
            assert notice.rect().contains(notice.message.geometry())
        below = sorted(notices, key=lambda notice: notice.y())
        assert [notice.message.text() for notice in below] == shown()
        for upper, lower in pairwise(below):
            assert not upper.geometry().intersects(lower.geometry())
        assert canvas.height() - below[-1].geometry().bottom() < 20
    assert [notice.height() > 50 for notice in below] == [True, False, True]


def test_the_arrow_makes_a_long_notice_small(shown, viewer, wait, until):
    warn("Cloud is not drawn as rotated box; draw it as polygon or mask, or choose another class")
    wait(0.05)
    (notice,) = shown_notices(viewer)
    notice.expand_button.click()
    until(lambda: notice.height() == notice.minimumHeight())


def test_a_notice_that_was_closed_by_hand_is_gone_for_good(shown, viewer, wait):
    warn("first")
    wait(0.05)
    (notice,) = shown_notices(viewer)
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

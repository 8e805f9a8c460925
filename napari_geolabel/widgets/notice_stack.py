"""napari's notices over the canvas: a few at most, and none that takes the keyboard along when it goes.

napari puts all notices in one place, each over the one before, and every one
costs time in each picture of the canvas.  It lets them go one after the
other, so that ten refusals are read again for forty seconds; it lets none go
that came while another window was in front.  And as one goes, napari gives
the keyboard to the canvas: what is being typed in a form arrives there as keys.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from napari._qt.dialogs.qt_notification import NapariQtNotification
from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QWidget

MOST_NOTICES = 3
"""How many notices stay at once: each hides the one before."""


def look_after_notices(canvas: QWidget) -> None:
    """Give a canvas a `NoticeStack`; calling it again changes nothing."""
    if canvas.findChild(NoticeStack) is None:
        NoticeStack(canvas)


class NoticeStack(QObject):  # type: ignore[misc]  # qtpy has no types
    """Looks after the notices on a canvas, as long as the canvas lives.

    Parameters
    ----------
    canvas
        The widget that napari shows notices on.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._notices: list[Any] = []
        canvas.installEventFilter(self)
        canvas.window().installEventFilter(self)

    @property
    def notices(self) -> list[Any]:
        """The notices that are there, the newest last."""
        self._notices = [notice for notice in self._notices if isalive(notice)]
        return self._notices

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Take each new notice, and let the newest go that waited for the window to come in front."""
        if event.type() == QEvent.Type.ChildPolished and watched is self._canvas:
            if isinstance(event.child(), NapariQtNotification):
                self._take(event.child())
        elif event.type() == QEvent.Type.WindowActivate and self.notices:
            self.notices[-1].timer_start()
        return bool(super().eventFilter(watched, event))

    def _take(self, notice: NapariQtNotification) -> None:
        """Make room for a new notice: what says the same goes, and the oldest of too many."""
        text, others = notice.message.text(), list(self.notices)
        said = [other for other in others if other.message.text() == text]
        others = [other for other in others if other not in said]
        for other in [*said, *others[: max(0, len(others) + 1 - MOST_NOTICES)]]:
            other.close()
        notice.close = partial(self._close, notice)
        notice.timer.setSingleShot(True)
        notice.timer.setInterval(notice.DISMISS_AFTER)
        notice.timer.timeout.connect(notice.close_with_fade)  # napari does so only where the window is in front
        self._notices.append(notice)

    def _close(self, notice: NapariQtNotification) -> None:
        """Close a notice and leave the keyboard where it is."""
        if notice not in self.notices:
            return
        was_newest = notice is self._notices[-1]
        self._notices.remove(notice)
        notice.parent = _nobody  # else napari gives the keyboard to it
        type(notice).close(notice)
        if was_newest and self._notices:
            self._notices[-1].timer_start()


def _nobody() -> None:
    return None

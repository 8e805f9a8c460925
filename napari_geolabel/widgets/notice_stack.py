"""napari's notices over the canvas: a few at most, whole, and none that takes the keyboard along when it goes.

napari shows one line of each, all in one place, and every one costs time in
each picture of the canvas.  It lets them go one after the other, so that ten
refusals are read again for forty seconds; it lets none go that came while
another window was in front.  And as one goes, napari gives the keyboard to
the canvas: what is being typed in a form arrives there as keys.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from napari._qt.dialogs.qt_notification import NapariQtNotification
from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, QRect, Qt, QTimer
from qtpy.QtWidgets import QWidget

MOST_NOTICES = 3
"""How many notices stay at once."""
GAP_PX = 8
"""Between the notices and the edges of the canvas."""
FEET_PX = 2
"""What letters need below the height that Qt names for them."""
MOST_LINES = 6
"""How many lines of a notice are shown at once; the arrow shows more."""


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

    def __init__(self, canvas: Any) -> None:  # noqa: ANN401  (vispy's widget)
        super().__init__(canvas)
        self._canvas = canvas
        self._notices: list[Any] = []
        canvas.resized.connect(self._arrange)
        canvas.installEventFilter(self)
        canvas.window().installEventFilter(self)

    @property
    def notices(self) -> list[Any]:
        """The notices that are there, the newest last."""
        self._notices = [notice for notice in self._notices if isalive(notice)]
        return self._notices

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Take each new notice, and let those go that waited for the window."""
        if event.type() == QEvent.Type.ChildPolished and watched is self._canvas:
            if isinstance(event.child(), NapariQtNotification):
                self._take(event.child())
        elif event.type() == QEvent.Type.WindowActivate:
            self._let_go()
        return bool(super().eventFilter(watched, event))

    def _take(self, notice: NapariQtNotification) -> None:
        """Make room for a new notice: what says the same goes, and the oldest of too many."""
        text, others = notice.message.text(), list(self.notices)
        said = [other for other in others if other.message.text() == text]
        others = [other for other in others if other not in said]
        for other in [*said, *others[: max(0, len(others) + 1 - MOST_NOTICES)]]:
            other.close()
        self._canvas.resized.disconnect(notice.move_to_bottom_right)  # napari would put all into one place
        notice.close = partial(self._close, notice)
        notice.timer.setSingleShot(True)
        notice.timer.setInterval(notice.DISMISS_AFTER)
        notice.timer.timeout.connect(notice.close_with_fade)  # napari does so only where the window is in front
        self._notices.append(notice)
        _show_whole(notice)
        self._arrange()
        QTimer.singleShot(0, self._let_go)  # once napari has shown it and stopped the others' time

    def _arrange(self, _event: object = None) -> None:
        """Put the newest into the corner and the others on top of it."""
        bottom = self._canvas.height() - GAP_PX
        for notice in reversed(self.notices):
            bottom -= notice.height()
            notice.geom_anim.stop()
            notice.move(self._canvas.width() - GAP_PX - notice.width(), bottom)
            bottom -= GAP_PX // 2

    def _let_go(self) -> None:
        """Have all notices go in a while, unless another window is in front or the mouse is on them."""
        for notice in self.notices:
            if notice.isActiveWindow() and not notice.underMouse():
                notice.timer_start()

    def _close(self, notice: NapariQtNotification) -> None:
        """Close a notice and leave the keyboard where it is."""
        if notice in self.notices:
            self._notices.remove(notice)
            notice.parent = _nobody  # else napari gives the keyboard to it
            type(notice).close(notice)


def _show_whole(notice: NapariQtNotification) -> None:
    """Make room for all of the text: napari shows one line, and the end of a sentence says what to do."""
    label = notice.message
    label.ensurePolished()  # gives it its font
    for layout in (notice.layout(), notice.row1):
        layout.activate()  # gives the label its width
    whole = QRect(0, 0, label.width(), MOST_LINES * label.fontMetrics().lineSpacing())
    line, needed = (
        label.fontMetrics().boundingRect(whole, Qt.TextFlag.TextWordWrap, text).height() for text in ("x", label.text())
    )
    needed = min(needed, whole.height())
    label.setMinimumHeight(needed + FEET_PX)
    notice.resize(notice.width(), notice.height() + needed - line)
    if needed > line:
        notice.setProperty("expanded", True)  # the arrow makes it small again
        for change in (notice.style().unpolish, notice.style().polish):
            change(notice.expand_button)


def _nobody() -> None:
    return None

"""Long work that the user waits for: on a thread of its own, with progress and a way to end it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QProgressDialog, QWidget

from napari_geolabel.masks import Watch
from napari_geolabel.widgets.background import Background, told

Result = TypeVar("Result")

SHOWN_AFTER_MS = 400
"""Shorter work shows no progress, which would only flash."""
_STEPS = 1000
_LOOK_MS = 100


def run_watched(parent: QWidget | None, title: str, work: Callable[[Watch], Result]) -> Result:
    """Do some work beside Qt's thread, and return what comes of it; the window goes on painting meanwhile.

    Nothing else can be done in the window until then, so that the work finds
    everything as it was; *Cancel* ends it soon.

    Parameters
    ----------
    parent
        The window that waits.
    title
        What is being done.
    work
        Is given a watch, which it must tell how far it is for *Cancel* to work.

    Raises
    ------
    Exception
        What the work raises; `CancelledError` where the user ended it.
    """
    waiting = _Waiting(parent, title)
    try:
        result = waiting.wait_for(work)
    finally:
        waiting.end()
    if isinstance(result, Exception):
        raise result
    return result  # type: ignore[no-any-return]


class _Waiting:
    """One piece of work, and the dialog that is shown while it takes long."""

    def __init__(self, parent: QWidget | None, title: str) -> None:
        self._share, self._results = 0.0, list[Any]()
        self._cancelled = threading.Event()
        self._background = Background("watched")
        self._loop = QEventLoop()
        self.dialog = QProgressDialog(title, "Cancel", 0, _STEPS, parent)
        self.dialog.setWindowTitle("napari-geolabel")
        self.dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.dialog.setAutoReset(False)
        self.dialog.setAutoClose(False)
        self.dialog.setMinimumDuration(2**30)  # Qt would guess from the first steps when to show it
        self.dialog.canceled.connect(self._cancelled.set)
        self._timer = QTimer(self.dialog)
        self._timer.timeout.connect(self._look)
        self._delay = QTimer(self.dialog)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self._loop.quit)

    def wait_for(self, work: Callable[[Watch], Any]) -> Any:  # noqa: ANN401  (what the work returns, or an exception)
        """Return what comes of the work, also where that is an exception."""
        watch = Watch(progress=self._tell, cancelled=self._cancelled.is_set)
        self._background.ask(told(partial(work, watch)), self._take)
        self._delay.start(SHOWN_AFTER_MS)
        self._timer.start(_LOOK_MS)
        # until the dialog stands before the window, mouse and keys wait: they would change what is being worked on
        self._loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if not self._results:
            self.dialog.show()
            self._loop.exec()
        return self._results[0]

    def end(self) -> None:
        """Take the dialog away."""
        self._timer.stop()
        self._delay.stop()
        self._background.close()
        self.dialog.canceled.disconnect(self._cancelled.set)
        self.dialog.close()
        self.dialog.deleteLater()

    def _tell(self, share: float) -> None:
        """Note how far the work is; on its own thread."""
        self._share = share

    def _take(self, result: object) -> None:
        self._results.append(result)
        self._loop.quit()

    def _look(self) -> None:
        self.dialog.setValue(round(_STEPS * self._share))

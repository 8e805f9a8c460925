"""Looks that a dialog takes beside Qt's thread: what is asked anew gives up what was asked before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QDialog, QProgressBar

from napari_geolabel.masks import Watch
from napari_geolabel.widgets.background import Background, expected, told

_SHOWN_AFTER_MS = 300  # a shorter look shows no progress, which would only flash
_STEPS = 1000


class Looks:
    """One look after the other, with a bar that shows how far a long one is; closing the dialog ends it.

    Parameters
    ----------
    name
        What the thread is for, as debuggers show it.
    dialog
        Whose looks they are.
    """

    def __init__(self, name: str, dialog: QDialog) -> None:
        self.progress = QProgressBar()
        self.is_busy = False
        """Whether a look is being taken."""
        self._background, self._look = Background(name), _Look()
        self._timer = QTimer(dialog)
        self._timer.timeout.connect(self._show_progress)
        self.progress.setVisible(False)
        dialog.finished.connect(self.end)

    def ask(self, work: Callable[[Watch], Any], take: Callable[[Any], object]) -> None:
        """Do some work beside Qt's thread and hand on what comes of it, unless something newer is asked by then.

        Parameters
        ----------
        work
            Is given a watch, which ends it once nobody waits for it.
        take
            Is given the result, or the exception that was raised instead; one that is no `GeoLabelError` is
            raised here afterwards.
        """
        self._look.is_given_up = True
        look = self._look = _Look()
        watch = Watch(progress=look.tell, cancelled=lambda: look.is_given_up)
        self.is_busy = True
        self.progress.setVisible(False)
        self._timer.start(_SHOWN_AFTER_MS)

        def taken(result: object) -> None:
            if not look.is_given_up:
                self.stop()
                take(result)
                expected(result)

        self._background.ask(told(lambda: work(watch)), taken)

    def stop(self) -> None:
        """Give up what is being looked at; something else may be asked."""
        self._look.is_given_up = True
        self.is_busy = False
        self._timer.stop()
        self.progress.setVisible(False)

    def end(self) -> None:
        """Give up what is being looked at, and look no more."""
        self.stop()
        self._background.abandon()

    def _show_progress(self) -> None:
        """Show how far the work is; a range of nothing is a bar that runs to and fro."""
        share = self._look.share
        self.progress.setRange(0, _STEPS if share else 0)
        self.progress.setValue(round(_STEPS * share))
        self.progress.setVisible(True)


class _Look:
    """How far a look is, and whether anybody still waits for it."""

    def __init__(self) -> None:
        self.share, self.is_given_up = 0.0, False

    def tell(self, share: float) -> None:
        """Note how far the work is; on its own thread."""
        self.share = share

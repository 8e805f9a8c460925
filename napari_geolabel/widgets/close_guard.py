"""Asks before a window with unsaved labels closes, and ends the session when it has closed."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMessageBox, QWidget

from napari_geolabel.errors import WriteError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.labels_panel import (
    ChoosePath,
    choose_export_path,
    choose_label_path,
    export_to,
    save_elsewhere,
)


class Answer(Enum):
    """What to do with unsaved labels."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


Ask = Callable[[QWidget, str], Answer]
"""Asks what to do; gets the window and the sentence to show."""


def ask_in_dialog(window: QWidget, text: str) -> Answer:
    """Ask in a dialog that waits for an answer."""
    from qtpy.QtCore import Qt

    box = QMessageBox(window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Labels are not saved")
    box.setText(text)
    save = box.addButton("Save…", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return {save: Answer.SAVE, discard: Answer.DISCARD}.get(box.clickedButton(), Answer.CANCEL)


def drain(labels: Labels) -> str:
    """Wait until a label file has everything; return why it has not, to be put into a sentence."""
    try:
        labels.flush()
    except WriteError as error:
        return f" ({error})"
    return ""


class CloseGuard(QObject):  # type: ignore[misc]  # qtpy has no types
    """Watches a main window; its parent is the window, so that it lives as long.

    Parameters
    ----------
    window
        napari's main window.
    session
        The session that it shows.
    ask, choose_path, choose_place
        How to ask; replaceable, so that nothing waits where nobody answers.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        *,
        ask: Ask = ask_in_dialog,
        choose_path: ChoosePath = choose_export_path,
        choose_place: ChoosePath = choose_label_path,
    ) -> None:
        super().__init__(window)
        self._session = session
        self.ask = ask
        self.choose_path = choose_path
        self.choose_place = choose_place
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Swallow a close event when the user wants to go on; Qt calls this."""
        if event.type() == QEvent.Type.DeferredDelete:  # napari's window deletes itself once it is closed
            self._session.close()
        if event.type() == QEvent.Type.Close and self._closed_by_user() and not self._may_close(window):
            event.ignore()
            return True
        return False

    def _closed_by_user(self) -> bool:
        """Whether a person closes the window: ``viewer.close()`` of a script hides the canvas first."""
        canvas = canvas_widget(self._session.viewer)
        return canvas is not None and bool(canvas.isVisible())

    def _may_close(self, window: QObject) -> bool:
        labels = self._session.labels
        if self._session.is_closed:
            return True
        reason = drain(labels)
        if not labels.unsaved:
            return True
        answer = self.ask(
            window, f"The labels of {labels.scene.name} are not saved{reason}. Closing the window loses them."
        )
        if answer is Answer.SAVE:
            return self._save(window) and not labels.unsaved
        return answer is Answer.DISCARD

    def _save(self, window: QObject) -> bool:
        """Export labels in memory, give those of a label file another one; return whether it was done."""
        if self._session.labels.path is None:
            path = self.choose_path(window)
            return bool(path) and export_to(self._session, path)
        path = self.choose_place(window)
        return bool(path) and save_elsewhere(self._session, path)

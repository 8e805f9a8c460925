"""Asks before a window with unsaved labels closes, and ends the session when it has closed."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMessageBox, QWidget

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.labels_panel import ChoosePath, choose_export_path, export_to


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
    save = box.addButton("Export…", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return {save: Answer.SAVE, discard: Answer.DISCARD}.get(box.clickedButton(), Answer.CANCEL)


class CloseGuard(QObject):  # type: ignore[misc]  # qtpy has no types
    """Watches a main window; its parent is the window, so that it lives as long.

    Parameters
    ----------
    window
        napari's main window.
    session
        The session that it shows.
    ask, choose_path
        How to ask; replaceable, so that nothing waits where nobody answers.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        *,
        ask: Ask = ask_in_dialog,
        choose_path: ChoosePath = choose_export_path,
    ) -> None:
        super().__init__(window)
        self._session = session
        self.ask = ask
        self.choose_path = choose_path
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
        if self._session.is_closed or not labels.unsaved:
            return True
        answer = self.ask(window, f"The labels of {labels.scene.name} are not saved. Closing the window loses them.")
        if answer is Answer.SAVE:
            path = self.choose_path(window)
            return bool(path) and export_to(self._session, path) and not labels.unsaved
        return answer is Answer.DISCARD

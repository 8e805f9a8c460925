"""Asks before a file is replaced by one that holds far fewer labels."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

AskReplace = Callable[[QWidget | None, str], bool]
"""Asks whether to replace a file all the same; gets the window and what speaks against it."""


def ask_replace(parent: QWidget | None, reason: str) -> bool:
    """Ask in a dialog that waits for an answer; closing it leaves the file as it is."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Far fewer labels than before")
    box.setText(reason)
    replace = box.addButton("Replace it", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep the old file", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is replace

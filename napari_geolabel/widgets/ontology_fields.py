"""Fields of the ontology editor: each shows a value and says what a person makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor, QFocusEvent
from qtpy.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from napari_geolabel.widgets.parts import plain_label, set_tooltip, swatch

TEXT_LINES = 3
ChooseColor = Callable[[str, QWidget], str | None]
"""Asks for a colour, beginning with one; None when the user gave up."""


class Form(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Names with fields beside them; says which field has got which value."""

    edited = Signal(str, object)
    """Emitted with the name of a field and its new value, once it is left, chosen or Enter is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, QWidget] = {}
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setVerticalSpacing(2)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, name: str, label: str, field: QWidget, tooltip: str = "") -> None:
        """Add a field under a name."""
        self.fields[name] = field
        set_tooltip(field, tooltip)
        self.rows.addRow(plain_label(label), field)

    def line(self, name: str, label: str, value: object, tooltip: str = "") -> QLineEdit:
        """Add a line of text; an empty one stands for None where the value was None."""
        field = QLineEdit("" if value is None else str(value))
        shown = field.text()

        def finish() -> None:
            if field.text() != shown:
                self.edited.emit(name, field.text().strip())

        field.editingFinished.connect(finish)
        self.add(name, label, field, tooltip)
        return field

    def text(self, name: str, label: str, value: str, tooltip: str = "") -> QPlainTextEdit:
        """Add a text of several lines, which counts once it is left."""
        field = _Text(value)
        field.left.connect(lambda text: self.edited.emit(name, text))
        self.add(name, label, field, tooltip)
        return field

    def tick(self, name: str, label: str, *, value: bool, tooltip: str = "") -> QCheckBox:
        """Add a box to tick."""
        field = QCheckBox()
        field.setChecked(value)
        field.clicked.connect(lambda ticked: self.edited.emit(name, bool(ticked)))
        self.add(name, label, field, tooltip)
        return field

    def choice(self, name: str, label: str, value: object, choices: Mapping[Any, str], tooltip: str = "") -> QComboBox:
        """Add a choice of values by their titles."""
        field = QComboBox()
        for each, title in choices.items():
            field.addItem(title, each)
        field.setCurrentIndex(list(choices).index(value) if value in choices else -1)
        field.activated.connect(lambda index: self.edited.emit(name, field.itemData(index)))
        self.add(name, label, field, tooltip)
        return field

    def ticks(self, name: str, label: str, value: Sequence[str], choices: Mapping[str, str], tooltip: str = "") -> None:
        """Add boxes for several values; they are given in the order of the choices."""
        field = QWidget()
        grid = QGridLayout(field)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        boxes: dict[str, QCheckBox] = {}
        for number, (each, title) in enumerate(choices.items()):
            boxes[each] = QCheckBox(title)
            boxes[each].setChecked(each in value)
            boxes[each].setObjectName(each)
            boxes[each].clicked.connect(
                lambda _: self.edited.emit(name, tuple(b for b in boxes if boxes[b].isChecked()))
            )
            grid.addWidget(boxes[each], number // 3, number % 3)
        self.add(name, label, field, tooltip)

    def color(self, name: str, label: str, value: str, choose: ChooseColor, tooltip: str = "") -> None:
        """Add a button that shows a colour and asks for another one."""
        field = QPushButton(value)
        field.setIcon(swatch(value))

        def ask() -> None:
            chosen = choose(value, field)
            if chosen is not None:
                self.edited.emit(name, chosen)

        field.clicked.connect(ask)
        self.add(name, label, field, tooltip)


def choose_color(before: str, parent: QWidget) -> str | None:
    """Ask for a colour by Qt's dialog."""
    chosen = QColorDialog.getColor(QColor(before), parent, "Colour of the class")
    return str(chosen.name()) if chosen.isValid() else None


class _Text(QPlainTextEdit):  # type: ignore[misc]  # qtpy has no types
    """A text that tells what it holds when it is left."""

    left = Signal(str)

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self._shown = value
        self.setTabChangesFocus(True)
        self.setFixedHeight(TEXT_LINES * self.fontMetrics().lineSpacing() + 12)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  (Qt's name)
        """Tell the text when the keyboard goes elsewhere; Qt calls this."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason and self.toPlainText() != self._shown:
            self._shown = self.toPlainText()
            self.left.emit(self._shown)

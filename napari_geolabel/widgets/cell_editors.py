"""What a cell of a table is edited by: a list, a line, or boxes to tick, as its attribute wants it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qtpy.QtCore import QAbstractItemModel, QModelIndex, Qt
from qtpy.QtWidgets import QComboBox, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from napari_geolabel.ontology.model import Attribute
from napari_geolabel.widgets.attribute_fields import UNANSWERED, ChecklistField, range_text, read_number

Choices = Sequence[tuple[str, Any]]
"""What a list offers: texts with their values."""

_HINTS: dict[str, Callable[[Attribute], str]] = {"number": range_text, "date": lambda _attribute: "2024-05-31"}


class ChoiceDelegate(QStyledItemDelegate):  # type: ignore[misc]  # qtpy has no types
    """Edits a cell by choosing from a list."""

    def __init__(self, choices: Callable[[], Choices], parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices

    def createEditor(self, parent: QWidget, option: object, index: QModelIndex) -> QWidget:  # noqa: ARG002, N802
        """Return the list; Qt calls this."""
        return _list_of(self._choices(), parent, self)

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # noqa: N802
        """Show the cell's value in the list; Qt calls this."""
        _show_in_list(editor, index.data(Qt.ItemDataRole.EditRole))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:  # noqa: N802
        """Take what was chosen, if anything: a list left alone does not offer what the cell has; Qt calls this."""
        if editor.currentIndex() >= 0:
            model.setData(index, editor.currentData(), Qt.ItemDataRole.EditRole)


class AttributeDelegate(QStyledItemDelegate):  # type: ignore[misc]  # qtpy has no types
    """Edits an answer by what its attribute is: options in a list, some of them by boxes, all else in a line.

    It checks nothing: the ontology does, which says why it refuses an answer.
    """

    def __init__(self, attribute_of: Callable[[QModelIndex], Attribute | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._attribute_of = attribute_of

    def createEditor(self, parent: QWidget, option: object, index: QModelIndex) -> QWidget | None:  # noqa: ARG002, N802
        """Return what the answer is given by; Qt calls this."""
        attribute = self._attribute_of(index)
        if attribute is None:
            return None
        if attribute.type in ("radio", "boolean"):
            return _list_of(_choices(attribute), parent, self)
        if attribute.type == "checklist":
            return _Boxes(attribute, parent)
        line = QLineEdit(parent)
        line.setPlaceholderText(_HINTS[attribute.type](attribute) if attribute.type in _HINTS else "")
        return line

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # noqa: N802
        """Show the answer; Qt calls this."""
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            _show_in_list(editor, value)
        elif isinstance(editor, _Boxes):
            editor.show_value(value)
        else:
            editor.setText("" if value is None else str(value))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:  # noqa: N802
        """Take the answer; Qt calls this."""
        attribute = self._attribute_of(index)
        if isinstance(editor, QComboBox):
            if editor.currentIndex() >= 0:
                model.setData(index, editor.currentData(), Qt.ItemDataRole.EditRole)
        elif isinstance(editor, _Boxes):
            model.setData(index, editor.chosen, Qt.ItemDataRole.EditRole)
        elif attribute is not None:
            text = editor.text().strip()
            read = read_number if attribute.type == "number" else str
            model.setData(index, read(text) if text else None, Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(  # noqa: N802
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Put the editor over its cell; boxes hang below it, or stand above where there is no room; Qt calls this."""
        super().updateEditorGeometry(editor, option, index)
        if isinstance(editor, _Boxes):
            wanted, room = editor.sizeHint(), editor.parentWidget().rect()
            place = option.rect
            top = min(place.top(), max(0, room.bottom() - wanted.height()))
            editor.setGeometry(place.left(), top, max(place.width(), wanted.width()), wanted.height())


class _Boxes(ChecklistField):
    """Boxes over a cell; Enter takes them, Escape leaves them, so does a click on another cell."""

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(attribute)
        self.setParent(parent)
        self.setAutoFillBackground(True)
        self._row.setContentsMargins(4, 2, 4, 2)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """What is ticked, None for nothing."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked()) or None


def _choices(attribute: Attribute) -> Choices:
    answers = [("yes", True), ("no", False)] if attribute.type == "boolean" else []
    options = [(option.name, option.id) for option in attribute.options if not option.archived]
    return [(UNANSWERED, None), *answers, *options]


def _list_of(choices: Choices, parent: QWidget, delegate: QStyledItemDelegate) -> QComboBox:
    box = QComboBox(parent)
    for text, value in choices:
        box.addItem(text, value)
    box.activated.connect(lambda _index: (delegate.commitData.emit(box), delegate.closeEditor.emit(box)))
    return box


def _show_in_list(box: QComboBox, value: object) -> None:
    """Choose a value in a list, nothing where the list does not offer it."""
    datas = [box.itemData(place) for place in range(box.count())]
    fitting = [place for place, data in enumerate(datas) if (type(data), data) == (type(value), value)]
    box.setCurrentIndex(fitting[0] if fitting else -1)

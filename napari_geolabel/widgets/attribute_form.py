"""A form made from a tree of attributes: one row each, those of a chosen option below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import pairwise
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_geolabel.ontology.model import Attribute
from napari_geolabel.widgets.attribute_fields import Field, make_field
from napari_geolabel.widgets.parts import plain_label, set_tooltip, word
from napari_geolabel.widgets.theme_style import follow_theme, refusal_style

INDENT = "    "
LABEL_PX = 120
"""Width of the names, so that fields stand below each other in all forms."""
MOST_LABEL_PX = 150
"""Width from which on a name is broken into lines."""


_LOW = "QLineEdit { min-height: 0px; padding: 2px; } QComboBox { padding: 1px 10px 1px 8px; }"
"""As high as their texts: a class may ask a dozen things."""


class AttributeForm(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Shows attributes with their values and says what a person answers."""

    answered = Signal(str, object)
    """Emitted with the id of an attribute and its new value, None to take it back."""
    left = Signal()
    """Emitted when Escape is pressed in a field."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        """The field of each attribute that is asked now, by the attribute's id, in order."""
        self._names: dict[str, QLabel] = {}
        self._asked: list[tuple[int, Attribute]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(1)
        self.setStyleSheet(_LOW)
        self._grid.setColumnMinimumWidth(0, LABEL_PX)
        self._grid.setColumnStretch(1, 1)
        self.refusal = plain_label()
        follow_theme(self.refusal, refusal_style)

    def show_attributes(
        self, attributes: Sequence[Attribute], values: Mapping[str, Any], missing: AbstractSet[str]
    ) -> None:
        """Show attributes, their values, and which answers are required and missing."""
        asked = list(_asked(attributes, values))
        if asked != self._asked:
            self._build(asked)
        for attribute_id, field in self.fields.items():
            field.show_value(values.get(attribute_id))
            font = self._names[attribute_id].font()
            font.setBold(attribute_id in missing)
            self._names[attribute_id].setFont(font)
        self.refuse("")

    def refuse(self, sentence: str) -> None:
        """Show why an answer was not taken, nothing for an empty sentence."""
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

    def forbid(self, reason: str) -> None:
        """Grey the fields and say why; an empty reason allows answers again."""
        for field in self.fields.values():
            field.setEnabled(not reason)
        self.refuse(reason)

    def take_typed(self) -> list[tuple[str, Any]]:
        """Return what was typed and is no answer yet, with the ids of its attributes; it counts as answered then."""
        return [(attribute_id, value) for attribute_id, field in self.fields.items() for value in field.take_typed()]

    def focus_first(self) -> None:
        """Give the keyboard to the first field, an unanswered required one before others."""
        bold = [i for i, name in self._names.items() if name.font().bold()]
        for attribute_id in (*bold, *self.fields):
            self.fields[attribute_id].setFocus(Qt.FocusReason.ShortcutFocusReason)
            return

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  (Qt's name)
        """Hear Escape, which fields leave to what they stand in; Qt calls this."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _build(self, asked: Sequence[tuple[int, Attribute]]) -> None:
        """Make the rows anew; a field whose attribute stays is kept, since it may be what is being answered in."""
        kept: dict[int, Field | None] = {id(field.attribute): field for field in self.fields.values()}
        for name in self._names.values():
            _drop(name)
        for field in self.fields.values():
            self._grid.removeWidget(field)
        self._grid.removeWidget(self.refusal)
        self.fields, self._names, self._asked = {}, {}, list(asked)
        for row, (depth, attribute) in enumerate(asked):
            field = kept.pop(id(attribute), None) or self._make_field(attribute)
            name = _name_label(attribute, depth)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(field, row, 1)
            field.show()  # now: the Tab key may come before Qt's own next turn
            self.fields[attribute.id], self._names[attribute.id] = field, name
        self._grid.addWidget(self.refusal, len(asked), 0, 1, 2)
        for gone in filter(None, kept.values()):
            _drop(gone)
        _chain_tabs([stop for field in self.fields.values() for stop in field.stops])

    def _make_field(self, attribute: Attribute) -> Field:
        field = make_field(attribute)
        field.answered.connect(partial(self.answered.emit, attribute.id))
        return field


def _asked(
    attributes: Sequence[Attribute], values: Mapping[str, Any], depth: int = 0
) -> Iterator[tuple[int, Attribute]]:
    """Yield what is asked, given the values, with how deep it stands under options."""
    for attribute in attributes:
        if attribute.archived:
            continue
        yield depth, attribute
        for option in attribute.options:
            if option.attributes and values.get(attribute.id) == option.id:
                yield from _asked(option.attributes, values, depth + 1)


def _name_label(attribute: Attribute, depth: int) -> QLabel:
    label = word(f"{INDENT * depth}{attribute.name}{' *' if attribute.required else ''}")
    if label.sizeHint().width() > MOST_LABEL_PX:
        label.setWordWrap(True)
        label.setMaximumWidth(MOST_LABEL_PX)
    advice = f"{attribute.description} (required)" if attribute.required else attribute.description
    set_tooltip(label, advice.strip())
    return label


def _chain_tabs(stops: Sequence[QWidget]) -> None:
    """Let the Tab key go through widgets from top to bottom."""
    for first, second in pairwise(stops):
        QWidget.setTabOrder(first, second)


def _drop(widget: QWidget) -> None:
    """Delete a widget that may be the one whose signal is being handled."""
    widget.hide()
    widget.deleteLater()

"""One widget per type of attribute: it shows a value and says what a person answers.

A field never checks an answer, the ontology does; it only turns what was
typed or chosen into a value.  Fields speak when a person acts and never when
a value is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from napari_geolabel.ontology.model import Attribute
from napari_geolabel.viewer.attribute_editor import VARIOUS
from napari_geolabel.widgets.parts import set_tooltip, word

UNANSWERED: Final = "—"
"""What stands where there is no answer."""
SHORTEST: Final = 10
"""Letters of an option that are seen in the narrowest list."""


class Field(QWidget):  # type: ignore[misc]  # qtpy has no types
    """A widget that shows and changes one value."""

    answered = Signal(object)
    """Emitted with the value that a person gives, None to take it back."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__()
        self.attribute = attribute
        self.stops: list[QWidget] = []
        """Where the Tab key stops, in order."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        set_tooltip(self, attribute.description)

    def show_value(self, value: Any) -> None:  # noqa: ANN401  (of the attribute's type)
        """Show a value, None for no answer, `VARIOUS` for several."""
        raise NotImplementedError

    def take_typed(self) -> list[Any]:
        """Return what was typed and is no answer yet, none or one value; from now on it counts as answered."""
        return []

    def _put(self, widget: QWidget) -> None:
        """Make a widget what the field is seen and typed in by."""
        set_tooltip(widget, self.attribute.description)
        self._row.addWidget(widget)
        self.setFocusProxy(widget)
        self.stops.append(widget)


class _Box(QComboBox):  # type: ignore[misc]  # qtpy has no types
    """Leaves the wheel to the dock: scrolling it must not change answers; long options do not widen it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(SHORTEST)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        """Pass the wheel on; Qt calls this."""
        event.ignore()


class ChoiceField(Field):
    """One of several options, or yes and no; typing the first letters chooses too."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(attribute)
        self.box = _Box()
        self.box.addItem(UNANSWERED, None)
        if attribute.type == "boolean":
            self.box.addItem("yes", True)
            self.box.addItem("no", False)
        for option in attribute.options:
            self.box.addItem(option.name, option.id)
            self.box.model().item(self.box.count() - 1).setEnabled(not option.archived)
        self.box.activated.connect(lambda index: self.answered.emit(self.box.itemData(index)))
        self._put(self.box)

    def show_value(self, value: Any) -> None:  # noqa: ANN401
        """Show an option, or what stands for none or several; of an older ontology also what is none any more."""
        datas = [self.box.itemData(i) for i in range(self.box.count())]
        self.box.setPlaceholderText(VARIOUS.value if value is VARIOUS else str(value))
        self.box.setCurrentIndex(datas.index(value) if value in datas else -1)


class ChecklistField(Field):
    """Any of several options."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(attribute)
        self.boxes = {option.id: QCheckBox(option.name.replace("&", "&&")) for option in attribute.options}
        column = QVBoxLayout()
        column.setSpacing(2)
        for option in attribute.options:
            box = self.boxes[option.id]
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            set_tooltip(box, f"{option.name} is archived" if option.archived else option.name)
            box.setDisabled(option.archived)
            column.addWidget(box)
            box.clicked.connect(self._on_click)
        self._row.addLayout(column)
        self.stops.extend(self.boxes.values())
        self.setFocusProxy(self.stops[0])

    def show_value(self, value: Any) -> None:  # noqa: ANN401
        """Tick what is chosen; half-ticked boxes stand for several answers."""
        for option_id, box in self.boxes.items():
            box.setTristate(value is VARIOUS)
            half = Qt.CheckState.PartiallyChecked
            ticked = Qt.CheckState.Checked if value and value is not VARIOUS and option_id in value else None
            box.setCheckState(half if value is VARIOUS else ticked or Qt.CheckState.Unchecked)

    def _on_click(self) -> None:
        chosen = [i for i, box in self.boxes.items() if box.checkState() == Qt.CheckState.Checked]
        self.answered.emit(tuple(chosen) or None)


class LineField(Field):
    """What is typed: a text, a number or a day; it counts once the field is left or Enter pressed."""

    def __init__(self, attribute: Attribute, read: Callable[[str], Any], hint: str) -> None:
        super().__init__(attribute)
        self._read, self._hint = read, hint
        self.line = QLineEdit()
        self.line.editingFinished.connect(self._on_finished)
        self._put(self.line)
        if attribute.unit:
            self._row.addWidget(word(attribute.unit))

    def show_value(self, value: Any) -> None:  # noqa: ANN401
        """Show a value as text; a value that is being typed stays."""
        if self.line.isModified() and self.line.hasFocus():
            return
        self.line.setText("" if value is None or value is VARIOUS else str(value))
        self.line.setPlaceholderText(VARIOUS.value if value is VARIOUS else self._hint)

    def take_typed(self) -> list[Any]:
        """Return the value of a text that was typed and not finished."""
        if not self.line.isModified():
            return []
        self.line.setModified(False)
        text = self.line.text().strip()
        return [self._read(text) if text else None]

    def _on_finished(self) -> None:
        for value in self.take_typed():
            self.answered.emit(value)


def make_field(attribute: Attribute) -> Field:
    """Return the widget for an attribute."""
    return _MAKERS[attribute.type](attribute)


def read_number(text: str) -> float | str:
    """Return a number typed with a decimal point or comma; what is none stays text, which the ontology refuses."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def range_text(attribute: Attribute) -> str:
    """Return which numbers are allowed, in a few words."""
    low, high = attribute.minimum, attribute.maximum
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"{low} or more" if low is not None else f"up to {high}" if high is not None else "number"


_MAKERS: Mapping[str, Callable[[Attribute], Field]] = {
    "radio": ChoiceField,
    "boolean": ChoiceField,
    "checklist": ChecklistField,
    "text": lambda attribute: LineField(attribute, str, ""),
    "number": lambda attribute: LineField(attribute, read_number, range_text(attribute)),
    "date": lambda attribute: LineField(attribute, str, "2024-05-31"),
}

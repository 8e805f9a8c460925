"""What narrows the table of annotations: a search, class, status, problems, and below them size and one attribute."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.filters import AnnotationFilter, AttributeTest
from napari_geolabel.errors import AttributeValueError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.model import Attribute, Ontology, all_attributes
from napari_geolabel.widgets.annotation_columns import attribute_names
from napari_geolabel.widgets.parts import set_tooltip, set_width, word

ANY_CLASS, ANY_STATUS, ANY_ATTRIBUTE = "all classes", "any status", "any attribute"
_NUMBER_PX = 64
_HOWS = (("is", "is"), ("contains", "contains"), ("is missing", "missing"))


class FilterBar(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Fields that say which annotations are wanted."""

    changed = Signal()
    """Emitted when another filter is wanted."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        self._labels = labels
        self.search, self.classes, self.statuses = QLineEdit(), QComboBox(), QComboBox()
        self.only_problems, self.more = QCheckBox("with problems"), QPushButton("Size, attribute")
        self.measure, self.least, self.most = QComboBox(), QLineEdit(), QLineEdit()
        self.attributes, self.how, self.value = QComboBox(), QComboBox(), QComboBox()
        self.details = QWidget()
        """The second row; what it asks counts while it is seen."""
        self._lay_out()
        self._offer_attributes()
        self._offer_classes()
        self._connect()

    @property
    def wanted(self) -> AnnotationFilter:
        """What is asked.

        Raises
        ------
        AttributeValueError
            If a size is no number.
        """
        class_id, status = self.classes.currentData(), self.statuses.currentData()
        plain: dict[str, Any] = {
            "text": self.search.text().strip(),
            "class_ids": () if class_id is None else (class_id,),
            "statuses": () if status is None else (Status(status),),
            "only_problems": self.only_problems.isChecked(),
        }
        if not self.more.isChecked():
            return AnnotationFilter(**plain)
        measure: str = self.measure.currentData()
        sizes: dict[str, Any] = {f"min_{measure}": _size(self.least), f"max_{measure}": _size(self.most)}
        return AnnotationFilter(**plain, **sizes, where=self._tests())

    def offer(self) -> None:
        """Offer the classes and attributes of the ontology that the labels have now; what was chosen stays chosen."""
        self._offer_classes()
        self._offer_attributes()

    def _tests(self) -> list[AttributeTest]:
        attribute, how = self.attributes.currentData(), self.how.currentData()
        value = self.value.currentText().strip()
        if attribute is None or (how != "missing" and not value):
            return []
        return [AttributeTest(attribute=attribute, how=how, value=value)]

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("filter by class, attribute, annotator or id")
        self.search.setClearButtonEnabled(True)
        self.statuses.addItem(ANY_STATUS, None)
        for status in Status:
            self.statuses.addItem(str(status), str(status))
        self.more.setCheckable(True)
        set_tooltip(self.more, "filters by size on the ground and by one attribute; they count while they are seen")
        first, column = QHBoxLayout(), QVBoxLayout(self)
        first.addWidget(self.search, stretch=1)
        for widget in (self.classes, self.statuses, self.only_problems, self.more):
            first.addWidget(widget)
        self._lay_details()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self.details)

    def _lay_details(self) -> None:
        metre = "m" if self._labels.scene.grid.is_georeferenced else "px"
        self.measure.addItem(f"length [{metre}]", "length")
        self.measure.addItem(f"area [{metre}²]", "area")
        for line, hint in ((self.least, "at least"), (self.most, "at most")):
            line.setPlaceholderText(hint)
            set_width(line, _NUMBER_PX)
        for text, how in _HOWS:
            self.how.addItem(text, how)
        self.value.setEditable(True)
        self.value.lineEdit().setPlaceholderText("value")
        self.value.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self.details)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.measure, self.least, word("to"), self.most, self.attributes, self.how):
            row.addWidget(widget)
        row.addWidget(self.value, stretch=1)
        self.details.hide()

    def _connect(self) -> None:
        self.more.toggled.connect(self.details.setVisible)
        self.attributes.currentIndexChanged.connect(self._offer_values)
        self.how.currentIndexChanged.connect(self._offer_values)
        for box in (self.classes, self.statuses, self.measure, self.attributes, self.how):
            box.currentIndexChanged.connect(self._tell)
        for line in (self.search, self.least, self.most):
            line.textChanged.connect(self._tell)
        self.value.currentTextChanged.connect(self._tell)
        self.only_problems.toggled.connect(self._tell)
        self.more.toggled.connect(self._tell)

    def _tell(self, *_: object) -> None:
        self.changed.emit()

    def _offer_classes(self) -> None:
        classes = [(label_class.name, label_class.id) for label_class in self._labels.ontology.classes]
        _refill(self.classes, [(ANY_CLASS, None), *classes])

    def _offer_attributes(self) -> None:
        names = attribute_names(self._labels.ontology)
        _refill(self.attributes, [(ANY_ATTRIBUTE, None), *((name, each) for each, name in names.items())])
        self._offer_values()

    def _offer_values(self, *_: object) -> None:
        """Offer what the attribute may be: its options, or yes and no."""
        attribute, how = self.attributes.currentData(), self.how.currentData()
        self.how.setEnabled(attribute is not None)
        self.value.setEnabled(attribute is not None and how != "missing")
        texts = ["", *_values(self._labels.ontology, attribute)]
        if [self.value.itemText(place) for place in range(self.value.count())] != texts:
            self.value.blockSignals(True)
            self.value.clear()
            self.value.addItems(texts)
            self.value.blockSignals(False)


def _values(ontology: Ontology, attribute_id: str | None) -> list[str]:
    known: list[Attribute] = [
        a for each in ontology.classes for a in all_attributes(each.attributes) if a.id == attribute_id
    ]
    if any(attribute.type == "boolean" for attribute in known):
        return ["yes", "no"]
    return list(dict.fromkeys(option.name for attribute in known for option in attribute.options))


def _refill(box: QComboBox, items: list[tuple[str, str | None]]) -> None:
    """Offer other things, without a word; what was chosen stays chosen where it is still offered."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for text, value in items:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)


def _size(line: QLineEdit) -> float | None:
    text = line.text().strip().replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError:
        raise AttributeValueError(f"{text!r} is not a size; write a number") from None

"""Which columns the table of annotations has: chosen in a menu, remembered for each ontology."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QMenu, QPushButton, QTableView

from napari_geolabel.errors import WriteError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.user_state import recall, remember, texts
from napari_geolabel.widgets.annotation_columns import attribute_names
from napari_geolabel.widgets.annotation_model import ATTRIBUTES, COLUMNS, STATUS, AnnotationModel
from napari_geolabel.widgets.parts import set_tooltip

_KEPT_AS = "table-columns"
_ALWAYS = "class"
"""The column that cannot be hidden, since another header would be left with nothing to click on."""


class ColumnMenu(QPushButton):  # type: ignore[misc]  # qtpy has no types
    """A button with the columns to tick; a right click on the header shows them too.

    Parameters
    ----------
    labels
        Whose ontology has the attributes.
    table
        The table, already with its model.
    model
        Gets columns for the attributes that are wanted.
    """

    def __init__(self, labels: Labels, table: QTableView, model: AnnotationModel) -> None:
        super().__init__("Columns")
        self._labels, self._table, self._model = labels, table, model
        set_tooltip(self, "which columns are shown; an attribute of the ontology can have one, and is edited there")
        self.choices = QMenu(self)
        self.choices.aboutToShow.connect(self._fill)
        self.setMenu(self.choices)
        header = table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header)
        self.load()

    @property
    def hidden(self) -> list[str]:
        """Names of the standing columns that are not shown."""
        return [name for place, name in enumerate(COLUMNS) if self._table.isColumnHidden(place)]

    def load(self) -> None:
        """Show the columns that were shown last with the ontology."""
        kept = recall(_KEPT_AS, self._labels.ontology.id)
        hidden = texts(kept.get("hidden"))
        for place, name in enumerate(COLUMNS):
            self._table.setColumnHidden(place, name in hidden and name != _ALWAYS)
        self._show_attributes(texts(kept.get("attributes")))

    def toggle(self, name: str) -> None:
        """Show a standing column, or hide it."""
        if name == _ALWAYS:
            return
        place = COLUMNS.index(name)
        self._table.setColumnHidden(place, not self._table.isColumnHidden(place))
        self._keep()

    def toggle_attribute(self, attribute_id: str) -> None:
        """Give an attribute a column, or take it away."""
        shown = self._model.attributes
        kept = [each for each in shown if each != attribute_id]
        self._show_attributes(kept if len(kept) < len(shown) else [*shown, attribute_id])
        self._keep()

    def _show_attributes(self, attribute_ids: list[str]) -> None:
        """Show columns of attributes, after the one of all attributes."""
        self._model.show_attributes(attribute_ids)
        header = self._table.horizontalHeader()
        for offset in range(len(self._model.attributes)):
            place = len(COLUMNS) + offset
            header.moveSection(header.visualIndex(place), header.visualIndex(ATTRIBUTES) + 1 + offset)
            self._table.setColumnWidth(place, self._model.columns[place].width)
        if not self._model.attributes and header.visualIndex(STATUS) != STATUS:
            for place in range(len(COLUMNS)):
                header.moveSection(header.visualIndex(place), place)

    def _fill(self) -> None:
        """Write the menu anew: the ontology may have other attributes by now."""
        self.choices.clear()
        hidden, shown = self.hidden, self._model.attributes
        for name in COLUMNS:
            if name != _ALWAYS:
                self._add(name, name not in hidden, partial(self.toggle, name))
        self.choices.addSeparator()
        for attribute_id, name in attribute_names(self._labels.ontology).items():
            self._add(name, attribute_id in shown, partial(self.toggle_attribute, attribute_id))

    def _add(self, text: str, is_shown: bool, toggle: partial[None]) -> None:
        action = self.choices.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(is_shown)
        action.triggered.connect(lambda _checked: toggle())

    def _keep(self) -> None:
        kept = {"attributes": self._model.attributes, "hidden": self.hidden}
        try:
            remember(_KEPT_AS, self._labels.ontology.id, {name: value for name, value in kept.items() if value})
        except WriteError as error:
            warn(str(error))

    def _on_header(self, point: QPoint) -> None:
        self.choices.popup(self._table.horizontalHeader().mapToGlobal(point))

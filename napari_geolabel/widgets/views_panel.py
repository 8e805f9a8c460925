"""Linked views: how many panes there are, or a line to swipe, and what each side or pane shows."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QPushButton

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, set_tooltip, word

COUNTS = (1, 2, 3, 4)
SWIPE = 0
"""What stands for the swipe among the counts of panes."""


class ViewsPanel(Panel):
    """One view, one with a line to swipe, or up to four panes of a place; a row for each pane says what it shows."""

    def __init__(self, session: Session) -> None:
        super().__init__("Views")
        hint(self.title, session.keys, "Views  ({linked_views}, {swipe})", QLabel.setText)
        self._session = session
        self._group = QButtonGroup(self)
        self.counts = {count: self._count_button(count) for count in (*COUNTS, SWIPE)}
        self.choices = [_choice_box() for _ in range(max(COUNTS))]
        self._words = [word(f"Pane {number}") for number, _ in enumerate(self.choices, start=1)]
        row = QHBoxLayout()
        for button in self.counts.values():
            row.addWidget(button)
        self.column.addLayout(row)
        for label, box in zip(self._words, self.choices, strict=True):
            box.activated.connect(self._on_choice)
            pane = QHBoxLayout()
            pane.addWidget(label)
            pane.addWidget(box, 1)
            self.column.addLayout(pane)
        self.right, self._right_word = _choice_box(), word("Right of the line")
        self.right.activated.connect(self._on_right)
        swipe = QHBoxLayout()
        swipe.addWidget(self._right_word)
        swipe.addWidget(self.right, 1)
        self.column.addLayout(swipe)
        self._group.idClicked.connect(self._on_count)
        session.views.changed.connect(self._show)
        session.views.swipe.changed.connect(self._show)
        session.scenes.changed.connect(self._show)
        self._show()

    def _count_button(self, count: int) -> QPushButton:
        button = QPushButton("Swipe" if count == SWIPE else str(count))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_tooltip(button, _what(count))
        self._group.addButton(button, count)
        return button

    def _show(self) -> None:
        views, right = self._session.views, self._session.views.swipe.choice
        self.counts[SWIPE if right is not None else max(len(views), 1)].setChecked(True)
        offered = self._offered() if len(views) or right is not None else []
        self._right_word.setVisible(right is not None)
        self.right.setVisible(right is not None)
        if right is not None:
            _fill(self.right, offered, right, views.swipe.titles[1])
        for index, (label, box) in enumerate(zip(self._words, self.choices, strict=True)):
            is_open = index < len(views)
            label.setVisible(is_open)
            box.setVisible(is_open)
            if is_open:
                label.setText(f"Pane {index + 1}" + (" ◂" if views[index] is views.used else ""))
                _fill(box, offered, (views[index].scene.name, views[index].composite), views[index].layer.name)

    def _offered(self) -> list[tuple[str, tuple[str, str]]]:
        """Return all that a pane may show: texts, and the name of the scene with the id of the composite."""
        layers = self._session.scenes.layers
        rows = []
        for layer in layers:
            scene = layer.metadata[SCENE_KEY]
            of_which = f"{scene.name} · " if len(layers) > 1 else ""
            composites = composites_of(layer)
            shown = {**composites, **{each: composites[each] for each in composites.steps}}
            rows += [(of_which + composite.title, (scene.name, id_)) for id_, composite in shown.items()]
        return rows

    def _on_count(self, count: int) -> None:
        views = self._session.views
        try:
            if count == SWIPE:
                views.swipe.begin()
            else:
                views.begin(0 if count == 1 else count)
        except GeoLabelError as error:
            warn(str(error))
        self._show()

    def _on_right(self, _row: int) -> None:
        try:
            self._session.views.swipe.show(self.right.currentData())
        except GeoLabelError as error:
            warn(str(error))
            self._show()

    def _on_choice(self, _row: int) -> None:
        index = self.choices.index(self.sender())  # a function of its own for each box would keep the panel alive
        try:
            self._session.views.show_in(index, self.choices[index].currentData())
        except GeoLabelError as error:
            warn(str(error))
            self._show()


def _what(count: int) -> str:
    """Return what a button does."""
    if count == SWIPE:
        return "A line to drag over the map: to its right another composite or scene. Escape ends it."
    return "The single view." if count == 1 else f"{count} panes of the same place; draw in any of them."


def _choice_box() -> QComboBox:
    box = QComboBox()
    box.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the canvas
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _fill(
    box: QComboBox, offered: list[tuple[str, tuple[str, str]]], current: tuple[str, str], current_text: str
) -> None:
    """Offer rows in a box and show the current one, which is added where it is not among them."""
    rows = offered if current in [data for _, data in offered] else [*offered, (current_text, current)]
    if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != rows:
        box.clear()
        for text, data in rows:
            box.addItem(text, data)
    box.setCurrentIndex([data for _, data in rows].index(current))

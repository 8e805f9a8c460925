"""One row to ask for a band or an index as a layer of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from napari_geolabel.widgets.parts import set_tooltip


class BandRow(QWidget):  # type: ignore[misc]  # qtpy has no types
    """A band by name, or any expression of bands, and the button that adds it."""

    def __init__(self, names: Sequence[str], add: Callable[[str], object]) -> None:
        super().__init__()
        self._add = add
        self.choice = QComboBox()
        self.choice.setEditable(True)
        self.choice.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.choice.addItems(list(names))
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_tooltip(self.choice, "A band, or an expression such as (nir - red) / (nir + red).")
        self.button = QPushButton("Add as layer")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choice)
        row.addWidget(self.button)
        self.button.clicked.connect(self._on_click)

    def set_names(self, names: Sequence[str]) -> None:
        """Offer other bands."""
        self.choice.clear()
        self.choice.addItems(list(names))

    def _on_click(self) -> None:
        text = self.choice.currentText().strip()
        if text:
            self._add(text)

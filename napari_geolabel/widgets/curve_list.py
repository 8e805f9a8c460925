"""The curves of a plot as a list: colour, name, and whether each is shown."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_geolabel.widgets.parts import mark_current, swatch

_KEY, _NAME = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class CurveList(QListWidget):  # type: ignore[misc]  # qtpy has no types
    """One row per curve, with a box to hide it; some may be renamed with a double click."""

    toggled = Signal(str, bool)
    """Emitted with the key of a curve and whether it is to be shown."""
    renamed = Signal(str, str)
    """Emitted with the key of a curve and the name that was typed."""

    def __init__(self) -> None:
        super().__init__()
        mark_current(self)
        self._is_filling = False
        self.itemChanged.connect(self._on_changed)

    @property
    def keys(self) -> list[str]:
        """The keys of all curves, in order."""
        return [self.item(row).data(_KEY) for row in range(self.count())]

    @property
    def current(self) -> str | None:
        """The key of the current row."""
        item = self.currentItem()
        return None if item is None else str(item.data(_KEY))

    def is_shown(self, key: str) -> bool:
        """Whether a curve is in the list with its box ticked."""
        item = self._item(key)
        return item is not None and item.checkState() == Qt.CheckState.Checked

    def put(self, key: str, name: str, color: str, *, editable: bool = False) -> None:
        """Add a row at the end, ticked, or give the row of that key another name and colour."""
        self._is_filling = True
        item = self._item(key)
        if item is None:
            item = QListWidgetItem()
            item.setData(_KEY, key)
            item.setCheckState(Qt.CheckState.Checked)
            self.addItem(item)
        flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if editable else flags & ~Qt.ItemFlag.ItemIsEditable)
        item.setText(name)
        item.setData(_NAME, name)
        item.setIcon(swatch(color))
        self._is_filling = False

    def drop(self, key: str) -> None:
        """Take a row away; one that is not there is passed over."""
        item = self._item(key)
        if item is not None:
            self.takeItem(self.row(item))

    def _item(self, key: str) -> QListWidgetItem | None:
        return next((self.item(row) for row in range(self.count()) if self.item(row).data(_KEY) == key), None)

    def _on_changed(self, item: QListWidgetItem) -> None:
        if self._is_filling:
            return
        key = str(item.data(_KEY))
        if item.text() != item.data(_NAME):
            self.renamed.emit(key, item.text())
        else:
            self.toggled.emit(key, item.checkState() == Qt.CheckState.Checked)

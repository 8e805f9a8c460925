"""The list of composites: searched by any word, with thumbnails and stars."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIcon, QPixmap
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from napari_geolabel.widgets.composite_rows import CompositeRow, Group
from napari_geolabel.widgets.parts import mark_current, set_cell_tooltip, set_tooltip
from napari_geolabel.widgets.thumbnails import THUMBNAIL_PX

_ROW, _GROUP = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_NAME, _STAR = 0, 1
_ICON = QSize(THUMBNAIL_PX, 44)
_STAR_PX = 34
_LEAST_PX = 150


class CompositeList(QWidget):  # type: ignore[misc]  # qtpy has no types
    """A line to search in and the composites below; a click on a star makes a favourite."""

    chosen = Signal(str)
    """Emitted with the id of a composite that was clicked, or found by Enter."""
    starred = Signal(str)
    """Emitted with the id of a composite whose star was clicked."""
    moved = Signal()
    """Emitted when other rows come into sight."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, QTreeWidgetItem] = {}
        self._folded = {Group.MISSING}
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: snow, ndvi, swir16 …")
        self.search.setClearButtonEnabled(True)
        set_tooltip(self.search, "Finds names, bands and descriptions; Enter shows the first.")
        self.tree = self._make_tree()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.tree)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._on_enter)
        self.tree.itemClicked.connect(self._on_click)
        self.tree.itemExpanded.connect(self._on_fold)
        self.tree.itemCollapsed.connect(self._on_fold)
        self.tree.verticalScrollBar().valueChanged.connect(self._on_scroll)

    def show_rows(self, rows: Sequence[CompositeRow]) -> None:
        """Show these rows, each group under its heading; pictures, scrolling and what is folded stay."""
        icons = {id_: item.icon(_NAME) for id_, item in self.rows.items()}
        place = self.tree.verticalScrollBar().value()
        self.tree.clear()
        self.rows = {}
        for group in Group:
            members = [row for row in rows if row.group is group]
            if members:
                heading = self._heading(group)
                for row in members:
                    self.rows[row.id] = self._add(heading, row, icons.get(row.id))
        self._filter()
        self.tree.verticalScrollBar().setValue(place)

    def mark(self, composite_id: str) -> None:
        """Mark the composite that is shown, and bring it into sight."""
        item = self.rows.get(composite_id)
        if item is not self.tree.currentItem():
            self.tree.setCurrentItem(item)
        if item is not None and item.parent().isExpanded():
            self.tree.scrollToItem(item)

    def set_icon(self, composite_id: str, icon: QIcon) -> None:
        """Show the thumbnail of a composite."""
        if composite_id in self.rows:
            self.rows[composite_id].setIcon(_NAME, icon)

    @property
    def in_sight(self) -> list[str]:
        """Ids of the composites whose rows are seen, from the top; greyed ones have no picture and are left out."""
        area = self.tree.viewport().rect()
        return [
            id_
            for id_, item in self.rows.items()
            if not item.isDisabled() and not item.isHidden() and self.tree.visualItemRect(item).intersects(area)
        ]

    def _make_tree(self) -> QTreeWidget:
        tree = _Tree()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setIndentation(0)
        tree.setExpandsOnDoubleClick(False)  # each of the two clicks has folded already
        tree.setIconSize(_ICON)
        tree.setUniformRowHeights(False)
        tree.setMinimumHeight(_LEAST_PX)
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_STAR_PX)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_STAR, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_STAR, _STAR_PX)
        mark_current(tree)
        return tree

    def _heading(self, group: Group) -> QTreeWidgetItem:
        heading = QTreeWidgetItem(self.tree)
        heading.setData(_NAME, _GROUP, group)
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        heading.setFirstColumnSpanned(True)
        font = heading.font(_NAME)
        font.setBold(True)
        heading.setFont(_NAME, font)
        return heading

    def _add(self, heading: QTreeWidgetItem, row: CompositeRow, icon: QIcon | None) -> QTreeWidgetItem:
        item = QTreeWidgetItem(heading, [f"{row.title}\n{row.detail}"])
        item.setData(_NAME, _ROW, row)
        set_cell_tooltip(item, _NAME, row.tooltip)
        if row.group is Group.MISSING:
            item.setDisabled(True)
            return item
        item.setIcon(_NAME, icon or _empty())
        is_favourite = row.number is not None
        item.setText(_STAR, f"★ {row.number}" if is_favourite else "☆")
        item.setTextAlignment(_STAR, Qt.AlignmentFlag.AlignCenter)
        key = f"Alt+{row.number} shows it. " if row.number is not None and row.number < 10 else ""
        wish = "Click to take it out of the favourites." if is_favourite else "Click to make it a favourite."
        set_cell_tooltip(item, _STAR, key + wish)
        return item

    def _groups(self) -> list[QTreeWidgetItem]:
        return [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]

    def _filter(self) -> None:
        """Leave the rows that have all words of the search, in open groups; without one, what was folded stays so."""
        wanted = self.search.text().strip()
        for heading in self._groups():
            found = 0
            for item in (heading.child(i) for i in range(heading.childCount())):
                is_found = item.data(_NAME, _ROW).matches(wanted)
                item.setHidden(not is_found)
                found += is_found
            heading.setHidden(found == 0)
            heading.setExpanded(bool(wanted) or heading.data(_NAME, _GROUP) not in self._folded)
            _show_fold(heading)
        self.moved.emit()

    def _on_fold(self, heading: QTreeWidgetItem) -> None:
        if heading.parent() is not None:  # rows, which have nothing to fold, are told of too
            return
        _show_fold(heading)
        if not self.search.text().strip():  # a search opens all, and is no wish for later
            change = self._folded.discard if heading.isExpanded() else self._folded.add
            change(heading.data(_NAME, _GROUP))
            self.moved.emit()

    def _on_scroll(self, _place: int) -> None:
        self.moved.emit()

    def _on_enter(self) -> None:
        found = [id_ for id_, item in self.rows.items() if not item.isHidden() and not item.isDisabled()]
        if found:
            self.chosen.emit(found[0])

    def _on_click(self, item: QTreeWidgetItem, column: int) -> None:
        row = item.data(_NAME, _ROW)
        if row is None:
            item.setExpanded(not item.isExpanded())
        elif not item.isDisabled():
            (self.starred if column == _STAR else self.chosen).emit(row.id)


class _Tree(QTreeWidget):  # type: ignore[misc]  # qtpy has no types
    """A tree that asks for no more than the least, and takes what room there is."""

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the size that is enough; a column gets the sum of these where a label in it breaks lines."""
        return QSize(super().sizeHint().width(), _LEAST_PX)


def _show_fold(heading: QTreeWidgetItem) -> None:
    arrow = "▾" if heading.isExpanded() else "▸"
    found = sum(not heading.child(i).isHidden() for i in range(heading.childCount()))
    heading.setText(_NAME, f"{arrow}  {heading.data(_NAME, _GROUP)}  ({found})")


def _empty() -> QIcon:
    """Return room for a picture that is not made yet."""
    pixmap = QPixmap(_ICON)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)

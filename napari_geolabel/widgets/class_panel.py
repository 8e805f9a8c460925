"""The classes of the ontology as a tree: colour, name, key, how many there are, whether they are seen and locked."""

from __future__ import annotations

from collections.abc import Iterator

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem

from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.attribute_panel import focus_map
from napari_geolabel.widgets.class_icons import eye_icon, lock_icon
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, mark_current, set_cell_tooltip, set_tooltip, swatch

NAME, KEY, COUNT, SEEN, LOCKED = range(5)
_ID = Qt.ItemDataRole.UserRole
ROW_MARGIN_PX = 4
"""Between the texts of two rows."""
ICON_COLUMN_PX = 28
FEWEST_ROWS, MOST_ROWS = 4, 14
"""Of the classes so many are in sight at least, where the window is low, and at most, where it is high."""
SEARCHED_FROM = 12
"""Fewer classes are found at a glance; the search is there when it is asked for."""


class ClassPanel(Panel):
    """Choose the class of new annotations, in select mode also that of the selected ones; hide and lock classes."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.rows: dict[str, QTreeWidgetItem] = {}
        self.search = _Search()
        hint(self.search, session.keys, "find a class  ({find_class})", QLineEdit.setPlaceholderText)
        self.tree = self._make_tree()
        self.column.addWidget(self.search)
        self.column.addWidget(self.tree)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._take_first)
        self.search.left.connect(self._leave_search)
        session.class_changed.connect(self._show_current)
        session.counts.changed.connect(self._show_counts)
        session.classes.changed.connect(self._show_marks)
        session.viewer.events.theme.connect(self._show_marks)
        session.labels.ontology_changed.connect(self._fill)
        session.asked.connect(self._on_asked)
        session.closed.connect(self._retire)
        self._fill()

    def _make_tree(self) -> _Tree:
        tree = _Tree()
        tree.setColumnCount(5)
        tree.setHeaderLabels(["class", "key", "count", "", ""])
        set_cell_tooltip(tree.headerItem(), SEEN, "whether it is seen")
        set_cell_tooltip(tree.headerItem(), LOCKED, "whether what there is of it is locked")
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setUniformRowHeights(True)
        mark_current(tree)
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # so that keys stay with the map
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(ICON_COLUMN_PX)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (KEY, COUNT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (SEEN, LOCKED):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, ICON_COLUMN_PX)
        tree.itemClicked.connect(self._on_click)
        return tree

    def _fill(self, _ontology: object = None) -> None:
        """Make a row for each class, those of a parent below it."""
        self.tree.clear()
        self.rows.clear()
        for label_class in map(self._session.classes.__getitem__, self._session.classes):
            self.rows[label_class.id] = _row(label_class)
        for class_id, row in self.rows.items():  # a parent may stand below its child in the ontology
            parent = self._session.classes[class_id].parent or ""
            (self.rows.get(parent) or self.tree.invisibleRootItem()).addChild(row)
        self.tree.expandAll()
        self.tree.make_room(len(self.rows))
        self.search.setVisible(len(self.rows) >= SEARCHED_FROM)
        self._filter()
        self._show_counts()
        self._show_marks()
        self._show_current()

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.ontology_changed.disconnect(self._fill, missing_ok=True)
        self._session.viewer.events.theme.disconnect(self._show_marks)

    def _on_click(self, row: QTreeWidgetItem, column: int) -> None:
        classes, class_id = self._session.classes, row.data(0, _ID)
        below = [each.data(0, _ID) for each in _with_children(row)]
        if column == SEEN:
            (classes.show if class_id in classes.hidden else classes.hide)(*below)
        elif column == LOCKED:
            (classes.unlock if class_id in classes.locked else classes.lock)(*below)
        elif classes[class_id].kinds:
            classes.choose(class_id)
        self._show_current()

    def _filter(self, _text: str = "") -> None:
        """Show the rows of the classes that are searched for, and of what they stand under."""
        found = {c.id for c in self._session.classes.find(self.search.text())}
        for row in self.rows.values():
            row.setHidden(found.isdisjoint(each.data(0, _ID) for each in _with_children(row)))

    def _take_first(self) -> None:
        """Choose the best of what is found, and give the keyboard back to the map."""
        found = [c.id for c in self._session.classes.find(self.search.text()) if c.kinds]
        if found:
            self._session.classes.choose(found[0])
        self._leave_search()

    def _leave_search(self) -> None:
        self.search.clear()
        self.search.setVisible(len(self.rows) >= SEARCHED_FROM)
        focus_map(self._session)

    def _on_asked(self, wish: str) -> None:
        if wish == "classes":
            self.search.setVisible(True)
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_counts(self) -> None:
        for class_id, row in self.rows.items():
            row.setText(COUNT, str(self._session.counts[class_id]))

    def _show_marks(self, _event: object = None) -> None:
        """Show what is seen and locked, in the colour that text has in napari's theme."""
        from napari.utils.theme import get_theme

        classes, color = self._session.classes, get_theme(self._session.viewer.theme).text.as_hex()
        eyes = {is_open: eye_icon(color, is_open=is_open) for is_open in (True, False)}
        locks = {is_locked: lock_icon(color, is_locked=is_locked) for is_locked in (True, False)}
        for class_id, row in self.rows.items():
            is_seen, is_locked = class_id not in classes.hidden, class_id in classes.locked
            row.setIcon(SEEN, eyes[is_seen])
            row.setIcon(LOCKED, locks[is_locked])
            set_cell_tooltip(row, SEEN, "seen; click to hide" if is_seen else "hidden; click to show")
            told = "locked: neither picked nor changed nor painted over; click to unlock"
            set_cell_tooltip(row, LOCKED, told if is_locked else "not locked; click to protect what there is of it")

    def _show_current(self, _class_id: str = "") -> None:
        row = self.rows.get(self._session.current_class)
        self.tree.setCurrentItem(row)
        if row is not None:
            self.tree.scrollToItem(row)


class _Tree(QTreeWidget):  # type: ignore[misc]  # qtpy has no types
    """As high as its rows; where other panels need the room it is lower, and scrolls."""

    _high_px = 0

    def make_room(self, rows: int) -> None:
        """Be as high as some rows with the headings above them."""
        row_px = self.fontMetrics().height() + ROW_MARGIN_PX
        least, most = (row_px * (1 + min(rows, count)) + 2 * ROW_MARGIN_PX for count in (FEWEST_ROWS, MOST_ROWS))
        self._high_px = most
        self.setMinimumHeight(least)
        self.setMaximumHeight(most)
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the size that shows all rows; Qt calls this."""
        return QSize(super().sizeHint().width(), self._high_px)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the current class in sight; Qt calls this."""
        super().resizeEvent(event)
        if self.currentItem() is not None:
            self.scrollToItem(self.currentItem())


class _Search(QLineEdit):  # type: ignore[misc]  # qtpy has no types
    """Where one types what class is meant."""

    left = Signal()
    """Emitted when Escape is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.setClearButtonEnabled(True)
        set_tooltip(self, "Enter takes the first that is found, Escape goes back to the map")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  (Qt's name)
        """Hear Escape; Qt calls this."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _row(label_class: LabelClass) -> QTreeWidgetItem:
    row = QTreeWidgetItem([label_class.name, (label_class.hotkey or "").upper(), "0"])
    row.setIcon(NAME, swatch(label_class.color))
    row.setData(0, _ID, label_class.id)
    set_cell_tooltip(row, NAME, label_class.description)
    row.setTextAlignment(COUNT, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if not label_class.kinds:
        row.setFlags(row.flags() & ~Qt.ItemFlag.ItemIsSelectable)
    return row


def _with_children(row: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    yield row
    for index in range(row.childCount()):
        yield from _with_children(row.child(index))

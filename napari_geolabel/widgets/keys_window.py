"""All keys in a window of their own: by group, with a search; a double click gives one another key."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.key_names import CLASS_GROUP
from napari_geolabel.viewer.keys import Key, key_rows
from napari_geolabel.viewer.own_keys import complaints, follow_keys, key_of, label, own_keys, reset_keys, set_key
from napari_geolabel.widgets.key_capture import pressed_key
from napari_geolabel.widgets.parts import mark_current, plain_label, set_cell_tooltip, set_tooltip

KEY, DOES, WHERE = range(3)
SIZE_PX = (900, 640)
_KEY_PX, _WHERE_PX = 150, 250
_ROLE = Qt.ItemDataRole.UserRole
_ROW_PX = 20
_HELP = "Double click a row, or press Enter, to give it another key. The keys of classes are those of the ontology."
_ASKING = "Press the new key for “{does}”. Delete takes its key off, Escape leaves it."


class KeysWindow(QDialog):  # type: ignore[misc]  # qtpy has no types
    """The table of keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys of napari-geolabel")
        self.search, self.tree, self.told = QLineEdit(), QTreeWidget(), plain_label()
        self.change, self.reset, self.reset_all = QPushButton("Change"), QPushButton("Reset"), QPushButton("Reset all")
        self._asked_for: Key | None = None  # whose new key is awaited
        self._lay_out()
        self._connect()
        self.refresh()
        self._unfollow: Callable[[], None] = lambda: None

    @property
    def rows(self) -> dict[str, QTreeWidgetItem]:
        """The rows that are seen, by the words of what they do, with the key where several do the same."""
        return {item.data(DOES, _ROLE): item for item in self._items() if not item.isHidden()}

    def refresh(self) -> None:
        """Show all keys as they are now."""
        at = self.tree.currentItem()
        current = at.data(DOES, _ROLE) if at is not None else None
        self.tree.clear()
        own, group_item, last = own_keys(), None, ""
        for group, row in key_rows():
            if group != last:
                group_item, last = QTreeWidgetItem(self.tree, [group]), group
                self._dress_group(group_item)
            for keys in [row] if group == CLASS_GROUP else [(key,) for key in row]:
                item = QTreeWidgetItem(group_item, [_labels(keys, own), keys[0].does, str(keys[0].where)])
                self._dress(item, keys, own)
                if item.data(DOES, _ROLE) == current:
                    self.tree.setCurrentItem(item)
        self.tree.expandAll()
        self._filter(self.search.text())
        self._tell(" ".join(complaints()) or _HELP)

    def ask(self, item: QTreeWidgetItem | None = None) -> None:
        """Wait for the new key of a row, of the current one for None."""
        row = item or self.tree.currentItem()
        key = row.data(KEY, _ROLE) if row is not None else None
        if not isinstance(key, Key) or not key.name:
            self._tell("This key stays: it belongs to a class of the ontology, or drawing needs it." if key else _HELP)
            return
        self._asked_for = key
        self.tree.setFocus()
        self._tell(_ASKING.format(does=key.does))

    def showEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        """Show what is so now, and follow the preferences while the window is seen; Qt calls this."""
        super().showEvent(event)
        self._unfollow()
        self._unfollow = follow_keys(self._on_settings)
        self.refresh()
        self.search.setFocus()
        self.search.selectAll()

    def hideEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let go of the preferences; Qt calls this."""
        super().hideEvent(event)
        self._asked_for = None
        self._unfollow()
        self._unfollow = lambda: None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take the key that is awaited before anything else hears it; Qt calls this."""
        if self._asked_for is not None and event.type() == QEvent.Type.FocusOut:
            self._give_up()
        elif event.type() == QEvent.Type.ShortcutOverride and self._asked_for is not None:
            event.accept()  # else a shortcut of napari's window would have it
            return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if self._asked_for is not None:
                self._take(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and watched is self.tree:
                self.ask()
                return True
        found: bool = super().eventFilter(watched, event)
        return found

    def _take(self, event: QKeyEvent) -> None:
        text, key = pressed_key(event), self._asked_for
        if not text or key is None:  # Shift and the like, not yet a key
            return
        if text == "Escape":
            self._give_up()
            return
        self._try(lambda: set_key(key.name, "" if text == "Delete" else text))

    def _give_up(self) -> None:
        self._asked_for = None
        self._tell(_HELP)

    def _try(self, act: Callable[[], None]) -> None:
        """Change keys; what cannot be is told, and another key is awaited."""
        try:
            act()
        except GeoLabelError as error:
            self._tell(str(error))
            return
        self._asked_for = None
        self.refresh()

    def _on_settings(self, *_: object) -> None:
        if self._asked_for is None:
            self.refresh()

    def _on_reset(self) -> None:
        item = self.tree.currentItem()
        key = item.data(KEY, _ROLE) if item is not None else None
        if isinstance(key, Key) and key.name:
            self._try(lambda: reset_keys([key.name]))

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("find a key, or what it does")
        self.search.setClearButtonEnabled(True)
        self.tree.setHeaderLabels(["key", "does", "on the layers"])
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.setUniformRowHeights(True)
        self.tree.setColumnWidth(KEY, _KEY_PX)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(DOES, QHeaderView.ResizeMode.Stretch)
        self.tree.setColumnWidth(WHERE, _WHERE_PX)
        self.tree.setExpandsOnDoubleClick(False)
        mark_current(self.tree)
        set_tooltip(self.change, "gives the row that is chosen another key")
        set_tooltip(self.reset, "gives the row that is chosen its first key again")
        set_tooltip(self.reset_all, "gives everything its first key again")
        buttons, column = QHBoxLayout(), QVBoxLayout(self)
        buttons.addWidget(self.told, stretch=1)
        for button in (self.change, self.reset, self.reset_all):
            button.setAutoDefault(False)  # Enter belongs to the rows
            buttons.addWidget(button)
        for widget in (self.search, self.tree):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.resize(*SIZE_PX)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.tree.itemDoubleClicked.connect(lambda item, _column: self.ask(item))
        self.tree.installEventFilter(self)
        self.change.clicked.connect(lambda: self.ask())
        self.reset.clicked.connect(self._on_reset)
        self.reset_all.clicked.connect(lambda: self._try(reset_keys))

    def _dress_group(self, item: QTreeWidgetItem) -> None:
        item.setFirstColumnSpanned(True)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font(KEY)
        font.setBold(True)
        item.setFont(KEY, font)

    def _dress(self, item: QTreeWidgetItem, keys: tuple[Key, ...], own: dict[str, str]) -> None:
        """Give a row its key, the words by which it is found, and bold letters where a person has changed it."""
        key = keys[0]
        item.setData(KEY, _ROLE, key)
        item.setData(DOES, _ROLE, key.name or key.does)
        set_cell_tooltip(item, DOES, key.does)
        set_cell_tooltip(item, WHERE, str(key.where))
        item.setSizeHint(KEY, QSize(0, _ROW_PX))
        if key.name in own:
            font = item.font(KEY)
            font.setBold(True)
            item.setFont(KEY, font)
            item.setText(DOES, f"{key.does}  (first {key.label})")

    def _filter(self, text: str) -> None:
        """Show only rows that have all words, and the groups that have such rows."""
        words = text.casefold().split()
        for place in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(place)
            items = [group.child(row) for row in range(group.childCount())]
            for item in items:
                said = f"{group.text(KEY)} {item.text(KEY)} {item.text(DOES)} {item.text(WHERE)}".casefold()
                item.setHidden(not all(word in said for word in words))
            group.setHidden(all(item.isHidden() for item in items))

    def _items(self) -> list[QTreeWidgetItem]:
        groups = [self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount())]
        return [group.child(row) for group in groups for row in range(group.childCount())]

    def _tell(self, sentence: str) -> None:
        self.told.setText(sentence)


class QuestionMark(QObject):  # type: ignore[misc]  # qtpy has no types
    """Hears ``?`` on the map, and wherever in its window no text is typed; napari itself hears no such key.

    Parameters
    ----------
    canvas
        The map.
    act
        Called for each.
    parent
        Whose life it shares.
    """

    def __init__(self, canvas: QWidget, act: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._act, self._heard = act, (canvas, canvas.window())
        for widget in self._heard:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Act on the key; Qt calls this."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Question:
            self._act()
            return True
        found: bool = super().eventFilter(watched, event)
        return found

    def close(self) -> None:
        """Hear no more."""
        for widget in self._heard:
            widget.removeEventFilter(self)


def show_keys(window: QWidget) -> KeysWindow:
    """Show the window of keys in front of another one, which has it once."""
    found = window.findChild(KeysWindow) or KeysWindow(window)
    found.show()
    found.raise_()
    found.activateWindow()
    return found


def _labels(keys: tuple[Key, ...], own: dict[str, str]) -> str:
    """Return the keys of a row, ``no key`` where it has none."""
    texts = [text for key in keys for text in (label(key_of(key, own)), key.also) if text]
    return "  ".join(texts) or "no key"

"""Table, history and conflicts at the bottom of the window, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QWidget

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.outlines import Outlines
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.conflict_dock import ConflictDock
from napari_geolabel.widgets.history_dock import HistoryDock
from napari_geolabel.widgets.journal_watch import JournalWatch

if TYPE_CHECKING:
    from qtpy.QtWidgets import QDockWidget

TABLE, HISTORY, CONFLICTS = "Annotations", "History", "Conflicts"
DOCK_HEIGHT_PX = 240


class Docks(QObject):  # type: ignore[misc]  # qtpy has no types
    """The docks of a session below its map; they live as long as the parent."""

    def __init__(self, session: Session, watch: JournalWatch, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._watch = session, watch
        self._outlines = Outlines(session.viewer, session.scene)
        self._docks: dict[str, QDockWidget] = {}
        session.asked.connect(self._on_asked)
        session.closed.connect(self._retire)

    def show_table(self) -> AnnotationDock:
        """Show all annotations as a table."""
        found: AnnotationDock = self._show(TABLE, AnnotationDock, lambda: AnnotationDock(self._session))
        return found

    def show_history(self) -> HistoryDock:
        """Show who changed what and when."""
        found: HistoryDock = self._show(
            HISTORY, HistoryDock, lambda: HistoryDock(self._session, self._watch, self._outlines)
        )
        return found

    def show_conflicts(self) -> ConflictDock:
        """Show what two sessions did not agree on."""
        found: ConflictDock = self._show(
            CONFLICTS, ConflictDock, lambda: ConflictDock(self._session, self._watch, self._outlines)
        )
        return found

    def _show(self, name: str, kind: type[QWidget], make: Callable[[], QWidget]) -> QWidget:
        dock = self._docks.get(name)
        if dock is None:
            dock = self._docks[name] = self._add(name, make())
        dock.show()
        dock.raise_()
        return _content(dock, kind)

    def _on_asked(self, wish: str) -> None:
        if wish == "table":
            self.show_table()
        elif wish in ("next", "previous"):
            self.show_table().step(1 if wish == "next" else -1)

    def _add(self, name: str, widget: QWidget) -> QDockWidget:
        window = self._session.viewer.window
        dock = window.add_dock_widget(widget, name=name, area="bottom", tabify=True)
        main = dock.window()
        main.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)  # the panels stay high
        main.resizeDocks([dock], [DOCK_HEIGHT_PX], Qt.Orientation.Vertical)
        return dock

    def _retire(self) -> None:
        """Take the docks out of the window when their session has ended."""
        viewer = self._session.viewer
        if canvas_widget(viewer) is None:  # the window is closed and took them with it
            return
        self._outlines.close()
        for dock in self._docks.values():
            viewer.window.remove_dock_widget(dock)


def _content(dock: QDockWidget, kind: type[QWidget]) -> QWidget:
    """Return the widget that a dock holds; napari may put it into another one."""
    inner = dock.widget()
    return inner if isinstance(inner, kind) else inner.findChild(kind)

"""Docks in napari's window, and those of a session below its map: table, history and conflicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QWidget

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.outlines import Outlines
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.band_dock import BandDock
from napari_geolabel.widgets.conflict_dock import ConflictDock
from napari_geolabel.widgets.history_dock import HistoryDock
from napari_geolabel.widgets.journal_watch import JournalWatch
from napari_geolabel.widgets.keys_window import KeysWindow, QuestionMark, show_keys
from napari_geolabel.widgets.minimap import MapDock
from napari_geolabel.widgets.ontology_dock import OntologyDock
from napari_geolabel.widgets.place_dialogs import ask_bookmark, ask_place
from napari_geolabel.widgets.problem_dock import ProblemDock
from napari_geolabel.widgets.problem_watch import ProblemWatch
from napari_geolabel.widgets.spectral_dock import SpectralDock
from napari_geolabel.widgets.theme_style import follow_theme, hint_style

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from qtpy.QtWidgets import QDockWidget

TABLE, HISTORY, CONFLICTS = "Annotations", "History", "Conflicts"
SPECTRA, BANDS, ONTOLOGY = "Spectral profile", "Bands", "Ontology"
PROBLEMS, MAP = "Problems", "Minimap"
DOCK_HEIGHT_PX = 240


def add_dock(viewer: ViewerModel, widget: QWidget, **where: Any) -> QDockWidget:  # noqa: ANN401  (as napari takes it)
    """Put a widget into a dock that napari's Window menu shows and hides.

    Parameters
    ----------
    viewer
        A viewer with a window.
    widget
        What the dock holds.
    **where
        ``name``, ``area`` and ``tabify`` as ``viewer.window.add_dock_widget`` takes them.
    """
    window = viewer.window
    follow_theme(widget, hint_style)
    dock = window.add_dock_widget(widget, menu=window.window_menu, **where)
    dock.destroyOnClose = dock.hide  # the cross in the title bar calls it, and a session needs its docks to the end
    return dock


def remove_dock(viewer: ViewerModel, widget: QWidget) -> None:
    """Take a widget and its dock out of the window, if it has not closed and taken them along."""
    if canvas_widget(viewer) is not None:
        window = viewer.window
        window.remove_dock_widget(widget, menu=window.window_menu)


class Docks(QObject):  # type: ignore[misc]  # qtpy has no types
    """The docks of a session below its map, made when they are first asked for; they live as long as the parent."""

    def __init__(self, session: Session, watch: JournalWatch, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._watch = session, watch
        self._outlines = Outlines(session.viewer, session.scene)
        self._docks: dict[str, QDockWidget] = {}
        self.problems = ProblemWatch(session, self)
        """What should be mended, for all docks that show it."""
        session.asked.connect(self._on_asked)
        session.closed.connect(self._retire)
        canvas = canvas_widget(session.viewer)
        self._question = None if canvas is None else QuestionMark(canvas, self.show_keys, self)

    def show_table(self) -> AnnotationDock:
        """Show all annotations as a table."""
        found: AnnotationDock = self._show(TABLE, AnnotationDock, lambda: AnnotationDock(self._session, self.problems))
        return found

    def show_problems(self) -> ProblemDock:
        """Show what should be mended, by kind."""
        found: ProblemDock = self._show(PROBLEMS, ProblemDock, lambda: ProblemDock(self._session, self.problems))
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

    def show_spectra(self) -> SpectralDock:
        """Show values by wavelength: under the mouse, of pins, of what is selected."""
        found: SpectralDock = self._show(SPECTRA, SpectralDock, lambda: SpectralDock(self._session))
        return found

    def show_bands(self) -> BandDock:
        """Show what the bands are and what their values come to."""
        found: BandDock = self._show(BANDS, BandDock, lambda: BandDock(self._session))
        return found

    def show_map(self) -> MapDock:
        """Show the whole scene in small, with what has been looked at."""
        found: MapDock = self._show(MAP, MapDock, lambda: MapDock(self._session))
        return found

    def show_ontology(self) -> OntologyDock:
        """Show the ontology editor."""
        found: OntologyDock = self._show(ONTOLOGY, OntologyDock, lambda: OntologyDock(self._session))
        return found

    def show_keys(self) -> KeysWindow:
        """Show the window with all keys."""
        canvas = canvas_widget(self._session.viewer)
        assert canvas is not None  # noqa: S101  (a window asked)
        return show_keys(canvas.window())

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
        elif wish == "history":
            self.show_history()
        elif wish == "conflicts":
            self.show_conflicts()
        elif wish in ("next", "previous"):
            self.show_table().step(1 if wish == "next" else -1)
        elif wish == "problems":
            self.show_problems()
        elif wish in ("next problem", "previous problem"):
            self.show_problems().step(1 if wish == "next problem" else -1)
        elif wish == "spectra":
            self.show_spectra()
        elif wish == "pin":
            self.show_spectra().pin_cursor()
        elif wish == "map":
            self.show_map()
        elif wish == "bands":
            self.show_bands()
        elif wish == "ontology":
            self.show_ontology()
        elif wish == "keys":
            self.show_keys()
        elif wish == "go to":
            ask_place(self._session)
        elif wish == "bookmark":
            ask_bookmark(self._session)

    def _add(self, name: str, widget: QWidget) -> QDockWidget:
        dock = add_dock(self._session.viewer, widget, name=name, area="bottom", tabify=True)
        main = dock.window()
        main.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)  # the panels stay high
        main.resizeDocks([dock], [DOCK_HEIGHT_PX], Qt.Orientation.Vertical)
        return dock

    def _retire(self) -> None:
        """Take the docks out of the window when their session has ended."""
        viewer = self._session.viewer
        if canvas_widget(viewer) is not None:  # else the window is closed and took everything with it
            self._outlines.close()
            if self._question is not None:
                self._question.close()
        for dock in self._docks.values():
            remove_dock(viewer, dock)


def _content(dock: QDockWidget, kind: type[QWidget]) -> QWidget:
    """Return the widget that a dock holds; napari may put it into another one."""
    inner = dock.widget()
    return inner if isinstance(inner, kind) else inner.findChild(kind)

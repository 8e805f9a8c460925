"""What a session is called in napari's console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_geolabel.viewer.gl_guard import canvas_widget

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.viewer.session import Session


class ConsoleNames(QObject):  # type: ignore[misc]  # qtpy has no types
    """Gives napari's console ``session``, ``labels``, ``scene`` and ``geolabel`` while a session lasts.

    Parameters
    ----------
    viewer
        A viewer with a window; its console may be opened later.
    session
        Whose names they are.
    parent
        What it lives as long as.
    """

    def __init__(self, viewer: Viewer, session: Session, parent: QObject) -> None:
        import napari_geolabel

        super().__init__(parent)
        self._viewer, self._session = viewer, session
        names = {"session": session, "labels": session.labels, "scene": session.scene, "geolabel": napari_geolabel}
        viewer.update_console(names)  # holds them weakly until the console is opened
        session.scene_changed.connect(self._follow)
        session.closed.connect(self._retire)

    def _follow(self) -> None:
        """Name the scene that is labelled now: it may be read as another sensor's."""
        self._viewer.update_console({"scene": self._session.scene})

    def _retire(self) -> None:
        """Take the names away, so that the console keeps nothing alive that is closed."""
        if canvas_widget(self._viewer) is not None:  # else the console went with the window
            self._viewer.update_console(dict.fromkeys(("session", "labels", "scene")))

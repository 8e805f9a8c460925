"""`annotate` starts labelling: session, panels and the guard against losing work."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.opening import open_scene_labels
from napari_geolabel.ontology.model import Ontology

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer

    from napari_geolabel.viewer.session import Session

DOCK_NAME = "Labelling"


def annotate(
    viewer: Viewer,
    scene: Scene | str | Path,
    ontology: Ontology | str | Path,
    labels: Labels | None = None,
    *,
    mode: Literal["rw", "r"] = "rw",
) -> Session:
    """Start labelling a scene in a napari viewer.

    Parameters
    ----------
    viewer
        The viewer; a layer that shows the scene already is used.
    scene
        The scene, or the path of one.
    ontology
        What can be drawn: an ontology, the name of a template (``"maritime"``) or an ontology file.
    labels
        Labels to go on with, which stay open; None goes on with the label
        file of the scene, or makes it (`own_label_path`), and closes it with
        the session.
    mode
        ``"r"`` only shows the scene's label file, which must exist: nothing can be changed.

    Returns
    -------
    Session
        Its layers, keys and panels are in the viewer.

    Raises
    ------
    GeoLabelError
        If the scene or the ontology cannot be opened, the labels are those
        of another scene, the viewer is labelling already, or the label file
        can be neither opened nor made.
    """
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.viewer.attach import attach
    from napari_geolabel.viewer.gl_guard import unwrapped
    from napari_geolabel.viewer.notices import tell
    from napari_geolabel.viewer.preferences import load_preferences
    from napari_geolabel.viewer.scene_layer import change_scene, find_scene_layer
    from napari_geolabel.viewer.session import Session, find_session
    from napari_geolabel.widgets.file_link import close_labels, follow_file

    viewer = unwrapped(viewer)
    if find_session(viewer) is not None:
        raise GeoLabelError("this viewer is labelling already; close that session, or open another viewer")
    opened = scene if isinstance(scene, Scene) else open_scene(scene)
    is_own = labels is None
    if labels is None:
        labels = open_scene_labels(opened, ontology, annotator=load_preferences().annotator_name, mode=mode)
    elif labels.scene is not opened and labels.scene.path != opened.path:
        raise GeoLabelError(f"the labels are those of {labels.scene.name}, not of {opened.name}; open that scene")
    shown = find_scene_layer(viewer, opened)
    if shown is not None and labels.scene is not opened:  # read by the sensor that the label file remembers
        change_scene(shown, labels.scene)
    attach(viewer)
    session = Session(viewer, labels, defer=_defer)
    if isinstance(ontology, str | Path) and Path(ontology).is_file():
        session.classes.folder = Path(ontology).absolute().parent
    follow_file(session)
    if getattr(viewer, "window", None) is not None:
        _furnish(viewer, session)
    if is_own:  # after the panels, which still read the file until they hear of the end
        session.closed.connect(partial(close_labels, labels))
    if labels.refusal:
        tell(f"the labels of {opened.name} are shown read only: {labels.refusal}")
    if not opened.grid.is_georeferenced:
        tell(f"{opened.name} is not georeferenced: labels stay in pixels, and map formats cannot be exported")
    return session


def _furnish(viewer: Viewer, session: Session) -> None:
    """Add the panels to the window and the guard to its close button."""
    from qtpy.QtCore import Qt

    from napari_geolabel.viewer.compile_ahead import compile_ahead
    from napari_geolabel.viewer.gl_guard import canvas_widget
    from napari_geolabel.viewer.old_objects import SessionGarbage
    from napari_geolabel.widgets.close_guard import CloseGuard
    from napari_geolabel.widgets.console_names import ConsoleNames
    from napari_geolabel.widgets.docks import Docks, add_dock
    from napari_geolabel.widgets.first_view import show_whole
    from napari_geolabel.widgets.help_line import HelpLine
    from napari_geolabel.widgets.layer_controls import LayerControls
    from napari_geolabel.widgets.notice_stack import look_after_notices
    from napari_geolabel.widgets.panels import Panels
    from napari_geolabel.widgets.parts import DOCK_PX
    from napari_geolabel.widgets.swipe_line import SwipeLine

    SwipeLine(session)  # lives on the canvas
    look_after_notices(canvas_widget(viewer))
    panels = Panels(session)
    docks = Docks(session, panels.labels.watch, panels)
    panels.labels.table_asked.connect(docks.show_table)
    panels.labels.history_asked.connect(docks.show_history)
    panels.labels.conflicts_asked.connect(docks.show_conflicts)
    dock = add_dock(viewer, panels, name=DOCK_NAME, area="right", tabify=False)
    dock.window().resizeDocks([dock], [DOCK_PX], Qt.Orientation.Horizontal)  # else Qt may give it more
    session.closed.connect(panels.retire)
    CloseGuard(dock.window(), session)
    LayerControls(session, dock.window(), panels)
    HelpLine(session, panels)
    ConsoleNames(viewer, session, panels)
    compile_ahead()
    SessionGarbage(session, _defer)
    _defer(partial(show_whole, viewer, session.scene_layer), 0)  # once the panels have their place


def _defer(action: Callable[[], Any], milliseconds: int) -> None:
    """Call something from Qt's event loop after some milliseconds."""
    from qtpy.QtCore import QTimer

    QTimer.singleShot(milliseconds, action)

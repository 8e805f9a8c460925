"""Commands of napari's menus that start labelling or ask for files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.attach import attach
from napari_geolabel.viewer.commands import require_session
from napari_geolabel.viewer.gl_guard import canvas_widget, unwrapped
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.preferences import load_preferences
from napari_geolabel.viewer.scene_layer import SCENE_KEY, scene_layers
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.chips_dialog import show_chips_dialog, window_on_top
from napari_geolabel.widgets.export_dialog import ask_export
from napari_geolabel.widgets.import_dialog import ask_import
from napari_geolabel.widgets.keys_window import show_keys
from napari_geolabel.widgets.labels_panel import choose_import_path, export_to, import_from
from napari_geolabel.widgets.scenes_panel import add_scene_to, choose_other_scene_path

if TYPE_CHECKING:
    from napari.viewer import Viewer


def annotate_active_scene(viewer: Viewer) -> None:
    """Start labelling the scene of the active layer with the ontology of the preferences."""
    layers = scene_layers(viewer)
    if not layers:
        warn("no scene is open; drag a GeoTIFF in, or take one of File > Open Sample > napari-geolabel")
        return
    try:
        annotate(viewer, layers[0].metadata[SCENE_KEY], load_preferences().ontology)
    except GeoLabelError as error:
        warn(str(error))


def add_scene(viewer: Viewer) -> None:
    """Ask for a file and lay its scene over the one that is labelled, or over those that are open."""
    path = choose_other_scene_path(None)
    session = find_session(viewer)
    if not path:
        return
    if session is not None:
        add_scene_to(session, path)
        return
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.viewer.together import add_scene as lay_over

    attach(viewer)
    try:
        lay_over(unwrapped(viewer), open_scene(path))
    except GeoLabelError as error:
        warn(str(error))


def export_labels(viewer: Viewer) -> None:
    """Ask for a format and a file, and export the labels of the session to it."""
    session = require_session(viewer)
    wanted = None if session is None else ask_export(session, None)
    if session is not None and wanted is not None:
        export_to(session, wanted.path, **wanted.order)


def make_training_set(viewer: Viewer) -> None:
    """Ask how the labelled scene is cut into chips, and make a training set."""
    session = require_session(viewer)
    if session is not None:
        show_chips_dialog(session, window_on_top())


def show_all_keys(viewer: Viewer) -> None:
    """Show all keys, to find and to change, with a session or without."""
    canvas = canvas_widget(unwrapped(viewer))
    if canvas is not None:
        show_keys(canvas.window())


def import_labels(viewer: Viewer) -> None:
    """Ask for a file and how to take it, and import it into the labels of the session."""
    session = require_session(viewer)
    path = choose_import_path(None) if session is not None else ""
    chosen = ask_import(session, path, None) if session is not None and path else None
    if session is not None and chosen is not None:
        import_from(session, path, prepared=chosen.prepared, **chosen.order)

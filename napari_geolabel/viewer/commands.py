"""Commands of napari's menus and command palette that need no dialog.

They work on the session of the viewer; composites also on a scene that has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_geolabel.viewer.composites import Composites, composites_of
from napari_geolabel.viewer.gl_guard import unwrapped
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.scene_layer import scene_layers
from napari_geolabel.viewer.session import Session, find_session

if TYPE_CHECKING:
    from napari.viewer import Viewer


def next_composite(viewer: Viewer) -> None:
    """Show the next composite of the scene."""
    found = _composites(viewer)
    if found is not None:
        found.next_composite()


def previous_composite(viewer: Viewer) -> None:
    """Show the previous composite of the scene."""
    found = _composites(viewer)
    if found is not None:
        found.previous_composite()


def undo(viewer: Viewer) -> None:
    """Take the last change of the labels back."""
    session = require_session(viewer)
    if session is not None:
        session.undo()


def redo(viewer: Viewer) -> None:
    """Make the last undone change of the labels again."""
    session = require_session(viewer)
    if session is not None:
        session.redo()


def show_table(viewer: Viewer) -> None:
    """Show all annotations as a table."""
    _ask(viewer, "table")


def show_problems(viewer: Viewer) -> None:
    """Show what should be mended in the labels."""
    _ask(viewer, "problems")


def show_history(viewer: Viewer) -> None:
    """Show who changed what and when."""
    _ask(viewer, "history")


def show_conflicts(viewer: Viewer) -> None:
    """Show what two sessions did not agree on."""
    _ask(viewer, "conflicts")


def show_spectra(viewer: Viewer) -> None:
    """Show what pixels, annotations and classes hold in each band."""
    _ask(viewer, "spectra")


def show_ontology(viewer: Viewer) -> None:
    """Show the editor of the ontology."""
    _ask(viewer, "ontology")


def show_bands(viewer: Viewer) -> None:
    """Show what the bands are and what their values come to."""
    _ask(viewer, "bands")


def swipe(viewer: Viewer) -> None:
    """Lay a line over the map with another composite right of it, or take it away."""
    session = require_session(viewer)
    if session is not None:
        session.views.swipe.toggle()


def require_session(viewer: Viewer) -> Session | None:
    """Return the viewer's labelling session; tell the user how to start one where there is none."""
    session = find_session(viewer)
    if session is None:
        warn("nothing is being labelled yet; open a scene and start with Plugins > napari-geolabel > Annotate a scene")
    return session


def _ask(viewer: Viewer, wish: str) -> None:
    session = require_session(viewer)
    if session is not None:
        session.asked.emit(wish)


def _composites(viewer: Viewer) -> Composites | None:
    session = find_session(viewer)
    if session is not None:
        return session.scenes.composites
    layers = scene_layers(unwrapped(viewer))
    if not layers:
        warn("no scene is open; drag a GeoTIFF in, or take one of File > Open Sample > napari-geolabel")
        return None
    return composites_of(layers[0])

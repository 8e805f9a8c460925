"""Small questions about places: where to go, and under which name to keep a view."""

from __future__ import annotations

from qtpy.QtWidgets import QInputDialog, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.place_text import EXAMPLES
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.session import Session


def ask_place(session: Session, parent: QWidget | None = None) -> None:
    """Ask for coordinates or a bookmark, and go there; what names no place is told."""
    names = list(session.labels.bookmarks)
    told = f"Coordinates{', or one of the bookmarks' if names else ''}, for example {EXAMPLES}:"
    text, is_given = QInputDialog.getItem(parent, "Go to", told, ["", *names], 0, editable=True)
    if not is_given or not text.strip():
        return
    try:
        if text in names:
            session.ways.go_to_bookmark(text)
        else:
            session.ways.go_to(text)
    except GeoLabelError as error:
        warn(str(error))


def ask_bookmark(session: Session, parent: QWidget | None = None) -> None:
    """Ask for a name, and keep the view under it."""
    number = len(session.labels.bookmarks) + 1
    name, is_given = QInputDialog.getText(parent, "Bookmark", "Name of this view:", text=f"place {number}")
    if not is_given:
        return
    try:
        session.ways.bookmark(name)
    except GeoLabelError as error:
        warn(str(error))
        return
    tell(f"{name.strip()} is kept with the labels; {session.keys.label('go_to')} goes there")

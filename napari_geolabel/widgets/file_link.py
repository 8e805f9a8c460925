"""What ties a session to its label file: notes are shown, what others do is taken over, and the end closes it."""

from __future__ import annotations

from qtpy.QtCore import QCoreApplication

from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.relay import Relay


def follow_file(session: Session) -> None:
    """Show the notes of a session's label file, and take over what others do to it, until the session ends."""
    labels = session.labels
    if labels.path is None:
        return
    link = _Link(session)
    link.show_notes()
    if QCoreApplication.instance() is None:  # without an event loop nothing could be handed over
        return
    relay = Relay(link.take_over)
    labels.arrived.connect(relay.ask)

    def part() -> None:
        labels.arrived.disconnect(relay.ask, missing_ok=True)

    session.closed.connect(part)


def close_labels(labels: Labels) -> None:
    """Close labels at the end of their session; what cannot be written is told, and they stay open."""
    try:
        labels.close()
    except WriteError as error:
        warn(f"the labels of {labels.scene.name} are still open: {error}")


class _Link:
    """A session and how many notes of its label file were shown."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown = 0

    def show_notes(self) -> None:
        """Show the notes that are new as one: of several, napari lays the last over the first, which matters most."""
        notes = self._session.labels.notes
        if len(notes) > self._shown:
            tell("\n".join(notes[self._shown :]))
        self._shown = len(notes)

    def take_over(self) -> None:
        """Take over what others did, on Qt's thread."""
        if self._session.is_closed:
            return
        try:
            self._session.labels.pull()
        except GeoLabelError as error:
            warn(f"what others did is in the label file and not shown here: {error}")
        self.show_notes()

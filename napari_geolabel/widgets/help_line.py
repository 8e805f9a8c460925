"""The line at the foot of napari's window: how the tool in hand draws, else the keys to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject

from napari_geolabel.viewer.key_names import DEFAULTS
from napari_geolabel.viewer.own_keys import label
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.widgets.tool_panel import tool_hint

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

_BEGIN: Final = (
    "{keys} all keys, 1-9 class, {tool_box} box, {tool_rotated_box} rotated box, {tool_polygon} polygon, "
    "{put_away} move the map, {undo} undo, {next_composite} next composite, {table} table"
)
FIRST_KEYS: Final = _BEGIN.format(**{name: label(key) for name, key in DEFAULTS.items()})
"""What the line says before a tool is taken, while nobody has changed a key."""


class HelpLine(QObject):  # type: ignore[misc]  # qtpy has no types
    """Puts our help in the place of napari's, which speaks of keys that mean something else while labelling.

    Parameters
    ----------
    session
        Whose layers and tool it follows until it is closed.
    parent
        What it lives as long as.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        # last: the window has then shown napari's text, and shows ours in its place
        session.viewer.events.help.connect(self.write, position="last")
        session.tool_changed.connect(self.write)
        session.keys.changed.connect(self.write)
        session.closed.connect(self._retire)
        self.write()

    @property
    def text(self) -> str:
        """What the line says while one of the session's layers is active."""
        keys = self._session.keys
        if self._session.tool:
            return tool_hint(self._session.tool, keys)
        return _BEGIN.format_map(keys.labels)

    def write(self, _changed: object = None) -> None:
        """Write it, whatever napari has written there."""
        viewer = self._session.viewer
        active = viewer.layers.selection.active
        if active is not None and SCENE_KEY in active.metadata:
            viewer.help = self.text  # napari tells of it only where it is another

    def _retire(self) -> None:
        self._session.viewer.events.help.disconnect(self.write)

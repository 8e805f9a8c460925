"""From any thread to Qt's own: the label file speaks on the thread that writes it, where no widget may be touched."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, Qt, Signal


class Relay(QObject):  # type: ignore[misc]  # qtpy has no types
    """Calls something on the thread that made the relay, from its event loop.

    Parameters
    ----------
    action
        What to call; it gets no arguments.
    parent
        The widget or object that the relay ends with.
    """

    _asked = Signal()

    def __init__(self, action: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._asked.connect(self._act, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Have the action called soon; from any thread."""
        self._asked.emit()

    def _act(self) -> None:
        self._action()

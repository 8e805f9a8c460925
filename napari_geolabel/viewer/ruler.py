"""Measuring on the map: clicks make a path, whose length, bearing and area stand in the picture."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import FloatArray
from napari_geolabel.geo.path_measure import PathMeasure, measure_path
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.key_names import DEFAULTS
from napari_geolabel.viewer.own_keys import label
from napari_geolabel.viewer.preview import Preview
from napari_geolabel.viewer.readout import Readout

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

CLICK_PX = 4
"""A press and a release that are farther apart on screen move the map."""
_HELP = "measure: click the points, right-click begins anew, {key} ends"
HELP = _HELP.format(key=label(DEFAULTS["measure"]))
"""What the map says before a point is set, while nobody has changed the key."""
BEYOND = "beyond the reach of the projection"
"""What the map says where a point is nowhere on Earth, as beside the disk that a weather satellite sees."""


class Ruler:
    """Measures paths in the viewer of a session; nothing is labelled by it.

    Parameters
    ----------
    session
        The session; while the ruler is on, no tool is in hand.
    """

    changed = Signal()
    """Emitted when it is switched on or off, or the path is another."""

    def __init__(self, session: Session) -> None:
        self._session, self._viewer = session, session.viewer
        self._frame = Frame.of(session.scene.grid)
        self._preview = Preview(session.viewer, session.preview_layer)
        self._readout = Readout(session.viewer)
        self._points: list[FloatArray] = []
        self._is_on = False
        self._press, self._move = self._on_press, self._on_move  # bound once, so that they are found again
        session.tool_changed.connect(self._on_tool)

    @property
    def _help(self) -> str:
        return _HELP.format(key=self._session.keys.label("measure"))

    @property
    def is_on(self) -> bool:
        """Whether clicks measure."""
        return self._is_on

    @property
    def points(self) -> list[tuple[float, float]]:
        """The path in pixel coordinates ``(x, y)``; may be set."""
        return [(float(x), float(y)) for x, y in self._points]

    @points.setter
    def points(self, points: Sequence[ArrayLike]) -> None:
        self._points = [np.asarray(point, np.float64) for point in points]
        self._show(self._points)

    @property
    def measure(self) -> PathMeasure:
        """What the path measures, as it was clicked."""
        return measure_path(self._session.scene.grid, self._points)

    def toggle(self) -> None:
        """Begin to measure, or end it."""
        if self._is_on:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Let clicks measure from now on."""
        if self._is_on:
            return
        self._session.tool = None
        active = self._viewer.layers.selection.active
        if active is not None and hasattr(active, "mode"):
            active.mode = "pan_zoom"  # a click shall not select as well
        self._is_on = True
        self._viewer.mouse_drag_callbacks.append(self._press)
        self._viewer.mouse_move_callbacks.append(self._move)
        self.points = []

    def stop(self) -> None:
        """Measure no more."""
        if not self._is_on:
            return
        self._is_on = False
        self._viewer.mouse_drag_callbacks.remove(self._press)
        self._viewer.mouse_move_callbacks.remove(self._move)
        self._points = []
        self._preview.clear()
        self._readout.clear()
        self.changed.emit()

    def close(self) -> None:
        """Measure no more, and listen no more."""
        self.stop()
        self._session.tool_changed.disconnect(self._on_tool, missing_ok=True)

    def _on_tool(self, tool: str) -> None:
        if tool:
            self.stop()

    def _on_press(self, viewer: object, event: Any) -> Generator[None, None, None]:  # noqa: ANN401, ARG002  (napari's)
        start, button = np.asarray(event.pos), event.button
        ((x, y),) = self._frame.to_pixel([event.position[-2:]])
        yield
        while event.type == "mouse_move":
            yield
        if np.abs(np.asarray(event.pos) - start).max() > CLICK_PX:
            return
        if button == 1 and not (self._points and np.array_equal(self._points[-1], (x, y))):
            self.points = [*self._points, (x, y)]
        elif button == 2:
            self.points = []

    def _on_move(self, viewer: object, event: Any) -> None:  # noqa: ANN401, ARG002  (napari's)
        if self._points and not event.is_dragging:
            self._show([*self._points, self._frame.to_pixel([event.position[-2:]])[0]])

    def _show(self, path: Sequence[FloatArray]) -> None:
        """Show a path and what it measures."""
        if self._is_on:
            lines = [np.asarray(path)] if len(path) > 1 else []
            self._preview.show(lines, np.asarray(self._points).reshape(-1, 2))
            self._readout.show(self._told(path))
        self.changed.emit()

    def _told(self, path: Sequence[FloatArray]) -> str:
        """Return what a path measures, in a line."""
        try:
            found = measure_path(self._session.scene.grid, path)
        except GeoLabelError:
            return BEYOND
        return (found.text or self._help) if np.isfinite([found.length, found.area or 0.0]).all() else BEYOND

"""Points of a scene that a person keeps an eye on, each with a colour of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely
from psygnal import Signal

from napari_geolabel.viewer.outlines import Outlines

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_geolabel.imagery.scene import Scene

PIN_COLORS = ("#e6399b", "#00a5b5", "#8c6bd6", "#6aa80f", "#f2704e", "#9a6a2f", "#4f7df0", "#7a8794")
"""Seen on dark and on light ground, and none of them a colour of the classes of our templates."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One pinned pixel."""

    id: int
    """Unique among the pins of a session."""

    x: float
    """In pixel coordinates."""

    y: float
    name: str
    color: str
    """``#rrggbb``"""


class Pins:
    """The pinned points, in the order in which they were pinned."""

    changed = Signal()
    """Emitted when a pin was added, renamed or removed."""

    def __init__(self) -> None:
        self._pins: dict[int, Pin] = {}
        self._last = 0

    def add(self, x: float, y: float) -> Pin:
        """Pin a point in pixel coordinates, in the first colour that the fewest pins have."""
        self._last += 1
        used = [pin.color for pin in self]
        color = min(PIN_COLORS, key=used.count)
        pin = Pin(id=self._last, x=x, y=y, name=f"pin {self._last}", color=color)
        self._pins[pin.id] = pin
        self.changed.emit()
        return pin

    def rename(self, pin_id: int, name: str) -> None:
        """Give a pin another name; an empty one is passed over."""
        if name.strip():
            self._pins[pin_id] = replace(self._pins[pin_id], name=name.strip())
        self.changed.emit()

    def remove(self, pin_id: int) -> None:
        """Take a pin away."""
        del self._pins[pin_id]
        self.changed.emit()

    def __getitem__(self, pin_id: int) -> Pin:
        return self._pins[pin_id]

    def __contains__(self, pin_id: int) -> bool:
        return pin_id in self._pins

    def __iter__(self) -> Iterator[Pin]:
        return iter(self._pins.values())

    def __len__(self) -> int:
        return len(self._pins)


class PinMarks:
    """Crosses on the map where the pins are, as large on screen at every zoom."""

    def __init__(self, viewer: ViewerModel, scene: Scene, pins: Pins) -> None:
        self._viewer, self._pins = viewer, pins
        self._outlines = Outlines(viewer, scene, name="pinned spectra")
        self._is_shown = False
        pins.changed.connect(self._draw)
        viewer.scene.camera.events.zoom.connect(self._on_zoom)

    @property
    def outlines(self) -> Outlines:
        """What draws the crosses."""
        return self._outlines

    def show(self) -> None:
        """Mark the pins."""
        self._is_shown = True
        self._draw()

    def hide(self) -> None:
        """Mark nothing until `show`."""
        self._is_shown = False
        self._outlines.clear()

    def close(self) -> None:
        """Mark nothing any more."""
        self._pins.changed.disconnect(self._draw, missing_ok=True)
        self._viewer.scene.camera.events.zoom.disconnect(self._on_zoom)
        self._outlines.close()

    def _on_zoom(self, _event: object) -> None:
        """Draw the crosses as large as before; a layer that was hidden by hand stays so."""
        layer = self._outlines.layer
        if layer is not None and layer.visible:
            self._draw()

    def _draw(self) -> None:
        if not self._is_shown:
            return
        points: dict[str, list[shapely.Point]] = {}
        for pin in self._pins:
            points.setdefault(pin.color, []).append(shapely.Point(pin.x, pin.y))
        self._outlines.show(points)

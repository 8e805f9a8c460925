"""A scene in a real napari window: what a person feels while panning, zooming and switching.

Everything that a scene layer does on the thread of the window makes the window
wait.  A heartbeat on that thread tells how long: the longest time between two
beats is the longest time in which nothing moved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.imagery.scene import Scene

BEAT_MS = 5
STEPS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Where a person looks: the middle of the canvas in pixels of the scene, and screen pixels for each of these."""

    x: float
    y: float
    zoom: float


@dataclass(frozen=True, slots=True)
class Gap:
    """The time between two beats, in milliseconds."""

    wall_ms: float
    process_ms: float
    """What the processors have worked for this process meanwhile, all threads together."""

    @property
    def own_ms(self) -> float:
        """What is to be blamed on this process: on a busy machine it does not run all the time."""
        return min(self.wall_ms, self.process_ms)


class Heartbeat:
    """Beats on the window's thread while it can; a context manager."""

    def __init__(self) -> None:
        from qtpy.QtCore import Qt, QTimer

        self.gaps: list[Gap] = []
        self._last = self._now()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    @property
    def longest_ms(self) -> float:
        """The longest time in which the window stood still."""
        return max((gap.wall_ms for gap in self.gaps), default=0.0)

    @property
    def longest_own_ms(self) -> float:
        """The same, as far as this process is to be blamed for it."""
        return max((gap.own_ms for gap in self.gaps), default=0.0)

    def __enter__(self) -> Heartbeat:
        self._last = self._now()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        now, before = self._now(), self._last
        self.gaps.append(Gap(*(1000 * (a - b) for a, b in zip(now, before, strict=True))))
        self._last = now

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def journey(side: int, canvas_px: float, steps: int = STEPS) -> Iterator[Look]:
    """Yield so many looks: pans at full resolution, zooms out to the whole scene and in again elsewhere.

    Parameters
    ----------
    side
        Rows and columns of the scene.
    canvas_px
        The longer side of the canvas.
    steps
        How many looks.
    """
    whole = canvas_px / side
    x, y, zoom = 0.3 * side, 0.45 * side, 1.0
    for step in range(steps):
        phase = step % 50
        if phase < 15:
            x += 200 / zoom
        elif phase < 25:
            y += 200 / zoom
        elif phase < 35:
            zoom = max(whole, zoom / 1.5)
        elif phase < 40:
            x, y = x - 150 / zoom, y - 100 / zoom
        else:
            zoom = min(1.5, zoom * 1.6)
        x, y = _reflected(x, side), _reflected(y, side)
        yield Look(x, y, zoom)


def travel(viewer: Viewer, scene: Scene, looks: Iterator[Look] | Sequence[Look], pause_ms: float = 20) -> None:
    """Go from look to look as a person does: every one is drawn, then there is a moment of rest."""
    from qtpy.QtWidgets import QApplication

    app = QApplication.instance()
    for look in looks:
        look_at(viewer, scene, look)
        end = time.perf_counter() + pause_ms / 1000
        while True:
            app.processEvents()
            if time.perf_counter() >= end:
                break
            time.sleep(0.001)


def look_at(viewer: Viewer, scene: Scene, look: Look) -> None:
    """Put the middle of the canvas somewhere in the scene, so large."""
    from napari_geolabel.viewer.frame import Frame

    frame = Frame.of(scene.grid)
    viewer.scene.camera.center = tuple(frame.to_world((look.x, look.y)))
    viewer.scene.camera.zoom = look.zoom / frame.pixel_size[0]


def watch_decoding(scene: Scene, noted: list[tuple[str, int, float]]) -> None:
    """Note thread, level and milliseconds of every decode of a scene from now on."""
    import threading

    store = scene.source.store
    original = store._decode  # noqa: SLF001  (the one place that decodes tiles)

    def noting(level: Any, *arguments: Any) -> None:  # noqa: ANN401
        begin = time.perf_counter()
        original(level, *arguments)
        noted.append((threading.current_thread().name, level.index, 1000 * (time.perf_counter() - begin)))

    store._decode = noting  # noqa: SLF001


def _reflected(place: float, limit: float) -> float:
    """Return a place that turns round at 0 and at a limit."""
    place %= 2 * limit
    return 2 * limit - place if place > limit else place

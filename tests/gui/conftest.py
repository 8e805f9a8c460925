"""A real napari window on a screen, a real mouse and real keys.

Each test has a viewer of its own with the guard against napari's native
crash; napari's settings live in a temporary folder.  Without a screen a
virtual one (Xvfb) is started for the whole run, and one for each of several
workers (pytest -n 2).
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.gui.gl_contexts import contexts_watched

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from numpy.typing import ArrayLike

    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.viewer.session import Session

ROOT = Path(__file__).parents[2]
WINDOW_PX = (1600, 1000)
LONGEST_S = 60
"""How long `until` waits: only what hangs takes that long."""
MOST_ROUNDS = 100
"""How often `settle` looks whether Qt has more to do; an animation never ends."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as needing a window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.gui)


@pytest.fixture(scope="session", autouse=True)
def a_screen() -> Iterator[None]:
    """The screen there is, or a virtual one."""
    import napari_geolabel.widgets.annotate  # noqa: F401  (with all of napari, before what stands is frozen)
    from napari_geolabel.cli.screen import screen
    from napari_geolabel.errors import GeoLabelError

    gc.collect()
    gc.freeze()  # napari collects garbage with each window that closes, and most of its time goes through what stays
    before = dict(os.environ)
    if "PYTEST_XDIST_WORKER" in os.environ and sys.platform.startswith("linux"):
        os.environ.pop("DISPLAY", None)  # two windows on one screen would take the keyboard from each other
        os.environ.pop("WAYLAND_DISPLAY", None)
    try:
        with screen() as environment:
            os.environ.update(environment)
            yield
    except GeoLabelError as error:
        pytest.skip(str(error))
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(autouse=True)
def own_settings(napari_config: Path) -> None:
    """Each test has napari settings of its own."""


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder: label files of the sample scenes lie there."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def no_foreign_deletions() -> Iterator[None]:
    """Nothing is deleted in an OpenGL context that is not its own: napari would crash natively, sooner or later."""
    told: list[str] = []
    with contexts_watched(told.append):
        yield
    assert not told, "\n".join(told[:3])


@pytest.fixture
def viewer(qapp: Any, a_screen: None, napari_config: Path, no_foreign_deletions: None) -> Iterator[Viewer]:
    """A window of 1600 x 1000 pixels, guarded."""
    import napari

    from napari_geolabel.viewer.gl_guard import keep_gl_context

    window = napari.Viewer(show=True)
    keep_gl_context(window)
    window.window.resize(*WINDOW_PX)
    take_place(window, qapp)
    yield window
    if canvas_of(window) is None:  # the test closed the window as a person does
        window.layers.clear()
        type(window)._instances.discard(window)
    else:
        window.close()
    settle(qapp)


@pytest.fixture
def coast() -> Path:
    """The synthetic 13-band scene."""
    return ROOT / "sample_data" / "coast.tif"


@pytest.fixture
def labels(coast: Path) -> Labels:
    """Empty labels of the coast with the maritime ontology."""
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    return open_labels(scene=open_scene(coast), ontology="maritime")


@pytest.fixture
def session(viewer: Viewer, labels: Labels, qapp: Any) -> Session:
    """A session with its panels; the view is on the whole scene."""
    from napari_geolabel.widgets.annotate import annotate

    started = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    viewer.reset_view()
    settle(qapp)
    return started


@pytest.fixture
def mouse(viewer: Viewer, qapp: Any) -> Mouse:
    """The mouse over the viewer's canvas."""
    return Mouse(viewer, qapp)


@pytest.fixture
def press(viewer: Viewer, qapp: Any) -> Callable[..., None]:
    """Return a function that presses a key on the canvas: ``press("Alt+Right")``."""
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    modifiers = {
        "Alt": Qt.KeyboardModifier.AltModifier,
        "Ctrl": Qt.KeyboardModifier.ControlModifier,
        "Shift": Qt.KeyboardModifier.ShiftModifier,
    }

    def press_key(text: str) -> None:
        *held, key = text.split("+")
        modifier = Qt.KeyboardModifier.NoModifier
        for name in held:
            modifier |= modifiers[name]
        code = getattr(Qt.Key, f"Key_{key if len(key) > 1 else key.upper()}")
        QTest.keyClick(canvas_of(viewer), code, modifier)
        settle(qapp)

    return press_key


@pytest.fixture
def photograph(viewer: Viewer, qapp: Any) -> Callable[[str], Path]:
    """Return a function that writes a picture of the whole window to ``test-artefacts/`` and returns its path."""

    def take(name: str) -> Path:
        from napari_geolabel.imagery.render import write_png

        settle(qapp, 0.3)
        folder = ROOT / "test-artefacts"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.png"
        write_png(path, viewer.screenshot(canvas_only=False, flash=False))
        return path

    return take


@dataclass
class Mouse:
    """Moves and clicks on the canvas at scene pixels.

    The canvas gets the events themselves: a pointer moved through the screen's server arrives when it likes.
    """

    viewer: Viewer
    app: Any

    def at(self, xy: ArrayLike) -> Any:
        """Return the canvas point of a scene pixel point ``(x, y)``."""
        from qtpy.QtCore import QPoint

        from napari_geolabel.viewer.frame import Frame
        from napari_geolabel.viewer.scene_layer import SCENE_KEY

        scene = next(layer.metadata[SCENE_KEY] for layer in self.viewer.layers if SCENE_KEY in layer.metadata)
        camera, canvas = self.viewer.scene.camera, canvas_of(self.viewer)
        offset = (Frame.of(scene.grid).to_world(xy) - np.array(camera.center)[-2:]) * camera.zoom
        row, col = offset + np.array([canvas.height(), canvas.width()]) / 2
        return QPoint(round(col), round(row))

    def move(self, xy: ArrayLike) -> None:
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent

        canvas, point = canvas_of(self.viewer), self.at(xy)
        where, modifiers = (QPointF(point), QPointF(canvas.mapToGlobal(point))), Qt.KeyboardModifier.NoModifier
        self.viewer.mouse_over_canvas = True  # as entering it does
        moved = QMouseEvent(QEvent.Type.MouseMove, *where, Qt.MouseButton.NoButton, self._held(), modifiers)
        self.app.sendEvent(canvas, moved)
        settle(self.app)  # moves that follow in less than 10 ms are left out by vispy, in less than 5 ms by napari

    def press(self, xy: ArrayLike, button: str = "Left") -> None:
        """Press a button and hold it; the mouse does not move."""
        self._act("mousePress", xy, button)

    def release(self, xy: ArrayLike, button: str = "Left") -> None:
        """Let go of a button that is held."""
        self._act("mouseRelease", xy, button)
        settle(self.app)

    def click(self, xy: ArrayLike, button: str = "Left") -> None:
        self.move(xy)
        self._act("mouseClick", xy, button)
        settle(self.app)

    def double_click(self, xy: ArrayLike) -> None:
        self.click(xy)
        self._act("mouseDClick", xy, "Left")
        settle(self.app)

    def drag(self, *points: ArrayLike) -> None:
        """Press at the first point, move through the others and release at the last."""
        self.move(points[0])
        self.press(points[0])
        for start, end in pairwise(points):
            for share in (0.25, 0.5, 0.75, 1.0):
                self.move(np.asarray(start) * (1 - share) + np.asarray(end) * share)
        self.release(points[-1])

    def look_at(self, xy: ArrayLike, screen_px_per_pixel: float) -> None:
        """Put a scene pixel point in the middle of the canvas, so large."""
        from napari_geolabel.viewer.frame import Frame
        from napari_geolabel.viewer.scene_layer import SCENE_KEY

        scene = next(layer.metadata[SCENE_KEY] for layer in self.viewer.layers if SCENE_KEY in layer.metadata)
        frame = Frame.of(scene.grid)
        self.viewer.scene.camera.center = tuple(frame.to_world(xy))
        self.viewer.scene.camera.zoom = screen_px_per_pixel / frame.pixel_size[0]
        settle(self.app)

    def _act(self, what: str, xy: ArrayLike, button: str) -> None:
        from qtpy.QtCore import Qt
        from qtpy.QtTest import QTest

        pressed = getattr(Qt.MouseButton, f"{button}Button")
        getattr(QTest, what)(canvas_of(self.viewer), pressed, Qt.KeyboardModifier.NoModifier, self.at(xy))

    def _held(self) -> Any:
        """Return the button that is held on the canvas, whoever pressed it."""
        from qtpy.QtCore import Qt

        press = canvas_of(self.viewer)._vispy_mouse_data["press_event"]
        names = {1: "Left", 2: "Right", 3: "Middle"}  # vispy's numbers
        return getattr(Qt.MouseButton, f"{names[press.button] if press else 'No'}Button")


def canvas_of(viewer: Viewer) -> Any:
    from napari_geolabel.viewer.gl_guard import canvas_widget

    return canvas_widget(viewer)


def take_place(viewer: Viewer, app: Any) -> None:
    """Let a window reach its size, which the screen's server grants when it likes; a small screen never does."""
    window, end = viewer.window._qt_window, time.monotonic() + 10
    while time.monotonic() < end:
        app.sync()
        settle(app)
        if (window.width(), window.height()) == WINDOW_PX and window.windowHandle().isExposed():
            return


def settle(app: Any, seconds: float = 0.02) -> None:
    """Let Qt work for a while, and on until it has nothing to do at once.

    A timer of Qt's own measures the while: on the slowest machine, what was due sooner is done when it is over.
    """
    from qtpy.QtCore import QAbstractEventDispatcher, QEventLoop, Qt, QTimer

    timer = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
    timer.start(round(seconds * 1000))
    while timer.isActive():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    dispatcher, flags = QAbstractEventDispatcher.instance(), QEventLoop.ProcessEventsFlag.AllEvents
    for _ in range(MOST_ROUNDS):
        if not dispatcher.processEvents(flags):
            return


@pytest.fixture
def wait(qapp: Any) -> Callable[[float], None]:
    """Return a function that lets Qt work for some seconds; where something is to happen, take `until`."""
    return lambda seconds=0.1: settle(qapp, seconds)


@pytest.fixture
def until(qapp: Any) -> Callable[[Callable[[], Any]], None]:
    """Return a function that lets Qt work until something is so: ``until(lambda: len(layer.data) == 1)``."""

    def work(condition: Callable[[], Any]) -> None:
        end = time.monotonic() + LONGEST_S
        while not condition():
            assert time.monotonic() < end, f"waited {LONGEST_S} s in vain"
            settle(qapp)

    return work

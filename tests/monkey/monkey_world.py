"""The monkey's world: a real window with a session on the sample scene, mouse, keyboard, and ears for what fails."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.viewer.compile_ahead import COMPILING

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from numpy.typing import ArrayLike

    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.viewer.session import Session

ROOT = Path(__file__).parents[2]
WINDOW_PX = (1100, 640)
LEAST_CANVAS_PX = 250
"""A canvas that panels have squeezed to less leaves nothing to hit."""
MOST_ROUNDS = 50
"""How often `World.settle` looks whether a view has still something to read."""

CLASSES = (
    {
        "id": "ship",
        "name": "Ship",
        "color": "#ff0000",
        "mask_value": 1,
        "kinds": ("box", "rotated_box", "polygon", "polyline", "keypoint", "mask"),
        "hotkey": "1",
        "attributes": ({"id": "length", "name": "Length", "type": "number", "default": 12},),
    },
    {"id": "cloud", "name": "Cloud", "color": "#00ff00", "mask_value": 2, "kinds": ("polygon", "mask"), "hotkey": "2"},
    {"id": "wake", "name": "Wake", "color": "#0000ff", "kinds": ("polyline", "polygon"), "hotkey": "3"},
    {"id": "buoy", "name": "Buoy", "color": "#ffff00", "kinds": ("keypoint", "box"), "hotkey": "4"},
    {"id": "hull", "name": "Hull", "color": "#ff00ff", "kinds": ("rotated_box",), "hotkey": "5"},
)
"""All kinds for one class, few for the others, so that much is refused."""
RELATIONS = ({"id": "wake_of", "name": "wake of", "from_classes": ("wake",), "to_classes": ("ship", "wake")},)


@dataclass
class Ears:
    """Hears every exception that nobody caught, and every error that is logged."""

    heard: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Begin; napari's own hooks are taken off."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        sys.unraisablehook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        handler = logging.Handler(logging.ERROR)
        handler.emit = lambda record: self.heard.append(record.getMessage())  # type: ignore[method-assign]
        for name in (None, "vispy", "napari", "napari_geolabel"):
            logging.getLogger(name).addHandler(handler)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heard.append("".join(traceback.format_exception(kind, error, trace)))


@dataclass
class World:
    """A window, a session, a mouse and a keyboard."""

    app: Any
    viewer: Viewer
    session: Session
    ears: Ears

    @property
    def labels(self) -> Labels:
        return self.session.labels

    @property
    def canvas(self) -> Any:
        from napari_geolabel.viewer.gl_guard import canvas_widget

        return canvas_widget(self.viewer)

    def work(self) -> None:
        """Let Qt do what is due, and delete what is to go, as it does between two events of a user."""
        from qtpy.QtCore import QEvent

        self.app.processEvents()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def settle(self) -> None:
        """Let Qt work until no view has anything left to read."""
        views = self.session.label_views.shapes, self.session.label_views.points
        for _ in range(MOST_ROUNDS):
            self.work()
            if not any(view._is_pending for view in views):
                return

    def at(self, xy: ArrayLike) -> Any:
        """Return the canvas point of a scene pixel point ``(x, y)``."""
        from qtpy.QtCore import QPoint

        from napari_geolabel.viewer.frame import Frame

        camera, canvas = self.viewer.scene.camera, self.canvas
        offset = (Frame.of(self.session.scene.grid).to_world(xy) - np.array(camera.center)[-2:]) * camera.zoom
        row, col = np.clip(offset, -1e6, 1e6) + np.array([canvas.height(), canvas.width()]) / 2
        return QPoint(round(col), round(row))

    def press(self, text: str) -> None:
        """Press a key on the canvas: ``Alt+Right``."""
        from qtpy.QtCore import Qt
        from qtpy.QtTest import QTest

        *held, key = text.split("+")
        names = {"Ctrl": "Control", "Alt": "Alt", "Shift": "Shift"}
        modifier = Qt.KeyboardModifier.NoModifier
        for name in held:
            modifier |= getattr(Qt.KeyboardModifier, f"{names[name]}Modifier")
        key = {"Enter": "Return"}.get(key, key)
        QTest.keyClick(self.canvas, getattr(Qt.Key, f"Key_{key if len(key) > 1 else key.upper()}"), modifier)
        self.work()

    def mouse(self, what: str, point: Any, button: str = "Left", *, shift: bool = False) -> None:
        """Press, release, click or double click a button at a canvas point."""
        from qtpy.QtCore import Qt
        from qtpy.QtTest import QTest

        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        getattr(QTest, f"mouse{what}")(self.canvas, getattr(Qt.MouseButton, f"{button}Button"), held, point)
        self.work()

    def move(self, point: Any, button: str = "No") -> None:
        """Move the mouse to a canvas point, perhaps with a button held."""
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent

        canvas, none = self.canvas, Qt.KeyboardModifier.NoModifier
        where = QPointF(point), QPointF(canvas.mapToGlobal(point))
        self.viewer.mouse_over_canvas = True  # as entering it does
        pressed = getattr(Qt.MouseButton, f"{button}Button")
        self.app.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, *where, Qt.MouseButton.NoButton, pressed, none))
        self.work()

    def wheel(self, point: Any, clicks: int) -> None:
        """Turn the wheel over a canvas point."""
        from qtpy.QtCore import QPoint, QPointF, Qt
        from qtpy.QtGui import QWheelEvent

        canvas = self.canvas
        event = QWheelEvent(
            QPointF(point),
            QPointF(canvas.mapToGlobal(point)),
            QPoint(0, 0),
            QPoint(0, 120 * clicks),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        self.app.sendEvent(canvas, event)
        self.work()


def open_world(folder: Path, ears: Ears) -> World:
    """Open a window with a session whose label file lies in a folder, and begin to listen."""
    import napari
    from qtpy.QtWidgets import QApplication

    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.ontology.model import Ontology
    from napari_geolabel.widgets.annotate import annotate

    viewer = napari.Viewer(show=True)
    ears.listen()
    viewer.window.resize(*WINDOW_PX)
    ontology = Ontology(id="monkey", name="Monkey", version="1", classes=CLASSES, relations=RELATIONS)
    labels = open_labels(label_path(folder), scene=open_scene(scene_path()), ontology=ontology)
    session = annotate(viewer, labels.scene, ontology, labels=labels)
    viewer.reset_view()
    world = World(QApplication.instance(), viewer, session, ears)
    world.work()
    assert world.canvas.width() >= LEAST_CANVAS_PX, f"the canvas is {world.canvas.width()} pixels wide"
    _warm_up(world)
    return world


def _warm_up(world: World) -> None:
    """Show one of each kind and take them back: what is drawn first compiles shaders and shape libraries."""
    import shapely

    for thread in threading.enumerate():
        if thread.name == COMPILING:  # once on each machine, beside the window
            thread.join()

    box = shapely.box(100, 100, 200, 180)
    for kind, shape in {"box": box, "polygon": box, "polyline": box.exterior, "keypoint": box.centroid}.items():
        world.labels.add(shapely.LineString(shape.coords) if kind == "polyline" else shape, "ship", kind=kind)
        world.settle()
    world.session.tool = "polyline"
    for xy in ((100, 100), (300, 300)):
        world.move(world.at(xy))
        world.mouse("Click", world.at(xy))
    world.press("Escape")
    world.session.tool = None
    while world.labels.store.undo_titles:
        world.labels.undo()
    world.settle()


def label_path(folder: Path) -> Path:
    """Return the label file of a world."""
    return folder / "monkey.labels.gpkg"


def scene_path() -> Path:
    """Return the synthetic scene."""
    return ROOT / "sample_data" / "coast.tif"

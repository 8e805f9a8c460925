"""What the monkey does: each action is a function of the world and a random generator that returns what it did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from monkey_world import World
from numpy.random import Generator

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.key_names import TOOL_KEYS
from napari_geolabel.viewer.keys import KEYS
from napari_geolabel.viewer.reshaper import COMMANDS

Action = Callable[[World, Generator], str]

ASKING_KEYS = ("Alt-J", "Alt-K")
"""Keys that open a dialog, which waits for an answer."""
NATIVE_KEYS = ("S", "D", "I", "X", "A", "E", "3", "Delete", "Ctrl+C", "Ctrl+V", "Space", "F", "V")
"""Keys of napari's own that a user may press on our layers."""
NATIVE_MODES = (
    "pan_zoom", "select", "direct", "add_rectangle", "add_ellipse", "add_line", "add_path", "add_polyline",
    "add_polygon", "add_polygon_lasso", "vertex_insert", "vertex_remove", "transform",
)  # fmt: skip
MOST_ANNOTATIONS = 150
"""More are removed again, since a crowd makes every action slow and none more telling."""


def press_key(world: World, rng: Generator) -> str:
    """Press one of our keys."""
    keys = [key for key in KEYS if key.key not in ASKING_KEYS]
    key = keys[rng.integers(len(keys))]
    world.press(key.label.replace(",", "Comma").replace(".", "Period"))
    return f"key {key.label}"


def press_native_key(world: World, rng: Generator) -> str:
    """Press one of napari's keys."""
    key = str(rng.choice(NATIVE_KEYS))
    world.press(key)
    return f"key {key}"


def take_native_mode(world: World, rng: Generator) -> str:
    """Choose one of napari's modes, as its buttons do."""
    mode = str(rng.choice(NATIVE_MODES))
    world.viewer.layers.selection.active = world.session.shapes_layer
    world.session.shapes_layer.mode = mode
    world.work()
    return f"mode {mode}"


def take_tool(world: World, rng: Generator) -> str:
    """Take a tool by its key, or put it away."""
    tool = str(rng.choice([*TOOL_KEYS, ""]))
    world.press(TOOL_KEYS[tool].replace("Control", "Ctrl").replace("-", "+") if tool else "Z")
    return f"tool {tool or 'none'}"


def click(world: World, rng: Generator) -> str:
    """Click somewhere, or on something."""
    point, button = _place(world, rng), str(rng.choice(["Left"] * 5 + ["Right"]))
    world.move(point)
    what = str(rng.choice(["Click"] * 6 + ["DClick"]))
    world.mouse(what, point, button, shift=bool(rng.random() < 0.15))
    return f"{button} {what} at {point.x()}, {point.y()}"


def drag(world: World, rng: Generator) -> str:
    """Drag from one place to another; now and then something happens in the middle."""
    start, end = _place(world, rng), _place(world, rng)
    told = f"drag {start.x()}, {start.y()} to {end.x()}, {end.y()}"
    world.move(start)
    world.mouse("Press", start)
    for share in (0.3, 0.6, 1.0):
        world.move(start + (end - start) * share, "Left")
        if rng.random() < 0.06:
            told += f" with {interrupt(world, rng)}"
    world.mouse("Release", end)
    return told


def interrupt(world: World, rng: Generator) -> str:
    """Do something that takes no mouse."""
    action: Action = INTERRUPTIONS[rng.integers(len(INTERRUPTIONS))]
    return action(world, rng)


def draw(world: World, rng: Generator) -> str:
    """Draw something with the tool in hand, and end it in one of the ways there are."""
    told = take_tool(world, rng)
    points = [_canvas_point(world, rng) for _ in range(rng.integers(2, 7))]
    if rng.random() < 0.5:  # in order round their middle, so that nothing crosses
        middle = sum(p.x() for p in points) / len(points), sum(p.y() for p in points) / len(points)
        points.sort(key=lambda p: np.arctan2(p.y() - middle[1], p.x() - middle[0]))
    for point in points:
        world.move(point)
        world.mouse("Click", point)
        if rng.random() < 0.03:
            told += f" with {interrupt(world, rng)}"
    end = str(rng.choice(["Enter", "Escape", "Backspace", "DClick", "nothing"]))
    if end == "DClick":
        world.mouse("DClick", points[-1])
    elif end != "nothing":
        world.press(end)
    return f"{told}, {len(points)} points, {end}"


def zoom(world: World, rng: Generator) -> str:
    """Turn the wheel, or look at everything again."""
    if rng.random() < 0.3:
        world.viewer.reset_view()
        world.work()
        return "reset view"
    clicks = int(rng.integers(-4, 5))
    world.wheel(_canvas_point(world, rng), clicks)
    return f"wheel {clicks}"


def add_by_script(world: World, rng: Generator) -> str:
    """Add annotations as the console does."""
    kinds = [kind for kind in Kind if kind is not Kind.MASK]
    kind = kinds[rng.integers(len(kinds))]
    class_id = str(rng.choice([c.id for c in world.labels.ontology.classes]))
    shapes = [_geometry(kind, rng) for _ in range(rng.integers(1, 4))]
    return _script(f"add {len(shapes)} {kind} {class_id}", lambda: world.labels.add_many(shapes, class_id, kind=kind))


def change_by_script(world: World, rng: Generator) -> str:
    """Change or remove annotations as the console does."""
    ids, labels = [a.id for a in _some(world, rng)], world.labels
    if not ids:
        return "nothing to change"
    classes = [c.id for c in labels.ontology.classes]
    matters: dict[str, Callable[[], Any]] = {
        "remove": lambda: labels.remove(ids),
        "class": lambda: labels.update_many(ids, class_id=str(rng.choice(classes))),
        "status": lambda: labels.update_many(ids, status=str(rng.choice(["draft", "submitted", "accepted"]))),
        "answer": lambda: labels.answer(ids, length=float(rng.integers(1, 400))),
        "move": lambda: labels.reshape.move(ids, pixels=tuple(rng.uniform(-60, 60, 2))),
        "rotate": lambda: labels.reshape.rotate(ids, float(rng.uniform(-180, 180))),
        "simplify": lambda: labels.reshape.simplify(ids, float(rng.uniform(0.5, 20))),
        "buffer": lambda: labels.reshape.buffer(ids, metres=float(rng.uniform(-200, 200))),
        "duplicate": lambda: labels.reshape.duplicate(ids),
        "merge": lambda: labels.reshape.merge(ids),
        "geometry": lambda: labels.update(ids[0], geometry=_geometry(labels[ids[0]].kind, rng)),
        "select": lambda: world.session.selection.select(ids),
    }
    what = str(rng.choice(list(matters)))
    return _script(f"{what} {len(ids)}", matters[what])


def other_script(world: World, rng: Generator) -> str:
    """Call something else that the console has."""
    session, labels = world.session, world.labels
    layers = [*session.layers, session.scene_layer]
    matters: dict[str, Callable[[], Any]] = {
        "class": lambda: setattr(session, "current_class", str(rng.choice([c.id for c in labels.ontology.classes]))),
        "tool": lambda: setattr(session, "tool", str(rng.choice(list(session.tools)))),
        "command": lambda: session.reshaper.run(str(rng.choice(COMMANDS))),
        "composite": session.next_composite,
        "active": lambda: setattr(session.viewer.layers.selection, "active", layers[rng.integers(len(layers))]),
        "paint": lambda: labels.paint(_geometry(Kind.POLYGON, rng), str(rng.choice(["ship", "cloud"]))),
        "scene": lambda: labels.fix_problems(),
        "hide": lambda: (session.hide_labels(), world.work(), session.show_labels()),
        "look": lambda: _look_at(world, rng),
    }
    what = str(rng.choice(list(matters)))
    return _script(f"session: {what}", matters[what])


def find_the_way(world: World, rng: Generator) -> str:
    """Look at cells, mark them, keep and go to bookmarks, click the minimap."""
    ways, coverage = world.session.ways, world.labels.coverage
    cell = list(coverage)[rng.integers(len(coverage))]
    matters: dict[str, Callable[[], Any]] = {
        "next cell": ways.next_cell,
        "nothing here": ways.nothing_here,
        "unmark": lambda: coverage.unmark(cell),
        "cells": ways.cells.toggle,
        "forget": ways.seen.forget,
        "ruler": ways.ruler.toggle,
        "bookmark": lambda: ways.bookmark("here"),
        "go to bookmark": lambda: ways.go_to_bookmark("here") if "here" in world.labels.bookmarks else None,
        "minimap": lambda: _click_minimap(world, rng),
    }
    what = str(rng.choice(list(matters)))
    return _script(f"way: {what}", matters[what])


def review(world: World, rng: Generator) -> str:
    """Make suggestions of what there is, and review them."""
    labels, reviewing = world.labels, world.session.review
    ids = [a.id for a in _some(world, rng)]
    if not ids:
        return "nothing to review"
    matters: dict[str, Callable[[], Any]] = {
        "suggest": lambda: labels.update_many(ids, status="suggested", confidence=float(rng.uniform())),
        "begin or end": reviewing.toggle,
        "accept": reviewing.accept,
        "reject": reviewing.reject,
        "next": reviewing.next,
    }
    what = str(rng.choice(list(matters)))
    return _script(f"review: {what}", matters[what])


def relate(world: World, rng: Generator) -> str:
    """Select some annotations, and group or link them, or no longer."""
    session, linker = world.session, world.session.linker
    session.selection.select([a.id for a in _some(world, rng)])
    matters: dict[str, Callable[[], Any]] = {
        "link": linker.link, "unlink": linker.unlink, "group": linker.group, "ungroup": linker.ungroup,
    }  # fmt: skip
    what = str(rng.choice(list(matters)))
    return _script(f"relations: {what}", matters[what])


def undo(world: World, rng: Generator) -> str:
    """Take some steps back, and perhaps make some of them again."""
    back, again = int(rng.integers(1, 6)), int(rng.integers(0, 6))
    for _ in range(back):
        world.press("Ctrl+Z")
    for _ in range(again):
        world.press("Ctrl+Shift+Z")
    return f"undo {back}, redo {again}"


def tidy(world: World, rng: Generator) -> str:
    """Remove most annotations where there are too many."""
    ids = list(world.labels)
    if len(ids) <= MOST_ANNOTATIONS:
        return "nothing to tidy"
    return _script("tidy", lambda: world.labels.remove(ids[: 2 * len(ids) // 3]))


INTERRUPTIONS: tuple[Action, ...] = (
    press_key, press_native_key, add_by_script, change_by_script, other_script, undo, take_native_mode, take_tool,
)  # fmt: skip
ACTIONS: dict[Action, int] = {
    draw: 18, click: 16, drag: 16, press_key: 10, press_native_key: 8, take_native_mode: 6, take_tool: 5, zoom: 4,
    add_by_script: 5, change_by_script: 8, other_script: 6, undo: 5, tidy: 3, find_the_way: 5,
    review: 4, relate: 4,
}  # fmt: skip
"""Each action with its weight."""


def act(world: World, rng: Generator) -> str:
    """Do one action; return what it was."""
    weights = np.array(list(ACTIONS.values()), float)
    action: Action = list(ACTIONS)[rng.choice(len(weights), p=weights / weights.sum())]
    return action(world, rng)


def _script(told: str, call: Callable[[], Any]) -> str:
    """Do what a script does; it may be refused with a sentence, and with nothing else."""
    try:
        call()
    except GeoLabelError as error:
        return f"{told}: {error}"
    return told


def _click_minimap(world: World, rng: Generator) -> None:
    """Click the minimap somewhere, once it is open."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest

    from napari_geolabel.widgets.minimap import Minimap

    world.session.asked.emit("map")
    world.work()
    for found in world.canvas.window().findChildren(Minimap)[:1]:
        point = QPoint(int(rng.integers(found.width())), int(rng.integers(found.height())))
        QTest.mouseClick(found, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    world.work()


def _some(world: World, rng: Generator) -> list[Annotation]:
    annotations = list(world.labels.store.values())
    return [annotations[i] for i in rng.permutation(len(annotations))[: rng.integers(1, 5)]]


def _canvas_point(world: World, rng: Generator) -> Any:
    from qtpy.QtCore import QPoint

    canvas = world.canvas
    return QPoint(int(rng.integers(2, canvas.width() - 2)), int(rng.integers(2, canvas.height() - 2)))


def _place(world: World, rng: Generator) -> Any:
    """Return a canvas point: of a vertex, inside of something, or anywhere."""
    some, chance = _some(world, rng), rng.random()
    if not some or chance < 0.4:
        return _canvas_point(world, rng)
    geometry = some[0].geometry
    points = shapely.get_coordinates(geometry if chance < 0.75 else shapely.point_on_surface(geometry))
    place, canvas = world.at(points[rng.integers(len(points))]), world.canvas
    return place if canvas.rect().contains(place) else _canvas_point(world, rng)


def _look_at(world: World, rng: Generator) -> None:
    some = _some(world, rng)
    if some:
        from napari_geolabel.viewer.frame import Frame

        (x, y), frame = shapely.get_coordinates(some[0].geometry)[0], Frame.of(world.session.scene.grid)
        world.viewer.scene.camera.center = tuple(frame.to_world((x, y)))
        world.viewer.scene.camera.zoom = float(rng.uniform(0.05, 2))


def _geometry(kind: Kind, rng: Generator) -> Any:
    """Return a geometry of a kind somewhere in the scene, now and then beyond its border."""
    x, y = rng.uniform(-20, 760), rng.uniform(-20, 640)
    w, h = rng.uniform(1, 90, 2)
    if kind is Kind.KEYPOINT:
        return shapely.Point(x, y)
    if kind is Kind.BOX:
        return shapely.box(x, y, x + w, y + h)
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2 @ turn + (x, y)
    if kind is Kind.ROTATED_BOX:
        return shapely.Polygon(corners)
    if kind is Kind.POLYLINE:
        return shapely.LineString(corners)
    hole = (corners - (x, y)) * rng.uniform(0.1, 0.8) + (x, y)
    return shapely.Polygon(corners, [hole] if rng.random() < 0.3 else [])

"""What must hold whatever is done: the monkey's invariants, each an assertion with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from monkey_world import World, label_path

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.shapes import check_geometry
from napari_geolabel.viewer.geometry_display import drawings

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class State:
    """Everything that undo brings back."""

    annotations: dict[str, Annotation]
    mask: NDArray[Any]
    scene_attributes: Mapping[str, Any]

    @classmethod
    def of(cls, world: World) -> State:
        """Return the state that a world is in."""
        labels = world.labels
        return cls(dict(labels.store), labels.canvas.array.copy(), dict(labels.scene_attributes))

    def check_same(self, other: State, when: str) -> None:
        """Refuse another state."""
        assert self.annotations.keys() == other.annotations.keys(), f"{when}: other annotations"
        for name, annotation in self.annotations.items():
            assert annotation == other.annotations[name], f"{when}: {annotation} became {other.annotations[name]}"
        assert np.array_equal(self.mask, other.mask), f"{when}: another mask"
        assert self.scene_attributes == other.scene_attributes, f"{when}: other scene attributes"


def check_now(world: World) -> None:
    """Check what must hold between two actions."""
    assert not world.ears.heard, f"unhandled: {world.ears.heard[0]}"
    session = world.session
    for view in (session.label_views.shapes, session.label_views.points):
        if not view._hand_is_busy:
            _check_layer(world, view)
    for annotation in world.labels.store.values():
        _check_geometry(annotation)
    _check_mask(world)


def check_undo_and_redo(world: World, start: State) -> None:
    """Take everything back, look whether all is as it was, and do it all again."""
    _come_to_rest(world)
    _all_the_way(world, world.session.redo)  # what was undone last
    end = State.of(world)
    steps = _all_the_way(world, world.session.undo)
    State.of(world).check_same(start, f"after {steps} steps of undo")
    again = _all_the_way(world, world.session.redo)
    assert again == steps, f"{steps} steps were undone and {again} redone"
    end.check_same(State.of(world), f"after {again} steps of redo")


def check_file(world: World, folder: Path) -> None:
    """Close everything and look whether the label file holds what the session had."""
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    end, scene, ontology = State.of(world), world.labels.scene.path, world.labels.ontology
    labels = world.labels
    world.session.close()
    labels.close()
    world.viewer.close()
    world.work()
    assert not world.ears.heard, f"unhandled while closing: {world.ears.heard[0]}"
    again = open_labels(label_path(folder), scene=open_scene(scene), ontology=ontology)
    kept = State(dict(again.store), again.canvas.array.copy(), dict(again.scene_attributes))
    end.check_same(kept, "after closing and opening the label file")
    again.close()


def _check_layer(world: World, view: Any) -> None:
    """Look whether a layer shows what the store has."""
    layer = view._layer
    shows, store = world.session.marks.shows, world.labels.store
    shall = [annotation for annotation in store.values() if annotation.kind in view.kinds and shows(annotation)]
    shall.sort(key=lambda annotation: annotation.status is not Status.SUGGESTED)  # suggestions lie below the rest
    expected = [
        (annotation, part, drawing) for annotation in shall for part, drawing in enumerate(drawings(annotation))
    ]
    shown = [np.asarray(points)[..., -2:].reshape(-1, 2) for points in layer.data]
    assert len(shown) == len(expected), f"{layer.name} shows {len(shown)} rows for {len(expected)}"
    assert len(layer.features) == len(expected), f"{layer.name} has {len(layer.features)} features"
    names = list(zip(layer.features["id"], layer.features["part"], layer.features["class"], strict=True))
    for row, (annotation, part, drawing) in enumerate(expected):
        wanted = annotation.id, part, annotation.class_id
        assert names[row] == wanted, f"row {row} of {layer.name} is {names[row]}, not {wanted}; {len(names)} rows"
        near = np.asarray(drawing.vertices, np.float32)
        same = shown[row].shape == near.shape and np.allclose(shown[row], near, rtol=1e-6, atol=1e-6)
        assert same, f"row {row} of {layer.name} shows {shown[row].tolist()} for {drawing.vertices.tolist()}"


def _check_mask(world: World) -> None:
    """Look whether the mask is what the last change of each tile has left."""
    if world.session._mask_view._is_stroking:
        return  # pixels that are no change yet
    canvas, history = world.labels.canvas, world.labels.store._history
    last: dict[tuple[int, int], tuple[bytes, str]] = {}
    for change in history.done:
        for tile in change.tiles:
            content, title = last.get((tile.row, tile.col), (tile.before, ""))
            assert content == tile.before, f"{change.title!r} begins with another tile than {title!r} has left"
            last[tile.row, tile.col] = tile.after, change.title
    for change in history.undone:
        last |= {(tile.row, tile.col): (tile.before, f"undo of {change.title}") for tile in change.tiles}
    for key, (content, title) in last.items():
        assert canvas.tile(key).tobytes() == content, f"tile {key} of the mask is not what {title!r} has left"


def _check_geometry(annotation: Annotation) -> None:
    """Look whether geometry is finite, stands for its kind, and is valid or crosses itself as a hand can draw."""
    geometry = annotation.geometry
    assert np.isfinite(shapely.get_coordinates(geometry)).all(), f"{annotation} is not finite"
    check_geometry(geometry, annotation.kind)
    reason = shapely.is_valid_reason(geometry)
    crosses = reason.startswith(("Self-", "Ring Self-", "Hole lies outside", "Nested", "Interior"))
    assert reason == "Valid Geometry" or crosses, f"{annotation}: {reason}"


def _come_to_rest(world: World) -> None:
    """Put every tool away and end what is half drawn."""
    world.session.tool = None
    world.session.shapes_layer.mode = "pan_zoom"
    world.session.points_layer.mode = "pan_zoom"
    if world.session.mask_layer is not None:
        world.session.mask_layer.mode = "pan_zoom"
    world.settle()
    check_now(world)


def _all_the_way(world: World, step: Any) -> int:
    """Undo, or redo, until nothing is left; return how many steps that took."""
    store, steps = world.labels.store, 0
    titles = "undo_titles" if step == world.session.undo else "redo_titles"
    left = len(getattr(store, titles))
    while left:
        step()
        now = len(getattr(store, titles))
        assert now < left, f"{titles[:4]} is stuck at {getattr(store, titles)[0]}"
        steps, left = steps + 1, now
        if steps % 20 == 0:
            world.settle()
            check_now(world)
    world.settle()
    check_now(world)
    return steps

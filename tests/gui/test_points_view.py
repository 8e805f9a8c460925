"""Keypoints in a real window, by real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.geo import pixel_to_display
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.points_view import PointsView
from napari_geolabel.viewer.scene_layer import SCENE_KEY

ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1.0",
    description="",
    classes=({"id": "buoy", "name": "Buoy", "color": "#ffff00", "kinds": ("keypoint",)},),
    scene_attributes=(),
)


def buoy(x: float, y: float) -> Annotation:
    return Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(x, y))


@pytest.fixture
def studio(viewer: Any, wait: Any) -> Iterator[SimpleNamespace]:
    from affine import Affine
    from qtpy.QtCore import QTimer

    from napari_geolabel.geo import GeoGrid

    grid = GeoGrid(shape=(300, 300), transform=Affine.identity())
    world = {**Frame.of(grid).layer_transform, "metadata": {SCENE_KEY: SimpleNamespace(grid=grid)}}
    viewer.add_image(np.zeros((300, 300), np.uint8), name="scene", **world)
    layer = viewer.add_points(name="keypoints", ndim=2, **world)
    store, notes = AnnotationStore(ONTOLOGY), []
    view = PointsView(
        viewer,
        layer,
        store,
        make=lambda geometry, kind: Annotation(class_id="buoy", kind=kind, geometry=geometry),
        defer=lambda call, ms: QTimer.singleShot(ms, call),
        notify=notes.append,
        grid=grid,
    )
    viewer.scene.camera.center = tuple(Frame.of(grid).to_world((150, 150)))
    viewer.scene.camera.zoom = 3
    viewer.layers.selection.active = layer
    wait(0.3)
    yield SimpleNamespace(layer=layer, store=store, view=view, wait=wait, notes=notes)
    view.close()


def check(studio: SimpleNamespace, *titles: str) -> None:
    studio.wait(0.02)
    places = [(a.geometry.x, a.geometry.y) for a in studio.store.values()]
    assert np.array_equal(studio.layer.data, pixel_to_display(np.array(places).reshape(-1, 2)))
    assert list(studio.layer.features["id"]) == list(studio.store)
    assert studio.store.undo_titles[::-1] == list(titles)


def add(studio: SimpleNamespace, *annotations: Annotation) -> None:
    studio.store.apply(Change(title="script", edits=tuple(Edit(after=a) for a in annotations)))


def test_a_click_adds_a_keypoint_and_a_drag_moves_the_map(studio, mouse):
    studio.layer.mode = "add"
    mouse.click((100, 120))
    mouse.drag((200, 200), (180, 190))
    check(studio, "draw buoy")
    (annotation,) = studio.store.values()
    assert (annotation.geometry.x, annotation.geometry.y) == pytest.approx((100, 120), abs=0.5)


def test_points_are_moved_together_in_one_change(studio, mouse):
    add(studio, buoy(100 + 1 / 3, 100), buoy(120, 100), buoy(200.1, 200.1))
    still = list(studio.store.values())[2]
    studio.layer.mode = "select"
    studio.wait()
    studio.view.select(list(studio.store)[:2])
    mouse.drag((120, 100), (150, 130))
    check(studio, "script", "move 2 annotations")
    assert studio.store[still.id] == still
    assert len(studio.view.selected_ids) == 2
    while studio.store.undo():
        pass
    check(studio)
    studio.store.redo()
    studio.store.redo()
    check(studio, "script", "move 2 annotations")


def test_copy_paste_and_delete_by_keys(studio, press):
    add(studio, buoy(100, 100), buoy(120, 100))
    studio.layer.mode = "select"
    studio.wait()
    studio.view.select(list(studio.store))
    press("Ctrl+C")
    press("Ctrl+V")
    studio.wait(0.1)
    assert len(studio.store) == 4
    check(studio, "script", "paste 2 annotations")
    studio.view.select(list(studio.store)[:1])
    press("Delete")
    check(studio, "script", "paste 2 annotations", "delete buoy")


def test_a_store_change_in_the_middle_of_a_drag_loses_neither(studio, mouse, viewer):
    add(studio, buoy(100, 100))
    studio.layer.mode = "select"
    studio.wait()
    mouse.move((100, 100))
    mouse.press((100, 100))
    mouse.move((110, 110))
    add(studio, buoy(200, 200))
    mouse.move((130, 130))
    mouse.release((130, 130))
    check(studio, "script", "script", "move buoy")
    moved = next(iter(studio.store.values()))
    assert (moved.geometry.x, moved.geometry.y) == pytest.approx((130, 130), abs=1)


def test_markers_keep_their_size_when_zooming(studio, viewer, until):
    add(studio, buoy(100, 100))
    size = studio.layer.size[0]
    viewer.scene.camera.zoom *= 2
    until(lambda: studio.layer.size[0] == pytest.approx(size / 2))
    check(studio, "script")


def test_points_that_come_and_go_while_the_layer_is_hidden_are_right_when_it_is_shown_again(studio):
    buoys = [buoy(x, 30) for x in (20, 40, 60, 80)]
    studio.store.apply(Change(title="add", edits=tuple(Edit(after=each) for each in buoys)))
    studio.layer.visible = False
    for step in (studio.store.undo, studio.store.redo):
        step()
    studio.store.apply(Change(title="remove", edits=(Edit(before=buoys[1]), Edit(before=buoys[3]))))
    studio.layer.visible = True
    check(studio, "add", "remove")
    assert len(studio.layer._view_data) == 2

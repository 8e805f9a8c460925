"""Painting the mask in a real window, by real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import AnnotationStore, Change
from napari_geolabel.masks.canvas import MaskCanvas
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.mask_view import MaskView
from napari_geolabel.viewer.scene_layer import SCENE_KEY

ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1.0",
    description="",
    classes=(
        {"id": "thick_cloud", "name": "Thick cloud", "color": "#ff0000", "mask_value": 1, "kinds": ("mask",)},
        {"id": "thin_cloud", "name": "Thin cloud", "color": "#00ff00", "mask_value": 2, "kinds": ("mask",)},
    ),
    scene_attributes=(),
)


@pytest.fixture
def studio(viewer: Any, wait: Any) -> Iterator[SimpleNamespace]:
    from affine import Affine
    from qtpy.QtCore import QTimer

    from napari_geolabel.geo import GeoGrid

    grid = GeoGrid(shape=(400, 400), transform=Affine.identity())
    world = {**Frame.of(grid).layer_transform, "metadata": {SCENE_KEY: SimpleNamespace(grid=grid)}}
    viewer.add_image(np.zeros((400, 400), np.uint8), name="scene", **world)
    store, canvas, notes = AnnotationStore(ONTOLOGY), MaskCanvas((400, 400), ONTOLOGY), []
    store.changed.connect(lambda change: canvas.apply(change.tiles))
    layer = viewer.add_labels(canvas.array, name="mask", opacity=1.0, **world)
    view = MaskView(
        viewer,
        layer,
        canvas,
        store,
        ontology=ONTOLOGY,
        defer=lambda call, ms: QTimer.singleShot(ms, call),
        notify=notes.append,
    )
    view.use_class("thick_cloud")
    layer.brush_size = 20
    viewer.scene.camera.center = tuple(Frame.of(grid).to_world((200, 200)))
    viewer.scene.camera.zoom = 2
    viewer.layers.selection.active = layer
    wait(0.2)
    yield SimpleNamespace(layer=layer, store=store, canvas=canvas, view=view, wait=wait, notes=notes, viewer=viewer)
    view.close()


def color_at(studio: SimpleNamespace, mouse: Any, xy: tuple[float, float]) -> tuple[int, ...]:
    """Return the colour on screen at a scene pixel, the mouse well away."""
    mouse.move((20, 380))
    studio.wait(0.1)
    picture = studio.viewer.screenshot(flash=False)
    point = mouse.at(xy)
    return tuple(picture[point.y(), point.x()][:3].tolist())


def check(studio: SimpleNamespace, *titles: str) -> None:
    """Undo has these titles, and all undone and redone again comes back to the bit."""
    assert studio.store.undo_titles[::-1] == list(titles)
    painted = studio.canvas.array.copy()
    while studio.store.undo():
        pass
    assert not studio.canvas.array.any()
    for _ in titles:
        studio.store.redo()
    assert np.array_equal(studio.canvas.array, painted)
    assert studio.layer.data is studio.canvas.array


def test_a_stroke_over_four_tiles_is_one_change_on_screen_and_off_again(studio, mouse):
    studio.layer.mode = "paint"
    mouse.drag((200, 200), (300, 300))
    assert studio.canvas.array[250, 250] == 1
    check(studio, "paint thick_cloud")
    assert color_at(studio, mouse, (256, 256)) == (255, 0, 0)
    studio.store.undo()
    assert color_at(studio, mouse, (256, 256)) == (0, 0, 0)
    studio.store.redo()
    assert color_at(studio, mouse, (256, 256)) == (255, 0, 0)


def test_brush_fill_polygon_and_eraser_are_all_undone_in_order(studio, mouse):
    studio.layer.mode = "fill"
    mouse.click((100, 100))
    studio.view.use_class("thin_cloud")
    studio.layer.mode = "polygon"
    for place in [(50, 50), (150, 60), (140, 150)]:
        mouse.click(place)
    mouse.double_click((60, 140))
    studio.layer.mode = "erase"
    mouse.drag((90, 90), (120, 90))
    assert studio.canvas.array[90, 100] == 0
    assert studio.canvas.array[120, 100] == 2
    check(studio, "paint thick_cloud", "paint thin_cloud", "erase mask")


def test_naparis_undo_key_does_not_reach_behind_the_store(studio, mouse, press):
    studio.layer.mode = "paint"
    mouse.drag((100, 100), (150, 100))
    painted = studio.canvas.array.copy()
    press("Ctrl+Z")
    assert np.array_equal(studio.canvas.array, painted)
    check(studio, "paint thick_cloud")


def test_a_new_label_that_is_no_class_is_refused_for_brush_and_fill(studio, mouse):
    studio.layer.mode = "paint"
    mouse.drag((100, 100), (150, 100))
    painted = studio.canvas.array.copy()
    studio.layer.selected_label = 9
    mouse.drag((100, 110), (150, 110))
    studio.layer.mode = "fill"
    mouse.click((300, 300))
    studio.wait(0.1)
    assert np.array_equal(studio.canvas.array, painted)
    assert len(studio.notes) == 2
    assert "mask value 9 is no class" in studio.notes[0]
    assert color_at(studio, mouse, (300, 300)) == (0, 0, 0)
    check(studio, "paint thick_cloud")


def test_a_script_that_paints_in_the_middle_of_a_stroke_keeps_the_journal_true(studio, mouse, viewer):
    studio.layer.mode = "paint"
    mouse.move((100, 100))
    mouse.press((100, 100))
    mouse.move((120, 100))
    studio.store.apply(Change(title="script", tiles=studio.canvas.paint(shapely.box(105, 90, 200, 200), 2)))
    mouse.move((140, 100))
    mouse.release((140, 100))
    studio.wait()
    assert studio.canvas.array[100, 140] == 1
    assert studio.canvas.array[150, 150] == 2
    assert studio.store.undo_titles[::-1] == ["script", "paint thick_cloud"]
    final = studio.canvas.array.copy()
    studio.store.undo()
    assert studio.canvas.array[150, 150] == 2
    studio.store.redo()
    assert np.array_equal(studio.canvas.array, final)

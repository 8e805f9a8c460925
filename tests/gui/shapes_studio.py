"""A window with a Shapes layer and its view, and what tests of it draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.geometry_display import drawings
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.shapes_view import ShapesView

ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1.0",
    description="",
    classes=(
        {
            "id": "ship",
            "name": "Ship",
            "color": "#ff0000",
            "kinds": ("box", "rotated_box", "polygon", "polyline"),
        },
        {"id": "cloud", "name": "Cloud", "color": "#00ff00", "kinds": ("polygon",)},
        {"id": "dock", "name": "Dock", "color": "#00ffff", "kinds": ("box",)},
    ),
    scene_attributes=(),
)
POLYGON = [(60, 60), (140, 70), (150, 150), (80, 160)]
FURTHER = [(x + 100, y + 80) for x, y in POLYGON]


@dataclass
class Studio:
    """A window with a scene, a Shapes layer and its view."""

    viewer: Any
    layer: Any
    store: AnnotationStore
    wait: Callable[..., None]
    notes: list[str] = field(default_factory=list)
    class_id: str = "ship"
    view: Any = None

    def make(self, geometry: shapely.Geometry, kind: Kind) -> Annotation:
        return Annotation(class_id=self.class_id, kind=kind, geometry=geometry)

    def add(self, *annotations: Annotation) -> None:
        self.store.apply(Change(title="script", edits=tuple(Edit(after=a) for a in annotations)))

    @property
    def all(self) -> list[Annotation]:
        return list(self.store.values())

    def check(self, *titles: str) -> None:
        """The layer shows what the store has, without ghosts, and undo has these titles."""
        self.wait(0.02)
        layer, expected = self.layer, [(a, d) for a in self.all for d in drawings(a)]
        assert len(layer.data) == len(expected) == len(layer.features) == len(layer.edge_color)
        for i, (annotation, drawing) in enumerate(expected):
            assert np.array_equal(layer.data[i], drawing.vertices.astype(np.float32))
            assert layer.features["id"][i] == annotation.id
        shown = layer._data_view.displayed_vertices_to_shape_num
        for i, (_, drawing) in enumerate(expected):
            assert np.count_nonzero(shown == i) == len(drawing.vertices)
        assert not layer._is_creating
        assert not layer._is_moving
        assert self.store.undo_titles[::-1] == list(titles)

    def snapshot(self) -> dict[str, Any]:
        return {a.id: (a.class_id, a.kind, a.geometry.wkb) for a in self.all}

    def undo_and_redo_everything(self) -> None:
        end, steps = self.snapshot(), [self.snapshot()]
        while self.store.undo():
            steps.append(self.snapshot())
        assert steps[-1] == {}
        for expected in reversed(steps[:-1]):
            self.store.redo()
            assert self.snapshot() == expected
        assert self.snapshot() == end
        self.check(*self.store.undo_titles[::-1])


def near(geometry: shapely.Geometry, expected: shapely.Geometry, pixels: float = 0.5) -> bool:
    """Whether two geometries differ by less than a screen pixel and a half everywhere."""
    return shapely.hausdorff_distance(geometry, expected) <= pixels


def cloud(points: Any = POLYGON) -> Annotation:
    return Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=shapely.Polygon(points))


def draw_polygon(studio: Studio, mouse: Any, points: Any = POLYGON) -> None:
    studio.layer.mode = "add_polygon"
    for point in points:
        mouse.click(point)


@contextmanager
def open_studio(viewer: Any, wait: Any) -> Iterator[Studio]:
    """A scene of 300 x 300 metre-sized pixels, three screen pixels each."""
    from affine import Affine
    from pyproj import CRS
    from qtpy.QtCore import QTimer

    from napari_geolabel.geo import GeoGrid

    grid = GeoGrid(shape=(300, 300), transform=Affine(2, 0, 400_000, 0, -2, 5_300_000), crs=CRS.from_epsg(32633))
    world = {**Frame.of(grid).layer_transform, "metadata": {SCENE_KEY: SimpleNamespace(grid=grid)}}
    viewer.add_image(np.add.outer(np.arange(300), np.arange(300)).astype(np.uint16), name="scene", **world)
    layer = viewer.add_shapes(name="labels", ndim=2, **world)
    studio = Studio(viewer, layer, AnnotationStore(ONTOLOGY), wait)
    viewer.scene.camera.center = tuple(Frame.of(grid).to_world((150, 150)))
    viewer.scene.camera.zoom = 3 / 2
    studio.view = ShapesView(
        viewer,
        layer,
        studio.store,
        make=studio.make,
        defer=lambda call, ms: QTimer.singleShot(ms, call),
        notify=studio.notes.append,
        grid=grid,
    )
    viewer.layers.selection.active = layer
    wait(0.2)
    yield studio
    studio.view.close()

"""What is drawn, saved, reloaded and rasterised covers exactly the same pixels."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from napari.layers import Shapes

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.masks.rasterize import burn
from napari_geolabel.viewer.frame import layer_transform
from napari_geolabel.viewer.shapes_view import ShapesView

COUNT, SIDE = 500, 512
NEAR_EDGE_PX = 1e-3


def random_polygons(seed: int) -> list[np.ndarray]:
    """Star-shaped polygons of 3 to 24 vertices, from a few pixels to most of the scene, as display points."""
    random = np.random.default_rng(seed)
    polygons: list[np.ndarray] = []
    while len(polygons) < COUNT:
        count = int(random.integers(3, 25))
        angles = np.sort(random.uniform(0, 2 * np.pi, count))
        radii = random.uniform(0.3, 1, count) * random.choice([3, 20, 200])
        points = random.uniform(0, SIDE, 2) + radii[:, None] * np.column_stack([np.sin(angles), np.cos(angles)])
        if shapely.Polygon(points).is_valid and shapely.Polygon(points).area > 0.1:
            polygons.append(points)
    return polygons


def centres_near_an_edge(geometry: shapely.Geometry) -> np.ndarray:
    """Pixels whose centre is so near to an edge that float32 may put it on either side."""
    edges = shapely.boundary(geometry)
    band = burn([edges.buffer(1.0)], 1, (SIDE, SIDE)).astype(bool)
    rows, cols = np.nonzero(band)
    near = shapely.distance(edges, shapely.points(cols + 0.5, rows + 0.5)) <= NEAR_EDGE_PX
    out = np.zeros((SIDE, SIDE), bool)
    out[rows[near], cols[near]] = True
    return out


def test_drawing_saving_reloading_and_rasterising_cover_the_same_pixels(
    bench, grid, write_scene, tmp_path, small_ontology
):
    scene = open_scene(write_scene(grid))
    labels = open_labels(scene=scene, ontology=small_ontology)
    bench.store, bench.class_id = labels.store, "cloud"
    layer = bench.viewer.add_layer(Shapes(ndim=2, **layer_transform(grid)))
    view = ShapesView(bench.viewer, layer, labels.store, grid=grid, **bench.wiring)

    drawn = random_polygons(seed=sum(map(ord, str(grid.crs))))
    layer.add(drawn, shape_type="polygon")
    bench.loop.run()
    assert len(labels) == COUNT
    assert bench.notes == []

    masks = layer.to_masks((SIDE, SIDE))
    for annotation, truth in zip(labels.store.values(), masks, strict=True):
        ours = burn([annotation.geometry], 1, (SIDE, SIDE)).astype(bool)
        differs = ours != truth
        assert not (differs & ~centres_near_an_edge(annotation.geometry)).any()

    path = tmp_path / "labels.geojson"
    labels.export(path)
    again = open_labels(scene=scene, ontology=small_ontology)
    assert again.import_from(path).imported == COUNT
    for before, after in zip(labels.store.values(), again.store.values(), strict=True):
        assert after.kind is before.kind
        assert shapely.equals_identical(after.geometry, before.geometry)
    view.close()
    scene.close()


@pytest.mark.parametrize("shape_type", ["rectangle", "ellipse"])
def test_rectangles_and_ellipses_cover_the_pixels_that_napari_shows(bench, shape_type):
    layer = bench.viewer.add_layer(Shapes(ndim=2))
    bench.class_id = "cloud"
    view = ShapesView(bench.viewer, layer, bench.store, **bench.wiring)
    random = np.random.default_rng(7)
    corners = [np.sort(random.uniform(0, SIDE, (2, 2)), axis=0) for _ in range(50)]
    rectangles = [np.array([a, (a[0], b[1]), b, (b[0], a[1])]) for a, b in corners if (b - a).min() > 2]
    truth = Shapes(rectangles, shape_type=shape_type).to_masks((SIDE, SIDE))
    layer.add(rectangles, shape_type=shape_type)
    bench.loop.run()
    for annotation, mask in zip(bench.store.values(), truth, strict=True):
        differs = burn([annotation.geometry], 1, (SIDE, SIDE)).astype(bool) != mask
        if shape_type == "rectangle":
            assert not (differs & ~centres_near_an_edge(annotation.geometry)).any()
        else:  # both are polygons for an ellipse, of different vertices
            assert differs.sum() <= 0.01 * mask.sum() + 8
    view.close()

"""Large outlines are meshed once, for all panes and wherever they are moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.layers import Shapes

from napari_geolabel.viewer import shape_rows
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.large_meshes import LEAST_VERTICES, MOST_OUTLINES, LargeMeshes
from napari_geolabel.viewer.shape_rows import ShapeRows

LOOKS = {"edge_width": 2.0, "z_index": 0, "dims_order": (0, 1), "ndisplay": 2}


def star(count: int = 200, seed: int = 0, offset: tuple[float, float] = (0, 0)) -> Drawing:
    """A star with long and short rays around (60, 60), another one for each seed."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radii = np.random.default_rng(seed).uniform(20, 50, count)
    vertices = 60 + radii[:, None] * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return Drawing(shape_type="polygon", vertices=vertices + offset)


MAKE = shape_rows._made


class Maker:
    """Makes rows as `ShapeRows` does, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, drawing: Drawing, looks: dict[str, Any]) -> Any:
        self.count += 1
        return MAKE(drawing, looks)


def areas_of(row: Any) -> tuple[float, float]:
    """The area that the triangles of a row's face cover, and that of those of its edge."""
    edge = np.asarray(row._edge_vertices, float) + row._edge_offsets
    return _area(np.asarray(row._face_vertices, float)[row._face_triangles]), _area(edge[row._edge_triangles])


def _area(triangles: Any) -> float:
    a, b, c = np.moveaxis(triangles, 1, 0)
    (x1, y1), (x2, y2) = (b - a).T, (c - a).T
    return float(np.abs(x1 * y2 - y1 * x2).sum() / 2)


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.mark.parametrize("offset", [(0, 0), (10, 0), (-3.25, 4000.5)])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_outline_elsewhere_is_the_same_as_if_it_were_made_there(make, offset, order):
    meshes, looks = LargeMeshes(), LOOKS | {"dims_order": order}
    meshes.made(star(), looks, make)
    moved = meshes.made(star(offset=offset), looks | {"edge_width": 5.0, "z_index": 3}, make)
    fresh = MAKE(star(offset=offset), looks)
    assert make.count == 1
    assert np.array_equal(moved.data, fresh.data)
    assert np.array_equal(moved.data_displayed, fresh.data_displayed)
    for name in ("_box", "_bounding_box"):
        assert np.allclose(getattr(moved, name), getattr(fresh, name), atol=2e-3), name
    for name in ("_face_vertices", "_edge_vertices"):  # bermuda does not always begin at the same one
        assert np.allclose(np.ptp(getattr(moved, name), axis=0), np.ptp(getattr(fresh, name), axis=0), atol=2e-3), name
        assert np.allclose(getattr(moved, name).min(axis=0), getattr(fresh, name).min(axis=0), atol=2e-3), name
    assert areas_of(moved) == pytest.approx(areas_of(fresh), rel=1e-2)
    assert (moved.edge_width, moved.z_index) == (5.0, 3)


def test_an_outline_that_differs_or_lies_otherwise_is_made_anew(make):
    meshes = LargeMeshes()
    meshes.made(star(), LOOKS, make)
    meshes.made(star(seed=1), LOOKS, make)
    meshes.made(Drawing(shape_type="path", vertices=star().vertices), LOOKS, make)
    meshes.made(star(), LOOKS | {"dims_order": (1, 0)}, make)
    bent = star().vertices
    bent[7] += 1e-3
    meshes.made(Drawing(shape_type="polygon", vertices=bent), LOOKS, make)
    assert make.count == 5


def test_small_outlines_and_views_in_three_dimensions_are_made_each_time(make):
    meshes = LargeMeshes()
    for _ in range(2):
        meshes.made(star(LEAST_VERTICES - 1), LOOKS, make)
        meshes.made(star(), LOOKS | {"ndisplay": 3}, make)
    assert make.count == 4


def test_the_outlines_that_were_wanted_last_are_kept(make):
    meshes = LargeMeshes()
    for seed in range(MOST_OUTLINES):
        meshes.made(star(LEAST_VERTICES, seed), LOOKS, make)
    meshes.made(star(LEAST_VERTICES, 0), LOOKS, make)
    assert make.count == MOST_OUTLINES
    meshes.made(star(LEAST_VERTICES, MOST_OUTLINES), LOOKS, make)  # in the place of the one of seed 1
    meshes.made(star(LEAST_VERTICES, 0), LOOKS, make)
    assert make.count == MOST_OUTLINES + 1
    meshes.made(star(LEAST_VERTICES, 1), LOOKS, make)
    assert make.count == MOST_OUTLINES + 2


def test_an_outline_that_cannot_be_made_is_not_kept(make):
    meshes = LargeMeshes()

    def refuse(*_: object) -> None:
        raise RuntimeError("Triangulation failed")

    with pytest.raises(RuntimeError, match="Triangulation failed"):
        meshes.made(star(), LOOKS, refuse)
    meshes.made(star(), LOOKS, make)
    assert make.count == 1


def test_panes_have_copies_that_do_not_move_together(monkeypatch, make):
    meshes, layers = LargeMeshes(), [Shapes(ndim=2) for _ in range(3)]
    monkeypatch.setattr(shape_rows, "_made", make)
    for layer in layers:
        colors = np.ones((1, 4))
        ShapeRows(layer, meshes).put([("a", star())], edge=colors, face=colors, edge_width=1.5)
    assert make.count == 1
    layers[1]._data_view.shift(0, np.array([5.0, 7.0]))
    assert np.array_equal(layers[0].data[0], star().vertices.astype(np.float32))
    assert np.array_equal(layers[2].data[0], star().vertices.astype(np.float32))
    assert np.allclose(layers[1].data[0], star(offset=(5, 7)).vertices, atol=1e-3)
    assert layers[0].get_value((60, 60))[0] == 0
    assert layers[0].get_value((5, 60))[0] is None

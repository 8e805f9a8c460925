"""Polygons with holes and parts are filled exactly, also where their rings touch at corners."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from napari.layers import Shapes
from rasterio.features import shapes as traced
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import display_to_pixel, pixel_to_display
from napari_geolabel.viewer import ring_meshes, shape_rows
from napari_geolabel.viewer.geometry_display import Drawing, anchored
from napari_geolabel.viewer.ring_meshes import made_of_rings
from napari_geolabel.viewer.shape_rows import ShapeRows
from tests.hard_outlines import TOUCHING

LOOKS = {"edge_width": 0.01, "z_index": 0, "dims_order": (0, 1), "ndisplay": 2}
ISLANDS = shapely.MultiPolygon(
    [shapely.box(0, 0, 10, 8).difference(shapely.box(2, 2, 6, 5)), shapely.box(12, 1, 15, 3), shapely.box(3, 3, 4, 4)]
)


def pixels(size: int, angle: float) -> BaseGeometry:
    """Loose pixels, many of which touch at corners, turned."""
    mask = np.random.default_rng(size).random((size, size)) < 0.45
    parts = [shapely.geometry.shape(each) for each, _ in traced(mask.astype(np.uint8), mask=mask, connectivity=4)]
    return translate(rotate(shapely.union_all(parts), angle), 3000, 1000)


def drawing(polygon: BaseGeometry) -> Drawing:
    return Drawing(shape_type="polygon", vertices=pixel_to_display(anchored(polygon)), polygon=polygon)


def made(polygon: BaseGeometry, **looks: Any) -> Any:
    Shapes(ndim=2)  # napari compiles for the first one
    return made_of_rings(shape_rows._makers()["polygon"], drawing(polygon), LOOKS | looks)


def triangles(row: Any) -> tuple[Any, Any]:
    """The triangles of a row's face and those of its edge, as polygons."""
    edge = np.asarray(row._edge_vertices, float) + row.edge_width * row._edge_offsets
    meshes = (row._face_vertices, row._face_triangles), (edge, row._edge_triangles)
    return tuple(shapely.polygons(vertices[corners]) for vertices, corners in meshes)


@pytest.mark.parametrize("angle", [0, 17.3, 45, 71.7])
@pytest.mark.parametrize("size", [3, 20, 60])
def test_a_polygon_is_filled_once_and_nothing_else_is(size, angle):
    polygon = pixels(size, angle)
    face, _ = triangles(made(polygon))
    assert shapely.area(face).sum() == pytest.approx(polygon.area, rel=1e-4)
    centers = display_to_pixel(shapely.get_coordinates(shapely.centroid(face)))
    assert shapely.contains_xy(polygon.buffer(1e-3), *centers.T).all()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_edge_goes_along_each_ring_and_not_from_one_to_the_next(order):
    row = made(ISLANDS, dims_order=order)
    _, edge = triangles(row)
    shown = pixel_to_display(shapely.get_coordinates(ISLANDS))[:, list(order)]
    assert shapely.area(edge).sum() == pytest.approx(ISLANDS.length * LOOKS["edge_width"], rel=0.02)
    rings = shapely.transform(ISLANDS.boundary, lambda points: pixel_to_display(points)[:, list(order)])
    assert (shapely.distance(rings, edge) < 0.02).all()
    assert np.array_equal(row._bounding_box[:, list(order)], [shown.min(axis=0), shown.max(axis=0)])


def test_a_row_is_what_napari_makes_but_for_its_mesh():
    own = shape_rows._makers()["polygon"](drawing(ISLANDS).vertices, **LOOKS)
    row = made(ISLANDS)
    assert np.array_equal(row.data, own.data)
    assert np.array_equal(row._box, own._box)
    assert np.array_equal(row._bounding_box, own._bounding_box)
    assert np.array_equal(row.slice_key, own.slice_key)
    for name in ("_face_vertices", "_face_triangles", "_edge_vertices", "_edge_offsets", "_edge_triangles"):
        assert getattr(row, name).dtype == getattr(own, name).dtype, name
    assert (row.name, row.edge_width, row.z_index) == (own.name, own.edge_width, own.z_index)


def test_holes_are_open_to_the_mouse_and_parts_are_not():
    layer, colors = Shapes(ndim=2), np.ones((1, 4))
    ShapeRows(layer).put([("islands", drawing(ISLANDS))], edge=colors, face=colors, edge_width=0.1)
    places = [(1.0, 1.1), (13.0, 2.1), (3.3, 3.6), (5.0, 4.1), (11.0, 2.1), (8.0, 7.1)]
    hits = [layer.get_value(pixel_to_display(np.array([place]))[0])[0] for place in places]
    assert hits == [0, 0, 0, None, None, 0]


def test_what_is_not_valid_or_has_one_ring_or_three_dimensions_is_left_to_napari():
    bow = shapely.MultiPolygon([shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)]), shapely.box(9, 9, 10, 10)])
    assert made(bow) is None
    assert made(ISLANDS, ndisplay=3) is None
    make = shape_rows._makers()["polygon"]
    assert made_of_rings(make, Drawing(shape_type="polygon", vertices=drawing(ISLANDS).vertices), LOOKS) is None


@pytest.mark.parametrize(("vertices", "holes", "is_made"), [(1900, 1, True), (2100, 1, False), (2100, 20, True)])
def test_a_long_ring_is_left_to_napari_unless_there_are_many(vertices, holes, is_made):
    round_holes = [shapely.Point(30 * index - 300, 0).buffer(9).exterior for index in range(holes)]
    lake = shapely.Point(0, 0).buffer(400, quad_segs=vertices // 4)
    assert (made(shapely.Polygon(lake.exterior, round_holes)) is not None) == is_made


def test_a_version_of_napari_that_cannot_mesh_an_edge_alone_meshes_all():
    class Polygon:
        """Has no `_triangulate_edge`."""

    assert ring_meshes.made_of_rings(Polygon, drawing(ISLANDS), LOOKS) is None


def test_napari_drags_a_vertex_of_one_also_to_where_it_cannot_mesh_it():
    row = made(ISLANDS)
    row.data = np.array(TOUCHING[0], float)
    assert len(row._face_triangles) > 0
    row = made(ISLANDS)
    row.data = row.data + 1
    assert len(row._edge_triangles) > len(row.data)

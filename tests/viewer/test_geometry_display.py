from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Shapes

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import GeometryError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import anchored, drawings, from_anchored, vertex_arrays


def ring(centre: tuple[float, float], radius: float, count: int, start: float = 0.0) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) + start
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


@st.composite
def areas(draw: st.DrawFn) -> shapely.Geometry:
    """One to three parts beside each other, each with none to four holes beside each other."""
    parts = []
    for index in range(draw(st.integers(1, 3))):
        centre = (100.0 * index + draw(st.floats(-5, 5)), draw(st.floats(-50, 50)))
        shell = ring(centre, 40, draw(st.integers(3, 9)) + 6, draw(st.floats(0, 6)))
        offsets = [(-14, -14), (14, -14), (-14, 14), (14, 14)][: draw(st.integers(0, 4))]
        holes = [ring((centre[0] + x, centre[1] + y), 8, draw(st.integers(3, 7))) for x, y in offsets]
        parts.append(shapely.Polygon(shell, holes))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@given(areas())
def test_a_polygon_comes_back_from_its_anchored_form_to_the_bit(area):
    assert shapely.equals_identical(from_anchored(anchored(area)), area)


@given(areas())
def test_a_template_gives_the_same_polygon(area):
    assert shapely.equals_identical(from_anchored(anchored(area), template=area), area)


def test_an_island_in_a_hole_is_a_part_of_its_own(archipelago):
    back = from_anchored(anchored(archipelago))
    assert shapely.normalize(back).equals_exact(shapely.normalize(archipelago), 0)


@pytest.mark.parametrize("name", ["donut", "archipelago"])
def test_napari_fills_the_anchored_form_where_the_polygon_is(name, request):
    area = request.getfixturevalue(name)
    layer = Shapes([anchored(area)[:, ::-1] - 0.5], shape_type="polygon")
    mask = layer.to_masks((140, 140))[0]
    x, y = np.meshgrid(np.arange(140) + 0.5, np.arange(140) + 0.5)
    inside = shapely.contains_xy(area, x, y)
    far = shapely.distance(shapely.boundary(area), shapely.points(x, y)) > 1e-3
    assert (mask == inside)[far].all()


def test_a_single_ring_is_shown_open_so_that_no_vertex_is_doubled():
    triangle = shapely.Polygon([(0, 0), (4, 0), (0, 4)])
    assert anchored(triangle).tolist() == [[0, 0], [4, 0], [0, 4]]


def test_a_line_of_two_parts_is_two_drawings():
    line = shapely.MultiLineString([[(1, 2), (3, 4)], [(5, 6), (7, 8), (9, 1)]])
    shown = drawings(Annotation(class_id="runway", kind=Kind.POLYLINE, geometry=line))
    assert [d.shape_type for d in shown] == ["path", "path"]
    assert shown[0].vertices.tolist() == [[1.5, 0.5], [3.5, 2.5]]
    assert [len(array) for array in vertex_arrays(line)] == [2, 3]


@pytest.mark.parametrize(
    ("kind", "geometry", "shape_type"),
    [
        (Kind.BOX, shapely.box(1, 2, 3, 4), "rectangle"),
        (Kind.ROTATED_BOX, shapely.Polygon([(2, 0), (4, 2), (2, 4), (0, 2)]), "rectangle"),
        (Kind.KEYPOINT, shapely.Point(1, 2), "point"),
    ],
)
def test_each_kind_has_its_shape(kind, geometry, shape_type):
    (shown,) = drawings(Annotation(class_id="ship", kind=kind, geometry=geometry))
    assert shown.shape_type == shape_type
    assert len(shown.vertices) == (1 if kind is Kind.KEYPOINT else 4)


def test_a_ring_that_does_not_close_is_refused(donut):
    broken = anchored(donut)
    broken[6] += 1  # a vertex that should be the start of the first hole again or the anchor
    with pytest.raises(GeometryError, match="no longer close"):
        from_anchored(np.delete(broken, 9, axis=0))


def test_a_ring_of_two_points_is_refused():
    with pytest.raises(GeometryError, match="fewer than three points"):
        from_anchored(np.array([(0, 0), (1, 1), (0, 0)], float))

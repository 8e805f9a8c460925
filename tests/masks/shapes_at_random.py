"""Geometries of all sorts at random, and what GDAL burns of them."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.features import rasterize

SHAPE = (24, 30)
WHOLE = (slice(0, SHAPE[0]), slice(0, SHAPE[1]))
ROUNDING = 1e-9  # pixels; what two formulas for one crossing may differ by


def gdal(geometries, values, window=WHOLE, *, all_touched=False, dtype="uint8") -> NDArray:
    """What GDAL burns."""
    rows, cols = window
    drawn = [(g, v) for g, v in zip(geometries, values, strict=True) if not g.is_empty]
    shape = (rows.stop - rows.start, cols.stop - cols.start)
    if not drawn:
        return np.zeros(shape, dtype)
    return rasterize(
        drawn,
        out_shape=shape,
        transform=Affine.translation(cols.start, rows.start),
        all_touched=all_touched,
        dtype=dtype,
    )


def away_from_edges(geometries, window=WHOLE) -> NDArray:
    """Which pixel centres are farther from every edge than rounding reaches."""
    rows, cols = (np.arange(part.start, part.stop) + 0.5 for part in window)
    centres = shapely.points(*np.meshgrid(cols, rows))
    edges = shapely.union_all(
        [shapely.boundary(g) if shapely.get_dimensions(g) == 2 else g for g in geometries if not g.is_empty] or [None]
    )
    return np.full(centres.shape, True) if edges is None else shapely.distance(centres, edges) > ROUNDING


# Coordinates from far outside to far outside; halves put vertices on pixel edges and centres.
ANY = st.floats(-12, 42, allow_nan=False, width=64)
HALVES = st.integers(-24, 84).map(lambda n: n / 2)
COORDINATE = ANY | HALVES


def rings(coordinate=COORDINATE, least=3):
    return st.lists(st.tuples(coordinate, coordinate), min_size=least, max_size=8)


PARTS = st.floats(0, 1, width=64) | st.sampled_from([0, 0.25, 0.5, 0.75, 1])


@st.composite
def polygons(draw):
    """Polygons that may cross themselves or have no area, with holes that may stick out of them."""
    shell = np.array(draw(rings()))
    low, high = shell.min(axis=0), shell.max(axis=0)
    inner = [low + np.array(hole) * (high - low) for hole in draw(st.lists(rings(PARTS), max_size=2))]
    return shapely.Polygon(shell, inner + draw(st.lists(rings(), max_size=1)))


@st.composite
def boxes(draw):
    (x0, y0), (x1, y1) = draw(st.tuples(HALVES, HALVES)), draw(st.tuples(HALVES, HALVES))
    assume(x0 != x1 and y0 != y1)
    return shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def side_by_side(parts: list[shapely.Polygon]) -> shapely.MultiPolygon:
    """The parts, narrowed and moved apart so that none lies over another."""
    return shapely.MultiPolygon(
        [shapely.transform(part, lambda xy, i=i: xy * (0.25, 1) + (14 * i, 0)) for i, part in enumerate(parts)]
    )


POINTS = st.builds(shapely.Point, COORDINATE, COORDINATE)
LINES = rings(least=2).map(shapely.LineString).filter(lambda line: line.length > 0)
GEOMETRIES = st.one_of(
    polygons(),
    boxes(),
    LINES,
    POINTS,
    st.lists(polygons(), min_size=1, max_size=3).map(side_by_side),
    st.lists(LINES, min_size=1, max_size=3).map(shapely.MultiLineString),
    st.lists(POINTS, min_size=1, max_size=3).map(shapely.MultiPoint),
    st.just(shapely.Polygon()),
)


@st.composite
def windows(draw):
    (r0, r1), (c0, c1) = (sorted(draw(st.lists(st.integers(0, n), min_size=2, max_size=2, unique=True))) for n in SHAPE)
    return slice(r0, r1), slice(c0, c1)

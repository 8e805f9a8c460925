from __future__ import annotations

import sqlite3
import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile.gpkg_geometry import (
    from_blob,
    register_functions,
    to_blob,
    to_map,
    to_multi,
    to_multi_blobs,
    to_pixel,
)

numbers = st.floats(-1e7, 1e7)


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=8), st.integers(-1, 2**31 - 1))
def test_a_geometry_comes_back_from_its_blob(points: list, srs_id: int) -> None:
    polygon = shapely.Polygon(points)

    blob = to_blob(polygon, srs_id)

    assert from_blob(blob) == polygon
    assert struct.unpack_from("<i", blob, 4) == (srs_id,)


def test_the_bounds_that_the_index_asks_for_are_those_of_the_geometry() -> None:
    db = sqlite3.connect(":memory:")
    register_functions(db)
    line = shapely.LineString([(3, -4), (1, 9)])

    query = "SELECT ST_MinX(?1), ST_MaxX(?1), ST_MinY(?1), ST_MaxY(?1), ST_IsEmpty(?1)"

    assert db.execute(query, (to_blob(line, 4326),)).fetchone() == (1, 3, -4, 9, 0)
    assert db.execute(query, (to_blob(shapely.Polygon(), 4326),)).fetchone() == (None, None, None, None, 1)
    assert db.execute(query, (None,)).fetchone() == (None,) * 5


@pytest.mark.parametrize("order", ["<", ">"])
def test_blobs_of_other_programs_are_read(order: str) -> None:
    point = shapely.Point(5, 6)
    bare = b"GP\0" + bytes([order == "<"]) + struct.pack(f"{order}i", 4326) + shapely.to_wkb(point)
    db = sqlite3.connect(":memory:")
    register_functions(db)

    assert from_blob(bare) == point
    assert db.execute("SELECT ST_MinX(?1), ST_MaxY(?1)", (bare,)).fetchone() == (5, 6)


def test_a_third_coordinate_is_dropped() -> None:
    assert not from_blob(to_blob(shapely.Point(1, 2, 3), 4326)).has_z


@pytest.mark.parametrize("blob", [None, b"", b"GP", b"XX\0\x01" + bytes(30), b"GP\0\x01\0\0\0\0nonsense"])
def test_what_is_no_geometry_is_refused(blob: bytes | None) -> None:
    with pytest.raises(GeometryError, match="not a GeoPackage geometry"):
        from_blob(blob)


def test_pixels_go_to_the_map_and_back(grid: GeoGrid) -> None:
    box = shapely.box(10.25, 20.5, 30.125, 40)

    again = to_pixel(to_map(box, grid), grid)

    np.testing.assert_allclose(shapely.get_coordinates(again), shapely.get_coordinates(box), atol=1e-6)


def test_without_a_georeference_y_points_up(utm: GeoGrid) -> None:
    nowhere = GeoGrid(shape=utm.shape, transform=utm.transform, crs=None)

    assert to_map(shapely.Point(3, 4), nowhere) == shapely.Point(3, -4)
    assert to_pixel(shapely.Point(3, -4), nowhere) == shapely.Point(3, 4)


def test_polygons_and_lines_become_ones_with_parts() -> None:
    assert to_multi(shapely.box(0, 0, 1, 1)).geom_type == "MultiPolygon"
    assert to_multi(shapely.LineString([(0, 0), (1, 1)])).geom_type == "MultiLineString"
    assert to_multi(shapely.Point(0, 0)).geom_type == "Point"


def test_a_polygon_or_line_is_written_as_one_with_a_part_and_others_stay() -> None:
    square, line = shapely.box(0, 0, 2, 1), shapely.LineString([(0, 0), (5, 3)])
    shapes = [square, line, shapely.Point(3, 4), shapely.MultiPolygon([square]), shapely.Polygon()]

    blobs = to_multi_blobs(np.array(shapes, object), 4326)

    assert blobs[:4] == [to_blob(to_multi(shape), 4326) for shape in shapes[:4]]
    assert [from_blob(blob) for blob in blobs[:4]] == [to_multi(shape) for shape in shapes[:4]]
    assert from_blob(blobs[4]).is_empty

"""RFC 7946's rules for geometries."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Source
from napari_geolabel.formats.geojson_write import lonlat_of
from napari_geolabel.formats.lonlat import bounding_boxes, follow_rfc7946, in_crs, leaps, to_lonlat, total_box
from napari_geolabel.formats.rings import rings_of
from napari_geolabel.geo import GeoGrid


def array(*geometries):
    found = np.empty(len(geometries), object)
    found[:] = geometries
    return found


def follow(geometry):
    return follow_rfc7946(array(geometry))[0]


def test_what_follows_the_rules_comes_back_with_every_bit():
    ring = shapely.Polygon([(0, 0), (1, 0), (1, 1)], [[(0.5, 0.1), (0.6, 0.2), (0.7, 0.2)]])
    assert follow(follow(ring)).wkb == follow(ring).wkb
    assert follow(shapely.Point(180, 5)).wkb == shapely.Point(180, 5).wkb


def test_rings_are_turned_the_right_way():
    turned = follow(shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(1, 1), (2, 1), (2, 2)]]))
    assert turned.exterior.is_ccw
    assert not turned.interiors[0].is_ccw


@pytest.mark.parametrize("west", [179.5, -180.5])
def test_a_polygon_over_the_antimeridian_becomes_two(west):
    cut = follow(shapely.box(west, 0, west + 1, 1))
    assert sorted(part.bounds for part in cut.geoms) == [(-180, 0, -179.5, 1), (179.5, 0, 180, 1)]


def test_a_ring_that_leaps_over_the_map_is_meant_to_cross():
    cut = follow(shapely.Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)]))
    assert sorted(part.bounds for part in cut.geoms) == [(-180, 0, -179, 1), (179, 0, 180, 1)]


def test_lines_and_points_are_cut_too():
    assert follow(shapely.LineString([(179, 0), (181, 2)])).equals(
        shapely.MultiLineString([[(179, 0), (180, 1)], [(-180, 1), (-179, 2)]])
    )
    assert follow(shapely.Point(190, 5)) == shapely.Point(-170, 5)


def test_parts_that_stand_on_either_side_already_are_left_alone():
    both = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    assert follow(both).normalize() == both.normalize()


@given(st.floats(-179, 179), st.floats(0.01, 170), st.floats(-80, 79))
def test_cutting_keeps_the_area(west, width, south):
    cut = follow(shapely.box(west, south, west + width, south + 1))
    assert shapely.is_valid(cut)
    assert cut.area == pytest.approx(width, rel=1e-9)
    assert (np.abs(shapely.get_coordinates(cut)) <= (180, 90)).all()


def test_boxes_run_over_the_antimeridian_where_the_geometry_does():
    cut = follow(shapely.box(179.5, 0, 180.5, 1))
    boxes = bounding_boxes(array(cut, shapely.box(3, 4, 5, 6)))
    assert boxes.tolist() == [[179.5, 0, -179.5, 1], [3, 4, 5, 6]]
    assert total_box(boxes[:1]) == [179.5, 0, -179.5, 1]
    assert total_box(boxes[1:]) == [3, 4, 5, 6]
    assert total_box(np.empty((0, 4))) is None


def test_the_box_of_all_holds_every_box():
    near = bounding_boxes(array(shapely.Point(179, 0), shapely.Point(-178, 1), follow(shapely.box(179.5, 0, 180.5, 1))))
    assert total_box(near) == [179, 0, -178, 1]


def test_the_box_of_all_leaves_out_the_widest_gap_between_boxes_and_has_no_gap_where_there_is_none():
    assert total_box(np.array([[-170.0, 0, 20, 1], [10, 0, 175, 1]])) == [-170, 0, 175, 1]
    assert total_box(np.array([[170.0, 0, -170, 1], [-175, 0, -172, 1], [60, 0, 61, 1]])) == [60, 0, -170, 1]
    assert total_box(np.array([[-180.0, 0, 0, 1], [0, 0, 180, 1]])) == [-180, 0, 180, 1]
    assert total_box(np.array([[90.0, 0, -90, 1], [-100, 0, 100, 1]])) == [-180, 0, 180, 1]


MERCATOR_M = 20037508.342789244
WORLDS = {
    "degrees": GeoGrid(shape=(180, 360), transform=Affine(1, 0, -180, 0, -1, 90), crs=CRS.from_epsg(4326)),
    "0 to 360": GeoGrid(shape=(180, 360), transform=Affine(1, 0, 0, 0, -1, 90), crs=CRS.from_epsg(4326)),
    "web mercator": GeoGrid(
        shape=(360, 360),
        transform=Affine(MERCATOR_M / 180, 0, -MERCATOR_M, 0, -MERCATOR_M / 180, MERCATOR_M),
        crs=CRS.from_epsg(3857),
    ),
}
every_world = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)


@every_world
def test_what_is_as_wide_as_the_world_is_not_taken_for_what_it_leaves_out(world):
    whole, wide = to_lonlat(array(shapely.box(0, 0, 360, 180), shapely.box(10, 40, 350, 60)), world)
    boxes = bounding_boxes(array(whole, wide))
    assert boxes[0, [0, 2]].tolist() == [-180, 180]
    begin = world.pixel_to_lonlat([(10, 40)])[0, 0]
    assert boxes[1, 0] == pytest.approx(begin)
    assert (boxes[1, 2] - begin) % 360 == pytest.approx(340)
    assert whole.area == pytest.approx(360 * (boxes[0, 3] - boxes[0, 1]))
    assert wide.area == pytest.approx(340 * (boxes[1, 3] - boxes[1, 1]))


@every_world
def test_a_wide_line_and_a_wide_area_with_a_hole_go_the_way_they_were_drawn(world):
    line = shapely.LineString([(20, 50), (340, 50), (340, 55)])
    pierced = shapely.MultiPolygon([shapely.box(10, 40, 350, 60) - shapely.box(20, 45, 340, 55)])
    along, around = to_lonlat(array(line, pierced), world)
    assert along.length == pytest.approx(320 + shapely.bounds(along)[3] - shapely.bounds(along)[1])
    shell, hole = (np.ptp(world.pixel_to_lonlat([(0, y), (0, y + h)])[:, 1]) for y, h in ((40, 20), (45, 10)))
    assert around.area == pytest.approx(340 * shell - 320 * hole)


def test_an_imported_wide_box_is_handed_on_as_the_scene_has_it():
    box = shapely.Polygon([(-170, 30), (170, 30), (170, 50), (-170, 50)])
    assert leaps(box)
    assert not leaps(shapely.box(0, 0, 170, 10))
    pixels = shapely.transform(box, WORLDS["degrees"].lonlat_to_pixel)
    source = Source(wkb=box.wkb, crs="OGC:CRS84")
    made = Annotation(class_id="ship", kind="polygon", geometry=pixels, source=source)
    (written,) = lonlat_of([made], array(made.geometry), WORLDS["degrees"], None)
    assert written.equals(box)


def test_rings_are_the_coordinates_of_each_part():
    holed = shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 2, 2)
    geometries = array(holed, shapely.Point(1, 1), shapely.MultiPolygon([holed, shapely.box(20, 0, 21, 1)]))
    found = rings_of(geometries)
    assert [[len(part) for part in parts] for parts in found] == [[2], [], [2, 1]]
    assert np.array_equal(found[0][0][1], shapely.get_coordinates(holed.interiors[0]))
    assert np.array_equal(found[2][1][0], shapely.get_coordinates(shapely.box(20, 0, 21, 1)))
    assert rings_of(array()) == []


@pytest.mark.parametrize("code", [4326, 3857, 32633, 2193])
def test_what_files_have_in_a_crs_is_what_the_grid_says_with_rings_turned(utm, code):
    crs = CRS.from_epsg(code)
    pierced = shapely.box(50, 50, 90, 90).difference(shapely.box(60, 60, 70, 71))
    area, line, point = in_crs(array(pierced, shapely.LineString([(1, 2), (3, 4)]), shapely.Point(5, 6)), utm, crs)
    assert area.exterior.is_ccw
    assert not area.interiors[0].is_ccw
    for found, drawn in ((area, pierced), (line, shapely.LineString([(1, 2), (3, 4)])), (point, shapely.Point(5, 6))):
        expected = shapely.transform(drawn, lambda xy: utm.pixel_to_crs(xy, crs))
        assert shapely.normalize(found).equals_exact(shapely.normalize(expected), 1e-9)


def test_only_longitudes_are_cut_at_the_antimeridian(grids):
    grid = grids["across the antimeridian"]
    whole = array(shapely.box(0, 0, 512, 512))
    (degrees,), (metres,) = (in_crs(whole, grid, CRS.from_epsg(code)) for code in (4326, 32660))
    assert (degrees.geom_type, metres.geom_type) == ("MultiPolygon", "Polygon")


GRIDS_OVER_THE_ANTIMERIDIAN = {
    "beside the pole": GeoGrid(shape=(300, 300), transform=Affine(10, 0, -1000, 0, -10, 1500), crs=CRS.from_epsg(3413)),
    "Chukotka": GeoGrid(
        shape=(300, 300), transform=Affine(10, 0, 362_500, 0, -10, 7_320_000), crs=CRS.from_epsg(32601)
    ),
}
PLACES = st.tuples(st.integers(0, 299), st.integers(0, 49))


@pytest.mark.parametrize("grid", GRIDS_OVER_THE_ANTIMERIDIAN.values(), ids=GRIDS_OVER_THE_ANTIMERIDIAN)
@given(corners=st.lists(PLACES, min_size=3, max_size=6, unique=True))
def test_a_cut_lies_on_the_line_that_was_drawn(grid, corners):
    line, outline = shapely.LineString(corners), shapely.Polygon(corners)
    for drawn in [each for each in (line, outline) if each.is_simple and each.is_valid]:
        (written,) = to_lonlat(array(drawn), grid)
        back = shapely.transform(written, grid.lonlat_to_pixel)
        assert shapely.hausdorff_distance(back, drawn) < 1e-6


def test_a_cut_has_its_vertices_at_180_degrees_and_nothing_beyond():
    grid = GRIDS_OVER_THE_ANTIMERIDIAN["Chukotka"]
    across = shapely.box(0, 0, 299, 40)
    (written,) = to_lonlat(array(shapely.MultiPolygon([across])), grid)
    assert [part.bounds[::2] for part in written.geoms if part.bounds[2] == 180]
    assert [part.bounds[::2] for part in written.geoms if part.bounds[0] == -180]
    assert len(written.geoms) == 2
    assert shapely.area(shapely.transform(written, grid.lonlat_to_pixel)) == pytest.approx(across.area, rel=1e-9)

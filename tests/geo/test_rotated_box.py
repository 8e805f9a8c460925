"""Rotated boxes: right angles on the ground, the bow at the bow, and sizes as drawn."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Proj

from napari_geolabel.errors import GeometryError, NotGeoreferencedError
from napari_geolabel.geo import GeoGrid, box_from_axis, ground_matrix, is_rectangle, measure_box, refit_box
from napari_geolabel.geo.rotated_box import with_corner_at

UTM = CRS.from_epsg(32633)
PLACE = (430_000.0, 5_300_000.0)


def utm(x_size: float = 10, y_size: float = -10, angle: float = 0, shear: float = 0) -> GeoGrid:
    turn = Affine.rotation(angle) @ Affine.shear(shear) @ Affine.scale(x_size, y_size)
    return GeoGrid(
        shape=(400, 400), transform=Affine.translation(*PLACE) @ turn @ Affine.translation(-200, -200), crs=UTM
    )


GRIDS = {
    "north_up": utm(),
    "south_up": utm(y_size=2.5, x_size=2.5),
    "rotated": utm(0.5, -0.5, angle=31.5),
    "oblong": utm(2, -5),
    "sheared": utm(3, -3, shear=20),
    "degrees": GeoGrid(shape=(400, 400), transform=Affine(1e-4, 0, 46.16, 0, -1e-4, 60.02), crs=CRS.from_epsg(4326)),
    "web_mercator": GeoGrid(
        shape=(400, 400), transform=Affine(0.6, 0, 496_000, 0, -0.6, 8_000_000), crs=CRS.from_epsg(3857)
    ),
    "south_pole": GeoGrid(
        shape=(400, 400), transform=Affine(25_000, 0, -5e6, 0, -25_000, 5e6), crs=CRS.from_epsg(3031)
    ),
    "no_place": GeoGrid(shape=(400, 400), transform=Affine.identity()),
}
every_grid = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
METRE_GRIDS = {name: GRIDS[name] for name in ("north_up", "south_up", "rotated", "oblong", "sheared")}

coordinate = st.floats(100, 300)
point = st.tuples(coordinate, coordinate)


def drawn(bow, stern, beam, grid: GeoGrid) -> np.ndarray:
    """Draw a box, leaving out clicks that nobody would call a box."""
    ground = np.array([bow, stern, beam]) @ ground_matrix(grid).T
    axis, aside = ground[0] - ground[1], ground[2] - ground[1]
    length = np.hypot(*axis)
    assume(length > np.abs(ground_matrix(grid)).max())
    assume(abs(axis[0] * aside[1] - axis[1] * aside[0]) / length > 0.05 * length)
    return box_from_axis(bow, stern, beam, grid)


def on_ground(corners: np.ndarray, grid: GeoGrid) -> np.ndarray:
    return corners @ ground_matrix(grid).T


@every_grid
@given(bow=point, stern=point, beam=point)
def test_a_drawn_box_is_a_rectangle_on_the_ground(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    edges = np.roll(on_ground(corners, grid), -1, axis=0) - on_ground(corners, grid)
    cosines = np.sum(edges * np.roll(edges, -1, axis=0), axis=1) / (
        np.hypot(*edges.T) * np.hypot(*np.roll(edges, -1, axis=0).T)
    )
    np.testing.assert_allclose(cosines, 0, atol=1e-6)
    assert is_rectangle(corners, grid)


@every_grid
@given(bow=point, stern=point, beam=point)
def test_the_box_has_its_bow_and_stern_where_they_were_clicked_and_its_side_through_the_beam(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    np.testing.assert_allclose(corners[:2].mean(axis=0), bow, atol=1e-6)
    np.testing.assert_allclose(corners[2:].mean(axis=0), stern, atol=1e-6)
    sides = [corners[[0, 3]], corners[[1, 2]]]
    # the side is a line without end: the beam may be clicked before the bow or behind the stern
    lines = [shapely.LineString([a + 1000 * (a - b), b - 1000 * (a - b)]) for a, b in sides]
    assert min(line.distance(shapely.Point(beam)) for line in lines) < 1e-6


@every_grid
@given(bow=point, stern=point, beam=point)
def test_corners_run_from_bow_left_clockwise_on_the_ground(grid, bow, stern, beam):
    left, right, _, _ = on_ground(drawn(bow, stern, beam, grid), grid)
    ahead = np.subtract(bow, stern) @ ground_matrix(grid).T
    across = right - left
    assert ahead[0] * across[1] - ahead[1] * across[0] < 0  # starboard lies to the right of the way ahead


@every_grid
@given(bow=point, stern=point, beam=point)
def test_it_does_not_matter_on_which_side_the_beam_is_clicked(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    other_side = corners[:2].sum(axis=0) / 2 + corners[2:].sum(axis=0) / 2 - beam
    np.testing.assert_allclose(box_from_axis(bow, stern, other_side, grid), corners, atol=1e-6)


@pytest.mark.parametrize("grid", METRE_GRIDS.values(), ids=METRE_GRIDS)
@given(bow=point, stern=point, beam=point)
def test_a_box_on_a_utm_scene_measures_what_was_drawn_by_the_scale(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    measured = measure_box(corners, grid)
    map_corners = grid.pixel_to_map(corners)
    x, y = map_corners.mean(axis=0)
    factors = Proj(32633).get_factors(*Proj(32633)(x, y, inverse=True))
    ahead = map_corners[:2].mean(axis=0) - map_corners[2:].mean(axis=0)
    across = map_corners[1:3].mean(axis=0) - map_corners[[0, 3]].mean(axis=0)
    assert measured.length_m == pytest.approx(np.hypot(*ahead) / factors.meridional_scale, rel=1e-6)
    assert measured.width_m == pytest.approx(np.hypot(*across) / factors.meridional_scale, rel=1e-6)
    stern_factors = Proj(32633).get_factors(*Proj(32633)(*map_corners[2:].mean(axis=0), inverse=True))
    turn = measured.heading_deg - np.rad2deg(np.arctan2(*ahead)) - stern_factors.meridian_convergence
    assert (turn + 180) % 360 - 180 == pytest.approx(0, abs=1e-3)  # a straight line on the map bends a little
    np.testing.assert_allclose(measured.centre, corners.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("name", ["degrees", "web_mercator"])
@given(bow=point, stern=point, beam=point)
def test_elsewhere_a_box_measures_what_was_drawn_in_the_ground_frame(name, bow, stern, beam):
    grid = GRIDS[name]
    corners = drawn(bow, stern, beam, grid)
    ahead = on_ground(corners[:2].mean(axis=0) - corners[2:].mean(axis=0), grid)
    measured = measure_box(corners, grid)
    assert measured.length_m == pytest.approx(np.hypot(*ahead), rel=2e-3)
    turn = measured.heading_deg - np.rad2deg(np.arctan2(*ahead))
    assert (turn + 180) % 360 - 180 == pytest.approx(0, abs=0.1)


def test_a_ship_of_known_size():
    # 200 m long and 30 m across, steaming grid north-east on a 1 m scene
    grid = utm(1, -1)
    half = 100 / np.sqrt(2)
    corners = box_from_axis((200 + half, 200 - half), (200 - half, 200 + half), (200 + 15 / np.sqrt(2),) * 2, grid)
    measured = measure_box(corners, grid)
    assert measured.length_m == pytest.approx(200, rel=5e-4)
    assert measured.width_m == pytest.approx(30, rel=5e-4)
    assert measured.heading_deg == pytest.approx(45, abs=1)
    assert measured.centre == pytest.approx((200, 200))


@every_grid
@given(bow=point, stern=point, beam=point)
def test_drawing_a_box_by_its_own_points_gives_it_again(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    again = box_from_axis(corners[:2].mean(axis=0), corners[2:].mean(axis=0), corners[1], grid)
    np.testing.assert_allclose(again, corners, atol=1e-6)


@every_grid
@given(bow=point, stern=point, beam=point)
def test_refitting_a_rectangle_changes_nothing(grid, bow, stern, beam):
    corners = drawn(bow, stern, beam, grid)
    np.testing.assert_allclose(refit_box(corners, grid), corners, atol=1e-5)


@every_grid
@given(
    bow=point,
    stern=point,
    beam=point,
    shake=st.lists(st.floats(-0.05, 0.05), min_size=8, max_size=8),
)
def test_refitting_keeps_the_bow_covers_the_points_and_makes_a_rectangle(grid, bow, stern, beam, shake):
    corners = drawn(bow, stern, beam, grid)
    edges = on_ground(np.roll(corners, -1, axis=0) - corners, grid)
    shortest = np.hypot(*edges.T).min()
    unit = np.linalg.inv(ground_matrix(grid))
    moved = corners + (np.reshape(shake, (4, 2)) * shortest) @ unit.T
    fitted = refit_box(moved, grid)
    assert is_rectangle(fitted, grid)
    cover = shapely.Polygon(on_ground(fitted, grid)).buffer(shortest * 1e-6)
    assert cover.covers(shapely.MultiPoint(on_ground(moved, grid)))
    distances = np.hypot(*on_ground(fitted - corners, grid).T)
    assert distances.max() < shortest / 2  # each corner is still nearest to what it was


def test_a_sheared_box_is_no_rectangle_where_pixels_are_oblong():
    grid = GRIDS["oblong"]
    square_in_pixels = np.array([(100, 110), (110, 100), (120, 110), (110, 120)], float)
    assert not is_rectangle(square_in_pixels, grid)
    assert is_rectangle(square_in_pixels, GRIDS["north_up"])
    assert is_rectangle(refit_box(square_in_pixels, grid), grid)


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (10, 0), (10, 10)],
        [(0, 0), (10, 0), (10, 10), (0, 11)],
        [(0, 0), (0, 0), (10, 10), (0, 10)],
        [(0, 0), (10, 10), (10, 0), (0, 10)],
        [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)],
    ],
    ids=["triangle", "trapezium", "twice_a_corner", "bow_tie", "closed_ring"],
)
def test_what_is_no_rectangle(corners):
    assert not is_rectangle(corners, GRIDS["north_up"])


def test_a_rectangle_is_one_whichever_way_it_winds():
    corners = [(0, 0), (10, 0), (10, 4), (0, 4)]
    assert is_rectangle(corners, GRIDS["north_up"])
    assert is_rectangle(corners[::-1], GRIDS["north_up"])


def test_a_box_without_length_or_width_is_refused_with_what_to_do():
    grid = GRIDS["north_up"]
    with pytest.raises(GeometryError, match="bow and stern are the same point; draw the axis from bow to stern"):
        box_from_axis((5, 5), (5, 5), (9, 9), grid)
    with pytest.raises(GeometryError, match=r"the third point lies on the axis, .* click beside the ship"):
        box_from_axis((0, 10), (0, 0), (0, 5), grid)
    with pytest.raises(GeometryError, match="lie on one line; draw it with some width"):
        refit_box([(0, 0), (1, 0), (2, 0), (3, 0)], grid)


def test_boxes_are_drawn_but_not_measured_without_a_place():
    grid = GRIDS["no_place"]
    corners = box_from_axis((100, 50), (100, 150), (110, 100), grid)
    np.testing.assert_allclose(corners, [(90, 50), (110, 50), (110, 150), (90, 150)])
    with pytest.raises(NotGeoreferencedError):
        measure_box(corners, grid)


@every_grid
@given(point, point, point, st.integers(0, 3), point)
@settings(max_examples=25, deadline=None)
def test_a_dragged_corner_goes_where_it_is_dragged_and_leaves_the_box_right(grid, bow, stern, beam, index, to):
    corners = drawn(bow, stern, beam, grid)
    sides = np.array([corners[(index + 1) % 4], corners[(index + 3) % 4]]) - corners[(index + 2) % 4]
    assume(np.abs(np.linalg.solve(sides.T, np.array(to) - corners[(index + 2) % 4])).min() > 0.05)
    dragged = with_corner_at(corners, index, to)
    assert np.abs(dragged - np.array(to)).sum(axis=1).min() == 0
    assert np.abs(dragged - corners[(index + 2) % 4]).sum(axis=1).min() < 1e-9
    assert is_rectangle(dragged, grid, 1e-9)
    (ax, ay), (bx, by) = np.diff(on_ground(dragged, grid)[:3], axis=0)
    turns = ax * by - ay * bx
    assert turns < 0  # clockwise, as it was


def test_a_corner_dragged_onto_a_side_is_refused():
    corners = np.array([(10, 10), (20, 10), (20, 30), (10, 30)], float)
    with pytest.raises(GeometryError, match="no area"):
        with_corner_at(corners, 0, (20, 15))

"""Pieces of polygons over the seams between blocks."""

from __future__ import annotations

import numpy as np
import shapely

from napari_geolabel.masks import UNWATCHED
from napari_geolabel.masks.seams import Seams, join

LEFT, RIGHT = (0, 4, 0, 5), (0, 4, 5, 9)


def pieces(*boxes) -> np.ndarray:
    return np.array([shapely.box(*bounds) for bounds in boxes], object)


def test_pieces_that_face_each_other_with_one_value_are_one_polygon():
    seams = Seams((4, 9))
    left, right = pieces((2, 0, 5, 2), (1, 3, 5, 4)), pieces((5, 1, 7, 3), (5, 3, 9, 4))
    seams.add(left, 0, LEFT)
    seams.add(right, 2, RIGHT)
    values = np.array([1, 2, 1, 1], np.uint32)
    groups = seams.groups(values)
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 3
    joined, of = join(np.concatenate([left, right]), values, groups, UNWATCHED)
    assert sorted(zip(of.tolist(), shapely.area(joined).tolist(), strict=True)) == [(1, 4.0), (1, 10.0), (2, 4.0)]


def test_pieces_that_meet_in_a_corner_of_the_seam_stay_apart():
    seams = Seams((4, 9))
    seams.add(pieces((3, 0, 5, 2)), 0, LEFT)
    seams.add(pieces((5, 2, 7, 4)), 1, RIGHT)
    assert len(set(seams.groups(np.array([1, 1], np.uint32)).tolist())) == 2


def test_no_vertex_is_left_on_the_seam_of_a_straight_edge():
    seams = Seams((4, 9))
    left, right = pieces((1, 1, 5, 3)), pieces((5, 1, 8, 3))
    seams.add(left, 0, LEFT)
    seams.add(right, 1, RIGHT)
    values = np.array([7, 7], np.uint32)
    (polygon,), _ = join(np.concatenate([left, right]), values, seams.groups(values), UNWATCHED)
    assert list(polygon.exterior.coords) == [(1, 1), (8, 1), (8, 3), (1, 3), (1, 1)]


def test_blocks_without_pieces_are_no_trouble():
    seams = Seams((4, 9))
    seams.add(np.empty(0, object), 0, LEFT)
    seams.add(pieces((5, 0, 6, 1)), 0, RIGHT)
    values = np.array([1], np.uint32)
    assert len(join(pieces((5, 0, 6, 1)), values, seams.groups(values), UNWATCHED)[0]) == 1

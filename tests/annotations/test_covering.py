"""What areas cover whose outlines cross themselves: the pixels that a mask has of them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations.covering import areas_in, filled
from napari_geolabel.masks import burn

BOW = shapely.Polygon([(2, 2), (18, 18), (18, 2), (2, 18)])


def test_what_crosses_nothing_is_left_as_it_is():
    ring = shapely.Polygon(shapely.box(0, 0, 9, 9).exterior, [shapely.box(2, 2, 4, 4).exterior])
    assert filled(ring) is ring


def test_both_sides_of_a_crossing_are_covered():
    whole = filled(BOW)
    assert (whole.is_valid, whole.area, len(areas_in(whole))) == (True, 128, 2)


def test_parts_that_lie_over_each_other_cover_what_either_does():
    both = shapely.MultiPolygon([shapely.box(0, 0, 6, 6), shapely.box(4, 4, 10, 10)])
    assert filled(both).area == 36 + 36 - 4


def test_an_outline_that_goes_back_the_way_it_came_covers_nothing():
    assert filled(shapely.Polygon([(0, 0), (9, 0), (9, 9), (9, 0)])).is_empty


@pytest.mark.parametrize("seed", range(12))
def test_masks_have_the_same_pixels(seed):
    area = shapely.Polygon(np.random.default_rng(seed).uniform(0, 60, (8, 2)))
    assert np.array_equal(burn([area], 1, (60, 60)), burn([filled(area)], 1, (60, 60)))

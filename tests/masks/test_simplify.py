"""Simplified outlines: fewer vertices, and neighbours that still share their border."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks import trace
from napari_geolabel.masks.simplify import simplified

SIDES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=16)
FEW = hnp.arrays(np.uint8, SIDES, elements=st.sampled_from([0, 1, 1, 2, 3]))


def landscape(side: int = 200) -> np.ndarray:
    """Four classes in smooth patches, and unlabelled ground between."""
    hills = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(side, side)), 6)
    return np.digitize(hills, np.quantile(hills, [0.2, 0.4, 0.6, 0.8])).astype(np.uint8)


@settings(max_examples=100)
@given(FEW, st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_neither_overlaps_nor_gaps_arise(array, tolerance):
    polygons, _ = trace(array, simplify_px=tolerance)
    assert shapely.coverage_is_valid(polygons) or not len(polygons)
    assert shapely.is_valid(polygons).all()
    if len(polygons):
        assert shapely.union_all(polygons).area == pytest.approx(shapely.area(polygons).sum())


def test_a_landscape_loses_most_vertices_and_hardly_any_ground():
    array = landscape()
    exact, values = trace(array)
    fewer, same = trace(array, simplify_px=2)
    assert np.array_equal(values, same)
    assert shapely.get_num_coordinates(fewer).sum() < shapely.get_num_coordinates(exact).sum() / 3
    for value in range(1, 5):
        before, after = (shapely.union_all(some[values == value]) for some in (exact, fewer))
        assert before.symmetric_difference(after).area < 0.2 * before.area
        assert before.hausdorff_distance(after) < 5


def test_the_border_of_two_classes_stays_one_line():
    array = np.ones((20, 20), np.uint8)
    array[np.tri(20, dtype=bool)] = 2
    (upper, lower), _ = trace(array, simplify_px=3)
    shared = upper.intersection(lower)
    assert shapely.get_dimensions(shared) == 1
    assert shared.length == pytest.approx(np.hypot(19, 19), abs=2)


def test_areas_that_hang_together_by_corners_stay_together():
    array = np.kron(np.eye(2, dtype=np.uint8), np.ones((6, 6), np.uint8))
    (both,), _ = trace(array, connectivity=8, simplify_px=1)
    assert both.geom_type == "MultiPolygon"
    assert both.area == pytest.approx(72)


def test_nothing_stays_nothing_and_a_tolerance_below_0_is_refused():
    assert len(simplified(np.empty(0, object), 3)) == 0
    for wrong in (-1, np.nan):
        with pytest.raises(MaskValueError, match="give 0 or more"):
            simplified(np.array([shapely.box(0, 0, 1, 1)]), wrong)

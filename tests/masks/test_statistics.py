"""How much of a mask each value covers, and where two masks differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_geolabel.errors import MaskValueError
from napari_geolabel.geo import GeoGrid, area_m2
from napari_geolabel.masks import Mask, MaskEntry, coverage, difference, semantic_table

ARRAYS = hnp.arrays(np.uint8, (8, 9), elements=st.sampled_from([0, 1, 2, 4, 9]))
NOWHERE = GeoGrid(shape=(8, 9), transform=Affine.identity())


def of(array, ontology, grid=None) -> Mask:
    return Mask(array=array, grid=grid or replace(NOWHERE, shape=array.shape), table=semantic_table(ontology))


def test_a_class_is_told_in_pixels_hectares_and_percent(grid, ontology):
    array = np.zeros(grid.shape, np.uint8)
    array[:10] = 1
    listed = coverage(of(array, ontology, grid))
    assert [(each.value, each.name, each.pixels) for each in listed] == [
        (0, "unlabelled", 1800), (1, "Sea", 600), (2, "Ship", 0), (4, "Cloud", 0),
    ]  # fmt: skip
    assert listed[1].hectares == pytest.approx(6.0, rel=2e-3), "600 pixels of 10 m"
    assert listed[1].percent == 25


def test_only_valid_pixels_count(ontology):
    array = np.ones((8, 9), np.uint8)
    valid = np.zeros((8, 9), bool)
    valid[:2] = True
    array[0] = 4
    found = {each.value: (each.pixels, each.percent, each.hectares) for each in coverage(of(array, ontology), valid)}
    assert (found[1], found[4], found[0]) == ((9, 50, None), (9, 50, None), (0, 0, None))
    with pytest.raises(MaskValueError, match="do not fit"):
        coverage(of(array, ontology), valid[1:])


def test_hectares_hold_in_degrees_far_from_the_centre(ontology):
    from pyproj import CRS

    tall = GeoGrid(shape=(1200, 600), transform=Affine(0.05, 0, 0, 0, -0.05, 80), crs=CRS.from_epsg(4326))
    array = np.zeros(tall.shape, np.uint8)
    array[:512], array[512:1024] = 1, 2
    north, south = coverage(of(array, ontology, tall))[1:3]
    strips = [area_m2(tall, shapely.box(col, 0, col + 1, 512)) for col in range(0, 600, 50)]
    assert north.hectares == pytest.approx(600 * np.mean(strips) / 1e4, rel=1e-6)
    assert south.hectares > 1.5 * north.hectares


@settings(max_examples=50)
@given(ARRAYS, ARRAYS)
def test_the_changes_of_two_masks_are_all_pixels_that_differ(ontology, one, other):
    mask, found = difference(of(one, ontology), of(other, ontology))
    assert np.array_equal(mask.array > 0, one != other)
    assert found[0].pixels == (one == other).sum()
    assert sum(each.pixels for each in found) == one.size
    for number in np.unique(mask.array[mask.array > 0]):
        where = mask.array == number
        assert len(np.unique(one[where])) == len(np.unique(other[where])) == 1


def test_a_change_is_called_by_its_classes(ontology):
    one, other = np.array([[0, 1, 2]], np.uint8), np.array([[4, 1, 0]], np.uint8)
    mask, found = difference(of(one, ontology), of(other, ontology))
    assert [each.name for each in found] == ["unlabelled", "unlabelled → Cloud", "Ship → unlabelled"]
    assert mask.array.tolist() == [[1, 0, 2]]


def test_values_of_one_name_are_no_change_in_a_mask_that_did_not_change():
    table = {value: MaskEntry(value=value, class_id=None, name="Water", color="#112233") for value in (1, 2)}
    array = np.array([[0, 1, 2]], np.uint8)
    mask = Mask(array=array, grid=replace(NOWHERE, shape=array.shape), table=table)
    changed, found = difference(mask, mask)
    assert not changed.array.any()
    assert [each.pixels for each in found] == [3]


def test_classes_are_compared_whatever_numbers_the_masks_give_them(ontology):
    table = {
        7: MaskEntry(value=7, class_id="sea", name="Open water", color="#000000"),
        1: MaskEntry(value=1, class_id=None, name="Heath", color="#000000"),
    }
    theirs = Mask(array=np.array([[7, 1, 0]], np.uint8), grid=replace(NOWHERE, shape=(1, 3)), table=table)
    mask, found = difference(of(np.array([[1, 1, 0]], np.uint8), ontology), theirs)
    assert mask.array.tolist() == [[0, 1, 0]]
    assert found[1].name == "Sea → Heath"


def test_masks_of_other_pixels_are_refused(grid, ontology):
    array = np.zeros(grid.shape, np.uint8)
    for other in (
        grid.with_transform(grid.transform @ Affine.translation(1, 0), grid.crs),
        replace(NOWHERE, shape=grid.shape),
    ):
        with pytest.raises(MaskValueError, match="different pixels"):
            difference(of(array, ontology, grid), of(array, ontology, other))

"""What a mask is."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from napari_geolabel.errors import MaskValueError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, semantic_table, smallest_dtype
from napari_geolabel.masks.mask import check_values, present_values

GRID = GeoGrid(shape=(2, 3), transform=Affine.identity())


@pytest.mark.parametrize("array", [np.zeros((2, 3), np.int16), np.zeros((2, 3)), np.zeros((2, 3), np.uint64)])
def test_only_unsigned_types_up_to_32_bits_are_masks(array):
    with pytest.raises(MaskValueError, match="convert it"):
        Mask(array=array, grid=GRID)


def test_the_array_must_cover_the_grid():
    with pytest.raises(MaskValueError, match=r"\(3, 2\)"):
        Mask(array=np.zeros((3, 2), np.uint8), grid=GRID)


def test_there_are_three_flavours():
    with pytest.raises(MaskValueError, match="vanilla"):
        Mask(array=np.zeros((2, 3), np.uint8), grid=GRID, flavour="vanilla")


def test_the_table_is_read_only(ontology):
    mask = Mask(array=np.zeros((2, 3), np.uint8), grid=GRID, table=semantic_table(ontology))
    with pytest.raises(TypeError):
        mask.table[9] = mask.table[1]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_values_without_an_entry_are_found(ontology, dtype):
    mask = Mask(array=np.array([[0, 1, 9], [4, 4, 200]], dtype), grid=GRID, table=semantic_table(ontology))
    assert mask.values().tolist() == [1, 4, 9, 200]
    assert mask.unknown_values() == [9, 200]


def test_the_table_of_an_ontology_has_its_values_colours_and_names(ontology):
    table = semantic_table(ontology)
    assert [(e.value, e.class_id, e.name, e.color) for e in table.values()] == [
        (1, "sea", "Sea", "#0000ff"),
        (2, "ship", "Ship", "#ff0000"),
        (4, "cloud", "Cloud", "#cccccc"),
    ]


@pytest.mark.parametrize(("largest", "expected"), [(0, "uint8"), (255, "uint8"), (256, "uint16"), (65536, "uint32")])
def test_the_smallest_type_is_taken(largest, expected):
    assert smallest_dtype(largest) == expected


def test_no_type_holds_more_than_32_bits():
    with pytest.raises(MaskValueError, match="4294967296"):
        smallest_dtype(2**32)


def test_values_that_fit_pass_unchanged():
    assert check_values([0, 255], np.uint8).tolist() == [0, 255]
    assert check_values(np.array([3.0]), np.uint8).tolist() == [3]
    assert check_values([], np.uint8).dtype == np.uint8


def test_values_are_counted_over_many_rows():
    array = np.zeros((3000, 4), np.uint16)
    array[2999, 3] = 65535
    assert present_values(array).tolist() == [0, 65535]

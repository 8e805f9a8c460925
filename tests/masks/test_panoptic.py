"""Panoptic masks as pairs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks import rasterize_annotations, split_panoptic


def drawn_of(corners) -> list[Annotation]:
    return [
        Annotation(class_id=class_id, kind="polygon", geometry=shapely.box(x, y, x + 6, y + 4))
        for class_id, x, y in corners
    ]


CLASSES = st.sampled_from(["sea", "ship", "cloud"])
CORNERS = st.lists(st.tuples(CLASSES, st.integers(0, 50), st.integers(0, 30)), max_size=8)


@settings(max_examples=50)
@given(corners=CORNERS)
def test_the_pair_agrees_in_every_pixel_and_is_what_each_flavour_gives(ontology, grid, corners):
    drawn = drawn_of(corners)
    semantic, instances = split_panoptic(rasterize_annotations(drawn, grid, ontology, flavour="panoptic"))
    assert np.array_equal(semantic.array, rasterize_annotations(drawn, grid, ontology).array)
    alone = rasterize_annotations(drawn, grid, ontology, flavour="instance")
    assert np.array_equal(instances.array > 0, alone.array > 0)
    named = np.array(["", *(str(instances.table[n].annotation_id) for n in sorted(instances.table))])
    expected = np.array(["", *(annotation.id for annotation in drawn)])
    assert np.array_equal(named[instances.array], expected[alone.array])
    assert semantic.array.dtype == np.uint8


def test_painted_pixels_have_a_class_and_no_number(ontology, grid):
    base = np.zeros(grid.shape, np.uint8)
    base[3, 3] = 4
    mask = rasterize_annotations(drawn_of([("ship", 10, 10)]), grid, ontology, flavour="panoptic", base=base)
    semantic, instances = split_panoptic(mask)
    assert (semantic.array[3, 3], instances.array[3, 3]) == (4, 0)
    assert {value: entry.class_id for value, entry in semantic.table.items()} == {2: "ship", 4: "cloud"}


def test_nothing_drawn_is_an_empty_pair(ontology, grid):
    semantic, instances = split_panoptic(rasterize_annotations([], grid, ontology, flavour="panoptic"))
    assert not semantic.array.any()
    assert not instances.array.any()


@pytest.mark.parametrize("flavour", ["semantic", "instance"])
def test_other_flavours_cannot_be_split(ontology, grid, flavour):
    with pytest.raises(MaskValueError, match="ask for panoptic"):
        split_panoptic(rasterize_annotations([], grid, ontology, flavour=flavour))

"""Annotations to masks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import MaskValueError, UnknownClassError
from napari_geolabel.masks import BurnRule, Watch, rasterize_annotations, rasterize_geometries


def annotation(class_id, geometry, **fields):
    kind = {"Polygon": "polygon", "LineString": "polyline", "Point": "keypoint"}[geometry.geom_type]
    return Annotation(class_id=class_id, kind=kind, geometry=geometry, **fields)


def test_the_later_class_wins_and_then_the_later_drawn(ontology, grid):
    drawn = [
        annotation("cloud", shapely.box(4, 0, 6, 1)),
        annotation("ship", shapely.box(2, 0, 5, 1)),
        annotation("sea", shapely.box(0, 0, 8, 1)),
    ]
    mask = rasterize_annotations(drawn, grid, ontology)
    assert mask.array[0, :9].tolist() == [1, 1, 2, 2, 4, 4, 1, 1, 0]
    instances = rasterize_annotations(
        [*drawn, annotation("sea", shapely.box(7, 0, 8, 1))], grid, ontology, flavour="instance"
    )
    assert instances.array[0, :9].tolist() == [3, 3, 2, 2, 1, 1, 3, 4, 0]


def test_a_semantic_mask_knows_its_classes_its_grid_and_its_rule(ontology, grid):
    mask = rasterize_annotations([annotation("ship", shapely.box(2, 0, 5, 1))], grid, ontology)
    assert mask.array.dtype == np.uint8
    assert mask.grid == grid
    assert {value: entry.class_id for value, entry in mask.table.items()} == {1: "sea", 2: "ship", 4: "cloud"}
    assert mask.ontology_stamp == ontology.stamp
    assert mask.rule == "later class wins, then later drawn; pixel centres"
    touched = rasterize_annotations(
        [annotation("ship", shapely.box(1.9, 0, 5, 1))], grid, ontology, rule=BurnRule(all_touched=True)
    )
    assert "touched" in touched.rule
    assert touched.array[0, 1] == 2


@pytest.mark.parametrize("order", ["class", "drawn"])
def test_suggestions_never_hide_what_a_person_has_drawn_or_painted(ontology, grid, order):
    drawn = [
        annotation("sea", shapely.box(0, 0, 4, 1)),
        annotation("cloud", shapely.box(2, 0, 8, 1), status="suggested"),
        annotation("ship", shapely.box(3, 0, 5, 1)),
        annotation("sea", shapely.box(7, 0, 9, 1), status="suggested"),
    ]
    rule, painted = BurnRule(order=order), np.zeros(grid.shape, np.uint8)
    mask = rasterize_annotations(drawn, grid, ontology, rule=rule)
    last = 4 if order == "class" else 1  # of two suggestions the rule decides
    assert mask.array[0, :10].tolist() == [1, 1, 1, 2, 2, 4, 4, last, 1, 0]
    painted[0, 5:7] = 2
    over = rasterize_annotations(drawn, grid, ontology, rule=rule, base=painted)
    assert over.array[0, :10].tolist() == [1, 1, 1, 2, 2, 2, 2, last, 1, 0]


def test_suggestions_keep_their_numbers_in_instance_and_panoptic_masks(ontology, grid):
    drawn = [
        annotation("cloud", shapely.box(0, 0, 6, 1), status="suggested"),
        annotation("cloud", shapely.box(4, 0, 8, 1)),
    ]
    shares: list[float] = []
    watch = Watch(progress=shares.append)
    instances = rasterize_annotations(drawn, grid, ontology, flavour="instance", watch=watch)
    assert instances.array[0, :9].tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 0]
    assert [instances.table[n].annotation_id for n in (1, 2)] == [each.id for each in drawn]
    assert shares == sorted(shares)
    panoptic = rasterize_annotations(drawn, grid, ontology, flavour="panoptic")
    assert panoptic.array[0, [0, 4]].tolist() == [4001, 4002]


def test_classes_without_a_mask_value_stay_out_of_semantic_masks_only(ontology, grid):
    wake = annotation("wake", shapely.LineString([(0, 0.5), (5, 0.5)]))
    assert not rasterize_annotations([wake], grid, ontology).array.any()
    assert not rasterize_annotations([wake], grid, ontology, flavour="panoptic").array.any()
    assert rasterize_annotations([wake], grid, ontology, flavour="instance").array[0, :5].tolist() == [1] * 5


@pytest.mark.parametrize(("count", "dtype"), [(255, np.uint8), (256, np.uint16), (65536, np.uint32)])
def test_instance_masks_take_the_smallest_type_that_holds_them(ontology, grid, count, dtype):
    points = shapely.points(np.arange(count) % 60 + 0.5, np.arange(count) // 60 % 40 + 0.5)
    mask = rasterize_geometries(points, ["ship"] * count, grid, ontology, flavour="instance")
    assert mask.array.dtype == dtype
    assert mask.array.max() == count


def test_instances_are_found_again_by_their_annotation(ontology, grid):
    first, second = annotation("ship", shapely.box(0, 0, 2, 2)), annotation("cloud", shapely.box(5, 5, 9, 9))
    mask = rasterize_annotations([first, second], grid, ontology, flavour="instance")
    assert mask.table[int(mask.array[6, 6])].annotation_id == second.id
    assert mask.table[int(mask.array[0, 0])].name == "Ship"


def test_panoptic_values_hold_class_and_number(ontology, grid):
    drawn = [
        annotation("ship", shapely.box(0, 0, 2, 1)),
        annotation("cloud", shapely.box(3, 0, 4, 1)),
        annotation("ship", shapely.box(5, 0, 6, 1)),
    ]
    mask = rasterize_annotations(drawn, grid, ontology, flavour="panoptic")
    assert mask.array[0, :7].tolist() == [2001, 2001, 0, 4001, 0, 2002, 0]
    assert mask.table[2002].annotation_id == drawn[2].id
    assert "class * 1000 + instance" in mask.rule


def test_panoptic_numbers_never_run_into_the_next_class(ontology, grid):
    points = shapely.points(np.zeros(1500) + 0.5, np.zeros(1500) + 0.5)
    mask = rasterize_geometries(points, ["ship"] * 1500, grid, ontology, flavour="panoptic")
    assert mask.array[0, 0] == 2 * 10000 + 1500


def test_a_window_is_the_same_pixels_on_the_grid_of_the_window(ontology, grid):
    drawn = [annotation("ship", shapely.box(5, 5, 30, 30)), annotation("cloud", shapely.Point(20.5, 20.5).buffer(6))]
    window = slice(10, 25), slice(12, 40)
    whole, part = (rasterize_annotations(drawn, grid, ontology, window=w) for w in (None, window))
    assert np.array_equal(part.array, whole.array[window])
    assert np.allclose(part.grid.pixel_to_map([(0, 0)]), grid.pixel_to_map([(12, 10)]))


def test_annotations_lie_over_the_painted_mask(ontology, grid):
    base = np.full(grid.shape, 4, np.uint8)
    mask = rasterize_annotations([annotation("ship", shapely.box(0, 0, 1, 1))], grid, ontology, base=base)
    assert mask.array[0, :2].tolist() == [2, 4]
    part = rasterize_annotations([], grid, ontology, base=base, window=(slice(0, 2), slice(0, 3)))
    assert part.array.tolist() == [[4, 4, 4]] * 2


def test_a_painted_mask_that_does_not_fit_is_refused(ontology, grid):
    with pytest.raises(MaskValueError, match="shape"):
        rasterize_annotations([], grid, ontology, base=np.zeros((3, 3), np.uint8))
    with pytest.raises(MaskValueError, match="ask for semantic"):
        rasterize_annotations([], grid, ontology, flavour="instance", base=np.zeros(grid.shape, np.uint8))
    with pytest.raises(MaskValueError, match="300 does not fit in uint8"):
        rasterize_annotations([], grid, ontology, base=np.full(grid.shape, 300, np.uint16))


def test_a_flavour_that_there_is_not_is_refused(ontology, grid):
    with pytest.raises(MaskValueError, match="'foo' is no flavour of mask; choose semantic, instance or panoptic"):
        rasterize_annotations([], grid, ontology, flavour="foo")


def test_an_unknown_class_is_named(ontology, grid):
    with pytest.raises(UnknownClassError, match="zeppelin"):
        rasterize_annotations([annotation("zeppelin", shapely.box(0, 0, 1, 1))], grid, ontology)


def test_the_later_drawn_wins_where_that_is_the_rule(ontology, grid):
    drawn = [annotation("cloud", shapely.box(2, 0, 6, 1)), annotation("sea", shapely.box(0, 0, 4, 1))]
    mask = rasterize_annotations(drawn, grid, ontology, rule=BurnRule(order="drawn"))
    assert mask.array[0, :7].tolist() == [1, 1, 1, 1, 4, 4, 0]
    assert mask.rule == "later drawn wins; pixel centres"


def test_progress_goes_through_to_the_burning(ontology, grid):
    told: list[float] = []
    rasterize_annotations(
        [annotation("sea", shapely.box(0, 0, 9, 9))], grid, ontology, watch=Watch(progress=told.append)
    )
    assert told


def test_painted_pixels_are_classes_without_number_in_a_panoptic_mask(ontology, grid):
    base = np.zeros(grid.shape, np.uint8)
    base[:5, :5] = 4
    drawn = [annotation("ship", shapely.box(0, 0, 2, 1)), annotation("ship", shapely.box(9, 0, 11, 1))]
    mask = rasterize_annotations(drawn, grid, ontology, flavour="panoptic", base=base)
    assert mask.array[0, :12].tolist() == [2001, 2001, 4000, 4000, 4000, 0, 0, 0, 0, 2002, 2002, 0]
    assert mask.unknown_values() == []
    assert (mask.table[4000].class_id, mask.table[4000].annotation_id) == ("cloud", None)
    with pytest.raises(MaskValueError, match="no instances"):
        rasterize_annotations(drawn, grid, ontology, flavour="instance", base=base)

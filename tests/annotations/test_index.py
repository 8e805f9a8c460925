"""The spatial index: always the answer of brute force, whatever has changed since the tree was built."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation
from napari_geolabel.annotations import index as index_module
from napari_geolabel.annotations.index import SpatialIndex

numbers = st.integers(0, 20)
rectangles = st.tuples(numbers, numbers, numbers, numbers)


def annotation(bounds: tuple[float, float, float, float]) -> Annotation:
    return Annotation(class_id="ship", kind="box", geometry=shapely.box(*bounds))


def brute_force(annotations: dict[str, Annotation], bounds: tuple[float, ...]) -> set[str]:
    view = shapely.box(min(bounds[::2]), min(bounds[1::2]), max(bounds[::2]), max(bounds[1::2])).bounds
    x0, y0, x1, y1 = view
    boxes = {name: a.geometry.bounds for name, a in annotations.items()}
    return {name for name, b in boxes.items() if b[0] <= x1 and b[2] >= x0 and b[1] <= y1 and b[3] >= y0}


@pytest.mark.parametrize("dirty_limit", [0, 3, 1000])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.integers(0, 9), rectangles, rectangles), max_size=30)
)
def test_every_query_is_that_of_brute_force(dirty_limit, steps):
    limit, index_module._DIRTY_LIMIT = index_module._DIRTY_LIMIT, dirty_limit
    try:
        annotations: dict[str, Annotation] = {}
        index = SpatialIndex(annotations)
        for action, name, bounds, view in steps:
            if action == "put":
                annotations[str(name)] = annotation(bounds)
            else:
                annotations.pop(str(name), None)
            index.mark([str(name)])
            found = index.query(view)
            assert len(found) == len(set(found))
            assert set(found) == brute_force(annotations, view)
    finally:
        index_module._DIRTY_LIMIT = limit


def test_a_new_index_knows_what_was_there():
    there = {str(i): annotation((i, i, i + 1, i + 1)) for i in range(5000)}
    assert set(SpatialIndex(there).query((10.5, 10.5, 11.5, 11.5))) == {"10", "11"}


def test_an_empty_index_finds_nothing():
    assert SpatialIndex({}).query((0, 0, 1e9, 1e9)) == []


def test_points_and_lines_are_found_too():
    there = {
        "point": Annotation(class_id="bow", kind="keypoint", geometry=shapely.Point(5, 5)),
        "line": Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(0, 0), (10, 10)])),
    }
    index = SpatialIndex(there)
    assert set(index.query((5, 5, 5, 5))) == {"point", "line"}
    # the bounding box counts, not the line itself
    assert index.query((8, 1, 9, 2)) == ["line"]
    assert np.array(index.query((11, 11, 12, 12))).size == 0


@pytest.mark.parametrize("dirty_limit", [0, 1000])
def test_a_count_is_never_too_small_and_exact_once_a_tree_is_built(dirty_limit, monkeypatch):
    monkeypatch.setattr(index_module, "_DIRTY_LIMIT", dirty_limit)
    annotations = {str(i): annotation((i, 0, i + 1, 1)) for i in range(20)}
    index = SpatialIndex(annotations)
    assert index.count((5.5, 0, 9.5, 1)) == len(index.query((5.5, 0, 9.5, 1))) == 5
    annotations["5"] = annotation((6, 0, 7, 1))
    index.mark(["5"])
    assert index.count((9.5, 1, 5.5, 0)) >= 5

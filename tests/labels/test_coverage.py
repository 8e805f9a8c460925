"""The cells of a scene: labelled, checked or open; marks are undone, kept and exported."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.coverage import CellState

LABELLED, CHECKED, OPEN = CellState.LABELLED, CellState.CHECKED, CellState.OPEN


def test_cells_cover_the_scene_row_by_row(labels):
    coverage = labels.coverage
    assert (coverage.cell_px, coverage.shape, len(coverage)) == (128, (4, 4), 16)
    assert list(coverage)[:5] == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]
    assert coverage.bounds((3, 1)) == (128, 384, 256, 512)
    assert coverage.cell_at(130, 511.9) == (3, 1)
    assert coverage.cell_at(512, 10) is None
    assert labels.coverage is coverage


def test_a_cell_that_an_annotation_reaches_is_labelled_and_touching_its_border_is_not_reaching(labels):
    coverage = labels.coverage
    labels.add(shapely.box(10, 10, 128, 20), "cloud", kind="polygon")
    assert coverage.state((0, 0)) is LABELLED
    assert coverage.state((0, 1)) is OPEN
    labels.add(shapely.box(200, 10, 300, 20), "cloud", status="rejected", kind="polygon")
    assert coverage.state((0, 1)) is OPEN
    labels.add(shapely.LineString([(10, 300), (300, 300)]), "wake")
    assert [state.value for state in coverage.states()[2]] == ["labelled", "labelled", "labelled", "open"]


@pytest.mark.parametrize(
    ("thing", "class_id", "cells"),
    [
        (shapely.Point(128, 60), "ship", [(0, 1)]),
        (shapely.Point(256, 256), "ship", [(2, 2)]),
        (shapely.Point(512, 60), "ship", []),
        (shapely.LineString([(128, 10), (128, 200)]), "wake", [(0, 1), (1, 1)]),
        (shapely.LineString([(100, 10), (128, 10)]), "wake", [(0, 0)]),
        (shapely.LineString([(100, 128), (140, 128)]), "wake", [(1, 0), (1, 1)]),
    ],
)
def test_what_lies_on_an_edge_is_in_the_cell_right_and_below(labels, thing, class_id, cells):
    labels.add(thing, class_id, attributes={"under_way": True} if class_id == "ship" else None)
    states, coverage = labels.coverage.states(), labels.coverage
    assert [cell for cell in coverage if states[cell] is CellState.LABELLED] == cells
    assert [cell for cell in coverage if coverage.state(cell) is CellState.LABELLED] == cells


def test_marks_are_changes_that_are_undone(labels):
    coverage = labels.coverage
    coverage.mark((1, 2), (1, 3))
    assert coverage.state((1, 2)) is CHECKED
    assert labels.store.undo_titles[0] == "nothing here: 2 cells"
    when = coverage.checked[1, 2]
    assert when.startswith("20")
    coverage.mark((1, 2))
    assert coverage.checked[1, 2] == when  # who looked first has looked
    coverage.unmark((1, 3))
    assert set(coverage.checked) == {(1, 2)}
    labels.undo()
    assert set(coverage.checked) == {(1, 2), (1, 3)}
    labels.undo()
    assert coverage.checked == {}
    with pytest.raises(GeoLabelError, match=r"no cell \(4, 0\); the scene has 4 rows and 4 columns"):
        coverage.mark((4, 0))


def test_the_next_open_cell_is_found_round_the_end_until_none_is_left(labels):
    coverage = labels.coverage
    labels.add(shapely.box(130, 10, 150, 20), "cloud", kind="polygon")
    coverage.mark((0, 0))
    assert coverage.next_open() == (0, 2)
    assert coverage.next_open((0, 2)) == (0, 3)
    assert coverage.next_open((3, 3)) == (0, 2)
    coverage.mark(*coverage)
    assert coverage.next_open((2, 2)) is None
    with pytest.raises(GeoLabelError, match=r"there is no cell \(99, 99\)"):
        coverage.next_open((99, 99))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(boxes=st.lists(st.tuples(*[st.integers(-3, 34)] * 2, *[st.integers(1, 20)] * 2), max_size=8))
def test_all_states_at_once_are_those_one_by_one(labels, boxes):
    labels.remove(list(labels))
    labels.add_many(
        [shapely.box(16 * x, 16 * y, 16 * (x + w), 16 * (y + h)) for x, y, w, h in boxes], "cloud", kind="polygon"
    )
    states = labels.coverage.states()
    assert states.shape == labels.coverage.shape
    assert np.array_equal(states.ravel(), np.array([labels.coverage.state(cell) for cell in labels.coverage], object))


def test_marks_live_in_the_label_file_merge_cell_by_cell_and_go_out_with_geojson(open_kept, tmp_path):
    one, two = open_kept(), open_kept()
    one.coverage.mark((0, 0))
    two.coverage.mark((3, 3))
    one.flush()
    two.flush()
    for labels in (one, two):
        arrived = threading.Event()
        labels.arrived.connect(arrived.set)
        for _ in range(300):
            labels.pull()
            if len(labels.coverage.checked) == 2:
                break
            arrived.wait(0.2)
    assert set(one.coverage.checked) == set(two.coverage.checked) == {(0, 0), (3, 3)}
    one.export(tmp_path / "out.geojson")
    written = json.loads((tmp_path / "out.geojson").read_text())["geolabel"]["scene"]["attributes"]
    assert set(written) == {"geolabel:checked:128:0:0", "geolabel:checked:128:3:3"}
    from napari_geolabel.labels import open_labels

    fresh = open_labels(scene=one.scene, ontology=one.ontology)
    fresh.import_from(tmp_path / "out.geojson")
    assert set(fresh.coverage.checked) == {(0, 0), (3, 3)}


def test_notes_of_another_grid_of_cells_or_of_no_cell_count_for_nothing(labels):
    from napari_geolabel.annotations import Change

    strange = {"geolabel:checked:64:0:0": "x", "geolabel:checked:128:9:9": "x", "geolabel:checked:a:b": "x"}
    labels.store.apply(Change(title="other program", scene_attributes=({}, strange)))
    assert labels.coverage.checked == {}

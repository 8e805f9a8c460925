from __future__ import annotations

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.viewer.counts import ClassCounts


def test_counts_follow_adding_changing_removing_and_undoing(labels):
    counts, seen = ClassCounts(labels), []
    counts.changed.connect(lambda: seen.append(counts.total))
    first, _ = labels.add_many([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)], "ship")
    assert counts["ship"] == 2
    labels.update(first.id, class_id="cloud")
    assert (counts["ship"], counts["cloud"]) == (1, 1)
    labels.remove(first.id)
    labels.undo()
    assert (counts["ship"], counts["cloud"], counts.total) == (1, 1, 2)
    assert seen == [2, 2, 1, 2]


def test_labels_that_were_there_before_are_counted(labels):
    labels.add(shapely.box(0, 0, 9, 9), "ship")
    assert ClassCounts(labels)["ship"] == 1


def test_painting_counts_nothing(labels):
    counts = ClassCounts(labels)
    labels.paint(shapely.box(0, 0, 9, 9), "cloud")
    assert counts.total == 0


def test_closed_counts_stand_still(labels):
    counts = ClassCounts(labels)
    counts.close()
    labels.add(shapely.box(0, 0, 9, 9), "ship")
    assert counts.total == 0


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.sampled_from(["add", "remove", "undo", "redo"]), max_size=12))
def test_counts_are_what_counting_anew_gives(labels, steps):
    counts = ClassCounts(labels)
    for step in steps:
        if step == "add":
            labels.add(shapely.box(0, 0, 9, 9), "ship")
        elif step == "remove" and len(labels):
            labels.remove(next(iter(labels)))
        elif step == "undo":
            labels.undo()
        elif step == "redo":
            labels.redo()
    assert counts.total == len(labels)
    counts.close()

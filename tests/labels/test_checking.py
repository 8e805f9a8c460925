"""Problems that may stay: noted with a reason, told no more, undone, kept in the file."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError

TINY = shapely.box(10, 10, 10.4, 10.4)


def rules(labels) -> list[str]:
    return [problem.rule for problem in labels.problems()]


def test_a_problem_with_a_reason_to_stay_is_told_no_more_until_that_is_undone(labels):
    labels.add(TINY, "cloud")
    (problem,) = labels.problems()
    labels.waive_problems([problem], " a puff of smoke ")
    assert rules(labels) == []
    assert labels.waived == {f"tiny:{problem.annotation_id}": "a puff of smoke"}
    assert labels.store.undo_titles[0] == "waive 1 problem"
    assert labels.scene_attributes == {}
    labels.undo()
    assert rules(labels) == ["tiny"]
    labels.redo()
    labels.waive_problems([problem], "")
    assert rules(labels) == ["tiny"]


def test_only_that_rule_of_that_annotation_is_waived(labels):
    labels.add_many([TINY, shapely.box(20, 20, 20.4, 20.4)], "cloud")
    first, _ = labels.problems()
    labels.waive_problems([first], "seen")
    assert [p.annotation_id for p in labels.problems()] == [list(labels)[1]]
    labels.update(first.annotation_id, geometry=shapely.box(-10, 5, 30, 30))
    assert rules(labels) == ["partly_outside", "tiny"]


def test_a_question_about_the_scene_must_be_answered(labels):
    from napari_geolabel.annotations.problems import Problem

    with pytest.raises(GeoLabelError, match="cannot be waived; answer it"):
        labels.waive_problems([Problem(annotation_id=None, rule="missing_required", message="m")], "no")


def test_waivers_live_in_the_label_file_and_go_out_with_geojson(open_kept, tmp_path):
    labels = open_kept()
    labels.add(TINY, "cloud")
    labels.waive_problems(labels.problems(), "smoke")
    labels.classify_scene(haze=True)
    labels.flush()
    labels.close()
    again = open_kept()
    assert rules(again) == []
    assert again.scene_attributes == {"haze": True}
    again.export(tmp_path / "out.geojson")
    written = json.loads((tmp_path / "out.geojson").read_text())["geolabel"]["scene"]["attributes"]
    assert "smoke" in written.values()
    assert written["haze"] is True


def test_all_waivers_are_forgotten_as_one_change_and_bookmarks_stay(labels):
    labels.add_many([TINY, shapely.box(20, 20, 20.4, 20.4)], "cloud")
    labels.bookmarks["smoke"] = (0, 0, 50, 50)
    labels.waive_problems(labels.problems(), "smoke")
    labels.forget_waivers()
    assert rules(labels) == ["tiny", "tiny"]
    assert list(labels.bookmarks) == ["smoke"]
    assert labels.store.undo_titles[0] == "tell 2 waived problems again"
    labels.undo()
    assert rules(labels) == []
    labels.undo()
    assert not labels.forget_waivers()
    assert labels.store.undo_titles[0] == "set bookmark smoke"


def test_severities_tell_what_makes_labels_wrong_from_what_somebody_should_look_at(labels):
    labels.add(TINY, "cloud")
    labels.add_many([shapely.box(50, 50, 90, 90)] * 2, "cloud", kind="polygon")
    told = {problem.rule: (problem.severity, problem.title) for problem in labels.problems()}
    assert told["tiny"] == ("warning", "smaller than a pixel")
    assert told["duplicate"] == ("error", "duplicate")
    labels.fix_problems()
    assert rules(labels) == ["tiny"]

"""Problems found in the background: once in everything, then where an edit touches, for as long as somebody looks."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.widgets import problem_watch as watch_module
from napari_geolabel.widgets.problem_watch import ProblemWatch


@pytest.fixture
def watch(session, qtbot, monkeypatch):
    monkeypatch.setattr(watch_module, "PAUSE_MS", 1)
    made = ProblemWatch(session)
    yield made
    made._retire()


@pytest.fixture
def sizes(monkeypatch):
    """How many annotations each look has taken."""
    found, find = [], watch_module.find_problems
    monkeypatch.setattr(
        watch_module, "find_problems", lambda seen, *rest: found.append(len(list(seen.values()))) or find(seen, *rest)
    )
    return found


def rules(watch) -> list[str]:
    return [problem.rule for problem in watch.problems if problem.annotation_id is not None]


def tiny(labels, x):
    return labels.add(shapely.box(x, 10, x + 0.5, 10.5), "dock", kind="polygon").id


def test_nothing_is_looked_for_until_somebody_wants_it(session, watch, sizes, qtbot):
    tiny(session.labels, 10)
    qtbot.wait(20)
    assert (watch.problems, sizes, watch.is_wanted) == ([], [], False)
    watch.start("one")
    qtbot.waitUntil(lambda: rules(watch) == ["tiny"], timeout=60000)
    assert watch.is_wanted


def test_after_the_first_look_only_what_an_edit_touches_is_looked_at(session, watch, sizes, qtbot):
    labels = session.labels
    names = [tiny(labels, 10 + 20 * i) for i in range(6)]
    watch.start("one")
    qtbot.waitUntil(lambda: len(rules(watch)) == 6, timeout=60000)
    labels.update(names[2], geometry=shapely.box(50, 10, 60, 20))
    qtbot.waitUntil(lambda: len(rules(watch)) == 5, timeout=60000)
    labels.undo()
    qtbot.waitUntil(lambda: len(rules(watch)) == 6, timeout=60000)
    assert sizes[0] == 6
    assert set(sizes[1:]) == {1}
    assert [problem.annotation_id for problem in watch.problems if problem.annotation_id] == names
    assert set(watch.by_annotation) == set(names)


def test_waivers_bulk_changes_and_other_ontologies_are_looked_at_as_a_whole(session, watch, sizes, qtbot, monkeypatch):
    labels = session.labels
    names = [tiny(labels, 10 + 20 * i) for i in range(3)]
    watch.start("one")
    qtbot.waitUntil(lambda: len(rules(watch)) == 3, timeout=60000)
    labels.waive_problems([p for p in watch.problems if p.annotation_id == names[0]], "seen")
    qtbot.waitUntil(lambda: len(rules(watch)) == 2, timeout=60000)
    assert sizes[-1] == 3
    monkeypatch.setattr(watch_module, "MOST_EDITS", 1)
    labels.remove(names[1:])
    qtbot.waitUntil(lambda: rules(watch) == [], timeout=60000)
    assert sizes[-1] == 1


def test_it_looks_as_long_as_one_of_several_wants_it(session, watch, qtbot):
    watch.start("table")
    watch.start("list")
    watch.stop("table")
    assert watch.is_wanted
    tiny(session.labels, 10)
    qtbot.waitUntil(lambda: rules(watch) == ["tiny"], timeout=60000)
    watch.stop("list")
    watch.stop("nobody")
    assert not watch.is_wanted

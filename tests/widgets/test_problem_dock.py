"""The list of problems: kinds with numbers, rows, and what is said where nothing can be done."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QInputDialog

from napari_geolabel.annotations.problems import Problem
from napari_geolabel.widgets import problem_dock
from napari_geolabel.widgets.problem_dock import CLASS, FIX, KIND, MESSAGE, ProblemDock
from napari_geolabel.widgets.problem_watch import ProblemWatch


@pytest.fixture
def dock(session, qtbot):
    made = ProblemDock(session, ProblemWatch(session))
    qtbot.addWidget(made)
    yield made
    made.watch._retire()


@pytest.fixture
def said(monkeypatch):
    """What the dock tells and warns of."""
    found = []
    monkeypatch.setattr(problem_dock, "tell", found.append)
    monkeypatch.setattr(problem_dock, "warn", found.append)
    return found


@pytest.fixture
def docks(session):
    """Two docks with a problem each, told to the watch by hand."""
    boxes = [shapely.box(10, 10, 10.5, 10.5), shapely.box(-20, 100, 30, 130)]
    return [session.labels.add(box, "dock", kind="polygon").id for box in boxes]


def tell(dock, *problems):
    dock.watch._take(list(problems))


def found(session):
    return [problem for problem in session.labels.problems() if problem.annotation_id is not None]


def texts(dock, column):
    return [dock.model.index(row, column).data() for row in range(dock.model.rowCount())]


def test_an_empty_list_says_so(dock, said):
    assert [dock.kinds.item(row).text() for row in range(dock.kinds.count())] == ["all problems  0"]
    assert dock.count.text() == "0 errors, 0 warnings, 0 may stay"
    dock.step(1)
    dock.fix.click()
    assert said == ["nothing here can be mended safely; see the list"]
    dock.waive.click()
    assert said[-1].startswith("choose the problems that may stay")
    assert dock.unwaive.isHidden()


def test_rows_say_kind_class_problem_and_what_mends_it(session, dock, docks):
    tell(dock, *found(session))
    assert texts(dock, KIND) == ["smaller than a pixel", "beyond the edge"]
    assert texts(dock, CLASS) == ["Dock or quay", "Dock or quay"]
    assert texts(dock, FIX) == ["", "cut at the edge"]
    assert "reaches beyond the edge" in texts(dock, MESSAGE)[1]
    model = dock.model
    assert [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())] == [
        "kind",
        "class",
        "problem",
        "what mends it",
    ]
    assert not model.index(0, KIND).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(0, CLASS).data(Qt.ItemDataRole.DecorationRole) is None


def test_a_kind_shows_its_own_rows_and_stays_chosen_while_there_are_some(session, dock, docks):
    first, second = found(session)
    tell(dock, first, second)
    dock.kinds.setCurrentRow(1)
    assert texts(dock, KIND) == ["beyond the edge"]
    tell(dock, second)
    assert texts(dock, KIND) == ["beyond the edge"]
    tell(dock, first)
    assert dock.kinds.currentRow() == 0
    assert texts(dock, KIND) == ["smaller than a pixel"]


def test_steps_go_round_and_select_on_the_map(session, dock, docks):
    tell(dock, *found(session))
    dock.step(-1)
    assert session.selection.ids == [docks[1]]
    dock.step(1)
    assert session.selection.ids == [docks[0]]
    tell(dock, *found(session))  # looked for again: the row stays, nothing jumps
    assert dock.table.currentIndex().row() == 0


def test_one_selected_row_or_none_means_all_for_mend_and_several_mean_these(session, dock, docks, said):
    tell(dock, *found(session))
    steps = len(session.labels.store.undo_titles)
    dock.go_to(0)
    dock.fix.click()
    assert said == ["fix 1 problem; undo takes it back"]
    assert session.labels[docks[1]].geometry.bounds == (0, 100, 30, 130)
    assert len(session.labels.store.undo_titles) == steps + 1


def test_a_reason_is_asked_and_without_one_nothing_happens(session, dock, docks, said, monkeypatch):
    tell(dock, *found(session))
    dock.table.selectAll()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("  ", True))
    dock.waive.click()
    assert session.labels.waived == {}
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("a pontoon", True))
    dock.waive.click()
    assert set(session.labels.waived.values()) == {"a pontoon"}
    assert said == ["waive 2 problems; undo takes it back"]
    tell(dock)
    assert not dock.unwaive.isHidden()
    dock.unwaive.click()
    assert session.labels.waived == {}


def test_a_question_about_the_scene_leads_to_the_attributes(session, dock):
    asked = []
    session.asked.connect(asked.append)
    tell(dock, Problem(annotation_id=None, rule="missing_required", message="the scene has no answer"))
    assert texts(dock, CLASS) == ["whole scene"]
    dock.go_to(0)
    assert asked == ["attributes"]

"""The list of problems in a real window: by kind, gone to by key, mended, waived, undone; it follows edits."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtWidgets import QInputDialog

from napari_geolabel.widgets.problem_dock import CLASS, FIX, KIND, MESSAGE, ProblemDock
from tests.gui.conftest import canvas_of

BOX = shapely.box(100, 100, 125, 105)


@pytest.fixture
def faulty(labels):
    """Two ships without an answer, the second twice, and one beyond the edge."""
    labels.classify_scene(cloud_cover="none")
    shapes = [BOX, shapely.box(200, 200, 240, 210), shapely.box(200, 200, 240, 210), shapely.box(-30, 300, 20, 310)]
    made = [
        labels.add(s, "ship", kind="box", attributes={"category": "unknown"} if i else None)
        for i, s in enumerate(shapes)
    ]
    return [one.id for one in made]


def test_problems_are_gone_to_mended_waived_and_follow_the_work(
    faulty, session, viewer, press, until, photograph, monkeypatch
):
    labels = session.labels
    press("Alt+E")
    dock = viewer.window._qt_window.findChild(ProblemDock)
    until(lambda: dock.model.rowCount() == 3)
    assert [problem.rule for problem in dock.model.problems] == ["missing_required", "duplicate", "partly_outside"]
    kinds = [dock.kinds.item(row).text() for row in range(dock.kinds.count())]
    assert kinds == ["all problems  3", "required answer missing  1", "duplicate  1", "beyond the edge  1"]
    assert dock.count.text() == "2 errors, 1 warning, 0 may stay"
    assert dock.model.index(1, FIX).data() == "remove the older one"

    press("F8")
    assert session.selection.ids == [faulty[0]]
    before = tuple(viewer.scene.camera.center)
    press("F8")
    assert session.selection.ids == faulty[1:3]
    assert tuple(viewer.scene.camera.center) != before
    photograph("problems")
    press("Shift+F8")
    assert session.selection.ids == [faulty[0]]

    labels.update(faulty[0], attributes={"category": "merchant"})
    until(lambda: dock.model.rowCount() == 2)
    steps = len(labels.store.undo_titles)
    dock.kinds.setCurrentRow(1)
    assert [dock.model.index(row, KIND).data() for row in range(dock.model.rowCount())] == ["duplicate"]
    dock.fix.click()
    until(lambda: faulty[1] not in labels)
    assert len(labels.store.undo_titles) == steps + 1
    until(lambda: [problem.rule for problem in dock.watch.problems] == ["partly_outside"])
    assert dock.kinds.currentRow() == 0
    canvas_of(viewer).setFocus()
    press("Ctrl+Z")
    assert faulty[1] in labels
    until(lambda: len(dock.watch.problems) == 2)
    until(lambda: len(session.shapes_layer.data) == 4)

    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("the pier goes on", True))
    dock.go_to(1)
    assert dock.model.index(1, CLASS).data() == "Ship"
    assert "reaches beyond the edge" in dock.model.index(1, MESSAGE).data()
    dock.waive.click()
    until(lambda: len(dock.watch.problems) == 1)
    assert labels.waived == {f"partly_outside:{faulty[3]}": "the pier goes on"}
    assert dock.count.text().endswith("1 may stay")
    dock.unwaive.click()
    until(lambda: len(dock.watch.problems) == 2)
    press("Ctrl+Z")
    until(lambda: len(dock.watch.problems) == 1)

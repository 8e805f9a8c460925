"""Two annotators change one annotation at the same time, the other in a process of their own; one resolves it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.labels.opening import open_labels
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.conflict_dock import ConflictDock
from napari_geolabel.widgets.panels import Panels

LEFT = Qt.MouseButton.LeftButton
BASE, THEIRS, MINE = (shapely.box(x, 300, x + 60, 330) for x in (300, 340, 320))
OTHER_SESSION = """
import sys
from shapely import box
from napari_geolabel import open_labels, open_scene

scene_path, path, *ids = sys.argv[1:]
labels = open_labels(path, scene=open_scene(scene_path), annotator="Ben")
print("ready", flush=True)
sys.stdin.readline()
for annotation_id in ids:
    labels.update(annotation_id, geometry=box(340, 300, 400, 330), attributes={"category": "passenger"}, confidence=0.9)
labels.flush()
print("written", flush=True)
sys.stdin.readline()
labels.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the label file lies."""
    return tmp_path / "coast.labels.gpkg"


@pytest.fixture
def kept(viewer, labels, path, wait):
    """Ann's session in the window, with two ships."""
    held = open_labels(path, scene=labels.scene, ontology="maritime", annotator="Ann")
    for y in (0, 100):
        held.add(shapely.affinity.translate(BASE, 0, y), "ship", kind="box")
    held.flush()
    session = annotate(viewer, labels.scene, held.ontology, labels=held)
    viewer.reset_view()
    wait()
    yield session
    session.close()
    held.close()


@pytest.fixture
def disagree(kept, coast, path, qtbot) -> Callable[..., None]:
    """Return a function that lets Ben, elsewhere, and Ann change the same ships before either hears of the other."""

    def run(ids: list[str]) -> None:
        command = [sys.executable, "-c", textwrap.dedent(OTHER_SESSION), str(coast), str(path), *ids]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ben:
            assert ben.stdout is not None
            assert ben.stdin is not None
            assert ben.stdout.readline() == "ready\n"
            ben.stdin.write("go\n")
            ben.stdin.flush()
            assert ben.stdout.readline() == "written\n"
            # no event was processed since, so this session cannot have taken it over
            for annotation_id in ids:
                kept.labels.update(annotation_id, geometry=MINE, attributes={"category": "fishing"}, confidence=0.2)
            kept.labels.flush()
            ben.stdin.write("end\n")
            ben.stdin.flush()
            assert ben.wait(60) == 0

    return run


@pytest.fixture
def panel(viewer, kept):
    """The panel that tells of conflicts."""
    return viewer.window._qt_window.findChild(Panels).labels


@pytest.fixture
def open_dock(panel, viewer, qtbot) -> Callable[[int], ConflictDock]:
    """Return a function that opens the conflicts with the badge, once there are so many."""

    def run(conflicts: int) -> ConflictDock:
        qtbot.waitUntil(lambda: len(panel.watch.conflicts) == conflicts, timeout=20000)
        QTest.mouseClick(panel.conflicts, LEFT)
        return viewer.window._qt_window.findChild(ConflictDock)

    return run


def click(dock, row, column):
    """Click on a cell of the table."""
    QTest.mouseClick(dock.table.viewport(), LEFT, pos=dock.table.visualItemRect(dock.table.item(row, column)).center())


def row_of(dock, field):
    return [conflict.field for conflict in dock.case].index(field)


def test_without_conflicts_there_is_no_badge(panel):
    assert not panel.conflicts.isVisible()


def test_a_badge_leads_to_mine_theirs_and_base_with_their_outlines(
    kept, disagree, open_dock, panel, viewer, qtbot, photograph
):
    disagree(list(kept.labels)[:1])
    dock = open_dock(3)
    assert panel.conflicts.isVisible()
    assert panel.conflicts.text() == "3 conflicts to resolve…"
    assert [dock.table.horizontalHeaderItem(i).text() for i in range(3)] == ["mine (Ann)", "theirs", "base"]
    row = row_of(dock, "attributes.category")
    assert [dock.table.item(row, i).text() for i in range(3)] == ["fishing", "passenger", "no value"]
    qtbot.waitUntil(lambda: "history outlines" in viewer.layers, timeout=5000)
    layer = viewer.layers["history outlines"]
    assert len(layer.data) == 12
    assert len({tuple(color) for color in layer.edge_color.round(2)}) == 3
    photograph("conflicts")
    assert dock.choices == ["theirs"] * 3, "theirs stands until somebody chooses"


def test_choices_row_by_row_become_one_change_and_the_badge_goes(
    kept, disagree, open_dock, panel, qtbot, press, photograph
):
    ship = next(iter(kept.labels))
    disagree([ship])
    dock = open_dock(3)
    click(dock, row_of(dock, "geometry"), 0)
    click(dock, row_of(dock, "confidence"), 2)
    photograph("conflicts-chosen")
    QTest.mouseClick(dock.resolve, LEFT)

    found = kept.labels[ship]
    assert (found.geometry, found.confidence, found.attributes["category"]) == (MINE, None, "passenger")
    qtbot.waitUntil(lambda: not panel.conflicts.isVisible(), timeout=10000)
    assert dock.about.text().startswith("No conflicts")
    assert not dock.resolve.isEnabled()
    assert kept.labels.conflicts() == []
    press("Ctrl+Z")
    assert kept.labels[ship].geometry == THEIRS


def test_one_side_is_taken_whole_and_the_next_annotation_follows(kept, disagree, open_dock, qtbot):
    first, second = kept.labels
    disagree([first, second])
    dock = open_dock(6)
    assert dock.about.text().startswith("1 of 2: ship was changed by Ann")
    QTest.mouseClick(dock.next, LEFT)
    assert dock.case[0].annotation_id == second
    QTest.mouseClick(dock.previous, LEFT)
    QTest.mouseClick(dock.all_mine, LEFT)
    QTest.mouseClick(dock.resolve, LEFT)
    assert kept.labels[first].confidence == 0.2
    qtbot.waitUntil(lambda: len(dock.cases) == 1, timeout=10000)
    assert dock.case[0].annotation_id == second
    QTest.mouseClick(dock.all_theirs, LEFT)
    QTest.mouseClick(dock.resolve, LEFT)
    qtbot.waitUntil(lambda: not dock.cases, timeout=10000)
    assert kept.labels[second].confidence == 0.9


def test_they_fit_a_small_screen(kept, disagree, open_dock, viewer, photograph, wait):
    from napari.settings import get_settings

    viewer.window.resize(1280, 800)
    disagree(list(kept.labels)[:1])
    dock = open_dock(3)
    wait(0.3)
    for theme in ("dark", "light"):
        get_settings().appearance.theme = theme
        photograph(f"conflicts-small-{theme}")
        assert dock.resolve.isVisible()
        assert viewer.window._qt_window.width() <= 1300

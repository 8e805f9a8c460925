"""What covers a scene is counted beside the window, and compared with other masks."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.widgets import coverage_panel
from napari_geolabel.widgets.coverage_panel import CoveragePanel


@pytest.fixture
def panel(session, qtbot):
    session.labels.paint(shapely.box(10, 10, 60, 60), "dock")
    made = CoveragePanel(session)
    qtbot.addWidget(made)
    return made


def test_pixels_of_painted_classes_are_counted(panel, qtbot):
    panel.count.click()
    qtbot.waitUntil(lambda: panel.table.topLevelItemCount() > 0, timeout=30_000)
    rows = [panel.table.topLevelItem(i) for i in range(panel.table.topLevelItemCount())]
    assert "2,500" in [row.text(1) for row in rows]


def test_a_fault_in_counting_is_told_and_raised(panel, qtbot, monkeypatch):
    def run_out(_labels):
        raise MemoryError("unable to allocate 9 GiB")

    monkeypatch.setattr(coverage_panel, "class_coverage", run_out)
    with qtbot.captureExceptions() as faults:
        panel.count.click()
        qtbot.waitUntil(lambda: "9 GiB" in panel.note.text(), timeout=30_000)
    assert faults[0][0] is MemoryError

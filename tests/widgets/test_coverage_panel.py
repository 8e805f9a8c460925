"""What covers a scene is counted beside the window, and compared with other masks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.geo import GeoGrid
from napari_geolabel.labels.mask_statistics import compared_with
from napari_geolabel.widgets import coverage_panel
from napari_geolabel.widgets.coverage_panel import CoveragePanel, show_difference


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


@pytest.fixture
def other_mask(panel, session, tmp_path):
    """The mask as it was before some was painted."""
    path = tmp_path / "before.tif"
    session.labels.export_painted(path)
    session.labels.paint(shapely.box(100, 100, 110, 110), "dock")
    return path


def test_a_comparison_leaves_a_layer_of_the_same_name_alone_and_names_its_own(
    panel, session, viewer, other_mask, qtbot
):
    mine = viewer.add_image(np.ones((40, 40)), name="difference")
    for _ in range(2):
        panel.note.setText("")
        panel.compare_with(other_mask)
        qtbot.waitUntil(lambda: "differs" in panel.note.text(), timeout=30_000)
        assert panel.note.text() == "before.tif differs in 100 pixels; the layer 'difference [1]' shows them."
    assert mine.data.shape == (40, 40)
    assert [layer.name for layer in viewer.layers if "difference" in layer.name] == ["difference", "difference [1]"]


def test_a_comparison_lies_on_the_pixels_of_the_scene_that_is_labelled_now(session, viewer, other_mask):
    found = compared_with(session.labels, other_mask)
    coarse = show_difference(session, found)
    assert coarse.scale == pytest.approx((10, 10), rel=1e-2)
    fine = GeoGrid(shape=(512, 512), transform=Affine(2, 0, 500_000, 0, -2, 6_000_000), crs=session.scene.grid.crs)
    again = show_difference(SimpleNamespace(viewer=viewer, scene=SimpleNamespace(grid=fine)), found)
    assert again is coarse
    assert again.scale == pytest.approx((2, 2), rel=1e-2)
    assert again.translate == pytest.approx((1, 1), rel=1e-2)

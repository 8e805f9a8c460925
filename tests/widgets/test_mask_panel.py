"""The panel of painted areas while it works on the whole mask."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.viewer.retoucher import Retoucher, Scope
from napari_geolabel.widgets.mask_panel import MaskPanel


@pytest.fixture
def panel(session, qtbot):
    session.labels.paint(shapely.box(10, 10, 60, 60), "dock")
    session.current_class = "dock"
    session.retoucher.scope = Scope.MASK
    made = MaskPanel(session)
    qtbot.addWidget(made)
    return made


def test_the_whole_mask_is_worked_on_beside_the_window(panel, session, qtbot):
    panel.buttons["grow"].click()
    assert not panel.buttons["grow"].isEnabled()
    qtbot.waitUntil(panel.buttons["grow"].isEnabled, timeout=30_000)
    assert session.labels.store.undo_titles[0].startswith("grow dock")


def test_after_a_fault_the_panel_can_be_used_again_and_the_fault_is_raised(panel, session, qtbot, monkeypatch):
    def run_out():
        raise MemoryError("unable to allocate 9 GiB")

    monkeypatch.setattr(Retoucher, "plan", lambda _self, _command: run_out)
    with qtbot.captureExceptions() as faults:
        panel.buttons["grow"].click()
        qtbot.waitUntil(panel.buttons["grow"].isEnabled, timeout=30_000)
    assert faults[0][0] is MemoryError
    assert panel.busy.isHidden()

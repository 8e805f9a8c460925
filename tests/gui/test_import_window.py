"""An import of 20,000 annotations in a real window, which goes on beating, and comes off again by one undo."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import shapely
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from benchmarks.window import Heartbeat
from napari_geolabel.widgets import import_dialog, labels_panel
from napari_geolabel.widgets.import_dialog import ImportDialog
from napari_geolabel.widgets.labels_panel import LabelsPanel

MANY = 20_000
MOST = 0.75
"""Share of all the work that may come between two beats: with nothing done beside the window it is all of it."""


@pytest.fixture
def many_path(labels, tmp_path):
    """Small boxes all over the scene, in longitude and latitude."""
    rows, cols = labels.scene.grid.shape
    dice = np.random.default_rng(3)
    x, y = dice.uniform(0, cols - 9, MANY), dice.uniform(0, rows - 9, MANY)
    boxes = shapely.transform(shapely.box(x, y, x + 4, y + 3), labels.scene.grid.pixel_to_lonlat)
    features = [
        {"type": "Feature", "properties": {"class": "vessel"}, "geometry": shapely.geometry.mapping(box)}
        for box in boxes
    ]
    path = tmp_path / "many.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return str(path)


def take_all(dialog):
    """Have all become ships, and import them once the dialog has tried it."""
    rest(dialog)
    box = dialog.choices[0]
    box.setCurrentIndex(box.findData("ship"))
    box.activated.emit(box.currentIndex())
    rest(dialog)
    assert f"{MANY:,} annotations would come in" in dialog.told.text()
    dialog.accept()


def rest(dialog):
    """Wait until the dialog has done with the file."""
    end = time.monotonic() + 300
    while dialog.is_busy and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)
    assert not dialog.is_busy


def test_twenty_thousand_annotations_come_in_while_the_window_beats_and_go_by_one_undo(session, many_path, monkeypatch):
    orders, prepare = [], import_dialog.prepare_import

    def counted(labels, order, watch):
        orders.append(order)
        return prepare(labels, order, watch)

    for module in (import_dialog, labels_panel):
        monkeypatch.setattr(module, "prepare_import", counted)
    panel = LabelsPanel(session, choose_import=lambda parent: many_path)
    QTimer.singleShot(0, lambda: take_all(panel.findChild(ImportDialog)))
    with Heartbeat() as heart:
        begun = time.process_time()
        panel.import_.click()
        own_ms = 1000 * (time.process_time() - begun)
    print(f"{own_ms:.0f} ms of work, {len(heart.gaps)} beats, at most {heart.longest_own_ms:.0f} ms between two")
    assert len(session.labels) == MANY
    assert len(orders) == 2  # as guessed and as chosen; nothing is read again to be imported
    assert len(heart.gaps) > 20
    assert heart.longest_own_ms < MOST * own_ms
    session.undo()
    assert len(session.labels) == 0
    assert not session.labels.store.can_undo

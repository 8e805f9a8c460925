"""Asking before a file loses most of its labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QMessageBox, QPushButton

from napari_geolabel.labels import open_labels
from napari_geolabel.widgets.export_dialog import ExportChoice
from napari_geolabel.widgets.labels_panel import LabelsPanel, export_to, save_elsewhere
from napari_geolabel.widgets.replace_dialog import ask_replace

BOX = shapely.box(10, 10, 40, 30)


def number_in(path: Path) -> int:
    return len(json.loads(path.read_text())["features"])


@pytest.fixture
def full_file(session, tmp_path) -> Path:
    """An export of thirty ships, of which the session has one left."""
    path = tmp_path / "ships.geojson"
    session.labels.add_many([shapely.affinity.translate(BOX, 3 * n) for n in range(30)], "ship")
    session.labels.export(path)
    session.labels.remove(list(session.labels)[1:])
    return path


@pytest.mark.parametrize("answer", [True, False])
def test_the_user_is_asked_and_the_answer_counts(session, full_file, told, answer) -> None:
    asked = []

    def ask(parent, reason) -> bool:
        asked.append(reason)
        return answer

    assert export_to(session, str(full_file), ask=ask) is answer

    assert len(asked) == 1
    assert asked[0].startswith("ships.geojson holds 30 annotations and would hold 1")
    assert number_in(full_file) == (1 if answer else 30)
    assert session.labels.unsaved is not answer


def test_nobody_is_asked_where_nothing_is_lost(session, tmp_path, told) -> None:
    session.labels.add(BOX, "ship")

    def ask(parent, reason) -> bool:
        raise AssertionError(reason)

    assert export_to(session, str(tmp_path / "a.geojson"), ask=ask)
    assert export_to(session, str(tmp_path / "a.geojson"), ask=ask)


def test_the_export_button_asks(session, full_file, qtbot, told) -> None:
    asked = []
    panel = LabelsPanel(
        session,
        ask_export=lambda session, parent: ExportChoice(path=str(full_file)),
        ask_replace=lambda parent, reason: bool(asked.append(parent)),
    )
    qtbot.addWidget(panel)

    panel.export.click()

    assert asked == [panel]
    assert number_in(full_file) == 30


@pytest.mark.parametrize("answer", [True, False])
def test_a_label_file_is_asked_about_too(viewer, scene, tmp_path, qtbot, told, answer) -> None:
    from napari_geolabel.viewer.session import Session

    path = tmp_path / "full.labels.gpkg"
    full = open_labels(path, scene=scene, ontology="maritime")
    full.add_many([shapely.affinity.translate(BOX, 3 * n) for n in range(30)], "ship")
    full.close()
    labels = open_labels(tmp_path / "mine.labels.gpkg", scene=scene, ontology="maritime")
    session = Session(viewer, labels, defer=lambda action, milliseconds: action())

    assert save_elsewhere(session, str(path), ask=lambda parent, reason: answer) is answer
    session.close()
    labels.close()

    again = open_labels(path, scene=scene, mode="r")
    assert len(again) == (0 if answer else 30)
    again.close()


@pytest.mark.parametrize(("button", "expected"), [("Replace it", True), ("Keep the old file", False), (None, False)])
def test_the_dialog_says_what_would_be_lost_and_keeps_the_file_by_default(qtbot, button, expected) -> None:
    seen = []

    def answer() -> None:
        box = next((w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()), None)
        if box is None:
            QTimer.singleShot(20, answer)
            return
        seen.append((box.text(), box.textFormat(), box.defaultButton().text()))
        if button is None:
            box.reject()
            return
        next(b for b in box.findChildren(QPushButton) if b.text() == button).click()

    QTimer.singleShot(0, answer)
    assert ask_replace(None, "a <b> holds 30 and would hold 1") is expected
    assert seen == [("a <b> holds 30 and would hold 1", Qt.TextFormat.PlainText, "Keep the old file")]

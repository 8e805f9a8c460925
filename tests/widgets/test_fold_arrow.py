"""What is folded away stays so, for the next session too."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_geolabel.errors import WriteError
from napari_geolabel.viewer.user_state import recall
from napari_geolabel.widgets import fold_arrow
from napari_geolabel.widgets.class_guide import ClassGuide
from napari_geolabel.widgets.fold_arrow import FoldArrow
from napari_geolabel.widgets.link_panel import LinkPanel


@pytest.fixture
def make(qtbot):
    wholes = []

    def make(is_open):
        whole, body = QWidget(), QLabel()
        wholes.append(whole)
        qtbot.addWidget(whole)
        column = QVBoxLayout(whole)
        arrow = FoldArrow("the guideline", body, is_open=is_open)
        column.addWidget(arrow)
        column.addWidget(body)
        return arrow, body

    return make


@pytest.mark.parametrize("is_open", [True, False])
def test_a_click_folds_and_the_next_session_remembers(make, is_open):
    arrow, body = make(is_open)
    assert body.isHidden() is not is_open
    before = arrow.text(), arrow.toolTip()
    arrow.click()
    assert body.isHidden() is is_open
    assert before[0] != arrow.text()
    assert before[1] != arrow.toolTip()
    again, kept = make(is_open)
    assert kept.isHidden() is is_open
    again.click()
    assert recall("folds", "the guideline") == {}  # as it is for everybody at first: nothing to keep
    assert (again.text(), again.toolTip()) == before


def test_a_state_folder_that_cannot_be_written_is_told_and_folding_works(make, monkeypatch):
    heard = []
    monkeypatch.setattr(fold_arrow, "warn", heard.append)

    def refuse(*_):
        raise WriteError("no room")

    monkeypatch.setattr(fold_arrow, "remember", refuse)
    arrow, body = make(True)
    arrow.click()
    assert body.isHidden()
    assert heard == ["no room"]


def test_nonsense_that_is_kept_counts_for_nothing(make, monkeypatch):
    monkeypatch.setattr(fold_arrow, "recall", lambda *_: {"is_open": "maybe"})
    _, body = make(True)
    assert not body.isHidden()


def test_the_guideline_and_the_relations_fold(session, qtbot):
    guide, links = ClassGuide(session), LinkPanel(session)
    for panel in (guide, links):
        qtbot.addWidget(panel)
    high_px = guide.sizeHint().height()
    assert not guide.guideline.isHidden()
    guide.fold.click()
    assert guide.sizeHint().height() < high_px / 2
    assert guide.name.text() == "Ship"
    assert links.body.isHidden()
    links.fold.click()
    assert not links.body.isHidden()

"""The columns of the table: chosen in a menu, remembered for the ontology."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from napari_geolabel.ontology.editing import archive_attribute
from napari_geolabel.viewer import user_state
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.annotation_model import CONFIDENCE


@pytest.fixture
def dock(session, qtbot):
    made = AnnotationDock(session)
    qtbot.addWidget(made)
    return made


def headings(dock):
    """What the header says, from left to right, without what is hidden."""
    header = dock.table.horizontalHeader()
    places = [header.logicalIndex(place) for place in range(header.count())]
    return [dock.model.columns[place].heading for place in places if not dock.table.isColumnHidden(place)]


def choose(dock, name):
    dock.columns.choices.aboutToShow.emit()
    next(action for action in dock.columns.choices.actions() if action.text() == name).trigger()


def test_attributes_get_columns_that_are_there_again_the_next_time(dock, session, qtbot):
    assert headings(dock) == ["class", "size", "attributes", "status", "confidence", "problem"]
    for name in ("Category", "Length", "confidence"):
        choose(dock, name)
    shown = ["class", "size", "attributes", "Category", "Length [m]", "status", "problem"]
    assert headings(dock) == shown
    again = AnnotationDock(session)
    qtbot.addWidget(again)
    assert headings(again) == shown
    assert again.columns.hidden == ["confidence"]
    for name in ("Category", "Length", "confidence"):
        choose(again, name)
    assert headings(again) == ["class", "size", "attributes", "status", "confidence", "problem"]
    assert user_state.recall("table-columns", session.labels.ontology.id) == {}


def test_the_menu_ticks_what_is_shown(dock):
    dock.columns.toggle_attribute("category")
    dock.columns.choices.aboutToShow.emit()
    ticked = {action.text() for action in dock.columns.choices.actions() if action.isChecked()}
    assert ticked == {"size", "attributes", "status", "confidence", "problem", "Category"}


def test_the_class_cannot_be_hidden(dock):
    dock.columns.toggle("class")
    assert "class" in headings(dock)


def test_another_ontology_has_its_own_columns(dock, session):
    dock.columns.toggle_attribute("category")
    dock.model.sort(6)
    session.labels.use_ontology(archive_attribute(session.labels.ontology, "ship", ("category",)))
    assert dock.model.attributes == []
    assert dock.model.columnCount() == 6
    assert dock.model.headerData(5, Qt.Orientation.Horizontal) == "problem"


def test_a_damaged_memory_shows_what_is_always_shown(dock, session):
    path = user_state.state_path("table-columns")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"maritime": {"attributes": 3, "hidden": ["class", 4, "size"]}}')
    dock.columns.load()
    assert headings(dock) == ["class", "attributes", "status", "confidence", "problem"]


def test_a_state_that_cannot_be_written_is_told(dock, monkeypatch, told, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(user_state, "state_path", lambda name: tmp_path / "file" / name)
    dock.columns.toggle("confidence")
    assert dock.table.isColumnHidden(CONFIDENCE)
    assert "cannot be made" in told[-1]

"""Answers edited in the cells of the table, each by what its attribute is."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLineEdit, QStyleOptionViewItem

from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.editing import add_attribute
from napari_geolabel.widgets.annotation_columns import AttributeColumn, attribute_names
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.annotation_model import ATTRIBUTES, COLUMNS

FIRST = len(COLUMNS)


@pytest.fixture
def dock(session, qtbot):
    """A table with a ship and a wake, and a column for an attribute of each type."""
    ontology = load_ontology("maritime")
    session.labels.use_ontology(add_attribute(ontology, "ship", "Gear", "checklist", options=["Crane", "Mast"]))
    session.labels.add(shapely.box(10, 10, 40, 20), "ship", kind="box", attributes={"category": "merchant"})
    session.labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake")
    made = AnnotationDock(session)
    qtbot.addWidget(made)
    made.model.show_attributes(["category", "type", "length_m", "wake", "name", "gear"])
    return made


def edit(dock, row, name, give):
    """Open the editor of a cell, do something with it, and leave it as Enter does."""
    cell = dock.model.index(row, FIRST + dock.model.attributes.index(name))
    delegate = dock.table.itemDelegate()
    editor = delegate.createEditor(dock.table.viewport(), QStyleOptionViewItem(), cell)
    delegate.setEditorData(editor, cell)
    give(editor)
    delegate.setModelData(editor, dock.model, cell)
    return editor


def answers(session, row=0):
    return dict(session.labels[list(session.labels)[row]].attributes)


def choose(text):
    return lambda box: box.setCurrentText(text)


def test_each_type_has_its_editor_and_each_answer_is_one_change_with_a_title(dock, session):
    assert isinstance(edit(dock, 0, "category", choose("Fishing")), QComboBox)
    assert answers(session) == {"category": "fishing"}
    line = edit(dock, 0, "length_m", lambda line: line.setText("90,5"))
    assert isinstance(line, QLineEdit)
    assert line.placeholderText() == "1 to 500"
    edit(dock, 0, "name", lambda line: line.setText("Maru"))
    edit(dock, 0, "gear", lambda boxes: boxes.boxes["mast"].setChecked(True))
    edit(dock, 0, "wake", choose("no"))
    expected = {"category": "fishing", "length_m": 90.5, "name": "Maru", "gear": ("mast",), "wake": False}
    assert answers(session) == expected
    names = ["category", "length_m", "name", "gear", "wake"]
    assert session.labels.store.undo_titles[:5] == [f"set {name} of ship" for name in reversed(names)]
    for _ in range(5):
        session.undo()
    assert answers(session) == {"category": "merchant"}


def test_an_emptied_editor_takes_the_answer_back(dock, session):
    edit(dock, 0, "length_m", lambda line: line.setText("90"))
    edit(dock, 0, "length_m", lambda line: line.setText(" "))
    edit(dock, 0, "category", choose("—"))
    assert answers(session) == {}


@pytest.mark.parametrize(("text", "sentence"), [("9000", "9000 m is more than 500 m"), ("long", "is not a finite")])
def test_a_refused_value_is_told_in_a_sentence_and_changes_nothing(dock, session, told, text, sentence):
    edit(dock, 0, "length_m", lambda line: line.setText(text))
    assert sentence in told[-1]
    assert answers(session) == {"category": "merchant"}


def test_an_editor_that_is_left_alone_changes_nothing(dock, session):
    before = len(session.labels.store.undo_titles)
    for name in dock.model.attributes:
        if name != "type" or dock.model.flags(dock.model.index(0, FIRST + 1)) & Qt.ItemFlag.ItemIsEditable:
            edit(dock, 0, name, lambda editor: None)
    assert len(session.labels.store.undo_titles) == before


def test_what_is_not_asked_cannot_be_edited_and_says_why(dock, session):
    def cell(row, name):
        return dock.model.index(row, FIRST + dock.model.attributes.index(name))

    session.labels.answer(next(iter(session.labels)), category="unknown")
    reasons = [
        dock.model.data(cell(row, name), Qt.ItemDataRole.ToolTipRole) for row, name in ((0, "type"), (1, "name"))
    ]
    assert reasons == ["Type is asked only under another option", "Ship's name is not asked of Wake"]
    assert not dock.model.flags(cell(1, "name")) & Qt.ItemFlag.ItemIsEditable
    assert "Columns" in dock.model.data(dock.model.index(0, ATTRIBUTES), Qt.ItemDataRole.ToolTipRole)


def test_a_click_on_a_box_answers_yes_then_no_then_nothing(dock, session):
    cell = dock.model.index(0, FIRST + dock.model.attributes.index("wake"))
    seen = []
    for _ in range(3):
        dock.model.setData(cell, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
        seen.append((answers(session).get("wake"), cell.data(Qt.ItemDataRole.CheckStateRole)))
    states = Qt.CheckState
    assert seen == [(True, states.Checked), (False, states.Unchecked), (None, states.PartiallyChecked)]


def test_several_rows_are_answered_at_once_as_far_as_they_are_asked(dock, session, told):
    session.labels.add(shapely.box(50, 50, 70, 60), "ship", kind="box")
    dock.table.selectAll()
    edit(dock, 0, "category", choose("Passenger"))
    assert [answers(session, row) for row in (0, 2)] == [{"category": "passenger"}] * 2
    assert told == ["1 of 3 are not asked Category and stay as they are"]
    session.undo()
    assert [answers(session, row) for row in (0, 2)] == [{"category": "merchant"}, {}]


def test_boxes_hang_over_their_cell_and_stay_inside_the_table(dock):
    delegate, option = dock.table.itemDelegate(), QStyleOptionViewItem()
    cell = dock.model.index(0, FIRST + dock.model.attributes.index("gear"))
    boxes = delegate.createEditor(dock.table.viewport(), option, cell)
    dock.table.viewport().resize(300, 60)
    option.rect = dock.table.viewport().rect().adjusted(0, 50, -100, 0)
    delegate.updateEditorGeometry(boxes, option, cell)
    assert boxes.height() == boxes.sizeHint().height()
    assert 0 <= boxes.y() < 50


def test_columns_of_attributes_show_names_and_sort_numbers_as_numbers(labels):
    column = AttributeColumn("length_m", labels)
    assert column.heading == "Length [m]"
    made = [
        labels[labels.add(shapely.box(0, 0, 9, 9), "ship", kind="box", attributes=given).id]
        for given in ({"length_m": 100}, {}, {"length_m": 9, "category": "merchant", "type": "tanker"})
    ]
    assert sorted(range(3), key=column.keys(made).__getitem__) == [1, 2, 0]
    assert [AttributeColumn("type", labels).text(each) for each in made] == ["", "", "Tanker"]
    assert list(attribute_names(labels.ontology))[:2] == ["category", "type"]

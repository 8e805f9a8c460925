"""The forms of the ontology editor: what they show, and what an edit of each field makes of the draft."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QFocusEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QCheckBox

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Kind, load_ontology
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.editing import archive_class, attribute_at
from napari_geolabel.ontology.outline import Place, outline
from napari_geolabel.widgets.ontology_dock import set_archived
from napari_geolabel.widgets.ontology_fields import Form
from napari_geolabel.widgets.ontology_forms import apply_edit, form_for

MARITIME = load_ontology("maritime")
WHOLE, SCENE = Place(what="ontology"), Place(what="scene")
SHIP = Place(what="class", class_id="ship")
LENGTH = Place(what="attribute", class_id="ship", way=("length_m",))
STATE = Place(what="attribute", class_id="ship", way=("state",))
IMO = Place(what="attribute", class_id="ship", way=("imo",))
MOORED = Place(what="option", class_id="ship", way=("state", "moored"))


@pytest.fixture
def draft():
    return OntologyDraft(MARITIME)


@pytest.fixture
def form_of(qtbot, draft):
    """Make the form of a place whose edits go into the draft."""

    def make(place, choose=lambda before, parent: None):
        form = form_for(place, draft.current, choose)
        qtbot.addWidget(form)
        form.edited.connect(lambda field, value: apply_edit(draft, place, field, value))
        return form

    return make


def enter(line, text):
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def leave(widget):
    QApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))


def test_every_place_of_every_template_has_a_form(qtbot):
    for name in ("maritime", "clouds", "landcover"):
        ontology = load_ontology(name)
        for node in outline(ontology).walk():
            form = form_for(node.place, ontology, lambda before, parent: None)
            qtbot.addWidget(form)
            assert form.rows.rowCount() > 0


def test_a_class_is_shown_with_all_that_can_be_changed(form_of):
    fields = form_of(SHIP).fields
    assert list(fields) == ["name", "color", "kinds", "hotkey", "parent", "aliases", "description"]
    assert fields["name"].text() == "Ship"
    assert fields["color"].text() == "#e69f00"
    ticked = [box.objectName() for box in fields["kinds"].findChildren(QCheckBox) if box.isChecked()]
    assert sorted(ticked) == ["box", "polygon", "rotated_box"]
    assert fields["hotkey"].currentData() == "1"
    assert fields["parent"].currentData() is None
    assert fields["description"].toPlainText() == MARITIME["ship"].description


def test_fields_of_a_class_go_into_the_draft(form_of, draft):
    form = form_of(SHIP, choose=lambda before, parent: "#123456")
    enter(form.fields["name"], "Vessel")
    form.fields["color"].click()
    form.fields["kinds"].findChild(QCheckBox, "box").click()
    enter(form.fields["aliases"], "boat, craft ,")
    ship = draft.current["ship"]
    assert (ship.name, ship.color, ship.aliases) == ("Vessel", "#123456", ("boat", "craft"))
    assert ship.kinds == (Kind.ROTATED_BOX, Kind.POLYGON)
    assert len(draft.changes) == 4


def test_a_color_that_is_not_chosen_changes_nothing(form_of, draft):
    form_of(SHIP).fields["color"].click()
    assert draft.changes == []


def test_keys_that_others_have_are_not_offered(form_of):
    box = form_of(SHIP).fields["hotkey"]
    offered = [box.itemData(i) for i in range(box.count())]
    assert offered[:3] == [None, "1", "9"]


def test_parents_are_other_classes_that_are_offered(qtbot):
    form = form_for(SHIP, archive_class(MARITIME, "buoy"), lambda before, parent: None)
    qtbot.addWidget(form)
    box = form.fields["parent"]
    offered = [box.itemData(i) for i in range(box.count())]
    assert "ship" not in offered
    assert "buoy" not in offered
    assert "dock" in offered


def test_choices_go_into_the_draft(form_of, draft):
    form = form_of(SHIP)
    for name, value in (("hotkey", "9"), ("parent", "dock")):
        box = form.fields[name]
        box.activated.emit(box.findData(value))
    assert (draft.current["ship"].hotkey, draft.current["ship"].parent) == ("9", "dock")


def test_a_guideline_counts_when_it_is_left(form_of, draft):
    text = form_of(SHIP).fields["description"]
    text.selectAll()
    QTest.keyClicks(text, "Draw the hull.")
    assert draft.changes == []
    leave(text)
    leave(text)
    assert draft.current["ship"].description == "Draw the hull."
    assert draft.changes == ["ship: another description"]


def test_numbers_have_limits_and_a_unit(form_of, draft):
    form = form_of(LENGTH)
    assert [form.fields[name].text() for name in ("minimum", "maximum", "unit")] == ["1", "500", "m"]
    enter(form.fields["minimum"], "2.5")
    enter(form.fields["unit"], "")
    length = attribute_at(draft.current, "ship", ("length_m",))
    assert (length.minimum, length.unit) == (2.5, None)
    with pytest.raises(OntologyError, match="900 is more than the maximum"):
        apply_edit(draft, LENGTH, "minimum", "900")
    with pytest.raises(OntologyError, match='"many" is not a number'):
        apply_edit(draft, LENGTH, "maximum", "many")
    assert attribute_at(draft.current, "ship", ("length_m",)) == length


def test_texts_have_a_pattern(form_of, draft):
    form = form_of(IMO)
    assert form.fields["pattern"].text() == "[0-9]{7}"
    enter(form.fields["pattern"], "[0-9]{6,7}")
    assert attribute_at(draft.current, "ship", ("imo",)).pattern == "[0-9]{6,7}"
    with pytest.raises(OntologyError, match="is not a regular expression"):
        apply_edit(draft, IMO, "pattern", "(")


def test_answers_stand_one_a_line(form_of, draft):
    text = form_of(STATE).fields["options"]
    assert text.toPlainText() == "Underway\nMoored\nAnchored\nUnknown"
    text.setPlainText("Underway\n\n Adrift \nMoored")
    leave(text)
    found = attribute_at(draft.current, "ship", ("state",)).options
    assert [(o.id, o.archived) for o in found] == [
        ("underway", False), ("adrift", False), ("moored", False), ("anchored", True), ("unknown", True)
    ]  # fmt: skip


def test_a_question_becomes_required_by_a_tick(form_of, draft):
    form_of(STATE).fields["required"].click()
    assert attribute_at(draft.current, "ship", ("state",)).required


def test_an_answer_is_renamed(form_of, draft):
    enter(form_of(MOORED).fields["name"], "At a quay")
    assert draft.changes == ["ship.state.moored: name Moored becomes At a quay"]


def test_the_ontology_has_a_name_a_version_and_a_text(form_of, draft):
    form = form_of(WHOLE)
    enter(form.fields["version"], "2024-06")
    assert draft.finished.version == "2024-06"
    with pytest.raises(OntologyError, match="is empty; give a name"):
        apply_edit(draft, WHOLE, "name", "")


def test_the_scene_says_where_its_questions_stand(form_of):
    assert form_of(SCENE).fields == {}


def test_whatever_can_be_archived_can_be_taken_back(draft):
    for place in (SHIP, STATE, MOORED):
        set_archived(draft, place, archived=True)
    assert draft.changes == ["ship.state: archived", "ship.state.moored: archived", "ship: archived"]
    for place in (SHIP, STATE, MOORED):
        set_archived(draft, place, archived=False)
    assert draft.changes == []
    set_archived(draft, WHOLE, archived=True)
    assert draft.changes == []


def test_a_line_that_is_left_as_it_was_is_no_edit(qtbot):
    form, heard = Form(), []
    qtbot.addWidget(form)
    form.edited.connect(lambda *edit: heard.append(edit))
    line = form.line("name", "Name", "Ship")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert heard == []
    enter(line, "Boat")
    assert heard[0] == ("name", "Boat")

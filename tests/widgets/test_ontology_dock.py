"""The ontology editor without a window: its tree, its buttons, and what it refuses."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_geolabel.errors import WriteError
from napari_geolabel.ontology import editing
from napari_geolabel.ontology.outline import Place
from napari_geolabel.widgets.ontology_dock import SORTS, OntologyDock

WHOLE, SCENE = Place(what="ontology"), Place(what="scene")
SHIP, WAKE = Place(what="class", class_id="ship"), Place(what="class", class_id="wake")
STATE = Place(what="attribute", class_id="ship", way=("state",))
MOORED = Place(what="option", class_id="ship", way=("state", "moored"))


@pytest.fixture
def dock(session, qtbot):
    made = OntologyDock(session)
    qtbot.addWidget(made)
    return made


def add(dock, name, sort):
    dock.sort.setCurrentIndex(dock.sort.findData(sort))
    dock.name.setText(name)
    dock.add.click()


def titles(dock):
    return [item.text(0) for item in dock._items()]


def test_all_of_the_ontology_stands_in_the_tree(dock, session):
    places = [item.data(0, Qt.ItemDataRole.UserRole) for item in dock._items()]
    assert len(places) == len(set(places))
    ontology = session.labels.ontology
    assert titles(dock)[0] == ontology.name
    assert {c.name for c in ontology.classes} <= set(titles(dock))
    assert dock.place == WHOLE


def test_what_is_chosen_has_a_form_and_buttons_that_fit(dock):
    assert not dock.archive.isEnabled()
    for place, can_move in ((SHIP, True), (STATE, False), (MOORED, False)):
        dock.choose(place)
        assert dock.place == place
        assert dock.archive.isEnabled()
        assert dock.up.isEnabled() == can_move
        assert "name" in dock.form.fields
    dock.choose(SCENE)
    assert not dock.archive.isEnabled()


def test_every_sort_of_question_can_be_added_to_a_class(dock):
    dock.choose(WAKE)
    for sort in SORTS:
        if sort != "class":
            dock.choose(WAKE)
            add(dock, f"A {sort}", sort)
            assert dock.place.way == (f"a_{sort}",)
            assert dock.refusal.text() == ""
    assert [a.type for a in dock.draft.current["wake"].attributes] == [sort for sort in SORTS if sort != "class"]
    assert len(dock.draft.changes) == 6


def test_a_question_beside_an_attribute_stands_at_its_level_and_under_an_option_below_it(dock):
    dock.choose(STATE)
    add(dock, "Beside", "text")
    assert dock.place.way == ("beside",)
    dock.choose(MOORED)
    add(dock, "Below", "text")
    assert dock.place.way == ("state", "moored", "below")
    dock.choose(SCENE)
    add(dock, "Ice", "boolean")
    assert dock.place == Place(what="attribute", way=("ice",))


def test_what_cannot_be_added_says_why(dock):
    add(dock, "  ", "class")
    assert dock.refusal.text() == "give a name to what you want to add"
    dock.choose(WHOLE)
    add(dock, "Where", "text")
    assert dock.refusal.text().startswith("choose the class, the answer or the whole scene")
    dock.choose(SHIP)
    add(dock, "x" * 200, "text")
    assert "is not a name of one line" in dock.refusal.text()
    assert dock.name.text() == "x" * 200, "what was typed can be corrected"
    assert dock.draft.changes == []


def test_an_edit_that_is_refused_leaves_the_field_as_it_was(dock):
    dock.choose(SHIP)
    dock.form.edited.emit("aliases", "buoy")
    assert '"buoy" leads to buoy already; take it out' in dock.refusal.text()
    assert dock.form.fields["aliases"].text() == ""
    dock.choose(WAKE)
    assert dock.refusal.text() == ""


def test_archived_ones_are_slanted_and_can_be_restored(dock):
    dock.choose(STATE)
    dock.archive.click()
    item = dock.tree.currentItem()
    assert item.text(0) == "State (archived)"
    assert item.font(0).italic()
    assert dock.archive.text() == "Restore"
    dock.archive.click()
    assert dock.draft.changes == []


def test_classes_move_and_stay_chosen(dock, session):
    order = [c.id for c in session.labels.ontology.classes]
    dock.choose(WAKE)
    dock.up.click()
    assert [c.id for c in dock.draft.current.classes].index("wake") == order.index("wake") - 1
    assert dock.place == WAKE
    for _ in range(20):
        dock.down.click()
    assert dock.draft.current.classes[-1].id == "wake"
    for _ in range(20):
        dock.up.click()
    assert dock.draft.current.classes[0].id == "wake"


def test_steps_go_back_and_forth_and_can_be_given_up(dock):
    assert not dock.undo.isEnabled()
    add(dock, "Reef", "class")
    assert dock.about.text().startswith("1 change since version ")
    add(dock, "Oil", "class")
    assert dock.about.text().startswith("2 changes since version ")
    dock.undo.click()
    assert [c.id for c in dock.draft.current.classes][-1] == "reef"
    dock.redo.click()
    assert [dock.changes.item(i).text() for i in range(dock.changes.count())] == ["reef: new class", "oil: new class"]
    dock.revert.click()
    assert (dock.draft.changes, dock.revert.isEnabled(), dock.apply.isEnabled()) == ([], False, False)
    assert dock.about.text() == "No changes"


def test_the_version_that_it_is_used_as_is_told_before(dock, session):
    add(dock, "Reef", "class")
    after = editing.next_version(session.labels.ontology.version)
    assert dock.apply.text() == f"Use it as version {after}"
    dock.apply.click()
    assert session.labels.ontology.version == after
    assert dock.about.text() == "No changes"


def test_an_ontology_that_came_from_elsewhere_is_begun_with_unless_somebody_is_at_it(dock, session):
    labels = session.labels
    labels.evolve(editing.add_class(labels.ontology, "Reef", ["polygon"]))
    assert dock.draft.base is labels.ontology
    assert "Reef" in titles(dock)
    add(dock, "Oil", "class")
    labels.evolve(editing.add_class(labels.ontology, "Ice", ["polygon"]))
    assert "has changed meanwhile; revert" in dock.refusal.text()
    assert "oil" in dock.draft.current
    dock.apply.click()
    assert "is no successor: the class ice is gone" in dock.refusal.text()
    assert "oil" not in labels.ontology
    dock.revert.click()
    assert "Ice" in titles(dock)


def test_labels_that_are_read_only_cannot_take_it(dock, session):
    session.labels.store.refusal = WriteError("opened for reading")
    add(dock, "Reef", "class")
    assert not dock.apply.isEnabled()
    session.labels.store.refusal = None


def test_the_current_class_may_be_archived(dock, session):
    session.current_class = "buoy"
    dock.choose(Place(what="class", class_id="buoy"))
    dock.archive.click()
    dock.apply.click()
    assert session.labels.ontology["buoy"].archived
    assert session.current_class in session.labels.ontology


def test_an_open_branch_stays_open(dock):
    dock.choose(SHIP)
    dock.tree.currentItem().setExpanded(True)
    add(dock, "Reef", "class")
    dock.choose(SHIP)
    assert dock.tree.currentItem().isExpanded()


def test_it_ends_with_the_session(session, qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    dock = OntologyDock(session)
    dock.setParent(holder)
    session.close()
    session.labels.use_ontology(editing.add_class(session.labels.ontology, "Reef", ["polygon"]))
    assert "reef" not in dock.draft.current

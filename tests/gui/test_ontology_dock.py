"""The ontology is edited in the window while labelling goes on."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QFocusEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QCheckBox

from napari_geolabel.ontology import Kind, LabelClass, Ontology, load_ontology, save_ontology
from napari_geolabel.ontology.outline import Place
from napari_geolabel.widgets.ontology_dock import OntologyDock
from napari_geolabel.widgets.panels import Panels

LEFT = Qt.MouseButton.LeftButton
SHIP = Place(what="class", class_id="ship")


@pytest.fixture
def dock(session, viewer, press, wait):
    """The dock, opened by its key."""
    press("Alt+O")
    found = viewer.window._qt_window.findChild(OntologyDock)
    assert found is not None
    assert found.isVisible()
    return found


def click(widget, wait):
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT)
    wait()


def write_into(text, words, dock, wait):
    """Write a text of several lines and leave it."""
    text.setFocus()
    text.selectAll()
    for number, line in enumerate(words.splitlines()):
        if number:
            QTest.keyClick(text, Qt.Key.Key_Return)
        QTest.keyClicks(text, line)
    QApplication.sendEvent(text, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    wait()


def type_into(line, text, wait):
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    wait()


def test_a_class_is_made_asked_about_and_used_and_an_old_one_archived(dock, session, viewer, wait, photograph, told):
    labels, panels = session.labels, viewer.window._qt_window.findChild(Panels)
    # a class, its colour, kinds and guideline
    type_into(dock.name, "Oil slick", wait)
    assert dock.place == Place(what="class", class_id="oil_slick")
    type_into(dock.form.fields["name"], "Oil", wait)
    dock.form.fields["kinds"].findChild(QCheckBox, "mask").click()
    wait()
    dock._choose_color = lambda before, parent: "#112233"
    dock.show_draft()
    click(dock.form.fields["color"], wait)
    write_into(dock.form.fields["description"], "Dark and smooth.", dock, wait)
    made = dock.draft.current["oil_slick"]
    assert (made.name, made.color, made.mask_value) == ("Oil", "#112233", 5)
    assert (made.kinds, made.description) == ((Kind.POLYGON, Kind.MASK), "Dark and smooth.")
    # a question with answers, and one under an answer
    dock.sort.setCurrentIndex(dock.sort.findData("radio"))
    type_into(dock.name, "Age", wait)
    write_into(dock.form.fields["options"], "Fresh\nOld", dock, wait)
    dock.choose(Place(what="option", class_id="oil_slick", way=("age", "old")))
    dock.sort.setCurrentIndex(dock.sort.findData("number"))
    type_into(dock.name, "Days", wait)
    type_into(dock.form.fields["maximum"], "90", wait)
    (age,) = dock.draft.current["oil_slick"].attributes
    assert [o.id for o in age.options] == ["fresh", "old"], "what never was in use leaves nothing archived"
    assert age.options[1].attributes[0].maximum == 90
    # nothing else has heard of it yet
    assert "oil_slick" not in labels.ontology
    assert "oil_slick" not in panels.classes.rows
    # what cannot be says why, and the field goes back
    type_into(dock.form.fields["maximum"], "many", wait)
    assert '"many" is not a number' in dock.refusal.text()
    assert dock.form.fields["maximum"].text() == "90"
    dock.choose(Place(what="class", class_id="clutter"))
    click(dock.archive, wait)
    assert dock.archive.text() == "Restore"
    photograph("ontology_dock_draft")
    click(dock.apply, wait)
    assert "oil_slick" in panels.classes.rows
    assert "clutter" not in panels.classes.rows
    assert (labels.ontology.version, dock.draft.changes, dock.apply.isEnabled()) == ("1.2", [], False)
    assert told[-1] == "labelling goes on with Ships and ports 1.2"
    session.current_class = "oil_slick"
    labels.add(shapely.box(100, 100, 140, 130), "oil_slick")
    photograph("ontology_dock_used")


def test_what_does_not_fit_is_shown_before_answers_are_left_out(dock, session, wait):
    labels, asked = session.labels, []
    ship = labels.add(shapely.box(10, 10, 60, 20), "ship", kind="box", attributes={"length_m": 400})
    dock._ask = lambda parent, foreseen: asked.append(foreseen) or len(asked) > 1
    dock.choose(Place(what="attribute", class_id="ship", way=("length_m",)))
    type_into(dock.form.fields["maximum"], "300", wait)
    click(dock.apply, wait)
    assert [c.annotation_id for c in asked[0].clashes] == [ship.id]
    assert labels[ship.id].attributes["length_m"] == 400
    assert dock.draft.changes == ["ship.length_m: maximum 500 becomes 300"]
    click(dock.apply, wait)
    assert dict(labels[ship.id].attributes) == {}
    assert labels.ontology["ship"].attributes[3].maximum == 300
    session.undo()  # tells why not, and breaks nothing
    assert dict(labels[ship.id].attributes) == {}


def test_steps_go_back_and_files_come_and_go(dock, session, wait, tmp_path, told):
    before = session.labels.ontology
    dock.choose(SHIP)
    click(dock.down, wait)
    assert [c.id for c in dock.draft.current.classes][:2] == ["bow", "ship"]
    click(dock.undo, wait)
    assert dock.draft.current == before
    click(dock.redo, wait)
    click(dock.revert, wait)
    assert (dock.draft.current, dock.undo.isEnabled()) == (before, False)
    path = tmp_path / "ships.json"
    dock.files.choose_export = lambda parent: (str(path), "Encord ontology (*.json)")
    click(dock.files.export, wait)
    assert "mask values left out" in told[-1]
    dock.files.choose_import = lambda parent: (str(path), "")
    click(dock.files.import_, wait)
    assert dock.draft.current == before, "classes that are known stay as they are"
    clouds = tmp_path / "clouds.yaml"
    haze = LabelClass(id="haze", name="Haze", color="#aabbcc", mask_value=1, kinds=("mask",), hotkey="1")
    save_ontology(Ontology(id="x", name="X", version="1", classes=(haze,)), clouds)
    dock.files.choose_import = lambda parent: (str(clouds), "")
    click(dock.files.import_, wait)
    haze = dock.draft.current["haze"]
    assert (haze.mask_value, haze.hotkey) == (5, None)
    clouds.write_text("nonsense")
    click(dock.files.import_, wait)
    assert "clouds.yaml: it is not an ontology" in dock.refusal.text()
    assert load_ontology("maritime") == before

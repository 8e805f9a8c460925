"""The attribute form asks what the ontology says and answers through the session."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.ontology import Attribute, Option
from napari_geolabel.viewer.attribute_editor import VARIOUS
from napari_geolabel.widgets.attribute_fields import UNANSWERED, make_field
from napari_geolabel.widgets.attribute_form import AttributeForm
from napari_geolabel.widgets.attribute_panel import AttributePanel, SceneAttributePanel
from napari_geolabel.widgets.parts import DOCK_PX

BOX = shapely.box(10, 10, 40, 30)


def ask(kind, **fields):
    return Attribute(id="it", name="It", type=kind, **fields)


AB = (Option(id="a", name="A & A"), Option(id="b", name="B"))


def answers_of(field):
    said = []
    field.answered.connect(said.append)
    return said


@pytest.fixture
def field_of(qtbot):
    def make(kind, **fields):
        field = make_field(ask(kind, **fields))
        qtbot.addWidget(field)
        field.show()
        return field, answers_of(field)

    return make


def type_into(field, text):
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, text)
    QTest.keyClick(field.line, Qt.Key.Key_Return)


class TestFields:
    def test_a_radio_offers_its_options_and_none(self, field_of):
        field, said = field_of("radio", options=AB)
        assert [field.box.itemText(i) for i in range(field.box.count())] == [UNANSWERED, "A & A", "B"]
        field.show_value("b")
        assert (field.box.currentText(), said) == ("B", [])
        QTest.keyClick(field.box, Qt.Key.Key_Up)
        assert said == ["a"]
        field.show_value(None)
        assert field.box.currentText() == UNANSWERED

    def test_values_that_differ_are_said_to_be_various(self, field_of):
        field, said = field_of("radio", options=AB)
        field.show_value(VARIOUS)
        assert field.box.currentIndex() == -1
        assert field.box.placeholderText() == "various"
        line, typed = field_of("number")
        line.show_value(VARIOUS)
        assert (line.line.text(), line.line.placeholderText()) == ("", "various")
        assert said == typed == []

    def test_an_option_that_is_none_any_more_is_shown_as_it_stands(self, field_of):
        field, said = field_of("radio", options=AB)
        field.show_value("c")
        assert (field.box.currentIndex(), field.box.placeholderText(), said) == (-1, "c", [])

    def test_yes_and_no_are_values_and_not_words(self, field_of):
        field, said = field_of("boolean")
        field.show_value(False)
        assert field.box.currentText() == "no"
        QTest.keyClick(field.box, Qt.Key.Key_Up)
        assert said == [True]
        QTest.keyClick(field.box, Qt.Key.Key_Home)
        assert said[-1] is None

    def test_a_checklist_answers_with_all_that_is_ticked(self, field_of):
        field, said = field_of("checklist", options=AB)
        field.show_value(("b",))
        assert [box.isChecked() for box in field.boxes.values()] == [False, True]
        field.boxes["a"].click()
        assert said == [("a", "b")]
        field.boxes["a"].click()
        field.boxes["b"].click()
        assert said[-1] is None

    def test_a_click_on_various_ticks_answers_for_all(self, field_of):
        field, said = field_of("checklist", options=AB)
        field.show_value(VARIOUS)
        assert {box.checkState() for box in field.boxes.values()} == {Qt.CheckState.PartiallyChecked}
        field.boxes["a"].click()
        assert said == [("a",)]

    @pytest.mark.parametrize(("typed", "said"), [("12", 12), ("1,5", 1.5), ("-3e2", -300), ("ten", "ten"), ("", None)])
    def test_a_number_is_typed_with_point_or_comma(self, field_of, typed, said):
        field, answers = field_of("number", minimum=1, maximum=500, unit="m")
        assert field.line.text() == ""
        field.show_value(7)
        type_into(field, typed) if typed else (field.line.clear(), field.line.setModified(True), type_into(field, ""))
        assert answers == [said]
        assert type(answers[0]) is type(said)

    def test_a_number_says_its_range_and_unit(self, field_of):
        field, _ = field_of("number", minimum=1, maximum=500, unit="m")
        field.show_value(None)
        assert field.line.placeholderText() == "1 to 500"
        assert field_of("number", minimum=1)[0]._hint == "1 or more"
        assert field_of("number", maximum=9)[0]._hint == "up to 9"

    def test_what_is_being_typed_is_not_overwritten(self, field_of, qtbot):
        field, _ = field_of("text")
        field.activateWindow()
        field.line.setFocus()
        qtbot.waitUntil(field.line.hasFocus, timeout=10000)
        QTest.keyClicks(field.line, "Ever")
        field.show_value("Maersk")
        assert field.line.text() == "Ever"

    def test_leaving_a_field_untouched_answers_nothing(self, field_of):
        field, said = field_of("date")
        field.show_value("2024-05-31")
        QTest.keyClick(field.line, Qt.Key.Key_Return)
        assert said == []

    def test_the_wheel_does_not_change_an_answer(self, field_of):
        from qtpy.QtCore import QPoint, QPointF
        from qtpy.QtGui import QWheelEvent
        from qtpy.QtWidgets import QApplication

        field, said = field_of("radio", options=AB)
        field.show_value("a")
        no_button, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        at, phase = QPointF(5, 5), Qt.ScrollPhase.NoScrollPhase
        turn = QWheelEvent(at, at, QPoint(0, 0), QPoint(0, -120), no_button, none, phase, False)
        QApplication.sendEvent(field.box, turn)
        assert (field.box.currentText(), said) == ("A & A", [])


class TestForm:
    @pytest.fixture
    def form(self, qtbot):
        form = AttributeForm()
        qtbot.addWidget(form)
        form.show()
        return form

    @pytest.fixture
    def ship(self, session):
        return session.labels.ontology["ship"].attributes

    def test_what_is_asked_under_an_option_appears_with_it(self, form, ship):
        form.show_attributes(ship, {}, frozenset({"category"}))
        assert "type" not in form.fields
        form.show_attributes(ship, {"category": "merchant"}, frozenset())
        assert list(form.fields)[:3] == ["category", "type", "state"]
        assert form._names["type"].text() == "    Type"
        form.show_attributes(ship, {"category": VARIOUS}, frozenset())
        assert "type" not in form.fields

    def test_required_ones_are_starred_and_bold_while_missing(self, form, ship):
        form.show_attributes(ship, {}, frozenset({"category"}))
        assert form._names["category"].text() == "Category *"
        assert form._names["category"].font().bold()
        form.show_attributes(ship, {"category": "unknown"}, frozenset())
        assert not form._names["category"].font().bold()

    def test_fields_that_stay_are_kept_so_that_the_keyboard_stays(self, form, ship):
        form.show_attributes(ship, {}, frozenset())
        before = form.fields["category"], form.fields["state"]
        form.show_attributes(ship, {"category": "merchant"}, frozenset())
        assert (form.fields["category"], form.fields["state"]) == before

    def test_the_same_id_under_another_option_is_another_field(self, form, ship):
        form.show_attributes(ship, {"category": "merchant", "type": "tanker"}, frozenset())
        merchant = form.fields["type"]
        form.show_attributes(ship, {"category": "fishing", "type": "trawler"}, frozenset())
        assert form.fields["type"] is not merchant
        assert form.fields["type"].box.currentText() == "Trawler"
        assert not merchant.isVisible()

    def test_long_names_and_options_do_not_widen_the_dock(self, form):
        long = "Percentage of the scene that thin clouds and haze together cover, by eye"
        options = (Option(id="a", name=long), Option(id="b", name="B"))
        asked = [
            Attribute(id="radio", name=long, type="radio", options=options),
            Attribute(id="many", name=long.replace(" ", "-"), type="checklist", options=options),
            Attribute(id="text", name=long, type="text"),
        ]
        form.show_attributes(asked, {"radio": "a"}, frozenset())
        assert form.minimumSizeHint().width() < DOCK_PX - 40
        assert form.fields["many"].boxes["a"].toolTip() == long

    def test_archived_attributes_are_not_asked(self, form):
        form.show_attributes([ask("text", archived=True)], {}, frozenset())
        assert not form.fields

    def test_a_refusal_stands_below_until_the_next_showing(self, form, ship):
        form.show_attributes(ship, {}, frozenset())
        form.refuse("imo: no")
        assert form.refusal.isVisible()
        form.show_attributes(ship, {}, frozenset())
        assert not form.refusal.isVisible()

    def test_escape_leaves_the_form(self, form, ship):
        left = []
        form.left.connect(lambda: left.append(True))
        form.show_attributes(ship, {}, frozenset())
        QTest.keyClick(form.fields["name"].line, Qt.Key.Key_Escape)
        assert left == [True]

    def test_the_keyboard_starts_at_what_is_missing(self, form, qtbot, ship):
        form.activateWindow()
        form.show_attributes(ship, {}, frozenset({"state"}))
        form.focus_first()
        qtbot.waitUntil(form.fields["state"].box.hasFocus, timeout=10000)
        form.show_attributes([], {}, frozenset())
        form.focus_first()  # nothing to focus is no error


class TestPanel:
    @pytest.fixture
    def panel(self, session, qtbot):
        panel = AttributePanel(session)
        qtbot.addWidget(panel)
        panel.show()
        return panel

    def test_it_follows_class_and_store(self, panel, session):
        assert panel.subject.text() == "next Ship"
        session.current_class = "wake"
        assert panel.subject.text() == "next Wake"

    def test_an_answer_reaches_the_annotation_and_undo_the_form(self, panel, session):
        ship = session.labels.add(BOX, "ship", kind="box")
        session.attributes.follow(ship.id)
        session.attributes.refresh()
        panel.form.fields["category"].answered.emit("merchant")
        assert session.labels[ship.id].attributes == {"category": "merchant"}
        assert "type" in panel.form.fields
        session.undo()
        assert "type" not in panel.form.fields

    def test_a_refused_answer_is_told_below_the_form(self, panel, session):
        ship = session.labels.add(BOX, "ship", kind="box")
        session.attributes.follow(ship.id)
        session.attributes.refresh()
        type_into(panel.form.fields["imo"], "12")
        assert "does not match" in panel.form.refusal.text()
        assert "imo" not in session.labels[ship.id].attributes

    @pytest.mark.parametrize("still_there", [True, False])
    def test_what_is_being_typed_belongs_to_what_was_selected_when_it_was(self, panel, session, qtbot, still_there):
        """A key of the table takes the selection elsewhere and leaves the keyboard in the field."""
        first, second = (session.labels.add(BOX, "ship", kind="box").id for _ in range(2))
        session.selection.select([first])
        panel.activateWindow()
        panel.form.fields["name"].setFocus()
        qtbot.waitUntil(panel.form.fields["name"].line.hasFocus, timeout=10000)
        QTest.keyClicks(panel.form.fields["name"].line, "Ever Given")
        session.selection.select([second]) if still_there else session.labels.remove(first)
        assert [session.labels[i].attributes.get("name") for i in session.labels if i == first] == (
            ["Ever Given"] if still_there else []
        )
        assert "name" not in session.labels[second].attributes
        assert panel.form.fields["name"].line.text() == ""
        QTest.keyClick(panel.form.fields["name"].line, Qt.Key.Key_Return)
        assert "name" not in session.labels[second].attributes

    def test_what_was_typed_for_another_and_is_refused_is_told(self, panel, session, qtbot, told):
        first, second = (session.labels.add(BOX, "ship", kind="box").id for _ in range(2))
        session.selection.select([first])
        panel.activateWindow()
        panel.form.fields["imo"].setFocus()
        qtbot.waitUntil(panel.form.fields["imo"].line.hasFocus, timeout=10000)
        QTest.keyClicks(panel.form.fields["imo"].line, "12")
        session.selection.select([second])
        assert "does not match" in told[-1]

    def test_repeating_choices_can_be_switched_off(self, panel, session):
        panel.form.fields["category"].answered.emit("fishing")
        panel.remembers.click()
        assert not session.attributes.remembers
        assert session.attributes.sheet.values == {}

    def test_a_new_drawing_starts_with_the_last_choices(self, panel, session):
        panel.form.fields["category"].answered.emit("fishing")
        drawn = session.new_annotation(BOX, next(k for k in session.labels.ontology["ship"].kinds if k == "box"))
        assert drawn.attributes == {"category": "fishing"}


class TestScene:
    def test_the_scene_is_asked_what_the_ontology_asks(self, session, qtbot):
        panel = SceneAttributePanel(session)
        qtbot.addWidget(panel)
        asked = session.labels.ontology.scene_attributes
        assert list(panel.form.fields) == [a.id for a in asked if not a.archived]
        radio = next(a for a in asked if a.type == "radio")
        panel.form.fields[radio.id].answered.emit(radio.options[0].id)
        assert session.labels.scene_attributes[radio.id] == radio.options[0].id
        session.undo()
        assert panel.form.fields[radio.id].box.currentText() == UNANSWERED

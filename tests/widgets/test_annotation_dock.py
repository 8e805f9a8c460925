"""The table of annotations: what it shows, how it follows, and what can be done from it."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import QItemSelectionModel, Qt
from qtpy.QtWidgets import QComboBox, QDockWidget, QMainWindow, QWidget

from napari_geolabel.annotations import Problem, Status
from napari_geolabel.annotations.filters import AnnotationFilter, AttributeTest, attributes_text
from napari_geolabel.errors import AttributeValueError
from napari_geolabel.widgets.annotation_columns import size_text
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.annotation_model import (
    ATTRIBUTES,
    CLASS,
    COLUMNS,
    MOST_SINGLE_ROWS,
    PROBLEM,
    SIZE,
    STATUS,
    AnnotationModel,
)
from napari_geolabel.widgets.parts import TABLE_ROW_PX

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def ship(labels, x=10, size=10, **fields):
    return labels.add(shapely.box(x, 10, x + size, 15), "ship", kind="box", **fields).id


@pytest.fixture
def edits():
    return []


@pytest.fixture
def model(labels, edits):
    made = AnnotationModel(labels, lambda name, column, value: edits.append((name, column.name, value)))
    labels.changed.connect(made.take)
    return made


def column(model, number):
    return [model.index(row, number).data() for row in range(model.rowCount())]


class TestModel:
    def test_a_row_says_what_an_annotation_is(self, labels, model):
        ship(labels, attributes={"category": "merchant", "length_m": 90}, confidence=0.876, status="suggested")
        texts = [model.index(0, number).data() for number in range(model.columnCount())]
        assert texts[CLASS] == "Ship"
        assert texts[ATTRIBUTES] == "category merchant, length_m 90"
        assert texts[STATUS] == "suggested"
        assert texts[4] == "0.88"
        assert texts[SIZE].endswith(" m")
        assert " x " in texts[SIZE]

    def test_rows_come_change_and_go_one_by_one(self, labels, model):
        resets = []
        model.modelReset.connect(lambda: resets.append(True))
        first, second = ship(labels), ship(labels, 30)
        assert model.ids == [first, second]
        labels.update(first, status="accepted")
        assert column(model, STATUS) == ["accepted", "draft"]
        labels.remove(first)
        assert model.ids == [second]
        assert (model.row_of(second), model.row_of(first)) == (0, None)
        labels.undo()
        assert set(model.ids) == {first, second}
        assert resets == []

    def test_a_large_change_shows_the_table_anew(self, labels, model):
        resets = []
        model.modelReset.connect(lambda: resets.append(True))
        labels.add_many([shapely.box(1, 1, 5, 5)] * (MOST_SINGLE_ROWS + 1), "ship", kind="box")
        assert model.rowCount() == MOST_SINGLE_ROWS + 1
        assert resets == [True]

    @pytest.mark.parametrize(
        ("wanted", "seen"),
        [
            (AnnotationFilter(text="MERCH"), [0]),
            (AnnotationFilter(text="wake"), [2]),
            (AnnotationFilter(class_ids=["ship"]), [0, 1]),
            (AnnotationFilter(statuses=[Status.ACCEPTED]), [1]),
            (AnnotationFilter(class_ids=["ship"], text="fish"), [1]),
            (AnnotationFilter(text="nothing like this"), []),
        ],
    )
    def test_filters_narrow_what_is_seen(self, labels, model, wanted, seen):
        ids = [
            ship(labels, attributes={"category": "merchant"}),
            ship(labels, attributes={"category": "fishing"}, status="accepted"),
            labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake").id,
        ]
        model.filter(wanted)
        assert model.ids == [ids[i] for i in seen]

    def test_an_edit_takes_a_row_out_of_a_filter_or_into_it(self, labels, model):
        only = ship(labels)
        model.filter(AnnotationFilter(statuses=[Status.ACCEPTED]))
        assert model.ids == []
        labels.update(only, status="accepted")
        assert model.ids == [only]
        labels.update(only, status="draft")
        assert model.ids == []

    def test_only_those_with_problems(self, labels, model):
        good, bad = ship(labels), ship(labels, 50)
        model.filter(AnnotationFilter(only_problems=True))
        assert model.ids == []
        model.show_problems({bad: [Problem(annotation_id=bad, rule="tiny", message="too small")]})
        assert model.ids == [bad]
        assert column(model, PROBLEM) == ["too small"]
        model.filter(AnnotationFilter())
        assert column(model, PROBLEM) == ["", "too small"]
        assert good in model.ids

    def test_numbers_are_sorted_as_numbers(self, labels, model):
        small, large, middle = ship(labels, size=2), ship(labels, size=100), ship(labels, size=20)
        model.sort(SIZE, ASCENDING)
        assert model.ids == [small, middle, large]
        model.sort(SIZE, DESCENDING)
        assert model.ids == [large, middle, small]
        model.sort(-1)
        assert model.ids == [small, large, middle]

    def test_class_and_status_are_edited_in_place_and_nothing_else(self, labels, model, edits):
        only = ship(labels)
        assert model.setData(model.index(0, STATUS), "accepted")
        assert model.setData(model.index(0, CLASS), "dock")
        assert not model.setData(model.index(0, CLASS), "ship")
        assert not model.setData(model.index(0, SIZE), "3")
        assert edits == [(only, "status", "accepted"), (only, "class", "dock")]
        editable = [bool(model.flags(model.index(0, c)) & Qt.ItemFlag.ItemIsEditable) for c in range(6)]
        assert editable == [True, False, False, True, False, False]

    def test_columns_of_attributes_come_and_go_and_nothing_else_is_disturbed(self, labels, model):
        ids = [ship(labels, attributes={"length_m": size}) for size in (30, 10, 200)]
        resets = []
        model.modelReset.connect(lambda: resets.append(True))
        model.show_attributes(["length_m", "category", "length_m", "tonnage"])
        assert model.attributes == ["length_m", "category"]
        assert model.headerData(6, Qt.Orientation.Horizontal) == "Length [m]"
        assert column(model, 6) == ["30", "10", "200"]
        assert resets == []
        model.sort(6, DESCENDING)
        assert model.ids == [ids[2], ids[0], ids[1]]
        model.show_attributes([])
        assert model.columnCount() == len(COLUMNS)
        model.refresh()
        assert model.ids == ids

    def test_an_answer_takes_a_row_out_of_a_filter_by_attribute_or_into_it(self, labels, model):
        ids = [ship(labels), ship(labels, attributes={"category": "fishing"})]
        model.filter(AnnotationFilter(where=[AttributeTest(attribute="category", how="missing")]))
        assert model.ids == ids[:1]
        labels.answer(ids[0], category="merchant")
        assert model.ids == []
        labels.undo()
        assert model.ids == ids[:1]

    def test_a_question_that_makes_no_sense_leaves_the_table_as_it_was(self, labels, model):
        ids = [ship(labels), ship(labels, status="accepted")]
        model.filter(AnnotationFilter(statuses=[Status.ACCEPTED]))
        with pytest.raises(AttributeValueError):
            model.filter(AnnotationFilter(where=[AttributeTest(attribute="length_m", value="long")]))
        model.refresh()
        assert model.ids == ids[1:]

    def test_a_shape_that_grows_comes_into_a_filter_by_size(self, labels, model):
        only = ship(labels, size=4)
        model.filter(AnnotationFilter(min_area=3000))
        assert model.ids == []
        labels.update(only, geometry=shapely.box(10, 10, 40, 40))
        assert model.ids == [only]

    def test_texts(self, labels):
        made = labels[ship(labels, attributes={"category": "merchant"})]
        assert attributes_text(made) == "category merchant"
        assert size_text(1234.5, float("nan"), "m") == "1,234 m"
        assert size_text(99.96, 2.345, "m") == "100 x 2.35 m"
        assert size_text(120, 19.04, "m") == "120 x 19 m"
        assert size_text(float("nan"), 3, "px") == ""


@pytest.fixture
def dock(session, qtbot):
    made = AnnotationDock(session)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.hide()


class TestDock:
    def test_a_chosen_row_selects_its_annotation_and_goes_there(self, dock, session):
        ids = [ship(session.labels, x) for x in (10, 100)]
        dock.go_to(1)
        assert session.selection.ids == [ids[1]]
        before = session.viewer.scene.camera.center
        dock.next.click()
        assert session.selection.ids == [ids[0]]
        assert session.viewer.scene.camera.center != before
        dock.previous.click()
        assert session.selection.ids == [ids[1]]

    def test_several_rows_are_edited_at_once(self, dock, session):
        ids = [ship(session.labels, x) for x in (10, 50, 100)]
        dock.table.selectAll()
        dock.model.setData(dock.model.index(0, STATUS), "accepted")
        assert {session.labels[i].status for i in ids} == {Status.ACCEPTED}
        session.undo()
        assert {session.labels[i].status for i in ids} == {Status.DRAFT}

    def test_a_row_outside_the_selection_is_edited_alone(self, dock, session):
        ids = [ship(session.labels, x) for x in (10, 50)]
        dock.go_to(0)
        dock.model.setData(dock.model.index(1, STATUS), "rejected")
        assert [session.labels[i].status for i in ids] == [Status.DRAFT, Status.REJECTED]

    def test_an_edit_that_the_ontology_refuses_is_told(self, dock, session, told):
        only = session.labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake").id
        dock.model.setData(dock.model.index(0, CLASS), "buoy")
        assert told
        assert session.labels[only].class_id == "wake"

    def test_a_cell_is_edited_by_a_list_of_what_is_allowed(self, dock, session):
        only = ship(session.labels)
        delegate = dock.table.itemDelegateForColumn(STATUS)
        box = delegate.createEditor(dock.table.viewport(), None, dock.model.index(0, STATUS))
        assert isinstance(box, QComboBox)
        delegate.setEditorData(box, dock.model.index(0, STATUS))
        assert box.currentText() == "draft"
        box.setCurrentText("submitted")
        delegate.setModelData(box, dock.model, dock.model.index(0, STATUS))
        assert session.labels[only].status is Status.SUBMITTED
        classes = dock._class_choices()
        assert ("Ship", "ship") in classes
        assert len(classes) == len(dict(classes))

    def test_the_filters_of_the_dock_work_together(self, dock, session):
        ids = [ship(session.labels, status=status) for status in ("draft", "accepted")]
        dock.filters.statuses.setCurrentText("accepted")
        assert dock.model.ids == ids[1:]
        dock.filters.search.setText("no such ship")
        assert dock.model.ids == []
        dock.filters.search.clear()
        dock.filters.statuses.setCurrentIndex(0)
        dock.filters.classes.setCurrentText("Wake")
        assert dock.count.text().startswith("0 of 2 annotations")

    def test_what_cannot_be_looked_for_is_told_below_the_table(self, dock, session):
        ship(session.labels)
        dock.filters.more.setChecked(True)
        dock.filters.least.setText("long")
        assert dock.count.text() == "'long' is not a size; write a number"
        assert dock.model.rowCount() == 1
        dock.filters.least.setText("100000")
        assert dock.count.text().startswith("0 of 1 annotations")
        dock.filters.more.setChecked(False)
        assert dock.model.rowCount() == 1

    def test_the_second_row_of_filters_takes_no_row_from_the_table(self, dock, qtbot):
        """The dock grows by it and shrinks again, in a window; elsewhere nothing has to give way."""
        window, holder = QMainWindow(), QDockWidget()
        qtbot.addWidget(window)
        window.resize(900, 700)
        window.setCentralWidget(QWidget())
        holder.setWidget(dock)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, holder)
        window.show()
        window.resizeDocks([holder], [240], Qt.Orientation.Vertical)
        qtbot.waitUntil(lambda: abs(holder.height() - 240) < 30)
        before, table = holder.height(), dock.table.height()
        dock.filters.more.setChecked(True)
        qtbot.waitUntil(lambda: holder.height() > before)
        assert dock.filters.details.isVisible()
        assert dock.table.height() > table - TABLE_ROW_PX / 2
        dock.filters.more.setChecked(False)
        qtbot.waitUntil(lambda: holder.height() <= before + 8)
        holder.setFloating(True)
        dock.filters.more.setChecked(True)
        assert dock.filters.details.isVisible()
        dock.setParent(None)

    def test_problems_appear_by_themselves_and_can_be_mended(self, dock, session, qtbot, told):
        twins = [ship(session.labels) for _ in range(2)]
        qtbot.waitUntil(lambda: twins[1] in dock.watch.by_annotation, timeout=30000)
        assert any("lies exactly on another one" in text for text in column(dock.model, PROBLEM))
        assert "the scene has no answer to cloud_cover" in dock.count.text()
        dock.fix.click()
        assert list(session.labels) == [twins[1]]
        assert "undo takes it back" in told[-1]
        dock.fix.click()
        assert "nothing here can be mended safely" in told[-1]

    def test_only_seen_rows_are_mended(self, dock, session):
        twins = [ship(session.labels) for _ in range(2)]
        dock.filters.classes.setCurrentText("Wake")
        dock.fix.click()
        assert list(session.labels) == twins

    def test_nobody_looks_no_check_runs(self, dock, session):
        dock.hide()
        assert not dock.watch.is_wanted
        ship(session.labels)
        assert not dock.watch._timer.isActive()

    def test_rows_that_go_together_take_nobody_anywhere(self, dock, session):
        """Qt says that the selection changed while the rows go one by one, when the labels know none of them."""
        ids = [ship(session.labels, x) for x in (10, 50, 100)]
        dock.table.selectAll()
        where = session.viewer.scene.camera.center
        session.labels.remove(ids)
        assert dock.model.ids == []
        assert session.viewer.scene.camera.center == where

    def test_the_next_row_is_the_one_that_took_the_place_of_a_row_that_left_the_filter(self, dock, session):
        ids = [ship(session.labels, x) for x in (10, 50, 100)]
        dock.filters.statuses.setCurrentText("draft")
        dock.go_to(0)
        dock.model.setData(dock.model.index(0, STATUS), "accepted")
        assert dock.model.ids == ids[1:]
        dock.next.click()
        assert session.selection.ids == [ids[1]]

    def test_the_chosen_rows_stay_chosen_when_the_table_is_sorted_or_filtered(self, dock, session):
        ids = [ship(session.labels, size=size) for size in (5, 50, 20)]
        dock.go_to(1)
        where = session.viewer.scene.camera.center
        session.viewer.scene.camera.center = (0.0, 0.0)
        dock.model.sort(SIZE, ASCENDING)
        assert [dock.model.ids[index.row()] for index in dock.table.selectionModel().selectedRows()] == [ids[1]]
        assert dock.table.currentIndex().row() == 2
        assert tuple(session.viewer.scene.camera.center)[-2:] == (0.0, 0.0) != tuple(where)[-2:]
        dock.filters.search.setText("no such ship")
        dock.filters.search.clear()
        dock.next.click()
        assert session.selection.ids == [dock.model.ids[0]]

    def test_a_class_that_cannot_be_chosen_stays_when_its_list_is_left(self, dock, session, told):
        """The list does not offer it, so nothing is chosen there."""
        only = ship(session.labels)
        delegate, cell = dock.table.itemDelegateForColumn(CLASS), dock.model.index(0, CLASS)
        box = delegate.createEditor(dock.table.viewport(), None, cell)
        box.setCurrentIndex(-1)
        delegate.setModelData(box, dock.model, cell)
        assert (session.labels[only].class_id, told) == ("ship", [])

    def test_wishes_during_a_check_are_one_check_after_it(self, dock, session, qtbot, monkeypatch):
        qtbot.waitUntil(lambda: dock.watch.problems != [], timeout=30000)
        asked = []
        monkeypatch.setattr(dock.watch._background, "ask", lambda job, take: asked.append((job, take)))
        for _ in range(3):
            dock.watch.check()
        assert len(asked) == 1
        job, take = asked[0]
        take(job())
        assert len(asked) == 2
        take(asked[1][0]())
        assert len(asked) == 2

    def test_clearing_the_selection_of_the_table_leaves_that_of_the_map(self, dock, session):
        only = ship(session.labels)
        dock.go_to(0)
        dock.table.selectionModel().select(dock.model.index(0, 0), QItemSelectionModel.SelectionFlag.Clear)
        assert session.selection.ids == [only]

    def test_a_closed_session_lets_go(self, dock, session):
        session.close()
        made = ship(session.labels)
        assert made not in dock.model.ids


def test_the_rows_are_numbered_as_undo_names_them(model, labels):
    model.sort(CLASS, Qt.SortOrder.DescendingOrder)
    numbers = [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]
    assert numbers == [str(labels.store.draw_place(annotation_id) + 1) for annotation_id in model.ids]


def test_what_the_filters_leave_is_exported_and_nothing_else(session, qtbot, tmp_path):
    import json

    labels = session.labels
    docks = [labels.add(shapely.box(0, 50 * i, 30, 50 * i + 20), "platform", kind="box").id for i in range(2)]
    labels.add(shapely.box(100, 0, 130, 20), "ship", kind="box")
    dock = AnnotationDock(session, choose_export=lambda parent: str(tmp_path / "seen.geojson"))
    qtbot.addWidget(dock)
    dock.filters.search.setText("platform")
    dock.export.click()
    written = json.loads((tmp_path / "seen.geojson").read_text())
    assert [feature["id"] for feature in written["features"]] == docks
    assert labels.store.undo_titles[0] == "add ship"


def test_giving_up_the_dialog_exports_nothing(session, qtbot, tmp_path):
    session.labels.add(shapely.box(100, 0, 130, 20), "ship", kind="box")
    dock = AnnotationDock(session, choose_export=lambda parent: "")
    qtbot.addWidget(dock)
    dock.export.click()
    assert not list(tmp_path.glob("*.geojson"))

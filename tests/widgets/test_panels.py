"""The panels show the session and change it, and nothing in them can be HTML."""

from __future__ import annotations

import ast
import gc
import weakref
from pathlib import Path

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QLabel

from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.band_row import BandRow
from napari_geolabel.widgets.class_panel import ClassPanel
from napari_geolabel.widgets.export_dialog import ExportChoice
from napari_geolabel.widgets.import_dialog import ImportChoice
from napari_geolabel.widgets.labels_panel import LabelsPanel, choose_export_path, state_text
from napari_geolabel.widgets.panels import Panels
from napari_geolabel.widgets.parts import ElidedButton, plain_label, set_tooltip, swatch
from napari_geolabel.widgets.tool_icons import ICON_PX
from napari_geolabel.widgets.tool_panel import COLUMNS, ToolPanel

BOX = shapely.box(10, 10, 40, 30)
WIDGETS = Path(__file__).parents[2] / "napari_geolabel" / "widgets"


@pytest.fixture
def tools(session, qtbot):
    panel = ToolPanel(session)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def classes(session, qtbot):
    panel = ClassPanel(session)
    qtbot.addWidget(panel)
    return panel


class TestTools:
    def test_every_tool_is_a_button_with_its_key(self, tools, session):
        assert set(tools.buttons) == {"", *session.tools}
        assert tools.buttons["rotated_box"].text() == "O"
        assert tools.buttons["rotated_box"].toolTip().startswith("Rotated box (O). Click bow")
        assert tools.buttons["lasso"].text() == "\u21e7P"
        assert tools.buttons[""].toolTip().startswith("Move map (Z)")
        assert "Shift+T" in tools.trace.toolTip()

    def test_every_button_has_a_picture_of_its_own(self, tools):
        pictures = {}
        for button in (*tools.buttons.values(), *tools.commands.values(), tools.amounts, tools.snap, tools.trace):
            image = button.icon().pixmap(ICON_PX, ICON_PX).toImage()
            drawn = sum(image.pixelColor(x, y).alpha() > 60 for x in range(ICON_PX) for y in range(ICON_PX))
            assert drawn > 12, button.toolTip()
            pictures[button.toolTip()] = [
                image.pixelColor(x, y).alpha() for x in range(ICON_PX) for y in range(ICON_PX)
            ]
        assert len({tuple(picture) for picture in pictures.values()}) == len(tools.buttons) + len(tools.commands) + 3

    def test_the_buttons_fill_a_grid_and_the_amounts_stand_in_a_menu(self, tools, qtbot):
        grid = tools.column.itemAt(0).layout()
        assert grid.count() == COLUMNS * 3
        fields = tools.amounts.menu().actions()[0].defaultWidget()
        assert fields.isAncestorOf(tools.distance)
        assert fields.isAncestorOf(tools.tolerance)
        assert [label.text() for label in fields.findChildren(QLabel)] == ["Buffer", "Simplify"]

    def test_a_click_takes_the_tool_and_the_button_stays_down(self, tools, session):
        tools.buttons["box"].click()
        assert session.tool == "box"
        assert [name for name, button in tools.buttons.items() if button.isChecked()] == ["box"]
        tools.buttons[""].click()
        assert session.tool is None
        assert tools.buttons[""].isChecked()

    def test_what_the_class_forbids_is_greyed_with_the_reason(self, tools, session):
        session.current_class = "wake"
        assert not tools.buttons["box"].isEnabled()
        assert "Wake is not drawn as box" in tools.buttons["box"].toolTip()
        session.current_class = "ship"
        assert tools.buttons["box"].isEnabled()

    def test_a_tool_taken_by_key_presses_its_button(self, tools, session):
        session.use_tool("rotated_box")
        assert tools.buttons["rotated_box"].isChecked()

    def test_what_reshapes_waits_for_something_to_reshape(self, tools, session):
        assert not tools.buttons["hole"].isEnabled()
        assert "draw something first" in tools.buttons["hole"].toolTip()
        ship = session.labels.add(BOX, "ship", kind="box")
        assert tools.buttons["hole"].isEnabled()
        assert "Shift+H" in tools.buttons["hole"].toolTip()
        tools.buttons["hole"].click()
        assert session.tool == "hole"
        assert [name for name, button in tools.buttons.items() if button.isChecked()] == ["hole"]
        session.labels.remove(ship.id)
        assert not tools.buttons["hole"].isEnabled()

    def test_commands_follow_the_selection_and_the_amounts_below(self, tools, session):
        ship = session.labels.add(shapely.box(100, 100, 140, 130), "dock")
        assert not tools.commands["buffer"].isEnabled()
        session.selection.select([ship.id])
        assert tools.commands["buffer"].isEnabled()
        assert not tools.commands["merge"].isEnabled()
        assert "two annotations or more" in tools.commands["merge"].toolTip()
        tools.distance.setValue(100)
        tools.tolerance.setValue(4)
        tools.commands["buffer"].click()
        assert session.reshaper.tolerance_px == 4
        assert tools.distance.suffix() == " m"
        assert session.labels[ship.id].geometry.bounds == pytest.approx((90, 90, 150, 140), abs=0.1)


class TestClasses:
    def test_every_class_has_name_key_and_colour(self, classes, session):
        for label_class in session.labels.ontology.classes:
            row = classes.rows[label_class.id]
            assert row.text(0) == label_class.name
            assert row.text(1).lower() == (label_class.hotkey or "")
            color = row.icon(0).pixmap(16, 16).toImage().pixelColor(8, 8).name()
            assert color == label_class.color

    def test_the_tree_shows_all_rows_and_gives_way_where_room_is_scarce(self, session, qtbot):
        panels = Panels(session)
        qtbot.addWidget(panels)
        tree, column = panels.classes.tree, panels.tabs.widget(0)
        panels.resize(360, 1500)
        panels.show()
        qtbot.waitUntil(lambda: tree.height() == tree.sizeHint().height() == tree.maximumHeight(), timeout=60_000)
        spare_px = column.viewport().height() - column.widget().sizeHint().height()
        panels.resize(360, 1500 - spare_px - 40)
        qtbot.waitUntil(lambda: tree.height() < tree.maximumHeight(), timeout=60_000)
        assert tree.height() >= tree.minimumHeight()
        assert not column.verticalScrollBar().isVisible()
        session.current_class = list(panels.classes.rows)[-1]
        assert tree.viewport().rect().contains(tree.visualItemRect(tree.currentItem()).center())
        panels.close()

    def test_a_click_makes_the_class_current(self, classes, session):
        classes.tree.itemClicked.emit(classes.rows["wake"], 0)
        assert session.current_class == "wake"
        assert classes.tree.currentItem() is classes.rows["wake"]

    def test_a_hotkey_moves_the_mark(self, classes, session):
        session.classes.press(session.labels.ontology["wake"].hotkey)
        assert classes.tree.currentItem() is classes.rows["wake"]

    def test_counts_follow_the_labels(self, classes, session):
        session.labels.add_many([BOX, shapely.affinity.translate(BOX, 50)], "ship")
        assert classes.rows["ship"].text(2) == "2"
        session.undo()
        assert classes.rows["ship"].text(2) == "0"

    def test_archived_classes_are_left_out_and_headings_cannot_be_chosen(self, viewer, scene, qtbot):
        from napari_geolabel.labels.opening import open_labels

        ontology = Ontology(
            id="t",
            name="T",
            version="1",
            classes=(
                LabelClass(id="vessels", name="Vessels", color="#000000", kinds=()),
                LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",), parent="vessels"),
                LabelClass(id="old", name="Old", color="#00ff00", kinds=("box",), archived=True),
            ),
        )
        session = Session(viewer, open_labels(scene=scene, ontology=ontology), defer=lambda action, _: action())
        panel = ClassPanel(session)
        qtbot.addWidget(panel)
        assert list(panel.rows) == ["vessels", "ship"]
        assert panel.rows["ship"].parent() is panel.rows["vessels"]
        assert not panel.rows["vessels"].flags() & Qt.ItemFlag.ItemIsSelectable
        assert session.current_class == "ship"
        session.close()

    def test_a_class_that_an_import_brings_appears(self, classes, session):
        new = LabelClass(id="iceberg", name="Iceberg", color="#abcdef", mask_value=40, kinds=("polygon", "mask"))
        session.labels.use_ontology(session.labels.ontology.with_classes([new]))
        assert classes.rows["iceberg"].text(0) == "Iceberg"
        session.current_class = "iceberg"
        assert classes.tree.currentItem() is classes.rows["iceberg"]
        assert session.tools["polygon"] == ""


class TestLabels:
    def panel(self, session, qtbot, export="", import_=""):
        panel = LabelsPanel(
            session,
            ask_export=lambda session, parent: ExportChoice(path=export) if export else None,
            choose_import=lambda parent: import_,
            ask_import=lambda session, path, parent: ImportChoice(),
        )
        qtbot.addWidget(panel)
        return panel

    def test_undo_and_redo_say_what_they_do_and_do_it(self, session, qtbot):
        panel = self.panel(session, qtbot)
        assert not panel.undo.isEnabled()
        session.labels.add(BOX, "ship")
        session.labels.add(shapely.affinity.translate(BOX, 100), "dock")
        assert panel.undo.text() == "Undo: add Dock or quay 2"
        panel.undo.click()
        assert len(session.labels) == 1
        assert panel.undo.text() == "Undo: add Ship 1"
        assert panel.redo.text() == "Redo: add Dock or quay 2"
        panel.redo.click()
        assert len(session.labels) == 2
        assert not panel.redo.isEnabled()

    def test_the_state_tells_what_is_not_saved(self, session, qtbot, tmp_path):
        path = tmp_path / "out.geojson"
        panel = self.panel(session, qtbot, export=str(path))
        assert panel.state.text() == "nothing labelled yet"
        session.labels.add(BOX, "ship")
        assert panel.state.text() == "1 annotation, not saved"
        panel.export.click()
        assert path.exists()
        assert panel.state.text() == "1 annotation, everything saved"

    def test_a_save_by_napari_or_the_console_is_noticed(self, session, qtbot, tmp_path):
        panel = self.panel(session, qtbot)
        session.labels.add(BOX, "ship")
        session.labels.export(tmp_path / "out.geojson")
        qtbot.waitUntil(lambda: panel.state.text() == "1 annotation, everything saved", timeout=60_000)

    def test_giving_up_the_dialog_writes_nothing(self, session, qtbot, told):
        panel = self.panel(session, qtbot)
        session.labels.add(BOX, "ship")
        panel.export.click()
        panel.import_.click()
        assert session.labels.unsaved
        assert told == []

    def test_an_export_that_fails_is_told_and_leaves_the_labels_unsaved(self, session, qtbot, told, tmp_path):
        panel = self.panel(session, qtbot, export=str(tmp_path / "missing" / "out.geojson"))
        session.labels.add(BOX, "ship")
        panel.export.click()
        assert "missing" in told[-1]
        assert session.labels.unsaved

    def test_what_was_exported_can_be_imported(self, session, qtbot, told, tmp_path):
        path = str(tmp_path / "out.geojson")
        session.labels.add(BOX, "ship")
        session.labels.export(path)
        session.labels.remove(list(session.labels))
        panel = self.panel(session, qtbot, import_=path)
        panel.import_.click()
        assert len(session.labels) == 1
        assert told[-1].startswith("imported 1 annotation")

    def test_an_import_that_fails_is_told(self, session, qtbot, told, tmp_path):
        path = tmp_path / "bad.geojson"
        path.write_text("{")
        panel = self.panel(session, qtbot, import_=str(path))
        panel.import_.click()
        assert len(told) == 1
        assert "bad.geojson" in told[0]

    def test_sentences_and_titles_fit(self):
        assert state_text(2, unsaved=False) == "2 annotations, everything saved"
        assert state_text(0, unsaved=True) == "0 annotations, not saved"

    def test_a_title_that_is_too_long_for_its_button_is_cut_where_it_is_drawn(self, qtbot):
        button = ElidedButton("Undo: import 4312 annotations")
        qtbot.addWidget(button)
        button.resize(600, 24)
        assert button.drawn_text == button.text()
        button.resize(100, 24)
        assert button.drawn_text.startswith("Undo: ")
        assert button.drawn_text.endswith("…")
        assert button.fontMetrics().horizontalAdvance(button.drawn_text) < 100
        assert button.minimumSizeHint().width() < 600 or button.sizePolicy().horizontalPolicy().name == "Ignored"
        assert not button.grab().isNull()

    @pytest.mark.parametrize(
        ("chosen", "expected"),
        [
            (("/d/ships", "GeoJSON (*.geojson)"), "/d/ships.geojson"),
            (("/d/ships.gpkg", "GeoJSON (*.geojson)"), "/d/ships.gpkg"),
            (("/d.1/ships", "Mask (*.tif)"), "/d.1/ships.tif"),
            (("", ""), ""),
        ],
    )
    def test_a_name_without_a_suffix_gets_that_of_the_filter(self, monkeypatch, chosen, expected):
        from qtpy.QtWidgets import QFileDialog

        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: chosen)
        assert choose_export_path(None) == expected


class TestPlainText:
    def test_a_label_shows_its_text_as_it_is(self, qtbot):
        label = plain_label("<b>bold</b>")
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText

    def test_tooltips_are_escaped(self, qtbot):
        label = plain_label()
        qtbot.addWidget(label)
        set_tooltip(label, "<img src=x>")
        assert "<img" not in label.toolTip()

    def test_every_label_in_the_panels_is_plain(self, session, qtbot):
        panels = Panels(session)
        qtbot.addWidget(panels)
        labels = panels.findChildren(QLabel)
        assert len(labels) > 6
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}

    def test_no_module_makes_labels_or_tooltips_of_its_own(self):
        for path in WIDGETS.glob("*.py"):
            calls = [
                node.func
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            ]
            names = {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
            if path.name != "parts.py":
                assert not names & {"QLabel", "setToolTip"}, path.name

    @pytest.mark.parametrize("mode", [QIcon.Mode.Normal, QIcon.Mode.Selected])
    def test_a_swatch_has_its_colour_also_in_the_current_row(self, qtbot, mode):
        assert swatch("#12ab34").pixmap(16, 16, mode).toImage().pixelColor(8, 8).name() == "#12ab34"


def test_a_band_row_ignores_nothing(qtbot):
    asked = []
    row = BandRow(["red"], asked.append)
    qtbot.addWidget(row)
    row.choice.setCurrentText("   ")
    row.button.click()
    assert asked == []
    row.set_names(["nir", "blue"])
    row.button.click()
    assert asked == ["nir"]


def test_panels_are_freed_while_the_session_goes_on(session):
    panels = Panels(session)
    gone = weakref.ref(panels)
    panels.deleteLater()
    del panels
    from qtpy.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
    session.next_composite()
    session.current_class = "wake"
    session.labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake")


def test_panels_of_an_ended_session_hear_nothing_of_its_labels(session, qtbot):
    panels = ClassPanel(session), LabelsPanel(session)
    for panel in panels:
        qtbot.addWidget(panel)
    seen = [panels[1].state.text(), list(panels[0].rows)]
    session.close()
    session.labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box")
    ontology = session.labels.ontology
    added = ontology["buoy"].model_copy(update={"id": "raft", "name": "Raft", "mask_value": None, "hotkey": None})
    session.labels.use_ontology(ontology.with_classes([added]))
    assert [panels[1].state.text(), list(panels[0].rows)] == seen


def test_retired_panels_can_do_no_more(session, qtbot):
    panels = Panels(session)
    qtbot.addWidget(panels)
    panels.retire()
    assert not panels.isEnabled()

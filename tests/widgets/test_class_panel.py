"""The tree of classes: seen, locked and searched by clicks; the guide tells of the class in hand."""

from __future__ import annotations

import pytest
import shapely
from PIL import Image
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.widgets.class_guide import ClassGuide, show_large
from napari_geolabel.widgets.class_panel import LOCKED, NAME, SEEN, ClassPanel
from napari_geolabel.widgets.parts import heading

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def panel(session, qtbot):
    made = ClassPanel(session)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def guide(session, qtbot):
    made = ClassGuide(session)
    qtbot.addWidget(made)
    return made


def seen(panel):
    return [class_id for class_id, row in panel.rows.items() if not row.isHidden()]


def test_a_click_on_the_eye_hides_a_class_with_all_below_it(panel, session):
    session.labels.add(BOX, "ship", kind="box")
    panel.tree.itemClicked.emit(panel.rows["ship"], SEEN)
    assert session.classes.hidden == {"ship", "bow", "stern"}
    assert len(session.shapes_layer.data) == 0
    assert "click to show" in panel.rows["stern"].toolTip(SEEN)
    panel.tree.itemClicked.emit(panel.rows["bow"], SEEN)
    assert session.classes.hidden == {"ship", "stern"}
    assert session.labels.store.undo_titles == ["add ship"]


def test_a_click_on_the_padlock_locks_and_the_current_class_stays(panel, session):
    panel.tree.itemClicked.emit(panel.rows["wake"], LOCKED)
    assert session.labels.locked == {"wake"}
    assert session.current_class == "ship"
    assert "neither picked nor changed" in panel.rows["wake"].toolTip(LOCKED)
    panel.tree.itemClicked.emit(panel.rows["wake"], LOCKED)
    assert not session.labels.locked


def test_icons_follow_what_scripts_hide_and_lock(panel, session):
    before = {column: panel.rows["ship"].icon(column).cacheKey() for column in (SEEN, LOCKED)}
    session.classes.hide("ship")
    session.classes.lock("ship")
    images = [panel.rows["ship"].icon(column).pixmap(16, 16).toImage() for column in (SEEN, LOCKED)]
    others = [panel.rows["dock"].icon(column).pixmap(16, 16).toImage() for column in (SEEN, LOCKED)]
    assert [image == other for image, other in zip(images, others, strict=True)] == [False, False]
    assert all(panel.rows["ship"].icon(column).cacheKey() != key for column, key in before.items())


def test_what_is_typed_leaves_the_classes_that_are_meant_with_their_parents(panel, session):
    QTest.keyClicks(panel.search, "stern")
    assert "stern" in seen(panel)
    assert "ship" in seen(panel)
    assert "buoy" not in seen(panel)
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert session.current_class == "stern"
    assert len(seen(panel)) == len(panel.rows)
    QTest.keyClicks(panel.search, "dock")
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert session.current_class == "stern"
    assert panel.search.text() == ""


def test_a_click_on_a_name_gives_the_selection_the_class(panel, session):
    dock = session.labels.add(shapely.Polygon([(0, 0), (30, 0), (0, 30)]), "dock")
    session.shapes_layer.mode = "select"
    session.selection.select([dock.id])
    panel.tree.itemClicked.emit(panel.rows["platform"], NAME)
    assert session.labels[dock.id].class_id == "platform"
    assert session.labels.store.undo_titles[0] == "change class of dock"


def test_the_guide_tells_of_the_class_in_hand(guide, session):
    assert (guide.name.text(), guide.ways.text()) == ("Ship", "rotated box, box, polygon · key 1")
    session.current_class = "wake"
    assert guide.guideline.toPlainText() == session.labels.ontology["wake"].description
    session.classes.hide("wake")
    session.classes.lock("wake")
    assert guide.ways.text().endswith("key 4 · hidden · locked")
    assert guide.name.textFormat() == heading("").textFormat() == Qt.TextFormat.PlainText
    assert guide.pictures.isHidden()


def test_the_guide_shows_example_pictures_beside_the_ontology(guide, session, qtbot, tmp_path, told):
    Image.new("RGB", (300, 200), (200, 0, 0)).save(tmp_path / "ship.png")
    known = session.labels.ontology
    pictured = known["ship"].model_copy(update={"examples": ("ship.png", "gone.jpg")})
    session.classes.folder = tmp_path
    session.labels.use_ontology(known.with_classes([pictured]))
    there, gone = guide.thumbnails
    assert not there.icon().isNull()
    assert not gone.isEnabled()
    assert "not beside the ontology" in gone.toolTip()
    dialog = show_large(guide, tmp_path / "ship.png")
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "ship.png"
    assert show_large(guide, tmp_path / "gone.jpg") is None
    assert "gone.jpg is not beside" in told[0]
    session.current_class = "wake"
    assert not guide.thumbnails


def test_icons_follow_the_theme(panel, session):
    before = panel.rows["ship"].icon(SEEN).pixmap(16, 16).toImage()
    session.viewer.theme = "light"
    assert panel.rows["ship"].icon(SEEN).pixmap(16, 16).toImage() != before


def test_the_tree_is_as_high_as_its_rows(panel):
    row_px = panel.tree.fontMetrics().height() + 4
    assert panel.tree.height() <= row_px * 10
    assert panel.tree.height() >= row_px * 9

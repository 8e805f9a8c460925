"""The panels of a session in a real window; the screenshots are there to be looked at."""

from __future__ import annotations

import shapely
from qtpy.QtWidgets import QDockWidget, QLabel

from napari_geolabel.widgets.layer_controls import CONTROLS
from napari_geolabel.widgets.panels import Panels
from napari_geolabel.widgets.parts import DOCK_PX


def test_the_panels_stand_beside_the_scene_and_leave_it_most_of_the_window(session, viewer, photograph):
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    photograph("panels")
    panels = viewer.window._qt_window.findChild(Panels)
    assert panels.width() < 1.2 * DOCK_PX
    assert viewer.window._qt_viewer.canvas.native.width() > viewer.window._qt_window.width() / 2
    controls = viewer.window._qt_window.findChild(QDockWidget, CONTROLS)
    assert controls.isHidden()
    session.close()
    assert controls.isVisible()  # napari has them back


def test_nothing_in_the_panels_is_cut_off_or_needs_scrolling(session, viewer, wait):
    wait(0.2)
    panels = viewer.window._qt_window.findChild(Panels)
    for index in reversed(range(panels.tabs.count())):
        panels.tabs.setCurrentIndex(index)
        wait(0.2)
        tab = panels.tabs.currentWidget()
        assert tab.widget().height() <= tab.viewport().height()
        assert tab.widget().width() <= tab.viewport().width()
    for button in [*panels.tools.buttons.values(), panels.labels.export, panels.composites.stretch.reset]:
        text_px = button.fontMetrics().horizontalAdvance(button.text())
        assert text_px < button.width(), button.text()
    labels = [label for label in panels.findChildren(QLabel) if label.text() and label.isVisible()]
    assert all(label.height() >= label.heightForWidth(label.width()) for label in labels)


def test_what_is_used_each_minute_is_in_sight_in_a_small_window_too(session, viewer, wait, until, photograph):
    viewer.window.resize(1280, 800)
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    session.selection.select(session.labels.store)
    wait(0.2)
    panels = viewer.window._qt_window.findChild(Panels)
    tab = panels.tabs.currentWidget()
    shown = tab.viewport().rect()
    tools = [button for button in panels.tools.buttons.values() if tab.isAncestorOf(button)]  # others paint the mask
    for widget in (*tools, panels.classes.tree):
        assert shown.contains(widget.rect().translated(widget.mapTo(tab.viewport(), widget.rect().topLeft())))
    fields = [
        each for each in panels.attributes.findChildren(QLabel) if each.text() in ("Category *", "Length", "Heading")
    ]
    assert len(fields) == 3
    assert all(shown.contains(field.mapTo(tab.viewport(), field.rect().center())) for field in fields)
    for each in (panels.tabs.widget(index) for index in range(panels.tabs.count())):
        panels.tabs.setCurrentWidget(each)
        wait(0.1)
        bars = each.verticalScrollBar(), each.horizontalScrollBar()
        assert not any(bar.isVisible() for bar in bars), panels.tabs.tabText(panels.tabs.currentIndex())
    panels.tabs.setCurrentIndex(0)
    assert panels.width() == DOCK_PX
    photograph("panels-small")
    # napari's layer controls are out of the way until something needs them
    controls = viewer.window._qt_window.findChild(QDockWidget, CONTROLS)
    assert controls.isHidden()
    assert viewer.window._qt_viewer.canvas.native.width() > 620
    viewer.layers.selection.active = session.points_layer
    wait(0.1)
    assert controls.isHidden()
    session.views.swipe.show("swir")  # adds a layer, which is the active one for a moment
    wait(0.1)
    assert controls.isHidden()
    session.views.swipe.stop()
    viewer.layers.selection.active = session.mask_layer
    until(controls.isVisible)
    viewer.layers.selection.active = session.shapes_layer
    wait(0.1)
    assert controls.isVisible()  # they stay: a map that jumps with each tool is worse
    controls.hide()
    viewer.layers.selection.active = session.mask_layer
    wait(0.1)
    assert controls.isHidden()  # the user hid them


def test_a_polygon_that_is_being_drawn_is_seen(session, press, mouse, photograph):
    session.current_class = "dock"
    mouse.look_at((420, 210), 5.0)
    press("P")
    for xy in ((400, 200), (440, 196), (446, 226)):
        mouse.click(xy)
    mouse.move((410, 228))
    photograph("drawing-a-polygon")
    assert len(session.preview_layer.data) > 3


def test_bands_without_names_are_asked_for_in_the_start_panel(viewer, write_scene, photograph, wait):
    viewer.open(write_scene(bands=("", "", "", "", "", "")), plugin="napari-geolabel")
    _, panel = viewer.window.add_plugin_dock_widget("napari-geolabel", "Annotate a scene")
    wait(0.2)
    photograph("start-panel-unnamed")
    assert panel.table.isVisible()

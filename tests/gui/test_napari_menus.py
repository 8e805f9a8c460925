"""Opening, starting and saving through napari's own doors."""

from __future__ import annotations

import json
import weakref

import numpy as np
import pytest
import shapely
from qtpy.QtWidgets import QApplication

import napari_geolabel as geolabel
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.help_line import FIRST_KEYS
from napari_geolabel.widgets.parts import DOCK_PX
from napari_geolabel.widgets.tool_panel import tool_hint


def whole_is_in_sight(viewer, layer) -> bool:
    """Return whether a layer ends within the canvas on all sides."""
    canvas, extent = canvas_widget(viewer), layer.extent.world[:, -2:]
    half = np.array([canvas.height(), canvas.width()]) / 2 / viewer.scene.camera.zoom
    middle = np.array(viewer.scene.camera.center)[-2:]
    return bool((extent[0] >= middle - half).all() and (extent[1] <= middle + half).all())


def console_names(viewer) -> dict:
    """Return what the console is told last; it has not been opened yet, and napari holds what can be held weakly."""
    told = viewer.window._qt_viewer.console_backlog[-1]
    return {name: value() if isinstance(value, weakref.ref) else value for name, value in told.items()}


def run(command: str) -> None:
    """Do what a click on a menu entry of the plugin does."""
    from napari._app_model import get_app_model

    get_app_model().commands.execute_command(f"napari-geolabel.{command}").result()


def test_a_dropped_scene_is_one_layer_and_steps_composites_by_key(viewer, coast, press, photograph):
    (layer,) = viewer.open(coast, plugin="napari-geolabel")
    assert layer.metadata[SCENE_KEY].name == "coast"
    assert layer.source.reader_plugin == "napari-geolabel"
    press("Alt+Right")
    assert layer.metadata[PICTURE_KEY].composite.id == "false_color"
    photograph("dropped-in")


@pytest.mark.parametrize("content", [b"not a tiff", b""])
def test_a_bad_file_is_refused_in_one_sentence_and_adds_nothing(viewer, tmp_path, content):
    path = tmp_path / "bad.tif"
    path.write_bytes(content)
    with pytest.raises(GeoLabelError, match=r"bad\.tif"):
        viewer.open(path, plugin="napari-geolabel")
    assert len(viewer.layers) == 0


@pytest.mark.parametrize(("key", "bands"), [("coast", 13), ("harbour", 4)])
def test_file_open_sample_opens_the_samples(viewer, key, bands):
    (layer,) = viewer.open_sample("napari-geolabel", key)
    assert len(layer.metadata[SCENE_KEY].bands) == bands


def test_the_samples_stand_in_the_menu(viewer):
    from napari._app_model import get_app_model
    from napari._app_model.constants import MenuId

    menus = get_app_model().menus
    entries = [str(item) for item in menus.get_menu(MenuId.FILE_SAMPLES)]
    assert any("napari-geolabel" in entry for entry in entries)


def test_the_plugins_menu_starts_labelling_and_the_session_saves_through_napari(
    viewer, coast, tmp_path, wait, photograph
):
    (picture,) = viewer.open(coast, plugin="napari-geolabel")
    picture.name = "a very long name of a scene, as those of satellites are, " * 3
    dock, panel = viewer.window.add_plugin_dock_widget("napari-geolabel", "Annotate a scene")
    wait(0.1)
    photograph("start-panel")
    assert dock.width() < 1.3 * DOCK_PX
    panel.ontology.setCurrentText("maritime")
    panel.start.click()
    wait(0.2)
    session = find_session(viewer)
    assert session.labels.ontology.id == "maritime"
    assert not dock.isVisible()  # its place belongs to the panels of the session
    assert whole_is_in_sight(viewer, picture)
    named = console_names(viewer)
    assert named == {"session": session, "labels": session.labels, "scene": session.scene, "geolabel": geolabel}
    assert viewer.help == FIRST_KEYS
    session.use_tool("polygon")
    assert viewer.help == tool_hint("polygon")
    session.shapes_layer.mode = "select"  # napari writes its own keys then
    assert "use <" not in viewer.help
    session.use_tool(None)
    viewer.layers.selection.active = session.shapes_layer
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    viewer.layers.selection = {session.shapes_layer}
    path = tmp_path / "ships.geojson"
    assert viewer.layers.save(str(path), selected=True) == [str(path)]
    features = json.loads(path.read_text())["features"]
    assert [feature["properties"]["class_id"] for feature in features] == ["ship"]
    session.labels.flush()
    assert not session.labels.unsaved
    session.close()
    assert console_names(viewer) == {"session": None, "labels": None, "scene": None}


def test_saving_all_layers_writes_all_annotations(session, viewer, tmp_path):
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    keypoint = next(c for c in session.labels.ontology.classes if "keypoint" in c.kinds)
    session.labels.add(shapely.Point(120, 110), keypoint.id)
    path = tmp_path / "all.geojson"
    assert viewer.layers.save(str(path)) == [str(path)]
    assert len(json.loads(path.read_text())["features"]) == 2


def test_saving_the_mask_layer_gives_a_georeferenced_mask(session, viewer, tmp_path):
    import rasterio

    painted = next(c for c in session.labels.ontology.classes if "mask" in c.kinds)
    session.labels.paint(shapely.box(100, 100, 160, 130), painted.id)
    viewer.layers.selection = {session.mask_layer}
    path = tmp_path / "mask.tif"
    assert viewer.layers.save(str(path), selected=True) == [str(path)]
    with rasterio.open(path) as mask:
        assert mask.transform == session.scene.grid.transform
        np.testing.assert_array_equal(mask.read(1), session.labels.canvas.array)


def test_a_layer_that_is_not_ours_is_refused_in_one_sentence(viewer, tmp_path):
    viewer.add_shapes([[(0, 0), (0, 5), (5, 5), (5, 0)]], name="mine")
    with pytest.raises(GeoLabelError, match="the layer mine belongs to no labelling session"):
        viewer.layers.save(str(tmp_path / "mine.geojson"))


def test_layers_for_the_scene_come_from_the_file_menu(viewer, coast, wait):
    viewer.open(coast, plugin="napari-geolabel")
    run("annotate_active")
    wait(0.1)
    assert find_session(viewer) is not None


def test_menu_commands_reach_the_session(session, viewer):
    run("next_composite")
    assert session.composite == "false_color"
    run("previous_composite")
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    run("undo")
    assert len(session.labels) == 0
    run("redo")
    assert len(session.labels) == 1


def test_a_training_set_is_asked_for_by_the_file_menu(session, viewer, until, photograph):
    from napari_geolabel.widgets.chips_dialog import ChipsDialog

    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    run("chips")
    (dialog,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, ChipsDialog)]
    assert dialog.parent() is not None, "or nobody would keep it"
    until(dialog.ok.isEnabled)
    assert "1 of them with 1 labels" in dialog.foreseen.text()
    photograph("chips-dialog")
    dialog.reject()


def test_a_band_as_a_layer_comes_from_its_own_panel(viewer, coast, wait, photograph):
    viewer.open(coast, plugin="napari-geolabel")
    _, panel = viewer.window.add_plugin_dock_widget("napari-geolabel", "Band or index as a layer")
    panel.row.choice.setCurrentText("(nir - red) / (nir + red)")
    panel.row.button.click()
    wait(0.1)
    assert viewer.layers[-1].name == "coast · (nir - red) / (nir + red)"
    photograph("band-layer")


def test_preferences_are_naparis(viewer):
    from napari.settings import get_plugin_settings

    from napari_geolabel.viewer.preferences import load_preferences

    get_plugin_settings("napari-geolabel").labelling.annotator = "Ada"
    assert load_preferences().annotator_name == "Ada"

"""What is told of a scene, and how its sensor and page are changed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import tifffile

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.sensors import NO_SENSOR
from napari_geolabel.viewer.scene_layer import SCENE_KEY, add_scene_layer
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.menu_commands import annotate_active_scene
from napari_geolabel.widgets.scene_about import NO_SCENE, LabelledScene, SceneAbout
from napari_geolabel.widgets.start_panel import StartPanel


@pytest.fixture
def used():
    return []


@pytest.fixture
def about(qtbot, used):
    widget = SceneAbout(used.append)
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def unnamed(write_scene):
    with open_scene(write_scene(name="20200101_101112_bay.tif", bands=("", "", "", ""))) as scene:
        yield scene


def offered(box):
    return [box.itemData(i) for i in range(box.count())]


def choose(box, index):
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_without_a_scene_it_says_how_to_get_one(about):
    assert about.about.text() == NO_SCENE
    assert about._sensor_row.isHidden()


def test_it_tells_size_place_and_time_and_the_notes(about, unnamed, write_scene):
    about.show_scene(unnamed)
    assert about.about.text() == "4 bands, 512 x 512 pixels, EPSG:32633\n2020-01-01 10:11 UTC"
    assert about.notes.isHidden()
    with open_scene(write_scene(name="B8A.tif", bands=("B8A", "B04"))) as scene:
        about.show_scene(scene)
        assert about.sensor.currentText() == "Sentinel-2 (by the names of its bands)"
        assert about.notes.text().startswith("• taken for Sentinel-2")


def test_only_sensors_with_as_many_bands_are_offered(about, unnamed, scene):
    about.show_scene(unnamed)
    ids = offered(about.sensor)
    assert ids[:2] == [None, NO_SENSOR]
    assert {"planetscope_4", "pleiades", "naip"} <= set(ids)
    assert "planetscope_8" not in ids
    assert about.sensor.currentText() == "not recognised"


def test_choosing_a_sensor_gives_the_scene_read_as_that(about, unnamed, used):
    about.show_scene(unnamed)
    choose(about.sensor, about.sensor.findData("planetscope_4"))
    (scene,) = used
    assert scene.sensor.id == "planetscope_4"
    assert [band.common_name for band in scene.bands] == ["blue", "green", "red", "nir"]
    about.show_scene(scene)
    assert about.sensor.currentData() == "planetscope_4"
    choose(about.sensor, about.sensor.findData(NO_SENSOR))
    assert used[1].sensor is None


def test_none_is_shown_where_a_recognised_sensor_was_refused(about, write_scene):
    with open_scene(write_scene(bands=("B8A", "B04")), sensor="none") as scene:
        about.show_scene(scene)
        assert about.sensor.currentData() == NO_SENSOR


def test_what_cannot_be_is_told_and_the_choice_goes_back(qtbot, unnamed, told):
    def refuse(scene):
        raise SceneError("not now")

    widget = SceneAbout(refuse)
    qtbot.addWidget(widget)
    widget.show_scene(unnamed)
    choose(widget.sensor, widget.sensor.findData("naip"))
    assert told == ["not now"]
    assert widget.sensor.currentIndex() == 0


def test_pages_are_listed_by_name_and_chosen(about, used, tmp_path):
    with tifffile.TiffWriter(tmp_path / "pages.tif") as target:
        for name, side in (("optical", 40), ("radar", 90), ("small", 20)):
            target.write(np.full((side, side), side, "uint8"), extratags=[(285, "s", 0, name, True)])
    with open_scene(tmp_path / "pages.tif") as scene:
        about.show_scene(scene)
        assert not about._page_row.isHidden()
        assert [about.page.itemText(i) for i in range(3)] == [
            "1 'optical' (40 x 40)", "2 'radar' (90 x 90)", "3 'small' (20 x 20)",
        ]  # fmt: skip
        assert about.page.currentIndex() == 1
        choose(about.page, 0)
        assert used[0].grid.shape == (40, 40)
        used[0].close()


class TestInTheStartPanel:
    @pytest.fixture
    def start(self, viewer, qtbot):
        panel = StartPanel(viewer)
        qtbot.addWidget(panel)
        yield panel
        session = find_session(viewer)
        if session is not None:
            session.close()

    def test_a_sensor_names_the_bands_of_the_same_layer(self, start, viewer, unnamed):
        layer = add_scene_layer(viewer, unnamed)
        assert not start.table.isHidden()
        choose(start.about.sensor, start.about.sensor.findData("planetscope_4"))
        assert list(viewer.layers) == [layer]
        assert layer.metadata[SCENE_KEY].sensor.id == "planetscope_4"
        assert start.table.isHidden()
        assert start.about.sensor.currentData() == "planetscope_4"

    def test_a_scene_that_is_being_labelled_is_left_alone(self, start, viewer, unnamed, told):
        layer = add_scene_layer(viewer, unnamed)
        annotate_active_scene(viewer)
        choose(start.about.sensor, start.about.sensor.findData("naip"))
        assert "being labelled" in told[-1]
        assert layer.metadata[SCENE_KEY] is unnamed


class TestInASession:
    def test_another_sensor_gives_other_composites_and_values_and_keeps_labels_and_layers(
        self, viewer, unnamed, told, qtbot
    ):
        add_scene_layer(viewer, unnamed)
        annotate_active_scene(viewer)
        session = find_session(viewer)
        ship = session.labels.add(shapely.box(1, 1, 9, 9), "ship")
        layers = list(viewer.layers)
        panel = LabelledScene(session)
        qtbot.addWidget(panel)
        assert "true_color" not in session.composites
        heard = []
        session.scene_changed.connect(lambda: heard.append(session.scene.sensor and session.scene.sensor.id))
        choose(panel.about.sensor, panel.about.sensor.findData("planetscope_4"))
        assert heard == ["planetscope_4"]
        assert session.scene.sensor.id == "planetscope_4"
        assert session.labels.scene is session.scene
        assert list(viewer.layers) == layers
        assert list(session.labels) == [ship.id]
        assert "nir" in session.scene_layer.get_status((3.0, 3.0), world=True)["coordinates"]
        session.composite = "true_color"
        assert session.scene_layer.name.endswith("True colour")
        assert session.scenes.composites is session.composites
        assert panel.about.sensor.currentData() == "planetscope_4"
        choose(panel.about.sensor, panel.about.sensor.findData(NO_SENSOR))
        assert session.scene.sensor is None
        assert session.composite != "true_color"
        assert told == []
        session.close()

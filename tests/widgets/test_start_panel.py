"""The panels of the Plugins menu."""

from __future__ import annotations

import warnings

import pytest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.ontology.files import load_ontology, save_ontology, template_names
from napari_geolabel.viewer.scene_layer import SCENE_KEY, add_scene_layer
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets import start_panel
from napari_geolabel.widgets.band_panel import BandPanel
from napari_geolabel.widgets.band_table import BandTable
from napari_geolabel.widgets.menu_commands import annotate_active_scene, export_labels, import_labels
from napari_geolabel.widgets.start_panel import StartPanel


@pytest.fixture
def start(viewer, qtbot):
    chosen = {"scene": [], "ontology": "", "folder": "", "address": ""}
    panel = StartPanel(viewer, *(lambda parent, name=name: chosen[name] for name in chosen))
    panel.chosen = chosen
    qtbot.addWidget(panel)
    yield panel
    session = find_session(viewer)
    if session is not None:
        session.close()


def test_without_a_scene_it_says_how_to_get_one(start):
    assert not start.start.isEnabled()
    assert "drag one into napari" in start.about.about.text()


def test_a_scene_that_is_opened_in_napari_appears_and_disappears(start, viewer, scene):
    layer = add_scene_layer(viewer, scene)
    assert start.scene.currentText() == layer.name
    assert start.about.about.text() == "4 bands, 512 x 512 pixels, EPSG:32633"
    assert start.start.isEnabled()
    viewer.layers.remove(layer)
    assert start.scene.count() == 0
    assert not start.start.isEnabled()


def test_open_adds_the_chosen_scene(start, viewer, write_scene):
    start.chosen["scene"] = [str(write_scene(name="bay.tif"))]
    start.open_scene.click()
    assert viewer.layers[0].metadata[SCENE_KEY].name == "bay"
    assert start.layer is viewer.layers[0]


def test_a_scene_that_cannot_be_opened_is_told(start, viewer, tmp_path, told):
    bad = tmp_path / "bad.tif"
    bad.write_bytes(b"no tiff")
    start.chosen["scene"] = [str(bad)]
    start.open_scene.click()
    assert len(told) == 1
    assert len(viewer.layers) == 0


def test_several_files_and_a_folder_open_as_one_scene(start, viewer, write_scene, tmp_path):
    paths = [write_scene(name=f"{name}.tif", bands=("",)) for name in ("red", "green")]
    start.chosen["scene"] = [str(path) for path in paths]
    start.open_scene.click()
    start.chosen["folder"] = str(tmp_path)
    start.open_folder.click()
    assert [layer.metadata[SCENE_KEY].bands.names for layer in viewer.layers] == [("red", "green"), ("green", "red")]


def test_an_address_is_asked_only_where_one_was_given(start, viewer, write_scene, range_server, told):
    (range_server.folder / "bay.tif").write_bytes(write_scene(name="bay.tif").read_bytes())
    address = f"{range_server.address}/bay.tif"
    start.open_address.click()
    start.chosen["scene"] = [address]
    start.open_scene.click()
    assert "trust='network'" in told[0]
    assert range_server.asked == []
    start.chosen["address"] = address
    start.open_address.click()
    assert viewer.layers[0].metadata[SCENE_KEY].url == address


def test_the_dialog_offers_every_format_that_opens():
    for suffix in ("*.tif", "*.TIFF", "*.vrt", "*.jp2", "*.hdr", "*.img", "*.png", "*.JPG"):
        assert suffix in start_panel._SCENES
    assert "All files" in start_panel._SCENES


def test_templates_are_offered_with_the_preferred_one_chosen(start):
    assert [start.ontology.itemText(i) for i in range(start.ontology.count())] == list(template_names())
    assert start.ontology.currentText() == "maritime"


def test_an_ontology_file_is_offered_when_it_is_right_and_told_when_not(start, tmp_path, told):
    mine = tmp_path / "mine.yaml"
    save_ontology(load_ontology("clouds"), mine)
    start.chosen["ontology"] = str(mine)
    start.open_ontology.click()
    assert start.ontology.currentText() == str(mine)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("classes: 3")
    start.chosen["ontology"] = str(wrong)
    start.open_ontology.click()
    assert start.ontology.currentText() == str(mine)
    assert len(told) == 1


def test_the_classes_of_an_ontology_are_named_before_it_is_chosen(start):
    start.ontology.setCurrentText("clouds")
    assert start.classes.text().startswith("Clear, Thick cloud, ")
    assert "Alt+O" in start.classes.text()


def test_it_says_where_the_labels_will_be_and_when_there_are_some(start, viewer, scene):
    assert start.place.text() == ""
    add_scene_layer(viewer, scene)
    assert start.place.text() == "Labels are saved at once, in scene.labels.gpkg beside the scene."
    start.start.click()
    find_session(viewer).close()
    start._show_scenes()
    assert start.place.text() == "Goes on with the labels and the classes in scene.labels.gpkg."


def test_a_file_that_napari_has_read_by_itself_is_opened_as_a_scene_instead(start, viewer, write_scene, qtbot):
    assert start.reopen.isHidden()
    (picture,) = viewer.open(write_scene(name="bay.tif"), plugin="napari", rgb=False)
    assert not start.reopen.isHidden()
    assert "bay is a picture without bands and place" in start.about.about.text()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # napari warns of layers with other units beside each other
        start.reopen.click()
    assert [layer.metadata[SCENE_KEY].name for layer in viewer.layers] == ["bay"]
    assert picture not in viewer.layers
    assert start.reopen.isHidden()
    assert start.start.isEnabled()


def test_a_picture_stays_where_its_file_does_not_open_as_a_scene(start, viewer, write_scene, told):
    path = write_scene(name="bay.tif")
    (picture,) = viewer.open(path, plugin="napari", rgb=False)
    path.write_bytes(b"II*\0 torn")
    start.reopen.click()
    assert list(viewer.layers) == [picture]
    assert len(told) == 1


def test_notes_for_scripts_and_command_lines_are_cut_to_what_a_window_has(start, viewer, write_scene):
    with open_scene(write_scene(name="S2A_MSIL1C_20170703T000000_N0205_R022_T32TNS.tif", bands=13 * ("",))) as scene:
        assert "--sensor" in " ".join(scene.metadata.notes)
        add_scene_layer(viewer, scene)
        assert "taken for Sentinel-2" in start.about.notes.text()
        assert "--sensor" not in start.about.notes.text()


def test_annotate_starts_a_session_on_the_chosen_scene_once(start, viewer, scene, told):
    add_scene_layer(viewer, scene)
    start.ontology.setCurrentText("clouds")
    start.start.click()
    assert find_session(viewer).labels.ontology.id == "clouds"
    start.start.click()
    assert "labelling already" in told[0]


class TestBandsWithoutNames:
    @pytest.fixture
    def unnamed(self, write_scene):
        with open_scene(write_scene(bands=("", "", "", ""))) as scene:
            yield scene

    def test_the_table_asks_for_names_only_where_the_file_has_none(self, start, viewer, scene, unnamed):
        layer = add_scene_layer(viewer, unnamed)
        assert not start.table.isHidden()
        assert start.table.rowCount() == 4
        viewer.layers.remove(layer)
        add_scene_layer(viewer, scene)
        assert start.table.isHidden()

    def test_named_bands_give_composites_in_the_same_layer(self, start, viewer, unnamed):
        layer = add_scene_layer(viewer, unnamed)
        for row, name in enumerate(["red", "green", "blue"]):
            start.table.cellWidget(row, 1).setCurrentText(name)
        start.name_bands.click()
        assert list(viewer.layers) == [layer]
        assert "true_color" in layer.metadata[SCENE_KEY].composites()
        assert layer.name.endswith("True colour")
        assert start.table.isHidden()
        start.start.click()
        assert find_session(viewer).composite == "true_color"

    def test_no_name_at_all_is_told(self, start, viewer, unnamed, told):
        add_scene_layer(viewer, unnamed)
        start.name_bands.click()
        assert told == ["no band was given a name; choose at least red, green and blue"]

    def test_a_name_given_twice_is_told_and_changes_nothing(self, start, viewer, unnamed, told):
        layer = add_scene_layer(viewer, unnamed)
        for row in (0, 1):
            start.table.cellWidget(row, 1).setCurrentText("red")
        start.name_bands.click()
        assert len(told) == 1
        assert layer.metadata[SCENE_KEY] is unnamed

    def test_bands_left_out_keep_their_own_names(self, qtbot, unnamed):
        table = BandTable()
        qtbot.addWidget(table)
        table.show_bands(unnamed.bands)
        assert not table.is_filled
        table.cellWidget(3, 1).setCurrentText(" nir ")
        assert table.is_filled
        assert table.names(unnamed.bands) == [*unnamed.bands.names[:3], "nir"]


class TestBandPanel:
    @pytest.fixture
    def panel(self, viewer, qtbot):
        panel = BandPanel(viewer)
        qtbot.addWidget(panel)
        return panel

    def test_it_waits_for_a_scene(self, panel, viewer, scene):
        assert not panel.row.isEnabled()
        add_scene_layer(viewer, scene)
        assert panel.row.isEnabled()
        assert panel.scene_name.text() == "scene"

    def test_it_adds_bands_with_and_without_a_session(self, panel, viewer, scene, told):
        add_scene_layer(viewer, scene)
        panel.row.choice.setCurrentText("nir")
        panel.row.button.click()
        assert viewer.layers[-1].name == "scene · nir"
        annotate_active_scene(viewer)
        session = find_session(viewer)
        panel.row.choice.setCurrentText("red")
        panel.row.button.click()
        assert viewer.layers.index("scene · red") < viewer.layers.index(session.shapes_layer)
        panel.row.choice.setCurrentText("thermal")
        panel.row.button.click()
        assert len(told) == 1
        session.close()


class TestMenuCommands:
    def test_starting_without_a_scene_says_how_to_open_one(self, viewer, told):
        annotate_active_scene(viewer)
        assert "no scene is open" in told[0]

    def test_starting_twice_is_told(self, viewer, scene, told):
        add_scene_layer(viewer, scene)
        annotate_active_scene(viewer)
        annotate_active_scene(viewer)
        assert "labelling already" in told[0]
        find_session(viewer).close()

    def test_export_and_import_without_a_session_say_how_to_start(self, viewer, told):
        export_labels(viewer)
        import_labels(viewer)
        assert len(told) == 2

    def test_export_and_import_ask_for_a_file(self, session, viewer, told, tmp_path, monkeypatch):
        import shapely

        from napari_geolabel.widgets import menu_commands
        from napari_geolabel.widgets.export_dialog import ExportChoice
        from napari_geolabel.widgets.import_dialog import ImportChoice

        path = str(tmp_path / "out.geojson")
        monkeypatch.setattr(menu_commands, "ask_export", lambda session, parent: ExportChoice(path=path))
        monkeypatch.setattr(menu_commands, "ask_import", lambda session, path, parent: ImportChoice())
        monkeypatch.setattr(menu_commands, "choose_import_path", lambda parent: path)
        session.labels.add(shapely.box(0, 0, 9, 9), "ship")
        export_labels(viewer)
        assert not session.labels.unsaved
        session.labels.remove(list(session.labels))
        import_labels(viewer)
        assert len(session.labels) == 1
        monkeypatch.setattr(menu_commands, "ask_export", lambda session, parent: None)
        export_labels(viewer)

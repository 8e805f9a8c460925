"""The list of scenes that lie over each other."""

from __future__ import annotations

import pytest
from affine import Affine

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.widgets import menu_commands
from napari_geolabel.widgets.composite_panel import CompositePanel
from napari_geolabel.widgets.scenes_panel import ScenesPanel


@pytest.fixture
def later(write_scene, scene):
    """The path of a later scene of the same place, of two bands."""
    grid = scene.grid.with_transform(scene.grid.transform @ Affine.scale(2), scene.grid.crs)
    return write_scene(grid, "later.tif", bands=("vv", "vh"))


@pytest.fixture
def panel(session, later, qtbot):
    made = ScenesPanel(session, choose_path=lambda parent: str(later))
    qtbot.addWidget(made)
    return made


def rows(panel):
    return [panel.list.item(i).text() for i in range(panel.list.count())]


def test_one_scene_needs_no_list(panel):
    assert panel.list.isHidden()
    assert panel.remove.isHidden()
    assert panel.add.text() == "Add a scene…"


def test_the_button_adds_a_scene_and_the_list_names_both(panel, session):
    panel.add.click()
    assert rows(panel) == ["scene · True colour (labelled)", session.scenes.layers[1].name]
    assert not panel.list.isHidden()
    assert panel.list.currentRow() == 0
    assert not panel.remove.isEnabled()


def test_a_click_selects_a_scene_for_composites_and_bands(panel, session, qtbot):
    composites = CompositePanel(session)
    qtbot.addWidget(composites)
    panel.add.click()
    panel.list.itemClicked.emit(panel.list.item(1))
    assert session.viewer.layers.selection.active is session.scenes.layers[1]
    assert panel.list.currentRow() == 1
    offered = session.scenes.composites
    assert {id_ for id_, row in composites.list.rows.items() if not row.isDisabled()} == {*offered, *offered.indices}
    assert [composites.bands.choice.itemText(i) for i in range(composites.bands.choice.count())] == ["vv", "vh"]
    composites.list.tree.itemClicked.emit(composites.list.rows["vh"], 0)
    assert session.composite == "true_color"
    assert rows(panel)[1].endswith(session.scenes.composites[session.scenes.composites.current].title)
    session.viewer.layers.selection.active = session.shapes_layer
    assert panel.list.currentRow() == 0
    assert composites.list.tree.currentItem() is composites.list.rows["true_color"]


def test_remove_takes_the_selected_scene_away(panel, session):
    panel.add.click()
    panel.list.itemClicked.emit(panel.list.item(1))
    panel.remove.click()
    assert len(session.scenes.layers) == 1
    assert panel.list.isHidden()


def test_a_layer_deleted_in_naparis_list_leaves_this_one_too(panel, session):
    panel.add.click()
    session.viewer.layers.remove(session.scenes.layers[1])
    assert rows(panel) == ["scene · True colour (labelled)"]


def test_what_cannot_be_added_is_told(session, qtbot, tmp_path, told):
    panel = ScenesPanel(session, choose_path=lambda parent: str(tmp_path / "none.tif"))
    qtbot.addWidget(panel)
    panel.add.click()
    assert len(told) == 1
    assert "none.tif" in told[0]


def test_the_menu_adds_to_a_session(session, later, monkeypatch):
    monkeypatch.setattr(menu_commands, "choose_other_scene_path", lambda parent: str(later))
    menu_commands.add_scene(session.viewer)
    assert [layer.metadata[SCENE_KEY].name for layer in session.scenes.layers] == ["scene", "later"]
    monkeypatch.setattr(menu_commands, "choose_other_scene_path", lambda parent: "")
    menu_commands.add_scene(session.viewer)
    assert len(session.scenes.layers) == 2


def test_the_menu_adds_to_scenes_without_a_session(viewer, scene, later, monkeypatch, told, tmp_path):
    for path in (scene.path, later):
        monkeypatch.setattr(menu_commands, "choose_other_scene_path", lambda parent, path=path: str(path))
        menu_commands.add_scene(viewer)
    first, second = viewer.layers
    assert first.metadata[SCENE_KEY].grid == open_scene(scene.path).grid
    assert second.data_to_world((0, 0)) == pytest.approx((10, 10))
    monkeypatch.setattr(menu_commands, "choose_other_scene_path", lambda parent: str(tmp_path / "none.tif"))
    menu_commands.add_scene(viewer)
    assert "none.tif" in told[-1]

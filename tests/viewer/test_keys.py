"""The table of keys: free of clashes, written down, and bound on our layers alone."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import shapely

from napari_geolabel.ontology.fields import HOTKEYS
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.hand import ADJUST, BRUSH
from napari_geolabel.viewer.keys import (
    COMPOSITE_KEYS,
    KEYS,
    TOOL_KEYS,
    Where,
    bind_composite_keys,
    bind_keys,
    keys_markdown,
    unbind_keys,
)
from napari_geolabel.viewer.scene_layer import add_scene_layer
from napari_geolabel.viewer.sketches import DRAWING_TOOLS, EDITING_TOOLS

DOCUMENT = Path(__file__).parents[2] / "docs" / "keys.md"


def press(layer, key: str) -> None:
    """Do what napari does for a key on a layer."""
    from app_model.types import KeyBinding
    from napari.utils.key_bindings import KeymapHandler

    handler = KeymapHandler()
    handler.keymap_providers = [layer]
    handler.press_key(KeyBinding.from_str(key.replace("Control", "Ctrl").replace("-", "+")))


def test_the_documentation_is_the_table():
    assert DOCUMENT.read_text(encoding="utf-8") == keys_markdown()


def test_no_key_means_two_things():
    keys = [key.key for key in KEYS]
    assert len(keys) == len(set(keys))


def test_tools_and_classes_cannot_clash():
    assert not {key.lower() for key in TOOL_KEYS.values()} & set(HOTKEYS)
    assert {key.lower() for key in HOTKEYS} <= {key.key.lower() for key in KEYS}


def test_every_tool_has_a_key(session):
    assert set(session.tools) == set(TOOL_KEYS)
    assert set(TOOL_KEYS) == {*DRAWING_TOOLS, BRUSH, ADJUST, *EDITING_TOOLS}


def test_no_key_of_the_whole_viewer_is_taken_away_but_those_that_undo():
    """napari's viewer keys (toggle theme, zoom, console ...) keep working on our layers."""
    from napari.components import ViewerModel
    from napari.utils.action_manager import action_manager
    from napari.utils.key_bindings import coerce_keybinding
    from napari.utils.shortcuts import default_shortcuts

    viewer_keys = {
        key
        for name, keys in default_shortcuts.items()
        for key in keys
        if name in action_manager._actions and action_manager._actions[name].keymapprovider is ViewerModel
    }
    ours = {coerce_keybinding(key.key): key for key in KEYS}
    taken = {ours[key].key for key in ours.keys() & viewer_keys}
    assert taken <= {"Control-Y"}, "Ctrl+Y is redo everywhere, napari's 2D/3D switch means nothing for a scene"


def test_digits_never_delete(session):
    session.labels.add(shapely.box(10, 10, 40, 40), "ship")
    session.shapes_layer.selected_data = {0}
    for digit in "123456789":
        press(session.shapes_layer, digit)
        press(session.points_layer, digit)
    assert len(session.labels) == 1
    assert len(session.shapes_layer.data) == 1


@pytest.mark.parametrize(("key", "class_id"), [("1", "ship"), ("2", "cloud"), ("3", "wake"), ("4", "bow")])
def test_a_digit_chooses_its_class_on_every_layer_of_the_session(session, key, class_id):
    for layer in (session.scene_layer, session.shapes_layer, session.points_layer, session.mask_layer):
        session.current_class = "ship" if class_id != "ship" else "cloud"
        press(layer, key)
        assert session.current_class == class_id


def test_a_digit_without_a_class_is_told(session, told):
    press(session.shapes_layer, "9")
    assert told == ["no class of the ontology Coast has the key 9"]


def test_alt_arrows_step_through_composites(session):
    ids = session.composites.steps
    press(session.shapes_layer, "Alt-Right")
    assert session.composite == ids[1]
    press(session.scene_layer, "Alt-Left")
    press(session.mask_layer, "Alt-Left")
    assert session.composite == ids[-1]


def test_alt_digits_jump_to_favourites(session, told):
    ids = session.composites.steps
    press(session.shapes_layer, "Alt-2")
    assert session.composite == ids[1]
    press(session.mask_layer, "Alt-1")
    assert session.composite == ids[0]
    press(session.scene_layer, "Alt-9")
    assert session.composite == ids[0]
    assert told == [f"this scene has {len(ids)} favourite composites and none of number 9"]


def test_alt_0_makes_what_is_shown_a_favourite_and_takes_it_back(session):
    before = session.composites.favourites
    session.composite = "savi"
    press(session.shapes_layer, "Alt-0")
    assert session.composites.favourites == (*before, "savi")
    press(session.shapes_layer, "Alt-0")
    assert session.composites.favourites == before


def test_a_scene_without_a_session_has_the_keys_of_composites(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    bind_composite_keys(layer)
    composites = composites_of(layer)
    press(layer, "Alt-3")
    assert composites.current == composites.steps[2]
    press(layer, "Alt-Left")
    assert composites.current == composites.steps[1]
    assert len(layer.keymap) == len(COMPOSITE_KEYS)


def test_blinking_shows_what_was_before_while_the_key_is_held(session):
    session.composite = "ndvi"
    layer = session.shapes_layer
    (blink,) = [f for f in layer.keymap.values() if inspect.isgeneratorfunction(f) and f is not _hides(layer)]
    held = blink(layer)
    next(held)
    assert session.composite == "true_color"
    assert next(held, None) is None
    assert session.composite == "ndvi"


def _hides(layer):
    """What B is bound to."""
    from napari.utils.key_bindings import coerce_keybinding

    return layer.keymap[coerce_keybinding("B")]


def test_undo_and_redo_work_on_the_mask_layer_too(session):
    session.labels.paint(shapely.box(10, 10, 40, 40), "cloud")
    press(session.mask_layer, "Control-Z")
    assert session.labels.canvas.is_empty
    press(session.mask_layer, "Control-Shift-Z")
    assert not session.labels.canvas.is_empty


def test_tool_keys_take_tools_and_leave_naparis_brush_keys_to_the_mask(session):
    session.current_class = "cloud"
    press(session.shapes_layer, "P")
    assert session.tool == "polygon"
    press(session.shapes_layer, "Z")
    assert session.tool is None
    bound_on_mask = {str(key) for key in session.mask_layer.keymap}
    assert not bound_on_mask & {*TOOL_KEYS.values(), "E", "F", "Z"}


def test_drawing_keys_are_naparis_own_until_a_tool_draws(session):
    layer = session.shapes_layer
    keys = [key.key for key in KEYS if key.where in (Where.DRAWING, Where.ENDING)]
    bound = len(layer.keymap)
    session.current_class = "cloud"
    session.tool = "polygon"
    assert len(layer.keymap) == bound + len(keys)
    session.tool = None
    assert len(layer.keymap) == bound


def test_other_layers_keep_naparis_keys(session):
    other = session.viewer.add_shapes([[(0, 0), (0, 5), (5, 5), (5, 0)]])
    assert not other.keymap


def test_a_held_key_is_a_generator_function(session):
    held = [key for key in KEYS if key.release is not None]
    assert [key.key for key in held] == ["Y", "B"]
    generators = [f for f in session.shapes_layer.keymap.values() if inspect.isgeneratorfunction(f)]
    assert len(generators) == 2
    running = _hides(session.shapes_layer)(session.shapes_layer)
    next(running)
    assert not session.shapes_layer.visible
    assert next(running, None) is None
    assert session.shapes_layer.visible


def test_keys_can_be_taken_off_again(session):
    unbind_keys(session.shapes_layer, Where)
    assert not session.shapes_layer.keymap
    bind_keys(session.shapes_layer, session, (Where.ALL,))
    assert len(session.shapes_layer.keymap) == sum(key.where is Where.ALL for key in KEYS)

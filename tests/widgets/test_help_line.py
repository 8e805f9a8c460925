"""The line at the foot of the window speaks of the tool in hand and of our keys, whatever napari writes there."""

from __future__ import annotations

import re

import pytest
from qtpy.QtCore import QObject

from napari_geolabel.viewer.key_names import TOOL_KEYS
from napari_geolabel.viewer.keys import KEYS
from napari_geolabel.widgets.help_line import FIRST_KEYS, HelpLine
from napari_geolabel.widgets.tool_panel import tool_hint


@pytest.fixture
def parent(qapp):
    return QObject()


@pytest.fixture
def line(session, parent):
    return HelpLine(session, parent)


def test_without_a_tool_it_tells_the_keys_to_begin_with(line, viewer):
    assert line.text == FIRST_KEYS
    assert viewer.help == FIRST_KEYS


def test_every_key_that_it_names_stands_in_the_table_of_keys():
    known = {key.key.replace("Control", "Ctrl").replace("-", "+") for key in KEYS} | set(TOOL_KEYS.values())
    named = re.findall(r"(?:^|, )(\S+) ", FIRST_KEYS)
    assert len(named) == 9
    for name in named:
        assert name in known or (name == "1-9" and {"1", "9"} <= known), name


@pytest.mark.parametrize("tool", ["box", "rotated_box", "polygon", "adjust"])
def test_with_a_tool_it_tells_how_that_draws(line, session, viewer, tool):
    session.current_class = "ship"
    session.tool = tool
    assert viewer.help == tool_hint(tool)
    assert len(viewer.help) > 30
    session.tool = None
    assert viewer.help == FIRST_KEYS


def test_what_napari_writes_at_a_change_of_mode_does_not_stay(line, session, viewer):
    seen = []
    viewer.events.help.connect(lambda event: seen.append(event.value))
    for mode in ("select", "direct", "add_polygon", "pan_zoom"):
        session.shapes_layer.mode = mode
        assert "use <" not in viewer.help
    session.points_layer.mode = "add"
    viewer.layers.selection.active = session.points_layer
    assert "use <" not in viewer.help
    assert all("use <" not in text or seen[-1] == viewer.help for text in seen)


def test_the_window_hears_of_our_text_last(session, viewer, parent):
    shown = []
    viewer.events.help.connect(lambda event: shown.append(event.value))  # as the window does, before any session
    line = HelpLine(session, parent)
    session.shapes_layer.mode = "select"
    assert shown[-1] == line.text


def test_layers_of_others_keep_napari_s_help(line, viewer):
    other = viewer.add_points()
    viewer.layers.selection.active = other
    other.mode = "select"
    assert "use <" in viewer.help


def test_after_the_session_napari_has_its_line_back(line, session, viewer):
    session.close()
    other = viewer.add_shapes()
    other.mode = "select"
    assert viewer.help != FIRST_KEYS
    line.write()  # late news of a session that is closed change nothing of others
    assert viewer.help != FIRST_KEYS

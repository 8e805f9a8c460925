"""Class and tool in hand, with a toolbox that only writes down what it is told."""

from __future__ import annotations

import pytest
from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.hand import BRUSH, Hand
from napari_geolabel.viewer.label_layers import add_label_layers


class NotedToolBox:
    changed = Signal(str)
    names = ("box", "rotated_box", "polygon", "polyline", "keypoint")

    def __init__(self) -> None:
        self.log: list[str | None] = []

    def activate(self, name: str | None) -> None:
        self.log.append(name)
        self.changed.emit(name or "")

    def lay_down(self) -> None:
        self.log.append("cancel")


class NoReshaper:
    def why_not(self, name: str) -> str:
        return f"nothing to {name}"


@pytest.fixture
def toolbox() -> NotedToolBox:
    return NotedToolBox()


@pytest.fixture
def hand(viewer, labels, toolbox) -> Hand:
    return Hand(viewer, labels, toolbox, add_label_layers(viewer, labels), NoReshaper())


def test_it_starts_with_the_first_class_that_is_drawn_and_no_tool(hand):
    assert (hand.class_id, hand.tool) == ("ship", None)


def test_a_tool_goes_to_the_toolbox_once(hand, toolbox):
    hand.tool = "box"
    assert toolbox.log == ["box"]


def test_what_is_being_drawn_is_dealt_with_before_the_class_changes(hand, toolbox):
    classes = []
    toolbox.lay_down = lambda: classes.append(hand.class_id)
    hand.tool = "box"
    hand.class_id = "wake"
    assert classes == ["ship"]
    assert hand.tool == "polyline"


def test_a_class_that_no_tool_draws_leaves_none_in_hand(hand, toolbox):
    toolbox.names = ("box", "polygon")
    hand.tool = "box"
    hand.class_id = "wake"
    assert hand.tool is None


def test_a_tool_put_away_by_the_toolbox_is_put_away(hand, toolbox):
    seen = []
    hand.tool_changed.connect(seen.append)
    hand.tool = "box"
    toolbox.activate(None)
    assert hand.tool is None
    assert seen == ["box", ""]


def test_every_tool_has_a_reason_or_none(hand):
    reasons = hand.tools
    assert [name for name, reason in reasons.items() if not reason] == ["box", "rotated_box"]
    assert "Ship is not drawn as mask" in reasons[BRUSH]
    hand.class_id = "cloud"
    assert hand.why_not(BRUSH) == ""


def test_taking_the_tool_again_brings_the_drawing_layer_back(hand, viewer):
    hand.tool = "box"
    shapes = viewer.layers.selection.active
    viewer.layers.selection.active = viewer.layers[0]
    hand.tool = "box"
    assert viewer.layers.selection.active is shapes


@pytest.mark.parametrize("mode", ["select", "direct"])
def test_picking_is_naparis_select_and_direct_mode_without_a_tool(hand, viewer, mode):
    assert not hand.is_selecting
    viewer.layers.selection.active.mode = mode
    assert hand.is_selecting


def test_a_closed_hand_is_empty_and_deaf(hand, toolbox):
    hand.tool = "box"
    hand.close()
    assert hand.tool is None
    with pytest.raises(GeoLabelError):
        hand.tool = "polyline"

"""Layers that come into the picture one after another; that napari has such parts is seen in tests/gui."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from napari_geolabel.viewer import first_draws
from napari_geolabel.viewer.first_draws import DrawnLater, HiddenLayers, draw_text_where_there_is_some
from napari_geolabel.viewer.slices import Slices


@dataclass
class Node:
    """Stands for what draws a layer, with its parts if it has any."""

    visible: bool = True
    _subvisuals: list[Node] = field(default_factory=list)


@pytest.fixture
def nodes(viewer, monkeypatch):
    """What draws the layers of a viewer: shapes in three parts, one of them unused, and vectors as a whole."""
    made = {
        viewer.add_shapes(ndim=2): Node(_subvisuals=[Node(), Node(visible=False), Node()]),
        viewer.add_vectors(ndim=2): Node(),
    }
    monkeypatch.setattr(first_draws, "drawn_by", lambda viewer, layer: made.get(layer))
    return made


def drawn(nodes):
    """Return which parts are in the picture."""
    shapes, vectors = nodes.values()
    return [part.visible for part in shapes._subvisuals], shapes.visible, vectors.visible


def test_parts_come_back_one_after_another_and_other_layers_as_a_whole(viewer, nodes):
    shapes, vectors = nodes
    late = DrawnLater(viewer, [shapes, vectors], [])
    assert drawn(nodes) == ([False, False, False], True, False)
    assert shapes.visible
    assert vectors.visible  # to everybody else
    seen = []
    for draw in late.draws:
        draw()
        seen.append(drawn(nodes))
    assert seen == [
        ([True, False, False], True, False),
        ([True, False, True], True, False),
        ([True, False, True], True, True),
    ]


def test_a_layer_of_parts_may_come_back_as_a_whole(viewer, nodes):
    shapes, _ = nodes
    late = DrawnLater(viewer, [], [shapes])
    assert drawn(nodes) == ([True, False, True], False, True)
    (draw,) = late.draws
    draw()
    assert drawn(nodes) == ([True, False, True], True, True)


def test_a_layer_that_was_hidden_meanwhile_stays_hidden(viewer, nodes):
    _, vectors = nodes
    late = DrawnLater(viewer, [], [vectors])
    vectors.visible = False
    late.draws[0]()
    assert drawn(nodes)[2] is False


def test_at_the_end_all_are_in_the_picture_even_if_the_work_between_failed(viewer, nodes):
    with pytest.raises(ValueError, match="no"), DrawnLater(viewer, nodes, []):
        raise ValueError("no")
    assert drawn(nodes) == ([True, False, True], True, True)


def test_what_is_hidden_or_drawn_by_nothing_is_left_alone(viewer, nodes, monkeypatch):
    shapes, vectors = nodes
    nodes[shapes].visible = nodes[vectors].visible = False
    assert DrawnLater(viewer, [shapes, viewer.add_points()], [vectors]).draws == []
    assert drawn(nodes) == ([True, False, True], False, False)


def test_nothing_comes_back_into_a_window_that_is_closed(viewer, nodes, monkeypatch):
    with DrawnLater(viewer, nodes, []):
        monkeypatch.setattr(first_draws, "is_window_closed", lambda _: True)
    assert drawn(nodes) == ([False, False, False], True, False)


@pytest.fixture
def slices(viewer, loop):
    made = Slices(viewer, loop.defer, nullcontext, lambda: None)
    yield made
    made.drop()


def test_a_hidden_layer_comes_part_by_part_when_it_is_first_shown_and_its_copies_as_a_whole(
    viewer, nodes, slices, loop
):
    shapes, vectors = nodes
    shapes.visible = False
    hidden = HiddenLayers(viewer, slices, lambda layer: [vectors] if layer is shapes else [])
    hidden.watch(nodes)
    vectors.visible = False
    vectors.visible = True
    assert not slices.are_left  # it was not hidden at first
    shapes.visible = True
    assert slices.are_left
    assert drawn(nodes) == ([False, False, False], True, False)
    loop.run()
    assert drawn(nodes) == ([True, False, True], True, True)
    shapes.visible = False
    shapes.visible = True
    assert not slices.are_left  # now it has been drawn


def test_a_hidden_layer_comes_part_by_part_also_behind_other_work(viewer, nodes, slices, loop):
    shapes, _ = nodes
    shapes.visible = False
    hidden = HiddenLayers(viewer, slices, lambda layer: [])
    hidden.watch(nodes)
    seen = []
    slices.begin(seen.append(drawn(nodes)[0]) for _ in range(3))
    shapes.visible = True
    assert drawn(nodes)[0] == [False, False, False]
    loop.run()
    assert seen == [[True, False, True], [False, False, False], [False, False, False]]
    assert drawn(nodes)[0] == [True, False, True]


def test_hidden_layers_that_are_forgotten_come_at_once(viewer, nodes, slices):
    shapes, _ = nodes
    shapes.visible = False
    hidden = HiddenLayers(viewer, slices, lambda layer: [])
    hidden.watch(nodes)
    hidden.forget()
    shapes.visible = True
    assert not slices.are_left
    assert drawn(nodes)[0] == [True, False, True]


def test_text_is_drawn_from_the_moment_that_there_is_some(viewer, monkeypatch):
    node = SimpleNamespace(text=SimpleNamespace(visible=True))
    monkeypatch.setattr(first_draws, "drawn_by", lambda viewer, layer: node)
    points = viewer.add_points([[1, 2]], features={"name": ["Ann"]})
    draw_text_where_there_is_some(viewer, points)
    assert not node.text.visible
    points.features = {"name": ["Bob"]}
    points.add([3, 4])
    assert not node.text.visible
    points.text = "name"
    assert node.text.visible


def test_without_a_window_there_is_no_text_to_draw(viewer):
    points = viewer.add_points([[1, 2]])
    draw_text_where_there_is_some(viewer, points)
    points.text = {"string": {"constant": "a"}}
    assert points.text.string.constant == "a"

"""Pinned points, and their crosses on the map."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.pins import PIN_COLORS, PinMarks, Pins


@pytest.fixture
def pins():
    return Pins()


@pytest.fixture
def marks(session, pins):
    """Marks on the session's map."""
    return PinMarks(session.viewer, session.scene, pins)


def test_pins_are_numbered_and_differ_in_colour(pins):
    found = [pins.add(10.5, 20.5) for _ in PIN_COLORS]
    assert [pin.name for pin in found][:2] == ["pin 1", "pin 2"]
    assert {pin.color for pin in found} == set(PIN_COLORS)
    assert list(pins) == found


def test_a_colour_that_is_free_again_is_taken_first(pins):
    first, _ = pins.add(1, 1), pins.add(2, 2)
    pins.remove(first.id)
    assert first.id not in pins
    again = pins.add(3, 3)
    assert again.color == first.color
    assert again.id != first.id


def test_renaming_and_removing_are_told(pins):
    said = []
    pins.changed.connect(lambda: said.append(len(pins)))
    pin = pins.add(5, 6)
    pins.rename(pin.id, "  quay ")
    assert pins[pin.id].name == "quay"
    pins.rename(pin.id, "   ")
    assert pins[pin.id].name == "quay"
    pins.remove(pin.id)
    assert said == [1, 1, 1, 0]


def test_nothing_is_marked_before_marks_are_shown(marks, pins):
    pins.add(40, 30)
    assert marks.outlines.layer is None
    marks.show()
    assert len(marks.outlines.layer.data) == 2
    marks.hide()
    assert len(marks.outlines.layer.data) == 0
    pins.add(50, 30)
    assert len(marks.outlines.layer.data) == 0


def test_a_cross_lies_on_its_pixel_and_keeps_its_size_on_screen(marks, pins, session):
    marks.show()
    pins.add(40.5, 30.5)
    layer = marks.outlines.layer
    assert layer.name == "pinned spectra"
    middle = (layer.data[:, 0] + layer.data[:, 1] / 2).mean(axis=0)
    assert np.allclose(Frame.of(session.scene.grid).to_pixel(layer.data_to_world(middle)), (40.5, 30.5), atol=1e-3)
    before = np.abs(layer.data[:, 1]).max()
    session.viewer.scene.camera.zoom *= 2
    assert np.abs(layer.data[:, 1]).max() == pytest.approx(before / 2, rel=1e-3)


def test_marks_that_are_closed_follow_nothing(marks, pins, session):
    marks.show()
    pins.add(40.5, 30.5)
    marks.close()
    pins.add(50.5, 30.5)
    assert len(marks.outlines.layer.data) == 0
    session.viewer.scene.camera.zoom *= 2


def test_marks_that_were_hidden_by_hand_stay_hidden_while_zooming(marks, pins, session):
    marks.show()
    pins.add(40.5, 30.5)
    layer = marks.outlines.layer
    layer.visible = False
    session.viewer.scene.camera.zoom *= 2
    assert not layer.visible
    pins.add(50.5, 30.5)
    assert layer.visible, "who pins wants to see it"

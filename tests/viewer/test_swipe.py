"""A swipe without a window: what it refuses, and what it leaves alone."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.clipping import ColumnClip, canvas_columns, drawn_by


def test_without_a_window_there_is_nothing_to_swipe_on_and_no_layer_is_made(session):
    before = list(session.viewer.layers)
    with pytest.raises(GeoLabelError, match="needs napari's window; `render` makes pictures"):
        session.views.swipe.show("false_color")
    assert list(session.viewer.layers) == before
    assert not session.views.swipe.is_on
    assert session.views.swipe.choice is None
    assert session.views.swipe.layer_under_mouse is None


def test_the_key_tells_why_it_does_nothing(session, told):
    session.views.swipe.toggle()
    assert len(told) == 1
    assert "needs napari's window" in told[0]


def test_the_line_stays_on_the_map(session):
    swipe = session.views.swipe
    for wanted, kept in ((-3, 0.0), (0.3, 0.3), (1.2, 1.0)):
        swipe.position = wanted
        assert swipe.position == kept
    swipe.stop()
    assert swipe.titles[0] == session.composites.shown.title


def test_layers_that_nobody_draws_are_left_alone(session):
    clip = ColumnClip(session.viewer)
    assert drawn_by(session.viewer, session.scene_layer) is None
    assert canvas_columns(session.viewer) == (0, 1.0)
    clip.cut(session.scene_layer, 10, right=True)
    clip.release(session.scene_layer)
    clip.release_all()
    clip.forget()

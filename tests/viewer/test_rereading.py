"""Another reading of the labelled scene takes the place of the old one."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.viewer.rereading import read_scene_as


def test_composites_and_the_status_bar_follow_and_what_is_shown_stays_where_it_can(session):
    session.composite = "true_color"
    names = [f"{band.name}_again={band.common_name}" for band in session.scene.bands]
    heard = []
    session.scene_changed.connect(lambda: heard.append("scene"))
    session.composite_changed.connect(heard.append)
    again = session.scene.with_bands(names)
    read_scene_as(session, again)
    assert session.scene is again
    assert session.composite == "true_color"
    assert heard[-2:] == ["true_color", "scene"]
    assert "red_again" in session.scene_layer.get_status((3.0, 3.0), world=True)["coordinates"]
    heard.clear()
    session.composite = "false_color" if "false_color" in session.composites else "red_again"
    assert len(heard) == 1, "the old composites are no longer heard"


def test_other_pixels_are_refused_and_nothing_changes(session, write_scene):
    before = session.scene
    with open_scene(write_scene(name="other.tif")) as other, pytest.raises(GeoLabelError, match="other pixels"):
        read_scene_as(session, other)
    assert session.scene is before

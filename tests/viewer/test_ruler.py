"""The ruler: clicks make a path, the picture says what it measures, and nothing is labelled."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from napari_geolabel.geo import GeoGrid
from napari_geolabel.geo.path_measure import measure_path
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.ruler import BEYOND, HELP
from napari_geolabel.viewer.session import Session


@pytest.fixture
def ruler(session):
    session.ways.ruler.start()
    return session.ways.ruler


def click(ruler, x, y, *, to=(0, 0), button=1):
    """Press at a scene pixel of ten metres, move by some screen pixels, and release."""
    event = SimpleNamespace(pos=(50, 50), position=(y * 10.0, x * 10.0), button=button, type="mouse_press")
    running = ruler._on_press(None, event)
    next(running, None)
    event.type, event.pos = "mouse_move", (50 + to[0], 50 + to[1])
    next(running, None)
    event.type = "mouse_release"
    next(running, None)


def overlay(session):
    return session.viewer.canvas.overlays.text


def test_clicks_measure_and_drags_move_the_map(session, ruler):
    assert overlay(session).text == HELP
    assert session.keys.label("measure") in HELP
    click(ruler, 100, 100)
    click(ruler, 110, 100)
    click(ruler, 200, 200, to=(20, 0))
    assert ruler.points == [(100, 100), (110, 100)]
    assert ruler.measure.length == pytest.approx(100, rel=1e-3)
    assert overlay(session).text == measure_path(session.scene.grid, ruler.points).text
    assert overlay(session).visible
    assert str(overlay(session).position) == "top_left"
    assert len(session.preview_layer.data) == 5  # a segment and two crosses
    assert len(session.labels) == 0


def test_a_double_click_sets_one_point_and_a_right_click_begins_anew(ruler):
    click(ruler, 100, 100)
    click(ruler, 100, 100)
    assert len(ruler.points) == 1
    click(ruler, 5, 5, button=2)
    assert ruler.points == []
    assert ruler.measure.text == ""


def test_the_path_runs_on_to_the_mouse_but_is_measured_as_it_was_clicked(session, ruler):
    ruler._on_move(None, SimpleNamespace(position=(50.0, 50.0), is_dragging=False))
    assert overlay(session).text == HELP
    click(ruler, 100, 100)
    ruler._on_move(None, SimpleNamespace(position=(1000.0, 1300.0), is_dragging=False))
    assert overlay(session).text.startswith("300.") or overlay(session).text.startswith("299.")
    assert ruler.measure.length == 0
    before = overlay(session).text
    ruler._on_move(None, SimpleNamespace(position=(0.0, 0.0), is_dragging=True))
    assert overlay(session).text == before


def test_it_ends_with_a_tool_and_leaves_the_picture_as_it_was(session, ruler):
    heard = []
    ruler.changed.connect(lambda: heard.append(ruler.is_on))
    click(ruler, 100, 100)
    session.tool = "box"
    assert not ruler.is_on
    assert heard[-1] is False
    assert not overlay(session).visible
    assert len(session.preview_layer.data) == 0
    assert ruler._press not in session.viewer.mouse_drag_callbacks
    ruler.toggle()
    assert ruler.is_on
    assert session.tool is None
    ruler.toggle()
    assert not ruler.is_on


def test_a_script_may_set_the_path_without_switching_it_on(session):
    ruler = session.ways.ruler
    ruler.points = [(0, 0), (0, 100), (100, 100)]
    assert ruler.measure.area == pytest.approx(500_000, rel=1e-2)
    assert not overlay(session).visible
    assert np.shape(ruler.points) == (3, 2)


def test_a_closed_session_measures_no_more(session, ruler):
    session.close()
    assert not ruler.is_on
    ruler.close()


def test_the_map_names_the_key_that_ends_it_as_it_is_now(session, monkeypatch):
    from napari_geolabel.viewer import own_keys

    monkeypatch.setattr(own_keys, "_wanted", lambda: {"measure": "F9"})
    session.ways.ruler.toggle()
    assert overlay(session).text == HELP.replace("Alt+M", "F9")
    assert "F9 ends" in overlay(session).text
    monkeypatch.setattr(own_keys, "_wanted", lambda: {"measure": ""})
    session.ways.ruler.toggle()
    session.ways.ruler.toggle()
    assert "no key ends" in overlay(session).text


@pytest.mark.parametrize(
    ("crs", "transform", "point"),
    [
        ("+proj=ortho +lat_0=0 +lon_0=0", Affine(200_000, 0, -6_400_000, 0, -200_000, 6_400_000), (1, 1)),
        ("EPSG:4326", Affine(1, 0, -30, 0, -1, 90), (10, -5)),
    ],
    ids=["a disk", "beyond the pole"],
)
def test_what_is_nowhere_on_earth_has_no_length(write_scene, viewer, loop, crs, transform, point):
    grid = GeoGrid(shape=(64, 64), transform=transform, crs=CRS.from_user_input(crs))
    with open_scene(write_scene(grid)) as disk:
        session = Session(viewer, open_labels(scene=disk, ontology="maritime"), defer=loop.defer)
        ruler = session.ways.ruler
        ruler.start()
        ruler.points = [(32, 32), point]
        assert overlay(session).text == BEYOND
        ruler.points = [(32, 32), (33, 32)]
        assert "km" in overlay(session).text
        session.close()

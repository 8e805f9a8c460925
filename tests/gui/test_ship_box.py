"""A rotated box over a real ship: what it measures is true, and it stays a rectangle on the ground."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer

from napari_geolabel.geo import is_rectangle, measure_box
from napari_geolabel.viewer.grips import grips_of

BOW, STERN, BEAM = (133.5, 23.5), (140.5, 68.5), (141.3, 45.2)
"""A ship at anchor: its ends, and a point on its side."""


@pytest.fixture
def path(shared_data):
    return shared_data / "planet_ships" / "1056417_2017-03-08_RE3_3A_Visual_clip.tif"


@pytest.fixture
def labels(path):
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    return open_labels(scene=open_scene(path), ontology="maritime")


def on_ellipsoid(path, *pixels):
    """Return azimuth and distance of two pixel points without any code of ours."""
    with rasterio.open(path) as dataset:
        to_lonlat = Transformer.from_crs(dataset.crs, 4326, always_xy=True)
        ends = [to_lonlat.transform(*(dataset.transform * tuple(map(float, pixel)))) for pixel in pixels]
    azimuth, _, metres = Geod(ellps="WGS84").inv(*ends[0], *ends[1])
    return azimuth % 360, metres


def test_a_ship_is_measured_right_and_its_box_stays_a_rectangle(path, session, mouse, press, photograph, until):
    grid, labels = session.scene.grid, session.labels
    mouse.look_at((137, 46), 10.0)
    session.current_class = "ship"
    press("O")
    mouse.click(BOW)
    mouse.click(STERN)
    mouse.move(BEAM)
    assert "heading" in session.viewer.canvas.overlays.text.text
    photograph("drawing-ship")
    mouse.click(BEAM)
    (ship,) = labels.store.values()

    def corners():
        return shapely.get_coordinates(labels[ship.id].geometry)[:4]

    measured = measure_box(corners(), grid)
    heading, length = on_ellipsoid(path, STERN, BOW)
    ends = corners()
    _, width = on_ellipsoid(path, (ends[0] + ends[3]) / 2, (ends[1] + ends[2]) / 2)
    assert measured.length_m == pytest.approx(length, rel=0.01)
    assert measured.width_m == pytest.approx(width, rel=0.01)
    assert abs((measured.heading_deg - heading + 180) % 360 - 180) < 0.01 * 360 / 57
    assert 200 < measured.length_m < 250
    assert 30 < measured.width_m < 60
    press("Shift+E")
    session.selection.select([ship.id])
    rng = np.random.default_rng(7)
    mouse.look_at((137, 46), 4.0)
    for step in range(50):
        adjust(session, mouse if step % 10 == 0 else None, labels[ship.id], rng)
        assert is_rectangle(corners(), grid, 1e-9), step
        assert len(labels.store.undo_titles) == step + 2, step
    assert len(labels.store.undo_titles) == 51
    until(lambda: np.allclose(session.shapes_layer.data[0][:, ::-1] + 0.5, corners(), rtol=0, atol=1e-3))
    assert len(session.shapes_layer.data) == 1
    photograph("drawing-ship-adjusted")
    while len(labels.store.undo_titles) > 1:
        press("Ctrl+Z")
    assert labels[ship.id] == ship


def adjust(session, mouse, ship, rng):
    """Move, turn or resize a box at random: by the mouse where one is given, else as the console does."""
    points = shapely.get_coordinates(ship.geometry)[:4]
    middle, shift, what = points.mean(axis=0), rng.uniform(2, 6, 2) * rng.choice([-1, 1], 2), rng.integers(3)
    if what == 2 and np.hypot(*(points[0] - points[2])) > 60:
        shift = (middle - points[1]) * 0.4
    if np.abs(middle - (137, 46)).max() > 25:  # back to the middle of the view
        what, shift = 0, np.array([137, 46]) - middle
    if mouse is not None:
        grip = grips_of(ship, session.toolbox.screen_px)
        start = (middle, grip[-1].point, points[1])[what]
        mouse.drag(start, start + shift)
    elif what == 0:
        session.labels.reshape.move(ship.id, pixels=tuple(map(float, shift)))
    elif what == 1:
        session.labels.reshape.rotate(ship.id, float(rng.uniform(-180, 180)))
    else:
        session.labels.reshape.resize(ship.id, 1, tuple(map(float, points[1] + shift)))

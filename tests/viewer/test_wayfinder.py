"""Going to places, cells and bookmarks: the view moves, and only marks and bookmarks change the labels."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer import wayfinder


def middle(session) -> tuple[float, float]:
    """Return the pixel point in the middle of the view."""
    x0, y0, x1, y1 = session.ways.view
    return round((x0 + x1) / 2, 3), round((y0 + y1) / 2, 3)


@pytest.fixture
def said(monkeypatch):
    found = []
    monkeypatch.setattr(wayfinder, "tell", found.append)
    monkeypatch.setattr(wayfinder, "warn", found.append)
    return found


def test_a_place_comes_into_the_middle_near_enough_to_see_its_pixels(session):
    assert session.ways.go_to("row 100 col 200") == (200.5, 100.5)
    assert middle(session) == (200.5, 100.5)
    x0, _, x1, _ = session.ways.view
    assert x1 - x0 == pytest.approx(200)  # four screen pixels each on a canvas of 800
    session.viewer.scene.camera.zoom *= 3
    session.ways.go_to((50, 60))
    assert middle(session) == (50, 60)
    x0, _, x1, _ = session.ways.view
    assert x1 - x0 == pytest.approx(200 / 3)  # closer already, so it stays


def test_coordinates_on_earth_lead_to_their_pixel(session):
    ((lon, lat),) = session.scene.grid.pixel_to_lonlat([(300.25, 400.75)])
    assert session.ways.go_to(f"{lat:.9f} {lon:.9f}") == pytest.approx((300.25, 400.75), abs=1e-3)
    ((east, north),) = session.scene.grid.pixel_to_map([(10, 20)])
    assert session.ways.go_to(f"{east} {north}") == pytest.approx((10, 20), abs=1e-6)


def test_what_lies_outside_or_is_no_place_is_said_and_the_view_stays(session):
    before = session.ways.view
    with pytest.raises(GeoLabelError, match="lies outside the scene, at row 600 and column 10 of 512 x 512"):
        session.ways.go_to((10, 600))
    with pytest.raises(GeoLabelError, match="names no place"):
        session.ways.go_to("the pier")
    assert session.ways.view == before


def test_open_cells_are_gone_through_and_what_is_empty_is_marked_and_undone(session, said):
    session.labels.add(shapely.box(10, 10, 30, 30), "ship", kind="box")
    ways, coverage = session.ways, session.labels.coverage
    ways.go_to((20, 20))
    steps = len(session.labels.store.undo_titles)
    assert ways.next_cell() == (0, 1)
    assert ways.cell == (0, 1)
    assert middle(session) == (192, 64)
    assert len(session.labels.store.undo_titles) == steps  # looking changes nothing
    ways.nothing_here()
    assert set(coverage.checked) == {(0, 1)}
    assert ways.cell == (0, 2)
    session.undo()
    assert coverage.checked == {}
    coverage.mark(*coverage)
    assert ways.next_cell() is None
    assert said == ["every cell is labelled or checked"]


def test_the_cell_in_the_middle_counts_once_the_view_has_left_the_one_gone_to(session, said):
    ways = session.ways
    ways.look_at_cell((0, 0))
    ways.go_to((500, 500))
    assert ways.cell == (3, 3)
    session.viewer.scene.camera.center = (-9999, -9999)
    assert ways.cell is None
    ways.nothing_here()
    assert said == ["the middle of the view lies outside the scene; go to a cell with F7"]


def test_a_view_is_kept_under_a_name_and_shown_again(session):
    session.ways.look_at_cell((1, 2))
    kept = session.ways.view
    session.ways.bookmark("ferry")
    session.ways.look_at_cell((0, 0))
    session.ways.go_to_bookmark("ferry")
    assert session.ways.view == pytest.approx(kept)
    assert session.labels.store.undo_titles[0] == "set bookmark ferry"


def test_marks_that_cannot_be_made_are_told(session, said):
    session.ways.look_at_cell((1, 1))
    session.labels.store.refusal = GeoLabelError("the labels are read only")
    session.ways.nothing_here()
    assert said == ["the labels are read only"]
    session.labels.store.refusal = None

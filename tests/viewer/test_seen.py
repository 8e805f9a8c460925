"""What has been looked at: only what was near enough, where the view rested, and nothing beside it."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.viewer.seen import PIXELS_PER_MS, REST_MS


def look(session, x, y, zoom):
    camera = session.viewer.scene.camera
    session.ways.center_on((x, y))
    camera.zoom = zoom / min(session._frame.pixel_size)


@pytest.fixture
def seen(session, loop):
    loop.run()
    session.ways.seen.forget()
    return session.ways.seen


def test_what_is_in_view_counts_once_the_view_rests_and_shows_pixels(session, loop, seen):
    told = []
    seen.changed.connect(lambda: told.append(seen.share))
    look(session, 256, 256, 0.4)
    loop.run()
    assert seen.share == 0  # too far to see pixels
    look(session, 128, 128, 8)
    assert seen.share == 0  # not yet at rest
    loop.run()
    assert told == [seen.share]
    x0, y0, x1, y1 = session.ways.view  # 100 x 75 pixels of 512 x 512
    assert seen.share == pytest.approx((x1 - x0) * (y1 - y0) / 512**2, rel=0.15)
    rows, cols = np.nonzero(seen.raster)
    px = 512 / len(seen.raster)
    assert np.all((cols + 0.5) * px >= x0)
    assert np.all((cols + 0.5) * px <= x1)
    assert np.all((rows + 0.5) * px >= y0)
    assert np.all((rows + 0.5) * px <= y1)
    loop.run()
    assert len(told) == 1


def test_places_passed_by_do_not_count_and_those_seen_add_up(session, loop, seen):
    look(session, 60, 60, 8)
    loop.run()
    first = seen.share
    look(session, 250, 60, 8)
    look(session, 440, 440, 8)
    loop.run()
    assert seen.share == pytest.approx(2 * first, rel=0.1)
    look(session, -900, -900, 8)
    loop.run()
    assert seen.share == pytest.approx(2 * first, rel=0.1)
    seen.forget()
    assert not seen.raster.any()


def test_a_raster_that_was_handed_out_is_a_copy_and_a_closed_session_notes_no_more(session, loop, seen):
    seen.raster[:] = True
    assert seen.share == 0
    look(session, 60, 60, 8)
    session.close()
    loop.run()
    look(session, 300, 300, 8)
    loop.run()
    assert seen.share == 0


def test_the_more_is_in_view_the_longer_one_has_to_look(session, loop, seen):
    waits = []
    for zoom in (0.2, 1.0, 2.0, 8.0):
        loop.waiting.clear()
        look(session, 256, 256, zoom)
        waits.append(max(milliseconds for milliseconds, call in loop.waiting if "_rest" in repr(call)))
    assert waits == sorted(waits, reverse=True)
    assert waits[0] == pytest.approx(512 * 512 / PIXELS_PER_MS, abs=2)  # the scene alone, not what is black around it
    assert waits[-1] == REST_MS[0]
    assert max(waits) <= REST_MS[1]

"""The panels of a session in a real window; the screenshots are there to be looked at."""

from __future__ import annotations

import shapely


def test_the_panels_stand_beside_the_scene(session, photograph):
    session.labels.add(shapely.box(100, 100, 160, 130), session.current_class, kind="rotated_box")
    assert photograph("panels").stat().st_size > 10_000

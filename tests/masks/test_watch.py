"""Progress and cancelling of long work."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import CancelledError
from napari_geolabel.masks import UNWATCHED, Watch


def test_a_part_tells_its_share_of_the_whole():
    told: list[float] = []
    watch = Watch(progress=told.append)
    part = watch.part(0.5, 0.9)
    for share in (0, 0.5, 1):
        part.tell(share)
    assert told == pytest.approx([0.5, 0.7, 0.9])


def test_what_is_wanted_no_more_ends_in_parts_too():
    watch = Watch(cancelled=lambda: True).part(0, 1)
    with pytest.raises(CancelledError):
        watch.tell(0.1)


def test_work_that_nobody_watches_goes_on():
    UNWATCHED.tell(0.3)
    UNWATCHED.part(0, 1).tell(2)

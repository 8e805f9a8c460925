"""Bookmarks: places by name, undone and kept like labels."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import GeoLabelError


def test_a_bookmark_is_set_replaced_removed_and_undone(labels):
    labels.bookmarks["north quay"] = (10, 20, 110.5, 70)
    labels.bookmarks["  the   ferry "] = (0, 0, 5, 5)
    assert dict(labels.bookmarks) == {"north quay": (10, 20, 110.5, 70), "the ferry": (0, 0, 5, 5)}
    labels.bookmarks["north quay"] = (1, 2, 3, 4)
    assert labels.bookmarks["north quay"] == (1, 2, 3, 4)
    del labels.bookmarks["the ferry"]
    assert list(labels.bookmarks) == ["north quay"]
    assert labels.store.undo_titles == [
        "remove bookmark the ferry",
        "set bookmark north quay",
        "set bookmark the ferry",
        "set bookmark north quay",
    ]
    labels.undo()
    labels.undo()
    assert labels.bookmarks["north quay"] == (10, 20, 110.5, 70)
    assert len(labels.bookmarks) == 2
    assert labels.scene_attributes == {}


def test_a_bookmark_is_found_under_the_name_that_it_was_given(labels):
    labels.bookmarks["north  quay "] = (1, 2, 3, 4)
    assert labels.bookmarks["north  quay "] == labels.bookmarks["north quay"] == (1, 2, 3, 4)
    del labels.bookmarks["north  quay"]
    assert not labels.bookmarks


def test_a_bookmark_needs_a_name(labels):
    with pytest.raises(GeoLabelError, match="a name of 1 to 80 letters, not 0"):
        labels.bookmarks[" "] = (0, 0, 1, 1)
    with pytest.raises(KeyError):
        labels.bookmarks["nowhere"]
    with pytest.raises(KeyError):
        del labels.bookmarks["nowhere"]


def test_bookmarks_live_in_the_label_file(open_kept):
    labels = open_kept()
    labels.bookmarks["a: b"] = (1e6 + 0.25, 0, 1, 1)
    labels.flush()
    labels.close()
    assert open_kept().bookmarks["a: b"] == (1000000.25, 0, 1, 1)


def test_what_is_no_place_is_no_bookmark(labels):
    from napari_geolabel.annotations import Change

    labels.store.apply(Change(title="other", scene_attributes=({}, {"geolabel:bookmark:odd": "here"})))
    assert list(labels.bookmarks) == []
    with pytest.raises(KeyError):
        labels.bookmarks["odd"]

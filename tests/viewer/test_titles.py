from __future__ import annotations

import pytest
import shapely

from napari_geolabel.annotations import Annotation, Edit
from napari_geolabel.viewer.titles import title

SHIP = Annotation(class_id="ship", kind="box", geometry=shapely.box(0, 0, 1, 1))
ADDED, REMOVED, UPDATED = Edit(after=SHIP), Edit(before=SHIP), Edit(before=SHIP, after=SHIP)


@pytest.mark.parametrize(
    ("edits", "pasted", "moved", "expected"),
    [
        ([ADDED], 0, True, "draw ship"),
        ([ADDED] * 3, 0, True, "draw 3 annotations"),
        ([ADDED], 1, True, "paste ship"),
        ([ADDED] * 2, 2, True, "paste 2 annotations"),
        ([REMOVED], 0, True, "delete ship"),
        ([UPDATED] * 3, 0, True, "move 3 annotations"),
        ([UPDATED], 0, False, "edit ship"),
        ([ADDED, REMOVED], 0, True, "edit 2 annotations"),
    ],
)
def test_undo_names_what_was_done(edits, pasted, moved, expected):
    assert title(edits, pasted=pasted, moved=moved) == expected

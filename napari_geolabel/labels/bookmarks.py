"""Places of a scene by name, kept with its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.annotations.scene_notes import PREFIX, notes_of
from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.labels.checking import Checked

BOOKMARK = "bookmark"
"""Topic of the notes that are bookmarks."""
MOST_LETTERS = 80


class Bookmarks(Mapping[str, Bounds]):
    """Name to a view ``(x0, y0, x1, y1)`` in pixel coordinates, in the order in which they were set.

    Setting and deleting are changes like any other: undone, saved and shared
    with other sessions on the label file.
    """

    def __init__(self, labels: Checked) -> None:
        self._labels = labels

    def __getitem__(self, name: str) -> Bounds:
        text = notes_of(self._labels.store.scene_attributes, BOOKMARK).get(self._kept_as(name))
        bounds = None if text is None else _read(text)
        if bounds is None:
            raise KeyError(name)
        return bounds

    def __iter__(self) -> Iterator[str]:
        found = notes_of(self._labels.store.scene_attributes, BOOKMARK)
        return iter([name for name, text in found.items() if _read(text) is not None])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __setitem__(self, name: str, bounds: Bounds) -> None:
        """Keep a view under a name, instead of one that had it; several spaces count as one, here as in looking up.

        Raises
        ------
        GeoLabelError
            If the name is empty or too long.
        """
        wanted = " ".join(name.split())
        if not 0 < len(wanted) <= MOST_LETTERS:
            raise GeoLabelError(f"a bookmark needs a name of 1 to {MOST_LETTERS} letters, not {len(wanted)}")
        self._put(f"set bookmark {wanted}", wanted, " ".join(f"{value:.10g}" for value in bounds))

    def __delitem__(self, name: str) -> None:
        """Forget a bookmark."""
        self[name]  # raises KeyError where there is none
        kept = self._kept_as(name)
        self._put(f"remove bookmark {kept}", kept, None)

    def _kept_as(self, name: str) -> str:
        """Return the name that a bookmark has in the labels, where another program may have put more spaces."""
        return name if name in notes_of(self._labels.store.scene_attributes, BOOKMARK) else " ".join(name.split())

    def _put(self, title: str, name: str, text: str | None) -> None:
        before, key = dict(self._labels.store.scene_attributes), f"{PREFIX}{BOOKMARK}:{name}"
        after = {k: v for k, v in before.items() if k != key} | ({} if text is None else {key: text})
        if after != before:
            self._labels.store.apply(Change(title=title, scene_attributes=(before, after)))


def _read(text: str) -> Bounds | None:
    """Return the view of a note, None where another program has written something else."""
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split())
    except ValueError:
        return None
    return x0, y0, x1, y1

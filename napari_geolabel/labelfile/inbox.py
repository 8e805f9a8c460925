"""What others did to a label file, until the store asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.labelfile.ledger import Arrivals
from napari_geolabel.labelfile.rows import encode


class Inbox:
    """Arrivals that the writer's thread brings and the store's thread fetches."""

    def __init__(self) -> None:
        self._arrivals = Arrivals()
        self._guard = threading.Lock()

    def take(self, arrivals: Arrivals) -> None:
        """Keep what others did, over what they did before."""
        with self._guard:
            self._arrivals.annotations |= arrivals.annotations
            self._arrivals.tiles |= arrivals.tiles
            if arrivals.scene_attributes is not None:
                self._arrivals.scene_attributes = arrivals.scene_attributes

    def give_back(self, change: Change) -> None:
        """Keep a change that was pulled and could not be taken over; where something newer has arrived, that."""
        with self._guard:
            held = self._arrivals
            held.annotations = {edit.id: edit.after for edit in change.edits} | held.annotations
            tiles: dict[tuple[int, int], bytes | None] = {(edit.row, edit.col): edit.after for edit in change.tiles}
            held.tiles = tiles | held.tiles
            if change.scene_attributes is not None and held.scene_attributes is None:
                held.scene_attributes = change.scene_attributes[1]

    def pull(
        self,
        waiting: Sequence[Change],
        annotations: Mapping[str, Annotation],
        scene_attributes: Mapping[str, Any],
        tile: Callable[[int, int], bytes] | None,
    ) -> Change:
        """Return what arrived as a change from what a store has; what ``waiting`` changes touch stays for later."""
        taken = self._fetch(waiting, tile)
        edits = (_edit(annotations.get(key), theirs) for key, theirs in taken.annotations.items())
        painted = (_tile_edit(key, tile(*key), theirs) for key, theirs in taken.tiles.items() if tile is not None)
        scene = taken.scene_attributes
        return Change(
            title="take over what others did",
            origin="elsewhere",
            edits=tuple(edit for edit in edits if edit is not None),
            tiles=tuple(edit for edit in painted if edit is not None),
            scene_attributes=None if scene is None or scene == dict(scene_attributes) else (scene_attributes, scene),
        )

    def _fetch(self, waiting: Sequence[Change], tile: Callable[[int, int], bytes] | None) -> Arrivals:
        busy = {edit.id for change in waiting for edit in change.edits}
        busy_tiles = {(t.row, t.col) for change in waiting for t in change.tiles}
        taken = Arrivals()
        with self._guard:
            held = self._arrivals
            taken.annotations = {key: held.annotations.pop(key) for key in [*held.annotations] if key not in busy}
            if tile is not None:
                taken.tiles = {key: held.tiles.pop(key) for key in [*held.tiles] if key not in busy_tiles}
            if not any(change.scene_attributes for change in waiting):
                taken.scene_attributes, held.scene_attributes = held.scene_attributes, None
        return taken


def _edit(mine: Annotation | None, theirs: Annotation | None) -> Edit | None:
    if mine is None or theirs is None:
        return None if mine is theirs else Edit(before=mine, after=theirs)
    return None if encode(mine) == encode(theirs) else Edit(before=mine, after=theirs)


def _tile_edit(key: tuple[int, int], mine: bytes, theirs: bytes | None) -> TileEdit | None:
    wanted = bytes(len(mine)) if theirs is None else theirs
    return None if mine == wanted else TileEdit(row=key[0], col=key[1], before=mine, after=wanted)

"""Changes that no label file can hold as they are, such as a text that is no text.

One of them must not keep back the work that comes after it.  It is set aside,
in memory and in sight, until a later change of the same things mends it, undo
takes it back, or it is tried again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from napari_geolabel.annotations import Change, Edit, TileEdit
from napari_geolabel.errors import FormatError, GeoLabelError, UnsafeFileError

_OF_THE_FILE = (UnsafeFileError, FormatError, OSError)
_OF_VALUES = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


def concerns_the_change(error: Exception) -> bool:
    """Return whether an error says that a change cannot be stored, whatever the state of file and disk."""
    return isinstance(error, _OF_VALUES) if isinstance(error, sqlite3.Error) else not isinstance(error, _OF_THE_FILE)


class SetAside:
    """Changes that cannot be stored, oldest first, each with the reason."""

    def __init__(self) -> None:
        self._held: list[tuple[Change, str]] = []

    def __len__(self) -> int:
        return len(self._held)

    @property
    def changes(self) -> list[Change]:
        """What is held."""
        return [change for change, _ in self._held]

    def take(self, change: Change, error: Exception) -> None:
        """Hold a change."""
        named = isinstance(error, (GeoLabelError, ValueError, TypeError)) and str(error)
        self._held.append((change, f"{change.title}: {named or repr(error)}"))

    def joined(self, change: Change) -> Change:
        """Return a change as one with those that it builds on, which are held no more; it may change nothing then.

        Only together they start from what the file has.
        """
        earlier = [held for held in self.changes if held.touched & change.touched]
        self._held = [(held, reason) for held, reason in self._held if held not in earlier]
        return _in_one([*earlier, change]) if earlier else change

    def empty(self) -> list[Change]:
        """Forget all that is held and return it."""
        changes, self._held = self.changes, []
        return changes

    def reason(self, path: Path) -> str:
        """Return one sentence for the user: what is not stored, why, and the way out."""
        number = len(self._held)
        them = "1 change" if number == 1 else f"{number} changes"
        why = self._held[0][1]
        return (
            f"{path} cannot hold {them} ({why}); everything else is saved: mend that value, "
            "undo the change, or export the labels"
        )


def _in_one(changes: Sequence[Change]) -> Change:
    """Return one change from before the first to after the last."""
    edits: dict[str, Edit] = {}
    tiles: dict[tuple[int, int], TileEdit] = {}
    scenes = [change.scene_attributes for change in changes if change.scene_attributes is not None]
    for change in changes:
        for edit in change.edits:
            before = edits[edit.id].before if edit.id in edits else edit.before
            edits[edit.id] = Edit(before=before, after=edit.after)
        for tile in change.tiles:
            key = tile.row, tile.col
            first = tiles.get(key, tile)
            tiles[key] = TileEdit(row=tile.row, col=tile.col, before=first.before, after=tile.after)
    return Change(
        title=changes[-1].title,
        edits=tuple(edit for edit in edits.values() if edit.before is not edit.after),
        tiles=tuple(tile for tile in tiles.values() if tile.before != tile.after),
        scene_attributes=(scenes[0][0], scenes[-1][1]) if scenes else None,
    )

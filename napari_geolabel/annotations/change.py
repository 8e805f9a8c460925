"""What undo reverses: plain values that say how a label set was and how it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from napari_geolabel.annotations.annotation import Annotation

TILE_PX = 256
"""Side of the square mask tiles in which painting is recorded, in pixels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One annotation before and after: added (``before`` None), removed (``after`` None) or updated."""

    before: Annotation | None = None
    after: Annotation | None = None

    @property
    def id(self) -> str:
        """The annotation's id."""
        annotation = self.after or self.before
        if annotation is None:
            raise ValueError("an edit needs an annotation before or after")
        return annotation.id


@dataclass(frozen=True, kw_only=True, slots=True)
class TileEdit:
    """One mask tile before and after, as uncompressed row-major bytes of the mask's data type.

    Tiles at the right and lower border of the scene are cut to its size.
    """

    row: int
    """Row of the tile, counted in tiles."""
    col: int
    """Column of the tile, counted in tiles."""
    before: bytes
    after: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A step of work that is done, undone and saved as a whole."""

    title: str
    """What the user did, as undo shows it: ``draw ship``, ``import 43 annotations``."""
    edits: tuple[Edit, ...] = ()
    tiles: tuple[TileEdit, ...] = ()
    scene_attributes: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    """Attributes of the whole scene before and after, None where untouched."""
    origin: Literal["here", "elsewhere"] = "here"
    """``elsewhere`` where others made it and the label file has it already."""

    def __bool__(self) -> bool:
        """Whether the change changes anything."""
        return bool(self.edits or self.tiles or self.scene_attributes)

    @property
    def touched(self) -> frozenset[Hashable]:
        """What it changes: ids of annotations, (row, col) of tiles, and None for attributes of the scene."""
        scene = () if self.scene_attributes is None else (None,)
        return frozenset((*(e.id for e in self.edits), *((t.row, t.col) for t in self.tiles), *scene))

    def reversed(self) -> Change:
        """Return the change that takes this one back."""
        return Change(
            title=self.title,
            edits=tuple(Edit(before=e.after, after=e.before) for e in reversed(self.edits)),
            tiles=tuple(TileEdit(row=t.row, col=t.col, before=t.after, after=t.before) for t in reversed(self.tiles)),
            scene_attributes=None if self.scene_attributes is None else self.scene_attributes[::-1],
        )

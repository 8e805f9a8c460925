"""Which row of a layer is which annotation.

A row says by its features what it shows (``id`` and ``part``).  That is not
always true: a pasted row carries the id of its original, and after some
gestures napari leaves the features one row longer than the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from napari_geolabel.viewer.geometry_display import Drawing

Key = tuple[str, int]
"""An annotation's id and the part of it that a row shows; all kinds but lines of several parts have part 0 alone."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Row:
    """One row as it stands in a layer."""

    index: int
    """Where it stands in the layer."""
    id: str
    """The annotation that its features name, empty for none."""
    part: int
    class_id: str
    """The class that its features name, empty for none."""
    drawing: Drawing


@dataclass(frozen=True, kw_only=True)
class SortedRows:
    """Rows by what they are."""

    kept: dict[str, dict[int, Row]] = field(default_factory=dict)
    """Rows of annotations that were shown, by id and part."""
    copies: dict[tuple[str, int], list[Row]] = field(default_factory=dict)
    """Pasted rows, by the id of the original and which copy of it they belong to."""
    new: list[Row] = field(default_factory=list)
    """Rows that name no annotation."""


def sort_rows(rows: Sequence[Row], shown: Mapping[str, Sequence[Drawing]]) -> SortedRows:
    """Return rows by what they are: the first row of a shown annotation is the annotation, further ones are copies."""
    out = SortedRows()
    seen: Counter[Key] = Counter()
    for row in rows:
        key = (row.id, row.part)
        if not row.id:
            out.new.append(row)
        elif row.part < len(shown.get(row.id, ())) and not seen[key]:
            out.kept.setdefault(row.id, {})[row.part] = row
        else:
            out.copies.setdefault((row.id, seen[key]), []).append(row)
        seen[key] += 1
    return out


def named_by_content(rows: Sequence[Row], shown: Mapping[str, Sequence[Drawing]]) -> list[Row]:
    """Return rows with ids by what they look like, for when the features are out of step with the data.

    Rows that look like nothing that was shown stand for what is missing, in
    order, if there are as many of both; else they are new.
    """
    names: dict[bytes, list[Key]] = {}
    for annotation_id, drawings in shown.items():
        for part, drawing in enumerate(drawings):
            names.setdefault(drawing.vertices.tobytes(), []).append((annotation_id, part))
    found: list[Key | None] = []
    for row in rows:
        keys = names.get(row.drawing.vertices.tobytes())
        found.append(keys.pop(0) if keys else None)
    missing = [key for keys in names.values() for key in keys]
    if len(missing) == found.count(None):
        rest = iter(missing)
        found = [next(rest) if key is None else key for key in found]
    return [
        replace(row, id=key[0] if key else "", part=key[1] if key else 0, class_id="")
        for row, key in zip(rows, found, strict=True)
    ]

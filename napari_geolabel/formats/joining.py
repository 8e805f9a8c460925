"""Several tables of features of one CRS to one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from napari_geolabel.formats.columns import LabelColumns, PixelCopy, same_grid
from napari_geolabel.geo import same_crs


def joined(tables: Sequence[LabelColumns], name: str, skipped: Sequence[tuple[str, str]] = ()) -> LabelColumns:
    """Return all features of some tables; of several tables each is told by the name of its file.

    Exact pixels and attributes of a scene come along where all tables are of
    one scene.  Tables of another CRS than the first are left out.

    Parameters
    ----------
    tables
        At least one.
    name
        What they are together, for sentences.
    skipped
        What was left out before: where, and why.
    """
    if len(tables) == 1:
        (only,) = tables
        only.skipped = [*skipped, *only.skipped]
        return only
    first = tables[0]
    kept = [each for each in tables if _is_like(first, each)]
    lost = [
        (each.name, "its labels are in another CRS than those before") for each in tables if not _is_like(first, each)
    ]
    answers = [each.scene_attributes for each in kept]
    return LabelColumns(
        geometries=np.concatenate([each.geometries for each in kept]),
        crs=first.crs,
        class_ids=[word for each in kept for word in each.class_ids],
        properties=[row for each in kept for row in each.properties],
        ids=[key for each in kept for key in each.ids],
        where=[f"{each.name}: {where}" for each in kept for where in each.where],
        name=name,
        pixels=_pixels(kept),
        scene_attributes=answers[0] if all(each == answers[0] for each in answers) else {},
        skipped=[*skipped, *lost, *((f"{each.name}: {where}", why) for each in kept for where, why in each.skipped)],
        notes=list(dict.fromkeys(note for each in kept for note in each.notes)),
    )


def _is_like(first: LabelColumns, other: LabelColumns) -> bool:
    if first.crs is None or other.crs is None:
        return first.crs is other.crs
    return same_crs(first.crs, other.crs)


def _pixels(tables: Sequence[LabelColumns]) -> PixelCopy | None:
    """Return the exact pixels of all tables, None where they are not of one grid and one rounding."""
    copies = [each.pixels for each in tables if each.pixels is not None]
    if len(copies) < len(tables):
        return None
    first = copies[0]
    if not all(same_grid(first.grid, each.grid) and each.precision == first.precision for each in copies):
        return None
    return PixelCopy(
        grid=first.grid, geometries=np.concatenate([each.geometries for each in copies]), precision=first.precision
    )

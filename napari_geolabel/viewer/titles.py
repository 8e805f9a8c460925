"""What undo calls a gesture."""

from __future__ import annotations

from collections.abc import Sequence

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Edit


def title(edits: Sequence[Edit], *, pasted: int, moved: bool) -> str:
    """Return what was done in two or three words: ``draw ship``, ``move 3 annotations``.

    Parameters
    ----------
    edits
        What the gesture changed.
    pasted
        How many of the new annotations are copies.
    moved
        Whether all updates were shifts.
    """
    added = [edit.after for edit in edits if edit.before is None and edit.after is not None]
    removed = [edit.before for edit in edits if edit.after is None and edit.before is not None]
    updated = [edit.after for edit in edits if edit.before is not None and edit.after is not None]
    if added and not removed and not updated:
        return f"{'paste' if pasted == len(added) else 'draw'} {counted(added)}"
    if removed and not added and not updated:
        return f"delete {counted(removed)}"
    if updated and not added and not removed:
        return f"{'move' if moved else 'edit'} {counted(updated)}"
    return f"edit {counted([*added, *updated, *removed])}"


def counted(annotations: Sequence[Annotation]) -> str:
    """Return the class of one annotation, or how many there are."""
    return annotations[0].class_id if len(annotations) == 1 else f"{len(annotations)} annotations"

"""Who an edited annotation is credited to: a model's suggestion that a person has changed is the work of both."""

from __future__ import annotations

from dataclasses import replace

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit


def with_credit(change: Change, editor: str) -> Change:
    """Return a change whose edits are credited to the person who makes it; see `credited`.

    Of several edits of one annotation each goes on from the one before it, as that is credited.
    """
    edits: list[Edit] = []
    last: dict[str, tuple[Edit, Edit]] = {}  # by annotation, as it was asked for and as it is credited
    for edit in change.edits:
        earlier = last.get(edit.id)
        follows = edit if earlier is None else _following(edit, *earlier)
        edits.append(_with_credit(follows, editor))
        last[edit.id] = edit, edits[-1]
    return replace(change, edits=tuple(edits))


def credited(before: Annotation, after: Annotation, editor: str) -> Annotation:
    """Return an annotation with the name of the person who has changed it.

    The person's name is added where there is none, and what made the
    annotation stays in its provenance (``source`` and ``tool``).  A suggestion
    whose geometry, class or answers are changed becomes a draft: it is a
    person's now, and no review of suggestions in bulk touches it.

    Parameters
    ----------
    before, after
        The annotation; one whose substance stays, such as one that is accepted, is returned as it is.
    editor
        The person's name.
    """
    made = after.provenance
    if _substance(before) == _substance(after) or _is_older(after, before):
        return after
    if made.annotator is None and made == replace(before.provenance, updated=made.updated):
        after = replace(after, provenance=replace(made, annotator=editor))
    if before.status is after.status is Status.SUGGESTED:
        after = replace(after, status=Status.DRAFT)
    return after


def _following(edit: Edit, asked: Edit, done: Edit) -> Edit:
    """Return an edit that goes on from what was made of the one before it; what it leaves alone stays credited."""
    if asked.after is None or done.after is None or edit.before != asked.after or asked == done:
        return edit
    after = edit.after
    if after is not None and after.status is asked.after.status:
        after = replace(after, status=done.after.status)
    if after is not None and after.provenance == replace(asked.after.provenance, updated=after.provenance.updated):
        after = replace(after, provenance=replace(after.provenance, annotator=done.after.provenance.annotator))
    return Edit(before=done.after, after=after)


def _with_credit(edit: Edit, editor: str) -> Edit:
    if edit.before is None or edit.after is None:
        return edit
    return replace(edit, after=credited(edit.before, edit.after, editor))


def _is_older(one: Annotation, other: Annotation) -> bool:
    """Return whether a version is an earlier one that comes back."""
    first, second = one.provenance.updated, other.provenance.updated
    return first is not None and second is not None and first < second


def _substance(annotation: Annotation) -> tuple[object, ...]:
    """Return what of an annotation is looked at in review."""
    return annotation.class_id, annotation.kind, dict(annotation.attributes), annotation.geometry

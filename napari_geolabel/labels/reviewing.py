"""Reviewing suggestions: accepted and rejected one by one or by their confidence, each time as one change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import AttributeValueError, GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels


class Reviewing:
    """Accepts and rejects suggestions; `Labels.review` makes it.

    What a person has drawn is never touched by what works in bulk: only
    annotations of status suggested are.

    Parameters
    ----------
    labels
        The labels that are reviewed.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def suggestions(self, *, class_ids: Collection[str] | None = None, least: float = 0.0) -> list[str]:
        """Return the ids of what is suggested, the surest first, then what has no confidence.

        Parameters
        ----------
        class_ids
            Only of these classes; None for all.
        least
            Only of at least this confidence; above 0 leaves out what has none.
        """
        _require_share(least)
        found = [a for a in self._labels.store.values() if a.status is Status.SUGGESTED]
        if class_ids is not None:
            found = [a for a in found if a.class_id in class_ids]
        if least > 0:
            found = [a for a in found if a.confidence is not None and a.confidence >= least]
        return [a.id for a in sorted(found, key=sureness)]

    def accept(self, ids: str | Iterable[str]) -> Change:
        """Accept one annotation, or several as one change."""
        return self._decide(ids, Status.ACCEPTED, "accept")

    def reject(self, ids: str | Iterable[str]) -> Change:
        """Reject one annotation, or several as one change; rejected ones stay in the label file, for training."""
        return self._decide(ids, Status.REJECTED, "reject")

    def accept_above(self, confidence: float, *, class_ids: Collection[str] | None = None) -> Change:
        """Accept all suggestions of at least a confidence as one change; those of locked classes stay."""
        sure = self.suggestions(class_ids=class_ids, least=confidence)
        if confidence == 0:
            sure = [i for i in sure if self._labels[i].confidence is not None]
        return self._decide(self._free(sure), Status.ACCEPTED, "accept")

    def reject_below(self, confidence: float, *, class_ids: Collection[str] | None = None) -> Change:
        """Reject all suggestions of less than a confidence as one change; those without one and locked ones stay.

        Raises
        ------
        AttributeValueError
            If the confidence is not between 0 and 1.
        """
        _require_share(confidence)
        known = ((i, self._labels[i].confidence) for i in self.suggestions(class_ids=class_ids))
        unsure = [i for i, sure in known if sure is not None and sure < confidence]
        return self._decide(self._free(unsure), Status.REJECTED, "reject")

    def _free(self, ids: Iterable[str]) -> list[str]:
        return [i for i in ids if self._labels[i].class_id not in self._labels.locked]

    def _decide(self, ids: str | Iterable[str], status: Status, verb: str) -> Change:
        olds = [self._labels[i] for i in ([ids] if isinstance(ids, str) else ids)]
        edits = tuple(Edit(before=old, after=old.edited(status=status)) for old in olds if old.status is not status)
        what = edits[0].before.class_id if len(edits) == 1 and edits[0].before else f"{len(edits)} annotations"
        return self._labels.store.apply(Change(title=f"{verb} {what}", edits=edits))


def sureness(annotation: Annotation) -> float:
    """Return what suggestions are sorted by: the surest first, then those without a confidence."""
    return 1.0 if annotation.confidence is None else -annotation.confidence


def is_reviewable(annotation: Annotation) -> bool:
    """Return whether an annotation may be accepted or rejected by key: it was not drawn by a person alone."""
    return annotation.status is Status.SUGGESTED or annotation.provenance.source != "manual"


def _require_share(confidence: float) -> None:
    if not 0 <= confidence <= 1:
        raise AttributeValueError(f"confidence {confidence} is not between 0 and 1; 0.8 stands for 80 %")


def bulk_review(
    annotations: Iterable[Annotation],
    *,
    accept_above: float | None = None,
    reject_below: float | None = None,
    class_ids: Collection[str] | None = None,
) -> Change:
    """Return the one change that accepts and rejects suggestions by their confidence.

    Parameters
    ----------
    annotations
        Of these the suggestions that have a confidence are decided on.
    accept_above
        Those of at least this confidence are accepted; None accepts none.
    reject_below
        Those of less are rejected; None rejects none.
    class_ids
        Only of these classes; None for all.

    Raises
    ------
    AttributeValueError
        If a limit is not between 0 and 1.
    GeoLabelError
        If there is no limit, or what is accepted would be rejected too.
    """
    if accept_above is None and reject_below is None:
        raise GeoLabelError(
            "say from which confidence to accept (--accept-above 0.9), or below which to reject (--reject-below 0.3)"
        )
    for limit in (accept_above, reject_below):
        _require_share(0.0 if limit is None else limit)
    if accept_above is not None and reject_below is not None and reject_below > accept_above:
        raise GeoLabelError(f"{reject_below} is above {accept_above}; reject below what is accepted")
    edits = []
    for old in annotations:
        is_meant = old.status is Status.SUGGESTED and (class_ids is None or old.class_id in class_ids)
        if not is_meant or old.confidence is None:
            continue
        if accept_above is not None and old.confidence >= accept_above:
            edits.append(Edit(before=old, after=old.edited(status=Status.ACCEPTED)))
        elif reject_below is not None and old.confidence < reject_below:
            edits.append(Edit(before=old, after=old.edited(status=Status.REJECTED)))
    return Change(title=f"review {len(edits)} suggestions", edits=tuple(edits))

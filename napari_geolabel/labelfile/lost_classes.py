"""Classes for annotations whose ontology could not be read: bare ones, so that no annotation is lost with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from napari_geolabel.ontology import Kind, LabelClass, Ontology
from napari_geolabel.ontology.colors import spread_color

if TYPE_CHECKING:
    from napari_geolabel.annotations import Annotation

_NAMED = 8


def with_lost_classes(known: Ontology, annotations: Iterable[Annotation]) -> tuple[Ontology, str]:
    """Return an ontology that allows annotations of another one, and a sentence on what was made up.

    Parameters
    ----------
    known
        The ontology at hand, in place of the one that was lost.
    annotations
        What it must allow: each class is there, and drawn as they are.

    Returns
    -------
    Ontology, str
        Classes that were there keep all they have. The sentence is for the user.
    """
    kinds: dict[str, list[Kind]] = {}
    for annotation in annotations:
        drawn = kinds.setdefault(annotation.class_id, [])
        if annotation.kind not in drawn:
            drawn.append(annotation.kind)
    lost = [class_id for class_id in kinds if class_id not in known]
    first = max(known.by_mask_value, default=0) + 1
    made = [
        LabelClass(
            id=class_id,
            name=class_id.replace("_", " ").capitalize(),
            color=spread_color(len(known.classes) + number),
            mask_value=first + number,
            kinds=tuple(kinds[class_id]),
        )
        for number, class_id in enumerate(lost)
    ]
    made += [
        known[class_id].model_copy(update={"kinds": (*known[class_id].kinds, *missing)})
        for class_id, drawn in kinds.items()
        if class_id in known and (missing := [kind for kind in drawn if kind not in known[class_id].kinds])
    ]
    return (known.with_classes(made) if made else known), _told(known, lost)


def _told(known: Ontology, lost: list[str]) -> str:
    named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
    anew = f"; {named} {'was' if len(lost) == 1 else 'were'} made anew" if lost else ""
    return (
        f"its ontology could not be read, and {known.name} took its place{anew}; apply the ontology that it was made "
        "with to get names, colours and questions back (ontology editor, geolabel ontology apply)"
    )

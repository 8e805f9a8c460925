"""The classes of one ontology taken into another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.fields import MAX_MASK_VALUE
from napari_geolabel.ontology.model import LabelClass, Ontology, all_attributes


def add_missing(ontology: Ontology, other: Ontology) -> Ontology:
    """Return the ontology with the classes and scene attributes of another one whose ids, names and aliases it lacks.

    Mask values and keys that are taken are given anew; what a class says of
    others stays where these are there in the end.

    Raises
    ------
    OntologyError
        If no mask value is left.
    """
    words = {word.casefold() for c in ontology.classes for word in (c.id, c.name, *c.aliases)}
    new = [c for c in other.classes if words.isdisjoint((c.id.casefold(), c.name.casefold()))]
    both = ontology
    for each in new:  # on their own first, since a class may stand before those that it names
        alone = {"parent": None, "never_overlaps": (), **_free_fields(each, both, other)}
        both = both.with_classes([each.with_fields(**alone)])
    both = both.with_classes(_linked(each, both) for each in new)
    asked = {word for a in all_attributes(both.scene_attributes) for word in (a.id, a.name)}
    more = [a for a in other.scene_attributes if asked.isdisjoint((a.name, *(each.id for each in all_attributes([a]))))]
    return both.with_fields(scene_attributes=(*both.scene_attributes, *more))


def _free_fields(label_class: LabelClass, ontology: Ontology, other: Ontology) -> dict[str, Any]:
    """Return the fields of a class of another ontology that may be taken: its key, mask value and aliases."""
    taken = {word.casefold() for c in ontology.classes for word in (c.id, *c.aliases)}
    value = label_class.mask_value
    if value in ontology.by_mask_value:
        value = _free_mask_value({*ontology.by_mask_value, *other.by_mask_value})
    return {
        "hotkey": None if label_class.hotkey in ontology.by_hotkey else label_class.hotkey,
        "mask_value": value,
        "aliases": tuple(word for word in label_class.aliases if word.casefold() not in taken),
    }


def _linked(label_class: LabelClass, ontology: Ontology) -> LabelClass:
    """Return a class as it stands in an ontology, with what it says of the others there."""
    return ontology[label_class.id].with_fields(
        parent=label_class.parent if label_class.parent in ontology else None,
        never_overlaps=tuple(i for i in label_class.never_overlaps if i in ontology),
    )


def _free_mask_value(taken: Iterable[int]) -> int:
    """Return the mask value after all that are taken, or the first between them where these go to the end."""
    values = set(taken)
    following = max(values) + 1
    if following <= MAX_MASK_VALUE:
        return following
    found = next((value for value in range(1, MAX_MASK_VALUE + 1) if value not in values), None)
    if found is None:
        raise OntologyError(f"all mask values up to {MAX_MASK_VALUE} are taken; leave out what is no area")
    return found

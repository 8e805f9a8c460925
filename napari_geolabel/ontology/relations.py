"""Relations: how one annotation may stand to another, such as a barge to the tug that tows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import model_validator

from napari_geolabel.ontology.base import Value
from napari_geolabel.ontology.fields import Id, Name, Text, fault, first_repeated, quoted


class Relation(Value):
    """One way in which an annotation may be linked to another; it is read from the first to the second."""

    id: Id
    """What is stored, such as ``towed_by``; never changed and never reused."""
    name: Name
    """What is shown, such as ``towed by``."""
    description: Text = ""
    """Advice for whoever links."""
    from_classes: tuple[Id, ...] = ()
    """Ids of the classes that it may start at; empty for all."""
    to_classes: tuple[Id, ...] = ()
    """Ids of the classes that it may lead to; empty for all."""
    archived: bool = False
    """Whether new links of it are refused; those that exist stay allowed."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check that no class stands twice."""
        for field in ("from_classes", "to_classes"):
            values = getattr(self, field)
            twice = first_repeated(values)
            if twice is not None:
                raise fault(f"{quoted(values[twice])} stands twice; take one out", field, twice)
        return self

    def why_not(self, from_class: str, to_class: str) -> str:
        """Return why it cannot lead from one class to another, empty where it can."""
        for ends, given, word in ((self.from_classes, from_class, "from"), (self.to_classes, to_class, "to")):
            if ends and given not in ends:
                return f"{self.name} leads {word} {' or '.join(ends)}, not {word} {given}"
        return ""


def check_relations(relations: Sequence[Relation], class_ids: Sequence[str]) -> None:
    """Check that relations have ids of their own and name classes that there are."""
    ids = [relation.id for relation in relations]
    twice = first_repeated(ids)
    if twice is not None:
        raise fault(f"{quoted(ids[twice])} stands twice; give each relation its own id", "relations", twice, "id")
    for index, relation in enumerate(relations):
        for field in ("from_classes", "to_classes"):
            for place, class_id in enumerate(getattr(relation, field)):
                if class_id not in class_ids:
                    reason = f"{quoted(class_id)} is not a class; use one of {', '.join(class_ids)}"
                    raise fault(reason, "relations", index, field, place)

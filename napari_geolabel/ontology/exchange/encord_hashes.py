"""The hash by which Encord's labels refer to each question about a class, and to each option of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from napari_geolabel.ontology.exchange.encord import YES_NO, feature_hash, node_hash
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option


@dataclass(frozen=True, kw_only=True)
class Question:
    """An attribute as an ontology that was exported to Encord asks for it."""

    attribute: Attribute
    hash: str
    options: Mapping[str, tuple[str, str]]
    """Name and hash of each option by its id."""
    under: tuple[str, str] | None = None
    """Attribute and option that must be chosen for it to be asked; None where it always is."""

    def is_asked(self, answers: Mapping[str, object]) -> bool:
        """Return whether it is asked, given the other answers."""
        return self.under is None or answers.get(self.under[0]) == self.under[1]


def questions_of(ontology: Ontology, label_class: LabelClass, kind: Kind) -> tuple[Question, ...]:
    """Return the questions about annotations of a class and kind, those that lead to others before these.

    Questions under different options may have the same id, of which only one is ever asked.
    """
    is_first = kind is label_class.kinds[0]
    return tuple(_questions(label_class.attributes, (label_class.id, str(kind)), ontology, is_first=is_first))


def scene_questions_of(ontology: Ontology) -> dict[str, tuple[str, tuple[Question, ...]]]:
    """Return for each attribute of the scene the hash of its classification, and the questions under it."""
    return {
        each.id: (
            feature_hash(ontology, "scene", each.id, "root"),
            tuple(_questions((each,), ("scene",), ontology, is_first=True)),
        )
        for each in ontology.scene_attributes
    }


def _questions(
    attributes: Sequence[Attribute],
    path: tuple[str, ...],
    ontology: Ontology,
    *,
    is_first: bool,
    under: tuple[str, str] | None = None,
) -> Iterator[Question]:
    """Yield questions and those under their options, by the same paths as `structure_of` has."""
    for attribute in attributes:
        own = (*path, attribute.id)
        options = attribute.options or (
            tuple(Option(id=i, name=name) for i, name in YES_NO) if attribute.type == "boolean" else ()
        )
        yield Question(
            attribute=attribute,
            hash=node_hash(ontology, attribute, own, is_first=is_first),
            options={o.id: (o.name, node_hash(ontology, o, (*own, o.id), is_first=is_first)) for o in options},
            under=under,
        )
        for option in options:
            below = (attribute.id, option.id)
            yield from _questions(option.attributes, (*own, option.id), ontology, is_first=is_first, under=below)

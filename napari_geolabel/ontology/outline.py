"""An ontology as a tree of places, each of which an editor can show, name and change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from napari_geolabel.ontology.model import Attribute, Ontology

What = Literal["ontology", "scene", "class", "attribute", "option"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something stands in an ontology."""

    what: What
    class_id: str | None = None
    """The class that it is or belongs to; None for the scene and the ontology as a whole."""
    way: tuple[str, ...] = ()
    """Ids of the attributes and options from there, its own last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A place with what an editor shows of it."""

    place: Place
    title: str
    about: str
    """Kinds of a class, type of an attribute."""
    is_archived: bool = False
    color: str | None = None
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield it and all below it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.walk()


def outline(ontology: Ontology) -> Node:
    """Return the tree of an ontology: its classes in order, then the scene."""
    classes = [
        Node(
            place=Place(what="class", class_id=each.id),
            title=each.name,
            about=", ".join(kind.replace("_", " ") for kind in each.kinds) or "heading",
            is_archived=each.archived,
            color=each.color,
            children=_attributes(each.attributes, each.id, ()),
        )
        for each in ontology.classes
    ]
    scene = Node(
        place=Place(what="scene"),
        title="Whole scene",
        about="",
        children=_attributes(ontology.scene_attributes, None, ()),
    )
    about = f"version {ontology.version}"
    return Node(place=Place(what="ontology"), title=ontology.name, about=about, children=(*classes, scene))


def _attributes(attributes: Sequence[Attribute], class_id: str | None, above: tuple[str, ...]) -> tuple[Node, ...]:
    return tuple(
        Node(
            place=Place(what="attribute", class_id=class_id, way=(*above, each.id)),
            title=f"{each.name} *" if each.required else each.name,
            about=f"{each.type} in {each.unit}" if each.unit else each.type,
            is_archived=each.archived,
            children=tuple(
                Node(
                    place=Place(what="option", class_id=class_id, way=(*above, each.id, option.id)),
                    title=option.name,
                    about="",
                    is_archived=option.archived,
                    children=_attributes(option.attributes, class_id, (*above, each.id, option.id)),
                )
                for option in each.options
            ),
        )
        for each in attributes
    )

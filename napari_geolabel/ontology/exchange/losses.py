"""What a file of another program does not hold of an ontology, one sentence each.

A format says in ``holds`` which of the parts below it has; the others are
counted and told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain

from napari_geolabel.ontology.fields import make_id
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option, all_attributes

Part = str
"""One of the keys of `PARTS`."""


def attributes_of(ontology: Ontology) -> list[Attribute]:
    """Return all attributes of classes and scene, those under options too."""
    trees = (*(c.attributes for c in ontology.classes), ontology.scene_attributes)
    return [attribute for tree in trees for attribute in all_attributes(tree)]


def losses(ontology: Ontology, holds: Collection[Part]) -> Iterator[str]:
    """Yield what is left out by a format that holds some parts only."""
    skipped = () if "attributes" in holds else _OF_ATTRIBUTES
    for part, (what, count) in PARTS.items():
        number = 0 if part in holds or part in skipped else count(ontology)
        if number:
            one, _, several = what.partition("|")
            yield f"{number} {one if number == 1 else several or _plural(one)} left out"


def _plural(what: str) -> str:
    head, _, rest = what.partition(" of ")
    return f"{head}s of {rest}" if rest else f"{head}s"


def _classes(has: Callable[[LabelClass], object]) -> Callable[[Ontology], int]:
    return lambda ontology: sum(bool(has(label_class)) for label_class in ontology.classes)


def _attributes(has: Callable[[Attribute], object]) -> Callable[[Ontology], int]:
    return lambda ontology: sum(bool(has(attribute)) for attribute in attributes_of(ontology))


def _options(has: Callable[[Option], object]) -> Callable[[Ontology], int]:
    return lambda ontology: sum(bool(has(o)) for a in attributes_of(ontology) for o in a.options)


def _limits(attribute: Attribute) -> bool:
    return attribute.minimum is not None or attribute.maximum is not None


def _class_attributes(ontology: Ontology) -> int:
    return len(list(chain.from_iterable(all_attributes(c.attributes) for c in ontology.classes)))


PARTS: Mapping[Part, tuple[str, Callable[[Ontology], int]]] = {
    "ids": (
        "id of a class that its name does not give|ids of classes that their names do not give",
        _classes(lambda c: make_id(c.name) != c.id),
    ),
    "names": (
        "name of a class that its id does not give|names of classes that their ids do not give",
        _classes(lambda c: c.name != c.id),
    ),
    "colors": ("colour", _classes(lambda c: c.color)),
    "mask_value": ("mask value", _classes(lambda c: c.mask_value is not None)),
    "hotkey": ("key", _classes(lambda c: c.hotkey)),
    "parent": ("parent of a class|parents of classes", _classes(lambda c: c.parent)),
    "description": ("guideline of a class|guidelines of classes", _classes(lambda c: c.description)),
    "keypoints": ("list of keypoints", _classes(lambda c: c.keypoints)),
    "skeleton": ("skeleton", _classes(lambda c: c.skeleton)),
    "size": ("limit of sizes", _classes(lambda c: c.size)),
    "never_overlaps": ("rule of overlaps", _classes(lambda c: c.never_overlaps)),
    "examples": ("list of example pictures", _classes(lambda c: c.examples)),
    "relations": ("relation", lambda o: len(o.relations)),
    "aliases": ("list of other words for a class", _classes(lambda c: c.aliases)),
    "archived": ("archived class", _classes(lambda c: c.archived)),
    "headings": ("heading of classes", _classes(lambda c: not c.kinds)),
    "attributes": ("attribute of a class|attributes of classes", _class_attributes),
    "scene_attributes": ("attribute of the whole scene", lambda o: len(list(all_attributes(o.scene_attributes)))),
    "attribute_ids": (
        "id of an attribute that its name does not give|ids of attributes that their names do not give",
        _attributes(lambda a: make_id(a.name) != a.id),
    ),
    "option_ids": (
        "id of an option that its name does not give|ids of options that their names do not give",
        _options(lambda o: make_id(o.name) != o.id),
    ),
    "attribute_description": (
        "piece of advice on an attribute|pieces of advice on attributes",
        _attributes(lambda a: a.description),
    ),
    "required": ("mark of a required attribute|marks of required attributes", _attributes(lambda a: a.required)),
    "limits": ("limit of a number|limits of numbers", _attributes(_limits)),
    "unit": ("unit", _attributes(lambda a: a.unit)),
    "pattern": ("pattern of a text|patterns of texts", _attributes(lambda a: a.pattern)),
    "default": ("default answer", _attributes(lambda a: a.default is not None)),
    "archived_options": ("archived option", _options(lambda o: o.archived)),
    "archived_attributes": ("archived attribute", _attributes(lambda a: a.archived)),
    "ontology_description": ("description of the ontology", lambda o: int(bool(o.description))),
}
"""What an ontology may have: what a sentence calls one of them (and several, after a bar), and how many there are."""

_OF_ATTRIBUTES = (
    "attribute_ids",
    "option_ids",
    "attribute_description",
    "required",
    "limits",
    "unit",
    "pattern",
    "default",
    "archived_options",
    "archived_attributes",
)

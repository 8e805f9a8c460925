"""Changing an ontology so that old labels stay readable.

Every function takes an ontology and returns another one that succeeds it
(`why_no_successor`): ids, mask values and types of attributes are for ever;
what is no longer wanted is archived and not deleted, so that neither an id
nor a mask value is ever given to something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.base import Value
from napari_geolabel.ontology.colors import spread_color
from napari_geolabel.ontology.fields import MAX_MASK_VALUE, is_name, make_id
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option, all_attributes

Way = Sequence[str]
"""The way to an attribute: its id, or the ids of the attributes and options above it and then its own."""

_Node = TypeVar("_Node", bound=Value)
_LAST_NUMBER = re.compile(r"\d+(?=\D*\Z)")
_AREAS = {Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.MASK}


def add_class(ontology: Ontology, name: str, kinds: Iterable[Kind | str], **fields: Any) -> Ontology:  # noqa: ANN401
    """Return the ontology with a class at the end.

    Parameters
    ----------
    ontology
        The ontology.
    name
        What is shown; the id is made of it where ``fields`` have none.
    kinds
        How it may be drawn.
    **fields
        Other fields of `LabelClass`.  Without a ``color`` or ``mask_value`` it
        gets ones that no class has or ever had.

    Raises
    ------
    OntologyError
        If the fields do not fit, or the mask value is another class's.
    """
    words = tuple(kinds)
    made: dict[str, Any] = {
        "id": _free_id(name, (c.id for c in ontology.classes)),
        "name": name,
        "kinds": words,
        "color": spread_color(len(ontology.classes)),
    }
    if _AREAS & set(words) and "mask_value" not in fields:
        made["mask_value"] = next_mask_value(ontology)
    return ontology.with_fields(classes=(*ontology.classes, LabelClass(**(made | fields))))


def change_class(ontology: Ontology, class_id: str, **fields: Any) -> Ontology:  # noqa: ANN401
    """Return the ontology with other fields of a class.

    Raises
    ------
    OntologyError
        If a field does not fit, or is its id or the mask value that it has.
    UnknownClassError
        If there is no such class.
    """
    old = ontology[class_id]
    words = set(fields.get("kinds", old.kinds))
    if Kind.MASK in words and old.mask_value is None:
        fields = {"mask_value": next_mask_value(ontology)} | fields
    if fields.get("id", class_id) != class_id:
        raise OntologyError(f"the id {class_id} is for ever; change the name, or add a class and archive this one")
    if old.mask_value is not None and fields.get("mask_value", old.mask_value) != old.mask_value:
        raise OntologyError(f"the mask value {old.mask_value} of {class_id} is for ever, since masks hold it")
    return ontology.with_fields(classes=_replaced(ontology.classes, old.with_fields(**fields)))


def with_aliases(ontology: Ontology, words: Mapping[Any, str | None]) -> Ontology:
    """Return the ontology with other words for its classes, as a class map has them: word to class id.

    Words that lead to the class already, no text or left out of an import (None) are passed over, and so are ids,
    which always lead to their class, and what cannot be a name; one that leads to another class leads to this one
    from now on.
    """
    ids = {each.id.casefold() for each in ontology.classes}
    for word, class_id in words.items():
        if not isinstance(word, str) or not word.strip() or class_id is None:
            continue
        plain = word.strip()
        target = ontology[class_id]
        if plain.casefold() in {*ids, *(alias.casefold() for alias in target.aliases)} or not is_name(plain):
            continue
        others = [_without_alias(each, plain) for each in ontology.classes]
        moved = target.with_fields(aliases=(*target.aliases, plain))
        ontology = ontology.with_fields(classes=_replaced(others, moved))
    return ontology


def archive_class(ontology: Ontology, class_id: str) -> Ontology:
    """Return the ontology with a class that is no longer offered; its id and mask value stay taken, its key is free."""
    return change_class(ontology, class_id, archived=True)


def restore_class(ontology: Ontology, class_id: str) -> Ontology:
    """Return the ontology with an archived class offered again, without its key where another class has that now."""
    key = ontology[class_id].hotkey
    taken = key in ontology.by_hotkey and ontology.by_hotkey[key].id != class_id if key else False
    return change_class(ontology, class_id, archived=False, **({"hotkey": None} if taken else {}))


def move_class(ontology: Ontology, class_id: str, to: int) -> Ontology:
    """Return the ontology with a class at another place; in masks, later classes lie over earlier ones."""
    moved = ontology[class_id]
    others = [each for each in ontology.classes if each.id != class_id]
    place = max(0, min(to, len(others)))
    return ontology.with_fields(classes=(*others[:place], moved, *others[place:]))


def add_attribute(
    ontology: Ontology,
    class_id: str | None,
    name: str,
    type: str,  # noqa: A002  (the field's name)
    *,
    under: Way = (),
    options: Iterable[str] = (),
    **fields: Any,  # noqa: ANN401
) -> Ontology:
    """Return the ontology with something more that is asked.

    Parameters
    ----------
    ontology
        The ontology.
    class_id
        Of what it is asked; None for the whole scene.
    name
        What is shown; the id is made of it where ``fields`` have none.
    type
        Type of the answers.
    under
        The way to an option under which it is asked.
    options
        Names of the answers of a radio or checklist.
    **fields
        Other fields of `Attribute`.

    Raises
    ------
    OntologyError
        If the fields do not fit, or the way leads nowhere.
    """
    taken = {a.id for a in all_attributes(attributes_of(ontology, class_id))}
    made = {"id": _free_id(name, taken), "name": name, "type": type, "options": new_options((), options)}
    attribute = Attribute(**(made | fields))
    return _at(ontology, class_id, under, lambda attributes: (*attributes, attribute))


def change_attribute(ontology: Ontology, class_id: str | None, way: Way, **fields: Any) -> Ontology:  # noqa: ANN401
    """Return the ontology with other fields of an attribute.

    ``options`` may be names, one for each answer: those that are known stay, new
    ones are added, and the others are archived.

    Raises
    ------
    OntologyError
        If a field does not fit, or is its id or its type.
    """
    old = attribute_at(ontology, class_id, way)
    for field, word in (("id", old.id), ("type", old.type)):
        if fields.get(field, word) != word:
            raise OntologyError(
                f"the {field} {word} is for ever, since labels hold it; add another and archive this one"
            )
    if "options" in fields and all(isinstance(option, str) for option in fields["options"]):
        fields = fields | {"options": new_options(old.options, fields["options"])}
    changed = old.with_fields(**fields)
    return _at(ontology, class_id, way[:-1], lambda attributes: _replaced(attributes, changed))


def rename_option(ontology: Ontology, class_id: str | None, way: Way, name: str) -> Ontology:
    """Return the ontology with another name of the option at the end of a way; its id stays.

    Raises
    ------
    OntologyError
        If another option has the name, archived or not: edits know answers by their names.
    """
    attribute = attribute_at(ontology, class_id, way[:-1])
    other = next((o.id for o in attribute.options if o.id != way[-1] and o.name == name.strip()), None)
    if other is not None:
        raise OntologyError(
            f"the option {other} is called {name.strip()} already; choose another name, or use that one"
        )
    options = [option.with_fields(name=name) if option.id == way[-1] else option for option in attribute.options]
    return change_attribute(ontology, class_id, way[:-1], options=tuple(options))


def archive_option(ontology: Ontology, class_id: str | None, way: Way, *, archived: bool = True) -> Ontology:
    """Return the ontology with an option offered no more, or again; answers that exist stay."""
    attribute = attribute_at(ontology, class_id, way[:-1])
    options = [
        option.with_fields(archived=archived) if option.id == way[-1] else option for option in attribute.options
    ]
    return change_attribute(ontology, class_id, way[:-1], options=tuple(options))


def change_ontology(ontology: Ontology, **fields: str) -> Ontology:
    """Return the ontology with another name, version or description.

    Raises
    ------
    OntologyError
        If a field does not fit, or is another one.
    """
    other = set(fields) - {"name", "version", "description"}
    if other:
        raise OntologyError(f"{min(other)} is not changed so; there are name, version and description")
    return ontology.with_fields(**fields)


def archive_attribute(ontology: Ontology, class_id: str | None, way: Way) -> Ontology:
    """Return the ontology with an attribute that is asked no more; answers that exist stay."""
    return change_attribute(ontology, class_id, way, archived=True)


def restore_attribute(ontology: Ontology, class_id: str | None, way: Way) -> Ontology:
    """Return the ontology with an archived attribute asked again."""
    return change_attribute(ontology, class_id, way, archived=False)


def new_options(old: Sequence[Option], names: Iterable[str]) -> tuple[Option, ...]:
    """Return the options of some names: known ones as they are, new ones, and at the end the others, archived.

    Of several options of a name each is meant once by it, offered ones before archived ones.
    """
    left = sorted(old, key=lambda option: option.archived)
    made: list[Option] = []
    for name in filter(None, map(str.strip, names)):
        is_repeated = any(each.name == name for each in made)
        known = next((each for each in left if each.name == name and not (is_repeated and each.archived)), None)
        if known is not None:
            left.remove(known)
            made.append(known.with_fields(archived=False))
        elif not is_repeated:
            made.append(Option(id=_free_id(name, (each.id for each in (*old, *made))), name=name))
    kept = {each.id for each in made}
    return (*made, *(option.with_fields(archived=True) for option in old if option.id not in kept))


def attributes_of(ontology: Ontology, class_id: str | None) -> tuple[Attribute, ...]:
    """Return what is asked of a class, or of the scene for None."""
    return ontology.scene_attributes if class_id is None else ontology[class_id].attributes


def attribute_at(ontology: Ontology, class_id: str | None, way: Way) -> Attribute:
    """Return the attribute at the end of a way.

    Raises
    ------
    OntologyError
        If the way leads nowhere.
    """
    asked = attributes_of(ontology, class_id) if len(way) % 2 else ()
    for attribute_id, option_id in zip(way[:-1:2], way[1::2], strict=False):
        options = [o for a in asked if a.id == attribute_id for o in a.options if o.id == option_id]
        asked = options[0].attributes if options else ()
    for attribute in asked:
        if attribute.id == way[-1]:
            return attribute
    raise OntologyError(f"there is no attribute {'.'.join(way)} of {class_id or 'the scene'}")


def without_new_archived(base: Ontology, ontology: Ontology) -> Ontology:
    """Return an ontology without what was archived before it was ever in use, that is: in the ontology ``base``."""
    linked = {i for c in ontology.classes for i in (c.parent, *c.never_overlaps)}
    linked |= {i for r in ontology.relations for i in (*r.from_classes, *r.to_classes)}
    classes = [
        each.with_fields(attributes=_used(each.attributes, base[each.id].attributes if each.id in base else ()))
        for each in ontology.classes
        if each.id in base or each.id in linked or not each.archived
    ]
    scene = _used(ontology.scene_attributes, base.scene_attributes)
    return ontology.with_fields(classes=tuple(classes), scene_attributes=scene)


def next_mask_value(ontology: Ontology) -> int:
    """Return the mask value after all that there are or ever were.

    Raises
    ------
    OntologyError
        If there is none left.
    """
    value = max(ontology.by_mask_value, default=0) + 1
    if value > MAX_MASK_VALUE:
        raise OntologyError(f"mask values end at {MAX_MASK_VALUE}; give the class one that is free")
    return value


def next_version(version: str) -> str:
    """Return a version with its last number raised: ``"1.9"`` becomes ``"1.10"``."""
    raised = _LAST_NUMBER.sub(lambda found: str(int(found[0]) + 1), version, count=1)
    return raised if raised != version else f"{version}.1"


def as_next_version(before: Ontology, after: Ontology) -> Ontology:
    """Return an ontology with a version of its own, raised where only its content differs from the one before."""
    if after.sha256 == before.sha256 or after.version != before.version:
        return after
    return after.with_fields(version=next_version(before.version))


def _replaced(nodes: Sequence[Any], changed: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return tuple(changed if node.id == changed.id else node for node in nodes)


def _used(attributes: Sequence[Attribute], base: Sequence[Attribute]) -> tuple[Attribute, ...]:
    """Return attributes without archived ones that ``base`` does not have, and so with their options."""
    known = {attribute.id: attribute for attribute in base}
    kept = []
    for attribute in attributes:
        if attribute.archived and attribute.id not in known:
            continue
        former = {o.id: o for o in known[attribute.id].options} if attribute.id in known else {}
        options = [
            o.with_fields(attributes=_used(o.attributes, former[o.id].attributes if o.id in former else ()))
            for o in attribute.options
            if o.id in former or not o.archived
        ]
        kept.append(attribute.with_fields(options=tuple(options)) if options else attribute)
    return tuple(kept)


def _without_alias(label_class: LabelClass, word: str) -> LabelClass:
    kept = tuple(alias for alias in label_class.aliases if alias.casefold() != word.casefold())
    return label_class if kept == label_class.aliases else label_class.with_fields(aliases=kept)


def _free_id(name: str, taken: Iterable[str]) -> str:
    used, base = set(taken), make_id(name)
    return next(c for c in (base, *(f"{base[:44]}_{n}" for n in range(2, 10**5))) if c not in used)


def _at(
    ontology: Ontology,
    class_id: str | None,
    way: Way,
    change: Callable[[tuple[Attribute, ...]], tuple[Attribute, ...]],
) -> Ontology:
    """Return the ontology with the attributes at a way changed."""
    changed = _descend(
        attributes_of(ontology, class_id), list(way), change, "the scene" if class_id is None else class_id
    )
    if class_id is None:
        return ontology.with_fields(scene_attributes=changed)
    return ontology.with_fields(classes=_replaced(ontology.classes, ontology[class_id].with_fields(attributes=changed)))


def _descend(
    attributes: tuple[Attribute, ...],
    way: list[str],
    change: Callable[[tuple[Attribute, ...]], tuple[Attribute, ...]],
    whose: str,
) -> tuple[Attribute, ...]:
    """Return attributes with those under an option changed; a way has an attribute and an option for each step."""
    if not way:
        return change(attributes)
    attribute = next((a for a in attributes if a.id == way[0]), None)
    option = next((o for o in attribute.options if o.id in way[1:2]), None) if attribute else None
    if attribute is None or option is None:
        raise OntologyError(f"there is nothing at {'.'.join(way)} of {whose}; name an attribute and one of its options")
    under = option.with_fields(attributes=_descend(option.attributes, way[2:], change, whose))
    return _replaced(attributes, attribute.with_fields(options=_replaced(attribute.options, under)))

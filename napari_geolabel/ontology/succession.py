"""Whether one ontology can take another's place, and what differs between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from napari_geolabel.ontology.base import Value
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology


def why_no_successor(before: Ontology, after: Ontology) -> list[str]:
    """Return why labels of one ontology would not be readable by another, one sentence each; nothing where they are.

    A successor has all classes, mask values, attributes and options of the
    one before; none of them means something else.
    """
    found: list[str] = []
    for old in before.classes:
        if old.id not in after:
            found.append(f"the class {old.id} is gone; archive it instead")
            continue
        new = after[old.id]
        if old.mask_value is not None and new.mask_value != old.mask_value:
            found.append(f"{old.id} has the mask value {new.mask_value} and had {old.mask_value}; masks hold that")
        found += _attribute_faults(old.attributes, new.attributes, old.id)
    for value, owner in after.by_mask_value.items():
        former = before.by_mask_value.get(value)
        if former is not None and former.id != owner.id:
            found.append(f"the mask value {value} was that of {former.id} and is that of {owner.id} now")
    kept = {relation.id for relation in after.relations}
    found += [f"the relation {r.id} is gone; archive it instead" for r in before.relations if r.id not in kept]
    return [*found, *_attribute_faults(before.scene_attributes, after.scene_attributes, "the scene")]


def changes(before: Ontology, after: Ontology) -> list[str]:
    """Return what differs between two ontologies, one sentence each, in the order of the later one."""
    return list(_changes(before, after))


def _changes(before: Ontology, after: Ontology) -> Iterator[str]:
    for field in ("id", "name", "version", "description"):
        yield from _field_change("the ontology", field, before, after)
    for new in after.classes:
        if new.id not in before:
            yield f"{new.id}: new class"
            continue
        yield from _class_changes(before[new.id], new)
    yield from (f"{old.id}: class gone" for old in before.classes if old.id not in after)
    shared = [c.id for c in after.classes if c.id in before]
    if shared != [c.id for c in before.classes if c.id in after]:
        yield "the order of the classes, which is how they lie over each other in masks"
    yield from _attribute_changes(before.scene_attributes, after.scene_attributes, "the scene")
    if before.relations != after.relations:
        yield "the relations between annotations"


def _class_changes(old: LabelClass, new: LabelClass) -> Iterator[str]:
    for field in LabelClass.model_fields:
        if field == "attributes":
            yield from _attribute_changes(old.attributes, new.attributes, new.id)
        else:
            yield from _field_change(new.id, field, old, new)


def _attribute_changes(old: Sequence[Attribute], new: Sequence[Attribute], where: str) -> Iterator[str]:
    known = {attribute.id: attribute for attribute in old}
    for attribute in new:
        path = f"{where}.{attribute.id}"
        if attribute.id not in known:
            yield f"{path}: new attribute"
            continue
        was = known.pop(attribute.id)
        for field in Attribute.model_fields:
            if field != "options":
                yield from _field_change(path, field, was, attribute)
        options = {option.id: option for option in was.options}
        for option in attribute.options:
            if option.id not in options:
                yield f"{path}.{option.id}: new option"
                continue
            former = options.pop(option.id)
            yield from _field_change(f"{path}.{option.id}", "name", former, option)
            yield from _field_change(f"{path}.{option.id}", "archived", former, option)
            yield from _attribute_changes(former.attributes, option.attributes, f"{path}.{option.id}")
        yield from (f"{path}.{gone}: option gone" for gone in options)
    yield from (f"{where}.{gone}: attribute gone" for gone in known)


def _field_change(where: str, field: str, old: Value, new: Value) -> Iterator[str]:
    was, now = getattr(old, field), getattr(new, field)
    if was == now:
        return
    if field == "archived":
        yield f"{where}: {'archived' if now else 'offered again'}"
    elif field in {"description", "external_id", "size", "examples"}:
        yield f"{where}: another {field}"
    else:
        yield f"{where}: {field} {_text(was)} becomes {_text(now)}"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "nothing"
    return "nothing" if value is None or value == "" else str(value)


def _attribute_faults(old: Sequence[Attribute], new: Sequence[Attribute], where: str) -> list[str]:
    """Return what would make answers to attributes unreadable."""
    found: list[str] = []
    known: Mapping[str, Attribute] = {attribute.id: attribute for attribute in new}
    for attribute in old:
        path = f"{where}.{attribute.id}"
        if attribute.id not in known:
            found.append(f"the attribute {path} is gone; archive it instead")
            continue
        after = known[attribute.id]
        if after.type != attribute.type:
            found.append(f"{path} is a {after.type} and was a {attribute.type}; add another one and archive this")
            continue
        options = {option.id: option for option in after.options}
        for option in attribute.options:
            if option.id not in options:
                found.append(f"the option {path}.{option.id} is gone; archive it instead")
            else:
                under = options[option.id].attributes
                found += _attribute_faults(option.attributes, under, f"{path}.{option.id}")
    return found

"""From the loose words of other programs to classes and attributes that agree with each other.

Other programs name things by text alone, or by numbers.  Ids are made of the
names and made unique here, colours that are missing are chosen, and classes
that cover areas take the next free mask values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.colors import read_color, spread_color
from napari_geolabel.ontology.fields import HOTKEYS, AttributeType, is_shown, make_id
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option, all_attributes

AREAS = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.MASK)
"""Kinds that cover pixels, so that their class wants a mask value."""
DRAWN = tuple(kind for kind in Kind if kind is not Kind.MASK)
MAX_DEPTH = 16
"""How deep attributes may stand under options; Encord allows seven levels."""
MAX_NODES = 20_000
"""How many classes, attributes and options a file may name."""
_KEPT_LINE_ENDS = re.compile(r"[\r\n\t]+")


@dataclass(kw_only=True)
class LooseClass:
    """A class as another program names it."""

    name: object
    kinds: Sequence[Kind]
    color: object = None
    mask_value: int | None = None
    hotkey: object = None
    parent: object = None
    description: object = None
    attributes: tuple[Attribute, ...] = ()
    keypoints: Sequence[object] = ()
    skeleton: Sequence[tuple[int, int]] = ()
    """Lines between keypoints, by their places from 0."""
    class_id: object = None
    archived: bool = False
    external_id: object = None


@dataclass(kw_only=True)
class LooseAttribute:
    """An attribute as another program names it; options are names, or pairs of a name and what is asked under it."""

    name: object
    type: AttributeType
    required: bool = False
    options: Sequence[LooseOption] = ()
    attribute_id: object = None
    archived: bool = False
    external_id: object = None
    description: object = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """Limits, unit, pattern and default, where there are any."""


@dataclass(kw_only=True)
class LooseOption:
    """An answer as another program names it."""

    name: object
    option_id: object = None
    attributes: Sequence[LooseAttribute] = ()
    archived: bool = False
    external_id: object = None


def shown(text: object, fallback: str = "unnamed") -> str:
    """Return a text as a name: one line of up to 120 characters that a screen can show."""
    plain = "" if text is None else _KEPT_LINE_ENDS.sub(" ", str(text))
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if is_shown(c)))
    return plain.strip()[:120].strip() or fallback


def prose(text: object) -> str:
    """Return a text of several lines without what no screen can show."""
    plain = "" if text is None else str(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or is_shown(c)).strip()[:5000]


def unique_id(name: object, taken: Iterable[str]) -> str:
    """Return an id made of a name that is not taken."""
    used = set(taken)
    base = make_id(shown(name, ""))
    return next(c for c in (base, *(f"{base[:44]}_{n}" for n in range(2, MAX_NODES + 2))) if c not in used)


def build_attributes(
    loose: Sequence[LooseAttribute], taken: Iterable[str] = (), depth: int = 0
) -> tuple[Attribute, ...]:
    """Return attributes that are asked together, with those under their options.

    Ids differ from those in ``taken`` and from each other; those under
    different options of one attribute may be the same where types agree.

    Raises
    ------
    OntologyError
        If they nest too deeply or do not fit together.
    """
    if depth > MAX_DEPTH:
        raise OntologyError(f"attributes stand more than {MAX_DEPTH} levels deep; flatten them")
    used = set(taken)
    made = []
    for each in loose:
        attribute_id = unique_id(each.attribute_id or each.name, used)
        used.add(attribute_id)
        options, under = _build_options(each.options, used, depth)
        used |= under
        made.append(
            Attribute(
                id=attribute_id,
                name=shown(each.name, attribute_id),
                type=each.type,
                required=each.required,
                options=options,
                archived=each.archived,
                description=prose(each.description),
                external_id=_external(each.external_id),
                **each.more,
            )
        )
    return tuple(made)


def _build_options(loose: Sequence[LooseOption], used: set[str], depth: int) -> tuple[tuple[Option, ...], set[str]]:
    """Return options, and the ids of all attributes under them."""
    taken: set[str] = set()
    types: dict[str, str] = {}
    made = []
    for each in loose:
        option_id = unique_id(each.option_id or each.name, taken)
        taken.add(option_id)
        nested = build_attributes(each.attributes, used, depth + 1)
        if any(types.get(a.id, a.type) != a.type for a in all_attributes(nested)):  # e.g. a text and a number
            nested = build_attributes(each.attributes, used | set(types), depth + 1)
        types |= {a.id: a.type for a in all_attributes(nested)}
        made.append(
            Option(
                id=option_id,
                name=shown(each.name, option_id),
                attributes=nested,
                archived=each.archived,
                external_id=_external(each.external_id),
            )
        )
    return tuple(made), set(types)


def build_ontology(
    classes: Sequence[LooseClass],
    *,
    name: str,
    scene_attributes: Sequence[LooseAttribute] = (),
    ontology_name: object = None,
) -> Ontology:
    """Return the ontology of classes in order.

    Parameters
    ----------
    classes
        The classes; a parent is the name of another one, which is made as a heading where there is none.
    name
        The file's name, which the ontology is called by.
    scene_attributes
        What is asked of the whole scene.
    ontology_name
        What it is called, where the file says so.

    Raises
    ------
    OntologyError
        If there is too much of it, or parts do not fit together.
    """
    if len(classes) > MAX_NODES:
        raise OntologyError(f"{len(classes):,} classes are more than an ontology can have ({MAX_NODES:,})")
    stem = PurePath(name).name.partition(".")[0]
    made = _with_parents(_with_ids(classes), classes)
    return Ontology(
        id=unique_id(ontology_name or stem, ()),
        name=shown(ontology_name or stem, "Classes of a file"),
        version="1",
        classes=tuple(LabelClass(**fields) for fields in made),
        scene_attributes=build_attributes(scene_attributes),
    )


def _with_ids(classes: Sequence[LooseClass]) -> list[dict[str, Any]]:
    """Return the fields of classes with ids, colours, keys and mask values of their own."""
    ids: set[str] = set()
    keys: set[str] = set()
    values = {each.mask_value for each in classes if each.mask_value is not None}
    free = (value for value in range(1, 65_536) if value not in values)
    given: set[int] = set()
    made = []
    for number, each in enumerate(classes):
        class_id = unique_id(each.class_id or each.name, ids)
        value = each.mask_value
        if value in given or (value is None and any(kind in AREAS for kind in each.kinds)):
            value = next(free, None)
        key = each.hotkey if isinstance(each.hotkey, str) and each.hotkey in set(HOTKEYS) - keys else None
        ids.add(class_id)
        given |= {value} if value is not None else set()
        keys |= {key} if key and not each.archived else set()
        made.append(
            {
                "id": class_id,
                "name": shown(each.name, class_id),
                "color": read_color(each.color) or spread_color(number),
                "mask_value": value,
                "kinds": tuple(dict.fromkeys(each.kinds)),
                "hotkey": key,
                "description": prose(each.description),
                "attributes": each.attributes,
                "keypoints": (points := _unique_ids(each.keypoints)),
                "skeleton": tuple((points[a], points[b]) for a, b in each.skeleton if max(a, b) < len(points)),
                "archived": each.archived,
                "external_id": _external(each.external_id),
            }
        )
    return made


def _with_parents(made: list[dict[str, Any]], classes: Sequence[LooseClass]) -> list[dict[str, Any]]:
    """Return classes with their parents, of which those that are no classes become headings before them."""
    by_name = {shown(each.name, ""): fields["id"] for each, fields in reversed(list(zip(classes, made, strict=True)))}
    by_name |= {fields["id"]: fields["id"] for fields in made}
    headings: list[dict[str, Any]] = []
    for each, fields in zip(classes, made, strict=True):
        parent = shown(each.parent, "")
        if not parent:
            continue
        if parent not in by_name:
            heading = unique_id(parent, [known["id"] for known in (*made, *headings)])
            headings.append(
                {"id": heading, "name": parent, "color": spread_color(len(made) + len(headings)), "kinds": ()}
            )
            by_name[parent] = heading
        if by_name[parent] != fields["id"]:  # COCO has categories under a supercategory of their own name
            fields["parent"] = by_name[parent]
    together = [*headings, *made]
    _drop_circles(together)
    return together


def _drop_circles(made: list[dict[str, Any]]) -> None:
    """Take the parent out wherever walking up would come round to the class again."""
    parents = {fields["id"]: fields.get("parent") for fields in made}
    for fields in made:
        walked, step = {fields["id"]}, parents[fields["id"]]
        while step is not None and step not in walked:
            walked.add(step)
            step = parents[step]
        if step is not None:
            fields["parent"] = parents[fields["id"]] = None


def _unique_ids(names: Sequence[object]) -> tuple[str, ...]:
    made: list[str] = []
    for name in names:
        made.append(unique_id(name, made))
    return tuple(made)


def _external(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) or value == "" else shown(value)

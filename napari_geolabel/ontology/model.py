"""The ontology: which classes there are, what may be said of each, and how each looks.

An ontology is a value.  It never changes; an edit makes another one.  Ids and
mask values are for ever, so that old labels stay readable: a class that is no
longer wanted is archived, not deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from pydantic import field_validator, model_validator

from napari_geolabel.errors import AttributeValueError, OntologyError, UnknownClassError
from napari_geolabel.ontology.answers import check_value, compile_pattern
from napari_geolabel.ontology.base import Value
from napari_geolabel.ontology.fields import (
    AttributeTypeField,
    Color,
    FileName,
    Hotkey,
    Id,
    KindField,
    MaskValue,
    Name,
    Number,
    Text,
    fault,
    first_repeated,
    number,
    quoted,
)
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.limits import Size
from napari_geolabel.ontology.relations import Relation, check_relations


class Option(Value):
    """One answer to a radio or checklist attribute."""

    id: Id
    """What is stored."""
    name: Name
    """What is shown."""
    attributes: tuple[Attribute, ...] = ()
    """What is asked further once this option is chosen; under radio attributes only."""
    archived: bool = False
    """Whether it is no longer offered; answers that exist stay allowed."""
    external_id: Name | None = None
    """Its identifier in the tool that it was imported from, which an export there hands back."""


class Attribute(Value):
    """Something that is asked of an annotation or of the whole scene.

    Values are kept flat, attribute id to value, also those of attributes that
    stand under an option.  Attributes under different options of one radio
    may therefore share an id (each ship category asks its own ``type``) if
    they share the type; no other two attributes of a class may.
    """

    id: Id
    """Key of the value, also a column name in exports (``attr_<id>``)."""
    name: Name
    """What is shown."""
    type: AttributeTypeField
    """What a value may be: ``radio``, ``checklist``, ``text``, ``number``, ``boolean`` or ``date``."""
    description: Text = ""
    """Advice for whoever answers."""
    required: bool = False
    """Whether an annotation without a value is a problem; never a refusal."""
    options: tuple[Option, ...] = ()
    """The answers to a radio or checklist attribute."""
    minimum: Number | None = None
    """Smallest number allowed."""
    maximum: Number | None = None
    """Largest number allowed."""
    unit: Name | None = None
    """Unit of a number, such as ``m``."""
    pattern: str | None = None
    """Regular expression that a text must match from end to end, in the linear-time syntax of Rust's regex."""
    default: Any = None
    """The value that a new annotation starts with."""
    archived: bool = False
    """Whether it is no longer asked; values that exist stay allowed."""
    external_id: Name | None = None
    """Its identifier in the tool that it was imported from, which an export there hands back."""

    @field_validator("default", mode="before")
    @classmethod
    def _default_from_text(cls, value: Any, info: Any) -> Any:  # noqa: ANN401
        """Read a default that a YAML file gives as text; a number is one, however it was written."""
        kind = info.data.get("type")
        if kind == "number" and isinstance(value, str | int | float) and not isinstance(value, bool):
            return number(value)
        if kind == "boolean" and isinstance(value, str):
            return {"true": True, "false": False}.get(value.lower(), value)
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check what the fields must agree on."""
        self._check_options()
        if self.type != "number":
            for field in ("minimum", "maximum", "unit"):
                if getattr(self, field) is not None:
                    raise fault(f"a {self.type} attribute has none; only a number has", field)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise fault(f"{self.minimum} is more than the maximum, {self.maximum}; swap them", "minimum")
        if self.pattern is not None:
            self._check_pattern()
        if self.default is not None:
            self._check_default()
        return self

    def _check_options(self) -> None:
        if self.type not in {"radio", "checklist"}:
            if self.options:
                raise fault(f"a {self.type} attribute has no options; make it a radio or a checklist", "options")
            return
        if not self.options:
            raise fault(f"a {self.type} attribute needs at least one option", "options")
        twice = first_repeated([option.id for option in self.options])
        if twice is not None:
            raise fault(
                f"{quoted(self.options[twice].id)} stands twice; give each option its own id", "options", twice, "id"
            )
        for index, option in enumerate(self.options):
            if self.type == "checklist" and option.attributes:
                reason = "options of a checklist have no attributes; make it a radio, or move them up"
                raise fault(reason, "options", index, "attributes")

    def _check_pattern(self) -> None:
        if self.type != "text":
            raise fault(f"a {self.type} attribute has none; only a text has", "pattern")
        try:
            compile_pattern(str(self.pattern))
        except OntologyError as error:
            raise fault(str(error), "pattern") from error

    def _check_default(self) -> None:
        try:
            value = check_value(self, self.default)
        except AttributeValueError as error:
            raise fault(str(error), "default") from error
        object.__setattr__(self, "default", value)


class LabelClass(Value):
    """One class of features: how it is drawn, shown, stored in masks, and what is asked of it."""

    id: Id
    """What is stored; never changed and never reused."""
    name: Name
    """What is shown."""
    color: Color
    """Colour as ``#rrggbb``."""
    mask_value: MaskValue | None = None
    """Value of its pixels in a semantic mask; None where it is never rasterised."""
    kinds: tuple[KindField, ...]
    """How it may be drawn; empty for a heading that only groups other classes."""
    hotkey: Hotkey | None = None
    """Key that chooses it."""
    parent: Id | None = None
    """Id of the class that it is a part or sort of."""
    description: Text = ""
    """Guideline for the analyst: what belongs to the class and how to draw it."""
    attributes: tuple[Attribute, ...] = ()
    """What is asked of each annotation."""
    keypoints: tuple[Id, ...] = ()
    """Names of the points that mark a thing of this class, in order, such as bow and stern."""
    skeleton: tuple[tuple[Id, Id], ...] = ()
    """Pairs of keypoints that a line joins; without any, lines join them in order."""
    size: Size | None = None
    """How large a thing of this class is on the ground; another size is a problem, not a refusal."""
    never_overlaps: tuple[Id, ...] = ()
    """Ids of classes, its own perhaps among them, whose areas it must not overlap; an overlap is a problem."""
    examples: tuple[FileName, ...] = ()
    """Names of pictures that show what belongs to it, PNG or JPEG files in the folder of the ontology's file."""
    archived: bool = False
    """Whether new annotations of it are refused."""
    aliases: tuple[Name, ...] = ()
    """Other words by which files call the class; an import takes them for it."""
    external_id: Name | None = None
    """Its identifier in the tool that it was imported from, which an export there hands back."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check what the fields must agree on."""
        for field in ("kinds", "keypoints", "never_overlaps"):
            values = getattr(self, field)
            twice = first_repeated(values)
            if twice is not None:
                raise fault(f"{quoted(str(values[twice]))} stands twice; take one out", field, twice)
        for index, edge in enumerate(self.skeleton):
            for name in edge:
                if name not in self.keypoints:
                    known = ", ".join(self.keypoints) or "none"
                    raise fault(f"{quoted(name)} is no keypoint of the class; there are {known}", "skeleton", index)
        if Kind.MASK in self.kinds and self.mask_value is None:
            raise fault(
                "is missing though the class may be painted as a mask; add a whole number above 0", "mask_value"
            )
        _check_attribute_ids(self.attributes, ("attributes",))
        return self


class Ontology(Value):
    """All classes of a project with its questions to the whole scene."""

    id: Id
    """What exports name the ontology by."""
    name: Name
    """What is shown."""
    version: Name
    """Version as text, such as ``"1.2"``; raise it with every edit."""
    description: Text = ""
    """What the ontology is for, and where its classes come from."""
    classes: tuple[LabelClass, ...]
    """The classes; in masks, later classes lie over earlier ones."""
    scene_attributes: tuple[Attribute, ...] = ()
    """What is asked of the scene as a whole."""
    relations: tuple[Relation, ...] = ()
    """How annotations may be linked."""

    def __getitem__(self, class_id: str) -> LabelClass:
        """Return a class by its id.

        Raises
        ------
        UnknownClassError
            If there is none; the sentence names those that there are.
        """
        try:
            return self._by_id[class_id]
        except KeyError:
            there_are = ", ".join(self._by_id) or "no classes at all"
            message = f"{quoted(class_id)} is not a class of the ontology {self.id}; it has {there_are}"
            raise UnknownClassError(message) from None

    def __contains__(self, class_id: object) -> bool:
        return class_id in self._by_id

    def _repr_html_(self) -> str:
        from napari_geolabel.ontology.ontology_card import ontology_html

        return ontology_html(self)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._by_id)

    @cached_property
    def by_mask_value(self) -> Mapping[int, LabelClass]:
        """Mask value to class, archived ones too, since old masks hold them."""
        return MappingProxyType({c.mask_value: c for c in self.classes if c.mask_value is not None})

    @cached_property
    def by_hotkey(self) -> Mapping[str, LabelClass]:
        """Key to the class that it chooses, without archived ones."""
        return MappingProxyType({c.hotkey: c for c in self.classes if c.hotkey is not None and not c.archived})

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, as hexadecimal digits.

        Canonical is: UTF-8, keys sorted, no spaces, fields with their default left out.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def stamp(self) -> dict[str, str]:
        """Id, version and SHA-256, as they stand in every output."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}

    def with_classes(self, new: Iterable[LabelClass]) -> Ontology:
        """Return the ontology with classes added at the end; a class of a known id takes that one's place."""
        classes = dict(self._by_id)
        classes.update((added.id, added) for added in new)
        return self.with_fields(classes=tuple(classes.values()))

    @cached_property
    def _by_id(self) -> Mapping[str, LabelClass]:
        return {c.id: c for c in self.classes}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check what the classes must agree on."""
        self._check_unique("id", [c.id for c in self.classes])
        self._check_unique("mask_value", [c.mask_value for c in self.classes])
        self._check_unique("hotkey", [None if c.archived else c.hotkey for c in self.classes])
        self._check_aliases()
        for index in range(len(self.classes)):
            self._check_parents(index)
            self._check_overlaps(index)
        _check_attribute_ids(self.scene_attributes, ("scene_attributes",))
        check_relations(self.relations, list(self._by_id))
        return self

    def _check_unique(self, field: str, values: Sequence[str | int | None]) -> None:
        twice = first_repeated(values)
        if twice is not None:
            first = self.classes[values.index(values[twice])]
            reason = f"{quoted(values[twice])} is that of {first.name} already; give each class its own"
            raise fault(reason, "classes", twice, field)

    def _check_aliases(self) -> None:
        """Refuse a word that would lead to two classes."""
        owners = {c.id: c.id for c in self.classes}
        for index, label_class in enumerate(self.classes):
            for place, alias in enumerate(label_class.aliases):
                owner = owners.setdefault(alias.casefold(), label_class.id)
                if owner != label_class.id:
                    raise fault(
                        f"{quoted(alias)} leads to {owner} already; take it out", "classes", index, "aliases", place
                    )

    def _check_parents(self, index: int) -> None:
        """Walk up from a class; every step must lead to a class, and none back."""
        walked = [self.classes[index].id]
        parent = self.classes[index].parent
        while parent is not None:
            if parent in walked:
                circle = " under ".join([*walked, parent])
                raise fault(f"goes round in a circle ({circle}); take one parent out", "classes", index, "parent")
            if parent not in self._by_id:
                known = ", ".join(self._by_id)
                raise fault(f"{quoted(parent)} is not a class; use one of {known}", "classes", index, "parent")
            walked.append(parent)
            parent = self._by_id[parent].parent

    def _check_overlaps(self, index: int) -> None:
        for place, class_id in enumerate(self.classes[index].never_overlaps):
            if class_id not in self._by_id:
                known = ", ".join(self._by_id)
                reason = f"{quoted(class_id)} is not a class; use one of {known}"
                raise fault(reason, "classes", index, "never_overlaps", place)


def all_attributes(attributes: Sequence[Attribute]) -> Iterator[Attribute]:
    """Yield attributes and all that stand under their options, in the order of the file."""
    for attribute in attributes:
        yield attribute
        for option in attribute.options:
            yield from all_attributes(option.attributes)


def _check_attribute_ids(attributes: Sequence[Attribute], path: tuple[str | int, ...]) -> dict[str, Attribute]:
    """Return the attributes of a tree by id; no two that can be asked together may share one."""
    found: dict[str, Attribute] = {}
    for index, attribute in enumerate(attributes):
        branch = _branch(attribute, (*path, index))
        for attribute_id in branch:
            if attribute_id in found:
                reason = f"{quoted(attribute_id)} stands twice among what is asked together; rename one"
                raise fault(reason, *path, index, "id")
        found |= branch
    return found


def _branch(attribute: Attribute, path: tuple[str | int, ...]) -> dict[str, Attribute]:
    """Return an attribute and all under its options by id; options may share ids where types agree."""
    under: dict[str, Attribute] = {}
    for index, option in enumerate(attribute.options):
        here = (*path, "options", index, "attributes")
        for attribute_id, nested in _check_attribute_ids(option.attributes, here).items():
            if attribute_id == attribute.id:
                raise fault(f"{quoted(attribute_id)} stands again under its own options; rename one", *here)
            if under.setdefault(attribute_id, nested).type != nested.type:
                reason = f"{quoted(attribute_id)} is a {under[attribute_id].type} under another option; rename one"
                raise fault(reason, *here)
    return {attribute.id: attribute} | under

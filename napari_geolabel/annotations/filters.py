"""Which annotations somebody looks for: the same filters for the table, for scripts and for the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.sizes import SizeBook
from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.answers import is_unanswered
from napari_geolabel.ontology.model import Attribute, Ontology, all_attributes

How = Literal["is", "contains", "missing"]
"""What an attribute has to do with a text."""

_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*([=~])(.*)", re.DOTALL)
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


@dataclass(frozen=True, kw_only=True)
class AttributeTest:
    """What one attribute has to be."""

    attribute: str
    """Id of an attribute of any class."""
    how: How = "is"
    """``is`` the value, ``contains`` it as a part of its text or as one of several options, or is ``missing``."""
    value: str = ""
    """As people write it: the id or name of an option, several with ``+``, a number, yes or no, a day, a text."""

    @classmethod
    def parse(cls, text: str) -> AttributeTest:
        """Return the test that a text means: ``category=merchant``, ``name~maru``, ``name=`` (missing).

        Raises
        ------
        GeoLabelError
            If it is none of these.
        """
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise GeoLabelError(
                f"{text!r} is no condition; write category=merchant, name~part of it, or name= for none"
            )
        attribute, sign, value = found[1], found[2], found[3].strip()
        if sign == "~":
            return cls(attribute=attribute, how="contains", value=value)
        return cls(attribute=attribute, how="is" if value else "missing", value=value)


@dataclass(frozen=True, kw_only=True)
class AnnotationFilter:
    """Which annotations are wanted; all that is asked has to hold."""

    text: str = ""
    """Stands in the name of the class, in an attribute, in the annotator's name or in the id."""
    class_ids: Collection[str] = ()
    """Ids of classes; empty for all."""
    statuses: Collection[Status] = ()
    """Statuses; empty for all."""
    min_length: float | None = None
    """Smallest length on the ground in metres, in pixels where the scene is not georeferenced; points have none."""
    max_length: float | None = None
    """Largest length."""
    min_area: float | None = None
    """Smallest area in square metres, or square pixels; lines and points have none."""
    max_area: float | None = None
    """Largest area."""
    where: Sequence[AttributeTest] = ()
    """What attributes have to be."""
    only_problems: bool = False
    """Whether only those are wanted that have a problem."""


def choose(
    annotations: Sequence[Annotation],
    wanted: AnnotationFilter,
    ontology: Ontology,
    sizes: SizeBook,
    problematic: Collection[str] = (),
) -> list[Annotation]:
    """Return the annotations that are wanted, in their order.

    Parameters
    ----------
    annotations
        All that are there.
    wanted
        What is asked.
    ontology
        Their ontology.
    sizes
        Measures them where sizes are asked for.
    problematic
        Ids of those that have a problem.

    Raises
    ------
    AttributeValueError
        If an attribute is unknown, or cannot have the value that is looked for.
    """
    tests = [_attribute_test(each, ontology) for each in wanted.where]
    found = list(annotations)
    if wanted.class_ids or wanted.statuses or wanted.only_problems:
        found = [a for a in found if _is_plainly_wanted(a, wanted, problematic)]
    for test in tests:
        found = [a for a in found if test(a)]
    if wanted.text:
        searched, names = wanted.text.casefold(), {c.id: c.name for c in ontology.classes}
        found = [a for a in found if searched in _searched(a, names[a.class_id])]
    if found and (wanted.min_area is not None or wanted.max_area is not None):
        found = _within(found, sizes.areas(found), wanted.min_area, wanted.max_area)
    if found and (wanted.min_length is not None or wanted.max_length is not None):
        found = _within(found, sizes.lengths(found), wanted.min_length, wanted.max_length)
    return found


def attributes_text(annotation: Annotation) -> str:
    """Return the attributes in a line: ``category merchant, length_m 120``."""
    return ", ".join(f"{name} {value_text(value)}" for name, value in annotation.attributes.items())


def value_text(value: object) -> str:
    """Return an answer in a word or a few: options with ``+`` between, yes or no, nothing for no answer."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "+".join(value) if isinstance(value, tuple) else str(value)


def _is_plainly_wanted(annotation: Annotation, wanted: AnnotationFilter, problematic: Collection[str]) -> bool:
    return not (
        (wanted.class_ids and annotation.class_id not in wanted.class_ids)
        or (wanted.statuses and annotation.status not in wanted.statuses)
        or (wanted.only_problems and annotation.id not in problematic)
    )


def _searched(annotation: Annotation, class_name: str) -> str:
    """Return all text of an annotation that a search looks at."""
    who = annotation.provenance.annotator or ""
    return f"{class_name}\n{attributes_text(annotation)}\n{who}\n{annotation.id}".casefold()


def _within(
    annotations: Sequence[Annotation], sizes: FloatArray, low: float | None, high: float | None
) -> list[Annotation]:
    """Return those whose size lies between two, ends included; what has no size does not."""
    fits = np.isfinite(sizes)
    with np.errstate(invalid="ignore"):
        fits &= sizes >= (-np.inf if low is None else low)
        fits &= sizes <= (np.inf if high is None else high)
    return [annotations[place] for place in np.flatnonzero(fits).tolist()]


def _attribute_test(test: AttributeTest, ontology: Ontology) -> Callable[[Annotation], bool]:
    """Return what tells whether an annotation passes a test."""
    known = [a for each in ontology.classes for a in all_attributes(each.attributes) if a.id == test.attribute]
    if not known:
        there_are = dict.fromkeys(a.id for each in ontology.classes for a in all_attributes(each.attributes))
        raise AttributeValueError(
            f"no class has an attribute {test.attribute!r}; there are {', '.join(there_are) or 'none'}"
        )
    if test.how == "missing":
        asked = {each.id: list(_ways_to(test.attribute, each.attributes)) for each in ontology.classes}
        return lambda a: is_unanswered(a.attributes.get(test.attribute)) and _is_asked(a, asked[a.class_id])
    if test.how == "contains":
        names = {option.id: option.name for attribute in known for option in attribute.options}
        part = test.value.casefold()
        return lambda a: part in _spoken(a.attributes.get(test.attribute), names)
    values = _values(test, known)
    return lambda a: _plain(a.attributes.get(test.attribute)) in values


def _ways_to(
    attribute_id: str, attributes: Sequence[Attribute], chosen: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the options that have to be chosen so that an attribute is asked, for each place where it stands."""
    for attribute in attributes:
        if attribute.id == attribute_id:
            yield chosen
        for option in attribute.options:
            yield from _ways_to(attribute_id, option.attributes, (*chosen, (attribute.id, option.id)))


def _is_asked(annotation: Annotation, ways: Sequence[tuple[tuple[str, str], ...]]) -> bool:
    return any(all(annotation.attributes.get(name) == option for name, option in way) for way in ways)


def _spoken(value: object, names: dict[str, str]) -> str:
    """Return all words for an answer: its text, and the names of the options."""
    chosen = value if isinstance(value, tuple) else (value,)
    return f"{value_text(value)} {' '.join(names.get(each, '') for each in chosen if isinstance(each, str))}".casefold()


def _plain(value: object) -> object:
    """Return an answer so that equal ones are equal: text in lower case, and yes is not the number 1."""
    return str(value) if isinstance(value, bool) else value.casefold() if isinstance(value, str) else value


def _values(test: AttributeTest, known: Sequence[Attribute]) -> set[object]:
    """Return the answers that a text may mean; attributes of one id may be of several types."""
    found, reasons = set(), []
    for attribute in known:
        try:
            found.add(_plain(_READERS[attribute.type](attribute, test.value)))
        except AttributeValueError as error:
            reasons.append(error)
    if not found:
        raise AttributeValueError(f"{test.attribute}: {reasons[0]}")
    return found


def _option(attribute: Attribute, text: str) -> str:
    for option in attribute.options:
        if text.casefold() in (option.id, option.name.casefold()):
            return option.id
    raise AttributeValueError(f"{text!r} is not an option; use {', '.join(option.id for option in attribute.options)}")


def _options(attribute: Attribute, text: str) -> tuple[str, ...]:
    chosen = {_option(attribute, part.strip()) for part in text.split("+")}
    return tuple(option.id for option in attribute.options if option.id in chosen)


def _number(_attribute: Attribute, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise AttributeValueError(f"{text!r} is not a number") from None


def _yes_or_no(_attribute: Attribute, text: str) -> bool:
    if text.casefold() in (*_YES, *_NO):
        return text.casefold() in _YES
    raise AttributeValueError(f"{text!r} is neither yes nor no")


def _text(_attribute: Attribute, text: str) -> str:
    return text


_READERS: dict[str, Callable[[Attribute, str], Any]] = {
    "radio": _option,
    "checklist": _options,
    "number": _number,
    "boolean": _yes_or_no,
    "text": _text,
    "date": _text,
}

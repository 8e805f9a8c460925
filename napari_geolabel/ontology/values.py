"""Attribute values: what the ontology allows, what it misses, and what it starts with.

Values are kept flat, attribute id to value, also those of attributes under an
option.  Such an attribute *applies* only while its option is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from napari_geolabel.errors import AttributeValueError
from napari_geolabel.ontology.answers import check_value, is_unanswered
from napari_geolabel.ontology.model import Attribute, all_attributes


def check_attributes(attributes: Sequence[Attribute], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are stored, in the order in which they are asked.

    Parameters
    ----------
    attributes
        Attributes of a class, or the scene attributes of an ontology.
    values
        Attribute id to value.  numpy scalars become Python's, days become ISO
        text, checklists tuples in the order of the options; what is not
        answered is left out.

    Raises
    ------
    AttributeValueError
        If an attribute is unknown or does not apply, or a value is not
        allowed; the sentence begins with the attribute's path.
    """
    checked: dict[str, Any] = {}
    for path, attribute in _applying(attributes, values):
        if attribute.id not in values:
            continue
        try:
            value = check_value(attribute, values[attribute.id])
        except AttributeValueError as error:
            raise AttributeValueError(f"{path}: {error}") from error
        if value is not None:
            checked[attribute.id] = value
    for name, value in values.items():
        if name not in checked and not is_unanswered(value):
            raise AttributeValueError(_why_not(name, attributes, values))
    return checked


def applicable_attributes(attributes: Sequence[Attribute], values: Mapping[str, Any]) -> list[Attribute]:
    """Return the attributes that are asked, given the values so far, in order, without archived ones."""
    return [attribute for _, attribute in _applying(attributes, values) if not attribute.archived]


def missing_required(attributes: Sequence[Attribute], values: Mapping[str, Any]) -> list[str]:
    """Return the paths of required attributes that apply and are not answered, such as ``category.merchant.type``."""
    return [
        path
        for path, attribute in _applying(attributes, values)
        if attribute.required and not attribute.archived and is_unanswered(values.get(attribute.id))
    ]


def with_answers(
    attributes: Sequence[Attribute], before: Mapping[str, Any], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Return values with some answered anew, without those that stood under an option no longer chosen.

    Parameters
    ----------
    attributes
        Attributes of a class, or the scene attributes of an ontology.
    before
        The values so far.
    answers
        Attribute id to its new value; None takes the answer back.

    Raises
    ------
    AttributeValueError
        If an answer is not allowed, or does not apply after the other answers.
    """
    kept = dict(before)
    known = {attribute.id: attribute for _, attribute in _applying(attributes, before)}
    for name, value in answers.items():
        if name in known and value != before.get(name):
            for nested in _asked_under(known[name], before.get(name)):
                kept.pop(nested, None)
    return check_attributes(attributes, kept | dict(answers))


def defaults(attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return the values that a new annotation starts with, those under default options included."""
    started: dict[str, Any] = {}
    for attribute in attributes:
        if attribute.default is None or attribute.archived:
            continue
        started[attribute.id] = attribute.default
        for option in attribute.options:
            if option.id == attribute.default:
                started |= defaults(option.attributes)
    return started


def _applying(
    attributes: Sequence[Attribute], values: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Attribute]]:
    """Yield the attributes that apply to the values, with their paths."""
    for attribute in attributes:
        path = f"{prefix}{attribute.id}"
        yield path, attribute
        for option in attribute.options:
            if option.attributes and values.get(attribute.id) == option.id:
                yield from _applying(option.attributes, values, f"{path}.{option.id}.")


def _asked_under(attribute: Attribute, value: object) -> list[str]:
    """Return the ids of all that is asked under an answer."""
    chosen = [option for option in attribute.options if option.id == value]
    return [nested.id for option in chosen for nested in all_attributes(option.attributes)]


def _why_not(name: str, attributes: Sequence[Attribute], values: Mapping[str, Any]) -> str:
    """Return why a value that was given does not apply."""
    owners = [
        f"{attribute.id} is {option.id}"
        for attribute in all_attributes(attributes)
        for option in attribute.options
        if any(nested.id == name for nested in option.attributes)
    ]
    if owners:
        return f"{name}: applies only where {' or '.join(owners)}; leave it out or change that"
    known = ", ".join(attribute.id for _, attribute in _applying(attributes, values)) or "none"
    return f"{name}: there is no such attribute; there are {known}"

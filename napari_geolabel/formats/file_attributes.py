"""Attributes of the classes that are made from a file: what the file answers becomes what the class asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from napari_geolabel.formats.classes import CLASS_KEYS, ClassMap, class_of_word
from napari_geolabel.formats.schema import BASE_COLUMNS, LINK_COLUMNS, none_if_nan, stored_attributes
from napari_geolabel.ontology import Attribute, Ontology, Option, make_id

Answers = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""From the properties of a feature to what they answer, attribute id to value."""

_NOT_ASKED = frozenset({*BASE_COLUMNS, *CLASS_KEYS, *LINK_COLUMNS, "attributes", "fid", "score", "image"})


def own_answers(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attribute values of a row of ours: those of ``attributes`` and of the columns ``attr_...``."""
    columns = {key.removeprefix("attr_"): value for key, value in row.items() if key.startswith("attr_")}
    return columns | dict(stored_attributes(row) or {})


def all_answers(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attribute values of a row of ours, and of another program's row all that is not an id or class."""
    own = own_answers(row)
    return own or {key: value for key, value in row.items() if key not in _NOT_ASKED}


def with_attributes(
    ontology: Ontology,
    new: Iterable[str],
    words: Sequence[str | None],
    rows: Sequence[Mapping[str, Any]],
    answers: Answers,
    class_map: ClassMap | None = None,
) -> Ontology:
    """Return an ontology whose new classes ask what the features of a file answer.

    Parameters
    ----------
    ontology
        Has all classes.
    new
        Ids of the classes that are new and ask nothing yet.
    words, rows
        The class word and the properties of each feature.
    answers
        Which of the properties are answers.
    class_map
        From words to classes.
    """
    given: dict[str, list[Mapping[str, Any]]] = {class_id: [] for class_id in new}
    class_of = {word: class_of_word(word, ontology, class_map) for word in set(words)}
    for word, row in zip(words, rows, strict=True):
        class_id = class_of[word]
        if class_id in given:
            given[class_id].append(answers(row))
    changed = [
        ontology[class_id].model_copy(update={"attributes": attributes_in(each)})
        for class_id, each in given.items()
        if any(each)
    ]
    return ontology.with_classes(changed) if changed else ontology


def attributes_in(answers: Iterable[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    """Return the attributes that answers are answers to, in the order in which they first stand there.

    Values of several types, and keys that are no ids, have none.
    """
    found: dict[str, list[Any]] = {}
    for each in answers:
        for key, value in each.items():
            if none_if_nan(value) is not None:
                found.setdefault(key, []).append(none_if_nan(value))
    made = (_attribute(key, values) for key, values in found.items() if make_id(key) == key)
    return tuple(each for each in made if each is not None)


def _attribute(key: str, values: Sequence[Any]) -> Attribute | None:
    """Return what one key asks."""
    types = {type(value) for value in values}
    if types <= {list, tuple}:
        options = list(dict.fromkeys(option for value in values for option in value if isinstance(option, str)))
        if not options or any(option not in options or make_id(option) != option for v in values for option in v):
            return None
        made = tuple(Option(id=option, name=option) for option in options)
        return Attribute(id=key, name=key, type="checklist", options=made)
    if types <= {bool}:
        return Attribute(id=key, name=key, type="boolean")
    if types <= {int, float}:
        return Attribute(id=key, name=key, type="number")
    return Attribute(id=key, name=key, type="text") if types <= {str} else None

"""From the words that a file has for classes to the classes of the ontology."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.table_rows import values_of
from napari_geolabel.formats.texts import shown
from napari_geolabel.ontology import Kind, LabelClass, Ontology, make_id
from napari_geolabel.ontology.colors import spread_color

CLASS_KEYS = ("class_id", "class", "class_name", "label", "category", "type")
"""Properties that may hold the class; the first that any feature of a file fills serves for the whole file."""

_LISTED = 6

ClassMap = Mapping[Any, str | None]
"""A file's class to a class id.  The key None stands for features without a class, the value None leaves out."""


def class_key(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return which property holds the class in a file, None where none does."""
    for key in CLASS_KEYS:
        if any(class_word(value) is not None for value in values_of(rows, key)):
            return key
    return None


def class_word(value: Any) -> str | None:  # noqa: ANN401  (any property)
    """Return a file's class as text, None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        if value != value:
            return None
        return f"{value:.15g}"
    return str(value).strip() or None


def same_word(word: str) -> str:
    """Return what words of one class have in common: all but case, space about them and how an accent is written."""
    return unicodedata.normalize("NFC", word).strip().casefold()


def class_words(values: Iterable[Any]) -> list[str | None]:
    """Return the `class_word` of each value."""
    found = list(values)
    try:
        words: list[str | None] = list(map(str.strip, found))  # most are texts alone, and this is three times as fast
    except TypeError:
        return [class_word(value) for value in found]
    return [word or None for word in words] if "" in words else words


def resolve_classes(
    words: Sequence[str | None], where: Sequence[str], ontology: Ontology, class_map: ClassMap | None, name: str
) -> list[str | None]:
    """Return the class id of each feature, None where the map leaves it out.

    A word is looked up in the map, then among the ids and then, whatever its
    case (`same_word`), among the aliases and the names of the ontology's classes.

    Parameters
    ----------
    words
        The file's classes, one per feature.
    where
        What to call each feature in a sentence, such as ``feature 3``.
    name
        The file's name.

    Raises
    ------
    FormatError
        If a word leads to no class; it names the feature, the word and the way out.
    """
    known = _known_words(ontology, class_map)
    for word, place in zip(words, where, strict=True):
        if word is None and None not in known:
            keys = ", ".join(CLASS_KEYS)
            raise FormatError(
                f"{name}: {place} names no class (looked for {keys}); "
                "say which it is (class_map={None: ...}, --class-map =CLASS)"
            )
        if word is not None and _find(word, known) is _MISSING:
            raise FormatError(
                f'{name}: {place} is of the class "{shown(word)}", which the ontology {ontology.id} lacks'
                f"{_others_that_lack(words, word, known)}; map to {_named_classes(ontology)} "
                f"(class_map=, --class-map {shown(word)}=...) or take the file's classes over "
                "(make_classes=True, --make-classes)"
            )
    return [known[None] if word is None else _find(word, known) for word in words]


def _others_that_lack(words: Sequence[str | None], first: str, known: Mapping[str | None, str | None]) -> str:
    """Return the other words that lead nowhere, so that one try tells them all."""
    others = [w for w in dict.fromkeys(words) if w is not None and w != first and _find(w, known) is _MISSING]
    listed = ", ".join(f'"{w[:60]}"' for w in others[:_LISTED])
    more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    return f", like {listed}{more}" if others else ""


def _named_classes(ontology: Ontology) -> str:
    ids = [cls.id for cls in ontology.classes if not cls.archived]
    return ", ".join(ids[:_LISTED]) + (", ..." if len(ids) > _LISTED else "")


def find_class(word: str | None, ontology: Ontology) -> str | None:
    """Return the id of the class that a word leads to without a map, None where it leads to none."""
    return class_of_word(word, ontology, None)


def class_of_word(word: str | None, ontology: Ontology, class_map: ClassMap | None) -> str | None:
    """Return the id of the class that a word leads to by the map or without, None where it leads to none."""
    known = _known_words(ontology, class_map)
    found = known.get(None) if word is None else _find(word, known)
    return None if found is _MISSING else found


def make_classes(
    words: Iterable[str | None], kinds: Iterable[Kind], ontology: Ontology, class_map: ClassMap | None = None
) -> Ontology:
    """Return the ontology with a class for each word that it lacks; words that differ in their case alone share one.

    New classes allow the kinds given, take the next free mask values and
    colours that lie apart from each other.

    Raises
    ------
    OntologyError
        If a word cannot be the name of a class, or no mask value is left.
    """
    known = _known_words(ontology, class_map)
    missing: dict[str, str] = {}
    for word in dict.fromkeys(words):
        if word is not None and _find(word, known) is _MISSING:
            missing.setdefault(same_word(word), word)
    allowed = tuple(dict.fromkeys(kinds))
    taken = {cls.id for cls in ontology.classes}
    value = max(ontology.by_mask_value, default=0)
    made = []
    for number, (plain, word) in enumerate(missing.items(), start=len(taken)):
        class_id, value = _free_id(word, taken | (missing.keys() - {plain})), value + 1  # ids are words for classes too
        taken.add(class_id)
        made.append(LabelClass(id=class_id, name=word, color=spread_color(number), mask_value=value, kinds=allowed))
    return ontology.with_classes(made) if made else ontology


def classes_named(words: Iterable[str | None], class_map: ClassMap | None = None) -> Ontology:
    """Return an ontology of the classes that a file names, or that these are mapped to."""
    drawn = [kind for kind in Kind if kind is not Kind.MASK]
    empty = Ontology(id="converted", name="Classes of a file", version="1", classes=())
    mapped = [class_id for class_id in (class_map or {}).values() if class_id is not None]
    return make_classes(words, drawn, make_classes(mapped, drawn, empty), class_map)


_MISSING: Any = object()


def _known_words(ontology: Ontology, class_map: ClassMap | None) -> dict[str | None, str | None]:
    """Return every word that leads to a class; the map wins over ids, ids over aliases, aliases over names."""
    known: dict[str | None, str | None] = {same_word(cls.name): cls.id for cls in reversed(ontology.classes)}
    known |= {same_word(alias): cls.id for cls in ontology.classes for alias in cls.aliases}
    known |= {cls.id: cls.id for cls in ontology.classes}
    for key, class_id in (class_map or {}).items():
        if class_id is not None:
            ontology[class_id]  # raises UnknownClassError
        known[None if key is None else class_word(key)] = class_id
    return known


def _find(word: str, known: Mapping[str | None, str | None]) -> Any:  # noqa: ANN401
    found = known.get(word, _MISSING)
    return known.get(same_word(word), _MISSING) if found is _MISSING else found


def _free_id(word: str, taken: set[str]) -> str:
    base = make_id(word)
    candidates = (base, *(f"{base[:45]}_{number}" for number in range(2, 10_000)))
    return next(c for c in candidates if c not in taken)

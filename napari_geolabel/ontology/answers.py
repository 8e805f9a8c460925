"""One answer to one attribute: what is allowed, and the form in which it is stored.

No value, ``None``, NaN, empty text and an empty checklist are the same: not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import SchemaError, SchemaValidator, core_schema

from napari_geolabel.errors import AttributeValueError, OntologyError
from napari_geolabel.ontology.fields import LARGEST, quoted

if TYPE_CHECKING:
    from napari_geolabel.ontology.model import Attribute  # which checks its defaults by this module


def check_value(attribute: Attribute, value: Any) -> Any:  # noqa: ANN401  (of the attribute's type)
    """Return one value as it is stored, None where it is not answered.

    Raises
    ------
    AttributeValueError
        If the attribute does not allow it; the sentence does not name the attribute.
    """
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]")  # of nanoseconds numpy makes a whole number
    plain = value.item() if isinstance(value, np.generic) else value
    if is_unanswered(plain):
        return None
    return _CHECKS[attribute.type](attribute, plain)


def is_unanswered(value: object) -> bool:
    """Return whether a value says nothing; NaN, and NaT of days, are how data frames say it."""
    if isinstance(value, float | datetime):
        return value != value  # as only these two are
    if isinstance(value, np.ndarray):
        return value.size == 0
    return value is None or (isinstance(value, str | Sequence | Set) and len(value) == 0)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> SchemaValidator:
    """Return a validator of texts that match a pattern from end to end.

    The engine is Rust's, whose time is linear in the text: a pattern from a
    stranger's ontology cannot hang the program, as Python's ``re`` would.

    Raises
    ------
    OntologyError
        If the pattern is not a regular expression of that engine.
    """
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))  # alone first: ")|(" must not become one by wrapping
        return SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{pattern})\z"))
    except SchemaError as error:
        message = f"{quoted(pattern)} is not a regular expression without look-around and back-references"
        raise OntologyError(message) from error


def _check_radio(attribute: Attribute, value: Any) -> str:  # noqa: ANN401
    known = [option.id for option in attribute.options]
    if not isinstance(value, str) or value not in known:
        raise AttributeValueError(f"{quoted(value)} is not an option; use {', '.join(known)}")
    return value


def _check_checklist(attribute: Attribute, value: Any) -> tuple[str, ...]:  # noqa: ANN401
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray | set | frozenset):
        raise AttributeValueError(f"{quoted(value)} is not a list of options; put it in a list")
    chosen = {_check_radio(attribute, item) for item in value}
    return tuple(option.id for option in attribute.options if option.id in chosen)


def _check_text(attribute: Attribute, value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise AttributeValueError(f"{quoted(value)} is not text")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise AttributeValueError(f"{ascii(value)[:60]} holds a character that no file can; take it out")
    if attribute.pattern is not None:
        try:
            compile_pattern(attribute.pattern).validate_python(value)
        except ValidationError as error:
            raise AttributeValueError(f"{quoted(value)} does not match {attribute.pattern}") from error
    return value


def _check_number(attribute: Attribute, value: Any) -> float:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise AttributeValueError(f"{quoted(value)} is not a finite number")
    unit = f" {attribute.unit}" if attribute.unit else ""
    if attribute.minimum is not None and value < attribute.minimum:
        raise AttributeValueError(f"{value}{unit} is less than {attribute.minimum}{unit}, the smallest allowed")
    if attribute.maximum is not None and value > attribute.maximum:
        raise AttributeValueError(f"{value}{unit} is more than {attribute.maximum}{unit}, the largest allowed")
    return value


def _check_boolean(attribute: Attribute, value: Any) -> bool:  # noqa: ANN401, ARG001
    if not isinstance(value, bool):
        raise AttributeValueError(f"{quoted(value)} is not true or false")
    return value


def _check_date(attribute: Attribute, value: Any) -> str:  # noqa: ANN401, ARG001
    """Return a day as ``YYYY-MM-DD``; a time of day is accepted at midnight only, as data frames give days."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise AttributeValueError(f"{quoted(value)} is not a day; write it as 2024-05-31") from error


_CHECKS: Mapping[str, Callable[[Attribute, Any], Any]] = {
    "radio": _check_radio,
    "checklist": _check_checklist,
    "text": _check_text,
    "number": _check_number,
    "boolean": _check_boolean,
    "date": _check_date,
}

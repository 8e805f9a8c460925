"""The types of the fields of an ontology, and the sentences for what does not fit them.

Fields check what stands in one place; the models in ``model.py`` check what
must agree between places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from napari_geolabel.ontology.kinds import Kind

AttributeType = Literal["radio", "checklist", "text", "number", "boolean", "date"]
"""What the value of an attribute may be: one option, some options, text, a number, yes or no, a day."""

HOTKEYS = "123456789ghjknquw"
"""Keys that may choose a class: digits, and the letters that no layer of napari 0.9 is bound to."""

MAX_MASK_VALUE = 65_535
"""Semantic masks are uint8 or uint16."""

LARGEST = 1e300
"""Largest absolute value of a number; a little below that of double precision."""

_ID = re.compile(r"[a-z0-9_]{1,50}")
_PICTURE = re.compile(r"[\w][\w .()-]{0,100}\.(png|jpg|jpeg)", re.IGNORECASE)  # no folders: it lies beside the ontology
_COLOR = re.compile(r"#[0-9a-f]{6}")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
# Names of devices on Windows, which cannot name a file there whatever the suffix.
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
# Characters that reorder the text around them on screen, so that a name can pass for another.
_REORDERING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MAX_EXACT_INT = 2**53
_PATH_KEY = "path"
_REASON_KEY = "reason"
_FAULT = "ontology_fault"
_T = TypeVar("_T", bound=Hashable)


def fault(reason: str, *path: str | int) -> PydanticCustomError:
    """Return the error to raise in a validator: a reason, and where below the validated value it lies."""
    return PydanticCustomError(_FAULT, "{reason}", {_REASON_KEY: reason, _PATH_KEY: path})


def sentence(error: ValidationError, name: str = "") -> str:
    """Return the first fault of a validation as ``name: path: reason``."""
    details = error.errors(include_url=False)
    first = details[0]
    where = [*first["loc"], *first.get("ctx", {}).get(_PATH_KEY, ())]
    parts = [name, path_text(where), _reason(first)]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return ": ".join(part for part in parts if part) + more


def path_text(path: Iterable[str | int]) -> str:
    """Return ``classes[2].attributes[0].type`` for the steps of a path."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def first_repeated(values: Sequence[_T | None]) -> int | None:
    """Return the index of the first value that stood before; None values never count."""
    seen: set[_T | None] = {None}
    for index, value in enumerate(values):
        if value in seen and value is not None:
            return index
        seen.add(value)
    return None


def quoted(value: object) -> str:
    """Return a value as it is shown in a sentence: text in double quotes, and cut where it is long."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:76]}...{text[0]}"


def is_shown(character: str) -> bool:
    """Return whether a screen shows a character as it is, where the reader expects it."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} and character not in _REORDERING


def make_id(name: str) -> str:
    """Return an id made of any name: ``"Thick cloud (Ci)"`` becomes ``"thick_cloud_ci"``.

    A name without a Latin letter or digit gives ``"class"``; the caller makes ids unique.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].strip("_") or "class"
    return f"{made}_" if made in _DEVICES else made


def _reason(detail: ErrorDetails) -> str:
    """Return why a value does not fit, in our words where pydantic's are for programmers."""
    value = quoted(detail["input"])
    reasons = {
        _FAULT: detail["msg"],
        "missing": "is missing; add it",
        "string_type": "is empty; write some text"
        if detail["input"] is None
        else f"{value} is not text; put it in quotes",
        "tuple_type": f"{value} is not a list; write one item a line, each after a dash",
        "bool_parsing": f"{value} is not true or false",
        "bool_type": f"{value} is not true or false",
        "model_type": f"{value} is not a mapping; write its fields one a line as field: value",
        "model_attributes_type": f"{value} is not a mapping; write its fields one a line as field: value",
    }
    return reasons.get(detail["type"], f"{value} does not fit ({detail['msg'].lower()})")


def _id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise fault(f"{quoted(value)} is not an id; use up to 50 of a-z, 0-9 and _, such as {quoted(make_id(value))}")
    if value in _DEVICES:
        raise fault(f'"{value}" cannot name a file on Windows; use "{value}_"')
    return value


def _text(value: str) -> str:
    """Return text in Unicode's normal form C with plain line ends, refusing what no screen can show."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for character in text:
        if character not in "\n\t" and (unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}):
            raise fault(f"{ascii(value)[:60]} holds the control character {character!a}; take it out")
        if character in _REORDERING:
            raise fault(f"{ascii(value)[:60]} holds {character!a}, which reorders text on screen; take it out")
    return text


def _name(value: str) -> str:
    text = _text(value)
    if not text:
        raise fault("is empty; give a name that people can read")
    if len(text) > 120 or "\n" in text or "\t" in text:
        raise fault(f"{quoted(text)} is not a name of one line and up to 120 characters")
    return text


def is_name(text: str) -> bool:
    """Return whether a text can be a `Name`."""
    try:
        _name(text)
    except ValueError:
        return False
    return True


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value.lower()):
        raise fault(f'{quoted(value)} is not a colour; write red, green and blue as "#rrggbb", such as "#e69f00"')
    return value.lower()


def _hotkey(value: str) -> str:
    if len(value) != 1 or value not in HOTKEYS:
        raise fault(f"{quoted(value)} is not a free key; use one of {' '.join(HOTKEYS)}")
    return value


def _file_name(value: str) -> str:
    if not _PICTURE.fullmatch(value):
        example = "ship_from_above.jpg"
        raise fault(f"{quoted(value)} is not the name of a picture beside the ontology; write one like {example}")
    return value


def number(value: Any) -> float:  # noqa: ANN401  (what stands in a file)
    """Return a finite number, whole ones as int, given as a number or as the text of one."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault(f"{quoted(value)} is not a number")
    if not abs(value) <= LARGEST:  # NaN too; math.isfinite fails on huge integers
        raise fault(f"{quoted(value)} is not a finite number")
    whole = abs(value) <= _MAX_EXACT_INT and value == int(value)
    return int(value) if whole else float(value)


def _mask_value(value: Any) -> int:  # noqa: ANN401
    found = number(value)
    if not isinstance(found, int) or not 1 <= found <= MAX_MASK_VALUE:
        raise fault(
            f"{quoted(value)} is not a mask value; use a whole number from 1 to {MAX_MASK_VALUE} (0: unlabelled)"
        )
    return found


def _one_of(what: str, choices: Sequence[str]) -> Callable[[Any], Any]:
    """Return a validator that lets only the choices pass."""
    listed = f"{', '.join(choices[:-1])} or {choices[-1]}"

    def check(value: Any) -> Any:  # noqa: ANN401
        if value not in choices:
            raise fault(f"{quoted(value)} is not {what}; use {listed}")
        return value

    return check


Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$"})]
"""A stable name for machines: up to 50 of ``a-z``, ``0-9`` and ``_``.  It also names columns and files."""
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 120})]
"""A name for people: one line of up to 120 characters in any script."""
Text = Annotated[str, AfterValidator(_text)]
"""Text for people, which may have several lines."""
Color = Annotated[str, AfterValidator(_color), WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})]
"""A colour as ``#rrggbb``, lower case."""
FileName = Annotated[str, AfterValidator(_file_name)]
"""The name of a PNG or JPEG file, without folders."""
Hotkey = Annotated[str, AfterValidator(_hotkey), WithJsonSchema({"enum": list(HOTKEYS)})]
"""One of ``HOTKEYS``."""
MaskValue = Annotated[
    int,
    PlainValidator(_mask_value),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_MASK_VALUE}),
]
"""The value of a class's pixels in a semantic mask, 1 to 65535."""
Number = Annotated[float, PlainValidator(number), WithJsonSchema({"type": "number"})]
"""A finite number; whole numbers are kept as int, so that files read 0 and not 0.0."""
KindField = Annotated[Kind, BeforeValidator(_one_of("a kind", [str(kind) for kind in Kind]))]
"""A kind of annotation by its word."""
AttributeTypeField = Annotated[AttributeType, BeforeValidator(_one_of("an attribute type", get_args(AttributeType)))]
"""The type of an attribute by its word."""

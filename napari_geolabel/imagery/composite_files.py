"""Composites as plain values, and as TOML files that people share."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from napari_geolabel.errors import CompositeError
from napari_geolabel.files import atomic_write, require_file
from napari_geolabel.imagery.composite import AUTOMATIC, Composite, resolve_names
from napari_geolabel.imagery.stretch import Method, Stretch

_METHODS: tuple[Method, ...] = ("percentile", "deviation", "fixed", "equalize")
_STRETCH_KEYS = {"method", "low", "high", "limits", "gamma", "channels"}
_COMPOSITE_KEYS = {"id", "title", "channels", "stretch", "colormap", "description"}
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class CompositeFile:
    """What a file of composites holds."""

    composites: Mapping[str, Composite] = field(default_factory=dict)
    """Id → composite, in the order of the file."""

    favourites: tuple[str, ...] = ()
    """Ids, of composites of the file or of others."""


def read_composites(path: str | Path) -> CompositeFile:
    """Return the composites of a TOML file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    CompositeError
        If it is no TOML, or something in it is wrong; the sentence says what.
    """
    found = require_file(path)
    if found.stat().st_size > _MAX_BYTES:
        raise CompositeError(f"{found} is larger than {_MAX_BYTES} bytes, so it is no file of composites")
    try:
        plain = tomllib.loads(found.read_text("utf-8"))
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits, or brackets
        raise CompositeError(f"{found} cannot be read as TOML ({error}); correct it or choose another file") from None
    try:
        return composites_from(plain)
    except CompositeError as error:
        raise CompositeError(f"{found}: {error}") from None


def write_composites(path: str | Path, composites: Iterable[Composite], *, favourites: Sequence[str] = ()) -> None:
    """Write composites as TOML, which ``read_composites`` reads.

    Raises
    ------
    WriteError
        If the file cannot be written; what stood there before is untouched.
    """
    import tomli_w

    plain: dict[str, Any] = {"favourites": list(favourites)} if favourites else {}
    plain["composite"] = [composite_to(composite) for composite in composites]
    with atomic_write(path) as temporary:
        temporary.write_text(tomli_w.dumps(plain), "utf-8")


def composites_from(plain: Mapping[str, Any]) -> CompositeFile:
    """Return composites from the plain values of a TOML file.

    Raises
    ------
    CompositeError
        If something is wrong.
    """
    unknown = set(plain) - {"composite", "favourites"}
    if unknown:
        raise CompositeError(
            f"{_listed(unknown)} means nothing here; a file of composites has favourites and composite"
        )
    entries = plain.get("composite", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CompositeError("composite is not a list of tables; write [[composite]] above each")
    composites: dict[str, Composite] = {}
    for entry in entries:
        composite = composite_from(entry)
        if composite.id in composites:
            raise CompositeError(f"two composites have the id {composite.id!r}; give each its own")
        composites[composite.id] = composite
    return CompositeFile(composites=composites, favourites=_texts(plain.get("favourites", []), "favourites"))


def composite_from(plain: Mapping[str, Any]) -> Composite:
    """Return a composite from plain values: ``{"id": ..., "title": ..., "channels": [...], ...}``.

    Raises
    ------
    CompositeError
        If something is wrong.
    """
    unknown = set(plain) - _COMPOSITE_KEYS
    if unknown:
        raise CompositeError(f"{_listed(unknown)} means nothing in a composite; it has {_listed(_COMPOSITE_KEYS)}")
    texts = {key: plain.get(key, "") for key in ("id", "title", "description", "colormap")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise CompositeError(f"{key} of a composite is {value!r}, which is not text")
    if not texts["id"]:
        raise CompositeError("a composite has no id; give each one")
    composite = Composite(
        id=texts["id"],
        title=texts["title"] or texts["id"],
        channels=_texts(plain.get("channels", []), f"channels of composite {texts['id']!r}"),
        stretch=stretch_from(plain["stretch"]) if "stretch" in plain else AUTOMATIC,
        colormap=texts["colormap"] or None,
        description=texts["description"],
    )
    resolve_names(composite)  # what no scene could show is told at once
    return composite


def composite_to(composite: Composite) -> dict[str, Any]:
    """Return a composite as plain values, which ``composite_from`` takes; the view of its stretch is left out."""
    plain: dict[str, Any] = {"id": composite.id, "title": composite.title, "channels": list(composite.channels)}
    if composite.stretch.within(None) != AUTOMATIC:
        plain["stretch"] = stretch_to(composite.stretch)
    if composite.colormap:
        plain["colormap"] = composite.colormap
    if composite.description:
        plain["description"] = composite.description
    return plain


def stretch_from(plain: object) -> Stretch:
    """Return a stretch from plain values: ``{"method": "fixed", "low": 0, "high": 0.3}``.

    Raises
    ------
    CompositeError
        If something is wrong.
    """
    if not isinstance(plain, Mapping) or not set(plain) <= _STRETCH_KEYS:
        raise CompositeError(f"the stretch {plain!r} cannot be read; it has {_listed(_STRETCH_KEYS)}")
    method, channels = plain.get("method", "percentile"), plain.get("channels", "apart")
    if method not in _METHODS or channels not in ("apart", "together"):
        raise CompositeError(
            f"the stretch {dict(plain)!r} cannot be read; its method is one of {', '.join(_METHODS)}, its channels are "
            "apart or together"
        )
    gamma = "auto" if plain.get("gamma") == "auto" else _number(plain.get("gamma", 1.0), "gamma")
    if "limits" in plain:
        return Stretch.each(*_pairs(plain["limits"]), gamma=cast("float", gamma))
    low, high = (_number(plain.get(key), key) for key in ("low", "high"))
    return Stretch(method=method, low=low, high=high, gamma=cast("float", gamma), channels=channels)


def stretch_to(stretch: Stretch) -> dict[str, Any]:
    """Return a stretch as plain values, which ``stretch_from`` takes; its view is left out."""
    plain: dict[str, Any] = {"method": stretch.method}
    if stretch.by_channel:
        plain["limits"] = [list(pair) for pair in stretch.by_channel]
    else:
        plain |= {"low": stretch.low, "high": stretch.high}
    if stretch.gamma != 1.0:
        plain["gamma"] = stretch.gamma
    if stretch.channels != "apart":
        plain["channels"] = stretch.channels
    return plain


def _pairs(value: object) -> list[tuple[float, float]]:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise CompositeError(f"limits {value!r} are not pairs of numbers; write [[0, 0.3], [0, 0.3], [0, 0.3]]")
    return [(_number(low, "limits"), _number(high, "limits")) for low, high in value]


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CompositeError(f"{name} of a stretch is {value!r}, which is not a number")
    try:
        return float(value)
    except OverflowError:
        raise CompositeError(f"{name} of a stretch has too many digits; give a smaller number") from None


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise CompositeError(f"{name} {value!r} is not a list of texts")
    return tuple(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))

"""Members of JSON values of unknown origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from napari_geolabel.errors import OntologyError


def members(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list; nothing where there is no list.

    Raises
    ------
    OntologyError
        If it is something else, or holds something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise OntologyError(f"{str(value)[:60]!r} stands where a list is expected")
    for item in value:
        if not isinstance(item, dict):
            raise OntologyError(f"{str(item)[:60]!r} stands where an object with fields is expected")
    return value


def texts_of(objects: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """Return a field of objects as text, where it is text."""
    return [each[key] for each in objects if isinstance(each.get(key), str)]

"""Annotations as bytes, exact to the last bit, and the seals that tell a sound row from a damaged one.

The bytes are what the plain tables ``annotation`` and ``journal`` hold.  The
same annotation always gives the same bytes, so that comparing bytes answers
"is this still what I saw?".
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance, Source, Status
from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.ontology.kinds import Kind

_CODEC, _LINKED = 1, 2
"""How annotations are stored; those with links or a group in another form, so that no older program drops them."""
_HEAD = struct.Struct("<BHIIqq")  # codec, bytes of id, of JSON and of WKB, time of creation and of update
_LONGEST_ID = 2**16 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_TIME = -(2**63)
_PROVENANCE = ("annotator", "source", "tool", "composite", "ground_resolution_m")


class DamagedRowError(GeoLabelError, ValueError):
    """Bytes that no version of this program has written."""


def encode(annotation: Annotation) -> bytes:
    """Return an annotation as bytes; equal annotations give equal bytes."""
    return encode_many([annotation])[0]


def encode_many(annotations: Sequence[Annotation]) -> list[bytes]:
    """Return the bytes of annotations; their geometries are written in one go."""
    if not annotations:
        return []
    wkbs = shapely.to_wkb(np.array([annotation.geometry for annotation in annotations], object), byte_order=1)
    return [_encoded(annotation, wkb) for annotation, wkb in zip(annotations, wkbs, strict=True)]


def decode(blob: bytes) -> Annotation:
    """Return the annotation that :func:`encode` made bytes of."""
    return decode_many([blob])[0]


def decode_many(blobs: Iterable[bytes]) -> list[Annotation]:
    """Return many annotations; much faster than one by one, as equal texts are parsed once.

    Raises
    ------
    DamagedRowError
        If bytes are not what :func:`encode` writes.
    """
    memo: dict[bytes, dict[str, Any]] = {}
    heads, names, shared, wkbs, sources = [], [], [], [], []
    try:
        for blob in blobs:
            head = _HEAD.unpack_from(blob)
            if head[0] not in (_CODEC, _LINKED):
                raise DamagedRowError(f"an annotation is stored in form {head[0]}; a newer napari-geolabel reads it")
            at = _HEAD.size
            name, text, wkb, source = _cut(blob, at, head[1], head[2], head[3])
            if text not in memo:
                memo[text] = _shared(text)
            heads.append(head)
            names.append(name.decode())
            shared.append(memo[text])
            wkbs.append(wkb)
            sources.append(source)
        geometries = shapely.from_wkb(np.array(wkbs, object)) if wkbs else ()
        return [_annotation(*parts) for parts in zip(heads, names, shared, geometries, sources, strict=True)]
    except (struct.error, UnicodeDecodeError, json.JSONDecodeError, shapely.GEOSException, LookupError) as error:
        raise DamagedRowError("an annotation's bytes are damaged") from error


def seal(table: str, *values: Any) -> int:  # noqa: ANN401  (whatever SQLite can hold)
    """Return the checksum of a row's values (CRC-32), salted with the table's name.

    A flipped bit is always noticed; a row of one table never passes for one
    of another.
    """
    parts = [v if type(v) is bytes else f"{v!r},".encode("utf-8", "surrogatepass") for v in values]
    return zlib.crc32(b"".join(parts), zlib.crc32(table.encode()))


def to_json(value: Any) -> str:  # noqa: ANN401
    """Return JSON with sorted keys and without spaces; days and times become ISO text."""
    return _JSON.encode(value)


def from_json(text: str) -> Any:  # noqa: ANN401
    """Return the value of JSON; lists become tuples, as values of attributes are."""
    return _frozen(json.loads(text))


def _encoded(annotation: Annotation, wkb: bytes) -> bytes:
    provenance, source = annotation.provenance, annotation.source
    shared = {
        "class_id": annotation.class_id,
        "kind": annotation.kind.value,
        "status": annotation.status.value,
        "confidence": annotation.confidence,
        "attributes": dict(annotation.attributes),
        "source_crs": None if source is None else source.crs,
        **{name: getattr(provenance, name) for name in _PROVENANCE},
    }
    codec = _LINKED if annotation.links or annotation.group is not None else _CODEC
    if codec == _LINKED:
        shared |= {"group": annotation.group, "links": annotation.links}
    name, text = annotation.id.encode(), to_json(shared).encode()
    if len(name) > _LONGEST_ID:
        raise AttributeValueError(f"an id of {len(name)} bytes is too long for a label file; give it a shorter one")
    head = _HEAD.pack(codec, len(name), len(text), len(wkb), _ticks(provenance.created), _ticks(provenance.updated))
    return b"".join((head, name, text, wkb, b"" if source is None else source.wkb))


def _cut(blob: bytes, at: int, *lengths: int) -> list[bytes]:
    """Cut a blob into parts of given lengths and what remains."""
    parts = []
    for length in lengths:
        parts.append(blob[at : at + length])
        at += length
    if at > len(blob):
        raise DamagedRowError("an annotation's bytes are cut short")
    return [*parts, blob[at:]]


def _annotation(
    head: tuple[int, ...],
    name: str,
    shared: Mapping[str, Any],
    geometry: BaseGeometry,
    source: bytes,
) -> Annotation:
    made = shared["provenance"]
    if head[4:] != (_NO_TIME, _NO_TIME):
        made = replace(made, created=_time(head[4]), updated=_time(head[5]))
    crs = shared["source_crs"]
    return Annotation(
        id=name,
        geometry=geometry,
        provenance=made,
        source=None if crs is None else Source(wkb=source, crs=crs),
        **shared["fields"],
    )


def _shared(text: bytes) -> dict[str, Any]:
    """Return what many annotations have in common, ready to be put into each."""
    values = from_json(text.decode())
    return {
        "provenance": Provenance(**{name: values[name] for name in _PROVENANCE}),
        "source_crs": values["source_crs"],
        "fields": {
            "class_id": values["class_id"],
            "kind": Kind(values["kind"]),
            "status": Status(values["status"]),
            "confidence": values["confidence"],
            "attributes": values["attributes"],
            "group": values.get("group"),
            "links": values.get("links", ()),
        },
    }


def _ticks(time: datetime | None) -> int:
    """Return microseconds since 1970; a time without a zone counts as UTC."""
    if time is None:
        return _NO_TIME
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def _time(ticks: int) -> datetime | None:
    return None if ticks == _NO_TIME else _EPOCH + ticks * _MICROSECOND


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return what JSON can hold for what it cannot."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no value that a label file can hold")


def _frozen(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)

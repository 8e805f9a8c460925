"""Annotations to lines of JSON as Labelbox imports them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import losing
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.label_set import LabelSet, number_of
from napari_geolabel.formats.own_members import dumps
from napari_geolabel.formats.png_masks import png_of
from napari_geolabel.formats.quads import shape_losses
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.ontology import Attribute, Kind, all_attributes

_KINDS = tuple(kind for kind in Kind if kind is not Kind.MASK)
_OWN_LINE = re.compile(rb'\{"uuid":"[0-9a-f-]{36}","dataRow":')
_NAMESPACE = UUID("6f0b6c1e-2a5f-5d0b-9d55-0b8c8b0f3a11")
"""What the UUIDs of annotations are made in whose ids are none; any would do."""


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as Labelbox imports them: the scene's name is the global key of the data row.

    Rotated boxes become polygons, polygons with holes masks, and each part of
    a geometry an annotation of its own.  Rejected annotations are left out.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    row = {"globalKey": labels.image_name or f"{labels.stem}.tif"}
    records = [
        record for annotation in losing.holdable(labels, *_KINDS) for record in _records(annotation, labels, row)
    ]
    asked = {each.id: each for each in labels.ontology.scene_attributes}
    records += [
        {"uuid": str(uuid5(_NAMESPACE, key)), "dataRow": row, **_answer(asked.get(key), key, value)}
        for key, value in labels.scene_attributes.items()
    ]
    lines = (dumps(record) + b"\n" for record in records)
    write_pieces(path, lines, wanted=len(records), counter=lambda file: count_matches(file, _OWN_LINE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what Labelbox will not hold."""
    drawn = labels.accepted(*_KINDS)
    yield from losing.left_out(labels, "Labelbox", *_KINDS)
    yield from shape_losses(drawn, "polygons, since Labelbox turns no boxes", Kind.ROTATED_BOX)
    yield from losing.pierced(drawn, "masks of whole pixels, since its polygons have none")
    yield from losing.without_pixels(labels, *_KINDS)
    split = sum(int(shapely.get_num_geometries(a.geometry)) > 1 and not has_holes(a.geometry) for a in drawn)
    if split:
        yield f"{number_of(split, 'annotation')} of several parts split into one for each"
    if drawn:
        yield "ids and status do not go into Labelbox; COCO or GeoJSON keeps them"
    yield from losing.unlinked(drawn, "Labelbox")


def _records(annotation: Annotation, labels: LabelSet, row: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a record for each part of an annotation."""
    asked = {each.id: each for each in all_attributes(labels.ontology[annotation.class_id].attributes)}
    for number, members in enumerate(_shapes(annotation, labels.grid.shape)):
        yield {
            "uuid": _uuid(annotation.id, number),
            "dataRow": row,
            "name": annotation.class_id,
            **members,
            "classifications": [_answer(asked.get(k), k, v) for k, v in annotation.attributes.items()],
            **({} if annotation.confidence is None else {"confidence": annotation.confidence}),
        }


def _shapes(annotation: Annotation, shape: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """Yield the shape of each part of an annotation."""
    geometry = annotation.geometry
    if annotation.kind is Kind.BOX:
        x0, y0, x1, y1 = geometry.bounds
        yield {"bbox": {"top": y0, "left": x0, "height": y1 - y0, "width": x1 - x0}}
    elif has_holes(geometry):
        yield {"mask": {"png": png_of(geometry, shape)}}
    else:
        for part in shapely.get_parts(geometry):
            points = [{"x": x, "y": y} for x, y in shapely.get_coordinates(part).tolist()]
            if annotation.kind is Kind.KEYPOINT:
                yield {"point": points[0]}
            elif annotation.kind is Kind.POLYLINE:
                yield {"line": points}
            else:
                yield {"polygon": points[:-1]}


def _uuid(annotation_id: str, number: int) -> str:
    """Return the annotation's id where it is a UUID, else one that belongs to it."""
    try:
        return str(UUID(annotation_id)) if number == 0 else str(uuid5(_NAMESPACE, f"{annotation_id} {number}"))
    except ValueError:
        return str(uuid5(_NAMESPACE, f"{annotation_id} {number}"))


def _answer(attribute: Attribute | None, key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a value as Labelbox has answers: options by name, all else as text."""
    kind = attribute.type if attribute is not None else "text"
    if kind == "checklist":
        return {"name": key, "answer": [{"name": each} for each in value]}
    if kind == "radio":
        return {"name": key, "answer": {"name": value}}
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {"name": key, "answer": text}

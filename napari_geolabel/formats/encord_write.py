"""Annotations to a label row of Encord.

Coordinates are fractions of the image's width and height, from the corner of
the first pixel.  Everything refers by a hash to the ontology as
``ontology/exchange/encord.py`` writes it, so that a project with that
ontology takes the labels.  What Encord has no place for stands in a member
``geolabel`` of each object and of the image.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import losing
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.own_members import dumps, image_member, own_member
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.turning import refit_losses, turned_box_of
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology import Kind, Ontology
from napari_geolabel.ontology.exchange.encord import SHAPES, object_hash
from napari_geolabel.ontology.exchange.encord_hashes import Question, questions_of, scene_questions_of

KINDS = tuple(kind for kind in Kind if kind is not Kind.MASK)
NOWHERE = "00000000-0000-0000-0000-000000000000"
"""What the SDK has in place of the ids of a label row that is in no project yet."""
_OWN_LINE = re.compile(rb'\n\{"objectHash":"[^"]{8}","featureHash":')
_MIME_TYPES = {"tif": "image/tiff", "tiff": "image/tiff", "png": "image/png", "jpg": "image/jpeg", "jp2": "image/jp2"}


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as a label row of one image, as the SDK has those that are in no project yet.

    Rejected annotations are left out, and each part of a line is an object of its own.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*KINDS)
    known = cache(partial(_hashes, labels.ontology))
    rows = rows_of(drawn, labels.ontology, labels.grid)
    objects: list[dict[str, Any]] = []
    answers: dict[str, Any] = {}
    for annotation, row in zip(drawn, rows, strict=True):
        for each, answered in _objects(annotation, row, labels, known, answers):
            objects.append(each)
            answers[each["objectHash"]] = {"classifications": answered, "objectHash": each["objectHash"]}
    times = [made for a in drawn if (made := a.provenance.updated or a.provenance.created) is not None]
    time = _time_text(max(times, default=None))
    head, unit = _head(labels, time), _unit(labels)
    pieces = [dumps(head)[:-1] + b',"object_answers":' + dumps(answers)]
    pieces.append(b',"classification_answers":' + dumps(_scene_answers(labels, time)))
    pieces.append(b',"data_units":{"' + NOWHERE.encode() + b'":' + dumps(unit)[:-1] + b',"labels":{"objects":[')
    pieces += [(b"," if number else b"") + b"\n" + dumps(each) for number, each in enumerate(objects)]
    pieces.append(b'\n],"classifications":[]}}},"object_actions":{},"spaces":{}}\n')
    write_pieces(path, pieces, wanted=len(objects), counter=lambda file: count_matches(file, _OWN_LINE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a label row will not hold."""
    drawn = labels.accepted(*KINDS)
    yield from losing.left_out(labels, "Encord", *KINDS)
    lines = [a for a in drawn if a.kind is Kind.POLYLINE]
    yield from losing.split(lines)
    yield from refit_losses(drawn)
    if drawn and any(a.status.value != "draft" for a in drawn):
        yield "Encord has no status of an object; only napari-geolabel reads it from the file"


def _head(labels: LabelSet, time: str) -> dict[str, Any]:
    """Return what is said of the label row."""
    return {
        "label_hash": NOWHERE,
        "branch_name": "main",
        "created_at": time,
        "last_edited_at": time,
        "data_hash": NOWHERE,
        "dataset_hash": NOWHERE,
        "dataset_title": "",
        "data_title": _title(labels),
        "data_type": "image",
        "annotation_task_status": "QUEUED",
        "is_shadow_data": False,
        "label_status": "LABEL_IN_PROGRESS",
    }


def _unit(labels: LabelSet) -> dict[str, Any]:
    """Return what is said of the image."""
    rows, cols = labels.grid.shape
    ending = _title(labels).rpartition(".")[2].lower()
    return {
        "data_hash": NOWHERE,
        "data_title": _title(labels),
        "data_link": "",
        "data_type": _MIME_TYPES.get(ending, "image/tiff"),
        "data_sequence": 0,
        "width": cols,
        "height": rows,
        "geolabel": image_member(labels),
    }


def _title(labels: LabelSet) -> str:
    return labels.image_name or f"{labels.stem}.tif"


def _hashes(ontology: Ontology, class_id: str, kind: Kind) -> tuple[str, tuple[Question, ...]]:
    """Return the hash of the object that stands for a class and kind, and the questions about it."""
    label_class = ontology[class_id]
    return object_hash(ontology, label_class, kind), questions_of(ontology, label_class, kind)


def _objects(
    annotation: Annotation,
    row: Mapping[str, Any],
    labels: LabelSet,
    known: Callable[[str, Kind], tuple[str, tuple[Question, ...]]],
    taken: Mapping[str, Any],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each object that an annotation becomes, and the answers about it."""
    label_class = labels.ontology[annotation.class_id]
    feature, asked = known(annotation.class_id, annotation.kind)
    answered = list(_answers(asked, annotation.attributes))
    told = {each["value"] for each in answered}
    rest = {key: value for key, value in row["attributes"].items() if key not in told}
    shapes = list(_shapes(annotation, labels.grid.shape))
    own = own_member(row, len(shapes)) | {"attributes": rest, "class_id": annotation.class_id, "feature": feature}
    time = _time_text(annotation.provenance.created)
    for number, shape in enumerate(shapes):
        yield (
            {
                "objectHash": _hash_of(f"{annotation.id} {number}", taken),
                "featureHash": feature,
                "name": label_class.name,
                "value": annotation.class_id,
                "color": label_class.color.upper(),
                "shape": SHAPES[annotation.kind],
                "confidence": 1.0 if annotation.confidence is None else annotation.confidence,
                "createdAt": time,
                "createdBy": None,
                "lastEditedAt": _time_text(annotation.provenance.updated or annotation.provenance.created),
                "manualAnnotation": annotation.confidence is None,
                **shape,
                "geolabel": own,
            },
            answered,
        )


def _shapes(annotation: Annotation, shape: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """Yield the members that say where an object is."""
    size = np.array([shape[1], shape[0]], np.float64)
    if annotation.kind in (Kind.BOX, Kind.ROTATED_BOX):
        box = turned_box_of(annotation)
        x, y = (np.array(box.top_left) / size).tolist()
        width, height = (np.array([box.width, box.height]) / size).tolist()
        place = {"h": height, "w": width, "x": x, "y": y}
        is_box = annotation.kind is Kind.BOX
        yield {"boundingBox": place} if is_box else {"rotatableBoundingBox": place | {"theta": box.angle_deg}}
    elif annotation.kind is Kind.POLYGON:
        rings = [[shapely.get_coordinates(r)[:-1] / size for r in shapely.get_rings(part)]
                 for part in shapely.get_parts(annotation.geometry)]  # fmt: skip
        yield {"polygon": _numbered(rings[0][0]), "polygons": [[ring.ravel() for ring in part] for part in rings]}
    else:
        name = "point" if annotation.kind is Kind.KEYPOINT else "polyline"
        for part in shapely.get_parts(annotation.geometry):
            yield {name: _numbered(shapely.get_coordinates(part) / size)}


def _numbered(points: FloatArray) -> dict[str, dict[str, float]]:
    """Return points as Encord has them, by their number."""
    return {str(number): {"x": x, "y": y} for number, (x, y) in enumerate(points.tolist())}


def _answers(questions: Iterable[Question], values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the answers to questions that are asked, as far as there are any."""
    for question in questions:
        key = question.attribute.id
        if values.get(key) is None or not question.is_asked(values):
            continue
        yield {
            "name": question.attribute.name,
            "value": key,
            "answers": _answer(question, values[key]),
            "featureHash": question.hash,
            "manualAnnotation": True,
        }


def _answer(question: Question, value: Any) -> Any:  # noqa: ANN401  (an attribute value)
    """Return a value as Encord has answers: options by their hash, numbers and texts as they are."""
    if not question.options:
        return value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    chosen = value if isinstance(value, list | tuple) else [value]
    named = ((each, *question.options[each]) for each in chosen)
    return [{"name": name, "value": option, "featureHash": option_hash} for option, name, option_hash in named]


def _scene_answers(labels: LabelSet, time: str) -> dict[str, Any]:
    """Return the attributes of the whole scene, by hashes of their own."""
    found: dict[str, Any] = {}
    for key, (feature, asked) in scene_questions_of(labels.ontology).items():
        answered = list(_answers(asked, labels.scene_attributes))
        if not answered or labels.scene_attributes.get(key) is None:
            continue
        made = _hash_of(f"scene {key}", found)
        found[made] = {
            "classifications": answered,
            "classificationHash": made,
            "featureHash": feature,
            "spaces": {},
            "range": [[0, 0]],
            "createdBy": None,
            "createdAt": time,
            "lastEditedBy": None,
            "lastEditedAt": time,
            "confidence": 1.0,
            "manualAnnotation": True,
        }
    return found


def _hash_of(text: str, taken: Mapping[str, Any]) -> str:
    """Return eight characters for an object, the same for the same text and no others' of the file."""
    made = b64encode(hashlib.sha256(text.encode()).digest())[:8].decode()
    return made if made not in taken else _hash_of(f"{text}'", taken)


def _time_text(time: datetime | None) -> str:
    """Return a time as Encord writes it; one that nobody knows is the beginning of Unix time."""
    known = datetime.fromtimestamp(0, UTC) if time is None else time.astimezone(UTC)
    return format_datetime(known, usegmt=True).replace("GMT", "UTC")

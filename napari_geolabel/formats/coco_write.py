"""Annotations to COCO: detection, segmentation, single keypoints and skeletons.

All coordinates are pixel coordinates whose origin is the corner of the first
pixel, as ours are.  What COCO has no place for stands in members of our own,
which other programs pass over: ``geolabel`` of an image says where on Earth
it is, ``geolabel`` of an annotation its id, kind, status and confidence, and
``attributes`` of an annotation, as CVAT has them, its attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.coco_skeletons import category_members, instances
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.label_set import LabelSet, number_of
from napari_geolabel.formats.own_members import dumps, image_member, own_member
from napari_geolabel.formats.pam import rgb
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.rle import Shape, area, encode
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.ontology import Kind, LabelClass, Ontology

HELD = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.KEYPOINT)
"""The kinds that COCO can hold."""
_IMAGE_ID = 1
_OWN_LINE = re.compile(rb'\n\{"id":\d{1,12},"image_id":')


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as a COCO file of one image.

    Categories are all classes of the ontology that can be drawn, by their
    ids and in their order.  Rejected annotations and lines are left out.
    Polygons with holes become run-length encoded pixels, as COCO wants it;
    their exact outline stands beside them.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*HELD)
    together = sum(len(each.points) - (each.thing is None) for each in instances(drawn, labels.ontology))
    wanted = len(drawn) - together
    write_pieces(path, _pieces(labels, drawn), wanted=wanted, counter=lambda file: count_matches(file, _OWN_LINE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a COCO file will not hold."""
    drawn = labels.accepted(*HELD)
    lines = len(labels.accepted(Kind.POLYLINE))
    rejected = len(labels.rejected())
    pierced = sum(has_holes(a.geometry) for a in drawn)
    if rejected:
        yield f"{number_of(rejected, 'rejected annotation')} left out"
    if lines:
        yield f"{number_of(lines, 'line')} left out: COCO has none; GeoJSON keeps them"
    if pierced:
        yield (
            f"{number_of(pierced, 'polygon')} with holes written as pixels, since COCO polygons have none; "
            "only napari-geolabel reads the exact outline"
        )


def segmentation_of(geometry: BaseGeometry, shape: Shape) -> list[list[float]] | dict[str, Any]:
    """Return a polygon as COCO has it: a flat ring for each part, or run-length encoded pixels where it has holes."""
    if has_holes(geometry):
        return encode(geometry, shape)
    rings = [part.exterior for part in shapely.get_parts(geometry)]
    return [shapely.get_coordinates(ring)[:-1].ravel().tolist() for ring in rings]


def _pieces(labels: LabelSet, drawn: list[Annotation]) -> Iterator[bytes]:
    """Yield the text of a file, an annotation to a line."""
    categories = {cls.id: number for number, cls in enumerate(_classes(labels.ontology), start=1)}
    head = {
        "info": {"description": f"Labels of {labels.stem} by napari-geolabel", "version": labels.ontology.version},
        "licenses": [],
        "images": [_image(labels)],
        "categories": [_category(cls, categories[cls.id]) for cls in _classes(labels.ontology)],
    }
    yield dumps(head)[:-1] + b',"annotations":['
    for number, (class_id, member) in enumerate(_members(labels, drawn), start=1):
        whole = {"id": number, "image_id": _IMAGE_ID, "category_id": categories[class_id], **member}
        yield (b",\n" if number > 1 else b"\n") + dumps(whole)
    yield b"\n]}\n"


def _members(labels: LabelSet, drawn: list[Annotation]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the class of each annotation, and what is said of it; the points of a skeleton are one annotation."""
    rows = {row["id"]: row for row in rows_of(drawn, labels.ontology, labels.grid)}
    found = instances(drawn, labels.ontology)
    firsts = {next(iter(each.points.values())).id: each for each in found if each.thing is None}
    things = {each.thing.id: each for each in found if each.thing is not None}
    points = {point.id for each in found for point in each.points.values()}
    for annotation in drawn:
        row, instance = rows[annotation.id], things.get(annotation.id) or firsts.get(annotation.id)
        if annotation.id in firsts and instance is not None:
            about = {"segmentation": [], "area": 0.0, "bbox": instance.bbox, "iscrowd": 0, **instance.members}
            yield instance.label_class.id, {**about, "attributes": {}, "geolabel": instance.own(rows)}
        elif annotation.id not in points:
            about = _shape_members(annotation, labels.grid.shape)
            own = _own_members(annotation.geometry, row)
            if instance is not None:
                about, own = {**about, **instance.members}, {**own, **instance.own(rows)}
            yield annotation.class_id, {**about, "attributes": row["attributes"], "geolabel": own}


def _classes(ontology: Ontology) -> list[LabelClass]:
    return [cls for cls in ontology.classes if cls.kinds]


def _image(labels: LabelSet) -> dict[str, Any]:
    grid = labels.grid
    return {
        "id": _IMAGE_ID,
        "file_name": labels.image_name or f"{labels.stem}.tif",
        "width": grid.shape[1],
        "height": grid.shape[0],
        "geolabel": image_member(labels),
    }


def _category(cls: LabelClass, number: int) -> dict[str, Any]:
    category: dict[str, Any] = {
        "id": number,
        "name": cls.id,
        "supercategory": cls.parent or "",
        "color": list(rgb(cls.color)),
    }
    if len(cls.keypoints) > 1:
        category |= category_members(cls)
    elif Kind.KEYPOINT in cls.kinds:
        category |= {"keypoints": ["point"], "skeleton": []}
    return category


def _shape_members(annotation: Annotation, shape: Shape) -> dict[str, Any]:
    """Return the members that say where an annotation is."""
    x0, y0, x1, y1 = shapely.bounds(annotation.geometry).tolist()
    members: dict[str, Any] = {"bbox": [x0, y0, x1 - x0, y1 - y0], "iscrowd": 0}
    if annotation.kind is Kind.KEYPOINT:
        return {"segmentation": [], "area": 0.0, **members, "keypoints": [x0, y0, 2], "num_keypoints": 1}
    segmentation = segmentation_of(annotation.geometry, shape)
    size = area(segmentation) if isinstance(segmentation, Mapping) else shapely.area(annotation.geometry)
    return {"segmentation": segmentation, "area": float(size), **members}


def _own_members(geometry: BaseGeometry, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what only we read back."""
    own = own_member(row)
    if has_holes(geometry):
        polygons = [[shapely.get_coordinates(r) for r in shapely.get_rings(p)] for p in shapely.get_parts(geometry)]
        own["geometry"] = {"type": "MultiPolygon", "coordinates": polygons}
    return own

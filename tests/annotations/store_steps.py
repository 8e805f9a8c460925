"""Annotations and changes for the tests of the store."""

from __future__ import annotations

import shapely

from napari_geolabel.annotations import Annotation, Change, Edit
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

CLOUD_COVER = Attribute(id="cloud_cover", name="Cloud cover", type="number", minimum=0, maximum=100)
FLAGS = Attribute(
    id="flags", name="Flags", type="checklist", options=(Option(id="a", name="A"), Option(id="b", name="B"))
)


def label_class(class_id: str, **fields) -> LabelClass:
    kinds = ("box", "rotated_box", "polygon", "polyline", "keypoint")
    return LabelClass(**({"id": class_id, "name": class_id.title(), "color": "#e69f00", "kinds": kinds} | fields))


ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1",
    classes=(
        label_class("ship", attributes=(CLOUD_COVER, FLAGS)),
        label_class("cloud", kinds=("polygon",)),
        label_class("old", archived=True),
    ),
    scene_attributes=(CLOUD_COVER,),
)


def box(x0: float, y0: float, x1: float, y1: float, **fields) -> Annotation:
    geometry = shapely.box(x0, y0, x1, y1)
    return Annotation(**({"class_id": "ship", "kind": "box", "geometry": geometry} | fields))


def added(*annotations: Annotation) -> Change:
    return Change(title="add", edits=tuple(Edit(after=a) for a in annotations))


def updated(before: Annotation, **fields) -> Change:
    return Change(title="update", edits=(Edit(before=before, after=before.edited(**fields)),))


def removed(*annotations: Annotation) -> Change:
    return Change(title="remove", edits=tuple(Edit(before=a) for a in annotations))

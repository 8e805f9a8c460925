"""Labels and label rows for the tests of Encord's format."""

from __future__ import annotations

import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.turning import TurnedBox

SHAPE = (512, 640)
SCENE = Image(name="scene.tif", shape=SHAPE)
FORM = FORMATS["encord"]
TURNED = TurnedBox(centre=(100, 80), width=40, height=10, angle_deg=30)
PIERCED = shapely.box(50, 50, 90.5, 90).difference(shapely.box(60, 60, 70.5, 71))
SHAPES = [
    ("box", shapely.box(10.25, 20.5, 40.75, 60.125)),
    ("rotated_box", TURNED.polygon),
    ("polygon", PIERCED),
    ("polygon", shapely.MultiPolygon([shapely.box(300, 300, 330, 320), shapely.box(400, 300, 420, 310)])),
    ("polyline", shapely.LineString([(300.5, 300), (340, 310.25), (350, 305)])),
    ("keypoint", shapely.Point(400.25, 400.5)),
]
VALUES = {"word": "a ship", "number": 0.5, "yes": False, "day": "2024-05-01", "one": "a", "some": ("a", "b")}


def labels_of(annotations, ontology, grid, **more) -> LabelSet:
    return LabelSet(annotations=annotations, grid=grid, ontology=ontology, scene_name="scene", **more)


def ships() -> list[Annotation]:
    return [Annotation(class_id="ship", kind=k, geometry=g, attributes=VALUES) for k, g in SHAPES]


def row_with(*objects, **more) -> dict:
    """A label row of one image, as little of it as counts."""
    unit = {
        "data_title": "scene.tif",
        "width": 640,
        "height": 512,
        "data_sequence": 0,
        "labels": {"objects": [*objects]},
    }
    row = {"label_hash": "l", "data_hash": "d", "object_answers": {}, "classification_answers": {}}
    return row | {"data_units": {"d": unit}} | more


def thing(**more) -> dict:
    return {"name": "Ship", "objectHash": "o", "featureHash": "f", "manualAnnotation": True, "confidence": 1.0, **more}

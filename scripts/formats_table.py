"""Write docs/formats.md: what each format keeps, found by writing labels and reading them again.

``python scripts/formats_table.py`` writes the page, ``--check`` only tells whether it is up to date.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.registry import FORMATS, Format
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
HEAD = """# Formats

What comes back of labels that are written in a format and read again, found by `scripts/formats_table.py`.
*kept* means within a millionth of a pixel for shapes, and equal for all else; *left out* and *not held* are told
before anything is written (`labels.export(..., dry_run=True)`).

"""
TAIL = """
GeoPackage is written whole, with styles for QGIS, and read back as a label file only if it is one of ours.
Masks hold pixels: areas go in and come out along pixel edges (`geolabel rasterize`, `geolabel polygonize`).

* **Corners.** COCO, YOLO and DOTA count from the corner of the first pixel, as we do, and keep every bit (YOLO:
  rounding of one division). Pascal VOC counts pixels from 1, the last one included, and is written in whole
  pixels: up to half a pixel is lost at each side. VOC files with a 0 in them count from 0 and are read so, with
  a note.
* **COCO.** Polygons with holes are written as run-length encoded pixels, as COCO wants; their outline stands
  beside them for us. Both sorts of RLE, boxes alone, keypoints and lists of results are read; panoptic files
  are not. Images are found by their file name. Files of ours say where on Earth the image lies, so `geolabel
  convert` needs no scene for them.
* **YOLO.** `--format yolo` (boxes), `yolo-seg` (outlines) or `yolo-obb` (rotated boxes); the path is the text
  file of the image, or `data.yaml` for `labels/<image>.txt` beside it. Class numbers in a `data.yaml` never
  change; new classes are added. What reaches over the edge of the image is cut off.
* **DOTA.** Quadrilaterals of other programs become rotated boxes where rounding to pixels explains what they
  lack, or where the class has no polygons, and polygons otherwise; a note says how many were squared.
* **`.txt` and `.xml`** say too little to be written without `--format`; on reading, the text tells the format.
* Rejected annotations stay out of all formats that models are trained with, and an export to those never counts
  as saving.
* Other packages add formats by an entry point of the group `napari_geolabel.formats` that names a
  `napari_geolabel.formats.Format`.
"""
SHAPE = (512, 512)
GRID = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
ATTRIBUTES = (
    Attribute(id="word", name="Text", type="text"),
    Attribute(id="number", name="Number", type="number"),
    Attribute(id="yes", name="Boolean", type="boolean"),
    Attribute(id="day", name="Date", type="date"),
    Attribute(id="one", name="Radio", type="radio", options=(Option(id="a", name="A"), Option(id="b", name="B"))),
    Attribute(
        id="some", name="Checklist", type="checklist", options=(Option(id="a", name="A"), Option(id="b", name="B"))
    ),
)
KINDS = ("box", "rotated_box", "polygon", "polyline", "keypoint")
ONTOLOGY = Ontology(
    id="all",
    name="All",
    version="1",
    classes=(LabelClass(id="thing", name="Thing", color="#ff0000", kinds=KINDS, attributes=ATTRIBUTES),),
    scene_attributes=(Attribute(id="haze", name="Haze", type="boolean"),),
)
BOX = shapely.box(10.25, 20.5, 40.75, 60.125)
TURNED = shapely.Polygon([(100, 90), (130, 120), (120, 130), (90, 100)])
OUTLINE = shapely.Polygon([(200.5, 10.25), (240, 10), (225, 30), (210, 28)])
PIERCED = shapely.Polygon(OUTLINE.exterior, [[(215, 14), (225, 14), (220, 22)]])
PARTS = shapely.MultiPolygon([OUTLINE, shapely.affinity.translate(OUTLINE, 0, 100)])
SHAPES = {
    "box": ("box", BOX),
    "rotated box": ("rotated_box", TURNED),
    "polygon": ("polygon", OUTLINE),
    "polygon with a hole": ("polygon", PIERCED),
    "polygon of two parts": ("polygon", PARTS),
    "polyline": ("polyline", shapely.LineString([(300, 300), (340, 310), (350, 390)])),
    "keypoint": ("keypoint", shapely.Point(400.25, 400.5)),
}
VALUES = {"word": "2020-01-01", "number": 0.1, "yes": True, "day": "2024-05-01", "one": "b", "some": ("a", "b")}


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if the page is out of date")
    wanted, text = parser.parse_args(), page()
    if wanted.check:
        return int(PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """Return the page."""
    forms = [each for each in FORMATS.values() if each.reads and each.content == "vector"]
    lines = [["", *(form.title for form in forms)], ["---"] * (len(forms) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        trips = {form.id: _trip(form, Path(folder) / form.id) for form in forms}
        lines += [[name, *(_shape_fate(trips[form.id], *shape) for form in forms)] for name, shape in SHAPES.items()]
        for key, value in VALUES.items():
            title = next(a.type for a in ATTRIBUTES if a.id == key)
            lines.append([f"attribute: {title}", *(_value_fate(trips[f.id], {key: value}) for f in forms)])
        for name, more in {"id": {}, "status": {"status": "submitted"}, "confidence": {"confidence": 0.25}}.items():
            lines.append([name, *(_member_fate(trips[form.id], name, more) for form in forms)])
        lines.append(["rejected annotation", *(_rejected_fate(trips[form.id]) for form in forms)])
        lines.append(["attributes of the scene", *(_scene_fate(trips[form.id]) for form in forms)])
    return HEAD + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n" + TAIL


Trip = Callable[[Annotation], tuple[list[Annotation], dict[str, object]]]


def _trip(form: Format, folder: Path) -> Trip:
    """Return a function that writes an annotation in a format and reads it again."""
    folder.mkdir()

    def there_and_back(annotation: Annotation) -> tuple[list[Annotation], dict[str, object]]:
        path = folder / f"scene{form.suffixes[-1]}"
        labels = LabelSet(
            annotations=[annotation],
            grid=GRID,
            ontology=ONTOLOGY,
            scene_name="scene",
            image_name="scene.tif",
            scene_attributes={"haze": True},
        )
        form.write(path, labels)
        columns = form.read(path, Image(name="scene.tif", shape=SHAPE))
        return columns.to_annotations(GRID, ONTOLOGY)[0], columns.scene_attributes

    return there_and_back


def _box(**more: object) -> Annotation:
    return Annotation(class_id="thing", kind="box", geometry=BOX, **more)


def _shape_fate(trip: Trip, kind: str, geometry: shapely.Geometry) -> str:
    back, _ = trip(Annotation(class_id="thing", kind=kind, geometry=geometry))
    if not back:
        return "left out"
    if len(back) > 1:
        return f"{len(back)} labels"
    near = shapely.hausdorff_distance(back[0].geometry, geometry) <= 1e-6
    same = near and abs(back[0].geometry.area - geometry.area) <= 1e-3
    if back[0].kind == kind:
        return "kept" if same else "without holes" if near or kind == "polygon" else "whole pixels"
    return f"as {back[0].kind.value.replace('_', ' ')}"


def _value_fate(trip: Trip, attributes: dict[str, object]) -> str:
    (back,), _ = trip(_box(attributes=attributes))
    return "kept" if dict(back.attributes) == attributes else "not held"


def _member_fate(trip: Trip, name: str, more: dict[str, object]) -> str:
    drawn = _box(**more)
    (back,), _ = trip(drawn)
    return "kept" if getattr(back, name) == getattr(drawn, name) else "not held"


def _rejected_fate(trip: Trip) -> str:
    return "kept" if trip(_box(status="rejected"))[0] else "left out"


def _scene_fate(trip: Trip) -> str:
    return "kept" if trip(_box())[1] == {"haze": True} else "not held"


if __name__ == "__main__":
    sys.exit(main())

"""Write docs/formats.md: what each format keeps, found by writing labels and reading them again.

``python scripts/formats_table.py`` writes the page, ``--check`` only tells whether it is up to date.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.registry import FORMATS, Format
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option, Relation

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
HEAD = """# Formats

What comes back of labels that are written in a format and read again, found by `scripts/formats_table.py`.
*kept* means within a millionth of a pixel for shapes, and equal for all else; *left out* and *not held* are told
before anything is written (`labels.export(..., dry_run=True)`) and named beside the file afterwards
(`<file>.losses.json`).

"""
TAIL = """
Masks hold pixels: areas go in and come out along pixel edges (`geolabel rasterize`, `geolabel polygonize`).

* **Corners.** COCO, YOLO and DOTA count from the corner of the first pixel, as we do, and keep every bit (YOLO:
  rounding of one division). Pascal VOC counts pixels from 1, the last one included, and is written in whole
  pixels: up to half a pixel is lost at each side. VOC files with a 0 in them count from 0 and are read so, with
  a note.
* **COCO.** Polygons with holes are written as run-length encoded pixels, as COCO wants; their outline stands
  beside them for us. Both sorts of RLE, boxes alone, keypoints and lists of results are read; a panoptic
  file is imported by its PNG ([masks](masks.md#files)). Files of ours say where on Earth the image lies, so
  `geolabel convert` needs no scene for them.
  A group of the named points of a class ([skeleton](drawing.md#skeletons)) is one annotation with `keypoints`,
  on the thing itself where the group has one, and becomes the group again; so does one of other programs that
  has no outline, in which the outline counts. The visibility is 0 where a point is missing, 1 where its class
  has a yes-or-no attribute `occluded` that says yes, else 2.
* **YOLO.** `--format yolo` (boxes), `yolo-seg` (outlines) or `yolo-obb` (rotated boxes); the path is the text
  file of the image, or `data.yaml` for `labels/<image>.txt` beside it. Class numbers that are there never change,
  be it in a `data.yaml`, `data.yml` or `dataset.yaml`, which gets new classes, or in a `classes.txt` or `obj.names`,
  beside which a `data.yaml` with the same numbers is made; the nearest counts, in the folder of the labels or the
  three above it. What reaches over the edge of the image is cut off.
* **DOTA.** Quadrilaterals of other programs become rotated boxes where rounding to pixels explains what they
  lack, or where the class has no polygons, and polygons otherwise; a note says how many were squared.
* **CVAT for images 1.1.** Every kind is a shape of its own; boxes are turned about their centre. Ids, status and
  confidence stand in attributes that begin with `geolabel_`, which CVAT passes over. Masks, ellipses and skeletons
  are read; tags of the image are told of. Where a project has an image in several subsets, the one called like the
  scene's folder is taken, else the one of its size, else all of them together.
* **Label Studio.** Regions are in percent, boxes turned about their top left corner. Attributes are answers that
  share the region's id, and an answer that is changed there counts here; they name the controls of the configuration
  that the ontology is exported as, without which Label Studio refuses them. Brush strokes are read and, for polygons
  with holes, written. Predictions are read where nobody has annotated.
* **LabelMe.** Attributes that are yes or no are flags, those of the scene flags of the image. Circles, masks and
  the `rotation` boxes of X-AnyLabeling are read.
* **Labelbox.** Written as lines of JSON for an import; exports old and new are read. Masks that stand on Labelbox'
  servers are not fetched.
* **Encord.** A label row as the SDK's `from_labels_dict` takes it, whose hashes are those of the ontology that
  `export_ontology(..., format="encord")` writes. Exports of a project hold many rows: the image is found by its title.
  Classes, attributes and options are known by their names. Bitmasks, ellipses and skeletons are read; videos not.
* **STAC label item** (`.stac.json`). STAC 1.1 with the extensions label 1.0.1, classification and projection: the
  labels stand beside the item in a `.geojson`, the item of the scene in a `.scene.json`, to which `source` links. The
  footprint is the scene's, since it says where was looked. Items of others are read if their labels lie beside them.
  Of a catalogue or collection all label items come in that lie in its folder or below it; what its links name on a
  server or elsewhere is not opened, and the report says so.
* **VoTT, HRSC2016, xView, xView3.** `--format vott`, `hrsc`, `xview`, `xview3`, or a name that ends in `.vott.json`,
  `.hrsc.xml`, `.xview.geojson` or `.csv`. HRSC2016 and xView have numbers for classes: classes of the same name get
  them, in xView others their mask value, or a number from 1000 up where that is one of xView. xView3 counts pixels
  from 0, so its points lie half a pixel further, in the middle; its flags are empty where neither attribute nor class
  says whether it is a vessel or fishes.
* **GeoPackage.** Written with styles and drop-down lists for QGIS, a table for each type of geometry; any GeoPackage is
  read, from its tables alone, so that no view or trigger is run and texts that look like dates stay texts. Without a
  place on Earth, x and -y are the pixels.
* **FlatGeobuf, GeoParquet 1.1, Shapefile.** In the scene's CRS. GeoParquet needs `napari-geolabel[parquet]`. A
  Shapefile holds areas only, names of ten characters and texts of 254 bytes; `.shp.zip` is all of its files in one.
* **KML and GeoJSON sequences** (`.geojsonl`). In longitude and latitude; KML in the colours of the ontology.
* **Converting without a scene or ontology.** `geolabel convert` and `geolabel.convert` take the rows of a table of
  map coordinates as they are: every column goes along, and `class_id` is added, as is `class_name` where the file does
  not name its classes so itself. Where a format cannot hold the name of a column, as GeoPackages tell no `Name` from
  `name`, it gets a number behind it (`name_2`), and the report says so. Files that say which
  pixels they were drawn on go by way of annotations, with the ontology that the file holds (GeoPackage, label file),
  else with one of its classes and of the attributes that its labels answer. A box that lies askew on the pixels it
  comes to is a rotated box or a polygon there.
* **Pixels beside an outline.** Where a format has no holes but has masks (COCO, CVAT, Label Studio, LabelMe), a
  polygon with holes is written as pixels. Its outline stands beside them for us, and counts as long as the pixels
  are still its own.
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
    relations=(Relation(id="near", name="near"),),
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
TYPES = {attribute.id: attribute.type for attribute in ATTRIBUTES}
RESTS: dict[str, dict[str, object]] = {
    "id": {},
    "status": {"status": "submitted"},
    "confidence": {"confidence": 0.25},
    "group": {"group": "convoy"},
    "links": {"links": (("near", "11111111-1111-4111-8111-111111111111"),)},
    "rejected annotation": {"status": "rejected"},
    "attributes of the scene": {},
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
    forms = vector_formats()
    with tempfile.TemporaryDirectory() as folder:
        trips = {form.id: Trip(form, Path(folder) / form.id) for form in forms}
        done = list(trips.items())
        shapes = {name: {key: trip.shape(*shape) for key, trip in done} for name, shape in SHAPES.items()}
        values = {kind: {key: trip.value(name) for key, trip in done} for name, kind in TYPES.items()}
        rests = {name: {key: trip.rest(name) for key, trip in done} for name in RESTS}
    tables = [_table(*each) for each in (("shape", forms, shapes), ("attribute", forms, values), ("", forms, rests))]
    return HEAD + "\n".join(tables) + TAIL


def vector_formats() -> list[Format]:
    """Return the formats that hold annotations, both ways."""
    return [each for each in FORMATS.values() if each.reads and each.writes and each.content == "vector"]


def _table(corner: str, forms: list[Format], columns: dict[str, dict[str, str]]) -> str:
    """Return a table with a format to a row."""
    lines = [[corner, *columns], ["---"] * (len(columns) + 1)]
    lines += [[form.title, *(column[form.id] for column in columns.values())] for form in forms]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


class Trip:
    """What becomes of annotations that are written in a format and read again."""

    def __init__(self, form: Format, folder: Path) -> None:
        folder.mkdir()
        self._form, self._path = form, folder / f"scene{form.suffixes[-1]}"
        self.told: list[str] = []
        """What was said to be lost on the last trip."""

    def shape(self, kind: str, geometry: shapely.Geometry) -> str:
        """Return what becomes of a geometry."""
        back, _ = self._there_and_back(Annotation(class_id="thing", kind=kind, geometry=geometry))
        if not back:
            return "left out"
        if len(back) > 1:
            return f"{len(back)} labels"
        found = back[0].geometry
        near = found.geom_type == geometry.geom_type and shapely.hausdorff_distance(found, geometry) <= 1e-6
        if back[0].kind == kind and near and abs(found.area - geometry.area) <= 1e-3:
            return "kept"
        if back[0].kind != kind:
            return f"as {back[0].kind.value.replace('_', ' ')}"
        if near or (kind == "polygon" and shapely.get_num_interior_rings(found).sum() == 0):
            return "without holes"
        return "whole pixels"

    def value(self, key: str) -> str:
        """Return what becomes of an attribute."""
        attributes = {key: VALUES[key]}
        back, _ = self._there_and_back(_box(attributes=attributes))
        return "kept" if back and dict(back[0].attributes) == attributes else "not held"

    def rest(self, name: str) -> str:
        """Return what becomes of something that is not the shape."""
        drawn = _box(**RESTS[name])
        back, scene_attributes = self._there_and_back(drawn)
        if name == "attributes of the scene":
            return "kept" if scene_attributes == {"haze": True} else "not held"
        if name == "rejected annotation":
            return "kept" if back else "left out"
        return "kept" if back and getattr(back[0], name) == getattr(drawn, name) else "not held"

    def _there_and_back(self, annotation: Annotation) -> tuple[list[Annotation], dict[str, object]]:
        labels = LabelSet(
            annotations=[annotation],
            grid=GRID,
            ontology=ONTOLOGY,
            scene_name="scene",
            image_name="scene.tif",
            scene_attributes={"haze": True},
        )
        self.told = self._form.lost(labels)
        self._form.write(self._path, labels)
        columns = self._form.read(self._path, Image(name="scene.tif", shape=SHAPE))
        class_map = dict.fromkeys(columns.class_ids, "thing")
        return columns.to_annotations(GRID, ONTOLOGY, class_map=class_map)[0], columns.scene_attributes


def _box(**more: object) -> Annotation:
    return Annotation(class_id="thing", kind="box", geometry=BOX, **more)


if __name__ == "__main__":
    sys.exit(main())

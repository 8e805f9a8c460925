"""VoTT's regions."""

from __future__ import annotations

import json

import pytest
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.vott import count, read, write
from napari_geolabel.geo import GeoGrid

PIXELS = GeoGrid(shape=(512, 640), transform=Affine.identity())
BOX = {"left": 2, "top": 1, "width": 3, "height": 2}
CORNERS = [{"x": 2, "y": 1}, {"x": 5, "y": 1}, {"x": 5, "y": 3}, {"x": 2, "y": 3}]


def file_of(*regions: object, size: object = None, name: str = "scene.jpg") -> str:
    asset = {"id": "1", "name": name, "size": {"width": 640, "height": 512} if size is None else size}
    return json.dumps({"name": "p", "assets": {"1": {"asset": asset, "regions": list(regions)}}})


def region(kind: str, **more) -> dict:
    return {"id": "a", "type": kind, "tags": ["ship"], "boundingBox": BOX, "points": CORNERS, **more}


SHAPES = {
    "rectangle": (region("RECTANGLE", points=[]), "box", shapely.box(2, 1, 5, 3)),
    "polygon": (region("POLYGON"), "polygon", shapely.box(2, 1, 5, 3)),
    "polyline": (region("POLYLINE", points=CORNERS[:2]), "polyline", shapely.LineString([(2, 1), (5, 1)])),
    "point": (region("POINT", points=CORNERS[:1]), "keypoint", shapely.Point(2, 1)),
}


@pytest.mark.parametrize(("member", "kind", "geometry"), SHAPES.values(), ids=SHAPES)
def test_regions_lie_where_vott_has_them(read_text_as, everything, member, kind, geometry):
    (found,), report = read_text_as("vott", file_of(member)).to_annotations(PIXELS, everything)
    assert (found.kind, found.class_id, report.skipped) == (kind, "ship", [])
    assert shapely.equals(found.geometry, geometry)


def test_of_several_tags_the_first_is_the_class(read_text_as):
    columns = read_text_as("vott", file_of(region("RECTANGLE", tags=["ship", "large"])))
    assert (columns.class_ids, columns.notes) == (["ship"], ["region 1 has 2 tags; the first is its class"])


def test_every_region_is_written_with_box_and_points(tmp_path, everything):
    drawn = [Annotation(class_id="ship", kind="box", geometry=shapely.box(2, 1, 5, 3))]
    path = tmp_path / "a.vott.json"
    write(path, LabelSet(annotations=drawn, grid=PIXELS, ontology=everything, image_name="scene.tif"))
    (asset,) = json.loads(path.read_text())["assets"].values()
    (written,) = asset["regions"]
    assert (written["type"], written["tags"], written["boundingBox"]) == ("RECTANGLE", ["ship"], BOX)
    assert len(written["points"]) == 4
    assert asset["asset"]["size"] == {"width": 640, "height": 512}
    assert (importer_for(path).id, count(path)) == ("vott", 1)


BAD = {
    "no object": 7,
    "unknown": region("STAR"),
    "no box": region("RECTANGLE", boundingBox=None),
    "NaN": region("RECTANGLE", boundingBox={**BOX, "left": "nan"}),
    "no points": region("POLYGON", points=7),
    "two points": region("POLYGON", points=CORNERS[:2]),
}


@pytest.mark.parametrize("member", BAD.values(), ids=BAD)
def test_a_bad_region_is_left_out_with_its_reason(read_text_as, member):
    columns = read_text_as("vott", file_of(member, SHAPES["point"][0]))
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "no assets"),
        ('{"assets": {"1": {}}}', "no assets"),
        (file_of(size={"width": 3}), "correct its size"),
        (file_of(size={"width": 3, "height": 3}), "take the scene that they were drawn on"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("vott", text)


def test_real_files_are_read_whole(shared_data):
    path = shared_data / "labels_datumaro" / "vott_json_dataset" / "dataset" / "train-export.json"
    assert importer_for(path).id == "vott"
    columns = read(path, Image(name="img0001.jpg", shape=(5, 5)))
    assert (columns.class_ids, columns.geometries[0].bounds) == (["animal"], (5, 10, 15, 12))

"""What stands in a Label Studio file of ours, result by result."""

from __future__ import annotations

import json

import pytest
import shapely
from affine import Affine
from defusedxml import ElementTree
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.formats.brush import decode_brush
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.labelstudio import losses, read, write
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option
from napari_geolabel.ontology.exchange import export_ontology, read_ontology

SHAPE = (50, 200)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
UTM = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
PIERCED = shapely.box(10, 10, 15, 14).difference(shapely.box(11, 11, 13, 12))


def a(kind: str, geometry: shapely.Geometry, **more) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry, **more)


@pytest.fixture
def written(tmp_path, everything):
    """Write annotations and return the task and its results."""

    def write_them(*annotations: Annotation, **more):
        labels = LabelSet(
            annotations=annotations, **{"grid": PIXELS, "ontology": everything, "image_name": "scene.tif", **more}
        )
        write(tmp_path / "a.json", labels)
        (task,) = json.loads((tmp_path / "a.json").read_text())
        return task, task["annotations"][0]["result"]

    return write_them


def test_percent_are_of_width_and_of_height(written):
    _, (box,) = written(a("box", shapely.box(20, 10, 60, 25)))
    value = {key: box["value"][key] for key in ("x", "y", "width", "height", "rotation")}
    assert value == {"x": 10, "y": 20, "width": 20, "height": 30, "rotation": 0}
    assert box["value"]["rectanglelabels"] == ["ship"]
    assert (box["type"], box["from_name"], box["to_name"]) == ("rectanglelabels", "label_rectangles", "image")
    assert (box["original_width"], box["original_height"]) == (200, 50)


def test_a_turned_box_is_given_by_the_corner_that_it_is_turned_about(written):
    quarter = shapely.Polygon([(60, 10), (60, 30), (50, 30), (50, 10)])  # bow to the right
    _, (box,) = written(a("rotated_box", quarter))
    value = {key: box["value"][key] for key in ("x", "y", "width", "height", "rotation")}
    assert value == pytest.approx({"x": 30, "y": 20, "width": 10, "height": 20, "rotation": 90})


def test_polygons_points_and_brushes_are_what_label_studio_has(written):
    outline = shapely.Polygon([(20, 10), (40, 10), (40, 20)])
    _, results = written(a("polygon", outline), a("keypoint", shapely.Point(20, 5)), a("polygon", PIERCED))
    polygon, point, brush = results
    assert polygon["value"]["points"] == [[10, 20], [20, 20], [20, 40]]
    assert polygon["value"]["closed"] is True
    assert (point["value"]["x"], point["value"]["y"]) == (10, 10)
    assert brush["value"]["format"] == "rle"
    assert shapely.equals(decode_brush(brush["value"]["rle"], SHAPE), PIERCED)
    assert [each["from_name"] for each in results] == ["label_polygons", "label_keypoints", "label_brush"]


def test_answers_follow_their_region_and_have_types_of_their_own(written):
    answers = {"word": "x", "number": 0.5, "yes": True, "day": "2024-05-01", "one": "b", "some": ("a", "b")}
    _, (region, *others) = written(a("box", shapely.box(20, 10, 60, 25), attributes=answers))
    assert {each["id"] for each in others} == {region["id"]}
    place = {"textarea": "text"}
    held = {each["from_name"]: (each["type"], each["value"][place.get(each["type"], each["type"])]) for each in others}
    assert held == {
        "ship.word": ("textarea", ["x"]),
        "ship.number": ("number", 0.5),
        "ship.yes": ("choices", ["true"]),
        "ship.day": ("datetime", "2024-05-01"),
        "ship.one": ("choices", ["b"]),
        "ship.some": ("choices", ["a", "b"]),
    }
    assert region["meta"]["geolabel"]["attributes"] == {}


def test_labels_and_the_configuration_of_their_ontology_agree(tmp_path):
    """Label Studio refuses results whose control is not there, and shows choices by value or alias."""
    under = Attribute(id="depth", name="Depth of it", type="number")
    state = Attribute(
        id="state",
        name="State of it",
        type="radio",
        options=(Option(id="moored", name="Moored, at quay"), Option(id="afloat", name="Afloat", attributes=(under,))),
    )
    asked = (state, Attribute(id="wake", name="Wake seen", type="boolean"), Attribute(id="by", name="By", type="text"))
    kinds = (Kind.BOX, Kind.POLYGON, Kind.KEYPOINT)
    ship = LabelClass(id="cargo_ship", name="Cargo ship (large)", color="#ff0000", kinds=kinds, attributes=asked)
    ontology = Ontology(id="o", name="O", version="1", classes=(ship,))
    answers = {"state": "afloat", "depth": 3.5, "wake": True, "by": "me"}
    triangle = shapely.Polygon([(1, 1), (9, 1), (9, 9)])
    shapes = {"box": shapely.box(1, 1, 9, 9), "polygon": triangle, "keypoint": shapely.Point(5, 5)}
    drawn = [
        Annotation(class_id="cargo_ship", kind=kind, geometry=shape, attributes=answers)
        for kind, shape in shapes.items()
    ]
    write(tmp_path / "a.json", LabelSet(annotations=drawn, grid=PIXELS, ontology=ontology))
    export_ontology(ontology, tmp_path / "a.xml", format="label-studio")
    controls = {node.get("name"): node for node in ElementTree.parse(tmp_path / "a.xml").iter() if node.get("toName")}
    for result in json.loads((tmp_path / "a.json").read_text())[0]["annotations"][0]["result"]:
        control = controls[result["from_name"]]
        assert control.tag.lower() == result["type"]
        offered = {child.get("alias") for child in control}
        if offered:
            assert offered >= set(result["value"][result["type"]])
    assert [label.get("value") for label in controls["label_polygons"]] == ["Cargo ship (large)"]
    assert "cargo_ship.state.afloat.depth" in controls
    assert read_ontology(tmp_path / "a.xml").ontology["cargo_ship"].attributes == asked


def test_the_task_says_where_on_earth_the_image_lies(written, tmp_path):
    task, _ = written(grid=UTM, scene_attributes={"haze": True})
    assert task["data"]["image"] == "scene.tif"
    columns = read(tmp_path / "a.json", Image(name="scene.tif", shape=SHAPE))
    assert columns.scene_attributes == {"haze": True}
    assert (columns.pixels.grid.transform, columns.pixels.grid.crs) == (UTM.transform, UTM.crs)


def test_what_it_loses_is_said(everything):
    drawn = [
        a("polyline", shapely.LineString([(0, 0), (1, 1)])),
        a("box", shapely.box(0, 0, 1, 1), status=Status.REJECTED),
        a("polygon", PIERCED),
        a("polygon", shapely.affinity.translate(PIERCED, 900, 0)),
    ]
    told = list(losses(LabelSet(annotations=drawn, grid=PIXELS, ontology=everything)))
    assert told == [
        "1 rejected annotation left out",
        "1 of the kind polyline left out: Label Studio has no lines; GeoJSON keeps them",
        "2 polygons with holes written as brush strokes of whole pixels; only napari-geolabel reads the exact outline",
        "1 of those with holes left out, which cover the centre of no pixel of the image",
    ]

"""xView's boxes and xView3's detections."""

from __future__ import annotations

import csv
import json

import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, importer_for, xview, xview3
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.xview_classes import XVIEW, xview_numbers
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology

SHAPE = (512, 640)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
UTM = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
VESSELS = Ontology(
    id="o",
    name="O",
    version="1",
    classes=(
        LabelClass(id="oil_tanker", name="Tanker", color="#ff0000", mask_value=3, kinds=("box", "polygon")),
        LabelClass(
            id="vessel",
            name="Vessel",
            color="#00ff00",
            mask_value=7,
            kinds=("keypoint", "box"),
            attributes=(
                Attribute(id="length_m", name="Length", type="number"),
                Attribute(id="is_fishing", name="Fishing", type="boolean"),
                Attribute(id="label_confidence", name="Confidence", type="text"),
            ),
        ),
    ),
)


def feature(**properties) -> dict:
    held = {"bounds_imcoords": "10,20,30,50", "image_id": "scene.tif", "type_id": 52, **properties}
    return {"type": "Feature", "properties": held, "geometry": None}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def test_boxes_are_read_in_pixels_of_the_named_image(read_text_as):
    columns = read_text_as("xview", collection(feature(), feature(image_id="b.tif"), feature(type_id=75)))
    (found,), report = columns.to_annotations(PIXELS, VESSELS, class_map={"Oil Tanker": "oil_tanker"})
    assert found.geometry.bounds == (10, 20, 30, 50)
    assert report.notes == ["1 annotations of other images were left where they are (2 images)"]
    assert report.skipped == [("feature 3", "its type_id 75 is no class of xView")]


def test_xview_is_told_from_other_geojson(tmp_path):
    (tmp_path / "a.geojson").write_text(collection(feature()))
    assert importer_for(tmp_path / "a.geojson").id == "xview"
    (tmp_path / "b.geojson").write_text(collection({"type": "Feature", "properties": {}, "geometry": None}))
    assert importer_for(tmp_path / "b.geojson").id == "geojson"


def test_written_boxes_are_whole_pixels_with_the_numbers_of_the_data_set(tmp_path):
    drawn = [
        Annotation(class_id="oil_tanker", kind="box", geometry=shapely.box(10.4, 20.6, 30, 50)),
        Annotation(class_id="vessel", kind="box", geometry=shapely.box(1, 1, 1.2, 1.2)),
    ]
    labels = LabelSet(annotations=drawn, grid=UTM, ontology=VESSELS, image_name="scene.tif")
    xview.write(tmp_path / "a.geojson", labels)
    first, second = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert (first["properties"]["bounds_imcoords"], first["properties"]["type_id"]) == ("10,21,30,50", 52)
    assert (second["properties"]["bounds_imcoords"], second["properties"]["type_id"]) == ("1,1,2,2", 7)
    placed = shapely.geometry.shape(first["geometry"])
    assert placed.bounds == pytest.approx(shapely.transform(shapely.box(10, 21, 30, 50), UTM.pixel_to_lonlat).bounds)
    told = list(xview.losses(labels))
    assert any("rounded to whole pixels" in sentence for sentence in told)
    assert "1 annotation of classes that xView has not get other numbers (vessel 7)" in told


def ontology_of(**values: int | None) -> Ontology:
    """Return an ontology of classes with these mask values."""
    kinds = ("box", "keypoint")
    classes = [LabelClass(id=key, name=key, color="#ff0000", mask_value=v, kinds=kinds) for key, v in values.items()]
    return Ontology(id="o", name="O", version="1", classes=tuple(classes))


def test_no_class_gets_the_number_of_another_one(tmp_path, read_text_as):
    ontology = ontology_of(fishing_vessel=1, iceberg=47, ice=75, foam=None, wake=1000, buoy=3, oil=None)
    assert xview_numbers(ontology) == {
        "fishing_vessel": 47,
        "iceberg": 1001,
        "ice": 1002,
        "foam": 1003,
        "wake": 1000,
        "buoy": 3,
        "oil": 1004,
    }
    drawn = [Annotation(class_id=cls.id, kind="box", geometry=shapely.box(1, 1, 5, 5)) for cls in ontology.classes]
    labels = LabelSet(annotations=drawn, grid=PIXELS, ontology=ontology, image_name="scene.tif")
    assert any("iceberg 1001, ice 1002" in sentence for sentence in xview.losses(labels))
    xview.write(tmp_path / "a.geojson", labels)
    columns = read_text_as("xview", (tmp_path / "a.geojson").read_text())
    assert columns.class_ids == ["Fishing Vessel", "1001", "1002", "1003", "1000", "3", "1004"]
    assert columns.skipped == []


def test_without_a_place_on_earth_there_is_no_geometry(tmp_path):
    drawn = [Annotation(class_id="oil_tanker", kind="box", geometry=shapely.box(1, 2, 3, 4))]
    xview.write(tmp_path / "a.geojson", LabelSet(annotations=drawn, grid=PIXELS, ontology=VESSELS))
    assert json.loads((tmp_path / "a.geojson").read_text())["features"][0]["geometry"] is None


def test_there_are_sixty_classes():
    assert len(XVIEW) == 60
    assert not {75, 82} & set(XVIEW)


@pytest.mark.parametrize("number", [[75], {}, "75", None, True])
def test_what_is_no_number_names_no_class(read_text_as, number):
    assert read_text_as("xview", collection(feature(type_id=number))).class_ids == [None]


@pytest.mark.parametrize("bounds", ["", "1,2,3", "a,b,c,d", "nan,1,2,3", "1,1,1,1", "1e400,1,2,3"])
def test_a_bad_box_is_left_out_with_its_reason(read_text_as, bounds):
    columns = read_text_as("xview", collection(feature(bounds_imcoords=bounds), feature()))
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[]", "no list of features"), (collection({"type": "Feature"}), "read it as geojson")],
)
def test_a_bad_xview_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("xview", text)


HEAD = "detect_scene_row,detect_scene_column,scene_id,is_vessel,is_fishing,vessel_length_m,confidence\n"


def test_detections_lie_in_the_middle_of_their_pixels(read_text_as):
    rows = "20,10,scene,True,False,42.5,HIGH\n21,11,scene,True,True,,LOW\n22,12,scene,False,,,\n1,1,other,True,,,\n"
    columns = read_text_as("xview3", HEAD + rows)
    assert [geometry.wkt for geometry in columns.geometries] == [
        "POINT (10.5 20.5)",
        "POINT (11.5 21.5)",
        "POINT (12.5 22.5)",
    ]
    assert columns.class_ids == ["vessel", "fishing_vessel", "fixed_structure"]
    assert columns.notes == [
        "the labels of scene were taken, by the name without its ending",
        "1 annotations of other images were left where they are (2 images)",
    ]
    class_map = {"fishing_vessel": "vessel", "fixed_structure": None}
    (first, second), _ = columns.to_annotations(PIXELS, VESSELS, class_map=class_map)
    assert dict(first.attributes) == {"length_m": 42.5, "is_fishing": False, "label_confidence": "HIGH"}
    assert dict(second.attributes) == {"is_fishing": True, "label_confidence": "LOW"}


def test_written_detections_are_what_the_data_set_has(tmp_path):
    ship = Annotation(
        class_id="vessel",
        kind="keypoint",
        geometry=shapely.Point(10.9, 20.1),
        confidence=0.9,
        attributes={"length_m": 12.0, "is_fishing": True},
    )
    labels = LabelSet(annotations=[ship], grid=UTM, ontology=VESSELS, scene_name="=cmd()")
    xview3.write(tmp_path / "a.csv", labels)
    with (tmp_path / "a.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["detect_scene_row"], row["detect_scene_column"]) == ("20", "10")
    assert (row["is_vessel"], row["is_fishing"], row["vessel_length_m"], row["confidence"]) == (
        "True",
        "True",
        "12.0",
        "HIGH",
    )
    assert row["scene_id"] == "'=cmd()"  # no formula for a spreadsheet
    assert (float(row["detect_lon"]), float(row["detect_lat"])) == pytest.approx(
        tuple(UTM.pixel_to_lonlat([[10.9, 20.1]])[0])
    )
    assert FORMATS["xview3"].count(tmp_path / "a.csv") == 1


FLAGS = {
    "object": ("", ""),
    "vessel": ("True", ""),
    "fishing_vessel": ("True", "True"),
    "fixed_structure": ("False", ""),
    "ship": ("True", ""),
    "oil_tanker": ("True", ""),
    "iceberg": ("", ""),
}


def flags_in(path) -> list[tuple[str, str]]:
    with path.open(newline="") as file:
        return [(row["is_vessel"], row["is_fishing"]) for row in csv.DictReader(file)]


def test_what_nobody_has_said_of_a_detection_stays_empty(tmp_path, read_text_as):
    ontology = ontology_of(**dict.fromkeys(FLAGS))
    drawn = [Annotation(class_id=key, kind="keypoint", geometry=shapely.Point(1.5, 1.5)) for key in FLAGS]
    labels = LabelSet(annotations=drawn, grid=PIXELS, ontology=ontology, scene_name="scene")
    assert any(each.startswith("2 annotations written without is_vessel") for each in xview3.losses(labels))
    xview3.write(tmp_path / "a.csv", labels)
    assert flags_in(tmp_path / "a.csv") == list(FLAGS.values())
    back, _ = read_text_as("xview3", (tmp_path / "a.csv").read_text()).to_annotations(PIXELS, ontology)
    xview3.write(tmp_path / "b.csv", LabelSet(annotations=back, grid=PIXELS, ontology=ontology, scene_name="scene"))
    assert flags_in(tmp_path / "b.csv") == list(FLAGS.values())


def test_attributes_and_the_classes_above_say_what_a_detection_is(tmp_path):
    asked = tuple(Attribute(id=key, name=key, type="boolean") for key in ("is_vessel", "is_fishing"))
    about = {"color": "#ff0000", "kinds": ("keypoint",)}
    ship = LabelClass(id="ship", name="Ship", **about)
    trawler = LabelClass(id="trawler", name="Trawler", parent="ship", attributes=asked, **about)
    ontology = Ontology(id="o", name="O", version="1", classes=(ship, trawler))
    answers = [{}, {"is_fishing": False}, {"is_vessel": False}, {"is_vessel": True, "is_fishing": True}]
    drawn = [
        Annotation(class_id="trawler", kind="keypoint", geometry=shapely.Point(1, 1), attributes=each)
        for each in answers
    ]
    xview3.write(tmp_path / "a.csv", LabelSet(annotations=drawn, grid=PIXELS, ontology=ontology))
    assert flags_in(tmp_path / "a.csv") == [("True", ""), ("True", "False"), ("False", ""), ("True", "True")]


@pytest.mark.parametrize("place", ["a,1", "nan,1", "1e400,1", ",1"])
def test_a_bad_row_is_left_out_with_its_reason(read_text_as, place):
    columns = read_text_as("xview3", HEAD + f"{place},scene,True,,,\n1,1,scene,True,,,\n")
    assert (len(columns), len(columns.skipped)) == (1, 1)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "detect_scene_row\n1\n"])
def test_a_bad_xview3_file_is_one_sentence(read_text_as, text):
    with pytest.raises(FormatError, match="is no xView3 CSV"):
        read_text_as("xview3", text)

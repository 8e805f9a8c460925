"""STAC label items: written so that pystac takes them, and read wherever their labels lie beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pystac
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.stac_parts import footprint, label_properties, legend, projection, time_text
from napari_geolabel.formats.stac_scene import href_from
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

FORM = FORMATS["stac"]
SHIP = Annotation(class_id="ship", kind="box", geometry=shapely.box(10.25, 20, 40, 60), attributes={"one": "b"})
FIELD = Annotation(class_id="cloud", kind="polygon", geometry=shapely.box(100, 100, 200, 180))


def labels_of(annotations, ontology, grid, **more) -> LabelSet:
    return LabelSet(annotations=annotations, grid=grid, ontology=ontology, scene_name="scene", **more)


def loaded(path) -> dict:
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def item(tmp_path, utm, everything):
    """Write two annotations, and return where the item stands and what is in it."""
    path = tmp_path / "scene.stac.json"
    FORM.write(path, labels_of([SHIP, FIELD], everything, utm, scene_attributes={"haze": True}))
    return path, loaded(path)


def test_pystac_and_the_schemas_take_the_item(item, valid_stac, utm):
    path, content = item
    schemas = valid_stac(content)
    assert len(schemas) == 4
    assert sum("stac-extensions" in each for each in schemas) == 3
    read = pystac.Item.from_file(str(path))
    about = {key.removeprefix("label:"): value for key, value in read.properties.items()}
    assert (about["type"], about["properties"]) == ("vector", ["class_id", "attr_one"])
    assert {each["name"]: each["classes"] for each in about["classes"]} == {
        "class_id": ["ship", "cloud"], "attr_one": ["a", "b"],
    }  # fmt: skip
    (overview,) = about["overviews"]
    assert overview["counts"] == [{"name": "ship", "count": 1}, {"name": "cloud", "count": 1}]
    assert (about["tasks"], about["methods"]) == (["detection", "segmentation"], ["manual"])
    area = shapely.geometry.shape(read.geometry)
    around = shapely.Polygon(utm.pixel_to_lonlat(np.array([[0, 0], [512, 0], [512, 512], [0, 512]], float)))
    assert shapely.hausdorff_distance(area, around) < 1e-9
    assert read.bbox == pytest.approx(around.bounds)


def test_the_legend_stands_on_the_labels(item):
    asset = item[1]["assets"]["vector_labels"]
    assert asset["href"] == "./scene.geojson"
    assert [(each["value"], each["name"], each["color_hint"]) for each in asset["classification:classes"]] == [
        (1, "ship", "FF0000"), (2, "cloud", "CCCCCC"),
    ]  # fmt: skip


def test_labels_come_back_to_the_last_bit(item, utm, everything):
    path, _ = item
    assert importer_for(path).id == "stac"
    columns = FORM.read(path)
    back, report = columns.to_annotations(utm, everything)
    assert (report.skipped, columns.scene_attributes, FORM.count(path)) == ([], {"haze": True}, 2)
    assert [(a.id, a.kind, a.geometry) for a in back] == [(a.id, a.kind, a.geometry) for a in (SHIP, FIELD)]
    assert dict(back[0].attributes) == {"one": "b"}


@pytest.mark.parametrize("name", ["50% at 10:20 #2?", "pa%41th", "häfen ü", "a\\b"])
def test_labels_of_any_name_come_back(tmp_path, utm, everything, name):
    path = tmp_path / f"{name}.stac.json"
    FORM.write(path, labels_of([SHIP], everything, utm))
    back = importer_for(path, "stac").read(path, None)
    assert back.class_ids == ["ship"]


def test_the_item_leads_to_that_of_the_scene_and_to_its_file(tmp_path, write_scene, everything, valid_stac):
    tif, out = write_scene(name="a scene.tif"), tmp_path / "out"
    out.mkdir()
    with open_scene(tif) as scene:
        labels = open_labels(scene=scene, ontology=everything)
        labels.add(shapely.box(1, 2, 9, 8), "ship", kind="box")
        labels.export(out / "ships.stac.json")
    content = loaded(out / "ships.stac.json")
    valid_stac(content)
    (source,) = content["links"]
    assert (source["rel"], source["href"], source["label:assets"]) == ("source", "./ships.scene.json", ["image"])
    of_scene = loaded(out / source["href"])
    assert len(valid_stac(of_scene)) == 4
    image = of_scene["assets"]["image"]
    assert (out / image["href"]).resolve() == tif.resolve()
    assert [band["name"] for band in image["bands"]] == ["red", "green", "blue"]
    assert image["bands"][0]["data_type"] == "uint8"
    assert of_scene["geometry"] == content["geometry"]
    assert of_scene["properties"]["datetime"] == content["properties"]["datetime"]


def test_a_scene_without_a_place_is_refused_before_anything_is_written(tmp_path, nowhere, everything):
    labels = labels_of([SHIP], everything, nowhere)
    for work in (FORM.lost, lambda held: FORM.write(tmp_path / "x.stac.json", held)):
        with pytest.raises(NotGeoreferencedError, match="longitude and latitude"):
            work(labels)
    assert list(tmp_path.iterdir()) == []


def test_an_item_of_nothing_says_where_was_looked(tmp_path, utm, everything, valid_stac):
    path = tmp_path / "none.stac.json"
    FORM.write(path, labels_of([], everything, utm))
    valid_stac(loaded(path))
    assert loaded(path)["properties"]["label:tasks"] == []
    assert (len(FORM.read(path)), loaded(path)["geometry"]["type"]) == (0, "Polygon")


def test_labels_of_a_model_are_automated(tmp_path, utm, everything, valid_stac):
    made = Provenance(source="model", updated=datetime(2024, 5, 1, 12, tzinfo=UTC))
    path = tmp_path / "m.stac.json"
    FORM.write(
        path,
        labels_of(
            [Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(1, 2), provenance=made)],
            everything,
            utm,
        ),
    )
    found = loaded(path)["properties"]
    valid_stac(loaded(path))
    assert (found["label:methods"], found["updated"], found["datetime"]) == (
        ["automated"], "2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z",
    )  # fmt: skip


def test_a_footprint_across_the_antimeridian_is_cut_and_its_box_runs_east(grids):
    found = footprint(grids["across the antimeridian"])
    west, _, east, _ = found["bbox"]
    assert west > 0 > east
    assert found["geometry"]["type"] == "MultiPolygon"


def test_a_grid_says_its_crs_by_code_or_whole(utm):
    assert projection(utm) | {"proj:transform": None} == {
        "proj:code": "EPSG:32633", "proj:shape": [512, 512], "proj:transform": None,
    }  # fmt: skip
    own = GeoGrid(shape=(2, 2), transform=utm.transform, crs=CRS.from_proj4("+proj=laea +lat_0=5 +lon_0=3"))
    assert projection(own)["proj:code"] is None
    assert "Lambert" in projection(own)["proj:wkt2"]


def test_times_and_paths_are_as_stac_wants_them(tmp_path):
    then = datetime(2020, 1, 2, tzinfo=UTC)
    assert time_text(None, then) == time_text(then.date(), datetime.now(UTC)) == "2020-01-02T00:00:00Z"
    assert href_from(tmp_path, tmp_path / "a" / "b.tif") == "./a/b.tif"
    assert href_from(tmp_path / "x", tmp_path / "b.tif") == "../b.tif"


def test_classes_without_a_mask_value_are_in_no_legend(everything):
    bare = everything.with_classes(everything.classes)
    assert legend(type(bare)(id="o", name="O", version="1", classes=())) == {}


def test_an_export_is_one_format_of_three_files_that_are_kept_together(tmp_path, write_scene, everything):
    path = tmp_path / "ships.stac.json"
    with open_scene(write_scene()) as scene:
        labels = open_labels(scene=scene, ontology=everything)
        labels.add(shapely.box(1, 2, 9, 8), "ship", kind="box")
        assert labels.export(path, dry_run=True) == []
        labels.export(path)
        labels.export(path)  # over the first
        assert not labels.unsaved
        assert {each.name for each in FORM.files_beside(path)} == {"ships.geojson", "ships.scene.json"}
        assert all(each.is_file() for each in FORM.files_beside(path))
        labels.remove(next(iter(labels)))
        assert labels.import_from(path).imported == 1


@pytest.mark.parametrize("missing", ["label:description", "label:type", "label:properties"])
def test_the_stored_schema_refuses_an_item_that_lacks_something(item, valid_stac, missing):
    content = item[1]
    del content["properties"][missing]
    with pytest.raises(pystac.errors.STACValidationError, match=missing):
        valid_stac(content)


def test_the_stored_schemas_refuse_wrong_classes_and_colours(item, valid_stac):
    content = item[1]
    content["assets"]["vector_labels"]["classification:classes"][0]["color_hint"] = "#FF0000"
    with pytest.raises(pystac.errors.STACValidationError, match="FF0000"):
        valid_stac(content)
    content["assets"] = {}
    content["properties"]["label:classes"] = [{"name": 5, "classes": []}]
    with pytest.raises(pystac.errors.STACValidationError):
        valid_stac(content)


def test_the_stored_schema_of_the_label_extension_takes_the_examples_of_the_extension(shared_data, valid_stac):
    folder = shared_data / "labels_stac_label_ext"
    found = [path for path in folder.rglob("*.json") if "label:type" in path.read_text("utf-8")]
    taken = 0
    for path in found:
        content = loaded(path)
        if content["type"] != "Feature":
            continue
        content["stac_version"] = "1.1.0"  # they are older, and the extension does not mind
        content["links"] = [each for each in content["links"] if each["rel"] == "source"]
        content["stac_extensions"] = ["https://stac-extensions.github.io/label/v1.0.1/schema.json"]
        taken += len(valid_stac(content)) == 2
    assert taken >= 5


def test_a_question_that_several_classes_ask_has_the_answers_of_all():
    def of(name, *options, under=()):
        made = [Option(id=each, name=each, attributes=under if n == 0 else ()) for n, each in enumerate(options)]
        return Attribute(id=name, name=name, type="radio", options=tuple(made))

    asked = {"ship": of("type", "cargo", "ferry", under=(of("load", "ore"),)), "cloud": of("type", "thin", "cargo")}
    classes = [LabelClass(id=n, name=n, color="#ff0000", kinds=("box",), attributes=(a,)) for n, a in asked.items()]
    ontology = Ontology(id="o", name="O", version="1", classes=tuple(classes))
    told = label_properties([], ontology, "labels", kind="vector")
    assert {each["name"]: each["classes"] for each in told["label:classes"]} == {
        "class_id": ["ship", "cloud"],
        "attr_type": ["cargo", "ferry", "thin"],
        "attr_load": ["ore"],
    }


@pytest.mark.parametrize("west", [-180, 0])
def test_the_footprint_of_the_world_is_the_world(west):
    grid = GeoGrid(shape=(180, 360), transform=Affine(1, 0, west, 0, -1, 90), crs=CRS.from_epsg(4326))
    around = footprint(grid)
    assert around["bbox"] == [-180, -90, 180, 90]
    assert shapely.geometry.shape(around["geometry"]).area == 360 * 180
    assert footprint(grid, (slice(0, 90), slice(10, 350)))["bbox"] == [west + 10, 0, -10 if west == 0 else 170, 90]

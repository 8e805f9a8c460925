"""STAC items of anybody, and catalogues of them: read where all lies on the disk, in the folder or below it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, importer_for, stac_links
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.chip_plan import ChipPlan, with_visible
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.labels.training_set import make_chips

FORM = FORMATS["stac"]
SHIP = Annotation(class_id="ship", kind="box", geometry=shapely.box(10.25, 20, 40, 60), attributes={"one": "b"})
FIELD = Annotation(class_id="cloud", kind="polygon", geometry=shapely.box(100, 100, 200, 180))


@pytest.fixture
def write_item(utm, everything):
    """Return a function that writes annotations as an item."""

    def write(path, *annotations, **more):
        path.parent.mkdir(parents=True, exist_ok=True)
        labels = LabelSet(annotations=annotations, grid=utm, ontology=everything, scene_name="scene", **more)
        FORM.write(path, labels)
        return path

    return write


@pytest.fixture
def item(tmp_path, write_item):
    """Write two annotations, and return where the item stands and what is in it."""
    path = write_item(tmp_path / "scene.stac.json", SHIP, FIELD)
    return path, json.loads(path.read_text("utf-8"))


def catalogue(path, *links, kind="Catalog"):
    """Write a catalogue of links, each a relation and a reference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"rel": rel, "href": href} for rel, href in links]
    path.write_text(json.dumps({"type": kind, "stac_version": "1.0.0", "id": "c", "links": listed}), "utf-8")
    return path


OTHERS = {
    "on a server": ("https://example.org/a.geojson", "at https://example.org/a.geojson, which is not fetched"),
    "in a bucket": ("s3://bucket/a.geojson", "which is not fetched"),
    "at the root": ("/etc/passwd", "which is not fetched"),
    "in the folder above": ("../a.geojson", "in another folder"),
    "hidden in an escape": ("%2e%2e/a.geojson", "in another folder"),
    "not there": ("./a.geojson", "does not lie there"),
}


@pytest.mark.parametrize(("href", "sentence"), OTHERS.values(), ids=OTHERS)
def test_labels_that_stand_elsewhere_are_neither_fetched_nor_opened(item, href, sentence):
    path, content = item
    content["assets"]["vector_labels"]["href"] = href
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(FormatError, match=sentence):
        FORM.read(path)


NONE = {
    "a catalogue of nothing": ({"type": "Catalog"}, "leads to no label item whose labels lie here$"),
    "some other type": ({"type": "Topology"}, "is neither a STAC item nor a catalogue: its type is 'Topology'"),
    "an item without labels": ({"properties": {"datetime": None}}, "is a STAC item without labels"),
    "a raster": ({"properties": {"label:type": "raster"}}, "import that mask"),
    "an item without assets": ({"assets": {}}, "names no GeoJSON"),
    "no item at all": (None, "is no STAC item"),
}


@pytest.mark.parametrize(("change", "sentence"), NONE.values(), ids=NONE)
def test_what_is_no_item_of_vector_labels_says_what_it_is(item, change, sentence):
    path, content = item
    path.write_text(json.dumps([] if change is None else content | change), "utf-8")
    with pytest.raises(FormatError, match=sentence):
        FORM.read(path)


def test_an_item_of_another_program_says_which_property_is_the_class(tmp_path, everything, utm):
    point = {"type": "Point", "coordinates": utm.pixel_to_lonlat(np.array([[5.0, 6.0]]))[0].tolist()}
    feature = {"type": "Feature", "properties": {"what": "ship", "name": "A"}, "geometry": point}
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "l.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    asset = {"href": "sub/l.geojson", "type": "application/geo+json"}
    picture = {"href": "a.png", "roles": ["thumbnail"]}
    about = {"label:type": "vector", "label:properties": ["what"], "label:description": "x"}
    path = tmp_path / "other.json"
    path.write_text(
        json.dumps(
            {"type": "Feature", "stac_version": "1.0.0", "properties": about, "assets": {"a": picture, "b": asset}}
        )
    )
    assert importer_for(path).id == "stac"
    (found,), _ = FORM.read(path).to_annotations(utm, everything)
    assert (found.class_id, found.kind) == ("ship", "keypoint")


def test_a_catalogue_gives_the_labels_of_all_its_items_by_way_of_collections(tmp_path, write_item, utm, everything):
    write_item(tmp_path / "a" / "one" / "one.json", SHIP, scene_attributes={"haze": True})
    write_item(tmp_path / "a" / "two.json", FIELD, scene_attributes={"haze": True})
    catalogue(tmp_path / "a" / "collection.json", ("item", "./one/one.json"), ("item", "two.json"), kind="Collection")
    links = ("self", "https://example.org/catalog.json"), ("root", "./catalog.json"), ("child", "./a/collection.json")
    path = catalogue(tmp_path / "catalog.json", *links, ("item", "a/two.json"))
    assert importer_for(path).id == "stac"
    columns = FORM.read(path)
    back, report = columns.to_annotations(utm, everything)
    assert [(a.id, a.geometry) for a in back] == [(a.id, a.geometry) for a in (FIELD, SHIP)]  # to the last bit
    assert columns.where == ["two.geojson: feature 1", "one.geojson: feature 1"]
    assert (report.skipped, columns.scene_attributes, FORM.count(path)) == ([], {"haze": True}, 2)


LINKS = {
    "on a server": ("https://example.org/i.json", "leads to https://example.org/i.json, which is not fetched"),
    "from the root": ("/etc/passwd", "leads to /etc/passwd, which is not fetched"),
    "out of the folder": ("../outside.json", r"leads out of the catalogue's folder \(../outside.json\)"),
    "out of it by an escape": ("%2e%2e/outside.json", "leads out of the catalogue's folder"),
    "out of it by a link of the disk": ("link.json", "leads out of the catalogue's folder"),
    "nowhere": ("none.json", "leads to none.json, which does not lie there"),
    "to what is no JSON": ("broken.json", "broken.json is not JSON"),
    "to labels elsewhere": ("elsewhere.json", "has its labels in another folder"),
}


@pytest.mark.parametrize(("href", "sentence"), LINKS.values(), ids=LINKS)
def test_a_link_that_leads_elsewhere_is_not_followed_and_told(tmp_path, write_item, href, sentence):
    outside = write_item(tmp_path / "outside.json", SHIP)
    folder = tmp_path / "in"
    write_item(folder / "good.json", FIELD)
    (folder / "broken.json").write_text("{", "utf-8")
    (folder / "link.json").symlink_to(outside)
    moved = json.loads(outside.read_text("utf-8"))
    moved["assets"]["vector_labels"]["href"] = "../outside.geojson"
    (folder / "elsewhere.json").write_text(json.dumps(moved), "utf-8")
    alone = catalogue(folder / "alone.json", ("item", href))
    with pytest.raises(
        FormatError, match=f"alone.json leads to no label item whose labels lie here: .*{sentence}"
    ) as no:
        FORM.read(alone)
    both = FORM.read(catalogue(folder / "catalog.json", ("item", href), ("item", "good.json")))
    assert both.ids == [FIELD.id]
    ((_, why),) = both.skipped
    assert why in str(no.value)


def test_catalogues_that_lead_in_circles_end_and_the_same_item_comes_once(tmp_path, write_item):
    write_item(tmp_path / "x.json", SHIP)
    catalogue(tmp_path / "b.json", ("child", "a.json"), ("child", "b.json"), ("item", "x.json"))
    path = catalogue(tmp_path / "a.json", ("child", "b.json"), ("item", "./x.json"))
    assert FORM.read(path).ids == [SHIP.id]


def test_a_catalogue_of_more_files_than_anybody_means_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(stac_links, "_MOST", 3)
    for number in range(4):
        (tmp_path / f"{number}.json").write_text("{}", "utf-8")
    path = catalogue(tmp_path / "catalog.json", *(("item", f"{number}.json") for number in range(4)))
    with pytest.raises(FormatError, match="leads to more than 3 files"):
        FORM.read(path)


def test_items_of_scenes_alone_are_passed_over_and_rasters_are_told_of(tmp_path, write_item):
    good = json.loads(write_item(tmp_path / "good.json", SHIP).read_text("utf-8"))
    scene = good | {"properties": {"datetime": None}}
    raster = good | {"properties": {"label:type": "raster"}}
    for name, content in (("scene", scene), ("raster", raster)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    links = [("item", f"{name}.json") for name in ("scene", "raster", "good")]
    columns = FORM.read(
        catalogue(tmp_path / "catalog.json", *links, ("child", "scene.json"), ("item", 5), ("item", ""))
    )
    assert columns.ids == [SHIP.id]
    assert ("raster.json", "raster.json has its labels in a raster; import that mask") in columns.skipped


def test_a_training_set_comes_back_to_its_scene_by_its_catalogue(tmp_path, write_scene, everything):
    with open_scene(write_scene()) as scene:
        labels = open_labels(scene=scene, ontology=everything)
        ships = [labels.add(shapely.box(x, x, x + 20, x + 9), "ship", kind="box") for x in (10, 100, 300)]
        make_chips(labels, tmp_path / "set", plan=ChipPlan(size_px=256))
        back = open_labels(scene=scene, ontology=with_visible(everything))
        report = back.import_from(tmp_path / "set" / "catalog.json")
        assert report.imported == 3
        found = sorted(back.store.values(), key=lambda a: a.geometry.bounds)
        for ship, again in zip(ships, found, strict=True):
            assert shapely.equals_exact(again.geometry.normalize(), ship.geometry.normalize(), 1e-6)
        back.undo()
        assert len(back) == 0


def test_catalogues_of_others_say_that_their_labels_are_not_here(shared_data):
    for folder in ("label_catalog", "zanzibar_spacenet"):
        path = shared_data / "labels_pystac" / folder / "catalog.json"
        with pytest.raises(FormatError, match="leads to no label item whose labels lie here: "):
            FORM.read(path)

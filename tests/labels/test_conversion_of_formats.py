"""Labels from every format to others, without a scene where the file says where it lies."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.formats.schema import attributes_from
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.conversion import convert
from napari_geolabel.ontology import Attribute, LabelClass, Ontology

FORMS = [each for each in FORMATS.values() if each.reads and each.writes and each.content == "vector"]
TARGETS = {"geojson", "voc", "cvat"}
IN_DEGREES = {"kml", "geojsonseq"}
"""Formats that say where labels lie but not the grid that makes a box a box."""
SAYS_WHERE = IN_DEGREES | {"geojson", "coco", "labelstudio", "labelme", "encord", "stac"}
SAYS_WHERE |= {"gpkg", "flatgeobuf", "geoparquet", "shapefile"}

EMPTY = Ontology(id="empty", name="Empty", version="1", classes=())
ASKS = LabelClass(
    id="ship",
    name="Ship",
    color="#ff0000",
    kinds=("box",),
    attributes=(Attribute(id="category", name="Category", type="text"),),
)


@pytest.fixture
def file_of(scene, ontology, tmp_path):
    """Return a function that makes a file of a format, with the same two boxes in each."""
    labels = open_labels(None, scene=scene, ontology=ontology)
    for left in (10, 100):
        labels.add(shapely.box(left, 10, left + 20, 20), "ship", kind="box")

    def made(form_id):
        (tmp_path / form_id).mkdir()
        path = tmp_path / form_id / f"{scene.name}{FORMATS[form_id].suffixes[-1]}"
        labels.export(path, format=form_id)
        return path

    yield made
    labels.close()


@pytest.mark.parametrize("source", [each.id for each in FORMS])
def test_every_format_converts_to_others(scene, file_of, tmp_path, source):
    found = file_of(source)
    if importer_for(found).id not in {source, "yolo", "dota"}:
        pytest.fail(f"a file of {source} is taken for {importer_for(found).id}")
    for target in (each for each in FORMS if each.id in TARGETS):
        folder = tmp_path / "out" / target.id
        folder.mkdir(parents=True)
        path = folder / f"a{target.suffixes[-1]}"
        report = convert(found, path, scene=scene, format=target.id)
        assert report.imported == 2
        if target.place is None:
            assert target.count(path) >= 2 or report.notes


def bounds_of(path):
    """Return west, south, east and north of a GeoJSON file in degrees, read without any code of ours."""
    return shapely.from_geojson(path.read_text()).bounds


@pytest.mark.parametrize("source", [each.id for each in FORMS])
def test_without_a_scene_a_file_must_say_where_it_lies(file_of, tmp_path, source):
    target = tmp_path / "out.geojson"
    if source in SAYS_WHERE:
        found = file_of(source)
        assert convert(found, target).imported == 2
        geojson = found if source == "geojson" else file_of("geojson")
        assert bounds_of(target) == pytest.approx(bounds_of(geojson), abs=1e-6)
        return
    with pytest.raises(GeoLabelError) as refused:
        convert(file_of(source), target)
    assert "\n" not in str(refused.value)
    assert not target.exists()


@pytest.mark.parametrize("source", sorted(IN_DEGREES))
def test_upright_boxes_whose_grid_is_not_known_become_what_they_are_on_the_ground(file_of, tmp_path, source):
    report = convert(file_of(source), tmp_path / "out.coco.json")
    assert (report.imported, report.skipped) == (2, [])
    assert any("not along the pixel axes" in note for note in report.notes)


@pytest.fixture
def answered(scene, ontology, tmp_path):
    """Return a function that makes a file of labels with attributes."""
    labels = open_labels(None, scene=scene, ontology=ontology)
    labels.add(shapely.box(10, 10, 30, 20), "ship", kind="box", attributes={"category": "merchant"})
    labels.classify_scene(haze=True)

    def made(form_id):
        path = tmp_path / f"answered{FORMATS[form_id].suffixes[0]}"
        labels.export(path, format=form_id)
        return path

    yield made
    labels.close()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("geojson", "coco"),
        ("geojson", "gpkg"),
        ("coco", "geojson"),
        ("gpkg", "labelstudio"),
        ("gpkg", "flatgeobuf"),
        ("flatgeobuf", "coco"),
    ],
)
def test_labels_of_ours_keep_their_attributes_where_no_ontology_is_named(answered, tmp_path, source, target):
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / f"out{FORMATS[target].suffixes[0]}"
    report = convert(answered(source), path)
    assert (report.imported, report.skipped) == (1, [])
    columns = FORMATS[target].read(path, None)
    (row,) = columns.properties
    assert attributes_from(row, ASKS)["category"] == "merchant"
    if {source, target} <= {"geojson", "coco"}:
        assert dict(columns.scene_attributes) == {"haze": True}


def test_classes_made_on_import_ask_what_our_labels_answer(answered, scene):
    labels = open_labels(None, scene=scene, ontology=EMPTY)
    report = labels.import_from(answered("geojson"), make_classes=True)
    assert (report.imported, report.skipped) == (1, [])
    (annotation,) = (labels[each] for each in labels)
    assert dict(annotation.attributes) == {"category": "merchant"}
    labels.close()

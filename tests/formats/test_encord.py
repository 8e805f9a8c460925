"""Label rows of Encord: as its SDK reads and makes them, and what else its exports have."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.formats.turning import TurnedBox
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option
from napari_geolabel.ontology.exchange.encord import structure_of
from tests.formats.encord_rows import (
    FORM,
    SHAPE,
    SHAPES,
    VALUES,
    labels_of,
    ships,
)


@pytest.fixture
def nowhere(nowhere):
    return type(nowhere)(shape=SHAPE, transform=nowhere.transform)


@pytest.fixture
def written(tmp_path, nowhere, everything):
    """Write annotations and return the JSON."""

    def write(annotations, ontology=everything, **more):
        path = tmp_path / "x.encord.json"
        FORM.write(path, labels_of(annotations, ontology, nowhere, **more))
        return json.loads(path.read_text("utf-8"))

    return write


@pytest.fixture
def read(read_text_as):
    return lambda row: read_text_as("encord", json.dumps(row), shape=SHAPE)


@pytest.fixture
def sdk_row():
    """Return an empty label row of the SDK for an ontology, without a project or a server."""
    pytest.importorskip("encord.objects", reason="the Encord SDK is not installed")
    from encord.objects import OntologyStructure
    from encord.objects.ontology_labels_impl import LabelRowV2
    from encord.orm.storage import CustomerProvidedImageMetadata

    def make(structure):
        if isinstance(structure, dict):
            structure = OntologyStructure.from_dict(structure)
        ontology = type("Known", (), {"structure": structure, "title": "x", "ontology_hash": "y"})()
        size = {"height": SHAPE[0], "width": SHAPE[1]}
        return LabelRowV2.from_media_metadata(
            ontology, CustomerProvidedImageMetadata(mime_type="image/tiff", file_size=9, **size)
        )

    return make


def test_the_sdk_reads_every_shape_and_answer_that_is_written(sdk_row, written, everything):
    row = sdk_row(structure_of(everything))
    row.from_labels_dict(written(ships(), scene_attributes={"haze": True}))
    box, turned, pierced, parts, line, point = row.get_object_instances()
    (seen,) = turned.get_annotations()
    found = seen.coordinates
    assert found.theta == pytest.approx(30)
    assert (found.width * 640, found.height * 512) == pytest.approx((40, 10))
    assert (found.top_left_x * 640, found.top_left_y * 512) == pytest.approx((80, 75))
    assert [len(polygon) for polygon in pierced.get_annotations()[0].coordinates.polygons] == [2]
    assert [len(polygon) for polygon in parts.get_annotations()[0].coordinates.polygons] == [1, 1]
    assert [len(each.get_annotations()[0].coordinates.values) for each in (line,)] == [3]
    assert point.get_annotations()[0].coordinates.x * 640 == pytest.approx(400.25)
    answers = {a.name: box.get_answer(a) for a in box.ontology_item.attributes}
    assert (answers["Word"], answers["Number"], answers["Day"]) == ("a ship", 0.5, "2024-05-01")
    assert (answers["Yes"].value, answers["One"].value) == ("no", "a")
    assert [option.value for option in answers["Some"]] == ["a", "b"]
    assert row.get_classification_instances()[0].get_answer().value == "yes"


def test_what_the_sdk_hands_back_is_what_was_drawn(sdk_row, written, read, everything, nowhere):
    row = sdk_row(structure_of(everything))
    row.from_labels_dict(written(ships(), scene_attributes={"haze": True}))
    columns = read(row.to_encord_dict())
    back, report = columns.to_annotations(nowhere, everything)
    assert (report.skipped, columns.scene_attributes) == ([], {"haze": "yes"})
    for found, drawn in zip(back, ships(), strict=True):
        assert (found.kind, found.class_id, found.confidence) == (drawn.kind, "ship", None)
        assert dict(found.attributes) == VALUES
        assert shapely.hausdorff_distance(found.geometry, drawn.geometry) < 1e-9


def test_what_was_drawn_by_the_sdk_comes_in(sdk_row, read, nowhere):
    row = sdk_row(structure := drawn_by_hand())
    import encord.objects as sdk
    from encord.objects.coordinates import BitmaskCoordinates, PolygonCoordinates, RotatableBoundingBoxCoordinates

    ship, cloud, field = structure.objects
    boat = ship.create_instance()
    place = RotatableBoundingBoxCoordinates(height=0.1, width=0.05, top_left_x=0.2, top_left_y=0.3, theta=30.0)
    boat.set_for_frames(place, frames=0, confidence=0.5, manual_annotation=False)
    category = ship.attributes[0]
    merchant = category.options[0]
    boat.set_answer(merchant)
    boat.set_answer(merchant.nested_options[0].options[0:2], attribute=merchant.nested_options[0])
    pixels = np.zeros(SHAPE, bool)
    pixels[3:10, 5:20] = True
    veil, ground = cloud.create_instance(), field.create_instance()
    veil.set_for_frames(BitmaskCoordinates(pixels), frames=0)
    at = sdk.coordinates.PointCoordinate
    rings = [
        [at(x=x, y=y) for x, y in ring]
        for ring in (((0.1, 0.1), (0.3, 0.1), (0.2, 0.4)), ((0.18, 0.15), (0.22, 0.15), (0.2, 0.2)))
    ]
    ground.set_for_frames(PolygonCoordinates(polygons=[rings]), frames=0)
    for each in (boat, veil, ground):
        row.add_object_instance(each)
    columns = read(row.to_encord_dict())
    options = (Option(id="bulk", name="Bulk"), Option(id="oil", name="Oil"))
    cargo = Attribute(id="load", name="Cargo", type="checklist", options=options)
    merchants = Attribute(
        id="category",
        name="Category",
        type="radio",
        options=(Option(id="merchant_ship", name="M", attributes=(cargo,)),),
    )
    kinds = ("rotated_box", "polygon")
    ontology = Ontology(
        id="o",
        name="O",
        version="1",
        classes=tuple(
            LabelClass(id=n, name=name, color="#ff0000", kinds=kinds, attributes=(merchants,))
            for n, name in (("a", "Ship"), ("b", "Cloud"), ("c", "Field"))
        ),
    )
    (first, second, third), report = columns.to_annotations(nowhere, ontology)
    assert report.skipped == []
    middle = TurnedBox(centre=(0.225 * 640, 0.35 * 512), width=32, height=51.2, angle_deg=30)
    assert first.geometry.equals_exact(middle.polygon, 1e-9)
    assert (first.class_id, first.confidence, dict(first.attributes)) == (
        "a", 0.5, {"category": "merchant_ship", "load": ("bulk", "oil")},
    )  # fmt: skip
    assert (second.class_id, second.geometry.bounds, second.confidence) == ("b", (5, 3, 20, 10), None)
    assert (third.class_id, len(third.geometry.interiors)) == ("c", 1)


def drawn_by_hand():
    """An ontology that the SDK made, with a question under an option."""
    sdk = pytest.importorskip("encord.objects")
    structure = sdk.OntologyStructure()
    ship = structure.add_object("Ship", sdk.Shape.ROTATABLE_BOUNDING_BOX)
    category = ship.add_attribute(sdk.RadioAttribute, "Category")
    cargo = category.add_option("Merchant ship").add_nested_attribute(sdk.ChecklistAttribute, "Cargo")
    cargo.add_option("Bulk")
    cargo.add_option("Oil")
    structure.add_object("Cloud", sdk.Shape.BITMASK)
    structure.add_object("Field", sdk.Shape.POLYGON)
    return structure


def test_an_answer_to_what_is_not_asked_is_none_for_encord(written, ontology):
    known = {"category": "fishing", "cargo": "coal"}  # which only a merchant is asked
    ship = Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(3, 4), attributes=known)
    row = written([ship], ontology)
    (answers,) = row["object_answers"].values()
    assert [each["value"] for each in answers["classifications"]] == ["category"]
    (unit,) = row["data_units"].values()
    assert unit["labels"]["objects"][0]["geolabel"]["attributes"] == {"cargo": "coal"}


def test_the_sdk_knows_which_of_several_questions_of_one_name_is_answered(sdk_row, written):
    from napari_geolabel.ontology import load_ontology

    maritime = load_ontology("maritime")
    known = {"category": "fishing", "type": "trawler"}
    row = sdk_row(structure_of(maritime))
    row.from_labels_dict(
        written([Annotation(class_id="ship", kind="box", geometry=SHAPES[0][1], attributes=known)], maritime)
    )
    (ship,) = row.get_object_instances()
    category = next(each for each in ship.ontology_item.attributes if each.name == "Category")
    chosen = ship.get_answer(category)
    assert chosen.value == "fishing"
    assert ship.get_answer(chosen.nested_options[0]).value == "trawler"


def test_an_answer_or_a_class_that_was_changed_there_counts(written, read, nowhere, everything):
    row = written(ships()[:1])
    (unit,) = row["data_units"].values()
    (drawn,) = unit["labels"]["objects"]
    (answers,) = row["object_answers"].values()
    for each in answers["classifications"]:
        if each["value"] == "one":
            each["answers"][0] |= {"value": "b"}
    (back,), _ = read(row).to_annotations(nowhere, everything)
    assert (back.class_id, back.attributes["one"], back.attributes["word"]) == ("ship", "b", "a ship")
    drawn |= {"featureHash": "another", "name": "Cloud"}
    (back,), _ = read(row).to_annotations(nowhere, everything)
    assert back.class_id == "cloud"
    assert shapely.equals(back.geometry, SHAPES[0][1])


def test_hashes_are_the_same_each_time_and_no_two_alike(written):
    many = [Annotation(id=f"a{n}", class_id="ship", kind="keypoint", geometry=shapely.Point(n, n)) for n in range(300)]
    (unit,) = written(many)["data_units"].values()
    hashes = [each["objectHash"] for each in unit["labels"]["objects"]]
    assert len(set(hashes)) == 300
    assert {len(each) for each in hashes} == {8}
    (again,) = written(many[:5])["data_units"].values()
    assert [each["objectHash"] for each in again["labels"]["objects"]] == hashes[:5]


def test_losses_tell_of_lines_in_parts_and_of_what_is_rejected(nowhere, everything):
    lines = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])
    drawn = [
        Annotation(class_id="ship", kind="polyline", geometry=lines, status="accepted"),
        Annotation(class_id="ship", kind="box", geometry=SHAPES[0][1], status="rejected"),
    ]
    told = FORM.lost(labels_of(drawn, everything, nowhere))
    assert [sentence.split()[0] for sentence in told] == ["1", "1", "Encord"]
    assert (
        FORM.lost(labels_of([Annotation(class_id="ship", kind="box", geometry=SHAPES[0][1])], everything, nowhere))
        == []
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.TIF", "image/tiff"),
        ("a.png", "image/png"),
        ("a.jp2", "image/jp2"),
        ("a.vrt", "image/tiff"),
        (None, "image/tiff"),
    ],
)
def test_the_image_has_its_media_type_and_name(written, name, expected):
    row = written(ships()[:1], image_name=name)
    (unit,) = row["data_units"].values()
    assert (unit["data_type"], unit["data_title"]) == (expected, name or "scene.tif")
    assert (unit["width"], unit["height"]) == (640, 512)


def test_times_are_as_encord_writes_them_whatever_the_language_of_the_machine(written):
    made = Provenance(created=datetime(2026, 11, 22, 13, 12, 54, tzinfo=timezone(timedelta(hours=1))))
    row = written([Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(1, 2), provenance=made)])
    (unit,) = row["data_units"].values()
    assert unit["labels"]["objects"][0]["createdAt"] == row["created_at"] == "Sun, 22 Nov 2026 12:12:54 UTC"
    assert written([])["created_at"] == "Thu, 01 Jan 1970 00:00:00 UTC", "nobody knows, and the bytes stay the same"


def test_a_confidence_is_that_of_a_prediction_there(written, read, nowhere, everything):
    sure = Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(1, 2), confidence=1.0)
    row = written([sure, Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(3, 4))])
    (unit,) = row["data_units"].values()
    assert [each["manualAnnotation"] for each in unit["labels"]["objects"]] == [False, True]
    for each in unit["labels"]["objects"]:
        del each["geolabel"]  # as Encord would
    back, _ = read(row).to_annotations(nowhere, everything)
    assert [a.confidence for a in back] == [1.0, None]

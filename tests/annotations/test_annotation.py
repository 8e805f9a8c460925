"""One annotation as a value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import shapely

from napari_geolabel.annotations import Annotation, Provenance, Source, Status
from napari_geolabel.ontology import Kind

POINT = shapely.Point(3, 4)


def keypoint(**fields) -> Annotation:
    return Annotation(**({"class_id": "bow", "kind": "keypoint", "geometry": POINT} | fields))


def test_every_annotation_has_an_id_of_its_own():
    one, other = keypoint(), keypoint()
    assert one.id != other.id
    assert str(UUID(one.id)) == one.id


def test_words_become_kinds_and_statuses():
    made = keypoint(status="accepted")
    assert made.kind is Kind.KEYPOINT
    assert made.status is Status.ACCEPTED
    with pytest.raises(ValueError, match="circle"):
        keypoint(kind="circle")


def test_nothing_about_an_annotation_can_be_set():
    values = {"a": 1}
    made = keypoint(attributes=values)
    values["a"] = 2
    assert made.attributes == {"a": 1}
    with pytest.raises(FrozenInstanceError):
        made.class_id = "stern"
    with pytest.raises(TypeError):
        made.attributes["a"] = 3


def test_equal_fields_make_equal_annotations():
    assert keypoint(id="1") == keypoint(id="1")
    assert keypoint(id="1") != keypoint(id="1", geometry=shapely.Point(3, 4.0000001))
    assert keypoint(id="1", attributes={"a": 1}) != keypoint(id="1", attributes={"a": 2})


def test_an_edit_keeps_the_id_and_notes_the_time():
    before = keypoint(provenance=Provenance(annotator="Ada", created=datetime(2024, 5, 31, tzinfo=UTC)))
    after = before.edited(confidence=0.5)
    assert after.id == before.id
    assert after.confidence == 0.5
    assert after.provenance.annotator == "Ada"
    assert after.provenance.created == before.provenance.created
    assert datetime.now(UTC) - after.provenance.updated < timedelta(minutes=1)
    assert before.confidence is None


def test_a_given_provenance_is_taken_as_it_is():
    provenance = Provenance(source="model", tool="detector 1.0")
    assert keypoint().edited(provenance=provenance).provenance is provenance


def test_only_an_edit_of_the_geometry_drops_the_imported_one():
    source = Source(wkb=b"\1", crs="EPSG:32633")
    imported = keypoint(source=source)
    assert imported.edited(confidence=0.5).source is source
    assert imported.edited(geometry=shapely.Point(0, 0)).source is None
    assert imported.edited(geometry=POINT, source=source).source is source

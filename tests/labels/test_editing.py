"""Changing fields of an annotation so that the ontology still agrees."""

from __future__ import annotations

import pytest
from affine import Affine
from shapely import Polygon, box

from napari_geolabel.annotations import Annotation, Provenance, Status
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, UnknownClassError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labels.editing import attributes_kept, edited, mask_value_of
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

PIXELS = GeoGrid(shape=(100, 100), transform=Affine.identity())
SHIP = Annotation(
    class_id="ship",
    kind=Kind.BOX,
    geometry=box(2, 3, 20, 9),
    attributes={"category": "merchant", "flag": "NO", "length_m": 30},
)


def test_words_become_statuses_and_kinds(ontology: Ontology) -> None:
    new = edited(SHIP, ontology, PIXELS, {"status": "accepted", "kind": "polygon"})
    assert (new.status, new.kind) == (Status.ACCEPTED, Kind.POLYGON)
    with pytest.raises(AttributeValueError, match="'done' is no status; choose suggested"):
        edited(SHIP, ontology, PIXELS, {"status": "done"})
    with pytest.raises(ForbiddenKindError, match="'blob' is no kind of annotation; choose box"):
        edited(SHIP, ontology, PIXELS, {"kind": "blob"})


def test_what_is_not_named_stays(ontology: Ontology) -> None:
    new = edited(SHIP, ontology, PIXELS, {"confidence": 0.5})
    assert new.edited(confidence=None, provenance=SHIP.provenance) == SHIP


def test_who_made_it_may_be_told(ontology: Ontology) -> None:
    made = Provenance(source="model", tool="detector 3")
    assert edited(SHIP, ontology, PIXELS, {"provenance": made}).provenance == made


def test_a_new_class_may_come_with_attributes_and_kind(ontology: Ontology) -> None:
    new = edited(SHIP, ontology, PIXELS, {"class_id": "tug", "attributes": {"category": "naval"}, "kind": "polygon"})
    assert (new.class_id, dict(new.attributes), new.kind) == ("tug", {"category": "naval"}, Kind.POLYGON)


def test_nested_attributes_stay_with_what_they_depend_on(ontology: Ontology) -> None:
    assert attributes_kept(SHIP, ontology["tug"]) == {"category": "merchant", "flag": "NO"}
    assert attributes_kept(SHIP, ontology["wake"]) == {}
    assert attributes_kept(SHIP, ontology["ship"]) == SHIP.attributes


def test_an_unknown_class_is_named(ontology: Ontology) -> None:
    with pytest.raises(UnknownClassError, match="submarine"):
        edited(SHIP, ontology, PIXELS, {"class_id": "submarine"})


def test_geometry_may_change_with_the_kind(ontology: Ontology) -> None:
    triangle = Polygon([(0, 0), (9, 0), (5, 5)])
    new = edited(SHIP, ontology, PIXELS, {"geometry": triangle, "kind": "polygon"})
    assert (new.geometry, new.kind, new.source) == (triangle, Kind.POLYGON, None)


def test_a_class_paints_with_its_mask_value_and_none_erases(ontology: Ontology) -> None:
    assert (mask_value_of("cloud", ontology), mask_value_of(None, ontology)) == (9, 0)
    with pytest.raises(ForbiddenKindError, match="wake is not painted but drawn as polyline"):
        mask_value_of("wake", ontology)

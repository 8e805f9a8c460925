"""The classes of one ontology taken into another."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import LabelClass, Ontology, load_ontology
from napari_geolabel.ontology.merging import add_missing
from napari_geolabel.ontology.succession import why_no_successor

MARITIME = load_ontology("maritime")


def cls(class_id: str, mask_value: int | None = None, **fields) -> LabelClass:
    about = {"name": class_id.title(), "color": "#ff0000", "kinds": ("box",)}
    return LabelClass(id=class_id, mask_value=mask_value, **(about | fields))


def ontology_of(*classes: LabelClass) -> Ontology:
    return Ontology(id="o", name="O", version="1", classes=classes)


SHIPS = ontology_of(cls("ship", 1, aliases=("vessel", "Craft"), hotkey="1"))


def test_classes_of_another_ontology_are_added_where_they_are_new():
    clouds = load_ontology("clouds")
    both = add_missing(MARITIME, clouds)
    assert why_no_successor(MARITIME, both) == []
    assert {c.id for c in both.classes} == {c.id for c in (*MARITIME.classes, *clouds.classes)}
    assert add_missing(both, clouds) == both


@pytest.mark.parametrize(
    "other", [cls("vessel", name="Any vessel"), cls("boat", name="VESSEL"), cls("craft", name="X"), cls("ship")]
)
def test_what_a_word_leads_to_already_is_not_added(other):
    assert add_missing(SHIPS, ontology_of(other)) == SHIPS


def test_a_class_may_stand_before_those_that_it_names():
    cargo = cls("cargo", 5, parent="merchant", never_overlaps=("cargo", "merchant", "ship"))
    merchant, lone = cls("merchant", 6, parent="ship"), cls("lone", parent="fleet", never_overlaps=("fleet",))
    fleet = cls("fleet", name="Vessel")  # which is the ship here
    both = add_missing(SHIPS, ontology_of(cargo, merchant, lone, fleet, cls("ship", 1)))
    assert [c.id for c in both.classes] == ["ship", "cargo", "merchant", "lone"]
    assert (both["cargo"].parent, both["merchant"].parent, both["lone"].parent) == ("merchant", "ship", None)
    assert both["cargo"].never_overlaps == ("cargo", "merchant", "ship")
    assert both["lone"].never_overlaps == ()


def test_keys_values_and_words_that_are_taken_are_given_anew():
    both = add_missing(SHIPS, ontology_of(cls("dock", 1, hotkey="1", aliases=("craft", "quay")), cls("buoy", 2)))
    assert [(c.id, c.mask_value) for c in both.classes] == [("ship", 1), ("dock", 3), ("buoy", 2)]
    assert (both["dock"].hotkey, both["dock"].aliases) == (None, ("quay",))


@pytest.mark.parametrize("last", ["ours", "theirs"])
def test_a_class_at_the_end_of_the_values_leaves_room_between(last):
    ignored = cls("ignore", 65_535)
    ours = ontology_of(cls("ship", 1), *([ignored] if last == "ours" else []))
    theirs = ontology_of(cls("dock", 1), cls("buoy", 2), *([ignored] if last == "theirs" else []))
    both = add_missing(ours, theirs)
    assert (both["dock"].mask_value, both["buoy"].mask_value, both["ignore"].mask_value) == (3, 2, 65_535)


def test_no_value_that_is_left_is_one_sentence(monkeypatch):
    monkeypatch.setattr("napari_geolabel.ontology.merging.MAX_MASK_VALUE", 2)
    with pytest.raises(OntologyError, match="all mask values up to 2 are taken"):
        add_missing(ontology_of(cls("ship", 1), cls("quay", 2)), ontology_of(cls("dock", 1)))

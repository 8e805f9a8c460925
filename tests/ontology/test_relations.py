"""Relations of an ontology, and the pictures that its classes name."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Ontology, dumps, load_ontology, loads

CLASSES = (
    {"id": "ship", "name": "Ship", "color": "#ff0000", "kinds": ("box",)},
    {"id": "dock", "name": "Dock", "color": "#00ff00", "kinds": ("box",)},
)
TOWED = {"id": "towed_by", "name": "towed by", "from_classes": ("ship",), "to_classes": ("ship",)}


def harbour(*relations, classes=CLASSES):
    return Ontology(id="harbour", name="Harbour", version="1", classes=classes, relations=relations)


def test_relations_are_read_and_written_with_the_ontology():
    known = harbour(TOWED, {"id": "near", "name": "near"})
    again = loads(dumps(known))
    assert again == known
    assert [relation.id for relation in again.relations] == ["towed_by", "near"]


def test_an_ontology_without_relations_keeps_its_hash():
    plain = Ontology(id="harbour", name="Harbour", version="1", classes=CLASSES)
    assert "relations" not in plain.to_dict()
    assert "examples" not in plain.to_dict()["classes"][0]


def test_a_relation_says_why_it_cannot_link_two_classes():
    towed, near = harbour(TOWED, {"id": "near", "name": "near"}).relations
    assert towed.why_not("ship", "ship") == ""
    assert towed.why_not("dock", "ship") == "towed by leads from ship, not from dock"
    assert towed.why_not("ship", "dock") == "towed by leads to ship, not to dock"
    assert near.why_not("dock", "ship") == ""


@pytest.mark.parametrize(
    ("relations", "sentence"),
    [
        ((TOWED, TOWED), 'relations[1].id: "towed_by" stands twice'),
        (({**TOWED, "to_classes": ("tug",)},), 'relations[0].to_classes[0]: "tug" is not a class'),
        (({**TOWED, "from_classes": ("ship", "ship")},), 'relations[0].from_classes[1]: "ship" stands twice'),
    ],
)
def test_a_wrong_relation_is_refused_with_its_place(relations, sentence):
    with pytest.raises(OntologyError) as refused:
        harbour(*relations)
    assert sentence in str(refused.value)


def test_the_harbour_template_links_barges_wakes_and_berths():
    maritime = load_ontology("maritime")
    assert [relation.id for relation in maritime.relations] == ["towed_by", "moored_at", "wake_of", "point_of"]


@pytest.mark.parametrize("name", ["ship.jpg", "Ship from above (2).PNG", "größe.jpeg"])
def test_pictures_are_named_without_folders(name):
    assert harbour(classes=({**CLASSES[0], "examples": (name,)},)).classes[0].examples == (name,)


@pytest.mark.parametrize("name", ["../ship.jpg", "a/b.png", "C:\\ship.png", "ship.svg", ".png", "http://x.y/z.png"])
def test_a_picture_elsewhere_or_of_another_kind_is_refused(name):
    with pytest.raises(OntologyError, match="is not the name of a picture"):
        harbour(classes=({**CLASSES[0], "examples": (name,)},))

"""Each question that labels answer is known by the hash that the exported ontology has for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option, load_ontology
from napari_geolabel.ontology.exchange.encord import object_hash, structure_of
from napari_geolabel.ontology.exchange.encord_hashes import Question, questions_of, scene_questions_of

LIT = Attribute(id="lit", name="Lit", type="boolean")
LOAD = Attribute(
    id="load", name="Load", type="checklist", options=(Option(id="oil", name="Oil"), Option(id="ore", name="Ore"))
)
SORT = Attribute(
    id="sort",
    name="Sort",
    type="radio",
    external_id="fromEnc1",
    options=(Option(id="merchant", name="Merchant", attributes=(LOAD,)), Option(id="other", name="Other")),
)
SHIP = LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box", "polygon"), attributes=(SORT, LIT))
HARBOUR = Ontology(id="h", name="H", version="1", classes=(SHIP,), scene_attributes=(LIT,))


def nodes(attributes: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield name and hash of every attribute and option of a structure."""
    for attribute in attributes:
        yield attribute["name"], attribute["featureNodeHash"]
        for option in attribute.get("options", []):
            yield option["label"], option["featureNodeHash"]
            yield from nodes(option.get("options", []))


def asked(questions: Iterable[Question]) -> Iterator[tuple[str, str]]:
    """Yield the same of questions."""
    for question in questions:
        yield question.attribute.name, question.hash
        yield from question.options.values()


@pytest.mark.parametrize("template", ["maritime", "clouds", "landcover"])
def test_hashes_are_those_of_the_ontology_that_is_exported(template):
    ontology = load_ontology(template)
    objects = {each["featureNodeHash"]: each for each in structure_of(ontology)["objects"]}
    for label_class in ontology.classes:
        for kind in label_class.kinds:
            written = objects.pop(object_hash(ontology, label_class, kind))
            assert sorted(asked(questions_of(ontology, label_class, kind))) == sorted(
                nodes(written.get("attributes", []))
            )
    assert objects == {}


def test_what_encord_called_a_question_stays_with_the_first_kind_alone():
    first, second = (questions_of(HARBOUR, SHIP, kind)[0].hash for kind in (Kind.BOX, Kind.POLYGON))
    assert first == "fromEnc1"
    assert second != first


def test_a_question_under_an_option_is_asked_where_that_is_chosen():
    questions = {each.attribute.id: each for each in questions_of(HARBOUR, SHIP, Kind.BOX)}
    assert list(questions) == ["sort", "load", "lit"], "what leads to a question comes before it"
    load = questions["load"]
    assert load.under == ("sort", "merchant")
    assert load.is_asked({"sort": "merchant"})
    assert not load.is_asked({"sort": "other"})
    assert not load.is_asked({})
    assert questions["lit"].is_asked({})


def test_yes_and_no_are_the_options_of_a_boolean():
    options = questions_of(HARBOUR, SHIP, Kind.BOX)[-1].options
    assert {key: name for key, (name, _) in options.items()} == {"yes": "Yes", "no": "No"}
    assert len({made for _, made in options.values()}) == 2


def test_attributes_of_the_scene_are_classifications_with_a_hash_of_their_own():
    (written,) = structure_of(HARBOUR)["classifications"]
    ((key, (root, questions)),) = scene_questions_of(HARBOUR).items()
    assert (key, root) == ("lit", written["featureNodeHash"])
    assert sorted(asked(questions)) == sorted(nodes(written["attributes"]))


def test_questions_of_one_id_under_several_options_are_each_their_own():
    maritime = load_ontology("maritime")
    ship = maritime["ship"]
    types = [each for each in questions_of(maritime, ship, ship.kinds[0]) if each.attribute.id == "type"]
    assert len({each.hash for each in types}) == len(types) > 2
    for question in types:
        assert [each for each in types if each.is_asked({"category": question.under[1]})] == [question]

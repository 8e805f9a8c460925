"""The JSON Schema takes what the loader takes, and marks what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.files import FORMAT_VERSION, HEAD, dumps, load_ontology, loads, template_names
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology
from napari_geolabel.ontology.schema import ontology_schema
from napari_geolabel.samples import sample_path

PUBLISHED = Path(__file__).parents[2] / "docs" / "ontology.schema.json"


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema")  # comes with napari
    jsonschema.Draft202012Validator.check_schema(ontology_schema())
    return jsonschema.Draft202012Validator(ontology_schema())


def plain(ontology):
    return json.loads(dumps(ontology, syntax="json"))


def test_the_published_schema_is_the_one_of_the_code():
    assert json.loads(PUBLISHED.read_text("utf-8")) == ontology_schema(), "geolabel ontology schema -o docs/..."


def test_every_template_and_sample_passes(validator):
    for name in (*template_names(), sample_path("coast_ontology.yaml")):
        assert list(validator.iter_errors(plain(load_ontology(name)))) == []


def test_every_field_has_its_description():
    schema = ontology_schema()
    models = {"LabelClass": LabelClass, "Attribute": Attribute}
    for properties, model in (
        (schema["properties"], Ontology),
        *((schema["$defs"][n]["properties"], m) for n, m in models.items()),
    ):
        for field in model.model_fields:
            assert properties[field].get("description"), f"{model.__name__}.{field}"
    assert schema["properties"][HEAD]["const"] == FORMAT_VERSION


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("color", "red"),
        ("id", "Not An Id"),
        ("hotkey", "z"),
        ("kinds", ["circle"]),
        ("mask_value", 0),
        ("mask_value", 70000),
        ("colour", "#ffffff"),
        ("name", ""),
    ],
)
def test_a_slip_is_marked_by_the_schema_and_refused_by_the_loader(validator, place, value):
    wrong = plain(load_ontology("maritime"))
    assert list(validator.iter_errors(wrong)) == []
    wrong["classes"][0][place] = value
    assert list(validator.iter_errors(wrong))
    with pytest.raises(OntologyError):
        loads(json.dumps(wrong), syntax="json")

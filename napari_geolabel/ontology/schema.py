"""The JSON Schema of ontology files, with which editors complete fields and mark slips while they are typed."""

from __future__ import annotations

from typing import Any

from napari_geolabel.ontology.files import FORMAT_VERSION, HEAD
from napari_geolabel.ontology.model import Ontology

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def ontology_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an ontology file, YAML or JSON.

    It says what stands where.  What must agree between places, such as a value
    that no two classes may share, is checked when the file is loaded
    (``geolabel ontology check``).
    """
    schema = Ontology.model_json_schema()
    head = {
        "const": FORMAT_VERSION,
        "description": "Version of this format; the first line.",
    }
    return {
        "$schema": DIALECT,
        **schema,
        "title": "napari-geolabel ontology",
        "properties": {HEAD: head, **schema["properties"]},
        "required": [HEAD, *schema["required"]],
    }

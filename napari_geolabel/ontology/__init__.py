"""The ontology: classes, attributes, their files and the templates that come with the package.

Read ``model.py`` first.
"""

from napari_geolabel.ontology.answers import check_value
from napari_geolabel.ontology.fields import HOTKEYS, make_id
from napari_geolabel.ontology.files import dumps, load_ontology, loads, save_ontology, template_names
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option, all_attributes
from napari_geolabel.ontology.relations import Relation
from napari_geolabel.ontology.values import (
    applicable_attributes,
    check_attributes,
    defaults,
    missing_required,
    with_answers,
)

__all__ = [
    "HOTKEYS",
    "Attribute",
    "Kind",
    "LabelClass",
    "Ontology",
    "Option",
    "Relation",
    "all_attributes",
    "applicable_attributes",
    "check_attributes",
    "check_value",
    "defaults",
    "dumps",
    "load_ontology",
    "loads",
    "make_id",
    "missing_required",
    "save_ontology",
    "template_names",
    "with_answers",
]

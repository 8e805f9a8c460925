"""The flat columns of ``schema.py`` for tables, made one by one: many annotations, and no mapping for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.annotations.links import links_text
from napari_geolabel.formats.measures import measures_of
from napari_geolabel.formats.schema import LINK_COLUMNS, column_names, flat_answer, plain_answer, time_text
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Ontology, all_attributes


def flat_columns(annotations: Sequence[Annotation], ontology: Ontology, grid: GeoGrid) -> dict[str, list[Any]]:
    """Return the flat columns of n annotations, each a list of n JSON values, None for what there is not.

    They are the values of :func:`~napari_geolabel.formats.schema.rows_of`,
    in the order of `column_names`, the links last where there are any.

    Parameters
    ----------
    annotations
        n annotations.
    ontology
        Gives names, mask values and the attributes of each class.
    grid
        Measures; without a georeference all sizes are None.
    """
    classes = {each: ontology[each] for each in dict.fromkeys(a.class_id for a in annotations)}
    class_ids = [a.class_id for a in annotations]
    heads = {each: (cls.name, cls.mask_value) for each, cls in classes.items()}
    found: dict[str, list[Any]] = {
        "id": [a.id for a in annotations],
        "class_id": class_ids,
        "class_name": [heads[each][0] for each in class_ids],
        "class_value": [heads[each][1] for each in class_ids],
        "kind": [str(a.kind) for a in annotations],
        **measures_of(annotations, grid, None),
        "confidence": [a.confidence for a in annotations],
        "status": [str(a.status) for a in annotations],
        **_provenance([a.provenance for a in annotations]),
        **_answers(annotations, class_ids, ontology),
        "attributes": [{key: plain_answer(value) for key, value in a.attributes.items()} for a in annotations],
    }
    columns = {name: found[name] for name in column_names(ontology)}
    if any(a.links or a.group for a in annotations):
        linked = [a.group for a in annotations], [links_text(a) for a in annotations]
        columns |= dict(zip(LINK_COLUMNS, linked, strict=True))
    return columns


def _provenance(made: Sequence[Provenance]) -> dict[str, list[Any]]:
    """Return the columns that say how annotations were made."""
    columns: dict[str, list[Any]] = {
        name: [getattr(each, name) for each in made]
        for name in ("source", "annotator", "tool", "composite", "ground_resolution_m")
    }
    return columns | {
        "created": [time_text(each.created) for each in made],
        "updated": [time_text(each.updated) for each in made],
    }


def _answers(annotations: Sequence[Annotation], class_ids: Sequence[str], ontology: Ontology) -> dict[str, list[Any]]:
    """Return the column of each attribute of the ontology, filled where the class of an annotation asks for it."""
    asking: dict[str, set[str]] = {}
    for cls in ontology.classes:
        for attribute in all_attributes(cls.attributes):
            asking.setdefault(attribute.id, set()).add(cls.id)
    given, named = [a.attributes for a in annotations], set(class_ids)
    columns = {}
    for attribute_id, asked_by in asking.items():
        values = [each.get(attribute_id) for each in given]
        if not named <= asked_by:
            pairs = zip(values, class_ids, strict=True)
            values = [value if class_id in asked_by else None for value, class_id in pairs]
        if {tuple, list} & set(map(type, values)):
            values = [flat_answer(value) for value in values]
        columns[f"attr_{attribute_id}"] = values
    return columns

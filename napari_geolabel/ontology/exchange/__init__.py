"""Ontologies of other programs, read and written: one module per format, and a registry of them.

Read ``registry.py`` first.
"""

from napari_geolabel.ontology.exchange.registry import (
    ONTOLOGY_FORMATS,
    OntologyFormat,
    ReadOntology,
    export_ontology,
    read_ontology,
)

__all__ = ["ONTOLOGY_FORMATS", "OntologyFormat", "ReadOntology", "export_ontology", "read_ontology"]

"""What the classes of an ontology look like in each band, gathered from existing labels."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.imagery.spectrum import Spectrum, areas_spectrum
from napari_geolabel.labels.labels import Labels


def class_areas(labels: Labels) -> dict[str, list[BaseGeometry]]:
    """Return the annotations of each class, id of the class → geometries in pixel coordinates.

    Classes come in the order of the ontology; those without an annotation are
    left out. To be called where labels are edited; what is returned may be
    read on any thread.
    """
    found: dict[str, list[BaseGeometry]] = {label_class.id: [] for label_class in labels.ontology.classes}
    for annotation in labels.store.values():
        found.setdefault(annotation.class_id, []).append(annotation.geometry)
    return {class_id: geometries for class_id, geometries in found.items() if geometries}


def class_spectra(labels: Labels) -> dict[str, Spectrum]:
    """Return mean and spread of each class over all its annotations, id of the class → spectrum.

    All valid full-resolution pixels inside the annotations count, read block
    by block; on many large annotations this takes its time.  Classes without an
    annotation on the scene are left out.
    """
    found = {}
    for class_id, geometries in class_areas(labels).items():
        try:
            found[class_id] = areas_spectrum(labels.scene, geometries, labels.ontology[class_id].name)
        except GeometryError:
            continue  # none on the scene
    return found

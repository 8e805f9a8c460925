"""What the classes of an ontology look like in each band, gathered from existing labels."""

from __future__ import annotations

from napari_geolabel.errors import GeometryError
from napari_geolabel.imagery.spectrum import Spectrum, areas_spectrum
from napari_geolabel.labels.labels import Labels


def class_spectra(labels: Labels) -> dict[str, Spectrum]:
    """Return mean and spread of each class over all its annotations, id of the class → spectrum.

    All valid full-resolution pixels inside the annotations count, read block
    by block; on many large annotations this takes its time.  Classes without an
    annotation on the scene are left out.
    """
    found = {}
    for label_class in labels.ontology.classes:
        annotations = (annotation for annotation in labels.store.values() if annotation.class_id == label_class.id)
        try:
            found[label_class.id] = areas_spectrum(
                labels.scene, (annotation.geometry for annotation in annotations), label_class.name
            )
        except GeometryError:
            continue  # no annotation, or none on the scene
    return found

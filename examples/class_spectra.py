"""What classes look like in each band, and what they resemble: ``python class_spectra.py SCENE LABELS OUT.csv``."""

from __future__ import annotations

import sys

import numpy as np

import napari_geolabel as geolabel
from napari_geolabel.imagery.spectrum import Spectrum, write_spectra
from napari_geolabel.labels.spectra import class_spectra


def angle(one: Spectrum, other: Spectrum) -> float:
    """Return the spectral angle between two spectra in degrees; brightness does not count."""
    a, b = np.array(one.mean), np.array(other.mean)
    known = ~np.isnan(a) & ~np.isnan(b)
    cosine = a[known] @ b[known] / (np.linalg.norm(a[known]) * np.linalg.norm(b[known]))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def main(scene_path: str, labels_path: str, out: str) -> None:
    """Write the spectra, and print the library curve that each is nearest to."""
    with geolabel.open_scene(scene_path) as scene:
        labels = geolabel.open_labels(scene=scene, ontology="maritime")
        labels.import_from(labels_path, make_classes=True)
        found = class_spectra(labels)
        write_spectra(out, list(found.values()))
        library = {curve.title: curve.at(scene.bands) for curve in geolabel.spectral_library().values()}
        for spectrum in found.values():
            angles = {title: angle(spectrum, curve) for title, curve in library.items()}
            nearest = min(angles, key=lambda title: angles[title])
            print(f"{spectrum.title}: {nearest.lower()}, {angles[nearest]:.0f} degrees")


if __name__ == "__main__":
    main(*sys.argv[1:4])

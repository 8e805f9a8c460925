"""The spectrum of a class is that of all pixels inside its annotations."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import napari_geolabel as geolabel
from napari_geolabel.labels.spectra import class_spectra
from napari_geolabel.samples import sample_path


@pytest.fixture
def labels():
    with geolabel.open_scene(sample_path("coast.tif")) as scene:
        yield geolabel.open_labels(scene=scene, ontology="clouds")


def test_each_class_has_the_mean_of_its_pixels_and_no_other_has_a_curve(labels):
    labels.add(shapely.box(10, 20, 30, 60), "thick_cloud")
    labels.add(shapely.box(100, 100, 130, 110), "thick_cloud")
    labels.add(shapely.box(300, 300, 304, 304), "cloud_shadow")
    found = class_spectra(labels)
    assert list(found) == ["thick_cloud", "cloud_shadow"]
    values = labels.scene.read("red", reflectance=True)[0].astype(float)
    inside = np.ma.concatenate([values[20:60, 10:30].ravel(), values[100:110, 100:130].ravel()]).compressed()
    place = labels.scene.bands.find("red").index
    assert found["thick_cloud"].title == labels.ontology["thick_cloud"].name
    assert found["thick_cloud"].count[place] == inside.size
    assert found["thick_cloud"].mean[place] == pytest.approx(inside.mean(), rel=1e-6)
    assert found["thick_cloud"].std[place] == pytest.approx(inside.std(), rel=1e-5)


def test_labels_without_annotations_have_no_curves(labels):
    assert class_spectra(labels) == {}

"""Annotations where a scene has no data: far from holes, in them, across their edge."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation, AnnotationStore
from napari_geolabel.annotations import nodata as nodata_module
from napari_geolabel.annotations.nodata import NodataShare
from napari_geolabel.annotations.problems import find_problems
from napari_geolabel.imagery import open_scene
from napari_geolabel.ontology import load_ontology


@pytest.fixture
def swath(tmp_path):
    """A scene of 400 x 600 pixels whose left 200 columns have no data in either band."""
    pixels = np.full((2, 400, 600), 7, np.uint16)
    pixels[:, :, :200] = 0
    pixels[0, :, 500:] = 0  # the other band has data there
    profile = {"driver": "GTiff", "count": 2, "dtype": "uint16", "height": 400, "width": 600, "nodata": 0}
    path = tmp_path / "swath.tif"
    with rasterio.open(path, "w", **profile, crs="EPSG:32633", transform=Affine(10, 0, 5e5, 0, -10, 4e6)) as out:
        out.write(pixels)
    with open_scene(path, bands=["red", "nir"]) as scene:
        yield scene


@pytest.mark.parametrize("coarse_px", [1024, 100])
def test_shares_are_those_of_the_pixels(swath, monkeypatch, coarse_px):
    monkeypatch.setattr(nodata_module, "COARSE_PX", coarse_px)
    shapes = [
        shapely.box(300, 100, 340, 140),
        shapely.box(20, 100, 60, 140),
        shapely.box(180, 100, 220, 140),
        shapely.box(520, 10, 540, 20),
        shapely.Point(10.5, 10.5),
        shapely.Point(300.5, 10.5),
        shapely.LineString([(10, 10), (300, 10)]),
        shapely.box(100.2, 100.2, 100.4, 100.4),
        shapely.box(-50, 10, -20, 40),
        shapely.box(0, 0, 600, 400),
    ]
    shares = NodataShare(swath)(np.array(shapes, object))
    assert shares == pytest.approx([0, 1, 0.5, 0, 1, 0, 0.5, 1, 0, 1 / 3], abs=0.02)


def test_what_lies_mostly_on_no_data_is_a_warning_that_says_how_much(swath):
    ontology = load_ontology("clouds")
    shapes = [shapely.box(20, 100, 60, 140), shapely.box(150, 10, 210, 30), shapely.box(190, 100, 240, 140)]
    annotations = [Annotation(class_id="thick_cloud", kind="polygon", geometry=shape) for shape in shapes]
    store = AnnotationStore(ontology, annotations)
    told = [p for p in find_problems(store, swath.grid, NodataShare(swath)) if p.rule == "nodata"]
    assert [p.annotation_id for p in told] == [annotations[0].id, annotations[1].id]
    assert told[1].message == ("the thick_cloud lies on pixels without data (83% of it); remove it or move it")
    assert told[0].severity == "warning"
    assert not [p for p in find_problems(store, swath.grid) if p.rule == "nodata"]


def test_a_scene_without_holes_is_read_once_and_small(tmp_path, write_scene, monkeypatch):
    with open_scene(write_scene(bands=("red",))) as scene:
        share, asked = NodataShare(scene), []
        read = scene.read
        monkeypatch.setattr(type(scene), "read", lambda self, *a, **k: asked.append(k) or read(*a, **k))
        many = np.array([shapely.box(i, i, i + 5, i + 5) for i in range(100)], object)
        assert not share(many).any()
        assert not share(many).any()
    assert len(asked) == 1

"""A reference mask of a real scene comes in, is edited as polygons, goes out, and differs only where it was edited."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from napari_geolabel import open_labels, open_scene, polygonize, rasterize
from napari_geolabel.formats import read_mask
from napari_geolabel.labels import Labels
from napari_geolabel.masks import Mask, difference
from napari_geolabel.ontology import LabelClass, Ontology

CLOUDS = Ontology(
    id="clouds",
    name="Clouds",
    version="1",
    classes=(LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=1, kinds=("polygon", "box")),),
)
"""Clouds that are drawn and not painted, so that a mask comes in as polygons."""


@pytest.fixture
def reference(shared_data: Path) -> Path:
    return shared_data / "s2cloudless" / "s2cloudless_cl_mask_reference.tif"


@pytest.fixture
def labels(shared_data: Path, reference: Path) -> Labels:
    """The reference mask of the Betsiboka scene, as polygons."""
    labels = open_labels(scene=open_scene(next((shared_data / "s2cloudless").glob("S2*.tif"))), ontology=CLOUDS)
    labels.import_from(reference, class_map={1: "cloud"})
    return labels


def test_only_what_was_edited_differs(labels: Labels, reference: Path, tmp_path: Path) -> None:
    before = read_mask(reference, CLOUDS)
    assert len(labels) > 10
    assert np.array_equal(rasterize(labels).array, before.array), "in and out again without an edit"

    largest = max(labels, key=lambda each: labels[each].geometry.area)
    smallest = min(labels, key=lambda each: labels[each].geometry.area)
    hole = shapely.Point(shapely.point_on_surface(labels[largest].geometry)).buffer(0.9)
    labels.update(largest, geometry=labels[largest].geometry.difference(hole))
    removed = labels[smallest].geometry
    labels.remove(smallest)
    added = shapely.box(3.25, 4.5, 9.75, 11.25).difference(
        shapely.union_all([a.geometry for a in labels.store.values()])
    )
    labels.add(shapely.box(3.25, 4.5, 9.75, 11.25), "cloud")
    labels.export(tmp_path / "edited.tif")

    after = read_mask(tmp_path / "edited.tif", CLOUDS)
    changes, found = difference(before, after)
    assert 0 < np.count_nonzero(changes.array) == sum(each.pixels for each in found[1:])
    edited = shapely.union_all([hole, removed, added])
    rows, cols = np.nonzero(changes.array)
    assert shapely.contains_xy(edited, cols + 0.5, rows + 0.5).all()
    assert {each.name for each in found[1:]} <= {"Cloud → unlabelled", "unlabelled → Cloud"}


def test_its_polygons_burn_to_it_again(reference: Path) -> None:
    before = read_mask(reference, CLOUDS)
    for connectivity in (4, 8):
        frame = polygonize(before, ontology=CLOUDS, connectivity=connectivity)
        again: Mask = rasterize(frame, grid=before.grid, ontology=CLOUDS)
        assert np.array_equal(again.array, before.array)

"""Skeletons by script: keypoints in one group, as one change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import GeometryError, OntologyError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology.kinds import Kind

COAST = Path(__file__).parents[2] / "sample_data" / "coast.tif"


@pytest.fixture
def ships(tmp_path):
    """Labels of the coast in a file, with ships that have bow and stern."""
    labels = open_labels(tmp_path / "s.labels.gpkg", scene=open_scene(COAST), ontology="maritime")
    yield labels
    labels.close()


def test_points_get_the_classes_that_name_them_and_one_group(ships):
    bow, stern = ships.add_skeleton("ship", [(10.5, 20.5), (40, 22)])
    assert [(each.class_id, each.kind) for each in (bow, stern)] == [("bow", Kind.KEYPOINT), ("stern", Kind.KEYPOINT)]
    assert bow.geometry.equals(shapely.Point(10.5, 20.5))
    assert bow.group == stern.group
    assert ships.members(bow.group) == [bow.id, stern.id]
    assert ships.store.undo_titles == ["draw skeleton of ship"]
    ships.undo()
    assert len(ships) == 0
    ships.redo()
    assert ships[bow.id] == bow
    other, _ = ships.add_skeleton("ship", [(10, 20), (30, 22)])
    assert other.group != bow.group


def test_points_may_be_map_coordinates(ships):
    place = ships.scene.grid.pixel_to_map(np.array([(10.0, 20.0), (40.0, 22.0)]))
    bow, _ = ships.add_skeleton("ship", place, crs=ships.scene.grid.crs)
    assert (bow.geometry.x, bow.geometry.y) == pytest.approx((10, 20))


def test_the_group_comes_back_from_the_file(ships, tmp_path):
    bow, stern = ships.add_skeleton("ship", [(10, 20), (40, 22)])
    ships.close()
    again = open_labels(tmp_path / "s.labels.gpkg", scene=open_scene(COAST), ontology="maritime")
    assert again[bow.id].group == again[stern.id].group == bow.group
    again.close()


def test_too_many_or_too_few_points_and_classes_without_are_refused(ships):
    with pytest.raises(GeometryError, match=r"has 2 points \(bow, stern\); give no more"):
        ships.add_skeleton("ship", [(1, 1), (2, 2), (3, 3)])
    with pytest.raises(GeometryError, match="needs two points"):
        ships.add_skeleton("ship", [(1, 1), (np.nan, np.nan)])
    with pytest.raises(OntologyError, match="no named points"):
        ships.add_skeleton("wake", [(1, 1), (2, 2)])
    assert len(ships) == 0

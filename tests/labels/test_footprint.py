"""Of a map that reaches beyond the scene only what falls on it comes in, and the report says so."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.outside import on_scene
from napari_geolabel.geo import LONLAT
from napari_geolabel.labels.importing import finish_import, import_order, prepare_import
from napari_geolabel.masks import Watch

INSIDE, ACROSS, BESIDE = shapely.box(10, 10, 30, 20), shapely.box(-5, 10, 5, 20), shapely.box(-900, 10, -800, 20)
TOLD = "of 3 features lie outside the scene's footprint and were left out"


@pytest.fixture
def file_of(tmp_path, scene):
    """Return a function that writes boxes of pixels as a foreign file of longitude and latitude."""

    def made(*shapes, word="ship"):
        mapped = shapely.transform(np.array(shapes), scene.grid.pixel_to_lonlat)
        features = [
            {"type": "Feature", "properties": {"class": word}, "geometry": shapely.geometry.mapping(each)}
            for each in mapped
        ]
        path = tmp_path / "map.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return path

    return made


def test_what_touches_the_scene_comes_in_and_the_rest_is_told_of(labels, file_of):
    report = labels.import_from(file_of(INSIDE, ACROSS, BESIDE))
    assert report.imported == len(labels) == 2
    assert any(f"1 {TOLD}" in note for note in report.notes)


def test_all_comes_in_where_that_is_asked(labels, file_of):
    report = labels.import_from(file_of(INSIDE, ACROSS, BESIDE), outside="keep")
    assert report.imported == 3
    assert not any("left out" in note for note in report.notes)


def test_where_nothing_falls_on_the_scene_all_comes_in_with_advice(labels, file_of):
    report = labels.import_from(file_of(BESIDE))
    assert report.imported == 1
    assert any("outside the scene" in note for note in report.notes)


def test_our_own_file_of_this_scene_comes_back_whole(labels, ontology, tmp_path, scene):
    from napari_geolabel.labels import open_labels

    labels.add(BESIDE, "ship")
    labels.add(INSIDE, "ship")
    labels.export(tmp_path / "ours.geojson")
    again = open_labels(None, scene=scene, ontology=ontology)
    assert again.import_from(tmp_path / "ours.geojson").imported == 2
    again.close()


def test_what_the_scene_s_projection_has_no_place_for_lies_outside(scene):
    far = np.array([shapely.Point(scene.grid.pixel_to_lonlat([[5, 5]])[0]), shapely.Point(-165, -89.9)], object)
    assert on_scene(far, LONLAT, scene.grid).tolist() == [True, False]
    assert on_scene(far[:0], LONLAT, scene.grid).tolist() == []


def test_features_of_pixels_are_never_cut(scene):
    columns = LabelColumns.from_rows(np.array([BESIDE, INSIDE], object), [{}, {}], crs=None, name="a", where=["1", "2"])
    assert columns.on_scene(scene.grid) is columns


def test_preparing_changes_nothing_and_finishing_is_one_change(labels, file_of):
    told = []
    order = import_order(file_of(INSIDE, ACROSS, BESIDE), status="suggested")
    prepared = prepare_import(labels, order, Watch(progress=told.append))
    assert len(labels) == 0
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert finish_import(labels, prepared).imported == 2
    assert {labels[each].status for each in labels} == {"suggested"}
    labels.undo()
    assert len(labels) == 0
    assert not labels.store.can_undo


def test_a_cancelled_preparation_leaves_everything_as_it_was(labels, file_of):
    from napari_geolabel.errors import CancelledError

    with pytest.raises(CancelledError, match="nothing was changed"):
        prepare_import(labels, import_order(file_of(INSIDE)), Watch(cancelled=lambda: True))
    assert len(labels) == 0

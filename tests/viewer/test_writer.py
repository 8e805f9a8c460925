"""What Save writes is what the layer shows, from the labels and not from napari's float32 view."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError
from napari_geolabel.viewer.writer import write_annotations, write_layers, write_mask_layer

THIRD = 1 / 3
SHIP = shapely.Polygon([(10 + THIRD, 10.1), (40.7, 10.1), (40.7, 30.9), (10 + THIRD, 30.9)])


@pytest.fixture
def filled(session):
    session.labels.add(SHIP, "ship", kind="box")
    session.labels.add(shapely.Polygon([(100, 100), (150, 100), (120, 160)]), "cloud")
    session.labels.add(shapely.Point(70, 80), "bow")
    session.labels.paint(shapely.box(200, 200, 230, 240), "cloud")
    return session


def saved(layer):
    return layer.as_layer_data_tuple()


def features(path):
    from napari_geolabel.formats.geojson import read_geojson

    return read_geojson(path)


def test_shapes_write_boxes_and_polygons_and_no_keypoints(filled, tmp_path):
    path = str(tmp_path / "out.geojson")
    data, attributes, _ = saved(filled.shapes_layer)
    assert write_annotations(path, data, attributes) == [path]
    assert sorted(features(path).class_ids) == ["cloud", "ship"]


def test_points_write_keypoints_alone(filled, tmp_path):
    path = str(tmp_path / "out.geojson")
    data, attributes, _ = saved(filled.points_layer)
    write_annotations(path, data, attributes)
    assert features(path).class_ids == ["bow"]


def test_saving_all_layers_writes_every_annotation(filled, tmp_path):
    path = str(tmp_path / "out.geojson")
    assert write_layers(path, [saved(layer) for layer in filled.viewer.layers]) == [path]
    assert sorted(features(path).class_ids) == ["bow", "cloud", "ship"]


def test_the_geometry_keeps_every_bit_that_the_layer_has_lost(filled, tmp_path):
    path = str(tmp_path / "out.geojson")
    write_layers(path, [saved(layer) for layer in filled.viewer.layers])
    again = filled.labels.__class__(filled.scene, filled.labels.ontology)
    again.import_from(path)
    ship = next(again[i] for i in again if again[i].class_id == "ship")
    assert shapely.to_wkb(ship.geometry) == shapely.to_wkb(SHIP)


def test_a_geopackage_is_written_by_its_suffix(filled, tmp_path):
    path = tmp_path / "out.gpkg"
    data, attributes, _ = saved(filled.shapes_layer)
    write_annotations(str(path), data, attributes)
    assert path.read_bytes()[:15] == b"SQLite format 3"


def test_the_mask_layer_writes_what_is_painted(filled, tmp_path):
    from napari_geolabel.formats.mask_geotiff import read_mask

    path = str(tmp_path / "mask.tif")
    data, attributes, _ = saved(filled.mask_layer)
    assert write_mask_layer(path, data, attributes) == [path]
    mask = read_mask(path, filled.labels.ontology)
    np.testing.assert_array_equal(mask.array, filled.labels.canvas.array)
    assert mask.grid.transform == filled.scene.grid.transform


def test_everything_saved_is_nothing_unsaved(filled, tmp_path):
    assert filled.labels.unsaved
    write_layers(str(tmp_path / "out.geojson"), [saved(layer) for layer in filled.viewer.layers])
    assert filled.labels.unsaved, "the mask is not in the GeoJSON"
    data, attributes, _ = saved(filled.mask_layer)
    write_mask_layer(str(tmp_path / "mask.tif"), data, attributes)
    assert not filled.labels.unsaved


def test_a_part_saved_leaves_the_rest_unsaved(filled, tmp_path):
    data, attributes, _ = saved(filled.points_layer)
    write_annotations(str(tmp_path / "out.geojson"), data, attributes)
    assert filled.labels.unsaved


@pytest.mark.parametrize("write", [write_annotations, write_mask_layer])
def test_a_layer_that_is_not_ours_is_refused_in_one_sentence(viewer, tmp_path, write):
    layer = viewer.add_shapes([[(0, 0), (0, 5), (5, 5), (5, 0)]], name="mine")
    data, attributes, _ = saved(layer)
    with pytest.raises(GeoLabelError, match="the layer mine belongs to no labelling session"):
        write(str(tmp_path / "out.geojson"), data, attributes)
    assert not (tmp_path / "out.geojson").exists()


def test_saving_layers_none_of_which_is_ours_is_refused(viewer, tmp_path):
    layer = viewer.add_points([(1, 1)], name="mine")
    with pytest.raises(GeoLabelError, match="mine"):
        write_layers(str(tmp_path / "out.geojson"), [saved(layer)])


def test_a_refusal_is_an_error_that_napari_passes_on(filled, tmp_path, monkeypatch):
    """napari takes a ValueError from a writer for "no plugin can write this" and drops its sentence."""
    path = tmp_path / "out.geojson"

    def refuse(*args, **kwargs):
        raise NotGeoreferencedError("the scene is not georeferenced")

    monkeypatch.setattr(type(filled.labels), "export", refuse)
    data, attributes, _ = saved(filled.shapes_layer)
    with pytest.raises(GeoLabelError, match="not georeferenced") as caught:
        write_annotations(str(path), data, attributes)
    assert not isinstance(caught.value, ValueError)
    assert not path.exists()

"""`annotate` without a window; with one it is in tests/gui."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError, MissingFileError, OntologyError
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.annotate import annotate


def test_it_takes_a_scene_and_the_name_of_a_template(viewer, scene):
    session = annotate(viewer, scene, "maritime")
    assert session.scene is scene
    assert session.labels.ontology.id == "maritime"
    assert find_session(viewer) is session
    session.close()


def test_or_a_path_and_an_ontology(viewer, write_scene, labels):
    session = annotate(viewer, write_scene(), labels.ontology)
    assert session.scene.name == "scene"
    session.close()


def test_labels_are_gone_on_with(viewer, scene, labels):
    labels.add(shapely.box(0, 0, 9, 9), "ship")
    session = annotate(viewer, scene, labels.ontology, labels=labels)
    assert session.labels is labels
    assert len(session.shapes_layer.data) == 1
    session.close()


def test_labels_of_another_scene_are_refused(viewer, write_scene, labels):
    other = write_scene(name="other.tif")
    with pytest.raises(GeoLabelError, match="the labels are those of scene, not of other"):
        annotate(viewer, other, "maritime", labels=labels)
    assert len(viewer.layers) == 0


def test_a_viewer_labels_one_scene_at_a_time(viewer, scene):
    session = annotate(viewer, scene, "maritime")
    with pytest.raises(GeoLabelError, match="labelling already"):
        annotate(viewer, scene, "maritime")
    session.close()
    again = annotate(viewer, scene, "clouds")
    assert find_session(viewer) is again
    again.close()


def test_what_cannot_be_opened_leaves_the_viewer_as_it_was(viewer, scene, tmp_path):
    with pytest.raises(MissingFileError):
        annotate(viewer, tmp_path / "nothing.tif", "maritime")
    with pytest.raises((OntologyError, MissingFileError)):
        annotate(viewer, scene, "no such ontology")
    assert len(viewer.layers) == 0


def test_the_session_of_a_proxy_is_that_of_its_viewer(viewer, scene):
    from napari.utils._proxies import PublicOnlyProxy

    session = annotate(PublicOnlyProxy(viewer), scene, "maritime")
    assert session.viewer is viewer
    session.close()


def test_a_scene_without_a_place_on_earth_is_told(viewer, write_scene, told):
    from affine import Affine

    from napari_geolabel.geo.grid import GeoGrid

    path = write_scene(GeoGrid(shape=(64, 64), transform=Affine.identity(), crs=None), name="bare.tif")
    annotate(viewer, path, "maritime").close()
    assert told == ["bare is not georeferenced: labels stay in pixels, and map formats cannot be exported"]


def test_a_scene_layer_takes_up_the_sensor_that_the_label_file_remembers(viewer, write_scene, tmp_path, qtbot, told):
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.viewer.scene_layer import add_scene_layer, scene_layers
    from napari_geolabel.widgets.annotate import annotate

    path = write_scene(name="four.tif", bands=("band_1", "band_2", "band_3", "band_4"))
    with open_scene(path, sensor="planetscope_4") as named:
        open_labels(path.with_name("four.labels.gpkg"), scene=named, ontology="maritime").close()
    with open_scene(path) as scene:
        layer = add_scene_layer(viewer, scene)

        session = annotate(viewer, scene, "maritime")

        assert session.scene_layer is layer
        assert scene_layers(viewer) == [layer]
        assert session.scene.sensor.id == "planetscope_4"
        assert any("are read as planetscope_4" in line for line in told)
        session.close()

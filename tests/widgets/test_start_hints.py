"""What is said before labelling begins is true, and costs nothing."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_scene_labels, own_label_path
from napari_geolabel.ontology.files import load_ontology, save_ontology, template_names
from napari_geolabel.viewer.scene_layer import add_scene_layer
from napari_geolabel.widgets.start_hints import about_classes, about_place, foreign_picture


@pytest.mark.parametrize("name", template_names())
def test_each_template_is_told_by_its_first_classes(name):
    told = about_classes(name)
    names = [each.name for each in load_ontology(name).classes]
    assert told.startswith(", ".join(names[:6]))
    assert ("more" in told) == (len(names) > 6)
    assert "Alt+O" in told


def test_an_ontology_file_is_told_without_its_archived_classes(tmp_path):
    known = load_ontology("clouds")
    kept = known.model_copy(
        update={"classes": (known.classes[0], known.classes[1].model_copy(update={"archived": True}))}
    )
    save_ontology(kept, tmp_path / "mine.yaml")
    assert about_classes(str(tmp_path / "mine.yaml")).startswith("Clear. ")


def test_an_ontology_that_cannot_be_read_is_told_as_such(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("classes: 3")
    assert "wrong.yaml" in about_classes(str(path))
    assert "nothing.yaml" in about_classes(str(tmp_path / "nothing.yaml"))


def test_labels_lie_beside_the_scene_and_asking_makes_none(scene):
    assert about_place(scene) == "Labels are saved at once, in scene.labels.gpkg beside the scene."
    assert not own_label_path(scene).exists()


def test_labels_that_are_there_are_gone_on_with(scene):
    open_scene_labels(scene, "clouds").close()
    assert about_place(scene) == "Goes on with the labels and the classes in scene.labels.gpkg."


def test_those_of_a_sample_lie_in_the_state_folder_which_is_named(sample_data, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_scene(sample_data / "coast.tif") as coast:
        told = about_place(coast)
    assert str(tmp_path / "state") in told
    assert "beside" not in told


class TestForeignPictures:
    def test_a_picture_that_another_reader_made_of_a_scene_s_file_is_found(self, viewer, write_scene):
        path = write_scene(name="bay.tif")
        assert foreign_picture(viewer) is None
        (layer,) = viewer.open(path, plugin="napari", rgb=False)
        assert foreign_picture(viewer) == (layer, str(path))

    def test_scenes_arrays_and_pictures_of_other_files_are_not(self, viewer, scene, tmp_path):
        from napari_geolabel.imagery.render import write_png

        add_scene_layer(viewer, scene)
        viewer.add_image(np.zeros((8, 8)))
        picture = tmp_path / "photo.png"
        write_png(picture, np.zeros((8, 8, 4), "uint8"))
        viewer.open(picture, plugin="napari")
        assert foreign_picture(viewer) is None

    def test_nor_is_one_whose_file_is_gone(self, viewer, write_scene):
        path = write_scene(name="bay.tif")
        viewer.open(path, plugin="napari", rgb=False)
        path.unlink()
        assert foreign_picture(viewer) is None

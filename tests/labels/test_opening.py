"""Which label file is opened, and with which ontology."""

from __future__ import annotations

import shutil

import pytest
import shapely

from napari_geolabel.errors import FormatError, GeoLabelError, MissingFileError, OntologyError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.opening import open_scene_labels, own_label_path

BOX = shapely.box(10, 10, 30, 20)


def test_a_new_file_needs_an_ontology(scene, file_path) -> None:
    with pytest.raises(OntologyError, match="does not exist yet; name the ontology"):
        open_labels(file_path, scene=scene)
    assert not file_path.exists()


def test_labels_in_memory_need_one_too(scene) -> None:
    with pytest.raises(OntologyError, match="need an ontology"):
        open_labels(scene=scene)


def test_a_file_that_is_to_be_read_must_exist(scene, file_path) -> None:
    with pytest.raises(MissingFileError):
        open_labels(file_path, scene=scene, mode="r")


def test_what_is_no_label_file_is_refused_and_left_as_it_is(labels, scene, tmp_path) -> None:
    labels.add(BOX, "tug")
    plain = tmp_path / "plain.gpkg"
    labels.export(plain)
    before = plain.read_bytes()
    with pytest.raises(FormatError):
        open_labels(plain, scene=scene, mode="r")
    assert plain.read_bytes() == before


def test_the_name_of_a_template_and_a_text_path_do(scene, file_path) -> None:
    labels = open_labels(str(file_path), scene=scene, ontology="maritime")
    assert labels.ontology.id == "maritime"
    assert labels.path == file_path
    labels.close()


def test_another_ontology_replaces_the_files_own(open_kept, ontology) -> None:
    open_kept().close()
    more = ontology.with_classes(
        [*ontology.classes, ontology["tug"].model_copy(update={"id": "barge", "mask_value": 7})]
    )
    open_kept(ontology=more).close()
    assert "barge" in open_kept(ontology=None).ontology


def test_one_that_lacks_a_class_in_use_is_refused_and_the_file_keeps_its_own(open_kept, ontology, scene) -> None:
    labels = open_kept()
    labels.add(BOX, "tug")
    labels.close()

    with pytest.raises(GeoLabelError, match="tug"):
        open_kept(ontology="clouds")

    assert open_kept(ontology=None).ontology == ontology


def swapped(ontology):
    """Return the next version of an ontology, in which cloud and tug have each other's mask value."""
    values = {"cloud": 2, "tug": 9}
    classes = [c.model_copy(update={"mask_value": values.get(c.id, c.mask_value)}) for c in ontology.classes]
    return ontology.model_copy(update={"version": "1.1"}).with_classes(classes)


@pytest.mark.parametrize("mode", ["rw", "r"])
def test_one_in_which_painted_values_mean_something_else_is_refused(open_kept, ontology, mode) -> None:
    labels = open_kept()
    labels.paint(BOX, "cloud")
    labels.close()

    with pytest.raises(OntologyError, match=r"value 9 is painted as cloud, .* would mean tug .* successor of harbour"):
        open_kept(ontology=swapped(ontology), mode=mode)
    with pytest.raises(OntologyError, match=r"painted as cloud, .* would mean nothing in the ontology maritime"):
        open_kept(ontology="maritime", mode=mode)

    again = open_kept(ontology=None)
    assert (again.ontology, again.canvas.array[15, 15]) == (ontology, 9)


def test_a_file_whose_paint_would_mean_something_else_goes_on_with_its_own_ontology(scene, ontology) -> None:
    labels = open_scene_labels(scene, ontology)
    labels.paint(BOX, "cloud")
    labels.close()

    again = open_scene_labels(scene, swapped(ontology))
    assert again.ontology == ontology
    assert any("goes on with its own ontology: the mask value 9 is painted as cloud" in note for note in again.notes)
    again.close()


def test_the_file_of_a_scene_lies_beside_it(scene) -> None:
    labels = open_scene_labels(scene, "maritime")
    assert labels.path == scene.path.with_name("scene.labels.gpkg")
    labels.add(BOX, "ship", kind="box")
    labels.close()

    again = open_scene_labels(scene, "maritime")
    assert len(again) == 1
    assert again.notes == ()
    again.close()


def test_that_of_a_sample_lies_in_the_users_state_folder(sample_data, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_scene(sample_data / "harbour.tif") as scene:
        path = own_label_path(scene)
        assert path.is_relative_to(tmp_path / "state")
        assert path.parent.is_dir()
        labels = open_scene_labels(scene, "maritime")
        assert labels.path == path
        labels.close()
    assert not (sample_data / "harbour.labels.gpkg").exists()
    shutil.copy(sample_data / "harbour.tif", tmp_path)
    with open_scene(tmp_path / "harbour.tif") as copy:
        assert own_label_path(copy) == tmp_path / "harbour.labels.gpkg"


def test_a_file_that_exists_goes_on_with_its_own_ontology_and_says_so(scene) -> None:
    open_scene_labels(scene, "maritime").close()
    labels = open_scene_labels(scene, "clouds")
    assert labels.ontology.id == "maritime"
    assert any("goes on with its own ontology" in note for note in labels.notes)
    labels.close()


def test_a_newer_version_of_its_ontology_with_more_classes_is_taken(scene, ontology) -> None:
    open_scene_labels(scene, ontology).close()
    extra = ontology["tug"].model_copy(update={"id": "barge", "mask_value": 7})
    newer = ontology.model_copy(update={"version": "1.1"}).with_classes([*ontology.classes, extra])
    labels = open_scene_labels(scene, newer)
    assert "barge" in labels.ontology
    labels.close()

    older = open_scene_labels(scene, ontology)
    assert "barge" in older.ontology
    older.close()


def test_a_place_of_ones_own_is_taken(scene, tmp_path) -> None:
    (tmp_path / "work").mkdir()
    labels = open_scene_labels(scene, "maritime", path=tmp_path / "work" / "mine.labels.gpkg")
    assert labels.path == tmp_path / "work" / "mine.labels.gpkg"
    labels.close()


def test_labels_of_a_scene_on_the_network_are_kept_in_the_state_folder_and_gone_on_with(range_server, write_scene):
    from napari_geolabel.labelfile.fingerprint import state_folder

    written = write_scene(name="bay.tif")
    (range_server.folder / "bay.tif").write_bytes(written.read_bytes())
    address = f"{range_server.address}/bay.tif"
    with open_scene(f"{address}?sig=one", trust="network") as scene:
        labels = open_scene_labels(scene, "maritime")
        labels.add(shapely.box(1, 1, 9, 9), "ship")
        path = labels.path
        labels.close()
        assert path.parent == state_folder() / "labels"
        assert path.name.startswith("bay-")
    with open_scene(f"{address}?sig=two", trust="network") as scene:
        labels = open_scene_labels(scene, "maritime")
        assert labels.path == path
        assert len(labels) == 1
        labels.close()
    with open_scene(written) as scene:
        assert own_label_path(scene).parent == written.parent

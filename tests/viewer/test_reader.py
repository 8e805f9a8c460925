from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import MissingFileError, SceneError
from napari_geolabel.viewer import attach as attaching
from napari_geolabel.viewer.attach import attach
from napari_geolabel.viewer.keys import COMPOSITE_KEYS
from napari_geolabel.viewer.reader import get_reader, read_scene
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY, scene_layer_data


def test_a_geotiff_is_read_as_one_image_layer(write_scene):
    path = str(write_scene())
    reader = get_reader(path)
    ((levels, keywords, kind),) = reader(path)
    assert kind == "image"
    assert levels[0].shape == (512, 512, 4)
    assert levels[0].dtype == np.uint8
    assert keywords["multiscale"]
    assert keywords["rgb"]
    assert keywords["metadata"][SCENE_KEY].name == "scene"


@pytest.mark.parametrize("path", ["picture.png", "folder", ["one.tif", "two.png"], [], "labels.geojson", "brain.hdr"])
def test_what_is_no_scene_is_left_to_others(path):
    assert get_reader(path) is None


@pytest.mark.parametrize("name", ["A.TIF", "b.tiff", "c.Tif"])
def test_the_suffix_counts_in_any_case(name):
    assert get_reader(name) is read_scene


def test_a_folder_of_bands_is_one_layer(write_scene, tmp_path):
    for name in ("red", "green", "blue"):
        write_scene(name=f"{name}.tif", bands=(name,))
    assert get_reader(str(tmp_path)) is read_scene
    ((levels, keywords, _),) = read_scene(str(tmp_path))
    assert levels[0].shape == (512, 512, 4)
    assert set(keywords["metadata"][SCENE_KEY].bands.names) == {"red", "green", "blue"}


def test_a_folder_without_rasters_is_left_to_others(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing to see")
    assert get_reader(str(tmp_path)) is None


def test_files_to_be_stacked_are_one_scene(write_scene):
    paths = [str(write_scene(name=f"{name}.tif", bands=(name,))) for name in ("nir", "red")]
    assert get_reader(paths) is read_scene
    ((_, keywords, _),) = read_scene(paths)
    assert keywords["metadata"][SCENE_KEY].bands.names == ("nir", "red")


def test_an_envi_raster_is_told_from_others_by_its_header(tmp_path):
    for suffix in (".hdr", ".img"):
        (tmp_path / f"brain{suffix}").write_bytes(b"analyze")
    assert get_reader(str(tmp_path / "brain.hdr")) is None
    assert get_reader(str(tmp_path / "brain.img")) is None
    (tmp_path / "brain.hdr").write_text("ENVI\nsamples = 1\n")
    assert get_reader(str(tmp_path / "brain.hdr")) is read_scene
    assert get_reader(str(tmp_path / "brain.img")) is read_scene


def test_a_missing_file_is_told_in_one_sentence(tmp_path):
    with pytest.raises(MissingFileError, match=r"nothing\.tif"):
        read_scene(str(tmp_path / "nothing.tif"))


@pytest.mark.parametrize("content", [b"", b"no tiff at all", b"II*\x00\x08\x00\x00\x00"])
def test_a_file_that_is_no_scene_is_told_in_one_sentence(tmp_path, content):
    path = tmp_path / "bad.tif"
    path.write_bytes(content)
    with pytest.raises(SceneError, match=r"bad\.tif") as caught:
        read_scene(str(path))
    assert "\n" not in str(caught.value)


def test_a_files_name_cannot_be_html_in_naparis_notification(tmp_path):
    path = tmp_path / "<img src=x>.tif"
    path.write_bytes(b"no tiff")
    with pytest.raises(SceneError) as caught:
        read_scene(str(path))
    assert "<" not in str(caught.value)


def test_an_attached_viewer_gives_opened_scenes_status_and_composite_keys(viewer, scene):
    attach(viewer)
    attach(viewer)
    levels, keywords, _ = scene_layer_data(scene)
    layer = viewer.add_image(levels, **keywords)
    assert "row 1 col 2" in layer.get_status((15, 25), world=True)["coordinates"]
    assert len(layer.keymap) == len(COMPOSITE_KEYS)
    assert [key.key for key in COMPOSITE_KEYS[:2]] == ["Alt-Right", "Alt-Left"]
    next(iter(layer.keymap.values()))(layer)
    assert layer.metadata[PICTURE_KEY].composite.id == list(scene.composites())[1]


def test_other_layers_are_left_as_they_are(viewer):
    attach(viewer)
    layer = viewer.add_image(np.zeros((9, 9)))
    assert not layer.keymap
    assert "get_status" not in vars(layer)


def test_reading_without_a_viewer_attaches_nothing(monkeypatch):
    import napari

    monkeypatch.setattr(napari, "current_viewer", lambda: None)
    attaching.attach_current_viewer()

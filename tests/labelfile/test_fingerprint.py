from __future__ import annotations

import os
from dataclasses import replace

import pytest

from napari_geolabel.errors import MissingFileError
from napari_geolabel.labelfile.fingerprint import (
    Fingerprint,
    compare,
    default_label_path,
    find_scene,
    fingerprint_of,
    refuge_of,
)


@pytest.fixture
def scene(tmp_path):
    """A file of 300 kB."""
    path = tmp_path / "data" / "scene.tif"
    path.parent.mkdir()
    path.write_bytes(bytes(range(250)) * 1200)
    return path


def test_a_copy_has_the_same_fingerprint_wherever_it_lies(scene, tmp_path) -> None:
    copy = tmp_path / "other.tif"
    copy.write_bytes(scene.read_bytes())

    assert fingerprint_of(copy).same_scene(fingerprint_of(scene))
    assert compare(fingerprint_of(scene), fingerprint_of(copy)) == "moved"
    assert compare(fingerprint_of(scene), fingerprint_of(scene)) == "same"


@pytest.mark.parametrize("at", [0, 100, -1])
def test_a_byte_at_either_end_changes_the_fingerprint(scene, at: int) -> None:
    before = fingerprint_of(scene)
    data = bytearray(scene.read_bytes())
    data[at] ^= 1
    scene.write_bytes(data)

    assert compare(before, fingerprint_of(scene)) == "changed"


def test_a_file_that_grew_is_another_scene(scene) -> None:
    before = fingerprint_of(scene)
    with scene.open("ab") as file:
        file.write(b"x")

    assert compare(before, fingerprint_of(scene)) == "changed"


def test_without_a_fingerprint_nothing_is_said(scene) -> None:
    assert compare(None, fingerprint_of(scene)) == "unknown"
    assert compare(fingerprint_of(scene), None) == "unknown"


def test_a_fingerprint_comes_back_from_its_json(scene) -> None:
    found = fingerprint_of(scene)

    assert Fingerprint.from_json(found.to_json()) == found


def test_a_missing_scene_is_an_error(tmp_path) -> None:
    with pytest.raises(MissingFileError):
        fingerprint_of(tmp_path / "none.tif")


def test_a_small_file_has_a_fingerprint_too(tmp_path) -> None:
    (tmp_path / "tiny").write_bytes(b"x")

    assert fingerprint_of(tmp_path / "tiny").head == fingerprint_of(tmp_path / "tiny").tail


def test_labels_lie_beside_their_scene(scene) -> None:
    assert default_label_path(scene) == scene.parent / "scene.labels.gpkg"


def test_labels_of_a_folder_that_cannot_be_written_lie_in_the_users_state_folder(
    scene, state_folder, monkeypatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    first, second = default_label_path(scene), default_label_path(scene.parent / "sub" / "scene.tif")

    assert first.is_relative_to(state_folder)
    assert first.name.startswith("scene-")
    assert first.name.endswith(".labels.gpkg")
    assert first != second, "scenes of one name in different folders are told apart"


def test_a_renamed_scene_is_found_by_its_bytes(scene) -> None:
    known = fingerprint_of(scene)
    (scene.parent / "decoy.tif").write_bytes(bytes(scene.stat().st_size))
    moved = scene.rename(scene.parent / "renamed.tif")

    assert find_scene(known, scene.parent, "scene.tif") == moved


def test_a_scene_is_found_by_its_path_relative_to_the_labels(scene, tmp_path) -> None:
    known = fingerprint_of(scene)
    whole = scene.parent.rename(tmp_path / "elsewhere")
    labels = tmp_path / "labels"
    labels.mkdir()

    assert find_scene(known, labels, "../elsewhere/scene.tif") == labels / "../elsewhere/scene.tif"
    assert find_scene(known, whole, None) == whole / "scene.tif"


def test_a_scene_that_is_nowhere_is_not_found(scene, tmp_path) -> None:
    known = replace(fingerprint_of(scene), head="0" * 32)

    assert find_scene(known, tmp_path, "data/scene.tif") is None


def test_the_refuge_of_a_label_file_is_always_the_same(scene) -> None:
    labels = scene.parent / "scene.labels.gpkg"

    assert refuge_of(labels) == refuge_of(labels)


def test_what_cannot_be_looked_at_is_passed_over(scene, tmp_path) -> None:
    known = replace(fingerprint_of(scene), path=str(tmp_path / ("x" * 5000)))

    assert find_scene(known, scene.parent, "y" * 5000) == scene
    assert find_scene(known, tmp_path / "gone", None) is None

"""Example pictures of strangers: read where they are what they should be, refused with a sentence elsewhere."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from napari_geolabel.errors import FormatError, GeoLabelError, MissingFileError, UnsafeFileError
from napari_geolabel.viewer import example_pictures
from napari_geolabel.viewer.example_pictures import load_example


def picture(path, size=(40, 20), color=(200, 30, 10)):
    Image.new("RGB", size, color).save(path)
    return path


@pytest.mark.parametrize("name", ["ship.png", "ship.jpg"])
def test_a_picture_is_read_and_scaled_down(tmp_path, name):
    rgba = load_example(picture(tmp_path / name, (400, 200)), 100)
    assert rgba.shape == (50, 100, 4)
    assert np.abs(rgba[25, 50].astype(int) - (200, 30, 10, 255)).max() <= 3
    assert load_example(picture(tmp_path / name), 100).shape == (20, 40, 4)


def test_a_missing_picture_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"ship\.png is not beside the ontology"):
        load_example(tmp_path / "ship.png", 100)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    inside = tmp_path / "ontology"
    inside.mkdir()
    (inside / "ship.png").symlink_to(picture(tmp_path / "secret.png"))
    with pytest.raises(UnsafeFileError, match="outside the folder"):
        load_example(inside / "ship.png", 100)
    (inside / "loop.png").symlink_to(inside / "loop.png")
    with pytest.raises(GeoLabelError):
        load_example(inside / "loop.png", 100)


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("folder.png", "pipe.png"):
        with pytest.raises(UnsafeFileError, match="no plain file"):
            load_example(tmp_path / name, 100)


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(40), b"GIF89a" + bytes(100)])
def test_other_formats_and_torn_files_are_refused(tmp_path, data):
    path = tmp_path / "ship.png"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="no PNG or JPEG"):
        load_example(path, 100)
    whole = picture(tmp_path / "whole.png", (300, 300)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError):
        load_example(path, 100)


def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    path = picture(tmp_path / "ship.png")
    monkeypatch.setattr(example_pictures, "MOST_PIXELS", 100)
    with pytest.raises(UnsafeFileError, match="40 x 20 pixels"):
        load_example(path, 100)
    monkeypatch.setattr(example_pictures, "MOST_BYTES", 10)
    with pytest.raises(UnsafeFileError, match="at most"):
        load_example(path, 100)

"""Which image of a file is the scene."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.images import another_name, find_image, require_shape, stem_of
from napari_geolabel.formats.label_set import Image

SCENE = Image(name="S2_T31.tif", shape=(10, 20))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.tif", "s2_t31.TIF"], 1),
        (["a.tif", "train/S2_T31.png"], 1),
        (["S2_T31.png", "S2_T31.tif"], 1),  # the whole name counts before the stem
        (["a.tif", "..\\..\\S2_T31.jpg"], 1),
        (["anything.jpg"], 0),
    ],
)
def test_an_image_is_found_by_its_name_else_by_its_stem_else_as_the_only_one(names, expected):
    assert find_image(names, SCENE, "labels.json") == expected


@pytest.mark.parametrize(
    ("names", "sentence"),
    [(["a.tif", "b.tif"], r"labels\.json holds labels of a\.tif, b\.tif and none of S2_T31\.tif"),
     (["x/S2_T31.tif", "y/S2_T31.tif"], "has 2 images called"), ([f"{n}.tif" for n in range(9)], r"2\.tif, \.\.\.")],
)  # fmt: skip
def test_what_is_not_clear_is_one_sentence(names, sentence):
    with pytest.raises(FormatError, match=sentence):
        find_image(names, SCENE, "labels.json")


@given(st.text(max_size=40))
def test_any_text_has_a_stem_without_folders(name):
    assert "/" not in stem_of(name)
    assert "\\" not in stem_of(name)


def test_only_the_same_size_is_the_same_image():
    require_shape((10, 20), SCENE, "labels.json")
    require_shape((1, 1), None, "labels.json")
    with pytest.raises(FormatError, match=r"of 10 x 20 pixels, and S2_T31\.tif has 20 x 10"):
        require_shape((20, 10), SCENE, "labels.json")


def test_a_file_of_another_name_is_noted():
    assert another_name("s2_t31.txt", SCENE) == another_name("b.txt", None) == []
    assert "not called like S2_T31.tif" in another_name("b.txt", SCENE)[0]

"""Which image of a file is the scene."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.images import another_name, find_image, match_images, require_shape, stem_of
from napari_geolabel.formats.label_set import Image

SCENE = Image(name="S2_T31.tif", shape=(10, 20))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.tif", "s2_t31.TIF"], 1),
        (["a.tif", "train/S2_T31.png"], 1),
        (["S2_T31.png", "S2_T31.tif"], 1),  # the whole name counts before the stem
        (["a.tif", "..\\..\\S2_T31.jpg"], 1),
        (["b.v1", "S2_T31"], 1),  # an id without an ending
        (["anything.jpg"], 0),
    ],
)
def test_an_image_is_found_by_its_name_else_by_its_stem_else_as_the_only_one(names, expected):
    assert find_image(names, SCENE, "labels.json")[0] == expected


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


IN_TRAIN = Image(name="S2_T31.tif", shape=(10, 20), folder="Train")


@pytest.mark.parametrize(
    ("names", "shapes", "expected", "told"),
    [
        (["val/S2_T31.tif", "train/S2_T31.tif"], (), (1,), "by the folder Train"),
        (["val/S2_T31.png", "a/train/S2_T31.png", "b.png"], (), (1,), "without its ending and by the folder Train"),
        (["a/S2_T31.tif", "b/S2_T31.tif"], ((1, 1), (10, 20)), (1,), "by the size"),
        (["a/S2_T31.tif", "b/S2_T31.tif"], ((10, 20), (10, 20)), (0, 1), None),
        (["a/S2_T31.tif", "b/S2_T31.tif"], (), (0, 1), None),
        (["x.tif", "y.tif", "z.tif"], ((1, 1), None, (10, 20)), (2,), "the only image of the scene's size"),
        (["x.tif", "S2_T31.tif"], ((10, 20), (1, 1)), (1,), None),  # a name counts before a size
        (["x.tif"], (), (0,), "the only image of the file"),
        (["S2_T31.png"], (), (0,), None),
    ],
)
def test_of_several_images_folder_and_size_tell_and_it_is_said(names, shapes, expected, told):
    found, notes = match_images(names, IN_TRAIN, "labels.json", shapes)
    assert found == expected
    assert len(notes) == (told is not None)
    assert told is None or told in notes[0]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5), st.text(min_size=1, max_size=12))
def test_whatever_a_file_calls_its_images_some_are_taken_or_it_is_said_why_not(names, name):
    try:
        found, notes = match_images(names, Image(name=name, shape=(1, 1)), "labels.json")
    except FormatError as error:
        notes = [str(error)]
    else:
        assert 0 < len(found) == len(set(found)) <= len(names)
    assert all("\n" not in note for note in notes)

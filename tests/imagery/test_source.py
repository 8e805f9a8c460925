"""An alpha tag is believed where the band behaves like alpha, and files close with their last scene."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.source import looks_like_alpha, sample_bounds


@pytest.mark.parametrize(
    ("values", "alpha"),
    [
        ([255] * 100, True),
        ([0] * 40 + [255] * 60, True),
        ([0] * 40 + [255] * 55 + [17, 90, 128, 200, 254], True),  # a feathered edge
        ([65535] * 10 + [0] * 3, True),
        ([1] * 10 + [0] * 10, True),  # some write 1 for opaque
        (list(range(256)), False),
        ([0] * 100, False),  # nothing would be seen
        ([], False),
    ],
)
def test_alpha_is_told_by_its_values(values, alpha):
    assert looks_like_alpha(np.array(values, "uint16")) == alpha


@given(arrays(np.uint8, st.integers(50, 400), elements=st.integers(5, 250), fill=st.nothing()))
def test_a_band_with_many_values_is_never_alpha(values):
    most = np.bincount(values).max() / values.size
    if most < 0.5:
        assert not looks_like_alpha(values)


def test_a_large_scene_is_judged_by_a_few_tiles(make_tiff):
    pixels = np.full((4, 3000, 3000), 9, "uint8")
    pixels[3] = 255
    pixels[3, :200] = 0
    with open_scene(make_tiff(pixels, colors=["red", "green", "blue", "alpha"], tiled=True)) as scene:
        assert scene.alpha == 3
        assert len(sample_bounds(scene.source.store.reader)) == 9
    pixels[3] = np.arange(3000, dtype=np.uint32) % 200 + 30
    with open_scene(make_tiff(pixels, "nir.tif", colors=["red", "green", "blue", "alpha"], tiled=True)) as scene:
        assert scene.alpha is None
        assert len(scene.bands) == 4


def test_a_gray_picture_may_have_alpha_too(make_tiff):
    pixels = np.array([[[1, 2]], [[0, 255]]], "uint8")
    with open_scene(make_tiff(pixels, ALPHA="YES")) as scene:
        assert scene.bands.names == ("band_1",)
        assert scene.read().mask.tolist() == [[[True, False]]]


def test_the_file_is_closed_with_its_last_scene(make_tiff, random_pixels):
    first = open_scene(make_tiff(random_pixels(2, 40, 40)))
    source = first.source
    second, third = first.with_bands(["a", "b"]), first.with_transform(first.grid.transform, None)
    first.read()
    for scene in (second, first, first):
        scene.close()
    assert third.read().shape == (2, 40, 40)
    assert source.store.cache.size_bytes > 0
    third.close()
    assert source.store.cache.size_bytes == 0
    assert not source.store.reader._handles

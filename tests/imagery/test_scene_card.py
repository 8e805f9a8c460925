"""A scene shows itself in a notebook, whatever its bands are called and whether it can be read."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.render import render
from napari_geolabel.imagery.scene_card import THUMBNAIL_PX
from napari_geolabel.samples import sample_path


def test_the_thumbnail_is_the_default_composite_and_small():
    with open_scene(sample_path("coast.tif")) as scene:
        shown = np.asarray(Image.open(io.BytesIO(scene._repr_png_())))
        np.testing.assert_array_equal(shown, render(scene, scene.default_composite(), max_size=THUMBNAIL_PX))
        assert max(shown.shape) == THUMBNAIL_PX


def test_the_card_tells_size_place_bands_and_composites():
    with open_scene(sample_path("coast.tif")) as scene:
        card = scene._repr_html_()
    for text in ("coast", "13 bands", "EPSG:32633", "B8A", "nir08", "true_color", "data:image/png;base64,"):
        assert text in card
    assert "B01, " not in card, "single bands are no composites to list"


def test_a_closed_scene_still_says_what_it_is():
    with open_scene(sample_path("coast.tif")) as scene:
        pass
    assert scene._repr_png_() is None
    assert "13 bands" in scene._repr_html_()
    assert "<img" not in scene._repr_html_()


def test_names_from_the_file_are_shown_as_text_and_many_bands_are_cut(make_tiff, random_pixels):
    path = make_tiff(random_pixels(30, 12, 14), descriptions=["<b>bold</b>"] + [""] * 29)
    with open_scene(path) as scene:
        card = scene._repr_html_()
    assert "&lt;b&gt;bold" in card
    assert "<b>bold" not in card
    assert "and 6 more" in card
    assert "not georeferenced" in card or "EPSG" in card

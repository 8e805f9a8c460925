"""Histograms count every valid pixel once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery import Stretch, open_scene, render
from napari_geolabel.imagery.histogram import histogram


@pytest.fixture
def scene(make_tiff, random_pixels):
    pixels = (random_pixels(3, 80, 90) % 1000 + 1).astype("uint16")
    pixels[:, :10] = 0
    with open_scene(make_tiff(pixels, descriptions=("red", "green", "blue"), nodata=0, scales=(0.1,) * 3)) as opened:
        yield opened


def test_counts_and_edges_are_numpy_s(scene):
    values = scene.read("green", reflectance=True).compressed().astype(np.float64)
    _, green, _ = histogram(scene, "true_color", bins=32)
    counts, edges = np.histogram(values, 32)
    assert green.counts.tolist() == counts.tolist()
    np.testing.assert_allclose(green.edges, edges, rtol=1e-6)
    assert green.counts.sum() == 70 * 90


def test_each_channel_tells_its_text_and_its_limits(scene):
    composite = scene.composite("true_color")
    found = histogram(scene, composite)
    assert [each.title for each in found] == ["red", "green", "blue"]
    tones = [np.percentile(scene.read(name, reflectance=True).compressed(), (0.5, 99.5)) for name in composite.channels]
    for each, (low, high) in zip(found, tones, strict=True):
        assert each.limits == pytest.approx((low, high), rel=1e-4)


def test_an_index_is_counted_in_its_own_unit(scene):
    (found,) = histogram(scene, "vari")
    assert found.edges[0] < 0 < found.edges[-1]
    assert len(found.counts) == len(found.edges) - 1 == 256


def test_a_view_is_counted_alone(scene):
    red, _, _ = histogram(scene, "true_color", view=(5, 20, 10, 30))
    assert red.counts.sum() == 10 * 20
    assert red.edges[-1] == scene.read("red", window=(slice(5, 20), slice(10, 30)), reflectance=True).max()


def test_a_single_value_and_none_at_all_still_have_bins(make_tiff):
    with open_scene(make_tiff(np.full((1, 30, 30), 7, "uint8"))) as scene:
        (found,) = histogram(scene, scene.bands.names[0], bins=4)
        assert found.counts.sum() == 900
        assert (np.diff(found.edges) > 0).all()
    with open_scene(make_tiff(np.full((1, 30, 30), 7, "uint8"), "b.tif", nodata=7)) as scene:
        (found,) = histogram(scene, scene.bands.names[0], bins=4)
        assert found.counts.sum() == 0
        assert (np.diff(found.edges) > 0).all()


def test_a_single_huge_value_has_bins_too(make_tiff):
    with open_scene(make_tiff(np.full((1, 30, 30), 9.969209968386869e36, "float32"))) as scene:
        (found,) = histogram(scene, "band_1", bins=4)
        assert found.counts.tolist() == [900, 0, 0, 0]
        assert (np.diff(found.edges) > 0).all()
        assert render(scene, "band_1").shape == (30, 30, 4)


def test_what_makes_no_sense_is_refused(scene):
    with pytest.raises(CompositeError, match="0 is no number of bins"):
        histogram(scene, "true_color", bins=0)
    with pytest.raises(BandNotFoundError):
        histogram(scene, "swir")
    one = replace(scene.composite("true_color"), stretch=Stretch.each((0, 1)))
    with pytest.raises(CompositeError, match="limits for 1 channels"):
        histogram(scene, one)

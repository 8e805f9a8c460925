"""Statistics of bands agree with numpy, whatever blocks they are computed in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_geolabel.errors import BandNotFoundError, SceneError
from napari_geolabel.imagery import open_scene, statistics
from napari_geolabel.imagery.statistics import Moments, band_statistics


@pytest.fixture
def path(make_tiff, random_pixels):
    pixels = random_pixels(2, 900, 800, "uint16")
    pixels[0, :50] = 0
    return make_tiff(
        pixels, descriptions=("red", "nir"), nodata=0, scales=(1e-4, 1e-4), offsets=(-0.1, -0.1), overviews=(2,)
    )


def test_exact_figures_are_those_of_numpy(path, monkeypatch):
    monkeypatch.setattr(statistics, "_BLOCK_VALUES", 50_000)
    with open_scene(path) as scene:
        red, nir = band_statistics(scene, level=0)
        values = scene.read("red", reflectance=True)[0].compressed().astype(float)
    assert (red.name, nir.name) == ("red", "nir")
    assert red.exact
    assert (red.valid, red.total) == (values.size, 900 * 800)
    assert red.minimum == pytest.approx(values.min(), rel=1e-6)
    assert red.maximum == pytest.approx(values.max(), rel=1e-6)
    assert red.mean == pytest.approx(values.mean(), rel=1e-6)
    assert red.std == pytest.approx(values.std(), rel=1e-6)


def test_the_coarsest_level_gives_an_estimate(path):
    with open_scene(path) as scene:
        (estimate,), (exact,) = (band_statistics(scene, "nir", level=level) for level in (None, 0))
        assert estimate.total == np.prod(scene.levels[-1].shape) < exact.total
    assert not estimate.exact
    assert estimate.mean == pytest.approx(exact.mean, rel=0.05)


def test_a_window_is_looked_at_alone(path):
    with open_scene(path) as scene:
        (found,) = band_statistics(scene, "nir", level=0, window=(slice(100, 110), slice(20, 40)))
        values = scene.read("nir", window=(slice(100, 110), slice(20, 40)), reflectance=True).compressed()
    assert found.total == 200
    assert found.maximum == values.max()


def test_a_collar_does_not_count(make_tiff, random_pixels):
    pixels = (random_pixels(2, 80, 80) % 1000 + 100).astype("uint16")
    pixels[:, :20] = 0
    with open_scene(make_tiff(pixels)) as scene:
        assert scene.preview.collar is not None
        first, _ = band_statistics(scene)
    assert first.minimum == pixels[0, 20:].min()
    assert first.valid == 60 * 80


def test_a_band_without_a_valid_pixel_has_no_figures(make_tiff):
    with open_scene(make_tiff(np.full((1, 30, 30), 9, "uint8"), nodata=9)) as scene:
        (found,) = band_statistics(scene)
    assert (found.minimum, found.maximum, found.mean, found.std, found.valid, found.total) == (*[None] * 4, 0, 900)


def test_unknown_bands_and_levels_are_refused(path):
    with open_scene(path) as scene:
        with pytest.raises(BandNotFoundError):
            band_statistics(scene, "swir16")
        with pytest.raises(SceneError, match="has levels 0 to"):
            band_statistics(scene, level=99)


@given(arrays(np.float32, st.integers(1, 200), elements=st.floats(-1e4, 1e4, width=32)), st.integers(1, 50))
def test_moments_do_not_depend_on_how_the_values_are_parted(values, size):
    moments = Moments()
    for start in range(0, len(values), size):
        moments.add(values[start : start + size])
    wide = values.astype(np.float64)
    assert moments.count == len(values)
    assert (moments.minimum, moments.maximum) == (wide.min(), wide.max())
    assert moments.mean == pytest.approx(wide.mean(), rel=1e-6, abs=1e-6)
    assert moments.std == pytest.approx(wide.std(), rel=1e-4, abs=1e-3)


def test_values_that_are_not_finite_do_not_count():
    moments = Moments()
    moments.add(np.float32([np.nan, np.inf, 3, -np.inf]))
    moments.add(np.float32([]))
    assert (moments.count, moments.mean, moments.std) == (1, 3, 0)
    assert Moments().std == 0

"""Previews: limits of stretches from the valid pixels alone, looked at once."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.imagery import Stretch, open_scene
from napari_geolabel.imagery.composite import resolve_channel

EXTREMES = Stretch.percentile(0, 100)


@pytest.fixture
def valid(random_pixels):
    """A band of 80 x 80 pixels from 100 to 1100, none of them 0."""
    return (random_pixels(1, 80, 80, seed=3) % 1000 + 100).astype("uint16")


def limits(scene, text="band_1", stretch=EXTREMES):
    return scene.preview.tone([resolve_channel(text, scene.bands)], stretch).limits[0]


def test_limits_are_percentiles_of_the_pixels(make_tiff, valid):
    with open_scene(make_tiff(valid)) as scene:
        assert limits(scene, scene.bands.names[0], Stretch.percentile(2, 98)) == pytest.approx(
            np.percentile(valid, (2, 98))
        )


def test_a_collar_does_not_darken_the_stretch(make_tiff, valid):
    framed = valid.copy()
    framed[:, :20] = 0
    with open_scene(make_tiff(framed)) as scene:
        assert scene.preview.collar is not None
        assert limits(scene, scene.bands.names[0]) == (framed[:, 20:].min(), framed.max())


@pytest.mark.parametrize("marked", ["nodata", "mask"])
def test_a_file_that_marks_its_invalid_pixels_has_no_collar_and_they_do_not_count(marked, make_tiff, valid):
    framed = valid.copy()
    framed[:, :20] = 0
    mark = {"nodata": 0} if marked == "nodata" else {"mask": framed[0] > 0}
    with open_scene(make_tiff(framed, **mark)) as scene:
        assert scene.preview.collar is None
        assert limits(scene, scene.bands.names[0]) == (framed[:, 20:].min(), framed.max())


def test_zero_inside_the_scene_is_a_value_like_any_other(make_tiff, valid):
    framed = valid.copy()
    framed[:, :20] = 0
    framed[0, 60, 40:44] = 0
    with open_scene(make_tiff(framed)) as scene:
        assert limits(scene, scene.bands.names[0])[0] == 0


def test_channels_have_limits_in_their_own_unit(make_tiff, valid):
    path = make_tiff(
        np.concatenate([valid, valid * 2]), descriptions=("red", "nir"), scales=(0.1, 0.1), offsets=(-1, -1)
    )
    with open_scene(path) as scene:
        tone = scene.preview.tone([resolve_channel(text, scene.bands) for text in ("red", "nir - red")], EXTREMES)
    assert tone.limits[0] == pytest.approx((valid.min() * 0.1 - 1, valid.max() * 0.1 - 1), rel=1e-5)
    assert tone.limits[1] == pytest.approx((valid.min() * 0.1, valid.max() * 0.1), rel=1e-4)


def test_the_pixels_are_looked_at_once_for_each_channel_and_stretch(make_tiff, valid, monkeypatch):
    with open_scene(make_tiff(valid)) as scene:
        name = scene.bands.names[0]
        first = limits(scene, name)
        narrower = limits(scene, name, Stretch.percentile(10, 90))
        monkeypatch.setattr(scene, "read_arrays", None)
        assert limits(scene, name) == first
        assert limits(scene, name, Stretch.percentile(10, 90)) == narrower != first


def test_fixed_limits_need_no_pixels_at_all(make_tiff, valid, monkeypatch):
    with open_scene(make_tiff(valid)) as scene:
        monkeypatch.setattr(scene, "read_arrays", None)
        assert limits(scene, scene.bands.names[0], Stretch.fixed(5, 7)) == (5, 7)
        with pytest.raises(TypeError):
            limits(scene, scene.bands.names[0], Stretch.fixed(5, 7, gamma="auto"))


def test_a_scene_without_a_valid_pixel_still_has_limits(make_tiff):
    with open_scene(make_tiff(np.full((1, 30, 30), 9, "uint8"), nodata=9)) as scene:
        low, high = limits(scene, scene.bands.names[0])
    assert low < high


def test_a_stretch_may_be_judged_on_the_view_alone(make_tiff, valid):
    with open_scene(make_tiff(valid)) as scene:
        name = scene.bands.names[0]
        part = valid[0, 10:30, 40:60]
        assert limits(scene, name, EXTREMES.within((10, 30, 40, 60))) == (part.min(), part.max())
        assert limits(scene, name) == (valid.min(), valid.max())


@pytest.mark.parametrize("view", [(-50, 5, -50, 5), (75, 500, 75, 500), (200, 300, 200, 300), (10, 10, 10, 10)])
def test_a_view_that_hangs_over_the_edge_is_judged_on_what_is_there(view, make_tiff, valid):
    with open_scene(make_tiff(valid)) as scene:
        low, high = limits(scene, scene.bands.names[0], EXTREMES.within(view))
    assert valid.min() <= low < high <= valid.max() + 1


def test_a_large_view_is_judged_on_a_level_of_a_million_pixels_at_most(make_tiff, random_pixels):
    pixels = random_pixels(1, 2000, 2000, "uint8")
    with open_scene(make_tiff(pixels, overviews=(2, 4))) as scene:
        channel = resolve_channel(scene.bands.names[0], scene.bands)
        (whole,) = scene.preview.values([channel], (0, 2000, 0, 2000))
        (part,) = scene.preview.values([channel], (500, 1000, 500, 1000))
    assert whole.size == 1000 * 1000
    assert part.size == 500 * 500


def test_only_the_latest_stretches_are_kept(make_tiff, valid, monkeypatch):
    from napari_geolabel.imagery import preview

    monkeypatch.setattr(preview, "_MAX_TONES", 3)
    with open_scene(make_tiff(valid)) as scene:
        name = scene.bands.names[0]
        for stop in range(10, 20):
            limits(scene, name, EXTREMES.within((0, stop, 0, stop)))
        assert len(scene.preview._tones) == 3


def test_a_collar_does_not_count_in_a_view(make_tiff, valid):
    framed = valid.copy()
    framed[:, :20] = 0
    with open_scene(make_tiff(framed)) as scene:
        part = framed[0, 20:40, :40]
        assert limits(scene, scene.bands.names[0], EXTREMES.within((0, 40, 0, 40))) == (part.min(), part.max())

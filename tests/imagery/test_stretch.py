"""Stretches are judged on valid pixels and make brightness of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.stretch import Stretch, brightness, tone_of

finite = st.floats(-1e6, 1e6, width=32)


def test_percentiles_are_numpy_s():
    values = np.random.default_rng(0).normal(size=5000).astype("float32")
    (limits,) = tone_of([values], Stretch.percentile()).limits
    assert limits == pytest.approx(tuple(np.percentile(values, (2, 98))))


def test_a_fixed_stretch_needs_no_pixels():
    tone = tone_of([np.empty(0)] * 3, Stretch.fixed(0, 0.3, gamma=1.2))
    assert tone.limits == ((0, 0.3),) * 3
    assert tone.gamma == 1.2


def test_channels_together_share_the_widest_limits():
    values = [np.arange(101.0), np.arange(50.0, 151.0)]
    tone = tone_of(values, Stretch.percentile(0, 100, channels="together"))
    assert tone.limits == ((0, 150), (0, 150))


@pytest.mark.parametrize(
    ("values", "limits"),
    [([], (0, 1)), ([7, 7, 7], (7, 8)), ([0] * 1000 + [1], (0, 1)), ([np.inf, np.nan, 3], (3, 4))],
)
def test_hardly_any_values_still_give_limits_in_order(values, limits):
    assert tone_of([np.array(values, "float32")], Stretch.percentile()).limits == (limits,)


@given(arrays(np.float32, st.integers(1, 60), elements=finite), st.floats(0, 40), st.floats(60, 100))
def test_limits_lie_in_order_around_some_of_the_values(values, low, high):
    (limits,) = tone_of([values], Stretch.percentile(low, high)).limits
    assert limits[0] < limits[1]


@given(arrays(np.float32, 30, elements=finite), st.floats(0.2, 4))
def test_brightness_runs_from_0_to_1_and_never_turns_round(values, gamma):
    ordered = np.sort(values)
    shown = brightness(ordered, (-100.0, 100.0), gamma)
    assert ((shown >= 0) & (shown <= 1)).all()
    assert (np.diff(shown) >= 0).all()
    assert (shown[ordered <= -100] == 0).all()
    assert (shown[ordered >= 101] == 1).all()


def test_nan_is_not_shown_as_any_brightness():
    assert np.isnan(brightness(np.array([np.nan, 1], "float32"), (0.0, 1.0), 1.5)).tolist() == [True, False]


def test_automatic_gamma_lifts_dark_land_under_bright_clouds():
    dark = np.concatenate([np.full(900, 0.1), np.linspace(0, 1, 100)]).astype("float32")
    tone = tone_of([dark], Stretch.percentile(0, 100, gamma="auto"))
    assert tone.gamma > 1.5
    assert brightness(np.array([0.1], "float32"), tone.limits[0], tone.gamma)[0] == pytest.approx(0.35, abs=0.02)


def test_automatic_gamma_leaves_an_even_scene_alone():
    even = np.linspace(0, 1, 1000, dtype="float32")
    assert tone_of([even], Stretch.percentile(gamma="auto")).gamma == 1
    assert tone_of([np.empty(0, "float32")], Stretch.percentile(gamma="auto")).gamma == 1
    assert tone_of([np.full(1000, 1e-3) * (np.arange(1000) != 0)], Stretch.fixed(0, 1e6, gamma="auto")).gamma == 2.5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stretch.fixed(1, 1), "is not below its high"),
        (lambda: Stretch.fixed(2, 1), "swap them"),
        (lambda: Stretch.fixed(float("nan"), 1), "finite numbers"),
        (lambda: Stretch.percentile(-1, 98), "between 0 and 100"),
        (lambda: Stretch.percentile(2, 101), "between 0 and 100"),
        (lambda: Stretch.fixed(0, 1, gamma=0), "gamma 0 is not a number above 0"),
        (lambda: Stretch.fixed(0, 1, gamma=float("nan")), "gamma nan"),
    ],
)
def test_a_stretch_that_makes_no_sense_is_refused(make, words):
    with pytest.raises(CompositeError, match=words):
        make()

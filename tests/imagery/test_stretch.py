"""Stretches are judged on valid pixels and make brightness of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
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


def test_deviations_lie_around_the_mean_and_end_at_the_extremes():
    values = np.random.default_rng(3).normal(5, 2, 20_000).astype("float32")
    (limits,) = tone_of([values], Stretch.deviations(1.5)).limits
    assert limits == pytest.approx((values.mean() - 1.5 * values.std(), values.mean() + 1.5 * values.std()), rel=1e-4)
    (wide,) = tone_of([values], Stretch.deviations(100)).limits
    assert wide == pytest.approx((values.min(), values.max()))


def test_limits_by_channel_are_those_that_were_given():
    tone = tone_of([np.empty(0)] * 3, Stretch.each((0, 1), (-20, 0), (5, 6), gamma=2))
    assert tone.limits == ((0, 1), (-20, 0), (5, 6))
    assert tone.gamma == 2
    assert not Stretch.each((0, 1)).needs_pixels
    with pytest.raises(CompositeError, match="limits for 2 channels and the composite has 3"):
        tone_of([np.empty(0)] * 3, Stretch.each((0, 1), (0, 1)))


@settings(max_examples=25)  # each has hundreds of numbers that hypothesis must keep apart
@given(arrays(np.float32, st.integers(200, 800), elements=st.floats(0, 1, width=32), unique=True))
def test_equalising_gives_every_brightness_about_as_many_pixels(values):
    skewed = values**3
    tone = tone_of([skewed], Stretch.equalize())
    shown = np.sort(brightness(skewed, tone.limits[0], tone.gamma, tone.curve(0)))
    even = np.linspace(0, 1, len(shown))
    counts, _ = np.histogram(skewed, 256, tone.limits[0])
    assert np.abs(shown - even).max() <= counts.max() / len(shown) + 0.02  # within the fullest interval


def test_equalising_never_turns_brightness_round_and_ends_at_0_and_1():
    values = np.random.default_rng(4).exponential(size=5000).astype("float32")
    tone = tone_of([values], Stretch.equalize(1, 99))
    shown = brightness(np.sort(values), tone.limits[0], tone.gamma, tone.curve(0))
    assert (np.diff(shown) >= 0).all()
    assert (shown[0], shown[-1]) == (0, 1)
    assert np.isnan(brightness(np.float32([np.nan]), tone.limits[0], 1, tone.curve(0))).all()


def test_channels_equalised_together_share_one_curve_so_that_grey_stays_grey():
    random = np.random.default_rng(5)
    values = [random.exponential(scale, 3000).astype("float32") for scale in (1, 2, 3)]
    tone = tone_of(values, Stretch.equalize(channels="together"))
    assert len(set(tone.limits)) == len(set(tone.curves)) == 1
    assert len(set(tone_of(values, Stretch.equalize()).curves)) == 3


def test_hardly_any_values_can_be_equalised_too():
    assert tone_of([np.empty(0, "float32")], Stretch.equalize()).curves == ((),)
    tone = tone_of([np.full(9, 7, "float32")], Stretch.equalize())
    assert np.isfinite(brightness(np.float32([7]), tone.limits[0], 1, tone.curve(0))).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stretch.each(), "a pair of limits for each channel"),
        (lambda: Stretch.each((0, 1), (1, 0)), "swap them"),
        (lambda: Stretch.each((0, float("inf"))), "finite numbers"),
        (lambda: Stretch.deviations(0), "is not below its high"),
        (lambda: Stretch.deviations(-1), "swap them"),
        (lambda: Stretch.equalize(-1, 50), "between 0 and 100"),
        (lambda: Stretch(method="percentile", low=1, high=2, by_channel=((0, 1),)), "only a fixed stretch"),
    ],
)
def test_other_stretches_that_make_no_sense_are_refused(make, words):
    with pytest.raises(CompositeError, match=words):
        make()


@pytest.mark.parametrize("value", [-1e30, 0, 7, 2.0**53, 9.969209968386869e36, 3.4e38])
@pytest.mark.parametrize("stretch", [Stretch.percentile(), Stretch.deviations(), Stretch.equalize()])
def test_a_single_value_however_large_is_shown(value, stretch):
    values = np.full(9, value, "float32")
    tone = tone_of([values], stretch)
    low, high = tone.limits[0]
    assert low < high
    assert brightness(values, tone.limits[0], 1).tolist() == [0] * 9

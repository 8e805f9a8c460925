"""Colours of classes can be told apart by people who see colours in another way.

Sight without one of the three sorts of cones is simulated with the matrices
of Machado, Oliveira and Fernandes, "A Physiologically-based Model for
Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and
Computer Graphics 15(6), 2009, at severity 1.0, which act on linear RGB.  How
far two colours lie apart is CIEDE2000 (Sharma, Wu and Dalal, "The CIEDE2000
Color-Difference Formula", Color Research and Application 30(1), 2005).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.colors import PALETTE, rgb_of, spread_color

SIGHT = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = XYZ.sum(axis=1)
LEAST = 10.0
"""CIEDE2000 that outlines of two pixels are still told apart by; 1 is just noticeable side by side."""


def linear(rgb):
    shares = np.asarray(rgb, float) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(linear_rgb):
    """Return CIELAB under D65 of linear RGB."""
    x, y, z = XYZ @ np.clip(linear_rgb, 0, 1) / WHITE
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(color, sight):
    return lab(SIGHT[sight] @ linear(rgb_of(color)))


def ciede2000(one, other):
    """Return the difference of two CIELAB colours, by the formula of Sharma et al., its numbers 2 to 22."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 if b or a else 0.0 for a, b in ((a1, b1), (a2, b2)))
    turn = h2 - h1
    turn = 0.0 if not c1 * c2 else turn - 360 if turn > 180 else turn + 360 if turn < -180 else turn
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = h1 + h2 if not c1 * c2 else (h1 + h2) / 2
    if c1 * c2 and abs(h1 - h2) > 180:
        hm += 180 if h1 + h2 < 360 else -180
    t = 1 - 0.17 * np.cos(np.radians(hm - 30)) + 0.24 * np.cos(np.radians(2 * hm))
    t += 0.32 * np.cos(np.radians(3 * hm + 6)) - 0.20 * np.cos(np.radians(4 * hm - 63))
    rotation = 30 * np.exp(-(((hm - 275) / 25) ** 2))
    rc = 2 * np.sqrt(cm**7 / (cm**7 + 25.0**7))
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rt = -np.sin(np.radians(2 * rotation)) * rc
    return float(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh)))


def nearest(colors, sight):
    """Return the smallest difference between any two colours, and which two it is."""
    return min((ciede2000(seen(one, sight), seen(other, sight)), one, other) for one, other in combinations(colors, 2))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_the_published_examples(one, other, difference):
    assert ciede2000(one, other) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(difference, abs=5e-5)


@pytest.mark.parametrize("sight", SIGHT)
def test_white_stays_white_whoever_looks(sight):
    assert seen("#ffffff", sight) == pytest.approx((100, 0, 0), abs=0.02)


def test_red_and_green_meet_for_those_without_red_or_green_cones_only():
    apart = {sight: ciede2000(seen("#c05040", sight), seen("#60853a", sight)) for sight in SIGHT}
    assert apart["all cones"] > 40
    assert apart["deuteranopia"] < 15
    assert apart["tritanopia"] > 30


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("template", ["maritime", "clouds"])
def test_the_classes_of_a_template_are_told_apart(template, sight):
    difference, one, other = nearest([c.color for c in load_ontology(template).classes], sight)
    assert difference >= LEAST, f"{one} and {other} look alike"


@pytest.mark.parametrize("sight", SIGHT)
def test_the_palette_of_new_classes_is_told_apart(sight):
    difference, one, other = nearest(PALETTE, sight)
    assert difference >= LEAST, f"{one} and {other} look alike"


def test_new_classes_take_the_palette_first_and_then_other_hues():
    colors = [spread_color(number) for number in range(40)]
    assert tuple(colors[: len(PALETTE)]) == PALETTE
    assert len(set(colors)) == 40


def test_the_colours_of_world_cover_are_given_and_their_weakness_known():
    """Land cover keeps the colours of ESA's maps, so that it looks like them; one pair needs its names."""
    colors = [c.color for c in load_ontology("landcover").classes]
    assert nearest(colors, "all cones")[0] >= LEAST
    difference, *pair = nearest(colors, "protanopia")
    assert difference < LEAST
    assert pair == ["#006400", "#fa0000"]  # trees and buildings
    others = [color for color in colors if color != "#fa0000"]
    assert nearest(others, "protanopia")[0] > difference

"""Pixels along the rows, and pixels as PNG."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.own_members import exact_outline, own_member
from napari_geolabel.formats.png_masks import outline_of_png, png_of, png_window
from napari_geolabel.formats.row_runs import outline_of_runs, runs_of
from napari_geolabel.masks import burn

SHAPE = (30, 40)
PIERCED = shapely.box(3.2, 4, 20.5, 17).difference(shapely.box(8, 8, 10.5, 10))


def pixels_of(geometry: shapely.Geometry, shape: tuple[int, int]) -> np.ndarray:
    return burn([geometry], 1, shape, window=(slice(0, shape[0]), slice(0, shape[1]))) > 0


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
@settings(max_examples=60)
def test_any_pixels_return_along_the_rows(pixels):
    edges = np.flatnonzero(np.diff(pixels.ravel(), prepend=False, append=False))
    counts = np.diff(np.concatenate([[0], edges, [pixels.size]])).tolist()
    if not pixels.any():
        with pytest.raises(BadGeometryError, match="covers no pixel"):
            outline_of_runs(counts, pixels.shape)
        return
    outline = outline_of_runs(counts, pixels.shape)
    assert outline.area == pixels.sum()
    assert np.array_equal(pixels_of(outline, pixels.shape), pixels)
    found = runs_of(outline, pixels.shape)
    assert sum(found) == pixels.size
    assert np.array_equal(np.repeat(np.arange(len(found)) % 2, found).reshape(pixels.shape) > 0, pixels)


@pytest.mark.parametrize("counts", [[], [3], [-1, 7], [2, 2, 3]])
def test_counts_that_do_not_add_up_are_refused(counts):
    with pytest.raises(BadGeometryError):
        outline_of_runs(counts, (2, 3))


def test_a_png_holds_the_pixels_whose_centre_is_covered():
    outline, shape = outline_of_png(png_of(PIERCED, SHAPE))
    assert shape == SHAPE
    assert np.array_equal(pixels_of(outline, SHAPE), pixels_of(PIERCED, SHAPE))
    left, top, right, bottom, text = png_window(PIERCED, SHAPE)
    assert (left, top, right, bottom) == (3, 4, 21, 17)
    inside, size = outline_of_png(text)
    assert size == (13, 18)
    assert shapely.equals(shapely.affinity.translate(inside, left, top), outline)


def test_what_lies_over_the_edge_is_cut_off():
    left, top, right, bottom, _ = png_window(shapely.box(-5, -5, 2, 3), SHAPE)
    assert (left, top, right, bottom) == (0, 0, 2, 3)


@pytest.mark.parametrize(
    "text", [None, 7, "", "*", base64.b64encode(b"\x89PNG\r\n").decode(), "data:image/png;base64,"]
)
def test_what_is_no_png_is_refused(text):
    with pytest.raises(BadGeometryError):
        outline_of_png(text)


def test_the_exact_outline_counts_as_long_as_the_pixels_are_its_own():
    row = dict.fromkeys(("id", "kind", "status", "confidence", "source", "annotator", "created", "updated"))
    row |= {"tool": None, "composite": None, "ground_resolution_m": None}
    own = own_member(row, pixels_of=PIERCED)
    pixels = outline_of_runs(runs_of(PIERCED, SHAPE), SHAPE)
    assert shapely.equals_exact(exact_outline(own, pixels, SHAPE), PIERCED)
    repainted = shapely.box(0, 0, 5, 5)
    assert exact_outline(own, repainted, SHAPE) is repainted
    assert own_member(row, pixels_of=shapely.box(0, 0, 1, 1)) == {}


ENDLESS = shapely.to_wkb(shapely.Polygon([(0, 0), (float("inf"), 0), (5, 5)]), hex=True)


@pytest.mark.parametrize(
    "outline", [None, 7, "zz", shapely.Point(1, 1).wkb_hex, pytest.param(ENDLESS, id="with infinity")]
)
def test_an_outline_that_is_none_is_passed_over(outline):
    found = shapely.box(0, 0, 2, 2)
    for own in ({"outline": outline}, {}, None):
        assert exact_outline(own, found, SHAPE) is found

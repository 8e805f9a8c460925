"""Run-length encoded masks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from shapely import box

from napari_geolabel.formats import rle
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.masks import burn

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


def runs_of(mask: np.ndarray) -> list[int]:
    """Return the runs of a mask, the plain way."""
    flat = mask.astype(np.uint8).ravel(order="F")
    counts = np.diff(np.r_[0, np.flatnonzero(np.diff(flat)) + 1, flat.size]).tolist()
    return [0, *counts] if flat[0] else counts


@given(mask=MASKS)
@settings(max_examples=80, deadline=None)
def test_decoded_outlines_cover_the_same_pixels(mask):
    coded = {"size": list(mask.shape), "counts": runs_of(mask)}
    if not mask.any():
        with pytest.raises(BadGeometryError, match="covers no pixel"):
            rle.decode(coded, mask.shape)
        return
    outline = rle.decode(coded, mask.shape)
    assert np.array_equal(burn([outline], 1, mask.shape).astype(bool), mask)
    assert rle.area(coded) == mask.sum() == outline.area


@given(x=st.floats(-5, 12), y=st.floats(-5, 12), width=st.floats(0.1, 20), height=st.floats(0.1, 20))
@settings(max_examples=80, deadline=None)
def test_encoding_a_window_is_encoding_the_whole_image(x, y, width, height):
    shape = (9, 7)
    geometry = box(x, y, x + width, y + height)
    assert rle.encode(geometry, shape)["counts"] == runs_of(burn([geometry], 1, shape))


def test_compressed_counts_are_those_of_the_published_example():
    assert rle.uncompressed("=24000a0") == [13, 2, 4, 2, 4, 2, 21]


@given(mask=MASKS)
@settings(max_examples=80, deadline=None)
def test_compressed_counts_are_read_as_pycocotools_writes_them(mask):
    maskutils = pytest.importorskip("pycocotools.mask", reason="pycocotools is what others write RLE with")
    text = maskutils.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode("ascii")
    assert rle.uncompressed(text) == runs_of(mask)


def test_a_large_image_costs_no_more_than_what_is_in_it():
    shape = (30_000, 30_000)
    coded = rle.encode(box(29_000, 10, 29_010, 20), shape)
    assert rle.area(coded) == 100
    assert rle.decode(coded, shape).equals(box(29_000, 10, 29_010, 20))


def test_a_mask_over_too_many_pixels_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(rle, "MAX_WINDOW", 50)
    with pytest.raises(BadGeometryError, match="more than 50 pixels"):
        rle.decode({"size": [10, 10], "counts": [0, 100]}, (10, 10))


def test_separate_areas_become_parts():
    coded = {"size": [3, 3], "counts": [0, 1, 7, 1]}
    outline = rle.decode(coded, (3, 3))
    assert outline.geom_type == "MultiPolygon"
    assert shapely.get_num_geometries(outline) == 2


@pytest.mark.parametrize("text", ["/", "p" * 2, "\x80", "o" * 20])
def test_damaged_text_is_refused(text):
    with pytest.raises(BadGeometryError, match="RLE"):
        rle.uncompressed(text)

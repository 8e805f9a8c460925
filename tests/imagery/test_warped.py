"""A scene read on the grid of another CRS."""

from __future__ import annotations

import copy
import tracemalloc

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.geo.between import pixels_between, warped_grid
from napari_geolabel.geo.grid import GeoGrid
from napari_geolabel.imagery.lazy_level import LazyLevel
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.picture import Picture, band_levels
from napari_geolabel.imagery.warped import WarpedPicture, places_between, warped_levels

UTM31, UTM32 = CRS.from_epsg(32631), CRS.from_epsg(32632)
FIRST = GeoGrid(shape=(300, 400), transform=Affine(10, 0, 5.9e5, 0, -10, 5.75e6), crs=UTM31)


class Numbered(LazyLevel):
    """A level whose every pixel tells the full-resolution pixel at its centre: row times 100,000 plus column."""

    def __init__(self, shape, factor=1):
        self.shape = tuple(side // factor for side in shape)
        self.factor = factor
        self.chunks = (256, 256)
        self.dtype = np.dtype(np.float64)
        self.read_px = 0

    def read(self, bounds):
        row, row_stop, col, col_stop = bounds
        assert 0 <= row <= row_stop <= self.shape[0]
        assert 0 <= col <= col_stop <= self.shape[1]
        self.read_px += (row_stop - row) * (col_stop - col)
        rows, cols = (np.arange(a, b) * self.factor + self.factor // 2 for a, b in ((row, row_stop), (col, col_stop)))
        return rows[:, None] * 1e5 + cols


@pytest.fixture
def other(write_scene):
    """A scene of 900 x 800 pixels in the neighbouring zone, rotated by 20 degrees."""
    transform = Affine.translation(1.75e5, 5.755e6) @ Affine.rotation(20) @ Affine.scale(10, -10)
    grid = GeoGrid(shape=(900, 800), transform=transform, crs=UTM32)
    with open_scene(write_scene(grid, bands=("blue", "green", "red", "nir"))) as scene:
        yield scene


def exact_pixels(level_grid, source_grid, bounds):
    """Return row and column in the source of every pixel of a window, one by one through both CRSs."""
    row, row_stop, col, col_stop = bounds
    x, y = np.meshgrid(np.arange(col, col_stop) + 0.5, np.arange(row, row_stop) + 0.5)
    places = pixels_between(np.column_stack([x.ravel(), y.ravel()]), level_grid, source_grid)
    return places.reshape(*x.shape, 2)


def test_every_pixel_is_the_nearest_of_the_scene(other):
    grid = warped_grid(FIRST, other.grid)
    warped = warped_levels(band_levels(other, "red"), other.grid, grid)[0]
    assert warped.shape == grid.shape
    places = exact_pixels(grid, other.grid, (0, grid.shape[0], 0, grid.shape[1]))
    x, y = places[..., 0], places[..., 1]
    inside = (x >= 0) & (x < 800) & (y >= 0) & (y < 900)
    pixels = np.asarray(warped)
    sure = np.abs(places - np.round(places)).min(axis=2) > 0.02  # on the border of two pixels either is right
    np.testing.assert_array_equal(np.isfinite(pixels)[sure], inside[sure])
    values = other.read("red")[0].astype(np.float32)
    want = values[y[inside & sure].astype(int), x[inside & sure].astype(int)]
    np.testing.assert_array_equal(pixels[inside & sure], want)
    assert inside.sum() > 500_000


def test_it_agrees_with_gdals_warper(other):
    import rasterio
    from rasterio.vrt import WarpedVRT

    grid = warped_grid(FIRST, other.grid)
    mine = np.asarray(warped_levels(band_levels(other, "red"), other.grid, grid)[0])
    with (
        rasterio.open(other.path) as file,
        WarpedVRT(file, crs="EPSG:32631", transform=grid.transform, height=grid.shape[0], width=grid.shape[1]) as vrt,
    ):
        theirs = vrt.read(3)
    seen = np.isfinite(mine)
    assert np.mean(mine[seen] == theirs[seen]) > 0.99  # GDAL's own approximation is an eighth of a pixel


def test_a_window_is_the_part_of_the_whole(other):
    grid = warped_grid(FIRST, other.grid)
    level = warped_levels(band_levels(other, "nir"), other.grid, grid)[0]
    whole = np.asarray(level)
    for rows, cols in ((slice(200, 531), slice(300, 317)), (slice(0, 0), slice(0, 9)), (slice(5, 6), slice(600, 601))):
        part, want = level[rows, cols], whole[rows, cols]
        assert part.shape == want.shape
        assert np.mean((part == want) | (np.isnan(part) & np.isnan(want)) if want.size else 1) > 0.995


@settings(max_examples=30, deadline=None)
@given(
    row=st.integers(0, 5000),
    col=st.integers(0, 5000),
    rows=st.integers(1, 512),
    cols=st.integers(1, 512),
    metres=st.sampled_from((0.5, 10, 300, 5000)),
)
def test_places_between_knots_err_by_less_than_a_hundredth_of_a_pixel(row, col, rows, cols, metres):
    source = GeoGrid(shape=(6000, 6000), transform=Affine(metres, 0, 2e5, 0, -metres, 5.8e6), crs=UTM32)
    target = GeoGrid(shape=(6000, 6000), transform=Affine(metres, 0, 6e5, 0, -metres, 5.8e6), crs=UTM31)
    bounds = (row, row + rows, col, col + cols)
    found = places_between(bounds, target, source)
    exact = exact_pixels(target, source, bounds)
    reached = np.isfinite(exact).all(axis=2)
    np.testing.assert_allclose(found[0][reached], exact[..., 0][reached], atol=0.02, rtol=0)
    np.testing.assert_allclose(found[1][reached], exact[..., 1][reached], atol=0.02, rtol=0)


def test_a_picture_is_transparent_outside_and_switches_in_place(other):
    grid = warped_grid(FIRST, other.grid)
    warped = WarpedPicture(other, "true_color", grid)
    assert warped.scene is other
    assert warped.levels[0].shape == (*grid.shape, 4)
    corner = warped.levels[0][0:20, 0:20]
    assert not corner.any()
    assert corner.dtype == np.uint8
    window = np.s_[500:700, 400:650]
    before = warped.levels[0][window]
    assert (before[..., 3] == 255).all()
    warped.composite = "false_color"
    assert warped.composite.id == "false_color"
    assert not np.array_equal(warped.levels[0][window], before)
    plain = Picture(other, "false_color")
    assert warped.limits == plain.limits
    assert warped.gamma == plain.gamma
    colors = {tuple(color) for color in warped.levels[0][500:510, 400:410].reshape(-1, 4)}
    assert colors <= {tuple(color) for color in np.asarray(plain.levels[0]).reshape(-1, 4)}


def test_viewers_keep_the_coarsest_array_and_find_it_refilled(other):
    warped = WarpedPicture(other, "true_color", warped_grid(FIRST, other.grid))
    kept = np.asarray(warped.levels[-1])
    before = kept.copy()
    warped.composite = "nir"
    assert not np.array_equal(kept, before)
    np.testing.assert_array_equal(kept, warped.levels[-1][:, :])


def test_coarse_levels_read_coarse_levels():
    side = 8000
    source_grid = GeoGrid(shape=(side, side), transform=Affine(10, 0, 2e5, 0, -10, 5.8e6), crs=UTM32)
    sources = [Numbered((side, side), 2**i) for i in range(5)]
    grid = warped_grid(FIRST, source_grid)
    levels = warped_levels(sources, source_grid, grid)
    assert max(levels[-1].shape) <= 700
    np.asarray(levels[-1])
    assert sum(source.read_px for source in sources) < 4 * levels[-1].size * 4
    assert sources[0].read_px == 0
    levels[0][4000:4100, 4000:4100]
    assert 0 < sources[0].read_px < 30_000
    for level in levels:  # each shows the same place: the pixel's own number, in full resolution
        row, col = (int(0.4 * n) for n in level.shape)
        (value,) = level[row : row + 1, col : col + 1].ravel()
        y, x = divmod(value, 1e5)
        at = pixels_between([(col + 0.5, row + 0.5)], grid.level(level.shape), source_grid)[0]
        pixel = grid.shape[0] / level.shape[0]
        assert (x + 0.5, y + 0.5) == pytest.approx(tuple(at), abs=pixel)


def test_memory_is_that_of_the_window():
    source_grid = GeoGrid(shape=(60_000, 60_000), transform=Affine(1, 0, 2e5, 0, -1, 5.8e6), crs=UTM32)
    sources = [Numbered((60_000, 60_000), 2**i) for i in range(6)]
    level = warped_levels(sources, source_grid, warped_grid(FIRST, source_grid))[0]
    tracemalloc.start()
    try:
        window = level[30_000:32_000, 30_000:32_000]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < window.nbytes + 60e6
    assert np.isfinite(window).all()


def test_where_the_map_tears_no_more_is_read_than_one_level_holds():
    world = GeoGrid(shape=(18_000, 36_000), transform=Affine(0.01, 0, -180, 0, -0.01, 90), crs=CRS.from_epsg(4326))
    sources = [Numbered((18_000, 36_000), 2**i) for i in range(6)]
    pole = GeoGrid(shape=(400, 400), transform=Affine(5000, 0, -1e6, 0, -5000, 1e6), crs=CRS.from_epsg(3995))
    levels = warped_levels(sources, world, pole)
    found = np.asarray(levels[0])
    assert np.isfinite(found).mean() > 0.99
    assert max(source.read_px for source in sources) < 40e6
    y, x = np.divmod(found[100, 300], 1e5)
    at = pixels_between([(300.5, 100.5)], pole, world)[0]
    assert (x + 0.5, y + 0.5) == pytest.approx(tuple(at), abs=4)  # of a level of four, which a pixel of 5 km asks for


def test_a_viewer_may_duplicate_the_layer(other):
    warped = WarpedPicture(other, "true_color", warped_grid(FIRST, other.grid))
    assert copy.deepcopy(warped.levels)[0] is warped.levels[0]

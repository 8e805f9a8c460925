"""What was painted last is not painted again, and never in the place of something else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import Composite, Picture, Stretch, open_scene
from napari_geolabel.imagery.cache import TileCache
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.viewports import Viewports, common_part, rest_of, within

ROWS, COLS = 40, 30
LEVELS = [Level(index=i, shape=(ROWS, COLS), factor=1.0, chunks=(8, 8), source_shape=(ROWS, COLS)) for i in range(3)]
RGB = ("red", "green", "blue")


def windows() -> st.SearchStrategy[tuple[int, int, int, int]]:
    rows = st.tuples(st.integers(0, ROWS), st.integers(0, ROWS)).map(sorted)
    cols = st.tuples(st.integers(0, COLS), st.integers(0, COLS)).map(sorted)
    return st.tuples(rows, cols).map(lambda both: (*both[0], *both[1]))


def marked(*bounds):
    """How often each pixel lies in some windows."""
    found = np.zeros((ROWS, COLS), int)
    for row, row_stop, col, col_stop in bounds:
        found[row:row_stop, col:col_stop] += 1
    return found


@given(windows(), windows())
def test_two_windows_share_the_pixels_that_lie_in_both(one, other):
    both = (marked(one) + marked(other)) == 2
    common = common_part(one, other)
    np.testing.assert_array_equal(both, marked(*([] if common is None else [common])))


@given(windows(), windows())
def test_a_part_and_the_rest_fill_a_window_without_overlap(whole, other):
    part = common_part(whole, other)
    rest = rest_of(whole, part)
    assert len(rest) <= 4
    np.testing.assert_array_equal(marked(whole), marked(*rest, *([] if part is None else [part])))


@given(windows(), windows())
def test_a_part_is_found_again_inside_its_window(whole, other):
    part = common_part(whole, other)
    if part is not None:
        numbers = np.arange(ROWS * COLS).reshape(ROWS, COLS)
        inside = numbers[whole[0] : whole[1], whole[2] : whole[3]][within(part, whole)]
        np.testing.assert_array_equal(inside, numbers[part[0] : part[1], part[2] : part[3]])


def words_of(bounds, value=1):
    return np.full((bounds[1] - bounds[0], bounds[3] - bounds[2]), value, np.uint32)


def test_each_level_has_a_last_window_of_its_own():
    seen = Viewports(TileCache(1_000_000).share())
    for level in LEVELS:
        seen.keep(level, (0, 4, 0, 6), words_of((0, 4, 0, 6), level.index))
    for level in LEVELS:
        bounds, words = seen.find(level)
        assert bounds == (0, 4, 0, 6)
        assert (words == level.index).all()
        assert not words.flags.writeable


def test_a_new_window_takes_the_place_of_the_old_one_in_the_cache():
    cache = TileCache(1_000_000)
    seen = Viewports(cache.share())
    for i in range(5):
        seen.keep(LEVELS[0], (0, 10, 0, 10 + i), words_of((0, 10, 0, 10 + i)))
        assert cache.size_bytes == 10 * (10 + i) * 4
    assert seen.find(LEVELS[0])[0] == (0, 10, 0, 14)


def test_a_window_that_is_large_for_the_cache_or_empty_is_not_kept():
    cache = TileCache(8 * 400)
    seen = Viewports(cache.share())
    seen.keep(LEVELS[0], (0, 10, 0, 10), words_of((0, 10, 0, 10)))
    assert seen.find(LEVELS[0])[0] == (0, 10, 0, 10)
    seen.keep(LEVELS[0], (0, 10, 0, 11), words_of((0, 10, 0, 11)))
    seen.keep(LEVELS[0], (5, 5, 0, 11), words_of((5, 5, 0, 11)))
    assert seen.find(LEVELS[0])[0] == (0, 10, 0, 10)
    assert cache.size_bytes == 400


def test_a_window_that_tiles_have_pushed_out_is_painted_anew():
    share = TileCache(4_000).share()
    seen = Viewports(share)
    seen.keep(LEVELS[0], (0, 10, 0, 10), words_of((0, 10, 0, 10)))
    share.put((0, 0, 0, 0), np.zeros(3_900, np.uint8))
    assert seen.find(LEVELS[0]) is None


def test_what_is_closed_lets_go_of_its_windows_and_keeps_none_any_more():
    cache = TileCache(1_000_000)
    share = cache.share()
    share.put((0, 0, 0, 0), np.zeros(100, np.uint8))
    seen = Viewports(share)
    for level in LEVELS:
        seen.keep(level, (0, 10, 0, 10), words_of((0, 10, 0, 10)))
    seen.close()
    assert cache.size_bytes == 100, "tiles stay"
    assert seen.find(LEVELS[0]) is None
    seen.keep(LEVELS[0], (0, 10, 0, 10), words_of((0, 10, 0, 10)))
    assert cache.size_bytes == 100
    assert seen.find(LEVELS[0]) is None


PANS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(-30, 700), st.integers(1, 400), st.integers(-30, 900), st.integers(1, 500)
    ),
    min_size=2,
    max_size=12,
)


@pytest.fixture(scope="module", params=["uint16", "float32"])
def scene(request, tmp_path_factory):
    """A scene with nodata, a mask and a collar's worth of zeros, in tiles, and its whole picture at every level."""
    import rasterio

    random = np.random.default_rng(3)
    pixels = random.integers(1, 3000, (4, 700, 900)).astype(request.param)
    pixels[:, np.add.outer(np.arange(700), np.arange(900)) < 400] = 0
    path = tmp_path_factory.mktemp("seen") / "scene.tif"
    profile = {"driver": "GTiff", "dtype": request.param, "count": 4, "height": 700, "width": 900, "tiled": True}
    with rasterio.open(path, "w", blockxsize=256, blockysize=256, photometric="MINISBLACK", **profile) as target:
        target.write(pixels)
        for i, name in enumerate((*RGB, "nir"), 1):
            target.set_band_description(i, name)
        target.build_overviews([2, 4])
    with open_scene(path) as opened:
        yield opened


def composite(*channels):
    return Composite(id="x", title="x", channels=channels, stretch=Stretch.percentile(2, 98))


def wholes(scene, shown):
    """Each level painted in one go, by a picture that has seen nothing."""
    return [level.read((0, *level.shape[:1], 0, level.shape[1])) for level in Picture(scene, shown).levels]


@settings(max_examples=30, deadline=None)
@given(pans=PANS, switches=st.lists(st.booleans(), min_size=12, max_size=12))
def test_whatever_was_seen_before_a_window_shows_what_is_there(scene, pans, switches):
    both = [composite("red", "green", "blue"), composite("nir", "red", "green")]
    truths = [wholes(scene, each) for each in both]
    picture = Picture(scene, both[0])
    for (level, row, height, col, width), switch in zip(pans, switches, strict=False):
        picture.composite = both[switch]
        row, col = max(0, row) >> level, max(0, col) >> level
        shown = picture.levels[level][row : row + height, col : col + width]
        np.testing.assert_array_equal(shown, truths[switch][level][row : row + height, col : col + width])


def test_threads_that_look_at_different_places_do_not_see_each_other_s(scene):
    picture = Picture(scene, composite("red", "green", "blue"))
    truth = wholes(scene, picture.composite)[0]

    def look(seed: int) -> bool:
        row, col = np.random.default_rng(seed).integers(0, (400, 500))
        return np.array_equal(
            picture.levels[0][row : row + 300, col : col + 400], truth[row : row + 300, col : col + 400]
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, range(80)))


def test_only_what_comes_new_into_view_is_painted(scene, monkeypatch):
    picture = Picture(scene, composite("red", "green", "blue"))
    asked = []
    original = scene.pieces
    monkeypatch.setattr(scene, "pieces", lambda i, level, bounds: asked.append(bounds) or original(i, level, bounds))
    picture.levels[0][100:400, 100:500]
    picture.levels[0][100:400, 100:500]
    picture.levels[0][100:400, 140:540]
    picture.levels[0][120:420, 140:540]
    assert asked == [(100, 400, 100, 500), (100, 400, 500, 540), (400, 420, 140, 540)]


def test_a_picture_of_a_scene_that_was_closed_does_not_come_from_memory(make_tiff, random_pixels):
    one = open_scene(make_tiff(random_pixels(3, 60, 70), descriptions=RGB))
    with one.with_bands(RGB):  # keeps the file and what is kept of it
        level = Picture(one, "true_color").levels[0]
        level[:30, :30]
        one.close()
        with pytest.raises(SceneError, match="closed"):
            level[:30, :30]


def test_what_is_kept_of_a_picture_cannot_be_changed_by_accident(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 60, 70), descriptions=RGB)) as scene:
        picture = Picture(scene, "true_color")
        with pytest.raises(ValueError, match="read-only"):
            picture.levels[0][:30, :30][0, 0] = 1
        np.asarray(picture.levels[-1])[0, 0] = 1  # this array is the viewer's own
        assert (picture.levels[-1][0, 0] != 1).any()


def test_switching_for_ever_does_not_fill_the_memory(make_tiff, random_pixels):
    """Windows of composites that are kept no longer would else stay until the budget is used up."""
    with open_scene(make_tiff(random_pixels(12, 60, 70))) as scene:
        picture, sizes = Picture(scene, "band_1"), []
        for _ in range(4):
            for number in range(1, 13):
                picture.composite = f"band_{number}"
                picture.levels[0][:, :]
            sizes.append(scene.source.store.cache.size_bytes)
        assert len(set(sizes)) == 1
        picture.close()
        assert scene.source.store.cache.size_bytes < sizes[-1]
        np.testing.assert_array_equal(picture.levels[0][:, :], Picture(scene, "band_12").levels[0][:, :])


def test_a_limit_that_is_dragged_does_not_fill_the_memory(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 60, 70), descriptions=RGB)) as scene:
        picture, sizes = Picture(scene, "true_color"), []
        for step in range(60):
            picture.composite = Composite(id="x", title="x", channels=RGB, stretch=Stretch.fixed(0, 100 + step))
            picture.levels[0][:, :]
            sizes.append(scene.source.store.cache.size_bytes)
        assert len(set(sizes[20:])) == 1

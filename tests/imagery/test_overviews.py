"""Built levels equal those that are made by leaving pixels out, to the last bit, and are built once."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
import rasterio
import tifffile
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import SceneError, WriteError
from napari_geolabel.imagery import Picture, open_scene, overviews, reduced
from napari_geolabel.imagery.overviews import (
    OverviewJob,
    build_levels,
    keep_levels_ready,
    nearest_places,
    write_overviews_beside,
)


def every_level(scene) -> list[dict[int, np.ndarray]]:
    """All bands and masks of all levels, read past the cache of tiles."""
    store = scene.source.store
    indexes = reduced.stored_indexes(scene.source.facts)
    return [
        store.file.read(level, indexes, (0, level.shape[0], 0, level.shape[1]))
        for level in scene.levels
    ]  # fmt: skip


def assert_same(ours, theirs) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert one.keys() == other.keys()
        for index, pixels in one.items():
            assert pixels.dtype == other[index].dtype
            np.testing.assert_array_equal(pixels, other[index])


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "float32", "float64", "complex64"])
def test_built_levels_are_the_same_for_every_data_type(dtype, make_tiff, random_pixels):
    if dtype == "complex64":
        pixels = (random_pixels(1, 1500, 1801, "float32") + 1j * random_pixels(1, 1500, 1801, "float32", 2)).astype(
            dtype
        )
    else:
        pixels = random_pixels(2, 1500, 1801, dtype)
    path = make_tiff(pixels)
    with open_scene(path) as scene:
        slow = every_level(scene)
        assert scene.source.store.reduced is None
        assert build_levels(scene.source.store.reader) is not None
    with open_scene(path) as again:
        assert again.source.store.reduced is not None
        assert_same(every_level(again), slow)


STRIPS: dict[str, object] = {}
TILES = {"tiled": True, "blockxsize": 256, "blockysize": 128, "compress": "deflate"}
LARGE = [(1401, 2803), (703, 5001), (4099, 711), (2048, 2048)]
THIN = [(1, 3000), (3000, 1)]  # thinner than any tile


@pytest.mark.parametrize(
    ("shape", "profile"), [(shape, p) for shape in LARGE for p in (STRIPS, TILES)] + [(shape, STRIPS) for shape in THIN]
)
def test_built_levels_are_the_same_for_every_shape_and_layout(shape, profile, make_tiff, random_pixels, monkeypatch):
    monkeypatch.setattr(overviews, "_STRIPE_BYTES", 1_000_000)
    path = make_tiff(random_pixels(1, *shape, "uint16"), **profile)
    with open_scene(path) as scene:
        slow = every_level(scene)
        build_levels(scene.source.store.reader)
    with open_scene(path) as again:
        assert again.source.store.reduced is not None
        assert_same(every_level(again), slow)


def test_masks_are_exact(make_tiff, random_pixels):
    mask = np.where(random_pixels(1, 1500, 1801)[0] > 0, 255, 0).astype("uint8")
    path = make_tiff(random_pixels(2, 1500, 1801), mask=mask)
    with open_scene(path) as scene:
        slow = every_level(scene)
        masked = scene.read(level=1).mask
        build_levels(scene.source.store.reader)
    with open_scene(path) as again:
        assert -1 in slow[1]
        assert_same(every_level(again), slow)
        np.testing.assert_array_equal(again.read(level=1).mask, masked)


@given(st.integers(1, 40_000), st.integers(1, 9))
def test_a_pixel_of_a_level_is_the_one_under_its_centre(many, halvings):
    few = -(-many // 2**halvings)
    places = nearest_places(many, few)
    assert len(places) == few
    assert 0 <= places[0] <= places[-1] < many
    exact = [min(many - 1, ((2 * i + 1) * many) // (2 * few)) for i in range(few)]
    assert places.tolist() == exact


def test_levels_are_built_once_and_used_the_next_time(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 1500, 1500))
    with open_scene(path) as scene:
        shares: list[float] = []
        target = build_levels(scene.source.store.reader, progress=shares.append)
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
    assert target is not None
    assert list(path.parent.iterdir()) == [path]  # never beside the data
    with open_scene(path) as again:
        full = again.source.store.reader
        original, touched = full.read, []
        full.read = lambda level, *rest: (touched.append(level.index), original(level, *rest))[1]
        again.read(level=1)
        again.read(level=0, window=(slice(0, 5), slice(0, 5)))
        assert touched == [0]


def touch(path) -> None:
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 5))


def rewrite(path) -> None:
    with rasterio.open(path, "r+") as dataset:
        dataset.write(dataset.read() + 1)


def mark(path) -> None:
    path.with_name(path.name + ".aux.xml").write_text("<PAMDataset></PAMDataset>")


@pytest.mark.parametrize("change", [touch, rewrite, mark])
def test_a_file_that_has_changed_is_not_shown_from_old_levels(change, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 1500, 1500))
    with open_scene(path) as scene:
        build_levels(scene.source.store.reader)
    change(path)
    with open_scene(path) as changed:
        assert changed.source.store.reduced is None
        slow = every_level(changed)
        build_levels(changed.source.store.reader)
    with open_scene(path) as again:
        assert again.source.store.reduced is not None
        assert_same(every_level(again), slow)


def test_another_file_of_the_same_name_elsewhere_has_levels_of_its_own(make_tiff, random_pixels, tmp_path):
    path = make_tiff(random_pixels(1, 1500, 1500))
    with open_scene(path) as scene:
        build_levels(scene.source.store.reader)
    (tmp_path / "other").mkdir()
    moved = path.rename(tmp_path / "other" / path.name)
    with open_scene(moved) as scene:
        assert scene.source.store.reduced is None


@pytest.mark.parametrize("content", [b"", b"II*\0 no TIFF at all", None])
def test_a_damaged_cache_file_is_not_used(content, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 1500, 1500))
    with open_scene(path) as scene:
        slow = every_level(scene)
        target = build_levels(scene.source.store.reader)
        assert target is not None
        target.write_bytes(target.read_bytes()[:2000] if content is None else content)
    with open_scene(path) as again:
        assert_same(every_level(again), slow)
        assert again.source.store.reduced is None


def test_cancelling_leaves_nothing_behind(make_tiff, random_pixels, monkeypatch, cache_home):
    monkeypatch.setattr(overviews, "_STRIPE_BYTES", 100_000)
    path = make_tiff(random_pixels(1, 1500, 1500))
    shares: list[float] = []
    with open_scene(path) as scene:
        reader = scene.source.store.reader
        assert build_levels(reader, progress=shares.append, cancelled=lambda: len(shares) >= 3) is None
    assert len(shares) == 3
    assert list(cache_home.iterdir()) == []


def test_a_failure_leaves_the_old_levels(make_tiff, random_pixels, monkeypatch, cache_home):
    path = make_tiff(random_pixels(1, 1500, 1500))
    with open_scene(path) as scene:
        target = build_levels(scene.source.store.reader)
        assert target is not None
        before = target.read_bytes()

        def full_disk(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(overviews._LevelWriter, "_write", full_disk)
        with pytest.raises(WriteError, match="No space left"):
            build_levels(scene.source.store.reader)
    assert target.read_bytes() == before
    assert list(cache_home.iterdir()) == [target]


def test_files_used_longest_ago_make_room(make_tiff, random_pixels, monkeypatch, cache_home):
    targets = []
    for i in range(3):
        with open_scene(make_tiff(random_pixels(1, 1500, 1500), f"{i}.tif")) as scene:
            targets.append(build_levels(scene.source.store.reader))
        os.utime(targets[-1], (i, i))
    monkeypatch.setattr(overviews, "MAX_CACHE_BYTES", 4_000_000)
    with open_scene(make_tiff(random_pixels(1, 1500, 1500), "last.tif")) as scene:
        newest = build_levels(scene.source.store.reader)
    left = set(cache_home.iterdir())
    assert newest in left
    assert targets[0] not in left
    assert targets[2] in left


@pytest.fixture
def large(make_tiff, random_pixels):
    """A scene that is worth building levels for."""
    return make_tiff(random_pixels(1, 200, overviews.WORTH_BUILDING_PX + 1, "uint8"))


def test_what_is_read_while_levels_are_built_is_right(large, monkeypatch):
    with open_scene(large) as scene:
        slow = every_level(scene)
        picture = Picture(scene, scene.default_composite())
        shown = picture.levels[-1][:].copy()
        go_on = threading.Event()
        original = overviews._stripes

        def held_up(*arguments):
            assert go_on.wait(60)
            yield from original(*arguments)

        monkeypatch.setattr(overviews, "_stripes", held_up)
        job = keep_levels_ready(scene)
        assert job is not None
        assert job.is_running
        assert_same(every_level(scene), slow)
        go_on.set()
        assert job.wait(60)
        assert job.error is None
        assert job.share_done == 1.0
        assert scene.source.store.reduced is not None
        assert_same(every_level(scene), slow)
        scene.source.store.cache.clear()
        np.testing.assert_array_equal(picture.levels[-1][:], shown)
        assert keep_levels_ready(scene) is None
    with open_scene(large) as again:
        assert again.source.store.reduced is not None


def test_a_scene_that_closes_ends_its_job_and_lets_the_file_go(large, monkeypatch, cache_home):
    go_on, started = threading.Event(), threading.Event()
    original = overviews._stripes

    def held_up(*arguments):
        started.set()
        assert go_on.wait(60)
        yield from original(*arguments)

    monkeypatch.setattr(overviews, "_stripes", held_up)
    scene = open_scene(large)
    job = OverviewJob(scene)
    assert started.wait(60)
    scene.close()
    go_on.set()
    assert job.wait(60)
    assert job.error is None
    assert list(cache_home.iterdir()) == []
    with pytest.raises(SceneError, match="has been closed"):
        scene.source.store.read(scene.levels[0], [0], (0, 1, 0, 1))


def test_a_job_that_is_cancelled_ends_without_an_error(large, cache_home):
    with open_scene(large) as scene:
        job = OverviewJob(scene)
        job.cancel()
        assert job.wait(60)
        assert job.error is None


def test_a_job_that_cannot_write_keeps_its_reason(large, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    for module in (overviews, reduced):
        monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "file" / "below", raising=False)
    with open_scene(large) as scene:
        job = OverviewJob(scene)
        assert job.wait(60)
        assert isinstance(job.error, WriteError)
        assert scene.read(level=1).shape[1] == 100


def test_small_scenes_and_those_with_overviews_are_left_alone(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 1500, 1500), "small.tif")) as small:
        assert keep_levels_ready(small) is None
    with (
        open_scene(make_tiff(random_pixels(1, 600, 600), "tiny.tif")) as tiny,
        pytest.raises(SceneError, match="small"),
    ):
        build_levels(tiny.source.store.reader)
    path = make_tiff(random_pixels(1, 200, 5000), "has.tif", overviews=(2, 4, 8))
    with open_scene(path) as has:
        assert keep_levels_ready(has) is None


def test_overviews_beside_are_gdal_s_own_and_hold_the_mask(make_tiff, random_pixels):
    mask = np.where(random_pixels(1, 1500, 1801)[0] > 0, 255, 0).astype("uint8")
    pixels = random_pixels(2, 1500, 1801)
    path = make_tiff(pixels, mask=mask)
    before = path.read_bytes()
    with open_scene(path) as scene:
        virtual = scene.read(level=1)
    written = write_overviews_beside(path)
    assert written == path.with_name("scene.tif.ovr")
    assert path.read_bytes() == before
    with rasterio.open(path) as dataset:
        assert dataset.overviews(1) == [2, 4]
    with open_scene(path) as again:
        assert not again.levels[1].is_virtual
        first = again.read(level=1)
        np.testing.assert_array_equal(first.data, virtual.data)
        np.testing.assert_array_equal(first.mask, virtual.mask)
        again.read(level=len(again.levels) - 1)
    with pytest.raises(SceneError, match="needs no overviews"):
        write_overviews_beside(path)


def test_overviews_beside_refuse_what_they_cannot_hold(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 1500, 1500, "float32").astype("complex64"))
    with pytest.raises(SceneError, match="leave out --beside"):
        write_overviews_beside(path)
    assert list(path.parent.iterdir()) == [path]


def test_levels_of_a_scene_of_several_files_are_built_file_by_file_and_change_no_pixel(
    make_tiff, random_pixels, cache_home, monkeypatch
):
    monkeypatch.setattr(overviews, "WORTH_BUILDING_PX", 1000)
    paths = []
    for name, metres, shape in (("B8", 15, (1200, 1400)), ("B4", 30, (600, 700)), ("B10", 10, (1800, 2100))):
        transform = Affine(metres, 0, 400_000, 0, -metres, 5_000_000)
        paths.append(make_tiff(random_pixels(1, *shape), f"{name}.tif", crs="EPSG:32633", transform=transform))
    with open_scene(paths) as scene:
        before = [scene.read(level=level.index) for level in scene.levels]
        assert keep_levels_ready(scene).wait(60)
        assert len(list(cache_home.iterdir())) == 2, "the small one is read in no time"
        for level, expected in zip(scene.levels, before, strict=True):
            found = scene.read(level=level.index)
            np.testing.assert_array_equal(found.data, expected.data)
            np.testing.assert_array_equal(found.mask, expected.mask)
        assert keep_levels_ready(scene) is None
    with open_scene(paths) as again:
        assert [file.reduced is not None for file in again.source.store.reader.parts] == [True, False, True]
        for level, expected in zip(again.levels, before, strict=True):
            np.testing.assert_array_equal(again.read(level=level.index), expected)


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_a_job_whose_file_vanishes_keeps_its_reason(large):
    with open_scene(large) as scene:
        large.unlink()
        job = OverviewJob(scene)
        assert job.wait(60)
        assert isinstance(job.error, SceneError)
        assert "is gone" in str(job.error)


def test_overviews_beside_are_not_written_for_another_page_than_the_first(tmp_path):
    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as target:
        for shape in ((1200, 1000), (1500, 1801)):
            target.write(np.zeros(shape, "uint8"), metadata=None)
    with pytest.raises(SceneError, match=r"belong to the first, not to page 2 \(1801 x 1500\).*leave out --beside"):
        write_overviews_beside(path)
    assert list(tmp_path.iterdir()) == [path]

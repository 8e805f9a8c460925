"""The cache file of built levels: where each level stands, and whether it is still of the same scene."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery import open_scene, reader, reduced
from napari_geolabel.imagery.levels import Level, plan_levels
from napari_geolabel.imagery.overviews import build_levels


def virtual_levels(rows: int, cols: int) -> tuple[Level, ...]:
    return plan_levels((rows, cols), (), ((1, cols),), tiled=False)[1:]


@given(st.integers(701, 40_000), st.integers(701, 40_000))
def test_levels_stand_under_one_another_without_a_tile_in_common(rows, cols):
    levels = virtual_levels(rows, cols)
    starts = reduced.tops(levels)
    height, width = reduced.stacked_shape(levels)
    assert all(start % reduced.TILE_PX == 0 for start in starts)
    for level, start, following in zip(levels, starts, [*starts[1:], height], strict=True):
        assert start + level.shape[0] <= following
        assert level.shape[1] <= width
    assert starts[-1] + levels[-1].shape[0] == height


def test_bands_come_first_and_masks_after_them(make_tiff, random_pixels):
    mask = np.full((40, 50), 255, "uint8")
    with open_scene(make_tiff(random_pixels(2, 40, 50), "plain.tif")) as plain:
        assert reduced.stored_indexes(plain.source.facts) == [0, 1]
    with open_scene(make_tiff(random_pixels(2, 40, 50), "masked.tif", mask=mask)) as masked:
        assert reduced.stored_indexes(masked.source.facts) == [0, 1, -1]


def test_only_levels_of_the_full_resolution_are_built(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 1500, 1500), "none.tif")) as none:
        assert [level.index for level in reduced.levels_to_build(none.source.store.reader)] == [1, 2]
    with open_scene(make_tiff(random_pixels(1, 1500, 1500), "all.tif", overviews=(2, 4))) as everything:
        assert reduced.levels_to_build(everything.source.store.reader) == ()


def test_scenes_of_several_files_are_left_to_their_files(make_tiff, random_pixels):
    paths = [make_tiff(random_pixels(1, 1500, 1500), f"{name}.tif", crs="EPSG:32633") for name in ("red", "nir")]
    with open_scene(paths) as scene:
        assert reduced.levels_to_build(scene.source.store.reader) == ()
        assert reduced.find_reduced(scene.source.store.reader) is None


def test_the_name_of_the_cache_file_tells_nothing_and_depends_on_the_path(make_tiff, random_pixels, cache_home):
    names = set()
    for name in ("one.tif", "two.tif"):
        with open_scene(make_tiff(random_pixels(1, 30, 30), name)) as scene:
            path = reduced.cache_path(scene.source.facts)
            assert path == reduced.cache_path(scene.source.facts)
            assert path.parent == cache_home
            assert "one" not in path.name
            names.add(path.name)
    assert len(names) == 2


def test_a_fingerprint_holds_while_nothing_changes(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 300, 300))
    with open_scene(path) as scene, open_scene(path, sensor="none") as again:
        told = reduced.fingerprint(scene.source.facts)
        assert told == reduced.fingerprint(again.source.facts)
        assert json.loads(told)["size"] == path.stat().st_size


def test_a_change_that_keeps_size_and_time_is_seen_at_the_file_s_ends(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 300, 300))
    with open_scene(path) as scene:
        told, state = reduced.fingerprint(scene.source.facts), path.stat()
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert reduced.fingerprint(scene.source.facts) != told


def virtual_of(source: Path, name: str, *others: Path, side: int = 300) -> Path:
    """Write a virtual raster that shows the first bands of square files beside it, next to one another."""
    files = (source, *others)
    parts = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">{file.name}</SourceFilename><SourceBand>1</SourceBand>'
        f'<SrcRect xOff="0" yOff="0" xSize="{side}" ySize="{side}"/>'
        f'<DstRect xOff="{side * i}" yOff="0" xSize="{side}" ySize="{side}"/></SimpleSource>'
        for i, file in enumerate(files)
    )
    path = source.with_name(name)
    path.write_text(
        f'<VRTDataset rasterXSize="{side * len(files)}" rasterYSize="{side}">'
        f'<VRTRasterBand dataType="UInt16" band="1">{parts}</VRTRasterBand></VRTDataset>'
    )
    return path


@pytest.fixture
def nested(make_tiff, random_pixels):
    """The facts of a virtual raster of a virtual raster of a file.

    None is opened: rasterio reads missing sources as zeros in the same process once it has read a nested one.
    """
    plain = make_tiff(random_pixels(1, 300, 300))
    path = virtual_of(virtual_of(plain, "inner.vrt"), "outer.vrt")
    with open_scene(plain) as scene:
        return replace(scene.source.facts, path=path, driver="VRT")


def later(path: Path) -> None:
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 5))


@pytest.mark.parametrize("name", ["outer.vrt", "inner.vrt", "scene.tif", "scene.tif.aux.xml", "inner.vrt.msk.ovr"])
def test_a_virtual_raster_is_as_old_as_all_that_it_is_made_of(nested, name, make_tiff):
    make_tiff(np.ones((1, 9, 9), "uint8"), "inner.vrt.msk.ovr")
    nested.path.with_name("scene.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")
    told = reduced.fingerprint(nested)
    assert told == reduced.fingerprint(nested)
    later(nested.path.with_name(name))
    assert reduced.fingerprint(nested) != told


@pytest.mark.parametrize("overviews", [(), (2, 4, 8)])
def test_nothing_is_built_of_a_virtual_raster_whose_files_have_overviews(overviews, make_tiff, random_pixels):
    one, two = (make_tiff(random_pixels(1, 800, 800, seed=i), f"{i}.tif", overviews=overviews) for i in (1, 2))
    mosaic = virtual_of(one, "mosaic.vrt", two, side=800)
    outer = virtual_of(mosaic, "outer.vrt", side=800)
    assert reader._borrows_overviews(outer, outer.parent.resolve(), set()) is bool(overviews)
    with open_scene(mosaic) as scene:
        assert scene.levels[1].is_virtual
        assert bool(reduced.levels_to_build(scene.source.store.reader)) is not bool(overviews)
        assert any("overviews of the files" in note for note in scene.metadata.notes) is bool(overviews)
        if not overviews:
            full, small = scene.read(), scene.read(level=1)
            np.testing.assert_array_equal(small, full[:, 1::2, 1::2])


def test_a_damaged_source_in_the_middle_keeps_no_virtual_raster_from_opening(make_tiff, random_pixels):
    first, middle, last = (make_tiff(random_pixels(1, 300, 300, seed=i), f"{i}.tif") for i in range(3))
    whole = virtual_of(first, "whole.vrt", middle, last)
    middle.write_bytes(b"II*\0")
    with open_scene(whole) as scene:
        assert scene.grid.shape == (300, 900)
        with pytest.raises(SceneError, match="cannot be read"):
            scene.read()


def test_an_envi_raster_is_as_old_as_its_header(tmp_path):
    data, header = tmp_path / "e.img", tmp_path / "e.hdr"
    data.write_bytes(bytes(2 * 20 * 30))
    header.write_text(
        "ENVI\nsamples = 30\nlines = 20\nbands = 2\nheader offset = 0\ndata type = 1\n"
        "interleave = bip\nbyte order = 0\n"
    )
    with open_scene(data) as scene:
        told = reduced.fingerprint(scene.source.facts)
        header.write_text(header.read_text().replace("bip", "bsq"))
        assert reduced.fingerprint(scene.source.facts) != told


@pytest.mark.parametrize("name", ["scene.tif", "inner.vrt", "outer.vrt"])
def test_a_file_that_vanishes_is_told(nested, name):
    nested.path.with_name(name).unlink()
    with pytest.raises(GeoLabelError, match=name):
        reduced.fingerprint(nested)


@pytest.fixture
def built(make_tiff, random_pixels):
    """Built levels and the scene that they are of."""
    with open_scene(make_tiff(random_pixels(2, 1500, 1801))) as scene:
        path = build_levels(scene.source.store.reader)
        assert path is not None
        levels = reduced.open_reduced(path, scene.source.store.reader)
        assert levels is not None
        yield levels, scene
        levels.close()


def test_any_window_of_any_bands_is_what_the_file_gives(built):
    levels, scene = built
    random = np.random.default_rng(2)

    def job(seed: int) -> bool:
        own = np.random.default_rng(seed)
        level = scene.levels[int(own.integers(1, len(scene.levels)))]
        row, col = (int(own.integers(0, side - 1)) for side in level.shape)
        bounds = row, min(level.shape[0], row + 90), col, min(level.shape[1], col + 700)
        bands = [int(band) for band in own.permutation(2)[: own.integers(1, 3)]]
        ours, theirs = levels.read(level, bands, bounds), scene.source.store.reader.read(level, bands, bounds)
        return all(np.array_equal(ours[band], theirs[band]) for band in bands)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(job, random.integers(0, 2**31, 60).tolist()))


def test_the_full_resolution_is_never_asked_of_it(built):
    levels, scene = built
    assert not levels.has(scene.levels[0])
    assert all(levels.has(level) for level in scene.levels[1:])


def test_after_closing_there_is_a_sentence(built):
    levels, scene = built
    levels.close()
    levels.close()
    with pytest.raises(SceneError, match="has been closed"):
        levels.read(scene.levels[1], [0], (0, 1, 0, 1))


def test_a_scene_that_adopts_twice_keeps_the_first_and_closes_the_second(built):
    levels, scene = built
    store = scene.source.store
    second = reduced.find_reduced(store.reader)
    assert second is not None
    store.file.adopt(levels)
    store.file.adopt(second)
    assert store.reduced is levels
    with pytest.raises(SceneError, match="has been closed"):
        second.read(scene.levels[1], [0], (0, 1, 0, 1))
    store.file.adopt(None)
    assert store.reduced is levels


def test_levels_that_are_built_too_late_are_closed(make_tiff, random_pixels):
    scene = open_scene(make_tiff(random_pixels(1, 1500, 1500)))
    path = build_levels(scene.source.store.reader)
    assert path is not None
    late = reduced.open_reduced(path, scene.source.store.reader)
    assert late is not None
    scene.close()
    scene.source.store.file.adopt(late)
    assert scene.source.store.reduced is None
    with pytest.raises(SceneError, match="has been closed"):
        late.read(scene.levels[1], [0], (0, 1, 0, 1))

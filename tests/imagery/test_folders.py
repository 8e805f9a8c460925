"""A folder of bands is one scene; what is several scenes, or none, is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.folders import common_name_of, find_files, has_rasters, labels_of

LANDSAT = "LC08_L2SP_224077_20200518_20200820_02_T1"


@pytest.fixture
def touch(tmp_path):
    """Make empty files in the test's folder."""

    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


def labels(folder: Path) -> tuple[str, ...]:
    return find_files(folder).labels


def test_landsat_bands_come_in_the_order_of_their_numbers(touch):
    names = [f"{LANDSAT}_SR_B{i}.TIF" for i in (7, 10, 2, 1, 3)]
    folder = touch(*names, f"{LANDSAT}_ST_B10.TIF", f"{LANDSAT}_QA_PIXEL.TIF", f"{LANDSAT}_ST_ATRAN.TIF", "MTL.txt")
    found = find_files(folder)
    assert found.labels == ("SR_B1", "SR_B2", "SR_B3", "SR_B7", "SR_B10", "ST_B10", "QA_PIXEL")
    assert "ST_ATRAN" in found.notes[0]


def test_a_sentinel_2_product_takes_the_finest_file_of_each_band(touch):
    granule = "S2A_MSIL2A_20200518.SAFE/GRANULE/L2A_T32TQR_A0001/IMG_DATA"
    prefix = "T32TQR_20200518T101031"
    files = [f"{granule}/R{r}m/{prefix}_{b}_{r}m.jp2" for r in (10, 20, 60) for b in ("B02", "B04", "TCI", "AOT")]
    files += [f"{granule}/R20m/{prefix}_{b}_20m.jp2" for b in ("B8A", "B11", "SCL")]
    files += [f"{granule}/R10m/{prefix}_B08_10m.jp2", f"{granule}/R60m/{prefix}_B01_60m.jp2"]
    root = touch(*files) / "S2A_MSIL2A_20200518.SAFE"
    for folder in (root, root / "GRANULE/L2A_T32TQR_A0001", root / "GRANULE/L2A_T32TQR_A0001/IMG_DATA"):
        found = find_files(folder)
        assert found.labels == ("B01", "B02", "B04", "B08", "B8A", "B11", "SCL")
        assert [path.stem.rsplit("_", 1)[1] for path in found.paths] == [
            "60m",
            "10m",
            "10m",
            "10m",
            "20m",
            "20m",
            "20m",
        ]
        assert "TCI" in found.notes[0]


def test_a_plain_folder_of_jpeg_2000_files_is_read_by_band_number(touch):
    folder = touch(*(f"T32TQR_20170703T101301_{b}.jp2" for b in ("B12", "B02", "B8A", "B03")))
    assert labels(folder) == ("B02", "B03", "B8A", "B12")


def test_sentinel_1_measurements_are_named_by_polarisation(touch):
    names = [
        f"s1a-iw-grd-{p}-20210401t052623-20210401t052648-026269-032297-00{i}.tiff" for i, p in ((1, "vv"), (2, "vh"))
    ]
    folder = touch(*(f"S1A.SAFE/measurement/{name}" for name in names), "S1A.SAFE/preview/quick-look.png")
    assert set(labels(folder / "S1A.SAFE")) == {"VV", "VH"}


def test_plain_names_are_the_bands_names(touch):
    assert labels(touch("red.tif", "green.tif", "nir.TIF", "notes.txt", ".hidden.tif")) == ("green", "nir", "red")


def test_what_all_names_share_is_no_band_s_name(touch):
    assert labels(touch("harbour_2020_red.tif", "harbour_2020_nir.tif")) == ("nir", "red")
    assert labels_of([Path("red-2020-clip.tif"), Path("swir-1-2020-clip.tif")]) == ["red", "swir_1"]
    assert labels_of([Path("scene.tif"), Path("scene_nir.tif")]) == ["scene", "scene_nir"]
    assert labels_of([Path("sr_b4_20200829.tif"), Path("sr_b5_20200829.tif")]) == ["SR_B4", "SR_B5"]
    assert labels_of([Path("only.tif")]) == ["only"]


def test_the_scene_is_named_by_what_all_names_share():
    assert common_name_of([Path(f"{LANDSAT}_SR_B{i}.TIF") for i in (1, 2)]) == f"{LANDSAT}_SR"
    assert common_name_of([Path("T32_B02.jp2"), Path("T32_B03.jp2")]) == "T32"
    assert common_name_of([Path("red.tif"), Path("green.tif")]) == "red"
    assert common_name_of([Path("scene.tif"), Path("scene_nir.tif")]) == "scene"


def test_bands_of_two_scenes_are_told_apart(touch):
    folder = touch("A_20200101_B02.tif", "A_20200101_B03.tif", "A_20210101_B02.tif", "A_20210101_B03.tif")
    with pytest.raises(SceneError, match=r"bands of 2 scenes .*A_20200101.*A_20210101.* name the files of one"):
        find_files(folder)


def test_a_product_of_several_granules_asks_for_one(touch):
    folder = touch("P.SAFE/GRANULE/first/IMG_DATA/a_B01.jp2", "P.SAFE/GRANULE/second/IMG_DATA/b_B01.jp2")
    with pytest.raises(SceneError, match=r"2 granules .*first.*second"):
        find_files(folder / "P.SAFE")
    assert has_rasters(folder / "P.SAFE")


def test_a_folder_without_rasters_says_what_it_could_hold(touch):
    with pytest.raises(SceneError, match="one file per band"):
        find_files(touch("a.txt", "b.png"))
    assert not has_rasters(touch("a.txt"))


def test_files_of_several_bands_are_scenes_of_their_own(make_tiff, random_pixels, tmp_path):
    for name in ("first.tif", "second.tif"):
        make_tiff(random_pixels(3, 20, 20), name)
    with pytest.raises(SceneError, match=r"files of several bands, first\.tif among 2.*open one of them"):
        open_scene(tmp_path)
    with open_scene([tmp_path / "first.tif", tmp_path / "second.tif"]) as scene:
        assert len(scene.bands) == 6


def test_a_folder_with_one_raster_is_that_raster(make_tiff, random_pixels, tmp_path):
    path = make_tiff(random_pixels(3, 20, 20), "only.tif")
    with open_scene(tmp_path) as scene:
        assert scene.path == path


def test_a_folder_keeps_its_name_and_its_files(make_tiff, random_pixels, tmp_path):
    for i, band in enumerate(("B02", "B03", "B04", "B08")):
        make_tiff(random_pixels(1, 30, 30, seed=i), f"T32TQR_20170703T101301_{band}.tif", crs="EPSG:32633")
    (tmp_path / "notes.tif").mkdir()
    with open_scene(tmp_path) as scene:
        assert scene.path == tmp_path
        assert scene.name == tmp_path.name
        assert [path.stem[-3:] for path in scene.paths] == ["B02", "B03", "B04", "B08"]
        assert scene.metadata["files"] == scene.paths
        assert scene.default_composite() == "true_color"
        with open_scene(str(tmp_path)) as again:
            assert again.bands == scene.bands

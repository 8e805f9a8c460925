"""Mask GeoTIFFs both ways, and what QGIS shows of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from defusedxml import ElementTree

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError, MaskValueError, MissingFileError, SceneError, WriteError
from napari_geolabel.formats import FORMATS, read_mask, write_mask
from napari_geolabel.formats.pam import sidecar_path
from napari_geolabel.geo import GeoGrid, same_crs
from napari_geolabel.masks import Mask, MaskEntry, rasterize_annotations, semantic_table


@pytest.fixture
def drawn() -> list[Annotation]:
    return [
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(2, 3, 40, 50)),
        Annotation(class_id="cloud", kind="polygon", geometry=shapely.Point(300, 300).buffer(90)),
        Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(7.25, 100.5)),
    ]


def small(array, ontology, **fields) -> Mask:
    grid = GeoGrid(shape=array.shape, transform=Affine.identity())
    return Mask(array=array, grid=grid, **({"table": semantic_table(ontology)} | fields))


@pytest.mark.parametrize("flavour", ["semantic", "instance", "panoptic"])
def test_a_mask_comes_back_with_everything(tmp_path, drawn, grid, ontology, flavour):
    mask = rasterize_annotations(drawn, grid, ontology, flavour=flavour)
    write_mask(tmp_path / "m.tif", mask)
    back = read_mask(tmp_path / "m.tif")
    assert np.array_equal(back.array, mask.array)
    assert back.array.dtype == mask.array.dtype
    assert tuple(back.grid.transform) == tuple(grid.transform)
    assert same_crs(back.grid.crs, grid.crs)
    assert back.table == mask.table
    assert (back.flavour, back.rule, back.ontology_stamp) == (flavour, mask.rule, ontology.stamp)


def test_a_mask_without_georeference_comes_back_without(tmp_path, ontology):
    mask = small(np.array([[0, 1], [2, 5]], np.uint8), ontology)
    write_mask(tmp_path / "m.tif", mask)
    back = read_mask(tmp_path / "m.tif")
    assert back.grid == mask.grid
    assert np.array_equal(back.array, mask.array)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_every_type_is_written_as_it_is(tmp_path, ontology, dtype):
    largest = int(np.iinfo(dtype).max)
    entry = MaskEntry(value=largest, class_id="ship", name="Ship", color="#ff0000")
    mask = small(np.array([[0, largest]], dtype), ontology, table={largest: entry}, flavour="instance")
    write_mask(tmp_path / "m.tif", mask)
    assert read_mask(tmp_path / "m.tif").array.tolist() == [[0, largest]]


def test_the_tiff_is_tiled_compressed_and_coloured(tmp_path, drawn, utm, ontology):
    grid = GeoGrid(shape=(700, 900), transform=utm.transform, crs=utm.crs)
    write_mask(tmp_path / "m.tif", rasterize_annotations(drawn, grid, ontology))
    with rasterio.open(tmp_path / "m.tif") as dataset:
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.compression.name == "deflate"
        assert dataset.nodata == 0
        assert dataset.descriptions == ("class",)
        colors = dataset.colormap(1)
        assert [colors[v] for v in (1, 2, 5)] == [(255, 0, 0, 255), (204, 204, 204, 255), (255, 255, 0, 255)]
        assert json.loads(dataset.tags()["GEOLABEL_ONTOLOGY"]) == ontology.stamp


def test_small_masks_have_small_tiles(tmp_path, ontology):
    write_mask(tmp_path / "m.tif", small(np.ones((20, 33), np.uint8), ontology))
    with rasterio.open(tmp_path / "m.tif") as dataset:
        assert dataset.block_shapes == [(48, 48)]


def test_the_sidecars_name_and_colour_the_values(tmp_path, drawn, utm, ontology):
    write_mask(tmp_path / "m.tif", rasterize_annotations(drawn, utm, ontology))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.qml", "m.tif", "m.tif.aux.xml"]
    band = ElementTree.parse(tmp_path / "m.tif.aux.xml").getroot().find("PAMRasterBand")
    names = [c.text or "" for c in band.find("CategoryNames")]
    assert names == ["unlabelled", 'Ship "A" <&>', "Cloud", "", "", "Buoy"]
    assert [e.get("c4") for e in band.find("ColorTable")] == ["0", "255", "255", "0", "0", "255"]
    entries = list(ElementTree.parse(tmp_path / "m.qml").getroot().iter("paletteEntry"))
    assert [e.get("value") for e in entries] == ["1", "2", "5"]


def test_an_instance_mask_takes_the_palette_of_an_older_mask_away(tmp_path, drawn, utm, ontology):
    write_mask(tmp_path / "m.tif", rasterize_annotations(drawn, utm, ontology))
    write_mask(tmp_path / "m.tif", rasterize_annotations(drawn, utm, ontology, flavour="instance"))
    assert "Category" not in sidecar_path(tmp_path / "m.tif").read_text()
    labels = [e.get("label") for e in ElementTree.parse(tmp_path / "m.qml").getroot().iter("paletteEntry")]
    assert labels == ['Ship "A" <&>', "Cloud", "Buoy"]


def overviews_beside(path):
    """Let GDAL keep overviews and a mask of validity beside a mask."""
    with rasterio.Env(TIFF_USE_OVR=True, GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(True)
        dataset.build_overviews([2, 4])


def test_overviews_of_an_older_mask_go_with_it(tmp_path, ontology):
    path = tmp_path / "m.tif"
    write_mask(path, small(np.full((600, 600), 1, np.uint8), ontology))
    overviews_beside(path)
    beside = {f"m.tif{suffix}" for suffix in (".ovr", ".msk")}
    assert beside <= {each.name for each in tmp_path.iterdir()}
    assert beside <= {each.name for each in FORMATS["mask"].files_beside(path)}
    write_mask(path, small(np.full((600, 600), 2, np.uint8), ontology))
    assert not beside & {each.name for each in tmp_path.iterdir()}
    with rasterio.open(path) as dataset:
        assert np.unique(dataset.read(1, out_shape=(150, 150))).tolist() == [2]


def test_overviews_that_cannot_be_removed_are_named(tmp_path, ontology):
    (tmp_path / "m.tif.ovr").mkdir()
    with pytest.raises(WriteError, match=r"m\.tif\.ovr shows an older mask and cannot be removed"):
        write_mask(tmp_path / "m.tif", small(np.ones((9, 9), np.uint8), ontology))


def test_values_without_meaning_are_refused_before_anything_is_written(tmp_path, ontology):
    with pytest.raises(MaskValueError, match=r"m\.tif: values 3, 9 have no entry"):
        write_mask(tmp_path / "m.tif", small(np.array([[3, 9, 1]], np.uint8), ontology))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_sentence(tmp_path, ontology):
    with pytest.raises(WriteError, match="is not a folder"):
        write_mask(tmp_path / "none" / "m.tif", small(np.ones((2, 2), np.uint8), ontology))


@pytest.fixture
def foreign(tmp_path):
    def foreign(array, *, pam=None, **options):
        path = tmp_path / "foreign.tif"
        array = np.atleast_3d(array.T).T
        with rasterio.open(
            path, "w", driver="GTiff", height=array.shape[1], width=array.shape[2], count=array.shape[0],
            dtype=array.dtype, transform=Affine(10, 0, 5e5, 0, -10, 5e6), crs="EPSG:32633", **options
        ) as dataset:  # fmt: skip
            dataset.write(array)
        if pam is not None:
            sidecar_path(path).write_text(pam)
        return path

    return foreign


@pytest.mark.parametrize("dtype", ["int16", "int32", "uint16", "float32"])
def test_masks_of_any_type_are_read_into_the_smallest_that_holds_them(foreign, ontology, dtype):
    mask = read_mask(foreign(np.array([[0, 1], [2, 9]], dtype)), ontology)
    assert mask.array.tolist() == [[0, 1], [2, 9]]
    assert mask.array.dtype == (np.uint16 if dtype == "uint16" else np.uint8)
    assert {value: entry.class_id for value, entry in mask.table.items()} == {1: "ship", 2: "cloud", 5: "buoy"}
    assert mask.unknown_values() == [9]


def test_what_a_file_calls_nodata_is_unlabelled(foreign):
    assert read_mask(foreign(np.array([[255, 1]], np.uint8), nodata=255)).array.tolist() == [[0, 1]]
    assert read_mask(foreign(np.array([[-1, 1]], np.int16), nodata=-1)).array.tolist() == [[0, 1]]


def test_names_in_a_sidecar_lead_to_classes(foreign, ontology):
    pam = """<PAMDataset><PAMRasterBand band="1"><CategoryNames><Category/><Category>cloud</Category>
    <Category>Heath</Category></CategoryNames><ColorTable><Entry c1="0" c2="0" c3="0" c4="0"/>
    <Entry c1="1" c2="2" c3="3" c4="255"/></ColorTable></PAMRasterBand></PAMDataset>"""
    table = read_mask(foreign(np.array([[1, 2]], np.uint8), pam=pam), ontology).table
    assert table[1] == MaskEntry(value=1, class_id="cloud", name="cloud", color="#010203")
    assert table[2] == MaskEntry(value=2, class_id=None, name="Heath", color="#808080")


@pytest.mark.parametrize("pam", ["<PAMDataset>", '<!DOCTYPE a [<!ENTITY b "c">]><PAMDataset>&b;</PAMDataset>'])
def test_a_sidecar_that_is_broken_or_attacks_names_nothing(foreign, ontology, pam):
    path = foreign(np.array([[1, 2]], np.uint8))
    sidecar_path(path).write_text(pam)
    from napari_geolabel.formats.pam import read_pam

    assert read_pam(path) == {}


def test_what_is_no_mask_is_refused_in_one_sentence(foreign, tmp_path):
    with pytest.raises(FormatError, match=r"foreign\.tif has 3 bands"):
        read_mask(foreign(np.ones((3, 4, 4), np.uint8)))
    with pytest.raises(MaskValueError, match=r"foreign\.tif holds fractions"):
        read_mask(foreign(np.array([[0.5]], np.float32)))
    with pytest.raises(MaskValueError, match="below 0"):
        read_mask(foreign(np.array([[-4]], np.int16)))
    with pytest.raises(MissingFileError):
        read_mask(tmp_path / "none.tif")
    (tmp_path / "text.tif").write_text("no tiff")
    with pytest.raises(SceneError):
        read_mask(tmp_path / "text.tif")


def test_reference_masks_of_other_projects_are_read(shared_data):
    mask = read_mask(shared_data / "solaris_spacenet" / "sample_fp_mask_from_geojson.tif")
    assert np.count_nonzero(mask.array) == 33_818
    cloud = read_mask(shared_data / "s2cloudless" / "s2cloudless_cl_mask_reference.tif")
    assert np.count_nonzero(cloud.array) / cloud.array.size == pytest.approx(0.456, abs=0.001)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("compression", ["deflate", "zstd"])
def test_a_cog_holds_the_same_with_overviews_of_whole_values(tmp_path, utm, ontology, dtype, compression):
    grid = GeoGrid(shape=(600, 700), transform=utm.transform, crs=utm.crs)
    array = np.kron(np.random.default_rng(1).choice([0, 1, 2, 5], (60, 70)), np.ones((10, 10))).astype(dtype)
    mask = Mask(array=array, grid=grid, table=semantic_table(ontology), ontology_stamp=ontology.stamp)
    write_mask(tmp_path / "m.tif", mask, layout="cog", compression=compression)
    back = read_mask(tmp_path / "m.tif")
    assert np.array_equal(back.array, array)
    assert (back.array.dtype, back.table, back.ontology_stamp) == (array.dtype, mask.table, ontology.stamp)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.qml", "m.tif", "m.tif.aux.xml"]
    with rasterio.open(tmp_path / "m.tif") as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (dataset.compression.name, dataset.nodata) == (compression, 0)
        assert dataset.descriptions == ("class",)
        assert dataset.overviews(1) == [2]
        assert set(np.unique(dataset.read(1, out_shape=(300, 350)))) <= {0, 1, 2, 5}
        assert "PREDICTOR" not in dataset.tags(ns="IMAGE_STRUCTURE")


def test_large_masks_are_cogs_unless_asked_otherwise(tmp_path, utm, ontology):
    grid = GeoGrid(shape=(20, 1100), transform=utm.transform, crs=utm.crs)
    mask = Mask(array=np.ones(grid.shape, np.uint8), grid=grid, table=semantic_table(ontology))
    for layout, expected in (("auto", "COG"), ("tiled", None)):
        write_mask(tmp_path / "m.tif", mask, layout=layout)
        with rasterio.open(tmp_path / "m.tif") as dataset:
            assert dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == expected


def test_an_unknown_layout_is_refused(tmp_path, ontology):
    for options in ({"layout": "strips"}, {"compression": "jpeg"}):
        with pytest.raises(FormatError, match="choose tiled or cog"):
            write_mask(tmp_path / "m.tif", small(np.ones((2, 2), np.uint8), ontology), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.gis
@pytest.mark.parametrize("layout", ["tiled", "cog"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_qgis_shows_the_legend_of_every_type_and_layout(tmp_path, utm, ontology, qgis, dtype, layout):
    grid = GeoGrid(shape=(60, 80), transform=utm.transform, crs=utm.crs)
    array = np.zeros(grid.shape, dtype)
    array[5:20, 5:20], array[30:40, 30:60], array[50, 7] = 1, 2, 5
    write_mask(tmp_path / "m.tif", Mask(array=array, grid=grid, table=semantic_table(ontology)), layout=layout)
    seen = qgis("raster", str(tmp_path / "m.tif"))
    assert (seen["valid"], seen["crs"], seen["renderer"], seen["nodata"]) == (True, "EPSG:32633", "paletted", 0)
    expected = [[1, 'Ship "A" <&>', "#ff0000", 255], [2, "Cloud", "#cccccc", 255], [5, "Buoy", "#ffff00", 255]]
    assert seen["legend"] == expected
    assert np.array_equal(np.array(seen["alphas"]) == 255, array > 0)
    assert np.array_equal(np.array(seen["alphas"]) == 0, array == 0)


@pytest.mark.gis
@pytest.mark.parametrize("flavour", ["semantic", "instance"])
def test_qgis_shows_names_colours_and_nothing_where_unlabelled(tmp_path, drawn, utm, ontology, qgis, flavour):
    grid = GeoGrid(shape=(60, 80), transform=utm.transform, crs=utm.crs)
    mask = rasterize_annotations(drawn[:2], grid, ontology, flavour=flavour)
    write_mask(tmp_path / "m.tif", mask)
    seen = qgis("raster", str(tmp_path / "m.tif"))
    assert seen["valid"]
    assert (seen["crs"], seen["renderer"], seen["nodata"]) == ("EPSG:32633", "paletted", 0)
    expected = [[1, 'Ship "A" <&>', "#ff0000", 255], [2, "Cloud", "#cccccc", 255], [5, "Buoy", "#ffff00", 255]]
    assert seen["legend"] == (expected if flavour == "semantic" else expected[:2])
    assert np.array_equal(np.array(seen["alphas"]) == 255, mask.array > 0)
    assert np.array_equal(np.array(seen["alphas"]) == 0, mask.array == 0)


@pytest.mark.gis
def test_qgis_reads_names_from_the_sidecar_alone_where_values_have_no_gaps(tmp_path, utm, ontology, qgis):
    grid = GeoGrid(shape=(4, 4), transform=utm.transform, crs=utm.crs)
    table = {v: e for v, e in semantic_table(ontology).items() if v <= 2}
    write_mask(tmp_path / "m.tif", Mask(array=np.eye(4, dtype=np.uint16), grid=grid, table=table))
    (tmp_path / "m.qml").unlink()
    legend = qgis("raster", str(tmp_path / "m.tif"))["legend"]
    assert [[value, name, alpha] for value, name, _, alpha in legend if value] == [
        [1, 'Ship "A" <&>', 255],
        [2, "Cloud", 255],
    ]

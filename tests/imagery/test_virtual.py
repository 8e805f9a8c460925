"""A virtual raster is read word by word: its sources are found, and unknown words refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError, SceneError, UnsafeFileError
from napari_geolabel.imagery.virtual import sources_of


def source(name: str, relative: str = "1") -> str:
    return f'<SimpleSource><SourceFilename relativeToVRT="{relative}">{name}</SourceFilename></SimpleSource>'


def recipe(inner: str, band: str = "") -> str:
    head = '<VRTDataset rasterXSize="9" rasterYSize="9">'
    return f'{head}<VRTRasterBand band="1"{band}>{inner}</VRTRasterBand></VRTDataset>'


@pytest.fixture
def read(tmp_path):
    """Write a virtual raster and return its sources; ``a.tif``, ``b.tif`` and ``deep/c.tif`` exist."""
    (tmp_path / "deep").mkdir()
    for name in ("a.tif", "b.tif", "deep/c.tif"):
        (tmp_path / name).touch()

    def call(text: str, name: str = "scene.vrt") -> list[str]:
        path = tmp_path / name
        path.write_text(text)
        root = tmp_path.resolve()
        return [str(each.relative_to(root)) for each in sources_of(path, root)]

    return call


def test_sources_come_in_their_order_from_any_depth(read, tmp_path):
    inner = source("a.tif") + source("deep/c.tif") + source(str(tmp_path / "b.tif"), "0") + source("./a.tif")
    assert read(recipe(inner)) == ["a.tif", "deep/c.tif", "b.tif", "a.tif"]


def test_sources_are_relative_to_the_recipe_s_own_folder(read):
    assert read(recipe(source("c.tif") + source("../a.tif")), "deep/inner.vrt") == ["deep/c.tif", "a.tif"]


def test_masks_overviews_and_recipes_inside_count_too(read):
    inside = recipe(source("b.tif")).replace("<", "&lt;")
    text = recipe(
        "<Overview><SourceFilename relativeToVRT='1'>a.tif</SourceFilename></Overview>"
        f"<SimpleSource><SourceFilename>{inside}</SourceFilename></SimpleSource>"
        f"<MaskBand><VRTRasterBand>{source('deep/c.tif')}</VRTRasterBand></MaskBand>"
    )
    assert read(text) == ["a.tif", "b.tif", "deep/c.tif"]


def test_capitals_do_not_matter_as_they_do_not_to_gdal(read):
    assert read(recipe(source("a.tif")).replace("SourceFilename", "SOURCEFILENAME")) == ["a.tif"]


@pytest.mark.parametrize(
    "inner",
    [
        "<NoDataValue>nan</NoDataValue><ColorInterp>Red</ColorInterp><Scale>2</Scale><UnitType>m</UnitType>",
        "<Metadata><MDI key='licence'>https://example.org/licence</MDI></Metadata>",
        "<ComplexSource><LUT>0:0,1:5</LUT><ScaleRatio>2</ScaleRatio><NODATA>7</NODATA></ComplexSource>",
        "<PixelFunctionType>sum</PixelFunctionType><PixelFunctionLanguage>C</PixelFunctionLanguage>",
        "<PixelFunctionArguments k='1.5' anything='2'/>",
        "<ColorTable><Entry c1='1' c2='2' c3='3' c4='255'/></ColorTable>",
        "<SimpleSource><OpenOptions><OOI key='OVERVIEW_LEVEL'>2</OOI></OpenOptions></SimpleSource>",
    ],
)
def test_harmless_words_are_let_through(inner, read):
    assert read(recipe(inner)) == []


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<Unheard>1</Unheard>", "<Unheard>, which is not known to be safe"),
        ("<Scale of='1'>1</Scale>", "<Scale of>"),
        ("<PixelFunctionCode/>", "runs code"),
        ("<PixelFunctionLanguage> python </PixelFunctionLanguage>", "runs code"),
        ("<SrcGeoLocTransformer/>", "warped by arrays"),
        ("<DEMPath>/a</DEMPath>", "terrain model"),
        ("<Description>/vsicurl/x</Description>", "other places"),
        ("<TargetSRS>http://example.org</TargetSRS>", "other places"),
        ("<Option name='RPC_DEM'>dem.tif</Option>", "rpc_dem"),
        ("<OpenOptions><OOI key='ROOT_PATH'>/</OOI></OpenOptions>", "root_path"),
        (source("NETCDF:a.tif"), "no file"),
        (source(""), "no file"),
        (source("a.tif", "2"), "no file"),
        (source("../../a.tif"), "outside"),
    ],
)
def test_what_may_lead_elsewhere_is_refused_with_the_word(inner, words, read):
    with pytest.raises(UnsafeFileError) as caught:
        read(recipe(inner))
    assert words in str(caught.value)
    assert "scene.vrt" in str(caught.value)


@pytest.mark.parametrize("kind", ["VRTRawRasterBand", "vrtrawrasterband", "anything"])
def test_bands_of_other_kinds_are_refused(kind, read):
    with pytest.raises(UnsafeFileError, match="may read any file"):
        read(recipe(source("a.tif"), band=f' subClass="{kind}"'))


def test_a_source_that_is_missing_is_named(read):
    with pytest.raises(SceneError, match=r"scene\.vrt reads gone\.tif, which cannot be found"):
        read(recipe(source("gone.tif")))
    with pytest.raises(SceneError, match="reads deep, which"):
        read(recipe(source("deep")))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from(["..", ".", "deep", "a.tif", "c.tif", "", "~", "C:", "/vsizip/"]), max_size=6).map(
            "/".join
        ),
    ),
    relative=st.sampled_from(["0", "1"]),
)
def test_no_name_of_a_source_leads_out_of_the_folder(read, tmp_path, name, relative):
    text = name.replace("&", "&amp;").replace("<", "&lt;").replace("\0", "")
    try:
        found = read(recipe(source(text, relative)))
    except GeoLabelError:
        return
    root = tmp_path.resolve()
    assert all((root / each).resolve().is_relative_to(root) and Path(root / each).is_file() for each in found)

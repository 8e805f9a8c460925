"""GDAL's sidecar: names and colours of mask values, written and read back."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.formats import pam
from napari_geolabel.formats.pam import pam_xml, read_pam, rgb, sidecar_path
from napari_geolabel.masks import MaskEntry

COLORS = st.binary(min_size=3, max_size=3).map(lambda rgb: f"#{rgb.hex()}")
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1
)


def entry(value: int, name: str = "Ship", color: str = "#ff8000") -> MaskEntry:
    return MaskEntry(value=value, class_id=None, name=name, color=color, annotation_id=None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.dictionaries(st.integers(1, 40), st.tuples(NAMES, COLORS)))
def test_names_and_colours_come_back_whatever_the_values(table, tmp_path):
    raster = tmp_path / "mask.tif"
    xml = pam_xml([entry(value, *rest) for value, rest in table.items()], "classes")
    sidecar_path(raster).write_text(xml, "utf-8")
    assert read_pam(raster) == table


def test_gdal_itself_finds_the_colours_and_sees_through_what_is_unlabelled(tmp_path):
    raster = tmp_path / "mask.tif"
    with rasterio.open(raster, "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8") as target:
        target.write(np.zeros((1, 8, 8), "uint8"))
    sidecar_path(raster).write_text(pam_xml([entry(1, color="#010203"), entry(3)], "ships & <clouds>"), "utf-8")
    with rasterio.open(raster) as mask:
        found = mask.colormap(1)
        assert mask.descriptions == ("ships & <clouds>",)
    assert {value: found[value] for value in range(4)} == {
        0: (0, 0, 0, 0),
        1: (1, 2, 3, 255),
        2: (0, 0, 0, 0),
        3: (255, 128, 0, 255),
    }


def test_characters_that_xml_cannot_hold_are_dropped_and_the_rest_is_kept(tmp_path):
    raster = tmp_path / "mask.tif"
    sidecar_path(raster).write_text(pam_xml([entry(1, "a\0b\x1fc<&")], "x\x00y"), "utf-8")
    assert read_pam(raster) == {1: ("abc<&", "#ff8000")}


def test_without_entries_there_is_no_palette():
    assert "ColorTable" not in pam_xml([], "instances")


def test_names_without_colours_and_colours_without_sense_are_read_as_far_as_they_go(tmp_path):
    raster = tmp_path / "mask.tif"
    categories = (
        "<CategoryNames><Category>none</Category><Category>Ship</Category><Category>Sea</Category></CategoryNames>"
    )
    colors = '<ColorTable><Entry c1="0" c2="0" c3="0"/><Entry c1="300" c2="x"/></ColorTable>'
    sidecar_path(raster).write_text(
        f'<PAMDataset><PAMRasterBand band="1">{categories}{colors}</PAMRasterBand></PAMDataset>'
    )
    assert read_pam(raster) == {1: ("Ship", None), 2: ("Sea", None)}


@pytest.mark.parametrize(
    "content", [b"", b"<PAMDataset>", b'<!DOCTYPE a [<!ENTITY x "y">]><PAMDataset>&x;</PAMDataset>', b"\xff\xfe\x00"]
)
def test_a_broken_or_hostile_sidecar_names_nothing(content, tmp_path):
    sidecar_path(tmp_path / "mask.tif").write_bytes(content)
    assert read_pam(tmp_path / "mask.tif") == {}


def test_a_missing_or_huge_sidecar_names_nothing(tmp_path, monkeypatch):
    raster = tmp_path / "mask.tif"
    assert read_pam(raster) == {}
    sidecar_path(raster).write_text(pam_xml([entry(1)], ""), "utf-8")
    assert read_pam(raster)
    monkeypatch.setattr(pam, "MAX_BYTES", 10)
    assert read_pam(raster) == {}


@given(COLORS)
def test_a_colour_is_its_three_bytes(color):
    assert bytes(rgb(color)).hex() == color[1:]

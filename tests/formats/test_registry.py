"""Which format a path means."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, exporter_for, importer_for


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.geojson", "geojson"), ("a.JSON", "geojson"), ("b/a.gpkg", "gpkg"), ("m.tif", "mask"), ("m.TIFF", "mask")],
)
def test_the_suffix_tells_the_format(path, expected):
    assert exporter_for(path).id == expected


def test_a_named_format_wins_over_the_suffix():
    assert exporter_for("labels.txt", "geojson").id == "geojson"
    assert importer_for("labels.bin", format="mask").content == "mask"


@pytest.mark.parametrize("path", ["a.shp", "folder/", "a"])
def test_an_unknown_suffix_is_one_sentence_that_lists_the_formats(path):
    with pytest.raises(FormatError, match=r"GeoJSON \(.geojson .json\), GeoPackage \(.gpkg\), mask GeoTIFF"):
        exporter_for(path)


def test_what_cannot_be_read_is_not_offered_for_reading():
    with pytest.raises(FormatError, match=r"a\.gpkg is of no format that labels can be read in") as caught:
        importer_for("a.gpkg")
    assert "GeoPackage" not in str(caught.value)
    with pytest.raises(FormatError, match="cannot be read as 'coco'; choose geojson, mask"):
        importer_for("a.json", "coco")


def test_ids_and_suffixes_are_unique():
    assert all(key == each.id for key, each in FORMATS.items())
    suffixes = [suffix for each in FORMATS.values() for suffix in each.suffixes]
    assert len(set(suffixes)) == len(suffixes)

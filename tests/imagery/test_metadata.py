"""What a person is told of a file: plain values, and a sentence for each thing that is unusual."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.metadata import describe
from napari_geolabel.imagery.pages import Page
from napari_geolabel.imagery.reader import RasterReader

PLACED = GeoGrid(shape=(40, 50), transform=Affine(10, 0, 400_000, 0, -10, 5_000_000), crs=CRS.from_epsg(32633))
ADRIFT = GeoGrid(shape=(40, 50), transform=Affine.identity(), crs=None)


@pytest.fixture
def facts(make_tiff, random_pixels):
    path = make_tiff(
        random_pixels(2, 40, 50), compress="deflate", interleave="band", crs=PLACED.crs, transform=PLACED.transform
    )
    reader = RasterReader(path)
    reader.close()
    return reader.facts


def test_an_ordinary_scene_is_described_without_a_note(facts):
    told = describe(facts, PLACED, None)
    assert told["notes"] == ()
    assert (told["driver"], told["dtype"], told["georeference"], told["mask"]) == (
        "GTiff",
        "uint16",
        "transform",
        "none",
    )
    assert (told["compression"].lower(), told["interleaving"], told["area_or_point"]) == ("deflate", "band", "Area")
    json.dumps({key: value for key, value in told.items() if key != "files"})


@pytest.mark.parametrize(
    ("georeference", "way_out"), [("gcps", "scene.fit_gcps()"), ("rpcs", "gdalwarp -rpc"), ("none", "no georeference")]
)
def test_a_scene_that_opens_in_pixels_says_why_and_what_helps(facts, georeference, way_out):
    (note,) = describe(replace(facts, georeference=georeference), ADRIFT, None)["notes"]
    assert way_out in note
    assert "opens in pixels" in note


def test_a_crs_with_a_transform_that_cannot_be_used_is_no_georeference(facts):
    (note,) = describe(facts, ADRIFT, None)["notes"]
    assert note == "the file has no georeference, so it opens in pixels"


def test_a_file_of_several_pages_says_which_is_shown_and_how_to_get_another(facts):
    pages = tuple(Page(number=i, directory=i, shape=(40, 50), name="") for i in (1, 2, 3))
    told = describe(replace(facts, page=pages[1], pages=pages), PLACED, None)
    assert (told["page"], len(told["pages"])) == (2, 3)
    (note,) = told["notes"]
    assert "has 3 pages" in note
    assert pages[1].title in note
    assert "--page" in note


def test_complex_data_is_said_to_be_shown_as_magnitude(facts):
    bands = (facts.bands[0], replace(facts.bands[1], dtype="complex64"))
    (note,) = describe(replace(facts, bands=bands), PLACED, None)["notes"]
    assert "magnitude" in note


def test_alpha_is_a_mask_where_it_is_believed_and_a_note_where_not(facts):
    tagged = replace(facts, alpha=1)
    believed, doubted = describe(tagged, PLACED, 1), describe(tagged, PLACED, None)
    assert (believed["mask"], believed["notes"]) == ("alpha", ())
    assert doubted["mask"] == "none"
    assert doubted["notes"][0].startswith("band 2 is tagged as alpha")


@pytest.mark.parametrize(
    ("shape", "overviews", "slow"),
    [((4096, 4096), (), False), ((10, 4097), (), True), ((4097, 10), ((2049, 5),), False)],
)
def test_only_a_large_file_without_overviews_is_called_slow(facts, shape, overviews, slow):
    notes = describe(replace(facts, shape=shape, overviews=overviews), PLACED, None)["notes"]
    assert [("geolabel overviews" in note) for note in notes] == [True] * slow


def test_what_the_opening_found_comes_first(facts):
    notes = describe(replace(facts, notes=("band 3 was resampled",), dtype=np.dtype("u1")), ADRIFT, None)["notes"]
    assert notes[0] == "band 3 was resampled"
    assert len(notes) == 2


def test_metadata_is_typed_and_a_mapping_of_its_fields(facts):
    told = describe(facts, PLACED, None)
    assert told["driver"] == told.driver
    assert set(told) >= {"acquired", "platform", "sun_elevation_deg", "cloud_cover_percent", "tags", "notes"}
    assert len(told) == len(dict(told))
    assert "describe" not in told
    with pytest.raises(KeyError):
        told["items"]


def test_the_name_of_the_scene_may_tell_when_it_was_taken(facts):
    assert describe(facts, PLACED, None).acquired is None
    assert describe(facts, PLACED, None, name="LT52240631988227CUB02_B1").acquired.isoformat() == "1988-08-14"

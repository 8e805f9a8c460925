"""What is let through to GDAL, and what is not; tests/security attacks the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_geolabel.errors import MissingFileError, SceneError, UnsafeFileError
from napari_geolabel.imagery.safety import check_overview_file, check_scene_file, is_folder

AUX = "<PAMDataset>{}</PAMDataset>"


@pytest.fixture
def tiff(make_tiff, random_pixels) -> Path:
    return make_tiff(random_pixels(1, 20, 20))


def test_a_plain_scene_passes_with_the_driver_of_its_content(tiff):
    renamed = tiff.rename(tiff.with_suffix(".png"))
    assert check_scene_file(str(renamed)).driver == "GTiff"


def test_a_relative_path_becomes_absolute_and_a_link_stays_a_link(tiff, tmp_path, monkeypatch):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.tif"
    link.symlink_to(tiff)
    monkeypatch.chdir(tmp_path / "links")
    assert check_scene_file("link.tif").path == link


def test_the_companions_looked_at_lie_beside_the_link(tiff, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.tif"
    link.symlink_to(tiff)
    Path(f"{link}.ovr").write_text("<WMTS/>")
    assert check_scene_file(tiff).path == tiff
    with pytest.raises(UnsafeFileError, match=r"link\.tif\.ovr"):
        check_scene_file(link)


@pytest.mark.parametrize("ending", [".ovr", ".OVR", ".msk", ".msk.ovr", ".Ovr.msk"])
def test_a_companion_must_be_a_tiff_in_whatever_capitals_its_name_is(ending, tiff):
    companion = Path(f"{tiff}{ending}")
    companion.write_bytes(tiff.read_bytes())
    check_scene_file(tiff)
    companion.write_text("<GDAL_WMS/>")
    with pytest.raises(UnsafeFileError, match="is not a TIFF and could lead anywhere; move it away"):
        check_scene_file(tiff)


def test_the_companion_of_a_neighbour_is_not_ours(tiff):
    tiff.with_name("scene2.tif.ovr").write_text("<GDAL_WMS/>")
    tiff.with_name("scene.ovr").write_text("<GDAL_WMS/>")
    check_scene_file(tiff)


@pytest.mark.parametrize(
    ("content", "passes"),
    [
        ('<Metadata><MDI key="SOURCE">https://example.org/item</MDI></Metadata>', True),
        ('<Metadata><MDI key="OVERVIEW_FILE">scene.tif</MDI></Metadata>', True),
        ('<Metadata><MDI key="OVERVIEW_FILE">https://example.org/o.tif</MDI></Metadata>', False),
        ('<Metadata><MDI key="SOURCE">/vsicurl/example.org</MDI></Metadata>', False),
        ("<Source>HTTP://example.org/a.tif</Source>", False),
        ('<Source file="/VSIS3/bucket/a.tif"/>', False),
    ],
)
def test_a_sidecar_may_quote_a_link_but_not_lead_along_one(content, passes, tiff):
    Path(f"{tiff}.aux.xml").write_text(AUX.format(content))
    if passes:
        check_scene_file(tiff)
    else:
        with pytest.raises(UnsafeFileError):
            check_scene_file(tiff)


@pytest.mark.parametrize("value", [None, "", "beside.tif", ":::BASE:::beside.tif"])
def test_overviews_may_lie_in_a_tiff_beside_the_scene(value, tiff):
    tiff.with_name("beside.tif").write_bytes(tiff.read_bytes())
    check_overview_file(value, tiff)


@pytest.mark.parametrize("value", ["missing.tif", "../{folder}/scene.tif", "{scene}", "note.txt", ":::BASE:::../a.tif"])
def test_overviews_anywhere_else_are_refused_with_the_way_out(value, tiff):
    tiff.with_name("note.txt").write_text("no TIFF")
    given = value.format(folder=tiff.parent.name, scene=tiff)
    with pytest.raises(UnsafeFileError, match="rebuild the overviews with gdaladdo"):
        check_overview_file(given, tiff)


def test_what_is_no_scene_is_refused(tmp_path):
    (tmp_path / "note.tif").write_text("hello")
    with pytest.raises(SceneError):
        check_scene_file(tmp_path / "note.tif")
    with pytest.raises(MissingFileError):
        check_scene_file(tmp_path / "nothing.tif")


def test_only_a_folder_is_a_folder_and_any_text_may_be_asked_about(tmp_path, tiff, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert is_folder(tmp_path)
    assert is_folder("~")
    for other in (tiff, "nul\0byte", "a" * 5000, "~nobody-of-that-name/x", "https://example.org/"):
        assert not is_folder(other)

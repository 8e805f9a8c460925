from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.errors import WriteError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import birth
from napari_geolabel.labelfile.birth import Content, create_file, create_if_absent, relative_uri, srs_of
from napari_geolabel.labelfile.connection import check_schema, connect_readonly
from napari_geolabel.labelfile.fingerprint import fingerprint_of
from napari_geolabel.labelfile.load import faded_features, read_content, read_scene
from napari_geolabel.labelfile.tiles import unpack_tile


@pytest.fixture
def content(make_ship, tmp_path) -> Content:
    """Three annotations, a mask tile and answers, of a scene that lies in a folder of its own."""
    scene = tmp_path / "scenes" / "scene.tif"
    scene.parent.mkdir()
    scene.write_bytes(b"pixels")
    made = Content(scene_attributes={"haze": 0.5}, fingerprint=fingerprint_of(scene))
    made.put(make_ship(1, id="a"))
    made.put(make_ship(class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (9, 9)]), id="b"))
    made.put(make_ship(class_id="buoy", kind="keypoint", geometry=shapely.Point(3, 4), id="c"))
    made.put_tile((1, 2), b"\3" * 9)
    return made


def test_a_file_holds_all_that_it_was_made_of(path, utm, ontology, content, form) -> None:
    create_file(path, utm, ontology, content)

    with closing(connect_readonly(path)) as db:
        again = read_content(db)
        assert check_schema(db, path) == []
        assert faded_features(db, form) == []
        assert db.execute("SELECT count(*) FROM touched_feature").fetchone() == (0,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert read_scene(db).uri_rel == "scenes/scene.tif"
    assert list(again.annotations.items()) == list(content.annotations.items())
    assert (again.tiles, again.file_id, again.fingerprint) == (content.tiles, content.file_id, content.fingerprint)
    assert again.scene_attributes == content.scene_attributes


def test_what_is_put_again_keeps_its_place_and_what_is_new_goes_last(make_ship) -> None:
    first, last, new = make_ship(id="first"), make_ship(id="last"), make_ship(id="new")
    content = Content(annotations={"last": (700, 4, last), "first": (30, 2, first)})

    content.put(replace(first, confidence=0.5))
    content.put(new)

    assert content.annotations["first"] == (30, 2, replace(first, confidence=0.5))
    assert content.annotations["new"] == (701, 0, new)


def test_a_tile_that_is_put_again_keeps_its_version() -> None:
    content = Content(tiles={(0, 1): (6, None)})

    content.put_tile((0, 1), b"\2\2")
    content.put_tile((5, 5), b"\0\0")

    version, blob = content.tiles[0, 1]
    assert (version, unpack_tile(blob)) == (6, b"\2\2")
    assert content.tiles[5, 5] == (0, None)


def test_a_file_that_is_there_is_left_alone(path, utm, ontology, content) -> None:
    assert create_if_absent(path, utm, ontology, content)
    before = path.read_bytes()

    assert not create_if_absent(path, utm, ontology, Content())

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir() if entry.is_file()] == [path.name]


def test_an_empty_file_that_a_program_left_in_looking_gives_way(path, utm, ontology) -> None:
    path.touch()

    assert create_if_absent(path, utm, ontology, Content())
    assert path.stat().st_size > 0


@pytest.mark.parametrize("there", [True, False])
def test_without_hard_links_the_file_still_gets_its_name_unless_it_is_taken(
    path, utm, ontology, monkeypatch, there: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(birth.os, "link", refuse)
    if there:
        path.write_bytes(b"someone was faster")

    assert create_if_absent(path, utm, ontology, Content()) is not there
    assert path.read_bytes().startswith(b"someone" if there else b"SQLite format 3")
    assert list(path.parent.iterdir()) == [path]


def test_a_birth_that_fails_leaves_no_trace(path, utm, ontology, content, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(birth, "write_forms", full)
    before = sorted(path.parent.iterdir())

    with pytest.raises(WriteError, match=r"scene.labels.gpkg cannot be written .*disk is full.*another folder"):
        create_if_absent(path, utm, ontology, content)
    assert sorted(path.parent.iterdir()) == before


def test_a_failed_rewrite_keeps_the_old_file(path, utm, ontology, content, monkeypatch) -> None:
    create_file(path, utm, ontology, content)
    before = path.read_bytes()
    twice = Content(annotations=content.annotations, changes=[(1, "s", None, "t", "x", None, 0, 0, None, None)] * 2)

    with pytest.raises(WriteError, match="UNIQUE"):
        create_file(path, utm, ontology, twice)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path, utm, ontology) -> None:
    with pytest.raises(WriteError, match=r"nowhere is not a folder; make it first"):
        create_if_absent(tmp_path / "nowhere" / "a.gpkg", utm, ontology, Content())


@pytest.mark.parametrize(
    ("crs", "srs_id", "organisation"),
    [
        (CRS.from_epsg(32633), 32633, "EPSG"),
        (CRS.from_user_input("OGC:CRS84"), 4326, "EPSG"),
        (CRS.from_user_input("ESRI:54009"), 54009, "ESRI"),
        (CRS.from_proj4("+proj=laea +lat_0=12.3 +lon_0=4.5"), 100_000, "NONE"),
        (None, -1, "NONE"),
    ],
    ids=str,
)
def test_every_grid_has_an_entry_that_a_gis_understands(crs, srs_id: int, organisation: str) -> None:
    grid = GeoGrid(shape=(10, 10), transform=Affine(1, 0, 0, 0, -1, 0), crs=crs)

    _, number, found, _, definition, _ = srs_of(grid)

    assert (number, found) == (srs_id, organisation)
    if crs is None:
        assert definition == "undefined"
    else:
        expected = CRS.from_epsg(4326) if organisation == "EPSG" and srs_id == 4326 else crs
        assert CRS.from_wkt(definition).equals(expected, ignore_axis_order=True)


def test_the_extent_of_the_layers_is_that_of_the_scene(path, utm, ontology, sqlite) -> None:
    create_file(path, utm, ontology, Content())

    found = sqlite(path, "SELECT DISTINCT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE data_type = 'features'")
    assert found == [(399_960, 5_295_040, 405_960, 5_300_040)]


def test_a_scene_on_another_drive_has_no_relative_path(tmp_path, monkeypatch) -> None:
    assert relative_uri(str(tmp_path / "a" / "s.tif"), tmp_path / "b") == "../a/s.tif"

    def other_drive(*_: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(birth.os.path, "relpath", other_drive)
    assert relative_uri("D:/s.tif", tmp_path) is None

"""Plain GeoPackages: tables, styles and domains, judged by QGIS."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pyogrio
import pytest
import shapely

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.errors import WriteError
from napari_geolabel.formats import write_geopackage


@pytest.fixture
def drawn() -> list[Annotation]:
    made = Provenance(annotator="Ada", created=datetime(2024, 5, 1, 10, tzinfo=UTC))
    return [
        Annotation(
            class_id="ship",
            kind="rotated_box",
            geometry=shapely.Polygon([(100, 100), (103, 104), (95, 110), (92, 106)]),
            attributes={"category": "merchant", "draught_m": 3.5, "lit": True, "flags": ("wake", "moored")},
            confidence=0.5,
            provenance=made,
        ),
        Annotation(class_id="cloud", kind="polygon", geometry=shapely.box(0, 0, 50, 60) - shapely.box(1, 1, 2, 2)),
        Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(1, 2), (30, 40)])),
        Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(7.25, 8.5)),
    ]


def rows(path, query):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_each_geometry_type_has_its_table_in_the_crs_of_the_scene(tmp_path, drawn, grid, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, grid, ontology)
    for table, expected in [("labels_polygon", drawn[:2]), ("labels_line", drawn[2:3]), ("labels_point", drawn[3:])]:
        frame = pyogrio.read_dataframe(path, layer=table)
        assert frame.crs.equals(grid.crs, ignore_axis_order=True)
        assert list(frame["id"]) == [a.id for a in expected]
        for geometry, annotation in zip(frame.geometry, expected, strict=True):
            assert shapely.equals(geometry, shapely.transform(annotation.geometry, grid.pixel_to_map))


def test_columns_have_one_type_each_and_values_come_back(tmp_path, drawn, utm, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, utm, ontology)
    types = {name: kind for _, name, kind, *_ in rows(path, "PRAGMA table_info(labels_polygon)")}
    assert (
        types["class_value"] == "MEDIUMINT" or types["class_value"].startswith("INT") or "INT" in types["class_value"]
    )
    assert types["attr_draught_m"] == "REAL"
    assert types["attr_lit"] == "BOOLEAN"
    assert types["created"] == "DATETIME"
    assert types["attr_remark"] == types["annotator"] == "TEXT"
    ship = pyogrio.read_dataframe(path, layer="labels_polygon").iloc[0]
    assert (ship["class_id"], ship["class_value"], ship["attr_draught_m"], ship["attr_lit"]) == ("ship", 1, 3.5, True)
    assert ship["attr_flags"] == "wake;moored"
    assert json.loads(ship["attributes"])["flags"] == ["wake", "moored"]
    assert ship["created"].isoformat() == "2024-05-01T10:00:00+00:00"
    assert types == {name: kind for _, name, kind, *_ in rows(path, "PRAGMA table_info(labels_line)")} | {
        "geom": types["geom"]
    }


def test_the_file_is_version_1_3_and_holds_the_ontology(tmp_path, drawn, utm, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, utm, ontology, scene_name="S2")
    assert rows(path, "PRAGMA user_version") == [(10300,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    metadata = pyogrio.read_info(path, layer="labels_polygon")["dataset_metadata"]
    assert json.loads(metadata["GEOLABEL_ONTOLOGY"]) == ontology.to_dict()
    assert json.loads(metadata["GEOLABEL_ONTOLOGY_STAMP"]) == ontology.stamp
    assert json.loads(metadata["GEOLABEL_SCENE"])["name"] == "S2"


def test_domains_list_classes_status_and_options(tmp_path, drawn, utm, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, utm, ontology)
    query = "SELECT constraint_name, value, description FROM gpkg_data_column_constraints"
    found = {(name, value): label for name, value, label in rows(path, query)}
    assert found["geolabel_class_id", "ship"] == 'Ship "A" <&>'
    assert found["geolabel_status", "accepted"] == "Accepted"
    assert found["geolabel_attr_category", "fishing"] == "Fishing"


def test_without_georeference_y_points_up_in_the_undefined_cartesian_system(tmp_path, drawn, nowhere, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, nowhere, ontology)
    assert rows(path, "SELECT DISTINCT srs_id FROM gpkg_geometry_columns") == [(-1,)]
    frame = pyogrio.read_dataframe(path, layer="labels_point")
    assert frame.crs is None or not frame.crs.is_projected
    assert shapely.get_coordinates(frame.geometry.array).tolist() == [[7.25, -8.5]]


def test_no_annotations_make_empty_tables(tmp_path, utm, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, [], utm, ontology)
    for table in ("labels_polygon", "labels_line", "labels_point"):
        assert rows(path, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_writing_again_replaces_the_whole_file_and_leaves_nothing_else(tmp_path, drawn, utm, ontology):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, utm, ontology)
    write_geopackage(path, drawn[:1], utm, ontology)
    assert rows(path, "SELECT count(*) FROM labels_polygon") == [(1,)]
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_missing_folder_is_one_sentence(tmp_path, drawn, utm, ontology):
    with pytest.raises(WriteError, match="is not a folder"):
        write_geopackage(tmp_path / "none" / "a.gpkg", drawn, utm, ontology)


def test_an_import_in_the_crs_of_the_scene_leaves_with_every_bit(tmp_path, utm, ontology):
    from napari_geolabel.formats import read_geojson

    ring = [[500000.1, 5399990.7], [500333.3, 5399000.9], [500700.123456789, 5399500.2], [500000.1, 5399990.7]]
    document = {
        "type": "Feature",
        "properties": {"class": "cloud"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "crs": {"type": "name", "properties": {"name": "EPSG:32633"}},
    }
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    drawn, _ = read_geojson(tmp_path / "a.geojson").to_annotations(utm, ontology)
    write_geopackage(tmp_path / "a.gpkg", drawn, utm, ontology)
    frame = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="labels_polygon")
    assert np.array_equal(shapely.get_coordinates(frame.geometry.array), ring)


@pytest.mark.gis
@pytest.mark.parametrize(
    ("table", "colors"),
    [
        ("labels_polygon", ["#cccccc", "#ff0000"]),
        ("labels_line", ["#00ffff"]),
        ("labels_point", ["#ffff00"]),
    ],
)
def test_qgis_shows_class_colours_and_drop_downs(tmp_path, drawn, utm, ontology, qgis, table, colors):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, utm, ontology)
    seen = qgis("vector", f"{path}|layername={table}")
    assert seen["valid"]
    assert seen["crs"] == "EPSG:32633"
    assert seen["renderer"] == "categorizedSymbol"
    assert seen["column"] == "class_id"
    assert [value for value, _, _ in seen["legend"]] == ["ship", "cloud", "wake", "buoy", ""]
    assert seen["legend"][0] == ["ship", 'Ship "A" <&>', "#ff0000"]
    assert seen["drawn"] == colors
    assert seen["drop_downs"]["class_id"]['Ship "A" <&>'] == "ship"
    assert seen["drop_downs"]["status"]["Accepted"] == "accepted"
    assert seen["drop_downs"]["attr_category"] == {"Merchant": "merchant", "Fishing": "fishing"}


@pytest.mark.gis
def test_qgis_opens_labels_in_pixels_too(tmp_path, drawn, nowhere, ontology, qgis):
    path = tmp_path / "a.gpkg"
    write_geopackage(path, drawn, nowhere, ontology)
    seen = qgis("vector", f"{path}|layername=labels_polygon")
    assert seen["valid"]
    assert seen["features"] == 2
    assert seen["drawn"] == ["#cccccc", "#ff0000"]


@pytest.mark.gis
def test_qgis_puts_our_geojson_in_the_right_place(tmp_path, drawn, utm, ontology, qgis):
    from napari_geolabel.formats import write_geojson

    path = tmp_path / "a.geojson"
    write_geojson(path, drawn[:2], utm, ontology)
    seen = qgis("vector", str(path))
    assert seen["valid"]
    assert seen["crs"] in {"EPSG:4326", "OGC:CRS84"}
    for text, annotation in zip(seen["boxes"], drawn, strict=False):
        box = shapely.from_wkt(text)
        expected = shapely.transform(annotation.geometry, utm.pixel_to_lonlat).bounds
        assert np.allclose(box.bounds, expected, atol=1e-9)

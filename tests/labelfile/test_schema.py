from __future__ import annotations

import sqlite3

import pytest
import shapely

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import schema, statements
from napari_geolabel.labelfile.features import attribute_columns
from napari_geolabel.labelfile.schema import layer_for


@pytest.fixture
def born(open_file, path, make_ship, add):
    """A closed label file with a feature in each table."""
    file = open_file()
    file.record(
        add(
            make_ship(attributes={"name": "Ada", "cargo": ("ore", "oil"), "moored": True, "draught": 3.5}),
            make_ship(class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (9, 9)])),
            make_ship(class_id="buoy", kind="keypoint", geometry=shapely.Point(3, 4)),
        )
    )
    file.close()
    return path


def test_the_file_says_that_it_is_a_geopackage_1_3(born, sqlite) -> None:
    assert sqlite(born, "PRAGMA application_id") == [(0x47504B47,)]
    assert sqlite(born, "PRAGMA user_version") == [(10300,)]
    assert sqlite(born, "SELECT value FROM geolabel WHERE key = 'schema_version'") == [(str(schema.SCHEMA_VERSION),)]
    assert sqlite(born, "PRAGMA foreign_key_check") == []


def test_gdal_reads_every_layer_in_the_scenes_crs(born, utm) -> None:
    import pyogrio

    listed = pyogrio.list_layers(born)

    assert {tuple(row) for row in listed} == {
        ("labels_polygon", "MultiPolygon"),
        ("labels_line", "MultiLineString"),
        ("labels_point", "Point"),
        ("layer_styles", None),
    }
    ships = pyogrio.read_dataframe(born, layer="labels_polygon")
    assert ships.crs.to_epsg() == 32633
    assert tuple(ships.total_bounds) == (400_960, 5_298_990, 401_060, 5_299_040)
    row = ships.iloc[0]
    assert (row.class_id, row.class_name, row.class_value, row.kind) == ("ship", "Ship <of any kind>", 1, "box")
    assert (row.attr_name, row.attr_cargo, row.attr_moored, row.attr_draught) == ("Ada", "ore;oil", True, 3.5)
    assert row.created.year == 2024
    assert row.area_m2 == pytest.approx(5000, rel=0.01)


def test_gdal_finds_features_by_the_index(born) -> None:
    import pyogrio

    assert len(pyogrio.read_dataframe(born, layer="labels_polygon", bbox=(400_000, 5_298_000, 401_000, 5_299_000))) == 1
    assert len(pyogrio.read_dataframe(born, layer="labels_polygon", bbox=(0, 0, 1, 1))) == 0


def test_gdal_reads_without_a_word_of_warning(born, recwarn) -> None:
    import pyogrio

    for layer in schema.LAYERS:
        pyogrio.read_dataframe(born, layer=layer.name)

    assert [str(w.message) for w in recwarn if "pyogrio" in str(w.filename)] == []


def test_a_scene_without_georeference_lies_upright_in_no_crs(open_file, path, make_ship, add, utm, sqlite) -> None:
    file = open_file(grid=GeoGrid(shape=utm.shape, transform=utm.transform, crs=None))
    file.record(add(make_ship(100, 100)))
    file.close()

    assert sqlite(path, "SELECT DISTINCT srs_id FROM gpkg_geometry_columns") == [(-1,)]
    assert sqlite(path, "SELECT ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) FROM labels_polygon") == [
        (100, 110, -105, -100)
    ]


def test_each_table_has_a_style_and_its_drop_downs(born, sqlite) -> None:
    from defusedxml.ElementTree import fromstring

    styles = sqlite(born, "SELECT f_table_name, styleQML, styleSLD, useAsDefault FROM layer_styles")
    assert {row[0] for row in styles} == {layer.name for layer in schema.LAYERS}
    for _, qml, sld, is_default in styles:
        assert is_default
        assert "class_id" in qml
        fromstring(sld)
    codes = "SELECT value, description FROM gpkg_data_column_constraints WHERE constraint_name = 'geolabel_{}'"
    assert sorted(sqlite(born, codes.format("class_id"))) == [
        ("buoy", "Buoy"),
        ("road", "Road"),
        ("ship", "Ship <of any kind>"),
    ]
    assert sqlite(born, codes.format("attr_category")) == [("merchant", "Merchant"), ("naval", "Naval")]
    assert sqlite(born, "SELECT min, max FROM gpkg_data_column_constraints WHERE constraint_type = 'range'") == [
        (0, 30)
    ]
    assert len(sqlite(born, "SELECT * FROM gpkg_data_columns WHERE column_name = 'class_id'")) == 3


def test_a_style_that_the_user_saved_stays(born, open_file, sqlite, ontology) -> None:
    sqlite(
        born,
        "UPDATE layer_styles SET useAsDefault = 0 WHERE f_table_name = 'labels_point'",
        "INSERT INTO layer_styles (f_table_name, f_geometry_column, styleName, styleQML, useAsDefault) "
        "VALUES ('labels_point', 'geom', 'my own', '<qgis/>', 1)",
    )
    other = type(ontology)(**{**ontology.to_dict(), "version": "2"})

    open_file(ontology=other).close()

    assert sqlite(born, "SELECT styleName FROM layer_styles WHERE f_table_name = 'labels_point' AND useAsDefault") == [
        ("my own",)
    ]
    assert sqlite(born, "SELECT styleQML FROM layer_styles WHERE styleName = 'my own'") == [("<qgis/>",)]


def test_another_ontology_adds_columns_and_keeps_the_old_ones(born, open_file, sqlite, ontology) -> None:
    fields = ontology.to_dict()
    fields["classes"][0]["attributes"].append({"id": "flag", "name": "Flag", "type": "text"})

    open_file(ontology=type(ontology)(**{**fields, "version": "2"})).close()

    columns = {row[1] for row in sqlite(born, "PRAGMA table_info(labels_polygon)")}
    assert {"attr_flag", "attr_name"} <= columns
    assert sqlite(born, "SELECT version FROM ontology ORDER BY entry") == [("1",), ("2",)]


def test_columns_have_types_that_a_gis_understands(ontology) -> None:
    assert attribute_columns(ontology) == {
        "attr_category": "TEXT",
        "attr_cargo": "TEXT",
        "attr_name": "TEXT",
        "attr_draught": "REAL",
        "attr_moored": "BOOLEAN",
        "attr_seen": "DATE",
    }


@pytest.mark.parametrize(
    ("geometry", "layer"),
    [
        ("Polygon", "labels_polygon"),
        ("MultiPolygon", "labels_polygon"),
        ("LineString", "labels_line"),
        ("MultiLineString", "labels_line"),
        ("Point", "labels_point"),
    ],
)
def test_every_geometry_has_its_table(geometry: str, layer: str) -> None:
    assert layer_for(geometry).name == layer


def test_a_collection_has_no_table() -> None:
    with pytest.raises(GeometryError, match="GeometryCollection"):
        layer_for("GeometryCollection")


def test_every_statement_is_understood_by_the_tables(born) -> None:
    db = sqlite3.connect(born)
    texts = [value for name, value in vars(statements).items() if name.isupper() and isinstance(value, str)]
    texts += [statements.insert(table) for table in schema.PLAIN_TABLES]
    texts += [statements.rows_of(table) for table in schema.PLAIN_TABLES]

    for text in texts:
        db.execute(f"EXPLAIN {text}", (None,) * text.count("?"))

    assert len(texts) > 40


def test_a_seal_stands_where_recovery_expects_it(born, sqlite) -> None:
    for table in schema.SEALED:
        names = [row[1] for row in sqlite(born, f"PRAGMA table_info({table})")]
        assert names == [*schema.column_names(table), "seal"]

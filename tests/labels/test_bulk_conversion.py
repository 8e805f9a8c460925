"""Frames and tables to files in bulk: every row and column comes through, without an annotation being made."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from napari_geolabel.errors import FormatError, GeoLabelError, WriteError
from napari_geolabel.formats import geopackage_columns, importer_for
from napari_geolabel.labels.conversion import convert

TABLES = {
    "gpkg": ".gpkg",
    "flatgeobuf": ".fgb",
    "geoparquet": ".parquet",
    "geojson": ".geojson",
    "geojsonseq": ".geojsonl",
}


@pytest.fixture
def frame():
    """Return rows of all sorts of geometry and values in UTM."""
    square = shapely.box(400000.1, 5300000.3, 400100.7, 5300080.9)
    return gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "class": ["ship", "ship", "pier", "wake"],
            "word": ["Ä;ö", None, "2024-05-01", ""],
            "number": [0.1, np.nan, -3.0, 1e300],
            "whole": [1, 2, 3, 4],
            "yes": [True, False, True, False],
            "maybe": [True, None, False, None],
            "nested": [{"a": [1, {"b": None}]}, None, [1, 2], "x"],
            "day": pd.to_datetime(
                ["2024-05-01T10:00:00.25", None, "1999-12-31", "2030-01-01"], format="ISO8601"
            ).tz_localize("UTC"),
        },
        geometry=[
            square,
            square.difference(shapely.box(400010, 5300010, 400020, 5300020)),
            shapely.MultiPolygon([square, shapely.affinity.translate(square, 500, 0)]),
            shapely.LineString([(400000, 5300000), (400900.5, 5300100)]),
        ],
        crs="EPSG:32633",
    )


def read(path):
    """Return what geopandas reads of a file, by id."""
    if path.suffix == ".parquet":
        return gpd.read_parquet(path).set_index("id")
    if path.suffix != ".gpkg":
        return gpd.read_file(path).set_index("id")
    layers = [gpd.read_file(path, layer=layer) for layer in ("labels_polygon", "labels_line")]
    return pd.concat(layers).set_index("id")


@pytest.mark.parametrize("form", TABLES)
def test_every_row_and_column_of_a_frame_comes_through(tmp_path, frame, form):
    path = tmp_path / f"out{TABLES[form]}"
    report = convert(frame, path)
    assert (report.imported, report.skipped) == (4, [])
    found = read(path).loc[list("abcd")]
    assert list(found["class_id"]) == list(frame["class"])
    assert set(frame.columns) - {"id"} <= set(found.columns)
    assert list(found["whole"]) == [1, 2, 3, 4]
    assert list(found["yes"].astype(bool)) == [True, False, True, False]
    assert [None if pd.isna(value) else bool(value) for value in found["maybe"]] == [True, None, False, None]
    assert found["number"].iloc[[0, 2, 3]].tolist() == [0.1, -3.0, 1e300]
    assert pd.isna(found["number"].iloc[1])
    assert found["word"].iloc[0] == "Ä;ö"
    assert pd.isna(found["word"].iloc[1])
    ours = shapely.get_coordinates(frame.to_crs(found.crs).normalize().to_numpy())
    theirs = shapely.get_coordinates(found.normalize().to_numpy())
    assert np.abs(ours - theirs).max() < (1e-12 if found.crs.is_projected else 1e-9)


def test_geojson_has_nested_values_ids_and_times_and_follows_rfc_7946(tmp_path, frame):
    convert(frame, tmp_path / "out.geojson")
    text = (tmp_path / "out.geojson").read_text()
    document = json.loads(text)
    assert "crs" not in document
    west, south, east, north = document["bbox"]
    assert (west, south, east, north) == pytest.approx(frame.to_crs(4326).total_bounds)
    first, second, *_ = document["features"]
    assert first["id"] == first["properties"]["id"] == "a"
    assert first["properties"]["nested"] == {"a": [1, {"b": None}]}
    assert first["properties"]["day"] == "2024-05-01T10:00:00.250000Z"
    assert second["properties"]["day"] is second["properties"]["maybe"] is second["properties"]["number"] is None
    shell, hole = (shapely.LinearRing(ring) for ring in second["geometry"]["coordinates"])
    assert shell.is_ccw
    assert not hole.is_ccw
    assert text.count("\n{") == 4


def test_styles_stand_beside_what_is_converted_in_bulk(tmp_path, frame):
    assert convert(frame, tmp_path / "out.fgb", styles=["qml", "sld"]).imported == 4
    assert {each.name for each in tmp_path.iterdir()} == {
        "out.fgb", "out.qml", "out.lines.qml", "out.sld", "out.lines.sld",
    }  # fmt: skip
    assert 'value="pier"' in (tmp_path / "out.qml").read_text("utf-8")


def test_tables_hold_nested_values_as_json(tmp_path, frame):
    convert(frame, tmp_path / "out.gpkg")
    nested = read(tmp_path / "out.gpkg").loc[list("abcd"), "nested"]
    assert json.loads(nested.iloc[0]) == {"a": [1, {"b": None}]}
    assert json.loads(nested.iloc[2]) == [1, 2]
    assert pd.isna(nested.iloc[1])


@pytest.mark.parametrize("form", TABLES)
def test_a_frame_of_nothing_is_a_file_of_nothing(tmp_path, frame, form):
    path = tmp_path / f"out{TABLES[form]}"
    assert convert(frame.iloc[:0], path).imported == 0
    assert path.exists()


def test_the_map_names_classes_and_leaves_rows_out(tmp_path, frame):
    report = convert(frame, tmp_path / "out.geojson", class_map={"ship": "vessel", "pier": None})
    found = read(tmp_path / "out.geojson")
    assert found["class_id"].to_dict() == {"a": "vessel", "b": "vessel", "d": "wake"}
    assert report.skipped == [("row 2", 'class_map leaves "pier" out')]
    assert report.imported == 3


def test_an_empty_geometry_is_left_out_and_told(tmp_path, frame):
    frame.loc[1, "geometry"] = shapely.Polygon()
    report = convert(frame, tmp_path / "out.gpkg")
    assert report.skipped == [("row 1", "its geometry is empty")]
    assert sorted(read(tmp_path / "out.gpkg").index) == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda frame: frame.assign(**{"class": [None, "x", "y", "z"]}), r"the frame: row 0 names no class"),
        (lambda frame: frame.drop(columns="class"), r"the frame: row 0 names no class"),
        (lambda frame: frame.set_geometry([None, *frame.geometry[1:]]), r"row 0 of the frame has no geometry"),
        (lambda frame: frame.assign(nested=[object()] * 4), r"a holds a value that JSON cannot"),
        (lambda frame: frame.set_crs(None, allow_override=True), r"the frame has no CRS"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence_and_leaves_the_old_file(tmp_path, frame, break_it, sentence):
    path = tmp_path / "out.geojson"
    path.write_text("{}")
    with pytest.raises(FormatError, match=sentence) as refused:
        convert(break_it(frame), path, overwrite="always")
    assert "\n" not in str(refused.value)
    assert path.read_text() == "{}"


def test_a_file_of_fewer_rows_does_not_replace_one_of_many(tmp_path, frame):
    many = pd.concat([frame] * 10, ignore_index=True)
    convert(many, tmp_path / "out.geojson")
    with pytest.raises(GeoLabelError, match="holds 40 annotations and would hold 4"):
        convert(frame, tmp_path / "out.geojson")
    assert convert(frame, tmp_path / "out.geojson", overwrite="always").imported == 4
    with pytest.raises(WriteError):
        convert(frame, tmp_path / "nowhere" / "out.geojson")


def test_points_of_several_parts_are_split_into_annotations_as_before(tmp_path, frame):
    frame.loc[3, "geometry"] = shapely.MultiPoint([(400000, 5300000), (400010, 5300010)])
    report = convert(frame, tmp_path / "out.geojson")
    assert report.imported == 5
    assert any("split into one annotation per part" in note for note in report.notes)


def test_a_frame_that_is_indexed_by_id_keeps_its_ids(tmp_path, frame):
    convert(frame.set_index("id"), tmp_path / "out.geojson")
    assert [f["id"] for f in json.loads((tmp_path / "out.geojson").read_text())["features"]] == list("abcd")


@pytest.mark.parametrize("form", TABLES)
def test_what_was_written_in_bulk_converts_on_in_bulk(tmp_path, frame, form):
    first, second = tmp_path / f"a{TABLES[form]}", tmp_path / "b.geojson"
    convert(frame, first)
    assert convert(first, second).imported == 4
    found = read(second).loc[list("abcd")]
    assert list(found["class_id"]) == list(frame["class"])
    assert list(found["whole"]) == [1, 2, 3, 4]


def test_a_table_without_arrow_is_the_same(tmp_path, frame, monkeypatch):
    from napari_geolabel.formats import arrow_writing, gdal_files

    convert(frame, tmp_path / "with.fgb")
    for module in (gdal_files, arrow_writing):
        monkeypatch.setattr(module, "has_arrow", lambda: False)
    convert(frame, tmp_path / "without.fgb")
    with_arrow, without = read(tmp_path / "with.fgb"), read(tmp_path / "without.fgb")
    assert list(with_arrow.columns) == list(without.columns)
    assert with_arrow.geometry.geom_equals(without.geometry).all()
    assert list(with_arrow["class_name"]) == list(without["class_name"])


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_what_an_earlier_file_did_not_hold_is_no_longer_said(frame, tmp_path, suffix):
    path, note = tmp_path / f"out{suffix}", tmp_path / f"out{suffix}.losses.json"
    note.write_text(json.dumps({"file": path.name, "not_held": ["holes of 3 polygons"]}))
    theirs = tmp_path / "other.losses.json"
    theirs.write_text("{}")
    convert(frame, path)
    assert path.exists()
    assert not note.exists()
    assert theirs.exists()


def features_of(path, *properties):
    """Write squares with these properties as GeoJSON."""
    shapes = [shapely.box(10 + number, 50, 10.5 + number, 50.5) for number in range(len(properties))]
    features = [
        {"type": "Feature", "properties": {"label": "ship", **each}, "geometry": shapely.geometry.mapping(shape)}
        for each, shape in zip(properties, shapes, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def rows_of(path):
    return list(importer_for(path).read(path).properties)


@pytest.mark.parametrize("suffix", TABLES.values())
def test_whole_numbers_stay_whole_beside_empty_cells(tmp_path, suffix):
    source = features_of(tmp_path / "in.geojson", {"osm_id": 2**53 + 1, "n": 5}, {"n": None}, {"osm_id": -7})
    convert(source, tmp_path / f"out{suffix}")
    found = rows_of(tmp_path / f"out{suffix}")
    assert [(row["osm_id"], row["n"]) for row in found] == [(2**53 + 1, 5), (None, None), (-7, None)]
    assert isinstance(found[0]["n"], int)


@pytest.mark.parametrize("other", [None, 1, 0.5])
def test_whole_numbers_that_no_table_holds_are_texts_there(tmp_path, other):
    source = features_of(tmp_path / "in.geojson", {"n": 2**63 + 5}, {"n": other})
    for suffix, wanted in ((".fgb", str(2**63 + 5)), (".geojsonl", 2**63 + 5)):
        convert(source, tmp_path / f"out{suffix}")
        assert rows_of(tmp_path / f"out{suffix}")[0]["n"] == wanted


def test_a_geopackage_that_is_read_row_by_row_gives_the_same_numbers(tmp_path, monkeypatch):
    source = features_of(tmp_path / "in.geojson", {"n": 2**53 + 1}, {"n": None})
    convert(source, tmp_path / "a.gpkg")
    monkeypatch.setattr(geopackage_columns, "has_driver", lambda: False)
    convert(tmp_path / "a.gpkg", tmp_path / "b.geojson")
    assert [row["n"] for row in rows_of(tmp_path / "b.geojson")] == [2**53 + 1, None]


@pytest.mark.parametrize(("kind", "value"), [("Int64", -(2**53) - 1), ("UInt64", 2**64 - 1)])
def test_geoparquet_of_other_programs_gives_its_whole_numbers(tmp_path, frame, kind, value):
    frame[["class", "geometry"]].assign(n=pd.array([value, None, 1, 2], kind)).to_parquet(tmp_path / "pandas.parquet")
    table = pq.read_table(tmp_path / "pandas.parquet")
    kept = {key: text for key, text in table.schema.metadata.items() if key == b"geo"}  # no word of pandas
    pq.write_table(table.replace_schema_metadata(kept), tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.geojson")
    assert [row["n"] for row in rows_of(tmp_path / "out.geojson")] == [value, None, 1, 2]


def test_names_of_classes_stay_as_the_file_has_them_and_name_its_classes(tmp_path):
    given = [("3", "Big ship"), ("4", None), ("3", "Ship"), ("4", "Boat\n"), ("5", None), ("6", {"no": "word"})]
    rows = [{"class_id": key, "class_name": name} for key, name in given]
    convert(features_of(tmp_path / "in.geojson", *rows), tmp_path / "out.gpkg")
    columns = importer_for(tmp_path / "out.gpkg").read(tmp_path / "out.gpkg")
    assert {cls.id: cls.name for cls in columns.ontology.classes} == {"3": "Big ship", "4": "Boat", "5": "5", "6": "6"}
    assert [row["class_name"] for row in columns.properties] == ["Big ship", "Boat", "Ship", "Boat", "5", "6"]


def test_a_class_that_is_mapped_has_the_name_of_the_one_it_becomes(tmp_path):
    rows = [{"class_id": "3", "class_name": "Ship"}, {"class_id": "4", "class_name": "Boat"}]
    source = features_of(tmp_path / "in.geojson", *rows)
    convert(source, tmp_path / "out.geojson", class_map={3: "vessel"})
    found = [(row["class_id"], row["class_name"]) for row in rows_of(tmp_path / "out.geojson")]
    assert found == [("vessel", "vessel"), ("4", "Boat")]


CLASHES = {
    "case": ({"Name": "a", "name": "b", "name_2": "c"}, {"gpkg": {"name": "name_3"}, "fgb": {"name": "name_3"}}),
    "geometry": (
        {"geometry": "POINT (1 2)"},
        {suffix: {"geometry": "geometry_2"} for suffix in ("gpkg", "fgb", "parquet")},
    ),
    "geom": ({"geom": "x", "GEOM": "y"}, {"gpkg": {"geom": "geom_2", "GEOM": "GEOM_3"}, "fgb": {"GEOM": "GEOM_2"}}),
    "box": ({"bbox": "1,2,3,4"}, {"parquet": {"bbox": "bbox_2"}}),
    "row number": ({"fid": "abc"}, {"gpkg": {"fid": "fid_2"}}),
    "ours": ({"Class_ID": "x"}, {"gpkg": {"Class_ID": "Class_ID_2"}, "fgb": {"Class_ID": "Class_ID_2"}}),
    "GDAL's": ({"wkb_geometry": "x"}, {"fgb": {"wkb_geometry": "wkb_geometry_2"}}),
}


@pytest.mark.parametrize("suffix", TABLES.values())
@pytest.mark.parametrize(("properties", "others"), CLASHES.values(), ids=CLASHES)
def test_no_column_is_lost_for_its_name(tmp_path, properties, others, suffix):
    renamed = others.get(suffix[1:], {})
    path = tmp_path / f"out{suffix}"
    report = convert(features_of(tmp_path / "in.geojson", properties), path)
    (row,) = rows_of(path)
    assert {renamed.get(name, name): value for name, value in properties.items()}.items() <= row.items()
    assert row["class_id"] == "ship"
    told = ", ".join(f"{old} as {new}" for old, new in renamed.items())
    assert [note.rpartition(": ")[2] for note in report.notes if "so these columns have others" in note] == [
        told
    ] * bool(told)


@pytest.mark.parametrize(
    ("fids", "wanted"), [([7, 3], [7, 3]), ([1, 1], [1, 2]), ([-1, 4], [1, 2]), ([2, None], [1, 2])]
)
def test_rows_of_a_geopackage_keep_their_numbers_if_these_can_number_them(tmp_path, fids, wanted):
    source = features_of(tmp_path / "in.geojson", *({"fid": fid, "n": n} for n, fid in enumerate(fids)))
    report = convert(source, tmp_path / "out.gpkg")
    assert {row["n"]: row["fid"] for row in rows_of(tmp_path / "out.gpkg")} == dict(enumerate(wanted))
    assert any("numbered anew" in note for note in report.notes) == (fids != wanted)


def test_a_geopackage_of_two_tables_becomes_one(tmp_path, frame):
    for layer, part in (("one", frame.iloc[:1]), ("two", frame.iloc[1:2])):
        part[["class", "geometry"]].to_file(tmp_path / "in.gpkg", layer=layer)
    assert convert(tmp_path / "in.gpkg", tmp_path / "out.gpkg").imported == 2


@pytest.mark.parametrize("suffix", TABLES.values())
def test_a_second_column_of_geometries_goes_along(tmp_path, frame, suffix):
    frame = frame.rename_geometry("outline").assign(geometry=frame.geometry.representative_point())
    convert(frame.set_geometry("outline"), tmp_path / f"out{suffix}")
    columns = importer_for(tmp_path / f"out{suffix}").read(tmp_path / f"out{suffix}")
    assert {shape.geom_type for shape in columns.geometries} == {"Polygon", "MultiPolygon", "LineString"}
    key = "geometry" if "json" in suffix else "geometry_2"
    second = columns.properties[0][key]
    assert (second if suffix == ".parquet" else shapely.from_wkt(second)).geom_type == "Point"

"""GeoJSON read a few lines at a time is what it is as a whole, or is left to be read as a whole."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.formats import geojson_lines
from napari_geolabel.formats.geojson_lines import read_by_line
from napari_geolabel.formats.geojson_read import columns_of, read_geojson

POINTS = [
    {"type": "Feature", "properties": {"n": n}, "geometry": {"type": "Point", "coordinates": [n, 0]}} for n in range(9)
]
LINES = ",\n".join(json.dumps(point) for point in POINTS)
HEAD = '{"type": "FeatureCollection",\n"geolabel": {"version": 1},\n"features": [\n'


def taken(path, text: str | bytes):
    """Return the document and the features that reading by line gives."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    features: list = []
    return read_by_line(path, features.extend), features


@pytest.mark.parametrize("batch", [1, 300, 2**22])
def test_features_come_in_order_whatever_the_size_of_a_batch(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(geojson_lines, "_BATCH_BYTES", batch)
    document, features = taken(tmp_path / "a.geojson", HEAD + LINES + "\n]}\n")
    assert document == {"type": "FeatureCollection", "geolabel": {"version": 1}, "features": []}
    assert features == POINTS


def test_members_after_the_features_count_too(tmp_path):
    document, features = taken(tmp_path / "a.geojson", HEAD + LINES + '\n],\n"crs": {"properties": {"name": "x"}}\n}')
    assert document["crs"] == {"properties": {"name": "x"}}
    assert len(features) == 9


def test_a_collection_of_nothing_is_one(tmp_path):
    assert taken(tmp_path / "a.geojson", HEAD + "]}") == (
        {"type": "FeatureCollection", "geolabel": {"version": 1}, "features": []},
        [],
    )


WHOLE_ONLY = {
    "all in one line": '{"type": "FeatureCollection", "features": [' + LINES.replace("\n", "") + "]}",
    "indented": json.dumps({"type": "FeatureCollection", "features": POINTS}, indent=1),
    "a list of that name elsewhere": '{"type": "FeatureCollection", "other": {"features": [\n'
    + LINES
    + '\n]}, "features": []}',
    "two of them": HEAD + LINES + '\n],\n"features": []}',
    "another list behind": HEAD + LINES + '\n],\n"other": [\n1\n]\n}',
    "commas before": HEAD + LINES.replace(",\n", "\n,") + "\n]}",
    "no lines": "",
    "BOM and all": b"\xef\xbb\xbf" + (HEAD + LINES + "\n]}").encode(),
}
BROKEN = {
    "a comma too many": HEAD + LINES + ",\n]}",
    "a comma too few": HEAD + LINES.replace(",\n", "\n", 1) + "\n]}",
    "cut off": HEAD + LINES,
    "rubbish behind": HEAD + LINES + "\n]} and more",
    "no features but numbers": HEAD + "1,\n2\n]}",
    "not UTF-8": (HEAD + LINES + "\n]}").encode().replace(b'"n"', b'"\xff"'),
}


@pytest.mark.parametrize("batch", [1, 2**22])
@pytest.mark.parametrize("name", WHOLE_ONLY)
def test_any_other_layout_gives_the_same_or_nothing(tmp_path, monkeypatch, name, batch):
    monkeypatch.setattr(geojson_lines, "_BATCH_BYTES", batch)
    text = WHOLE_ONLY[name]
    document, features = taken(tmp_path / "a.geojson", text)
    if document is None:
        return
    plain = json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    assert features == plain["features"]
    assert document == plain | {"features": []}


@pytest.mark.parametrize("batch", [1, 2**22])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_never_taken(tmp_path, monkeypatch, name, batch):
    monkeypatch.setattr(geojson_lines, "_BATCH_BYTES", batch)
    assert taken(tmp_path / "a.geojson", BROKEN[name])[0] is None


def test_a_file_beyond_the_limit_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(geojson_lines, "LARGEST_BYTES", 10)
    assert taken(tmp_path / "a.geojson", HEAD + LINES + "\n]}\n") == (None, [])


def test_places_and_faults_are_counted_over_all_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(geojson_lines, "_BATCH_BYTES", 1)
    features = [dict(point) for point in POINTS]
    features[3] = {"type": "Feature", "properties": None, "geometry": None}
    features[7] = {"type": "Feature", "properties": None, "geometry": {"type": "Polygon", "coordinates": []}}
    path = tmp_path / "a.geojson"
    path.write_text(HEAD + ",\n".join(map(json.dumps, features)) + "\n]}\n")
    found, whole = read_geojson(path), columns_of(json.loads(path.read_text()), path.name)
    assert found.where == whole.where == [f"feature {n}" for n in (1, 2, 3, 5, 6, 7, 9)]
    assert (
        found.skipped
        == whole.skipped
        == [
            ("feature 4", "it has no geometry"),
            ("feature 8", "its geometry is empty"),
        ]
    )
    assert shapely.equals(found.geometries, whole.geometries).all()
    assert found.properties == whole.properties

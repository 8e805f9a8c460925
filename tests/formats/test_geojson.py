"""GeoJSON both ways: what goes out comes back to the last bit, and follows RFC 7946 on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, Provenance, Status
from napari_geolabel.errors import NotGeoreferencedError, WriteError
from napari_geolabel.formats import read_geojson, write_geojson
from napari_geolabel.geo import LONLAT, measure_box
from napari_geolabel.masks import burn, rasterize_annotations


def random_polygons(count: int, seed: int = 0) -> list[shapely.Polygon]:
    rng = np.random.default_rng(seed)
    angles, radii = np.sort(rng.uniform(0, 2 * np.pi, (count, 9))), rng.uniform(2, 60, (count, 9))
    corners = rng.uniform(0, 512, (count, 1, 2)) + np.stack([np.cos(angles), np.sin(angles)], -1) * radii[..., None]
    return list(shapely.polygons(corners))


def clouds(polygons) -> list[Annotation]:
    return [Annotation(class_id="cloud", kind="polygon", geometry=polygon) for polygon in polygons]


def one_of_each() -> list[Annotation]:
    made = Provenance(
        annotator="Ada Lovelace",
        created=datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC),
        updated=datetime(2024, 5, 2, tzinfo=UTC),
        source="model",
        tool="ships 1.2",
        composite="false_color",
        ground_resolution_m=2.5,
    )
    holed = shapely.box(10, 10, 90, 80) - shapely.box(20, 20, 30.3, 30.7)
    both = shapely.MultiPolygon([holed, shapely.box(200, 1, 210, 9)])
    return [
        Annotation(
            class_id="ship",
            kind="rotated_box",
            geometry=shapely.Polygon([(100, 100), (103, 104), (95, 110), (92, 106)]),
            attributes={"category": "merchant", "cargo": "2024-01-01", "flags": ("wake", "moored"), "draught_m": 3.25,
                        "lit": False, "seen": "2024-02-29", "remark": '{"a": 1}'},
            status=Status.ACCEPTED,
            confidence=0.1 + 0.2,
            provenance=made,
        ),
        Annotation(class_id="ship", kind="box", geometry=shapely.box(3.1, 4.7, 8.9, 12.3)),
        Annotation(class_id="cloud", kind="polygon", geometry=holed),
        Annotation(class_id="cloud", kind="polygon", geometry=both),
        Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(1, 2), (300, 400), (12, 7)])),
        Annotation(class_id="wake", kind="polyline",
                   geometry=shapely.MultiLineString([[(1, 2), (3, 4)], [(5, 6), (7, 9), (8, 1)]])),
        Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(511.9, 0.1), status="suggested"),
    ]  # fmt: skip


def bare(annotation: Annotation) -> Annotation:
    return replace(annotation, source=None)


def write(path, annotations, grid, ontology, **more):
    write_geojson(path, annotations, grid, ontology, **more)
    return json.loads(path.read_text())


def test_everything_comes_back_to_the_last_bit(tmp_path, grid, ontology):
    drawn = one_of_each()
    write_geojson(tmp_path / "a.geojson", drawn, grid, ontology)
    back, report = read_geojson(tmp_path / "a.geojson").to_annotations(grid, ontology)
    assert [bare(a) for a in back] == drawn
    assert [a.geometry.wkb for a in back] == [a.geometry.wkb for a in drawn]
    assert (report.imported, report.skipped, report.notes) == (len(drawn), [], [])


def test_five_hundred_polygons_cover_the_same_pixels_when_they_come_back(tmp_path, grid, ontology):
    drawn = clouds(random_polygons(500))
    write_geojson(tmp_path / "a.geojson", drawn, grid, ontology)
    back, _ = read_geojson(tmp_path / "a.geojson").to_annotations(grid, ontology)
    before, after = (rasterize_annotations(a, grid, ontology, flavour="instance").array for a in (drawn, back))
    assert np.array_equal(before, after)
    for one, other in zip(drawn, back, strict=True):
        assert np.array_equal(burn([one.geometry], 1, grid.shape), burn([other.geometry], 1, grid.shape))


def test_what_was_imported_and_not_edited_is_exported_byte_for_byte(tmp_path, grid, ontology):
    write_geojson(tmp_path / "a.geojson", one_of_each(), grid, ontology, scene_name="scene")
    back, _ = read_geojson(tmp_path / "a.geojson").to_annotations(grid, ontology)
    write_geojson(tmp_path / "b.geojson", back, grid, ontology, scene_name="scene")
    assert (tmp_path / "a.geojson").read_bytes() == (tmp_path / "b.geojson").read_bytes()


def test_coordinates_of_a_foreign_file_leave_again_with_every_bit(tmp_path, utm, ontology):
    lonlat = [[15.0 + 1 / 3, 48.7], [15.01, 48.7], [15.01, 48.71], [15.0 + 1 / 3, 48.7]]
    foreign = {
        "type": "Feature",
        "properties": {"class": "cloud"},
        "geometry": {"type": "Polygon", "coordinates": [lonlat]},
    }
    (tmp_path / "in.geojson").write_text(json.dumps(foreign))
    back, _ = read_geojson(tmp_path / "in.geojson").to_annotations(utm, ontology)
    document = write(tmp_path / "out.geojson", back, utm, ontology)
    written = document["features"][0]["geometry"]["coordinates"][0]
    assert {tuple(p) for p in written} == {tuple(p) for p in lonlat}


def test_an_edit_after_the_import_drops_the_imported_coordinates(tmp_path, utm, ontology):
    write_geojson(tmp_path / "a.geojson", clouds(random_polygons(1)), utm, ontology)
    (cloud,), _ = read_geojson(tmp_path / "a.geojson").to_annotations(utm, ontology)
    moved = cloud.edited(geometry=shapely.box(0, 0, 9, 9))
    write_geojson(tmp_path / "b.geojson", [moved], utm, ontology)
    (back,), _ = read_geojson(tmp_path / "b.geojson").to_annotations(utm, ontology)
    assert back.geometry.equals(shapely.box(0, 0, 9, 9))


def test_files_are_rfc_7946(tmp_path, grid, ontology):
    drawn = [*one_of_each(), *clouds(random_polygons(50))]
    document = write(tmp_path / "a.geojson", drawn, grid, ontology)
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    for feature, annotation in zip(document["features"], drawn, strict=True):
        assert feature["id"] == annotation.id
        geometry = shapely.geometry.shape(feature["geometry"])
        points = shapely.get_coordinates(geometry)
        assert (np.abs(points) <= (180, 90)).all()
        west, south, east, north = feature["bbox"]
        assert (south, north) == (geometry.bounds[1], geometry.bounds[3])
        if west <= east:
            assert (west, east) == (geometry.bounds[0], geometry.bounds[2])
        for part in shapely.get_parts(geometry):
            assert part.bounds[2] - part.bounds[0] < 180
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(hole.is_ccw for hole in part.interiors)


def test_what_crosses_the_antimeridian_is_cut_and_its_box_runs_over_it(tmp_path, grids, ontology):
    grid = grids["across the antimeridian"]
    document = write(tmp_path / "a.geojson", clouds([shapely.box(0, 0, 512, 512)]), grid, ontology)
    (feature,) = document["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    west, _, east, _ = feature["bbox"]
    assert west > 179 > -179 > east
    assert document["bbox"][0] == west
    cut = shapely.geometry.shape(feature["geometry"])
    assert shapely.is_valid(cut)
    assert shapely.area(shapely.transform(cut, grid.lonlat_to_pixel)) == pytest.approx(512**2, rel=1e-9)


def test_properties_are_the_flat_schema(tmp_path, utm, ontology):
    document = write(tmp_path / "a.geojson", one_of_each(), utm, ontology)
    row = document["features"][0]["properties"]
    assert list(row)[:5] == ["id", "class_id", "class_name", "class_value", "kind"]
    assert (row["class_id"], row["class_name"], row["class_value"]) == ("ship", 'Ship "A" <&>', 1)
    assert row["attr_flags"] == "wake;moored"
    assert row["attr_draught_m"] == 3.25
    assert row["attributes"]["flags"] == ["wake", "moored"]
    assert row["length_m"] == pytest.approx(100, rel=1e-3)
    assert row["width_m"] == pytest.approx(50, rel=1e-3)
    assert row["heading_deg"] == pytest.approx(90 - np.degrees(np.arctan2(6, 8)), abs=0.5)
    assert row["created"] == "2024-05-01T10:00:00.123456Z"
    assert document["features"][1]["properties"]["area_m2"] == pytest.approx(5.8 * 7.6 * 100, rel=2e-3)
    assert document["features"][4]["properties"]["length_m"] == pytest.approx(
        10 * one_of_each()[4].geometry.length, rel=2e-3
    )


def test_the_collection_names_scene_grid_and_ontology(tmp_path, utm, ontology):
    document = write(
        tmp_path / "a.geojson", one_of_each(), utm, ontology, scene_name="S2", scene_attributes={"sea_state": 3}
    )
    about = document["geolabel"]
    assert about["ontology"] == ontology.stamp
    assert about["scene"]["name"] == "S2"
    assert about["scene"]["shape"] == [512, 512]
    assert about["scene"]["transform"] == [10, 0, 499980, 0, -10, 5400000]
    assert about["scene"]["crs"] == "EPSG:32633"
    assert read_geojson(tmp_path / "a.geojson").scene_attributes == {"sea_state": 3}


def test_a_vertex_moved_in_a_gis_wins_and_leaves_the_others_exact(tmp_path, utm, ontology):
    drawn = clouds(random_polygons(3))
    document = write(tmp_path / "a.geojson", drawn, utm, ontology)
    ring = document["features"][1]["geometry"]["coordinates"][0]
    ring[2][0] += 1e-6  # seven centimetres
    (tmp_path / "b.geojson").write_text(json.dumps(document))
    back, _ = read_geojson(tmp_path / "b.geojson").to_annotations(utm, ontology)
    assert back[0].geometry == drawn[0].geometry
    assert back[2].geometry == drawn[2].geometry
    moved = shapely.hausdorff_distance(back[1].geometry, drawn[1].geometry)
    assert 0.005 < moved < 0.01


def test_a_column_edited_in_a_gis_wins(tmp_path, utm, ontology):
    document = write(tmp_path / "a.geojson", one_of_each(), utm, ontology)
    row = document["features"][0]["properties"]
    row |= {"attr_draught_m": 7, "attr_flags": "moored", "attr_remark": None, "class_id": "ship", "status": "rejected"}
    (tmp_path / "b.geojson").write_text(json.dumps(document))
    back, _ = read_geojson(tmp_path / "b.geojson").to_annotations(utm, ontology)
    assert back[0].attributes["draught_m"] == 7
    assert back[0].attributes["flags"] == ("moored",)
    assert "remark" not in back[0].attributes
    assert back[0].attributes["cargo"] == "2024-01-01"
    assert back[0].status is Status.REJECTED


def test_pixels_of_another_grid_are_not_trusted(tmp_path, grids, ontology):
    drawn = clouds(random_polygons(20))
    write_geojson(tmp_path / "a.geojson", drawn, grids["north-up"], ontology)
    back, _ = read_geojson(tmp_path / "a.geojson").to_annotations(grids["south-up"], ontology)
    for before, after in zip(drawn, back, strict=True):
        mapped = shapely.transform(before.geometry, grids["north-up"].pixel_to_map)
        again = shapely.transform(after.geometry, grids["south-up"].pixel_to_map)
        assert shapely.hausdorff_distance(mapped, again) < 1e-6


def test_a_ship_heads_the_same_way_on_another_grid(tmp_path, grids, ontology):
    for number in range(8):
        turn = np.radians(45 * number + 10)
        forward, right = np.array([np.sin(turn), -np.cos(turn)]), np.array([np.cos(turn), np.sin(turn)])
        corners = [(100, 100) + a * forward + b * right for a, b in [(9, -4), (9, 4), (-9, 4), (-9, -4)]]
        ship = Annotation(class_id="ship", kind="rotated_box", geometry=shapely.Polygon(corners))
        write_geojson(tmp_path / "a.geojson", [ship], grids["north-up"], ontology)
        (back,), _ = read_geojson(tmp_path / "a.geojson").to_annotations(grids["south-up"], ontology)
        headings = [
            measure_box(shapely.get_coordinates(a.geometry)[:4], grids[name]).heading_deg
            for a, name in [(ship, "north-up"), (back, "south-up")]
        ]
        assert headings[0] == pytest.approx(headings[1], abs=1e-6)


@pytest.mark.parametrize("precision", [7, 4])
def test_rounded_files_are_short_and_still_exact_on_their_own_scene(tmp_path, utm, ontology, precision):
    drawn = clouds(random_polygons(20))
    document = write(tmp_path / "a.geojson", drawn, utm, ontology, precision=precision)
    x = document["features"][0]["geometry"]["coordinates"][0][0][0]
    assert x == round(x, precision)
    back, _ = read_geojson(tmp_path / "a.geojson").to_annotations(utm, ontology)
    assert [a.geometry for a in back] == [a.geometry for a in drawn]


def test_a_scene_without_georeference_is_refused_and_nothing_is_written(tmp_path, nowhere, ontology):
    with pytest.raises(NotGeoreferencedError, match=r"a\.geojson cannot be written as GeoJSON.*give it a transform"):
        write_geojson(tmp_path / "a.geojson", one_of_each(), nowhere, ontology)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_sentence(tmp_path, utm, ontology):
    with pytest.raises(WriteError, match="is not a folder"):
        write_geojson(tmp_path / "none" / "a.geojson", [], utm, ontology)


def test_no_annotations_are_an_empty_collection(tmp_path, utm, ontology):
    document = write(tmp_path / "a.geojson", [], utm, ontology)
    assert document["features"] == []
    assert "bbox" not in document
    back, report = read_geojson(tmp_path / "a.geojson").to_annotations(utm, ontology)
    assert (back, report.imported) == ([], 0)


def test_many_features_are_one_valid_file(tmp_path, utm, ontology):
    drawn = clouds([shapely.box(i % 500, i // 500, i % 500 + 1, i // 500 + 1) for i in range(4100)])
    document = write(tmp_path / "a.geojson", drawn, utm, ontology)
    assert [f["id"] for f in document["features"]] == [a.id for a in drawn]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    remark=TEXT,
    draught=st.floats(0, 30) | st.integers(0, 30),
    flags=st.sets(st.sampled_from(["wake", "moored"])),
    x=st.floats(-1e4, 1e4, allow_subnormal=False),
    confidence=st.none() | st.floats(0, 1),
)
def test_any_value_comes_back(tmp_path, utm, ontology, remark, draught, flags, x, confidence):
    values = {"draught_m": draught, "flags": tuple(f for f in ("wake", "moored") if f in flags), "remark": remark}
    attributes = {key: value for key, value in values.items() if value not in ("", ())}
    drawn = Annotation(
        class_id="ship", kind="keypoint", geometry=shapely.Point(x, 1 / 3), attributes=attributes, confidence=confidence
    )
    write_geojson(tmp_path / "a.geojson", [drawn], utm, ontology)
    (back,), _ = read_geojson(tmp_path / "a.geojson").to_annotations(utm, ontology)
    assert bare(back) == drawn
    assert back.source.crs == "OGC:CRS84"


def test_the_source_of_an_import_is_the_geometry_of_the_file(tmp_path, utm, ontology):
    write_geojson(tmp_path / "a.geojson", clouds(random_polygons(1)), utm, ontology)
    columns = read_geojson(tmp_path / "a.geojson")
    (back,), _ = columns.to_annotations(utm, ontology)
    assert columns.crs == LONLAT
    assert shapely.from_wkb(back.source.wkb) == columns.geometries[0]

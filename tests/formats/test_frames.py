"""Frames both ways."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import from_geodataframe, properties_of, to_geodataframe
from napari_geolabel.formats.schema import column_names


@pytest.fixture
def drawn():
    return [
        Annotation(
            class_id="ship",
            kind="rotated_box",
            geometry=shapely.Polygon([(100, 100), (103, 104), (95, 110), (92, 106)]),
            attributes={"category": "fishing", "flags": ("moored",), "draught_m": 2.5},
            status=Status.ACCEPTED,
            confidence=0.75,
        ),
        Annotation(class_id="cloud", kind="polygon", geometry=shapely.box(1, 2, 30, 40) - shapely.box(3, 3, 9, 9)),
        Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(7.25, 8.5)),
    ]


def test_a_frame_has_the_flat_columns_and_the_crs_of_the_scene(drawn, utm, ontology):
    frame = to_geodataframe(drawn, utm, ontology)
    assert list(frame.columns) == [*column_names(ontology), "geometry"]
    assert frame.crs == utm.crs
    assert list(frame["class_id"]) == ["ship", "cloud", "buoy"]
    assert frame["attr_flags"][0] == "moored"


def test_annotations_come_back_but_for_the_noise_of_the_map(drawn, grid, ontology):
    frame = to_geodataframe(drawn, grid, ontology)
    back, report = from_geodataframe(frame, grid).to_annotations(grid, ontology)
    assert report.imported == 3
    for before, after in zip(drawn, back, strict=True):
        assert (after.id, after.class_id, after.kind) == (before.id, before.class_id, before.kind)
        assert dict(after.attributes) == dict(before.attributes)
        assert (after.status, after.confidence) == (before.status, before.confidence)
        assert shapely.hausdorff_distance(after.geometry, before.geometry) < 1e-6


def test_without_georeference_frames_are_in_pixels_and_exact(drawn, nowhere, ontology):
    frame = to_geodataframe(drawn, nowhere, ontology)
    assert frame.crs is None
    back, _ = from_geodataframe(frame, nowhere).to_annotations(nowhere, ontology)
    assert back == drawn


def test_a_foreign_frame_in_another_crs_lands_on_the_same_pixels(utm, ontology):
    square = shapely.transform(shapely.box(10, 10, 20, 30), utm.pixel_to_lonlat)
    frame = gpd.GeoDataFrame({"class_id": ["cloud"], "draught_m": [np.nan]}, geometry=[square], crs=4326)
    (back,), _ = from_geodataframe(frame, utm).to_annotations(utm, ontology)
    assert np.allclose(back.geometry.bounds, (10, 10, 20, 30), atol=1e-6)
    assert back.source.crs == "EPSG:4326"
    assert back.provenance.source == "imported"


def test_bare_columns_called_like_attributes_are_taken_over(utm, ontology):
    frame = gpd.GeoDataFrame(
        {"label": ["ship"], "draught_m": [4.0], "flags": ["wake;moored"], "unknown": ["x"]},
        geometry=[shapely.Point(1, 2)],
    )
    (back,), _ = from_geodataframe(frame, utm).to_annotations(utm, ontology)
    assert dict(back.attributes) == {"flags": ("wake", "moored"), "draught_m": 4.0}


def test_a_value_that_the_ontology_forbids_skips_the_row_with_the_reason(utm, ontology):
    frame = gpd.GeoDataFrame(
        {"class": ["ship", "ship"], "draught_m": [99, 5]}, geometry=shapely.points([[1, 2], [3, 4]])
    )
    back, report = from_geodataframe(frame, utm).to_annotations(utm, ontology)
    assert len(back) == 1
    assert report.skipped == [("row 0", "ship.draught_m: 99 m is more than 30 m, the largest allowed")]


def test_a_status_may_be_set_for_all(drawn, utm, ontology):
    columns = from_geodataframe(to_geodataframe(drawn, utm, ontology), utm)
    back, _ = columns.to_annotations(utm, ontology, status="suggested")
    assert {a.status for a in back} == {Status.SUGGESTED}
    with pytest.raises(ValueError, match="finished"):
        columns.to_annotations(utm, ontology, status="finished")


def test_ids_that_stand_twice_are_replaced_and_told(drawn, utm, ontology):
    frame = to_geodataframe([drawn[1], drawn[1]], utm, ontology)
    back, report = from_geodataframe(frame, utm).to_annotations(utm, ontology)
    assert back[0].id == drawn[1].id != back[1].id
    assert report.notes == ["1 ids stood more than once and were replaced"]


def test_what_lies_outside_the_scene_is_kept_and_told(utm, ontology):
    frame = gpd.GeoDataFrame({"class": ["buoy"] * 2}, geometry=[shapely.Point(-5, 1), shapely.Point(5, 1)])
    back, report = from_geodataframe(frame, utm).to_annotations(utm, ontology)
    assert len(back) == 2
    assert report.notes == ["1 of 2 annotations lie outside the scene"]


def test_the_index_may_hold_the_ids(drawn, utm, ontology):
    frame = to_geodataframe(drawn, utm, ontology).set_index("id")
    assert from_geodataframe(frame, utm).ids == [a.id for a in drawn]


def test_a_row_without_geometry_is_named(utm):
    frame = gpd.GeoDataFrame({"class": ["a", "b"]}, geometry=[shapely.Point(1, 1), None])
    with pytest.raises(FormatError, match="row 1 of the frame has no geometry"):
        from_geodataframe(frame, utm)


def test_new_classes_allow_what_the_features_are(utm, ontology):
    frame = gpd.GeoDataFrame({"class": ["quay", "crane"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.Point(1, 1)])
    columns = from_geodataframe(frame, utm)
    made = columns.with_new_classes(ontology)
    back, report = columns.to_annotations(utm, made)
    assert [a.class_id for a in back] == ["quay", "crane"]
    assert report.skipped == []


def test_sizes_are_geodesic_and_none_without_georeference(drawn, utm, nowhere, ontology):
    row = properties_of(drawn[0], ontology, utm)
    assert row["length_m"] == pytest.approx(100, rel=1e-3)
    assert row["area_m2"] == pytest.approx(5000, rel=1e-3)
    assert properties_of(drawn[1], ontology, utm)["area_m2"] == pytest.approx(100 * (29 * 38 - 36), rel=1e-3)
    assert properties_of(drawn[0], ontology, nowhere)["length_m"] is None

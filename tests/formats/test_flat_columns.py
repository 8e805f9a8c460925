"""Columns of annotations hold what their rows hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.formats.flat_columns import flat_columns
from napari_geolabel.formats.frames import to_geodataframe
from napari_geolabel.formats.geopackage import typed_frame
from napari_geolabel.formats.schema import LINK_COLUMNS, column_names, rows_of
from napari_geolabel.geo import GeoGrid

TIMES = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))
)
MADE = st.builds(
    Provenance,
    annotator=st.none() | st.text(max_size=3),
    created=TIMES,
    updated=TIMES,
    source=st.sampled_from(["manual", "model"]),
    tool=st.none() | st.just("a tool"),
    ground_resolution_m=st.none() | st.floats(0.1, 9),
)
ANSWERS = {
    "category": st.sampled_from(["merchant", "fishing"]),
    "flags": st.sampled_from([(), ("wake",), ("wake", "moored")]),
    "draught_m": st.floats(0, 30),
    "lit": st.booleans(),
    "cargo": st.text(max_size=4),
}
PLACES = {
    "ship": ("box", shapely.box(10, 10, 20, 15)),
    "cloud": ("polygon", shapely.box(0, 0, 50, 60) - shapely.box(1, 1, 2, 2)),
    "wake": ("polyline", shapely.LineString([(1, 2), (30, 40)])),
    "buoy": ("keypoint", shapely.Point(7.25, 8.5)),
}

UTM = GeoGrid(shape=(512, 512), transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))


@st.composite
def label_lists(draw) -> list[Annotation]:
    """Return annotations of several classes, of which ships have answers, and some links and groups."""
    drawn = []
    for class_id in draw(st.lists(st.sampled_from(sorted(PLACES)), max_size=5)):
        kind, geometry = PLACES[class_id]
        drawn.append(
            Annotation(
                class_id=class_id,
                kind=kind,
                geometry=geometry,
                attributes=draw(st.fixed_dictionaries({}, optional=ANSWERS)) if class_id == "ship" else {},
                status=draw(st.sampled_from(["draft", "accepted"])),
                confidence=draw(st.none() | st.floats(0, 1)),
                provenance=draw(MADE),
                group=draw(st.sampled_from([None, None, "convoy"])),
                links=draw(st.sampled_from([(), (("towed_by", "x"), ("beside", "y"))])),
            )
        )
    return drawn


@given(drawn=label_lists())
@settings(max_examples=40)
def test_columns_are_rows_turned_about(drawn, ontology):
    columns, rows = flat_columns(drawn, ontology, UTM), rows_of(drawn, ontology, UTM)
    links = [name for name in LINK_COLUMNS if rows and name in rows[0]]
    assert list(columns) == [*column_names(ontology), *links]
    for name, values in columns.items():
        assert values == [row.get(name) for row in rows]
        assert [type(value) for value in values] == [type(row.get(name)) for row in rows]


def test_a_column_is_filled_only_where_the_class_asks_for_it(utm, ontology):
    ship, cloud = (
        Annotation(class_id=name, kind=PLACES[name][0], geometry=PLACES[name][1]) for name in ("ship", "cloud")
    )
    astray = replace(cloud, attributes={"category": "merchant"})  # as a store would not take it
    columns = flat_columns([replace(ship, attributes={"category": "fishing"}), astray], ontology, utm)
    assert columns["attr_category"] == ["fishing", None]
    assert columns["attributes"] == [{"category": "fishing"}, {"category": "merchant"}]


def test_no_annotations_are_empty_columns(utm, nowhere, ontology):
    for grid in (utm, nowhere):
        assert flat_columns([], ontology, grid) == {name: [] for name in column_names(ontology)}
        assert list(to_geodataframe([], grid, ontology).columns) == [*column_names(ontology), "geometry"]


def test_columns_of_a_frame_have_one_type_whatever_stands_in_them(utm, ontology):
    made = Provenance(created=datetime(2024, 5, 1, 10, tzinfo=UTC))
    drawn = [Annotation(class_id=name, kind=kind, geometry=shape) for name, (kind, shape) in PLACES.items()]
    drawn[0] = replace(drawn[0], attributes={"lit": True, "draught_m": 3.5}, provenance=made)
    for labels in (drawn, drawn[1:], drawn[:1]):
        frame = typed_frame(to_geodataframe(labels, utm, ontology), ontology)
        assert (str(frame["attr_lit"].dtype), frame["attr_draught_m"].dtype) == ("boolean", np.float64)
        assert isinstance(frame["created"].dtype, pd.DatetimeTZDtype)
        assert frame["class_value"].dtype == "Int32"


@pytest.mark.parametrize("grid_name", ["north-up", "degrees"])
def test_measures_are_those_of_each_shape_alone(grids, ontology, grid_name):
    hole = shapely.box(0, 0, 50, 60) - shapely.box(1, 1, 20, 20)
    parts = shapely.MultiPolygon([shapely.box(60, 0, 70, 9), shapely.box(80, 0, 90, 9) - shapely.box(82, 2, 84, 4)])
    shapes = [shapely.box(0, 0, 9, 9), hole, parts, shapely.LineString([(0, 0), (30, 40)]), shapely.Point(1, 1)]
    kinds = ["polygon", "polygon", "polygon", "polyline", "keypoint"]
    drawn = [Annotation(class_id="ship", kind=k, geometry=s) for k, s in zip(kinds, shapes, strict=True)]
    together = flat_columns(drawn * 2, ontology, grids[grid_name])
    alone = [flat_columns([each], ontology, grids[grid_name]) for each in drawn] * 2
    for name in ("area_m2", "length_m"):
        assert together[name] == pytest.approx([each[name][0] for each in alone], abs=2e-3)
    whole, cut = (flat_columns([drawn[0], drawn[1]], ontology, grids[grid_name])["area_m2"][i] for i in (0, 1))
    assert cut / whole == pytest.approx((3000 - 361) / 81, rel=1e-3)

"""Labels as frames, and edited frames back into labels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from napari_geolabel.annotations import Status
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])


@pytest.fixture
def drawn(labels: Labels) -> Labels:
    """A ship as box and as polygon, a keypoint, a cloud and a wake."""
    labels.add(box(3, 4, 20, 9), "ship", attributes={"category": "merchant", "flag": "NO", "length_m": 120})
    labels.add(TRIANGLE, "ship", status="suggested", confidence=0.25)
    labels.add(Point(100.5, 200.25), "ship")
    labels.add(Point(250, 250).buffer(40), "cloud")
    labels.add(LineString([(9, 9), (80, 90), (200, 91)]), "wake")
    return labels


def test_a_frame_has_a_row_per_annotation_in_the_scene_s_crs(drawn: Labels, scene: Scene) -> None:
    frame = drawn.to_geodataframe()
    assert isinstance(frame, gpd.GeoDataFrame)
    assert list(frame["id"]) == list(drawn)
    assert list(frame["class_id"]) == ["ship", "ship", "ship", "cloud", "wake"]
    assert frame.crs == scene.grid.crs
    expected = shapely.transform(TRIANGLE, scene.grid.pixel_to_map)
    assert frame.geometry[1].equals_exact(expected, 1e-6)


def test_a_frame_of_a_scene_without_georeference_is_in_pixels(pixel_scene: Scene, ontology: Ontology) -> None:
    labels = open_labels(scene=pixel_scene, ontology=ontology)
    ship = labels.add(TRIANGLE, "ship")
    frame = labels.to_geodataframe()
    assert frame.crs is None
    assert frame.geometry[0].equals_exact(TRIANGLE, 0)
    frame.loc[0, "status"] = "accepted"
    assert labels.update_from(frame) == [ship.id]


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:3857", "EPSG:3035"])
def test_a_frame_that_was_not_edited_changes_nothing(drawn: Labels, crs: str | None) -> None:
    before = dict(drawn.store)
    frame = drawn.to_geodataframe()
    assert drawn.update_from(frame if crs is None else frame.to_crs(crs)) == []
    assert dict(drawn.store) == before
    assert drawn.store.undo_titles[0] == "add wake"


def test_edited_cells_become_one_change(drawn: Labels) -> None:
    before = dict(drawn.store)
    ids = list(drawn)
    frame = drawn.to_geodataframe()
    frame["status"] = ["accepted", "accepted", "draft", "rejected", "draft"]
    frame.loc[1, "confidence"] = 0.75
    assert drawn.update_from(frame) == [ids[0], ids[1], ids[3]]
    assert [drawn[i].status for i in ids] == [
        Status.ACCEPTED, Status.ACCEPTED, Status.DRAFT, Status.REJECTED, Status.DRAFT,
    ]  # fmt: skip
    assert drawn[ids[1]].confidence == 0.75
    drawn.undo()
    assert dict(drawn.store) == before


def test_attributes_can_be_edited_in_their_own_column(drawn: Labels) -> None:
    first = next(iter(drawn))
    frame = drawn.to_geodataframe()
    frame.loc[0, "attr_length_m"] = 95
    frame.loc[0, "attr_category"] = "naval"
    frame.loc[0, "attr_flag"] = None
    assert drawn.update_from(frame) == [first]
    assert drawn[first].attributes == {"category": "naval", "length_m": 95}


def test_attributes_can_be_edited_as_a_mapping(drawn: Labels) -> None:
    first = next(iter(drawn))
    frame = drawn.to_geodataframe()
    frame.at[0, "attributes"] = {"length_m": 60, "under_way": True}
    assert drawn.update_from(frame) == [first]
    assert drawn[first].attributes == {"length_m": 60, "under_way": True}


def test_geometry_edited_on_the_map_moves_the_pixels(drawn: Labels, scene: Scene) -> None:
    second = list(drawn)[1]
    frame = drawn.to_geodataframe()
    frame.geometry = [*frame.geometry[:1], frame.geometry[1].buffer(0), *frame.geometry[2:]]
    moved = frame.geometry.copy()
    moved[1] = shapely.affinity.translate(moved[1], xoff=50)
    assert drawn.update_from(frame.set_geometry(moved)) == [second]
    assert drawn[second].geometry.equals(shapely.affinity.translate(TRIANGLE, xoff=5)) or (
        shapely.hausdorff_distance(drawn[second].geometry, shapely.affinity.translate(TRIANGLE, xoff=5)) < 1e-6
    )


def test_a_changed_class_keeps_what_the_new_class_knows(drawn: Labels) -> None:
    first = next(iter(drawn))
    frame = drawn.to_geodataframe()
    frame.loc[0, "class_id"] = "tug"
    assert drawn.update_from(frame) == [first]
    assert (drawn[first].class_id, drawn[first].kind) == ("tug", Kind.POLYGON)
    assert drawn[first].attributes == {"category": "merchant", "flag": "NO"}


def test_rows_that_are_new_are_added(drawn: Labels, scene: Scene) -> None:
    new = gpd.GeoDataFrame(
        {"class_id": ["cloud", "ship"]},
        geometry=[shapely.transform(box(i, i, i + 9, i + 9), scene.grid.pixel_to_lonlat) for i in (300, 400)],
        crs="EPSG:4326",
    )
    added = drawn.update_from(new)
    assert len(added) == 2
    assert [drawn[i].class_id for i in added] == ["cloud", "ship"]
    assert len(drawn) == 7
    drawn.undo()
    assert len(drawn) == 5


def test_a_frame_may_hold_some_columns_and_some_rows_only(drawn: Labels) -> None:
    ids = list(drawn)
    frame = drawn.to_geodataframe()[["id", "status", "geometry"]].iloc[[3, 1]]
    frame["status"] = "submitted"
    assert drawn.update_from(frame) == [ids[3], ids[1]]
    assert drawn[ids[0]].attributes == {"category": "merchant", "flag": "NO", "length_m": 120}
    assert drawn[ids[1]].confidence == 0.25
    assert list(drawn) == ids


def test_ids_may_stand_in_the_index(drawn: Labels) -> None:
    ids = list(drawn)
    frame = drawn.to_geodataframe().set_index("id")
    frame.loc[ids[2], "confidence"] = 1.0
    assert drawn.update_from(frame) == [ids[2]]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("class_id", "submarine", "submarine"),
        ("attr_length_m", 5000, "5000"),
        ("kind", "polyline", "polyline|Polygon"),
        ("confidence", 7.0, "confidence"),
    ],
)
def test_a_row_that_the_ontology_refuses_changes_nothing_at_all(
    drawn: Labels, column: str, value: object, says: str
) -> None:
    before = dict(drawn.store)
    frame = drawn.to_geodataframe()
    frame["status"] = "accepted"
    frame.loc[0, column] = value
    with pytest.raises(GeoLabelError, match=says):
        drawn.update_from(frame)
    assert dict(drawn.store) == before


def test_two_rows_of_one_id_are_refused(drawn: Labels) -> None:
    frame = drawn.to_geodataframe()
    with pytest.raises(GeoLabelError, match="2 rows of the frame have the id"):
        drawn.update_from(frame.iloc[[0, 1, 0]])


def test_an_import_that_was_not_edited_keeps_its_source(labels: Labels, scene: Scene) -> None:
    ground = shapely.transform(TRIANGLE, scene.grid.pixel_to_map)
    ship = labels.add(ground, "ship", crs=scene.grid.crs)
    frame = labels.to_geodataframe()
    assert frame.geometry[0].equals_exact(ground, 0)
    frame["status"] = "accepted"
    labels.update_from(frame)
    assert labels[ship.id].source == ship.source
    assert np.array_equal(shapely.get_coordinates(labels[ship.id].geometry), shapely.get_coordinates(ship.geometry))

"""Labels: each call is one change that can be undone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from napari_geolabel.annotations import Change, Status
from napari_geolabel.errors import (
    AttributeValueError,
    ForbiddenKindError,
    GeoLabelError,
    GeometryError,
    UnknownAnnotationError,
    UnknownClassError,
)
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])


def test_what_is_added_can_be_found_again(labels: Labels) -> None:
    ship = labels.add(box(3, 4, 20, 9), "ship", attributes={"length_m": 170, "category": "merchant"})
    assert ship.kind is Kind.BOX
    assert list(labels) == [ship.id]
    assert labels[ship.id] is ship
    assert ship.id in labels
    assert len(labels) == 1


def test_longitude_and_latitude_land_on_the_pixel(labels: Labels, scene: Scene) -> None:
    lonlat = shapely.transform(TRIANGLE, scene.grid.pixel_to_lonlat)
    ship = labels.add(lonlat, "ship", crs="EPSG:4326")
    assert shapely.hausdorff_distance(ship.geometry, TRIANGLE) < 1e-6
    assert ship.source is not None
    assert shapely.from_wkb(ship.source.wkb).equals_exact(lonlat, 0)


def test_a_geoseries_brings_its_crs_along(labels: Labels, scene: Scene) -> None:
    geopandas = pytest.importorskip("geopandas")
    ground = geopandas.GeoSeries([shapely.transform(TRIANGLE, scene.grid.pixel_to_map)], crs=scene.grid.crs)
    (ship,) = labels.add_many(ground.to_crs("EPSG:4326"), "ship")
    assert shapely.hausdorff_distance(ship.geometry, TRIANGLE) < 1e-6


def test_adding_many_is_one_undo(labels: Labels) -> None:
    added = labels.add_many(
        [box(i * 10, 0, i * 10 + 5, 5) for i in range(20)], "ship", status="suggested", confidence=0.5
    )
    assert [a.status for a in added] == [Status.SUGGESTED] * 20
    assert labels.store.undo_titles == ["add 20 ship"]
    labels.undo()
    assert len(labels) == 0
    labels.redo()
    assert list(labels) == [a.id for a in added]


@pytest.mark.parametrize(
    ("geometry", "class_id", "attributes", "error", "says"),
    [
        (TRIANGLE, "submarine", {}, UnknownClassError, '"submarine".*ship'),
        (TRIANGLE, "wake", {}, ForbiddenKindError, "wake.*polygon.*polyline"),
        (LineString([(0, 0), (1, 1)]), "ship", {}, ForbiddenKindError, "ship"),
        (TRIANGLE, "ship", {"length_m": 1000}, AttributeValueError, "1000.*500"),
        (TRIANGLE, "ship", {"colour": "red"}, AttributeValueError, "colour"),
        (Polygon(), "ship", {}, GeometryError, "empty"),
        (Point(np.nan, 1), "ship", {}, GeometryError, "finite|empty"),
    ],
)
def test_what_the_ontology_refuses_leaves_the_labels_as_they_were(
    labels: Labels, geometry: Any, class_id: str, attributes: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        labels.add(geometry, class_id, attributes=attributes)
    assert (len(labels), labels.unsaved, labels.store.can_undo) == (0, False, False)


def test_one_bad_geometry_among_many_adds_none(labels: Labels) -> None:
    with pytest.raises(GeometryError):
        labels.add_many([TRIANGLE, Polygon()], "ship")
    assert len(labels) == 0


def test_an_update_changes_one_annotation_and_undo_brings_it_back(labels: Labels) -> None:
    ship = labels.add(TRIANGLE, "ship", crs=None)
    accepted = labels.update(ship.id, status="accepted", confidence=0.9)
    assert (accepted.status, accepted.confidence, accepted.id) == (Status.ACCEPTED, 0.9, ship.id)
    assert accepted.provenance.updated is not None
    labels.undo()
    assert labels[ship.id] == ship


def test_new_geometry_may_come_in_another_crs_and_loses_the_old_source(labels: Labels, scene: Scene) -> None:
    ship = labels.add(shapely.transform(TRIANGLE, scene.grid.pixel_to_map), "ship", crs=scene.grid.crs)
    moved = labels.update(ship.id, geometry=shapely.transform(box(1, 2, 9, 8), scene.grid.pixel_to_lonlat), crs=4326)
    assert ship.source is not None
    assert moved.source is not None
    assert moved.source.crs == "EPSG:4326"
    drawn = labels.update(ship.id, geometry=box(1, 2, 9, 8))
    assert drawn.source is None


def test_changing_the_class_keeps_what_the_new_class_knows(labels: Labels) -> None:
    values = {"category": "merchant", "flag": "NO", "length_m": 30, "under_way": True}
    ship = labels.add(box(0, 0, 30, 8), "ship", attributes=values)
    tug = labels.update(ship.id, class_id="tug")
    assert tug.attributes == {"category": "merchant", "flag": "NO"}
    assert tug.kind is Kind.POLYGON
    labels.undo()
    assert labels[ship.id].attributes == values
    assert labels[ship.id].kind is Kind.BOX


def test_a_class_that_cannot_have_the_geometry_refuses_the_change(labels: Labels) -> None:
    ship = labels.add(TRIANGLE, "ship")
    with pytest.raises(ForbiddenKindError, match="wake"):
        labels.update(ship.id, class_id="wake")
    assert labels[ship.id] == ship


def test_updating_many_is_one_undo(labels: Labels) -> None:
    ids = [a.id for a in labels.add_many([TRIANGLE, box(0, 0, 5, 5)], "ship")]
    labels.update_many(ids, status="rejected")
    assert labels.store.undo_titles[0] == "change status of 2 annotations"
    labels.undo()
    assert {labels[i].status for i in ids} == {Status.DRAFT}


def test_a_field_that_cannot_be_changed_is_named(labels: Labels) -> None:
    ship = labels.add(TRIANGLE, "ship")
    with pytest.raises(GeoLabelError, match=r"'colour'.*class_id, kind, geometry"):
        labels.update(ship.id, colour="red")  # type: ignore[call-arg]


def test_removing_takes_one_or_several(labels: Labels) -> None:
    one, two, three = labels.add_many([TRIANGLE, box(0, 0, 5, 5), Point(3, 3)], "ship")
    labels.remove(two.id)
    assert list(labels) == [one.id, three.id]
    labels.remove([one.id, three.id])
    assert len(labels) == 0
    labels.undo()
    labels.undo()
    assert list(labels) == [one.id, two.id, three.id]


def test_an_unknown_id_is_named(labels: Labels) -> None:
    for action in (
        lambda: labels["nobody"],
        lambda: labels.remove("nobody"),
        lambda: labels.update("nobody", status="draft"),
    ):
        with pytest.raises(UnknownAnnotationError, match="'nobody'"):
            action()


def test_painting_sets_the_pixels_whose_centres_lie_inside(labels: Labels) -> None:
    labels.paint(box(10, 20, 14, 23), "cloud")
    assert labels.canvas.array.sum() == 12 * 9
    assert (labels.canvas.array[20:23, 10:14] == 9).all()
    labels.paint(box(10, 20, 12, 23), None)
    assert labels.canvas.array.sum() == 6 * 9


def test_undoing_paint_restores_every_byte(labels: Labels) -> None:
    labels.paint(Point(250, 250).buffer(120), "cloud")
    before = labels.canvas.array.copy()
    labels.paint(box(200, 200, 400, 300), None)
    after = labels.canvas.array.copy()
    assert not np.array_equal(before, after)
    labels.undo()
    assert labels.canvas.array.tobytes() == before.tobytes()
    labels.redo()
    assert labels.canvas.array.tobytes() == after.tobytes()
    assert labels.store.undo_titles[0] == "erase"


def test_painting_in_longitude_and_latitude_hits_the_same_pixels(labels: Labels, scene: Scene) -> None:
    labels.paint(TRIANGLE, "cloud")
    drawn = labels.canvas.array.copy()
    labels.undo()
    labels.paint(shapely.transform(TRIANGLE, scene.grid.pixel_to_lonlat), "cloud", crs="EPSG:4326")
    assert np.array_equal(labels.canvas.array, drawn)


def test_a_class_that_is_not_painted_says_how_it_is_drawn(labels: Labels) -> None:
    with pytest.raises(ForbiddenKindError, match="ship is not painted but drawn as box"):
        labels.paint(TRIANGLE, "ship")


def test_painting_and_drawing_share_one_undo(labels: Labels) -> None:
    labels.add(TRIANGLE, "ship")
    labels.paint(TRIANGLE, "cloud")
    labels.undo()
    assert (len(labels), labels.canvas.array.any()) == (1, False)
    labels.undo()
    assert len(labels) == 0
    assert labels.undo() is None


def test_listeners_hear_once_per_call_when_store_and_mask_are_new(labels: Labels) -> None:
    heard: list[tuple[str, int, int]] = []
    labels.changed.connect(lambda c: heard.append((c.title, len(labels), int((labels.canvas.array > 0).sum()))))
    labels.add_many([TRIANGLE, box(0, 0, 5, 5)], "ship")
    labels.paint(box(0, 0, 2, 3), "cloud")
    labels.undo()
    assert heard == [("add 2 ship", 2, 0), ("paint cloud", 2, 6), ("paint cloud", 2, 0)]


def test_changes_carry_before_and_after(labels: Labels) -> None:
    heard: list[Change] = []
    labels.changed.connect(heard.append)
    ship = labels.add(TRIANGLE, "ship")
    labels.update(ship.id, status="submitted")
    assert [(e.before, e.after) for e in heard[1].edits] == [(ship, labels[ship.id])]


def test_the_scene_as_a_whole_is_classified_with_undo(labels: Labels) -> None:
    labels.classify_scene(haze=True)
    assert labels.scene_attributes == {"haze": True}
    labels.classify_scene(haze=None)
    assert labels.scene_attributes == {}
    labels.undo()
    assert labels.scene_attributes == {"haze": True}
    with pytest.raises(AttributeValueError, match="fog"):
        labels.classify_scene(fog=True)


def test_problems_name_what_is_missing(labels: Labels) -> None:
    ship = labels.add(TRIANGLE, "ship")
    assert [(p.annotation_id, p.rule) for p in labels.problems()] == [(ship.id, "missing_required")]
    labels.update(ship.id, attributes={"under_way": False})
    assert labels.problems() == []


def test_labels_in_a_console_say_what_they_hold(labels: Labels) -> None:
    assert repr(labels) == "<Labels of scene (harbour): no annotations>"
    labels.add_many([TRIANGLE, box(0, 0, 5, 5)], "ship")
    labels.add(TRIANGLE, "cloud")
    assert repr(labels) == "<Labels of scene (harbour): 1 cloud, 2 ship>"
    labels.paint(TRIANGLE, "cloud")
    assert repr(labels) == "<Labels of scene (harbour): 1 cloud, 2 ship and a painted mask>"


def test_unsaved_tells_work_that_no_file_holds(labels: Labels) -> None:
    assert not labels.unsaved
    labels.add(TRIANGLE, "ship")
    assert labels.unsaved


def test_an_ontology_may_be_named(scene: Scene) -> None:
    assert open_labels(scene=scene, ontology="maritime").ontology.id == "maritime"


def test_closed_labels_no_longer_follow_their_store(labels: Labels) -> None:
    heard: list[Change] = []
    labels.changed.connect(heard.append)
    labels.flush()
    labels.close()
    labels.close()
    labels.add(TRIANGLE, "ship")
    assert heard == []


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "update", "class", "remove", "paint", "erase", "classify", "undo", "redo"]),
        st.integers(0, 400),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(operations=OPERATIONS)
def test_undoing_everything_returns_to_the_start_and_redoing_to_the_end(
    operations: list[tuple[str, int]], ontology: Ontology
) -> None:
    grid = SimpleNamespace(shape=(400, 300), is_georeferenced=False)
    labels = Labels(SimpleNamespace(grid=grid, name="fake"), ontology)  # type: ignore[arg-type]
    for name, number in operations:
        _perform(labels, name, number)
    while labels.redo():
        pass
    end = _state(labels)
    while labels.undo():
        pass
    assert _state(labels) == ([], {}, bytes(400 * 300))
    while labels.redo():
        pass
    assert _state(labels) == end


def _perform(labels: Labels, name: str, number: int) -> None:
    ids = list(labels)
    some = ids[number % len(ids)] if ids else None
    match name:
        case "add":
            labels.add(Polygon([(number, 0), (number + 9, 3), (number, 20)]), "ship")
        case "update" if some:
            labels.update(some, confidence=number / 400)
        case "class" if some:
            labels.update(some, class_id="tug" if labels[some].class_id == "ship" else "ship")
        case "remove" if some:
            labels.remove(some)
        case "paint" | "erase":
            labels.paint(Point(number, number).buffer(30), "cloud" if name == "paint" else None)
        case "classify":
            labels.classify_scene(haze=number % 2 == 0)
        case "undo":
            labels.undo()
        case "redo":
            labels.redo()


def _state(labels: Labels) -> tuple[list[Any], dict[str, Any], bytes]:
    return list(labels.store.values()), dict(labels.scene_attributes), labels.canvas.array.tobytes()

"""Reshaping by scripts: one change each, kinds kept or changed as the class allows, undo to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Status
from napari_geolabel.errors import (
    ForbiddenKindError,
    GeoLabelError,
    GeometryError,
    NotGeoreferencedError,
    UnknownAnnotationError,
)
from napari_geolabel.geo import area_m2, distance_m, is_rectangle, measure_box
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.reshaping import Reshaping
from napari_geolabel.ontology.kinds import Kind

SQUARE = shapely.box(100.25, 100.25, 200.5, 200.5)
LINE = shapely.LineString([(130, 90), (140, 150), (135, 210)])
INSIDE = shapely.Polygon([(120, 120), (150, 125), (140, 150)])


@pytest.fixture
def ship(labels):
    """A ship of answers, drawn as a polygon and accepted."""
    return labels.add(
        SQUARE, "ship", kind="polygon", attributes={"under_way": True, "length_m": 90}, status="accepted"
    ).id


@pytest.fixture
def box(labels):
    return labels.add(SQUARE, "ship", kind="box").id


def bits(labels):
    """What the store holds, to the bit."""
    return {name: (a, shapely.to_wkb(a.geometry)) for name, a in labels.store.items()}


def titles(labels):
    return labels.store.undo_titles


class TestEachOperationIsOneStep:
    @pytest.mark.parametrize(
        ("title", "operation"),
        [
            ("make a hole in ship", lambda r, i: r.hole(i, INSIDE)),
            ("cut ship", lambda r, i: r.cut(i, shapely.box(150, 150, 300, 300))),
            ("add a part to ship", lambda r, i: r.part(i, shapely.box(300, 300, 310, 310))),
            ("split ship", lambda r, i: r.split(i, LINE)),
            (
                "reshape ship",
                lambda r, i: r.along(i, shapely.LineString([(190, 120), (250, 120), (250, 180), (190, 180)])),
            ),
            ("buffer ship by 20 m", lambda r, i: r.buffer(i, metres=20)),
            ("buffer ship by -3 px", lambda r, i: r.buffer(i, pixels=-3)),
            ("move ship", lambda r, i: r.move(i, metres=(50, -20))),
            ("rotate ship by 30°", lambda r, i: r.rotate(i, 30)),
            ("duplicate ship", lambda r, i: r.duplicate(i)),
        ],
    )
    def test_undo_returns_every_bit_and_redo_does_it_again(self, labels, ship, title, operation):
        before = bits(labels)
        operation(labels.reshape, ship)
        after = bits(labels)
        assert titles(labels)[0] == title
        assert len(titles(labels)) == 2
        assert ship in labels
        assert after != before
        assert all(a.geometry.is_valid for a, _ in after.values())
        labels.undo()
        assert bits(labels) == before
        labels.redo()
        assert bits(labels) == after

    @given(
        st.lists(
            st.sampled_from(
                ["hole", "cut", "part", "split", "merge", "simplify", "buffer", "move", "rotate", "duplicate"]
            ),
            max_size=8,
        ),
        st.randoms(use_true_random=False),
    )
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_undoing_any_sequence_returns_to_the_start(self, scene, ontology, names, random):
        labels = open_labels(scene=scene, ontology=ontology)
        labels.add(SQUARE, "tug")
        labels.add(shapely.box(300, 300, 350, 340), "tug")
        start, steps = bits(labels), len(titles(labels))
        for name in names:
            try:
                _do(labels, name, random)
            except GeoLabelError:
                continue
            assert all(a.geometry.is_valid for a in labels.store.values())
        while len(titles(labels)) > steps:
            labels.undo()
        assert bits(labels) == start


def _do(labels, name, random):
    """Do one operation somewhere."""
    ids, reshape = list(labels), labels.reshape
    one = random.choice(ids)
    x, y = random.uniform(90, 360), random.uniform(90, 360)
    area = shapely.Point(x, y).buffer(random.uniform(5, 40))
    {
        "hole": lambda: reshape.hole(one, area),
        "cut": lambda: reshape.cut(ids, area),
        "part": lambda: reshape.part(one, area),
        "split": lambda: reshape.split(ids, shapely.LineString([(x, 0), (y, 512)])),
        "merge": lambda: reshape.merge(ids),
        "simplify": lambda: reshape.simplify(ids, 2.0),
        "buffer": lambda: reshape.buffer(one, pixels=random.uniform(-5, 5)),
        "move": lambda: reshape.move(ids, pixels=(x / 50, -y / 50)),
        "rotate": lambda: reshape.rotate(one, x),
        "duplicate": lambda: reshape.duplicate(one),
    }[name]()


class TestSplittingAndMerging:
    def test_the_largest_piece_keeps_the_id_and_all_keep_what_is_said_of_them(self, labels, ship):
        before = labels[ship]
        large, small = labels.reshape.split(ship, LINE)
        assert large.id == ship
        assert small.id != ship
        assert large.geometry.area > small.geometry.area
        assert large.geometry.area + small.geometry.area == pytest.approx(SQUARE.area)
        for piece in (large, small):
            assert (piece.class_id, piece.attributes, piece.status) == ("ship", before.attributes, Status.ACCEPTED)
            assert piece.provenance.created == before.provenance.created
            assert piece.provenance.updated is not None

    def test_merging_the_pieces_gives_the_ship_again(self, labels, ship):
        pieces = labels.reshape.split(ship, LINE)
        merged = labels.reshape.merge(piece.id for piece in pieces)
        assert list(labels) == [ship]
        assert merged.id == ship
        assert merged.geometry.equals(SQUARE)
        assert titles(labels)[0] == "merge 2 annotations"

    def test_only_what_the_line_crosses_is_split(self, labels, ship):
        other = labels.add(shapely.box(300, 300, 310, 310), "tug").id
        pieces = labels.reshape.split([ship, other], LINE)
        assert len(pieces) == 2
        assert len(labels) == 3
        with pytest.raises(GeometryError, match="does not go right through"):
            labels.reshape.split([ship, other], shapely.LineString([(0, 0), (5, 5)]))

    def test_a_line_is_split_and_merged_too(self, labels):
        wake = labels.add(shapely.LineString([(0, 0), (50, 0), (100, 50)]), "wake").id
        pieces = labels.reshape.split(wake, shapely.LineString([(20, -10), (20, 10)]))
        assert [piece.kind for piece in pieces] == [Kind.POLYLINE] * 2
        assert labels.reshape.merge(labels).geometry.length == pytest.approx(sum(p.geometry.length for p in pieces))

    def test_holes_between_merged_ones_are_kept(self, labels):
        sides = [(0, 0, 30, 10), (0, 20, 30, 30), (0, 0, 10, 30), (20, 0, 30, 30)]
        ids = [labels.add(shapely.box(*side), "tug").id for side in sides]
        union = labels.reshape.merge(ids)
        assert len(union.geometry.interiors) == 1
        assert len(labels) == 1

    def test_other_classes_and_one_alone_are_refused(self, labels, ship):
        tug = labels.add(shapely.box(0, 0, 9, 9), "tug").id
        with pytest.raises(GeometryError, match="ship and tug cannot become one annotation"):
            labels.reshape.merge([ship, tug])
        with pytest.raises(GeometryError, match="two annotations or more"):
            labels.reshape.merge([ship, ship])
        assert len(labels) == 2


class TestKinds:
    def test_a_box_that_is_none_any_more_becomes_a_polygon(self, labels, box):
        assert labels.reshape.cut(box, INSIDE)[0].kind is Kind.POLYGON
        labels.undo()
        assert labels[box].kind is Kind.BOX

    def test_a_box_that_is_still_one_stays_so(self, labels, box):
        line = shapely.LineString([(120, 0), (120, 300)])
        assert [piece.kind for piece in labels.reshape.split(box, line)] == [Kind.BOX, Kind.BOX]
        whole = labels.reshape.merge(labels)
        assert (whole.id, whole.kind, whole.geometry.bounds) == (box, Kind.BOX, SQUARE.bounds)
        assert shapely.get_num_coordinates(whole.geometry) == 5
        assert labels.reshape.rotate(box, 90)[0].kind is Kind.BOX
        assert labels.reshape.move(box, pixels=(5, 5))[0].kind is Kind.BOX
        assert labels.reshape.buffer(box, pixels=5)[0].kind is Kind.POLYGON

    def test_a_box_that_is_turned_becomes_a_rotated_box_of_the_same_size(self, labels, scene):
        flat = labels.add(shapely.box(100, 100, 160, 120), "ship", kind="box").id
        turned = labels.reshape.rotate(flat, 30)[0]
        corners = shapely.get_coordinates(turned.geometry)[:4]
        assert turned.kind is Kind.ROTATED_BOX
        assert is_rectangle(corners, scene.grid)
        measure = measure_box(corners, scene.grid)
        assert (measure.length_m, measure.width_m) == pytest.approx((600, 200), rel=1e-3)
        assert measure.heading_deg % 180 == pytest.approx(120, abs=2)
        again = labels.reshape.rotate(flat, 45)[0]
        after = measure_box(shapely.get_coordinates(again.geometry)[:4], scene.grid)
        assert again.kind is Kind.ROTATED_BOX
        assert (after.heading_deg - measure.heading_deg) % 360 == pytest.approx(45, abs=0.1)

    def test_what_the_class_is_not_drawn_as_is_refused_in_one_sentence(self, labels):
        wake = labels.add(shapely.LineString([(10, 10), (50, 10)]), "wake").id
        with pytest.raises(
            ForbiddenKindError, match="that would make a polygon of a polyline, and Wake is only drawn as"
        ):
            labels.reshape.buffer(wake, metres=20)
        assert labels[wake].kind is Kind.POLYLINE

    def test_a_keypoint_grows_into_an_area_and_has_no_outline(self, labels, scene):
        point = labels.add(shapely.Point(100, 100), "ship").id
        with pytest.raises(GeometryError, match="it is a keypoint"):
            labels.reshape.split(point, LINE)
        grown = labels.reshape.buffer(point, metres=100)[0]
        assert grown.kind is Kind.POLYGON
        assert area_m2(scene.grid, grown.geometry) == pytest.approx(np.pi * 100**2, rel=0.02)

    def test_what_crosses_itself_is_to_be_mended_first(self, labels):
        bow_tie = labels.add(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), "tug").id
        for operation in (
            lambda: labels.reshape.cut(bow_tie, INSIDE),
            lambda: labels.reshape.simplify(bow_tie),
            lambda: labels.reshape.hole(bow_tie, INSIDE),
        ):
            with pytest.raises(GeometryError, match="mend that first"):
                operation()


class TestHolesCutsAndParts:
    def test_a_hole_and_the_cut_of_it_do_the_same(self, labels, ship):
        with_hole = labels.reshape.hole(ship, INSIDE).geometry
        assert with_hole.area == pytest.approx(SQUARE.area - INSIDE.area)
        labels.undo()
        assert labels.reshape.cut(ship, INSIDE)[0].geometry.equals(with_hole)

    def test_one_cut_goes_through_all_that_it_meets(self, labels, ship):
        tug = labels.add(shapely.box(190, 190, 260, 260), "tug").id
        far = labels.add(shapely.box(400, 400, 410, 410), "tug")
        changed = labels.reshape.cut([ship, tug, far.id], shapely.box(150, 150, 210, 210))
        assert [a.id for a in changed] == [ship, tug]
        assert labels[far.id] is far
        assert titles(labels)[0] == "cut 2 annotations"

    def test_geometry_of_a_crs_is_taken_to_pixels(self, labels, ship, scene):
        in_map = shapely.transform(INSIDE, scene.grid.pixel_to_map)
        changed = labels.reshape.hole(ship, in_map, crs=scene.grid.crs)
        assert changed.geometry.symmetric_difference(SQUARE.difference(INSIDE)).area < 1e-3

    def test_a_part_apart_and_one_that_touches(self, labels, ship):
        assert labels.reshape.part(ship, shapely.box(300, 300, 310, 310)).geometry.geom_type == "MultiPolygon"
        assert labels.reshape.part(ship, shapely.box(190, 190, 305, 305)).geometry.geom_type == "Polygon"


class TestMeasures:
    def test_a_move_in_metres_is_one_on_the_ground(self, labels, ship, scene):
        before = labels[ship].geometry.centroid
        after = labels.reshape.move(ship, metres=(300, 400))[0].geometry.centroid
        assert distance_m(scene.grid, (before.x, before.y), (after.x, after.y)) == pytest.approx(500, rel=1e-3)
        assert after.y < before.y

    def test_without_a_georeference_pixels_are_asked_for(self, pixel_scene, ontology):
        labels = open_labels(scene=pixel_scene, ontology=ontology)
        tug = labels.add(SQUARE, "tug").id
        with pytest.raises(NotGeoreferencedError, match="give pixels instead"):
            labels.reshape.buffer(tug, metres=5)
        assert labels.reshape.buffer(tug, pixels=5)[0].geometry.bounds == (95.25, 95.25, 205.5, 205.5)
        east = labels.add(shapely.LineString([(0, 0), (10, 0)]), "wake").id
        turned = shapely.get_coordinates(labels.reshape.rotate(east, 90)[0].geometry)
        np.testing.assert_allclose(turned, [(5, -5), (5, 5)], atol=1e-9)

    @pytest.mark.parametrize("measures", [{}, {"metres": 1.0, "pixels": 1.0}])
    def test_one_measure_is_needed(self, labels, ship, measures):
        with pytest.raises(GeoLabelError, match="either metres or pixels"):
            labels.reshape.buffer(ship, **measures)

    def test_simplifying_leaves_boxes_alone_and_says_when_nothing_can_go(self, labels, box):
        rough = SQUARE.segmentize(7.0)
        tug = labels.add(rough, "tug").id
        assert [a.id for a in labels.reshape.simplify([box, tug], 0.5)] == [tug]
        assert labels[tug].geometry.equals(SQUARE)
        with pytest.raises(GeometryError, match="no vertex can be left out"):
            labels.reshape.simplify([box, tug], 0.5)


def test_a_duplicate_is_a_draft_beside_it(labels, ship):
    (copy,) = labels.reshape.duplicate(ship)
    assert copy.id != ship
    assert copy.status is Status.DRAFT
    assert copy.attributes == labels[ship].attributes
    assert copy.geometry.bounds == (110.25, 110.25, 210.5, 210.5)


def test_unknown_ids_and_none_are_refused(labels):
    assert isinstance(labels.reshape, Reshaping)
    with pytest.raises(UnknownAnnotationError):
        labels.reshape.split("gone", LINE)
    with pytest.raises(GeoLabelError, match="no annotation was given"):
        labels.reshape.simplify([])


def test_nothing_changes_where_one_of_several_refuses(labels, ship):
    wake = labels.add(shapely.LineString([(10, 10), (50, 10)]), "wake").id
    before = bits(labels)
    with pytest.raises(ForbiddenKindError):
        labels.reshape.buffer([ship, wake], pixels=3)
    assert bits(labels) == before


def test_a_box_is_resized_by_a_corner_and_stays_one(labels, box):
    resized = labels.reshape.resize(box, 2, (250.5, 300.25))
    assert resized.kind is Kind.BOX
    assert resized.geometry.bounds[2:] == (250.5, 300.25) or 300.25 in resized.geometry.bounds
    assert labels.store.undo_titles[0] == "resize ship"
    labels.undo()
    assert labels[box].geometry.equals_exact(shapely.box(*SQUARE.bounds), 0)


@pytest.mark.parametrize(
    "wish",
    [
        lambda r, i: r.resize(i, 0, (float("nan"), 3)),
        lambda r, i: r.move(i, pixels=(float("nan"), 0)),
        lambda r, i: r.move(i, metres=(0, float("inf"))),
        lambda r, i: r.rotate(i, float("nan")),
        lambda r, i: r.buffer(i, pixels=float("inf")),
        lambda r, i: r.duplicate(i, pixels=(float("nan"), 0)),
        lambda r, i: r.simplify(i, float("nan")),
    ],
)
def test_numbers_that_lead_nowhere_are_refused(labels, box, wish):
    before = labels[box].geometry
    with pytest.raises(GeometryError, match="leads nowhere; give finite numbers"):
        wish(labels.reshape, box)
    assert labels[box].geometry == before
    assert len(labels) == 1


def test_what_is_no_box_has_no_corner_to_drag(labels, ship):
    with pytest.raises(GeometryError, match="no four corners"):
        labels.reshape.resize(ship, 0, (1, 1))


def test_an_area_that_crosses_itself_cuts_nothing_and_says_so(labels, ship, box):
    crossing = shapely.Polygon([(90, 90), (300, 300), (300, 90), (90, 300), (91, 250)])
    for ids in (ship, [ship, box]):
        with pytest.raises(GeometryError, match="crosses itself"):
            labels.reshape.cut(ids, crossing)

"""What is told of annotations that may stay, and what of it can be mended."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation, AnnotationStore, Problem, find_problems, fix_problems
from napari_geolabel.annotations.sizes import ground_sizes
from napari_geolabel.errors import OntologyError
from napari_geolabel.geo import GeoGrid, area_m2, length_m, measure_box
from napari_geolabel.ontology import LabelClass, load_ontology
from napari_geolabel.ontology.limits import Size

MARITIME = load_ontology("maritime")
SQUARE = shapely.box(10, 10, 20, 20)
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
GRID = GeoGrid(shape=(100, 200), transform=Affine(10, 0, 500_000, 0, -10, 4_400_000), crs=CRS.from_epsg(32633))


def ship(geometry=SQUARE, kind: str = "polygon", **fields) -> Annotation:
    return Annotation(**({"class_id": "ship", "kind": kind, "geometry": geometry} | fields))


def answered(**fields) -> Annotation:
    return ship(**({"attributes": {"category": "unknown"}} | fields))


def problems(*annotations: Annotation, **scene) -> list[Problem]:
    return find_problems(AnnotationStore(MARITIME, annotations, {"cloud_cover": "none"} | scene))


def test_good_work_has_no_problems():
    assert problems(answered(), answered(geometry=shapely.box(0, 0, 5, 5))) == []
    assert problems() == []


def test_missing_answers_of_the_scene_come_first():
    store = AnnotationStore(MARITIME, [ship()])
    assert [(p.annotation_id, p.message) for p in find_problems(store)] == [
        (None, "the scene has no answer to cloud_cover; give one"),
        (next(iter(store)), "the ship has no answer to category; give one"),
    ]


def test_a_polygon_that_crosses_itself_is_kept_and_told():
    crossed = answered(geometry=BOW_TIE)
    (found,) = problems(crossed)
    assert found.rule == "invalid_geometry"
    assert found.annotation_id == crossed.id
    assert found.message == ("the polygon is not valid (self-intersection[5 5]); move that point or draw it again")


def test_a_spike_without_width_is_told():
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (20, 20), (10, 10), (0, 10)])
    assert [p.rule for p in problems(answered(geometry=spike))] == ["invalid_geometry"]


def test_areas_below_a_pixel_are_told_but_not_points_and_lines():
    tiny = answered(geometry=shapely.box(0, 0, 0.5, 0.5))
    bow = Annotation(class_id="bow", kind="keypoint", geometry=shapely.Point(3, 3))
    wake = Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(0, 0), (0.1, 0)]))
    (found,) = problems(tiny, bow, wake)
    assert (found.rule, found.annotation_id) == ("tiny", tiny.id)
    assert found.message == "the polygon covers 0.25 pixels, less than one; remove it or draw it larger"


def test_twins_are_told_however_they_were_drawn():
    first = answered()
    twin = answered(geometry=shapely.Polygon([(20, 20), (20, 10), (10, 10), (10, 20)]))
    other_class = Annotation(class_id="dock", kind="polygon", geometry=SQUARE)
    (found,) = problems(first, twin, other_class)
    assert (found.rule, found.annotation_id) == ("duplicate", twin.id)
    assert first.id in found.message


def test_annotations_of_archived_classes_are_told():
    archived = LabelClass(id="old", name="Old", color="#000000", kinds=("polygon",), archived=True)
    ontology = MARITIME.with_classes([archived])
    store = AnnotationStore(ontology, [ship(class_id="old")], {"cloud_cover": "none"})
    assert [(p.rule, p.message) for p in find_problems(store)] == [
        ("archived_class", "the class old is archived; choose another class")
    ]


def test_problems_stand_in_draw_order():
    first, second = ship(), ship(BOW_TIE)
    assert [p.annotation_id for p in problems(first, second)] == [first.id, second.id, second.id]


def test_rejected_annotations_have_no_problems():
    assert problems(ship(BOW_TIE, status="rejected")) == []


class TestGround:
    def found(self, *annotations, ontology=MARITIME):
        return find_problems(AnnotationStore(ontology, annotations, {"cloud_cover": "none"}), GRID)

    def sized(self, **limits):
        old = MARITIME["ship"]
        fields = {name: getattr(old, name) for name in LabelClass.model_fields}
        return MARITIME.with_classes([LabelClass(**(fields | {"size": Size(**limits)}))])

    def test_a_size_that_the_class_does_not_have_is_told_with_the_limit(self):
        ontology = self.sized(length_m=(5, 80), width_m=(1, 500), area_m2=(0, 1e6))
        (found,) = self.found(answered(geometry=shapely.box(10, 10, 20, 12)), ontology=ontology)
        assert (found.rule, found.message) == (
            "size",
            "the ship has a length of 100 m, more than 80 m; check its outline and its class",
        )
        small = self.sized(width_m=(30, 500))
        (found,) = self.found(answered(geometry=shapely.box(10, 10, 20, 12)), ontology=small)
        assert "a width of 20 m, less than 30 m" in found.message

    def test_sizes_need_a_georeference(self):
        store = AnnotationStore(self.sized(length_m=(5, 80)), [answered()], {"cloud_cover": "none"})
        assert find_problems(store, GeoGrid(shape=(100, 200), transform=Affine.identity())) == []

    def test_limits_the_wrong_way_round_are_refused(self):
        with pytest.raises(OntologyError, match="80 to 5 is no range of sizes"):
            self.sized(length_m=(80, 5))

    def test_what_lies_outside_and_what_reaches_out_are_told_apart(self):
        outside, across = (
            answered(geometry=shapely.box(-30, 5, -10, 15)),
            answered(geometry=shapely.box(190, 5, 210, 9)),
        )
        assert [(p.annotation_id, p.rule) for p in self.found(outside, across)] == [
            (outside.id, "outside"),
            (across.id, "partly_outside"),
        ]

    def test_less_than_a_pixel_beyond_the_edge_is_nothing(self):
        assert self.found(answered(geometry=shapely.box(-0.9, 0, 5, 5))) == []


class TestOverlaps:
    DOCKS = MARITIME.with_classes(
        [
            LabelClass(id="land", name="Land", color="#112233", kinds=("polygon",), never_overlaps=("sea", "land")),
            LabelClass(id="sea", name="Sea", color="#332211", kinds=("polygon",)),
        ]
    )

    def found(self, *drawn):
        made = [Annotation(class_id=c, kind="polygon", geometry=shapely.box(*box)) for c, box in drawn]
        return made, find_problems(AnnotationStore(self.DOCKS, made, {"cloud_cover": "none"}))

    def test_an_overlap_is_told_once_whichever_class_forbids_it(self):
        (land, sea), problems = self.found(("land", (0, 0, 10, 10)), ("sea", (8, 0, 20, 10)))
        assert [(p.annotation_id, p.other_id, p.rule) for p in problems] == [(sea.id, land.id, "overlap")]
        assert "overlaps a land" in problems[0].message
        assert "by 20 pixels" in problems[0].message

    def test_a_class_may_forbid_overlaps_with_itself(self):
        assert [p.rule for p in self.found(("land", (0, 0, 10, 10)), ("land", (5, 5, 20, 20)))[1]] == ["overlap"]
        assert self.found(("sea", (0, 0, 10, 10)), ("sea", (5, 5, 20, 20)))[1] == []

    def test_areas_that_touch_do_not_overlap(self):
        assert self.found(("land", (0, 0, 10, 10)), ("sea", (10, 0, 20, 10)))[1] == []

    def test_twins_are_duplicates_and_not_overlaps(self):
        assert [p.rule for p in self.found(("land", (0, 0, 10, 10)), ("land", (0, 0, 10, 10)))[1]] == ["duplicate"]

    def test_a_class_that_is_not_there_is_refused(self):
        odd = LabelClass(id="odd", name="Odd", color="#112233", kinds=("polygon",), never_overlaps=("nowhere",))
        with pytest.raises(OntologyError, match='"nowhere" is not a class'):
            MARITIME.with_classes([odd])


class TestFixes:
    def mend(self, *annotations):
        store = AnnotationStore(MARITIME, annotations, {"cloud_cover": "none"})
        change = fix_problems(store, find_problems(store, GRID), GRID)
        store.apply(change)
        return store, change

    def test_a_bow_tie_becomes_the_areas_it_encloses(self):
        store, change = self.mend(answered(geometry=BOW_TIE))
        (mended,) = store.values()
        assert mended.geometry.is_valid
        assert mended.geometry.area == 50
        assert change.title == "fix 1 problem"
        store.undo()
        assert next(iter(store.values())).geometry.equals_exact(BOW_TIE)

    def test_what_is_removed_is_removed_in_draw_order_for_everybody(self):
        """A change that depends on the order of a set is another one on each computer."""
        olds = [answered(geometry=shapely.box(x, 10, x + 5, 20)) for x in range(0, 160, 8)]
        twins = [answered(geometry=old.geometry) for old in olds]
        _, change = self.mend(*olds, *twins)
        assert [edit.id for edit in change.edits] == [old.id for old in olds]

    def test_what_crosses_itself_can_be_cut_at_the_edge_without_being_asked_to_be_mended(self):
        tie = answered(geometry=shapely.Polygon([(-5, 0), (15, 10), (15, 0), (-5, 10)]))
        store = AnnotationStore(MARITIME, [tie], {"cloud_cover": "none"})
        at_the_edge = [p for p in find_problems(store, GRID) if p.rule == "partly_outside"]
        store.apply(fix_problems(store, at_the_edge, GRID))
        assert store[tie.id].geometry.is_valid
        assert store[tie.id].geometry.bounds == (0, 0, 15, 10)

    def test_a_spike_is_taken_off_and_the_area_kept(self):
        spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (20, 20), (10, 10), (0, 10)])
        store, _ = self.mend(answered(geometry=spike))
        assert next(iter(store.values())).geometry.equals(shapely.box(0, 0, 10, 10))

    def test_what_reaches_out_is_cut_and_what_lies_outside_removed(self):
        across, outside = ship(shapely.box(190, 5, 210, 9), "box"), answered(geometry=shapely.box(-30, 5, -10, 15))
        store, change = self.mend(across, outside)
        assert list(store) == [across.id]
        assert store[across.id].geometry.equals(shapely.box(190, 5, 200, 9))
        assert store[across.id].kind == "box"
        assert change.title == "fix 2 problems"

    def test_a_turned_box_that_is_cut_becomes_a_polygon(self):
        turned = shapely.Polygon([(195, 50), (205, 60), (200, 65), (190, 55)])
        store, _ = self.mend(answered(geometry=turned, kind="rotated_box"))
        (cut,) = store.values()
        assert cut.kind == "polygon"
        assert cut.geometry.equals(turned.intersection(shapely.box(0, 0, 200, 100)))

    def test_of_twins_the_last_stays(self):
        twins = [answered() for _ in range(3)]
        store, _ = self.mend(*twins)
        assert list(store) == [twins[-1].id]

    def test_what_has_no_safe_fix_is_left_alone(self):
        store, change = self.mend(ship(), answered(geometry=shapely.box(30, 30, 30.5, 30.5)))
        assert not change
        assert len(store) == 2

    @example(points=[(0, 0), (0, 1), (-1, 0), (1, -1)])  # has ground beside the scene alone, and touches its edge
    @given(st.lists(st.tuples(st.integers(-30, 230), st.integers(-30, 130)), min_size=3, max_size=7, unique=True))
    def test_what_is_mended_has_no_such_problem_any_more(self, points):
        polygon = shapely.Polygon(points)
        if polygon.area == 0:
            return
        store = AnnotationStore(MARITIME, [answered(geometry=polygon)], {"cloud_cover": "none"})
        for _ in range(3):  # a cut may leave what is then invalid or outside
            store.apply(fix_problems(store, find_problems(store, GRID), GRID))
        assert not {p.rule for p in find_problems(store, GRID)} & {"invalid_geometry", "partly_outside", "outside"}


class TestSizes:
    def test_they_agree_with_the_ellipsoid(self):
        box = shapely.Polygon([(50, 20), (80, 40), (76, 46), (46, 26)])
        line = shapely.LineString([(10, 10), (60, 30), (90, 80)])
        sizes = ground_sizes(np.array([box, line, shapely.Point(3, 3)], object), GRID)
        measured = measure_box(shapely.get_coordinates(box)[:4], GRID)
        sides = sorted((measured.length_m, measured.width_m))
        assert [sizes["width_m"][0], sizes["length_m"][0]] == pytest.approx(sides, rel=2e-3)
        assert sizes["area_m2"][0] == pytest.approx(area_m2(GRID, box), rel=2e-3)
        assert sizes["length_m"][1] == pytest.approx(length_m(GRID, line), rel=2e-3)
        assert np.isnan(sizes["width_m"][1:]).all()
        assert np.isnan(sizes["length_m"][2])

    def test_degrees_are_measured_in_metres(self):
        grid = GeoGrid(shape=(100, 100), transform=Affine(1e-4, 0, 14, 0, -1e-4, 40), crs=CRS.from_epsg(4326))
        square = shapely.box(40, 40, 60, 60)
        assert ground_sizes(np.array([square], object), grid)["area_m2"][0] == pytest.approx(
            area_m2(grid, square), rel=2e-3
        )

    def test_of_nothing_there_are_no_sizes(self):
        assert ground_sizes(np.empty(0, object), GRID)["length_m"].shape == (0,)

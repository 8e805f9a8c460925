"""Which chips a plan makes of scenes, what of the labels each shows, and that no pixel is in two splits."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.labels.chip_plan import SPLITS, VISIBLE, ChipPlan, plan_chips, windows_of, with_visible
from napari_geolabel.ontology import Kind, load_ontology


def box(x0, y0, x1, y1, **fields) -> Annotation:
    return Annotation(**({"class_id": "ship", "kind": Kind.BOX, "geometry": shapely.box(x0, y0, x1, y1)} | fields))


def plan_of(annotations, shape=(256, 256), **fields):
    made = ChipPlan(**({"size_px": 64, "negatives": 0.0, "split": (1.0, 0.0, 0.0)} | fields))
    return plan_chips([shape], [annotations], made)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"size_px": 8}, "cannot be"),
        ({"overlap_px": 512}, "cannot be"),
        ({"overlap_px": -1}, "cannot be"),
        ({"min_visible": 0}, "least visible share"),
        ({"min_visible": 1.1}, "least visible share"),
        ({"negatives": -1}, "least visible share"),
        ({"block_chips": 0}, "least visible share"),
        ({"negatives": float("nan")}, "negatives and seed are not negative"),
        ({"negatives": float("inf")}, "least visible share"),
        ({"seed": -1}, "negatives and seed are not negative"),
        ({"by": "foo"}, "'foo' is nothing that chips are dealt out by; choose block or scene"),
        ({"split": (0.9, 0.9, 0.9)}, "are not those of train, val and test"),
        ({"split": (0, 0, 0)}, "are not those of train, val and test"),
        ({"split": (1.1, -0.1, 0)}, "are not those of train, val and test"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(fields, reason):
    with pytest.raises(FormatError, match=reason):
        ChipPlan(**fields)


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    size=st.integers(16, 100),
    overlap=st.integers(0, 15),
)
def test_windows_cover_every_pixel_and_stay_inside(shape, size, overlap):
    seen = np.zeros(shape, int)
    for rows, cols in windows_of(shape, ChipPlan(size_px=size, overlap_px=overlap)):
        assert 0 <= rows.start < rows.stop <= shape[0]
        assert 0 <= cols.start < cols.stop <= shape[1]
        assert rows.stop - rows.start == min(size, shape[0])
        assert cols.stop - cols.start == min(size, shape[1])
        seen[rows, cols] += 1
    assert seen.min() >= 1


def test_a_label_is_cut_at_the_edge_and_says_how_much_is_left():
    planned = plan_of([box(50, 10, 90, 20)])
    by_name = {chip.name: chip for chip in planned.chips}
    left, right = by_name["000000_000000"].annotations[0], by_name["000000_000064"].annotations[0]
    assert (left.attributes[VISIBLE], right.attributes[VISIBLE]) == (0.35, 0.65)
    assert left.geometry.equals(shapely.box(50, 10, 64, 20))
    assert right.geometry.equals(shapely.box(0, 10, 26, 20)), "in the chip's own pixels"


def test_too_little_of_a_label_is_none():
    planned = plan_of([box(50, 10, 90, 20)], min_visible=0.5)
    assert [chip.name for chip in planned.chips] == ["000000_000064"]
    assert planned.hidden == 1


def test_a_whole_label_keeps_its_shape_and_kind():
    turned = shapely.affinity.rotate(shapely.box(10, 10, 40, 20), 30)
    (chip,) = plan_of([box(0, 0, 1, 1, kind=Kind.ROTATED_BOX, geometry=turned)]).chips
    (shown,) = chip.annotations
    assert (shown.kind, shown.attributes[VISIBLE]) == (Kind.ROTATED_BOX, 1.0)
    assert shown.geometry.equals_exact(turned, 1e-9)


def test_a_rotated_box_that_is_cut_is_the_outline_of_what_is_left():
    turned = shapely.affinity.rotate(shapely.box(40, 10, 90, 30), 30)
    shown = [
        a for chip in plan_of([box(0, 0, 1, 1, kind=Kind.ROTATED_BOX, geometry=turned)]).chips for a in chip.annotations
    ]
    assert {a.kind for a in shown} == {Kind.POLYGON}
    assert sum(a.geometry.area for a in shown) <= turned.area + 1e-9


def test_lines_are_measured_by_length_and_points_are_there_or_not():
    wake = Annotation(class_id="wake", kind=Kind.POLYLINE, geometry=shapely.LineString([(0, 5), (128, 5)]))
    buoy = Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(70, 5))
    first, second = sorted(plan_of([wake, buoy]).chips, key=lambda chip: chip.name)
    assert [(a.class_id, a.attributes[VISIBLE]) for a in first.annotations] == [("wake", 0.5)]
    assert [(a.class_id, a.attributes[VISIBLE]) for a in second.annotations] == [("wake", 0.5), ("buoy", 1.0)]


def test_a_point_on_an_edge_is_a_label_of_the_chip_that_has_its_pixel():
    buoys = [Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(*at)) for at in ((64, 5), (5, 64))]
    shown = {chip.name: [a.geometry.coords[0] for a in chip.annotations] for chip in plan_of(buoys).chips}
    assert shown == {"000000_000064": [(0, 5)], "000064_000000": [(5, 0)]}


def test_an_area_that_crosses_itself_is_cut_as_what_it_covers():
    bow = shapely.Polygon([(20, 20), (180, 180), (180, 20), (20, 180)])
    planned = plan_of([box(0, 0, 1, 1, kind=Kind.POLYGON, geometry=bow)], min_visible=0.001)
    pieces = [annotation for chip in planned.chips for annotation in chip.annotations]
    assert sum(piece.geometry.area for piece in pieces) == pytest.approx(2 * 160 * 80 / 2)
    assert sum(piece.attributes[VISIBLE] for piece in pieces) == pytest.approx(1, abs=1e-3)


def test_any_area_that_the_store_takes_is_cut():
    drawn = [shapely.Polygon(np.random.default_rng(seed).uniform(0, 200, (8, 2))) for seed in range(40)]
    back_and_forth = shapely.Polygon([(0, 0), (9, 0), (9, 9), (9, 0)])
    planned = plan_of([box(0, 0, 1, 1, kind=Kind.POLYGON, geometry=each) for each in [*drawn, back_and_forth]])
    assert all(a.geometry.is_valid for chip in planned.chips for a in chip.annotations)


def test_polygons_keep_parts_and_holes():
    holed = shapely.box(10, 10, 100, 50).difference(shapely.box(20, 20, 30, 30))
    both = shapely.MultiPolygon([holed, shapely.box(10, 55, 20, 60)])
    planned = plan_of([box(0, 0, 1, 1, kind=Kind.POLYGON, geometry=both)])
    first = next(chip for chip in planned.chips if chip.name == "000000_000000").annotations[0]
    assert len(first.geometry.geoms) == 2
    assert sum(len(p.interiors) for p in first.geometry.geoms) == 1


def test_rejected_labels_are_no_labels():
    assert plan_of([box(5, 5, 20, 20, status=Status.REJECTED)]).chips == []


def test_rejected_labels_do_not_change_who_gets_which_block():
    ships = [box(64 * n + 5, 64 * m + 5, 64 * n + 20, 64 * m + 20) for n in range(4) for m in range(4)]
    rejected = [box(5, 5, 20, 20, status=Status.REJECTED)] * 9
    dealt = [
        {chip.name: chip.split for chip in plan_of(labels, block_chips=1, split=(0.5, 0.25, 0.25)).chips}
        for labels in (ships, [*ships, *rejected])
    ]
    assert dealt[0] == dealt[1]


def test_as_many_negatives_are_kept_as_the_plan_wants():
    ships = [box(5, 5, 20, 20), box(70, 5, 90, 20)]
    for negatives, kept in ((0.0, 0), (0.5, 1), (1.0, 2), (100.0, 14)):
        planned = plan_of(ships, negatives=negatives)
        empty = [chip for chip in planned.chips if not chip.annotations]
        assert (len(empty), len(planned.chips), planned.negatives) == (kept, kept + 2, 14 - kept)


boxes = st.lists(
    st.tuples(st.integers(0, 460), st.integers(0, 460), st.integers(4, 50), st.integers(4, 50)).map(
        lambda b: box(b[0], b[1], b[0] + b[2], b[1] + b[3])
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=15)
@given(ships=boxes, overlap=st.integers(0, 20), block=st.integers(1, 3), seed=st.integers(0, 5))
def test_no_pixel_is_in_two_splits(ships, overlap, block, seed):
    plan = ChipPlan(size_px=64, overlap_px=overlap, block_chips=block, seed=seed, negatives=9.0, split=(0.6, 0.2, 0.2))
    owner: dict[str, np.ndarray] = {split: np.zeros((512, 512), bool) for split in SPLITS}
    for chip in plan_chips([(512, 512)], [ships], plan).chips:
        owner[chip.split][chip.window] = True
    assert sum(seen.astype(int) for seen in owner.values()).max() <= 1


@settings(max_examples=20)
@given(ships=boxes, seed=st.integers(0, 9))
def test_the_same_seed_gives_the_same_chips(ships, seed):
    plan = ChipPlan(size_px=64, seed=seed, block_chips=1)
    one, two = (plan_chips([(512, 512)], [ships], plan) for _ in range(2))
    assert [(c.name, c.split, c.annotations) for c in one.chips] == [
        (c.name, c.split, c.annotations) for c in two.chips
    ]


def test_another_seed_deals_otherwise():
    ships = [box(64 * n + 5, 64 * m + 5, 64 * n + 20, 64 * m + 20) for n in range(8) for m in range(8)]
    dealt = {
        tuple(c.split for c in plan_chips([(512, 512)], [ships], ChipPlan(size_px=64, block_chips=1, seed=s)).chips)
        for s in range(4)
    }
    assert len(dealt) == 4


def test_splits_have_their_shares_of_labels():
    ships = [box(64 * n + 5, 64 * m + 5, 64 * n + 20, 64 * m + 20) for n in range(8) for m in range(8)]
    plan = ChipPlan(size_px=64, block_chips=1, split=(0.5, 0.25, 0.25))
    counts = [sum(c.split == split for c in plan_chips([(512, 512)], [ships], plan).chips) for split in SPLITS]
    assert counts == [32, 16, 16]


def test_scenes_are_dealt_out_whole():
    plan = ChipPlan(size_px=64, by="scene", split=(0.5, 0.25, 0.25), negatives=9.0)
    planned = plan_chips([(128, 128)] * 4, [[box(5, 5, 20, 20), box(70, 70, 90, 90)]] * 4, plan)
    splits = {number: {c.split for c in planned.chips if c.scene == number} for number in range(4)}
    assert all(len(found) == 1 for found in splits.values())
    assert sorted(split for found in splits.values() for split in found) == ["test", "train", "train", "val"]
    assert planned.straddling == 0


def test_chips_that_reach_into_another_split_are_counted():
    ships = [box(16 * n + 2, 5, 16 * n + 12, 12) for n in range(30)]
    planned = plan_of(ships, shape=(64, 512), overlap_px=32, block_chips=1, split=(0.5, 0.5, 0.0))
    assert planned.straddling > 0


def test_every_class_can_say_how_much_is_visible():
    ontology = with_visible(load_ontology("maritime"))
    for label_class in ontology.classes:
        assert label_class.attributes[-1].id == VISIBLE
    assert with_visible(ontology) is ontology

"""Links and groups: what is wrong with them, and how a line of text holds them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, AnnotationStore, Status
from napari_geolabel.annotations.fixes import fix_problems
from napari_geolabel.annotations.links import link_problems, links_from, links_text, without_links_to
from napari_geolabel.annotations.problems import find_problems
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind, load_ontology

MARITIME = load_ontology("maritime")


def annotation(name, class_id="ship", **fields):
    kind = Kind.BOX if class_id == "ship" else Kind.POLYGON
    geometry = shapely.box(10, 10, 40, 30)
    return Annotation(id=name, class_id=class_id, kind=kind, geometry=geometry, **fields)


def rules(*annotations):
    return [(name, rule, other) for name, rule, _, other in link_problems(annotations, MARITIME)]


def test_right_links_and_groups_are_no_problem():
    tug, barge = annotation("tug", group="convoy"), annotation("barge", links=(("towed_by", "tug"),), group="convoy")
    assert rules(tug, barge) == []


def test_links_to_nothing_of_nothing_and_between_wrong_classes_are_found():
    dock = annotation("dock", "dock")
    links = (("towed_by", "gone"), ("eats", "dock"), ("towed_by", "dock"), ("moored_at", "dock"))
    assert rules(annotation("ship", links=links), dock) == [
        ("ship", "dangling_relation", "gone"),
        ("ship", "unknown_relation", "dock"),
        ("ship", "wrong_relation", "dock"),
    ]


def test_only_the_unknown_one_of_two_links_is_taken_out():
    ship = annotation("ship", links=(("towed_by", "tug"), ("eats", "tug")))
    store = AnnotationStore(MARITIME, [ship, annotation("tug")])
    grid = GeoGrid(shape=(100, 100), transform=Affine.identity(), crs=None)

    found = [problem for problem in find_problems(store, grid) if problem.rule == "unknown_relation"]
    fixed = fix_problems(store, found, grid)

    assert [edit.after.links for edit in fixed.edits] == [(("towed_by", "tug"),)]


def test_a_group_of_one_is_lonely():
    assert rules(annotation("a", group="g"), annotation("b")) == [("a", "lonely_group", None)]


def test_each_problem_is_one_sentence_with_a_way_out():
    ship = annotation("ship", links=(("towed_by", "gone"), ("eats", "ship"), ("wake_of", "ship")), group="g")
    sentences = [message for _, _, message, _ in link_problems([ship], MARITIME)]
    assert sentences == [
        "the ship is towed by something that is gone; take the link out",
        "the ship has the relation eats, which the ontology lacks; take it out",
        "wake of leads from wake, not from ship; link others, or change a class",
        "the ship is the only one of its group; add another, or take it out",
    ]


def test_a_link_to_what_was_rejected_dangles_and_is_mended_as_one_change():
    tug = annotation("tug", status=Status.REJECTED)
    barge = annotation("barge", links=(("towed_by", "tug"), ("moored_at", "gone")))
    store = AnnotationStore(MARITIME, [tug, barge])
    grid = GeoGrid(shape=(100, 100), transform=Affine.identity())
    found = [p for p in find_problems(store, grid) if p.rule == "dangling_relation"]
    assert {p.other_id for p in found} == {"tug", "gone"}
    store.apply(fix_problems(store, found, grid))
    assert store["barge"].links == ()
    assert store.undo_titles == ["fix 1 problem"]
    store.undo()
    assert store["barge"] == barge


def test_only_the_links_to_what_is_gone_are_taken_out():
    ship = annotation("ship", links=(("towed_by", "a"), ("moored_at", "b"), ("moored_at", "a")))
    assert without_links_to(ship, ["a"]).links == (("moored_at", "b"),)


names = st.text("abcdefghij_0123456789", min_size=1, max_size=8)


@given(st.lists(st.tuples(names, names), unique=True, max_size=5))
def test_links_come_back_from_their_line(links):
    ship = annotation("ship", links=tuple(links))
    assert links_from(links_text(ship)) == tuple(links)


@pytest.mark.parametrize("text", [None, 3, "", ";", "towed_by", "=x", "towed_by=", float("nan")])
def test_what_is_no_line_of_links_gives_none(text):
    assert links_from(text) == ()


def test_spaces_and_repetitions_in_a_line_are_forgiven():
    assert links_from(" towed_by = a ;towed_by=a;; moored_at=b") == (("towed_by", "a"), ("moored_at", "b"))


def test_links_are_part_of_what_an_annotation_is():
    ship = annotation("ship")
    assert replace(ship, links=(("towed_by", "a"),)) != ship
    assert replace(ship, group="g") != ship
    assert ship.edited(geometry=shapely.box(0, 0, 5, 5), links=(("towed_by", "a"),)).links == (("towed_by", "a"),)

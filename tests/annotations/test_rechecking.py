"""Problems after edits: what is checked again gives the same as checking everything."""

from __future__ import annotations

import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.annotations.problems import find_problems
from napari_geolabel.annotations.rechecking import neighbourhood
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import LabelClass, Ontology, load_ontology

GRID = GeoGrid(shape=(60, 60), transform=Affine(10, 0, 500_000, 0, -10, 4_400_000), crs=CRS.from_epsg(32633))
ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1",
    classes=(
        LabelClass(id="land", name="Land", color="#00ff00", kinds=("polygon",), never_overlaps=("sea",)),
        LabelClass(id="sea", name="Sea", color="#0000ff", kinds=("polygon",)),
    ),
)
boxes = st.tuples(st.integers(-2, 9), st.integers(-2, 9), st.integers(1, 3)).map(
    lambda b: shapely.box(8 * b[0], 8 * b[1], 8 * (b[0] + b[2]), 8 * (b[1] + b[2]))
)
steps = st.lists(
    st.tuples(st.sampled_from(["add", "move", "class", "remove"]), st.integers(0, 99), boxes), min_size=1, max_size=6
)


def area(geometry, class_id="sea") -> Annotation:
    return Annotation(class_id=class_id, kind="polygon", geometry=geometry)


@settings(max_examples=40, deadline=None)
@given(start=st.lists(st.tuples(boxes, st.booleans()), max_size=12), steps=steps)
def test_after_any_edits_the_problems_are_those_of_a_full_check(start, steps):
    store = AnnotationStore(ONTOLOGY, [area(box, "land" if is_land else "sea") for box, is_land in start])
    known, changes = find_problems(store, GRID), []
    store.changed.connect(changes.append)
    for action, number, box in steps:
        ids = list(store)
        if action == "add" or not ids:
            edit = Edit(after=area(box, "land" if number % 2 else "sea"))
        else:
            one = store[ids[number % len(ids)]]
            fields = {"geometry": box} if action == "move" else {"class_id": "land" if number % 2 else "sea"}
            edit = Edit(before=one, after=None if action == "remove" else one.edited(**fields))
        store.apply(Change(title=action, edits=(edit,)))
    part = neighbourhood(store, changes)
    found = part.merged(known, find_problems(part, GRID))
    assert sorted(map(repr, found)) == sorted(map(repr, find_problems(store, GRID)))


def test_far_away_nothing_is_checked_again():
    store = AnnotationStore(ONTOLOGY, [area(shapely.box(8 * i, 0, 8 * i + 4, 4)) for i in range(7)])
    changes = []
    store.changed.connect(changes.append)
    first, second, *_ = store.values()
    store.apply(Change(title="move", edits=(Edit(before=first, after=first.edited(geometry=second.geometry)),)))
    part = neighbourhood(store, changes)
    assert part.checked == {first.id, second.id}
    assert [a.id for a in part.values()] == [first.id, second.id]
    assert [p.rule for p in find_problems(part, GRID)] == ["duplicate"]


def test_links_and_groups_are_checked_again_wherever_their_ends_lie():
    maritime = load_ontology("maritime")
    relation = maritime.relations[0].id
    boxes = [shapely.box(20 * i, 0, 20 * i + 4, 4) for i in range(3)]
    tug, ship, third = (
        Annotation(class_id="ship", kind="polygon", geometry=box, attributes={"category": "unknown"}) for box in boxes
    )
    tug = tug.edited(links=((relation, ship.id),), group="convoy")
    third = third.edited(group="convoy")
    store = AnnotationStore(maritime, [tug, ship, third], {"cloud_cover": "none"})
    known, changes = find_problems(store, GRID), []
    store.changed.connect(changes.append)
    for gone in (ship, third):
        store.apply(Change(title="remove", edits=(Edit(before=store[gone.id]),)))
        part = neighbourhood(store, changes)
        found = part.merged(known, find_problems(part, GRID))
        assert sorted(map(repr, found)) == sorted(map(repr, find_problems(store, GRID)))
        assert tug.id in part.checked
    assert {"dangling_relation", "lonely_group"} <= {problem.rule for problem in found}

"""Changing an ontology: what each step does, what it refuses, and that old labels stay readable."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError, OntologyError, UnknownClassError
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option, editing, load_ontology
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.outline import Place, outline
from napari_geolabel.ontology.succession import changes, why_no_successor

MARITIME = load_ontology("maritime")
EMPTY = Ontology(id="o", name="O", version="1", classes=())


def fields_of(value):
    return {name: getattr(value, name) for name in type(value).model_fields}


names = st.sampled_from(["Ship", "Ship ", "Buoy", "ship", "Öl", "船", "A" * 60])
kinds = st.lists(st.sampled_from(list(Kind)), unique=True, max_size=3)


@st.composite
def steps(draw, ontology: Ontology):
    """Return an edit of an ontology that a person might try, with its arguments."""
    ids = [c.id for c in ontology.classes] or ["none"]
    class_id = draw(st.sampled_from(ids))
    owner = draw(st.sampled_from([class_id, None]))
    asked = [a.id for a in (editing.attributes_of(ontology, owner) if owner in ontology or owner is None else ())]
    way = (draw(st.sampled_from(asked or ["none"])),)
    return draw(
        st.sampled_from(
            [
                (editing.add_class, (draw(names), draw(kinds)), {}),
                (
                    editing.change_class,
                    (class_id,),
                    {"kinds": draw(kinds), "hotkey": draw(st.sampled_from([None, "1"]))},
                ),
                (editing.change_class, (class_id,), {"mask_value": draw(st.integers(1, 4))}),
                (editing.change_class, (class_id,), {"id": draw(st.sampled_from(["ship", "other"]))}),
                (editing.archive_class, (class_id,), {}),
                (editing.restore_class, (class_id,), {}),
                (editing.move_class, (class_id, draw(st.integers(-1, 5))), {}),
                (editing.add_attribute, (owner, draw(names), "radio"), {"options": draw(st.lists(names, min_size=1))}),
                (editing.add_attribute, (owner, draw(names), "number"), {"maximum": draw(st.integers(0, 3))}),
                (editing.change_attribute, (owner, way), {"options": draw(st.lists(names))}),
                (editing.change_attribute, (owner, way), {"type": "text"}),
                (editing.archive_attribute, (owner, way), {}),
            ]
        )
    )


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_is_edited_old_labels_stay_readable(data):
    ontology, owners = EMPTY, {}
    for _ in range(data.draw(st.integers(1, 8))):
        edit, arguments, fields = data.draw(steps(ontology))
        before = ontology
        with suppress(GeoLabelError):
            ontology = edit(before, *arguments, **fields)
        assert why_no_successor(before, ontology) == []
        for value, label_class in ontology.by_mask_value.items():
            assert owners.setdefault(value, label_class.id) == label_class.id, "a mask value is never reused"


@settings(max_examples=25)
@given(data=st.data())
def test_undoing_every_step_of_a_draft_leads_back_and_redoing_them_forth(data):
    base = editing.add_attribute(editing.add_class(EMPTY, "Ship", ["polygon"]), "ship", "Age", "radio", options=["New"])
    draft = OntologyDraft(base)
    for _ in range(data.draw(st.integers(1, 6))):
        edit, arguments, fields = data.draw(steps(draft.current))
        before = draft.current
        try:
            draft.do(edit, *arguments, **fields)
        except GeoLabelError:
            assert draft.current is before
    edited = draft.finished
    assert why_no_successor(base, edited) == []
    assert (edited.version == "1") == (edited == base)
    assert bool(draft.changes) == (draft.current != base)
    assert all(c.id in base for c in edited.classes if c.archived), "what was never in use is not archived but gone"
    count = 0
    while draft.can_undo:
        draft.undo()
        count += 1
    assert draft.current is base
    for _ in range(count):
        draft.redo()
    assert draft.finished == edited
    assert not draft.can_redo


def test_a_class_gets_an_id_a_color_and_a_value_of_its_own():
    once = editing.add_class(MARITIME, "Oil slick", ["polygon"], description="Dark and smooth.")
    slick = once["oil_slick"]
    assert (slick.mask_value, slick.description, slick.kinds) == (5, "Dark and smooth.", (Kind.POLYGON,))
    assert slick.color not in {c.color for c in MARITIME.classes}
    twice = editing.add_class(once, "oil slick", ["polyline"])
    assert (twice.classes[-1].id, twice.classes[-1].mask_value) == ("oil_slick_2", None)


def test_a_value_that_an_archived_class_had_is_not_given_again():
    archived = editing.archive_class(MARITIME, "platform")
    assert archived["platform"].mask_value == 4
    assert editing.add_class(archived, "Reef", ["polygon"])["reef"].mask_value == 5


def test_ids_values_and_types_are_for_ever():
    with pytest.raises(OntologyError, match="the id ship is for ever"):
        editing.change_class(MARITIME, "ship", id="boat")
    with pytest.raises(OntologyError, match="the mask value 1 of ship is for ever"):
        editing.change_class(MARITIME, "ship", mask_value=9)
    with pytest.raises(OntologyError, match="the mask value 1 of ship is for ever"):
        editing.change_class(MARITIME, "ship", mask_value=None)
    with pytest.raises(OntologyError, match="the type radio is for ever"):
        editing.change_attribute(MARITIME, "ship", ("state",), type="text")
    with pytest.raises(UnknownClassError):
        editing.archive_class(MARITIME, "car")


def test_a_class_that_is_to_be_painted_gets_a_value():
    changed = editing.change_class(MARITIME, "buoy", kinds=("keypoint", "mask"))
    assert changed["buoy"].mask_value == 5


def test_a_key_is_free_after_archiving_and_stays_with_who_took_it():
    archived = editing.archive_class(MARITIME, "ship")
    taken = editing.change_class(archived, "buoy", hotkey="1")
    assert editing.restore_class(taken, "ship")["ship"].hotkey is None
    assert editing.restore_class(archived, "ship") == MARITIME


def test_options_are_kept_added_and_archived_by_their_names():
    names = ["Underway", "Adrift", "Moored"]
    changed = editing.change_attribute(MARITIME, "ship", ("state",), options=names)
    state = editing.attribute_at(changed, "ship", ("state",))
    assert [(o.id, o.archived) for o in state.options] == [
        ("underway", False), ("adrift", False), ("moored", False), ("anchored", True), ("unknown", True)
    ]  # fmt: skip
    again = editing.change_attribute(changed, "ship", ("state",), options=[*names, "Anchored"])
    assert not editing.attribute_at(again, "ship", ("state",)).options[3].archived


def answers_of(ontology: Ontology) -> list[tuple[str, str, bool]]:
    (asked,) = ontology["ship"].attributes
    return [(o.id, o.name, o.archived) for o in asked.options]


@pytest.fixture
def namesakes() -> Ontology:
    """An ontology with two options of one name, as files of other programs have them, and an archived third one."""
    options = [
        Option(id="old", name="Cargo", archived=True),
        Option(id="cargo", name="Cargo"),
        Option(id="cargo_2", name="Cargo"),
        Option(id="ferry", name="Ferry"),
    ]
    asked = Attribute(id="type", name="Type", type="radio", options=options)
    ship = LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",), attributes=(asked,))
    return Ontology(id="o", name="O", version="1", classes=(ship,))


@pytest.mark.parametrize(
    ("names", "offered", "archived"),
    [
        (["Cargo", "Cargo", "Ferry", "Tug"], ["cargo", "cargo_2", "ferry", "tug"], ["old"]),
        (["Cargo", "Tug", "Tug"], ["cargo", "tug"], ["old", "cargo_2", "ferry"]),
        (["Cargo"] * 5, ["cargo", "cargo_2"], ["old", "ferry"]),
        (["Ferry"], ["ferry"], ["old", "cargo", "cargo_2"]),
    ],
)
def test_options_of_one_name_are_all_kept(namesakes, names, offered, archived):
    changed = editing.change_attribute(namesakes, "ship", ("type",), options=names)
    assert [(key, is_archived) for key, _, is_archived in answers_of(changed)] == [
        *((key, False) for key in offered),
        *((key, True) for key in archived),
    ]
    assert why_no_successor(namesakes, changed) == []


def test_an_archived_option_is_offered_again_where_its_name_has_no_other(namesakes):
    only = editing.change_attribute(namesakes, "ship", ("type",), options=["Ferry"])
    again = editing.change_attribute(only, "ship", ("type",), options=["Cargo"])
    assert answers_of(again)[0] == ("old", "Cargo", False)
    assert why_no_successor(namesakes, again) == []


@pytest.mark.parametrize("option_id", ["cargo", "old"])
def test_an_option_does_not_get_the_name_of_another_one(namesakes, option_id):
    lone = [o for o in namesakes["ship"].attributes[0].options if o.id in {option_id, "ferry"}]
    ontology = editing.change_attribute(namesakes, "ship", ("type",), options=tuple(lone))
    with pytest.raises(OntologyError, match=f"the option {option_id} is called Cargo already; choose another name"):
        editing.rename_option(ontology, "ship", ("type", "ferry"), " Cargo ")
    assert editing.rename_option(ontology, "ship", ("type", "ferry"), "Ferry") == ontology


def test_attributes_under_options_are_reached_by_their_way():
    way = ("category", "merchant", "type")
    changed = editing.change_attribute(MARITIME, "ship", way, required=True)
    assert editing.attribute_at(changed, "ship", way).required
    assert not editing.attribute_at(changed, "ship", ("category", "fishing", "type")).required
    deeper = editing.add_attribute(changed, "ship", "Flag", "text", under=("category", "warship"))
    assert editing.attribute_at(deeper, "ship", ("category", "warship", "flag")).type == "text"
    for nowhere in (("category", "spaceship", "type"), ("category", "merchant"), ("x",), ()):
        with pytest.raises(OntologyError, match="of ship"):
            editing.attribute_at(MARITIME, "ship", nowhere)
    with pytest.raises(OntologyError, match=r"there is nothing at state\.spaceship of ship"):
        editing.add_attribute(MARITIME, "ship", "Flag", "text", under=("state", "spaceship"))


def test_the_scene_is_asked_too():
    changed = editing.add_attribute(MARITIME, None, "Ice", "boolean")
    assert changed.scene_attributes[-1].id == "ice"
    assert editing.archive_attribute(changed, None, ("ice",)).scene_attributes[-1].archived
    assert editing.restore_attribute(editing.archive_attribute(changed, None, ("ice",)), None, ("ice",)) == changed


@pytest.mark.parametrize(
    ("version", "following"), [("1.9", "1.10"), ("1", "2"), ("v2-beta", "v3-beta"), ("draft", "draft.1")]
)
def test_versions_go_up(version, following):
    assert editing.next_version(version) == following


def test_mask_values_end():
    full = editing.add_class(EMPTY, "A", ["polygon"], mask_value=65_535)
    with pytest.raises(OntologyError, match="mask values end at 65535"):
        editing.add_class(full, "B", ["polygon"])


def test_a_version_that_was_set_by_hand_stays():
    by_hand = Ontology(**(fields_of(MARITIME) | {"version": "2024-05", "name": "Ships"}))
    assert editing.as_next_version(MARITIME, by_hand).version == "2024-05"
    assert editing.as_next_version(MARITIME, MARITIME) is MARITIME


def test_changes_are_told_one_by_one():
    after = editing.add_class(MARITIME, "Reef", ["polygon"])
    after = editing.change_class(after, "ship", name="Vessel", color="#112233", description="x")
    after = editing.archive_class(after, "buoy")
    after = editing.move_class(after, "wake", 0)
    after = editing.change_attribute(after, "ship", ("state",), options=["Underway"], required=True)
    after = editing.add_attribute(after, None, "Ice", "boolean")
    assert changes(MARITIME, after) == [
        "ship: name Ship becomes Vessel",
        "ship: color #e69f00 becomes #112233",
        "ship: another description",
        "ship.state: required False becomes True",
        "ship.state.moored: archived",
        "ship.state.anchored: archived",
        "ship.state.unknown: archived",
        "buoy: archived",
        "reef: new class",
        "the order of the classes, which is how they lie over each other in masks",
        "the scene.ice: new attribute",
    ]
    assert changes(MARITIME, MARITIME) == []


def test_what_is_no_successor_is_told_why():
    plain = Ontology(**(fields_of(MARITIME) | {"relations": ()}))
    assert why_no_successor(MARITIME, plain)[0].startswith("the relation ")
    fewer = Ontology(**(fields_of(plain) | {"classes": [c for c in plain.classes if c.id != "buoy"]}))
    assert why_no_successor(plain, fewer) == ["the class buoy is gone; archive it instead"]
    assert why_no_successor(fewer, plain) == []
    ship, wake = plain["ship"], plain["wake"]
    swapped = [LabelClass(**(fields_of(c) | {"mask_value": v})) for c, v in ((ship, 2), (wake, 1))]
    told = why_no_successor(plain, plain.with_classes(swapped))
    assert told[0] == "ship has the mask value 2 and had 1; masks hold that"
    assert "the mask value 1 was that of ship and is that of wake now" in told
    less = LabelClass(**(fields_of(ship) | {"attributes": ship.attributes[1:]}))
    assert why_no_successor(plain, plain.with_classes([less])) == [
        "the attribute ship.category is gone; archive it instead"
    ]


def test_a_draft_tells_that_it_changed_and_begins_anew():
    draft, heard = OntologyDraft(MARITIME), []
    draft.changed.connect(lambda: heard.append(len(draft.changes)))
    draft.do(editing.archive_class, "buoy")
    draft.do(editing.archive_class, "buoy")  # changes nothing, so it is no step
    with pytest.raises(OntologyError):
        draft.do(editing.change_class, "ship", color="red")
    assert heard == [1]
    draft.begin_with(draft.finished)
    assert (heard, draft.base.version, draft.can_undo) == ([1, 0], editing.next_version(MARITIME.version), False)


def test_what_was_archived_before_it_was_in_use_is_gone():
    draft = OntologyDraft(MARITIME)
    draft.do(editing.add_class, "Reef", ["polygon"])
    draft.do(editing.add_attribute, "ship", "Flag", "radio", options=["Red", "Blue"])
    draft.do(editing.change_attribute, "ship", ("flag",), options=["Blue"])
    assert [o.id for o in editing.attribute_at(draft.current, "ship", ("flag",)).options] == ["blue"]
    draft.do(editing.archive_attribute, "ship", ("flag",))
    draft.do(editing.archive_class, "reef")
    assert draft.current == MARITIME
    draft.do(editing.archive_option, "ship", ("state", "moored"))
    assert draft.changes == ["ship.state.moored: archived"]


def test_options_are_renamed_and_offered_again():
    renamed = editing.rename_option(MARITIME, "ship", ("state", "moored"), "At a quay")
    assert changes(MARITIME, renamed) == ["ship.state.moored: name Moored becomes At a quay"]
    archived = editing.archive_option(MARITIME, "ship", ("state", "moored"))
    assert editing.archive_option(archived, "ship", ("state", "moored"), archived=False) == MARITIME


def test_the_ontology_itself_has_a_name_and_a_version():
    changed = editing.change_ontology(MARITIME, name="Ships", version="3", description="")
    assert changes(MARITIME, changed)[:2] == [
        "the ontology: name Ships and ports becomes Ships", f"the ontology: version {MARITIME.version} becomes 3"
    ]  # fmt: skip
    with pytest.raises(OntologyError, match="id is not changed so"):
        editing.change_ontology(MARITIME, id="x")


def test_an_outline_has_all_places_once():
    nodes = list(outline(MARITIME).walk())
    assert len({node.place for node in nodes}) == len(nodes)
    found = {node.place: node for node in nodes}
    assert found[Place(what="attribute", class_id="ship", way=("category", "merchant", "type"))].about == "radio"
    assert found[Place(what="class", class_id="ship")].color == "#e69f00"
    assert found[Place(what="scene")].children
    assert found[Place(what="attribute", class_id="ship", way=("length_m",))].about == "number in m"

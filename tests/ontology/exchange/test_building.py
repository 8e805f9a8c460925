"""From loose words to classes that agree with each other."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Kind
from napari_geolabel.ontology.exchange.building import (
    LooseAttribute,
    LooseClass,
    LooseOption,
    build_attributes,
    build_ontology,
    prose,
    shown,
    unique_id,
)

BOX, LINE = (Kind.BOX,), (Kind.POLYLINE,)


def test_ids_are_made_of_names_and_are_unique():
    built = build_ontology(
        [LooseClass(name="Ship", kinds=BOX), LooseClass(name="ship!", kinds=LINE)], name="my file.json"
    )
    assert [c.id for c in built.classes] == ["ship", "ship_2"]
    assert (built.id, built.name, built.version) == ("my_file", "my file", "1")
    assert unique_id("Ship", {"ship", "ship_2"}) == "ship_3"
    assert unique_id(None, ()) == "class"


def test_areas_take_free_mask_values_and_given_ones_stay():
    given = [(BOX, None), (BOX, 1), (LINE, None), (BOX, 1), (BOX, 3)]
    built = build_ontology([LooseClass(name=n, kinds=k, mask_value=v) for n, (k, v) in enumerate(given)], name="x")
    assert [c.mask_value for c in built.classes] == [2, 1, None, 4, 3]


def test_parents_that_are_no_classes_become_headings_before_them():
    built = build_ontology(
        [LooseClass(name="Car", kinds=BOX, parent="Vehicle"), LooseClass(name="Bus", kinds=BOX, parent="Car")], name="x"
    )
    assert [(c.id, c.parent, c.kinds) for c in built.classes] == [
        ("vehicle", None, ()), ("car", "vehicle", BOX), ("bus", "car", BOX)
    ]  # fmt: skip


def test_circles_of_parents_are_opened():
    loose = [LooseClass(name=n, kinds=BOX, parent=p) for n, p in (("a", "b"), ("b", "a"), ("person", "person"))]
    assert [c.parent for c in build_ontology(loose, name="x").classes] == [None, "a", None]


def test_colors_and_keys_that_cannot_be_are_chosen_anew_or_left_out():
    loose = [LooseClass(name=n, kinds=BOX, color=c, hotkey=k) for n, c, k in
             (("a", "red", "1"), ("b", "reddish", "1"), ("c", None, "F5"))]  # fmt: skip
    built = build_ontology(loose, name="x").classes
    assert built[0].color == "#ff0000"
    assert len({c.color for c in built}) == 3
    assert [c.hotkey for c in built] == ["1", None, None]


def test_names_are_made_fit_to_show():
    assert shown(" two\nlines\u202e ") == "two lines"
    assert shown("x" * 200) == "x" * 120
    assert shown("", "nothing") == "nothing"
    assert prose("a\r\nb\x00") == "a\nb"


def test_options_may_share_what_they_ask_where_types_agree():
    asked = LooseAttribute(name="Type", type="text")
    other = LooseAttribute(name="Type", type="number")
    tree = LooseAttribute(
        name="Category",
        type="radio",
        options=[LooseOption(name=n, attributes=[a]) for n, a in (("A", asked), ("B", asked), ("C", other))],
    )
    (built,) = build_attributes([tree])
    assert [o.attributes[0].id for o in built.options] == ["type", "type", "type_2"]


def test_attributes_asked_together_never_share_an_id():
    nested = LooseOption(name="A", attributes=[LooseAttribute(name="Note", type="text")])
    tree = [LooseAttribute(name="Kind", type="radio", options=[nested]), LooseAttribute(name="Note", type="text")]
    built = build_attributes(tree)
    assert [a.id for a in built] == ["kind", "note_2"]


def test_endless_nesting_is_refused():
    tree = LooseAttribute(name="x", type="text")
    for _ in range(20):
        tree = LooseAttribute(name="x", type="radio", options=[LooseOption(name="o", attributes=[tree])])
    with pytest.raises(OntologyError, match="levels deep; flatten them"):
        build_attributes([tree])


def test_too_many_classes_are_refused():
    with pytest.raises(OntologyError, match="more than an ontology can have"):
        build_ontology([LooseClass(name="x", kinds=BOX)] * 20_001, name="x")

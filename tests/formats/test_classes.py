"""From a file's words to classes."""

from __future__ import annotations

import unicodedata

import pytest

from napari_geolabel.errors import FormatError, OntologyError, UnknownClassError
from napari_geolabel.formats.classes import class_key, class_word, class_words, make_classes, resolve_classes
from napari_geolabel.ontology import LabelClass, Ontology


def resolve(words, ontology, class_map=None):
    return resolve_classes(words, [f"feature {i}" for i, _ in enumerate(words, 1)], ontology, class_map, "a.geojson")


def test_the_first_known_property_that_any_feature_fills_serves_all():
    assert class_key([{"type": "x", "label": ""}, {"label": "ship"}]) == "label"
    assert class_key([{"class": None, "category": 3}]) == "category"
    assert class_key([{"building": "yes"}]) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("ship", "ship"), (" ship ", "ship"), (3, "3"), (3.0, "3"), (0.5, "0.5"), ("", None), (None, None),
     (True, None), (float("nan"), None), ([1], None), ({}, None)],
)  # fmt: skip
def test_texts_and_numbers_can_be_classes(value, expected):
    assert class_word(value) == expected
    assert class_words([value, "x", value]) == [expected, "x", expected]


def test_ids_and_names_lead_to_classes_whatever_the_case_of_the_name(ontology):
    assert resolve(["ship", "CLOUD", 'ship "a" <&>'], ontology) == ["ship", "cloud", "ship"]


def test_the_map_wins_and_may_leave_out(ontology):
    class_map = {"vessel": "ship", "cloud": "wake", None: "buoy", "noise": None, 7: "cloud"}
    assert resolve(["vessel", "cloud", None, "noise", "7"], ontology, class_map) == [
        "ship",
        "wake",
        "buoy",
        None,
        "cloud",
    ]


def test_an_unknown_class_is_named_with_file_feature_and_way_out(ontology):
    with pytest.raises(FormatError, match=r'a\.geojson: feature 2 is of the class "vessel".*class_map.*make_classes'):
        resolve(["ship", "vessel"], ontology)


def test_a_feature_without_class_is_named_with_the_way_out(ontology):
    with pytest.raises(FormatError, match=r"feature 1 names no class \(looked for class_id, .*class_map=\{None: "):
        resolve([None], ontology)


def test_a_map_to_a_class_that_is_not_there_is_refused(ontology):
    with pytest.raises(UnknownClassError, match="boat"):
        resolve(["x"], ontology, {"x": "boat"})


def test_missing_classes_are_made_with_free_ids_values_and_colours(ontology):
    made = make_classes(["ship", "Fishing boat", "fishing-boat", "7", None], ["polygon", "keypoint"], ontology)
    new = made.classes[len(ontology.classes) :]
    assert [(c.id, c.name, c.mask_value) for c in new] == [
        ("fishing_boat", "Fishing boat", 6),
        ("fishing_boat_2", "fishing-boat", 7),
        ("7", "7", 8),
    ]
    assert len({c.color for c in made.classes}) == len(made.classes)
    assert new[0].kinds == ("polygon", "keypoint")
    assert resolve(["Fishing boat", "fishing-boat"], made) == ["fishing_boat", "fishing_boat_2"]


LONG = "Mosaic cropland (>50%) / natural vegetation (tree, shrub, herbaceous cover) (<50%)"


@pytest.mark.parametrize("word", [LONG, "A" * 49 + " BCD", "Caf\u00e9", "Cafe\u0301"])
def test_a_class_that_is_made_of_a_word_is_found_by_it(ontology, word):
    made = make_classes([word, LONG.replace("<50", "other")], ["polygon"], ontology)
    assert [made[each].name for each in resolve([word], made)] == [unicodedata.normalize("NFC", word)]


def test_words_that_differ_in_their_case_alone_share_a_class_and_no_id_takes_another_word(ontology):
    made = make_classes(["Fish farm", "fish FARM", "fish_farm", "Fish-Farm"], ["polygon"], ontology)
    new = made.classes[len(ontology.classes) :]
    assert [(c.id, c.name) for c in new] == [
        ("fish_farm_2", "Fish farm"),
        ("fish_farm", "fish_farm"),
        ("fish_farm_3", "Fish-Farm"),
    ]
    assert resolve(["Fish farm", "fish FARM", "fish_farm", "Fish-Farm"], made) == [
        "fish_farm_2", "fish_farm_2", "fish_farm", "fish_farm_3"
    ]  # fmt: skip


def test_a_word_that_is_no_name_is_refused_with_the_reason(ontology):
    with pytest.raises(OntologyError, match="is not a name of one line and up to 120 characters"):
        make_classes(["x" * 121], ["polygon"], ontology)


def test_nothing_missing_leaves_the_ontology_alone(ontology):
    assert make_classes(["ship", "vessel"], ["polygon"], ontology, {"vessel": "ship"}) is ontology


def test_a_word_finds_its_class_by_an_alias_before_a_name():
    ship = LabelClass(id="ship", name="Ship", color="#e69f00", kinds=("box",), aliases=("Vessel",))
    vessel = LabelClass(id="hull", name="Vessel", color="#e69f01", kinds=("box",))
    known = Ontology(id="test", name="Test", version="1", classes=(ship, vessel))
    assert resolve_classes(["vessel", "VESSEL", "hull"], ["a", "b", "c"], known, None, "x") == ["ship", "ship", "hull"]

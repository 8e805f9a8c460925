"""Ontologies on disk: round trips, and what each broken file is told."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import MissingFileError, OntologyError, UnsafeFileError, WriteError
from napari_geolabel.ontology import (
    HOTKEYS,
    Attribute,
    Kind,
    LabelClass,
    Ontology,
    Option,
    dumps,
    load_ontology,
    loads,
    save_ontology,
    template_names,
)

SHIPS = """\
geolabel_ontology: "1.0"
id: ships
name: Ships
version: "1.0"
classes:
  - id: ship
    name: Ship
    color: "#e69f00"
    mask_value: 1
    kinds: [rotated_box, polygon]
    hotkey: "1"
    attributes:
      - id: category
        name: Category
        type: radio
        required: yes
        default: merchant
        options:
          - {id: merchant, name: Merchant}
          - id: "no"
            name: no
      - id: length_m
        name: Length
        type: number
        minimum: 010
        maximum: 500.5
        unit: m
  - id: wake
    name: 12:30
    color: "#CC79A7"
    kinds: [polyline]
    parent: ship
    hotkey: ~
"""

slugs = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda s: s not in {"con", "prn", "aux", "nul"} and not s.startswith(("com", "lpt"))
)
readable = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"])
names = st.text(readable, min_size=1, max_size=30).filter(str.strip) | st.sampled_from(
    ["no", "null", "~", "010", "1e3"]
)
texts = st.lists(st.text(readable, max_size=40), max_size=3).map("\n".join)
numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)


@st.composite
def attributes(draw, depth: int = 2):
    kind = draw(st.sampled_from(["radio", "checklist", "text", "number", "boolean", "date"]))
    fields = {"name": draw(names), "type": kind, "required": draw(st.booleans()), "archived": draw(st.booleans())}
    fields["description"] = draw(texts)
    if kind in {"radio", "checklist"}:
        ids = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
        nested = st.lists(attributes(depth - 1), max_size=2) if depth and kind == "radio" else st.just([])
        fields["options"] = [Option(id=i, name=draw(names), attributes=_apart(draw(nested), i)) for i in ids]
        default = st.sampled_from(ids) if kind == "radio" else st.lists(st.sampled_from(ids), min_size=1)
    elif kind == "number":
        fields["minimum"], fields["maximum"] = sorted(draw(st.tuples(numbers, numbers)))
        fields["unit"] = draw(st.none() | st.sampled_from(["m", "°", "no"]))
        default = st.sampled_from([fields["minimum"], fields["maximum"]])
    else:
        default = {"text": st.text(readable, min_size=1, max_size=9), "boolean": st.booleans(), "date": st.dates()}[
            kind
        ]
    return Attribute(id=draw(slugs), default=draw(st.none() | default), **fields)


def _apart(attributes_drawn, prefix: str):
    """Give attributes that are asked together ids of their own, whatever was drawn."""
    return tuple(_renamed(a, f"{prefix}_{n}") for n, a in enumerate(attributes_drawn))


def _renamed(attribute: Attribute, name: str) -> Attribute:
    options = tuple(
        Option(id=o.id, name=o.name, attributes=_apart(o.attributes, f"{name}_{n}"))
        for n, o in enumerate(attribute.options)
    )
    fields = {field: getattr(attribute, field) for field in Attribute.model_fields}
    return Attribute(**(fields | {"id": name[-50:], "options": options}))


@st.composite
def ontologies(draw):
    ids = draw(st.lists(slugs, max_size=4, unique=True))
    values = draw(st.permutations(range(1, 10)))
    keys = draw(st.permutations(HOTKEYS))
    classes = []
    for index, class_id in enumerate(ids):
        kinds = draw(st.lists(st.sampled_from(list(Kind)), unique=True))
        classes.append(
            LabelClass(
                id=class_id,
                name=draw(names),
                color=f"#{draw(st.integers(0, 0xFFFFFF)):06x}",
                kinds=kinds,
                mask_value=values[index] if Kind.MASK in kinds or draw(st.booleans()) else None,
                hotkey=keys[index] if draw(st.booleans()) else None,
                parent=draw(st.none() | st.sampled_from(ids[:index])) if index else None,
                description=draw(texts),
                attributes=_apart(draw(st.lists(attributes(), max_size=2)), "a"),
                keypoints=draw(st.lists(slugs, max_size=2, unique=True)),
                archived=draw(st.booleans()),
            )
        )
    scene = _apart(draw(st.lists(attributes(), max_size=2)), "s")
    return Ontology(
        id=draw(slugs),
        name=draw(names),
        version=draw(names),
        description=draw(texts),
        classes=classes,
        scene_attributes=scene,
    )


# Round trips


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ontologies(), st.sampled_from(["yaml", "json"]))
def test_every_ontology_survives_its_text(ontology, syntax):
    again = loads(dumps(ontology, syntax=syntax), syntax=syntax)
    assert again == ontology
    assert again.sha256 == ontology.sha256
    assert dumps(again, syntax=syntax) == dumps(ontology, syntax=syntax)


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ".YAML"])
def test_files_survive_by_their_suffix(tmp_path, suffix):
    path = tmp_path / f"ships{suffix}"
    ships = loads(SHIPS)
    save_ontology(ships, path)
    assert load_ontology(path) == ships
    assert load_ontology(str(path)) == ships


def test_a_file_written_by_hand_means_what_it_says():
    ships = loads(SHIPS)
    ship, wake = ships.classes
    category, length = ship.attributes
    assert category.required is True
    assert category.default == "merchant"
    assert category.options[1] == Option(id="no", name="no")
    assert (length.minimum, length.maximum) == (10, 500.5)
    assert (wake.name, wake.color, wake.hotkey) == ("12:30", "#cc79a7", None)


def test_what_is_written_is_short_and_stable():
    assert dumps(loads(SHIPS)).splitlines()[:12] == [
        "geolabel_ontology: '1.0'",
        "id: ships",
        "name: Ships",
        "version: '1.0'",
        "classes:",
        "  - id: ship",
        "    name: Ship",
        "    color: '#e69f00'",
        "    mask_value: 1",
        "    kinds: [rotated_box, polygon]",
        "    hotkey: '1'",
        "    attributes:",
    ]
    assert "archived" not in dumps(loads(SHIPS))


def test_json_begins_with_the_head_too():
    value = json.loads(dumps(loads(SHIPS), syntax="json"))
    assert list(value)[:2] == ["geolabel_ontology", "id"]
    assert value["classes"][0]["mask_value"] == 1


def test_a_byte_order_mark_is_no_trouble(tmp_path):
    path = tmp_path / "ships.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPS.encode())
    assert load_ontology(path) == loads(SHIPS)


def test_windows_line_ends_are_no_trouble(tmp_path):
    path = tmp_path / "ships.yaml"
    path.write_bytes(SHIPS.replace("\n", "\r\n").encode())
    assert load_ontology(path) == loads(SHIPS)


# Refusals


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "type: radio",
            "type: choice",
            'classes[0].attributes[0].type: "choice" is not an attribute type; '
            "use radio, checklist, text, number, boolean or date",
        ),
        ("id: wake", "id: ship", 'classes[1].id: "ship" is that of Ship already; give each class its own'),
        ("id: wake", "id: Wake", 'classes[1].id: "Wake" is not an id; use up to 50 of a-z, 0-9 and _, such as "wake"'),
        ("mask_value: 1", "mask_value: 0", 'classes[0].mask_value: "0" is not a mask value'),
        ("mask_value: 1", "mask_value: 1.5", 'classes[0].mask_value: "1.5" is not a mask value'),
        ("parent: ship", "parent: boat", 'classes[1].parent: "boat" is not a class; use one of ship, wake'),
        ("hotkey: ~", 'hotkey: "1"', 'classes[1].hotkey: "1" is that of Ship already'),
        ('"#CC79A7"', "#CC79A7", "classes[1].color: is empty; write some text"),
        ("minimum: 010", "minimum: ten", 'classes[0].attributes[1].minimum: "ten" is not a number'),
        ("minimum: 010", "minimum: 1_0", 'classes[0].attributes[1].minimum: "1_0" is not a number'),
        ("minimum: 010", "minimum: 501", "classes[0].attributes[1].minimum: 501 is more than the maximum, 500.5"),
        ("default: merchant", "default: tanker", 'classes[0].attributes[0].default: "tanker" is not an option'),
        ('id: "no"', "id: merchant", 'classes[0].attributes[0].options[1].id: "merchant" stands twice'),
        ("required: yes", "required: perhaps", 'classes[0].attributes[0].required: "perhaps" is not true or false'),
        ("version:", "versoin:", "versoin: there is no such field; did you mean version?"),
        ("kinds: [polyline]", "kinds: polyline", 'classes[1].kinds: "polyline" is not a list'),
        ("kinds: [polyline]", "pinds: []", "classes[1].pinds: there is no such field; did you mean kinds?"),
        (
            "- {id: merchant, name: Merchant}",
            "- merchant",
            'classes[0].attributes[0].options[0]: "merchant" is not a map',
        ),
        ("id: ships", "id: &x ships", "line 2, column 5: &anchors are not allowed"),
        ("name: Ships", "id: again", "line 1, column 1: the field 'id' stands twice"),
        ('geolabel_ontology: "1.0"', "", 'it is not an ontology; its first line must be geolabel_ontology: "1.0"'),
        ('geolabel_ontology: "1.0"', "geolabel_ontology: 2.0", 'geolabel_ontology: "2.0" cannot be read, only 1.0'),
        (SHIPS, "", "it is not an ontology"),
        (SHIPS, "- a\n- b\n", "it is not an ontology"),
    ],
)
def test_every_fault_is_told_with_file_path_and_way_out(tmp_path, old, new, reason):
    path = tmp_path / "ships.yaml"
    assert old in SHIPS
    path.write_text(SHIPS.replace(old, new, 1), "utf-8")
    with pytest.raises(OntologyError) as caught:
        load_ontology(path)
    assert str(caught.value).startswith(f"ships.yaml: {reason}")
    assert "\n" not in str(caught.value)


def test_json_is_told_in_the_same_words(tmp_path):
    path = tmp_path / "ships.json"
    value = json.loads(dumps(loads(SHIPS), syntax="json"))
    value["classes"][1]["name"] = 5
    path.write_text(json.dumps(value), "utf-8")
    with pytest.raises(OntologyError, match=r"^ships\.json: classes\[1\]\.name: 5 is not text; put it in quotes$"):
        load_ontology(path)
    path.write_text("{", "utf-8")
    with pytest.raises(OntologyError, match=r"^ships\.json: line 1, column [12]: "):
        load_ontology(path)


def test_a_file_that_is_not_utf_8_is_told_the_byte(tmp_path):
    path = tmp_path / "ships.yaml"
    path.write_bytes(b"geolabel_ontology: '1.0'\nname: B\xe2teau\n")
    with pytest.raises(OntologyError, match=r"^ships\.yaml: byte 32 is not UTF-8; save the file as UTF-8$"):
        load_ontology(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "ships.yaml"
    path.write_bytes("é".encode() * 3_000_000)
    with pytest.raises(OntologyError, match=r"^ships\.yaml: it has more than 1,000,000 bytes"):
        load_ontology(path)


def test_other_suffixes_are_refused(tmp_path):
    path = tmp_path / "ships.doc"
    path.write_text(SHIPS, "utf-8")
    with pytest.raises(OntologyError, match=r"^ships\.doc is neither \.yaml nor \.json"):
        load_ontology(path)
    with pytest.raises(OntologyError, match=r"neither"):
        save_ontology(loads(SHIPS), tmp_path / "ships")
    assert [file.name for file in tmp_path.iterdir()] == ["ships.doc"]


def test_a_missing_file_is_told_as_such(tmp_path):
    with pytest.raises(MissingFileError, match=r"ships\.yaml cannot be found"):
        load_ontology(tmp_path / "ships.yaml")


def test_a_web_address_is_never_followed():
    with pytest.raises(UnsafeFileError, match="is not a local file"):
        load_ontology("https://example.org/ships.yaml")


def test_writing_into_nowhere_is_refused(tmp_path):
    with pytest.raises(WriteError, match="is not a folder"):
        save_ontology(loads(SHIPS), tmp_path / "missing" / "ships.yaml")


# Templates


def test_an_unknown_template_is_refused_with_those_that_there_are():
    with pytest.raises(
        OntologyError, match=r'^"maritme" is not a template; use clouds, landcover, maritime, or name a '
    ):
        load_ontology("maritme")


def test_a_template_wins_over_a_file_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maritime").write_text("not this", "utf-8")
    assert load_ontology("maritime").id == "maritime"


def test_the_templates_are_these():
    assert template_names() == ("clouds", "landcover", "maritime")


def test_defaults_of_days_are_plain_text_in_files():
    day = Attribute(id="day", name="Day", type="date", default=date(2024, 5, 31))
    ontology = Ontology(id="x", name="X", version="1", classes=(), scene_attributes=(day,))
    assert "default: '2024-05-31'" in dumps(ontology)
    assert loads(dumps(ontology)) == ontology

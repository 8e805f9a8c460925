"""Ontologies of other programs as a whole: the way there and back, what is told, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError, MissingFileError, OntologyError
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option, load_ontology
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS, export_ontology, read_ontology
from napari_geolabel.ontology.exchange.losses import PARTS
from napari_geolabel.ontology.exchange.source import Parsed, parse_source

ALL = list(ONTOLOGY_FORMATS)
CLOUDS = load_ontology("clouds")
readable = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Co", "Cn"])
names = st.text(readable, min_size=1, max_size=12).map(str.strip).filter(bool)
unicoded = names | st.sampled_from(["Ship", "ship", "yes", "Öl & Gas <b>", "1, 2, 3", '"', "船", "a" * 120])


@st.composite
def attributes(draw, depth: int = 1):
    kind = draw(st.sampled_from(["radio", "checklist", "text", "number", "boolean", "date"]))
    fields = {"name": draw(unicoded), "type": kind, "required": draw(st.booleans()), "archived": draw(st.booleans())}
    if kind in {"radio", "checklist"}:
        nested = st.lists(attributes(depth - 1), max_size=2) if depth and kind == "radio" else st.just([])
        fields["options"] = [(draw(unicoded), draw(nested)) for _ in range(draw(st.integers(1, 3)))]
    elif kind == "number" and draw(st.booleans()):
        fields["minimum"], fields["maximum"] = sorted(draw(st.tuples(st.integers(-9, 9), st.floats(-9, 9))))
    return fields


def numbered(drawn, prefix="a"):
    """Return attributes with ids of their own."""
    made = []
    for number, fields in enumerate(drawn):
        own = f"{prefix}_{number}"
        options = [
            Option(id=f"o{n}", name=name, attributes=numbered(nested, f"{own}_{n}"))
            for n, (name, nested) in enumerate(fields.get("options", ()))
        ]
        made.append(Attribute(**(fields | {"id": own, "options": options})))
    return tuple(made)


@st.composite
def ontologies(draw):
    classes = []
    for index in range(draw(st.integers(1, 3))):
        kinds = draw(st.lists(st.sampled_from(list(Kind)), unique=True, max_size=4))
        needs_value = Kind.MASK in kinds or draw(st.booleans())
        classes.append(
            LabelClass(
                id=f"c{index}",
                name=draw(unicoded),
                color=f"#{draw(st.integers(0, 0xFFFFFF)):06x}",
                kinds=kinds,
                mask_value=index * 7 + 1 if needs_value else None,
                parent=f"c{index - 1}" if index and draw(st.booleans()) else None,
                hotkey=draw(st.sampled_from([None, str(index + 1)])),
                archived=draw(st.booleans()),
                attributes=numbered(draw(st.lists(attributes(), max_size=2))),
            )
        )
    scene = numbered(draw(st.lists(attributes(), max_size=2)))
    return Ontology(id="drawn", name=draw(unicoded), version="1", classes=classes, scene_attributes=scene)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(format_id=st.sampled_from(ALL), ontology=ontologies())
def test_a_second_trip_changes_nothing_and_nothing_breaks(format_id, ontology, tmp_path):
    form = ONTOLOGY_FORMATS[format_id]
    path = tmp_path / f"x{form.suffix}"
    if "mask_value" in form.holds and not any(c.mask_value for c in ontology.classes):
        return
    path.write_text(form.writer(ontology), "utf-8")
    if not form.recogniser(parse_source(path, form.syntax).content):
        return  # nothing was left that the format could hold
    first = read_ontology(path, format=format_id).ontology
    export_ontology(first, path, format=format_id)
    if not form.recogniser(parse_source(path, form.syntax).content):
        return
    second = read_ontology(path, format=format_id).ontology
    assert _without_ids(second) == _without_ids(first)


def _without_ids(ontology: Ontology):
    """Return what a second trip must keep: all but ids made of names that the first trip already made anew."""

    def plain(attribute):
        options = [(o.name, [plain(a) for a in o.attributes]) for o in attribute.options]
        return attribute.name, attribute.type, attribute.required, options

    return [(c.name, c.color, c.kinds, [plain(a) for a in c.attributes]) for c in ontology.classes]


@pytest.mark.parametrize("format_id", ALL)
@pytest.mark.parametrize("template", ["maritime", "clouds", "landcover"])
def test_templates_come_back_with_names_and_colors(format_id, template, tmp_path):
    ontology, form = load_ontology(template), ONTOLOGY_FORMATS[format_id]
    path = tmp_path / f"{template}{form.suffix}"
    told = export_ontology(ontology, path, format=format_id)
    back = load_ontology(path)
    held = [c for c in ontology.classes if c.kinds or "headings" in form.holds]
    if {"mask_value"} & form.holds:
        held = [c for c in held if c.mask_value is not None]
    found = list(back.classes)
    if "headings" not in form.holds:  # they come back only as parents of others
        found = [c for c in found if c.kinds]
    if format_id == "label-studio":  # its controls set the order
        held.sort(key=lambda c: c.name)
        found.sort(key=lambda c: c.name)
    names = [c.name if "names" in form.holds else c.id for c in held]
    assert [(c.name, c.color) for c in found] == [(n, c.color) for n, c in zip(names, held, strict=True)]
    if "mask_value" in form.holds:
        assert [c.mask_value for c in found] == [c.mask_value for c in held]
    assert told == form.lost(ontology)
    assert any("size" in sentence or "guideline" in sentence for sentence in told)


def test_a_dry_run_tells_the_losses_and_writes_nothing(tmp_path):
    told = export_ontology(load_ontology("maritime"), tmp_path / "x.json", format="coco", dry_run=True)
    assert any(sentence.endswith("attributes of classes left out") for sentence in told)
    assert any(sentence.endswith("mask values left out") for sentence in told)
    assert not list(tmp_path.iterdir())


def test_our_own_files_lose_nothing(tmp_path):
    ontology = load_ontology("maritime")
    for name in ("x.yaml", "x.json"):
        assert export_ontology(ontology, tmp_path / name) == []
        assert load_ontology(tmp_path / name) == ontology


def test_every_part_of_an_ontology_is_counted():
    full = LabelClass(
        id="a", name="B", color="#000000", kinds=("box",), mask_value=1, hotkey="1", description="d", archived=True,
        keypoints=("bow", "mast"), skeleton=(("bow", "mast"),),
        size={"length_m": (1, 2)}, never_overlaps=("a",), aliases=("x",), parent="h",
        examples=("a.png",),
        attributes=(
            Attribute(id="n", name="M", type="number", minimum=1, unit="m", default=2, required=True, description="d"),
            Attribute(id="t", name="T", type="text", pattern="x", archived=True),
            Attribute(id="r", name="R", type="radio", options=(Option(id="o", name="P", archived=True),)),
        ),
    )  # fmt: skip
    heading = LabelClass(id="h", name="H", color="#000000", kinds=())
    scene = (Attribute(id="s", name="S", type="text"),)
    classes, relations = (full, heading), ({"id": "r", "name": "R"},)
    ontology = Ontology(
        id="o", name="O", version="1", description="d", classes=classes, scene_attributes=scene, relations=relations
    )
    counts = {part: count(ontology) for part, (_, count) in PARTS.items()}
    assert all(counts.values()), counts
    assert counts["attributes"] == 3


@pytest.mark.parametrize(
    ("name", "format_id", "sentence"),
    [
        ("x.txt", "word", "'word' is no format of ontologies; choose encord, labelbox"),
        ("x.xml", None, "x.xml does not say which format is meant; choose label-studio, cvat-xml"),
        ("x.doc", None, "x.doc does not say which format is meant; choose encord"),
    ],
)
def test_an_export_names_its_format(name, format_id, sentence, tmp_path):
    with pytest.raises(OntologyError, match=sentence):
        export_ontology(load_ontology("clouds"), tmp_path / name, format=format_id)
    assert not list(tmp_path.iterdir())


DEEP = (
    b'{"classifications": [], "objects": [{"name": "a", "shape": "polygon", "featureNodeHash": "x", '
    b'"attributes": [{"name": "q", "type": "text", "x": ' + b"[" * 990 + b"]" * 990 + b"}]}]}"
)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.json", b"{", "x.json: line 1, column"),
        ("x.json", b"[NaN]", "x.json: line 1, column 2"),
        ("x.json", b"[" * 5000, "x.json: line 1, column"),
        ("x.json", b"[]", "x.json holds no classes in a way that is known (Encord ontology, Labelbox ontology"),
        ("x.json", b'{"type": "FeatureCollection"}', "x.json holds no classes"),
        ("x.json", DEEP, "x.json is nested too deeply to be an ontology"),
        ("x.xml", b"<View>", "x.xml is not sound XML"),
        ("x.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><View>&x;</View>', "x.xml is not sound XML"),
        ("x.xml", b"<annotation/>", "x.xml holds no classes"),
        ("x.qml", b"<qgis/>", "x.qml holds no classes"),
        ("x.txt", b"\xff\xfe1 2 3 4", "x.txt is not UTF-8 text (byte 0)"),
        ("x.txt", b"", "x.txt holds no classes"),
        ("x.clr", b"1 2 3\n", "x.clr holds no classes"),
    ],
)
def test_bad_files_are_one_sentence(name, content, sentence, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(OntologyError) as caught:
        load_ontology(path)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(format_id=st.sampled_from(ALL), data=st.data())
def test_damaged_files_raise_nothing_but_sentences(format_id, data, tmp_path):
    form = ONTOLOGY_FORMATS[format_id]
    text = form.writer(CLOUDS)
    start = data.draw(st.integers(0, len(text) - 1))
    cut = text[:start] + data.draw(st.text(max_size=5)) + text[start + data.draw(st.integers(0, 400)) :]
    path = tmp_path / f"x{form.suffix}"
    path.write_text(cut, "utf-8", errors="replace")
    told = ""
    try:
        read_ontology(path, format=format_id)
    except GeoLabelError as error:
        told = str(error)
    assert "\n" not in told


def test_the_wrong_format_is_told(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(OntologyError, match=r"^x\.json holds no classes in a way that is known \(COCO categories\)$"):
        read_ontology(path, format="coco")
    with pytest.raises(MissingFileError):
        read_ontology(tmp_path / "none.json")
    path = tmp_path / "x.doc"
    path.write_text("", "utf-8")
    with pytest.raises(OntologyError, match=r"^x\.doc is no ontology; its name must end in \.yaml, \.json"):
        read_ontology(path)


def test_huge_files_are_refused_unread(tmp_path):
    path = tmp_path / "x.txt"
    with path.open("wb") as stream:
        stream.truncate(2**22 + 1)
    with pytest.raises(OntologyError, match=r"^x\.txt has 4 MiB, more than 4$"):
        load_ontology(path)


def test_a_parsed_file_is_json_xml_or_text(tmp_path):
    (tmp_path / "x.json").write_text("\ufeff[1]", "utf-8")
    assert parse_source(tmp_path / "x.json", "json") == Parsed(syntax="json", content=json.loads("[1]"))

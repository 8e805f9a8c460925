from __future__ import annotations

from itertools import pairwise

import pytest
from defusedxml.ElementTree import fromstring

from napari_geolabel.annotations import Status
from napari_geolabel.labelfile.schema import LAYERS
from napari_geolabel.labelfile.styles import domains, write_forms
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option

SE = "{http://www.opengis.net/se}"


def ask(**fields) -> Attribute:
    return Attribute(**{"id": "size", "name": "Size", "type": "number", **fields})


def of(*questions: Attribute) -> Ontology:
    """Return an ontology with a class for each question."""
    classes = [
        LabelClass(id=f"c{n}", name=f"C{n}", color="#000000", kinds=(Kind.BOX,), attributes=(question,))
        for n, question in enumerate(questions)
    ]
    return Ontology(id="o", name="O", version="1", classes=tuple(classes))


def domain_of(ontology: Ontology, column: str):
    return {domain.column: domain for domain in domains(ontology)}.get(column)


def styles(db) -> dict[str, tuple[str, str]]:
    return {
        name: (qml, sld) for name, qml, sld in db.execute("SELECT f_table_name, styleQML, styleSLD FROM layer_styles")
    }


def test_the_styles_of_each_table_name_every_class_in_the_order_of_the_ontology(db, ontology) -> None:
    found = styles(db)

    assert set(found) == {layer.name for layer in LAYERS}
    for qml, sld in found.values():
        categories = list(fromstring(qml).iter("category"))
        assert [(c.get("value"), c.get("label")) for c in categories] == [
            ("ship", "Ship <of any kind>"),
            ("road", "Road"),
            ("buoy", "Buoy"),
            ("", "other"),
        ]
        assert fromstring(qml).find("renderer-v2").get("attr") == "class_id"
        rules = list(fromstring(sld).iter(f"{SE}Rule"))
        assert [rule.find(f"{SE}Name").text for rule in rules] == [cls.id for cls in ontology.classes]


@pytest.mark.parametrize(("layer", "code"), [("labels_point", "0"), ("labels_line", "1"), ("labels_polygon", "2")])
def test_qgis_would_ignore_a_style_of_another_geometry(db, layer: str, code: str) -> None:
    assert fromstring(styles(db)[layer][0]).find("layerGeometryType").text == code


def test_drop_downs_offer_classes_statuses_and_options_on_every_table(db) -> None:
    query = """
        SELECT d.value, d.description FROM gpkg_data_columns c
        JOIN gpkg_data_column_constraints d USING (constraint_name) WHERE c.table_name = ? AND c.column_name = ?"""
    for layer in LAYERS:
        offered = {
            column: dict(db.execute(query, (layer.name, column)).fetchall())
            for column in ("class_id", "status", "attr_category")
        }
        assert offered["class_id"] == {"ship": "Ship <of any kind>", "road": "Road", "buoy": "Buoy"}
        assert set(offered["status"]) == {str(status) for status in Status}
        assert offered["attr_category"] == {"merchant": "Merchant", "naval": "Naval"}


def test_another_ontology_replaces_all_and_leaves_what_users_made(db) -> None:
    db.execute("INSERT INTO layer_styles (f_table_name, styleName, styleQML) VALUES ('labels_line', 'mine', '<a/>')")
    db.execute("INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type) VALUES ('mine', 'glob')")
    fresh = of(ask(minimum=1, maximum=5))

    write_forms(db, fresh)

    kept = db.execute("SELECT styleQML FROM layer_styles WHERE styleName = 'mine'").fetchall()
    assert kept == [("<a/>",)]
    ours = db.execute("SELECT styleQML FROM layer_styles WHERE styleName = 'geolabel'").fetchall()
    assert len(ours) == len(LAYERS)
    for (qml,) in ours:
        assert [c.get("value") for c in fromstring(qml).iter("category")] == ["c0", ""]
    rows = db.execute("SELECT constraint_name, value, min, max FROM gpkg_data_column_constraints").fetchall()
    assert {name for name, *_ in rows} == {"mine", "geolabel_class_id", "geolabel_status", "geolabel_attr_size"}
    assert ("geolabel_attr_size", None, 1, 5) in rows
    columns = db.execute("SELECT DISTINCT column_name FROM gpkg_data_columns").fetchall()
    assert {name for (name,) in columns} == {"class_id", "status", "attr_size"}


def test_a_question_that_two_classes_ask_allows_what_either_allows() -> None:
    numbers = domain_of(of(ask(minimum=1, maximum=5), ask(minimum=-2, maximum=3)), "attr_size")
    radios = [ask(type="radio", options=(Option(id=i, name=i.upper()),)) for i in "ab"]

    assert (numbers.minimum, numbers.maximum, numbers.codes) == (-2, 5, None)
    assert domain_of(of(*radios), "attr_size").codes == {"a": "A", "b": "B"}


@pytest.mark.parametrize(
    "questions",
    [
        [ask(minimum=1)],
        [ask(minimum=1, maximum=5), ask()],
        [ask(minimum=1, maximum=5), ask(type="text")],
        [ask(type="checklist", options=(Option(id="a", name="A"),))],
    ],
)
def test_an_answer_that_is_allowed_is_never_refused_by_a_drop_down(questions) -> None:
    assert domain_of(of(*questions), "attr_size") is None


def test_a_file_has_the_same_forms_however_often_they_are_written(db, ontology) -> None:
    def tables() -> list:
        queries = ("layer_styles", "gpkg_data_columns", "gpkg_data_column_constraints")
        return [sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in queries]  # noqa: S608

    seen = []
    for _ in range(3):
        write_forms(db, ontology)
        db.execute("UPDATE layer_styles SET update_time = NULL")
        seen.append(tables())

    assert all(one == other for one, other in pairwise(seen))

"""Annotations are linked and grouped, each call one change; label file, GeoJSON and GeoPackage keep it."""

from __future__ import annotations

import sqlite3

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError, UnknownAnnotationError
from napari_geolabel.labelfile.rows import decode, encode
from napari_geolabel.labels.opening import open_labels


@pytest.fixture
def labels(scene):
    return open_labels(scene=scene, ontology="maritime")


def fill(labels):
    """Add a barge, a tug and a quay, and return their ids."""
    ships = [shapely.box(10 + 50 * i, 10, 40 + 50 * i, 22) for i in range(2)]
    barge, tug = (labels.add(ship, "ship", kind="box").id for ship in ships)
    return barge, tug, labels.add(shapely.Polygon([(0, 40), (90, 40), (90, 50), (0, 50)]), "dock").id


def test_a_link_is_one_change_and_read_from_the_first_to_the_second(labels):
    barge, tug, _ = fill(labels)
    labels.relate(barge, tug, "towed_by")
    labels.relate(barge, tug, "towed_by")
    assert labels[barge].links == (("towed_by", tug),)
    assert labels[tug].links == ()
    assert labels.store.undo_titles[0] == "link ship: towed by ship"
    labels.undo()
    assert labels[barge].links == ()
    labels.redo()
    assert labels[barge].links == (("towed_by", tug),)


def test_what_no_relation_allows_is_refused_and_nothing_changes(labels):
    barge, tug, quay = fill(labels)
    for ends, relation, sentence in (
        ((barge, quay), "towed_by", "towed by leads to ship, not to dock; choose others"),
        ((barge, tug), "eats", "'eats' is no relation of the ontology; there are towed_by"),
        ((barge, barge), "towed_by", "linked to itself"),
    ):
        with pytest.raises(GeoLabelError) as refused:
            labels.relate(*ends, relation)
        assert sentence in str(refused.value)
    with pytest.raises(UnknownAnnotationError):
        labels.relate(barge, "nobody", "towed_by")
    assert len(labels.store.undo_titles) == 3


def test_an_archived_relation_takes_no_new_links(labels):
    barge, tug, _ = fill(labels)
    labels.relate(barge, tug, "towed_by")
    old = labels.ontology
    archived = tuple(relation.model_copy(update={"archived": True}) for relation in old.relations)
    labels.use_ontology(old.model_copy(update={"relations": archived, "version": "9"}))
    with pytest.raises(GeoLabelError, match="archived"):
        labels.relate(tug, barge, "towed_by")
    assert labels[barge].links == (("towed_by", tug),)


def test_links_are_taken_out_by_end_and_by_relation(labels):
    barge, tug, quay = fill(labels)
    labels.relate(barge, tug, "towed_by")
    labels.relate(barge, tug, "moored_at")
    labels.relate(barge, quay, "moored_at")
    assert labels.unrelate(barge, tug, "moored_at").links == (("towed_by", tug), ("moored_at", quay))
    assert labels.unrelate(barge, relation="moored_at").links == (("towed_by", tug),)
    assert labels.unrelate(barge).links == ()
    assert labels.store.undo_titles[:3] == ["unlink ship"] * 3


def test_groups_are_made_joined_and_left(labels):
    barge, tug, quay = fill(labels)
    convoy = labels.group([barge, tug])
    assert labels.members(convoy) == [barge, tug]
    assert labels.group([quay], convoy) == convoy
    labels.ungroup(tug)
    assert labels.members(convoy) == [barge, quay]
    assert labels.store.undo_titles[:3] == ["ungroup ship", "group 1 annotations", "group 2 annotations"]
    with pytest.raises(GeoLabelError, match="two annotations or more"):
        labels.group([tug])
    with pytest.raises(GeoLabelError, match="two annotations or more"):
        labels.group([])


def test_removing_an_end_leaves_a_problem_that_can_be_mended(labels):
    barge, tug, _ = fill(labels)
    labels.relate(barge, tug, "towed_by")
    labels.remove(tug)
    found = [p for p in labels.problems() if p.rule == "dangling_relation"]
    assert [p.annotation_id for p in found] == [barge]
    labels.fix_problems(found)
    assert labels[barge].links == ()
    labels.undo()
    labels.undo()
    assert not [p for p in labels.problems() if p.rule == "dangling_relation"]


def test_a_label_file_keeps_links_and_groups_with_their_history(scene, tmp_path):
    path = tmp_path / "scene.labels.gpkg"
    labels = open_labels(path, scene=scene, ontology="maritime")
    barge, tug, _ = fill(labels)
    labels.relate(barge, tug, "towed_by")
    convoy = labels.group([barge, tug])
    labels.close()
    again = open_labels(path, scene=scene)
    assert again[barge].links == (("towed_by", tug),)
    assert again[tug].group == convoy
    again.undo()
    again.undo()
    assert again[barge].links == ()
    assert again[tug].group is None
    again.close()


def test_only_annotations_with_links_are_stored_in_the_new_form(labels):
    barge, tug, _ = fill(labels)
    plain = encode(labels[barge])
    assert plain[0] == 1
    assert b"links" not in plain
    labels.relate(barge, tug, "towed_by")
    linked = encode(labels[barge])
    assert linked[0] == 2
    assert decode(linked) == labels[barge]
    assert decode(plain).links == ()


def columns_of(path):
    """Return the columns of the tables of a GeoPackage, and their rows of those that say who is linked."""
    with sqlite3.connect(path) as db:
        tables = [row[0] for row in db.execute("SELECT table_name FROM gpkg_contents")]
        columns = {row[1] for table in tables for row in db.execute(f"PRAGMA table_info({table})")}
        if "relations" not in columns:
            return columns, {}
        query = "SELECT id, group_id, relations FROM {}"
        rows = [row for table in tables if table != "layer_styles" for row in db.execute(query.format(table))]
    return columns, {name: (group, relations) for name, group, relations in rows}


def test_geojson_keeps_links_and_groups_and_has_no_properties_for_none(labels, scene, tmp_path):
    barge, tug, quay = fill(labels)
    labels.export(tmp_path / "plain.geojson")
    assert "group_id" not in (tmp_path / "plain.geojson").read_text()
    labels.relate(barge, tug, "towed_by")
    convoy = labels.group([tug, quay])
    labels.export(tmp_path / "linked.geojson")
    again = open_labels(scene=scene, ontology="maritime")
    again.import_from(tmp_path / "linked.geojson")
    assert again[barge].links == (("towed_by", tug),)
    assert [again[i].group for i in (barge, tug, quay)] == [None, convoy, convoy]
    assert again.store.undo_titles == ["import 3 from linked.geojson"]


def test_a_geopackage_has_columns_for_links_and_groups_where_there_are_any(labels, tmp_path):
    barge, tug, quay = fill(labels)
    labels.export(tmp_path / "plain.gpkg")
    assert columns_of(tmp_path / "plain.gpkg")[1] == {}
    labels.relate(barge, tug, "towed_by")
    convoy = labels.group([tug, quay])
    labels.export(tmp_path / "linked.gpkg")
    found = columns_of(tmp_path / "linked.gpkg")[1]
    assert found == {barge: (None, f"towed_by={tug}"), tug: (convoy, None), quay: (convoy, None)}


def test_labels_of_a_label_file_are_imported_with_their_links(scene, tmp_path):
    path = tmp_path / "scene.labels.gpkg"
    labels = open_labels(path, scene=scene, ontology="maritime")
    barge, tug, _ = fill(labels)
    labels.relate(barge, tug, "towed_by")
    labels.close()
    again = open_labels(scene=scene, ontology="maritime")
    again.import_from(path)
    assert again[barge].links == (("towed_by", tug),)

"""Another ontology for labels that there are: as one step, or not at all."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import (
    GeoLabelError,
    LockedClassError,
    MaskValueError,
    OntologyError,
    UnknownClassError,
    WriteError,
)
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.label_files import ontology_of
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import Kind, LabelClass, load_ontology
from napari_geolabel.ontology.editing import (
    add_class,
    archive_attribute,
    archive_class,
    as_next_version,
    change_attribute,
    change_class,
)

MARITIME = load_ontology("maritime")
BOX = shapely.box(10, 10, 40, 20)


@pytest.fixture
def scene(write_scene):
    with open_scene(write_scene()) as opened:
        yield opened


@pytest.fixture
def labels(scene):
    held = open_labels(scene=scene, ontology=MARITIME)
    held.add(BOX, "ship", kind="box", attributes={"length_m": 400, "name": "Ada"})
    held.classify_scene(cloud_cover="none")
    return held


def test_a_successor_is_taken_and_all_hear_of_it(labels):
    heard = []
    labels.ontology_changed.connect(heard.append)
    after = as_next_version(MARITIME, add_class(MARITIME, "Reef", ["polygon"]))
    told = labels.evolve(after)
    assert (labels.ontology, heard, told.changes[-1], told.lost) == (after, [after], "reef: new class", [])
    labels.add(shapely.box(0, 0, 5, 5), "reef")
    labels.undo()
    assert labels.store.undo_titles == ["classify the scene", "add ship"]


def test_what_is_no_successor_is_refused(labels):
    with pytest.raises(OntologyError, match=r"^the ontology clouds .* is no successor: the class ship is gone"):
        labels.evolve(load_ontology("clouds"))
    assert labels.ontology is MARITIME


def test_mask_values_that_the_painted_mask_has_no_room_for_are_refused(labels):
    with pytest.raises(MaskValueError, match="mask value 300 does not fit into a mask up to 255; number classes lower"):
        labels.use_ontology(
            MARITIME.with_classes([LabelClass(id="x", name="X", color="#112233", mask_value=300, kinds=())])
        )
    assert labels.ontology is MARITIME


def test_answers_that_no_longer_fit_are_listed_and_left_out_on_request(labels):
    (ship,) = labels
    after = change_attribute(MARITIME, "ship", ("length_m",), maximum=300)
    told = labels.foresee(after)
    assert [c.annotation_id for c in told.clashes] == [ship]
    assert "400 m is more than 300 m" in told.clashes[0].reason
    with pytest.raises(OntologyError, match="does not allow 1 of what there is, first the annotation"):
        labels.evolve(after)
    assert labels.ontology is MARITIME
    told = labels.evolve(after, leave_out=True)
    assert told.lost == [f"ship {ship}: length_m 400"]
    assert dict(labels[ship].attributes) == {"name": "Ada"}
    assert labels.ontology is after


def test_what_is_no_longer_allowed_is_not_brought_back_by_undo(labels):
    (ship,) = labels
    labels.evolve(change_attribute(MARITIME, "ship", ("length_m",), maximum=300), leave_out=True)
    with pytest.raises(
        OntologyError, match=r"is no longer allowed, since the ontology has changed: ship\.length_m: 400"
    ):
        labels.undo()
    assert dict(labels[ship].attributes) == {"name": "Ada"}
    labels.evolve(change_attribute(labels.ontology, "ship", ("length_m",), maximum=500))
    labels.undo()
    assert labels[ship].attributes["length_m"] == 400


def test_a_kind_that_is_in_use_stays(labels):
    with pytest.raises(OntologyError, match="ship cannot be a box"):
        labels.evolve(change_class(MARITIME, "ship", kinds=("polygon",)), leave_out=True)
    assert (labels.ontology, labels.store.undo_titles[0]) == (MARITIME, "classify the scene")


def test_archived_classes_and_attributes_keep_what_there_is(labels):
    (ship,) = labels
    after = archive_attribute(archive_class(MARITIME, "ship"), None, ("cloud_cover",))
    assert labels.evolve(after).clashes == []
    assert labels[ship].attributes["name"] == "Ada"
    assert labels.scene_attributes["cloud_cover"] == "none"
    with pytest.raises(GeoLabelError, match="archived"):
        labels.add(BOX, "ship", kind="box")


def test_annotations_move_to_another_class_as_one_step_of_undo(labels):
    (ship,) = labels
    after = archive_class(add_class(MARITIME, "Vessel", ["polygon"]), "ship")
    assert labels.foresee(after, moves={"ship": "vessel"}).moved == 1
    assert labels.evolve(after, moves={"ship": "vessel"}).moved == 1
    moved = labels[ship]
    assert (moved.class_id, moved.kind, dict(moved.attributes)) == ("vessel", Kind.POLYGON, {})
    labels.undo()
    assert labels[ship].class_id == "ship"


def test_what_cannot_be_moved_is_told_before_anything_is_changed(labels):
    (ship,) = labels
    after = as_next_version(MARITIME, add_class(MARITIME, "Bow", ["keypoint"]))
    for ask in (labels.foresee, labels.evolve):
        with pytest.raises(OntologyError, match=f"the annotation {ship} cannot be moved to bow: "):
            ask(after, moves={"ship": "bow"})
    labels.locked = ["ship"]
    with pytest.raises(LockedClassError, match="Ship is locked; unlock the class to move what there is of it"):
        labels.evolve(after, moves={"ship": "buoy"})
    assert (labels.ontology, labels[ship].class_id) == (MARITIME, "ship")
    labels.locked = ["buoy"]  # of which there is nothing
    assert labels.evolve(after, moves={"buoy": "ship"}).moved == 0


def test_moves_must_lead_somewhere(labels):
    for moves in ({"ship": "ship"}, {"buoy": "car"}, {"car": "ship"}):
        with pytest.raises((OntologyError, UnknownClassError)):
            labels.evolve(add_class(MARITIME, "Reef", ["polygon"]), moves=moves)
    assert labels.ontology is MARITIME


def test_the_label_file_keeps_it_with_its_version(scene, tmp_path):
    path = tmp_path / "scene.labels.gpkg"
    labels = open_labels(path, scene=scene, ontology="maritime")
    labels.add(BOX, "ship", kind="box", attributes={"length_m": 400})
    after = as_next_version(MARITIME, change_attribute(MARITIME, "ship", ("length_m",), maximum=300))
    labels.evolve(after, leave_out=True)
    labels.close()
    assert ontology_of(path) == after
    assert ontology_of(path).stamp == after.stamp
    again = open_labels(path, scene=scene)
    with pytest.raises(OntologyError, match="no longer allowed"):
        again.undo()
    again.close()


def test_a_file_that_cannot_take_it_leaves_everything_as_it_was(scene, tmp_path, monkeypatch):
    labels = open_labels(tmp_path / "scene.labels.gpkg", scene=scene, ontology="maritime")
    (ship,) = [labels.add(BOX, "ship", kind="box", attributes={"length_m": 400}).id]

    def fail(_ontology):
        raise WriteError("the disk is full")

    monkeypatch.setattr(labels._file, "use_ontology", fail)
    with pytest.raises(WriteError, match="the disk is full"):
        labels.evolve(change_attribute(MARITIME, "ship", ("length_m",), maximum=300), leave_out=True)
    assert labels.ontology.sha256 == MARITIME.sha256
    assert labels[ship].attributes["length_m"] == 400
    labels.close()


def test_paint_keeps_its_meaning_also_where_undo_would_bring_it_back(scene):
    clouds = load_ontology("clouds")
    value = clouds["thick_cloud"].mask_value
    labels = open_labels(scene=scene, ontology=clouds)
    labels.paint(BOX, "thick_cloud")
    for _ in range(2):
        with pytest.raises(OntologyError, match=rf"value {value} is painted as thick_cloud, here or in what can be"):
            labels.use_ontology(MARITIME)
        assert labels.ontology is labels.canvas.ontology is clouds
        labels.paint(BOX, None)
    after = as_next_version(clouds, add_class(clouds, "Contrail", ["polygon"]))
    labels.use_ontology(after)
    assert labels.ontology is labels.canvas.ontology is after


def test_labels_that_never_had_paint_take_any_ontology_with_their_classes(scene):
    labels = open_labels(scene=scene, ontology="clouds")
    labels.use_ontology(MARITIME)
    assert labels.ontology is labels.canvas.ontology is MARITIME

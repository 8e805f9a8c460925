"""The classes of a session: hidden, locked, repeated, found and given, from the console."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import LockedClassError, UnknownClassError
from napari_geolabel.viewer.session import Session

BOX = shapely.box(10, 10, 40, 30)
CLOUD = shapely.Polygon([(100, 100), (140, 100), (120, 150)])


def shown(session):
    return [*session.shapes_layer.features["id"], *session.points_layer.features["id"]]


def test_a_hidden_class_leaves_the_layer_and_not_the_store(session, loop):
    ship, cloud = session.labels.add(BOX, "ship", kind="box"), session.labels.add(CLOUD, "cloud")
    session.selection.select([ship.id])
    session.classes.hide("ship")
    assert shown(session) == [cloud.id]
    assert session.selected_ids == []
    session.shapes_layer.data = [session.shapes_layer.data[0] + 1]  # reading back takes nothing hidden for removed
    loop.run()
    assert set(session.labels) == {ship.id, cloud.id}
    assert session.labels[cloud.id].geometry.bounds == (101, 101, 141, 151)
    session.undo()
    session.classes.show()
    assert shown(session) == [ship.id, cloud.id]
    assert session.labels.store.undo_titles == ["add cloud", "add ship"]
    session.classes.show_only("cloud")
    assert session.classes.hidden == {"ship", "wake", "bow"}


def test_a_locked_class_is_neither_selected_nor_edited(session, loop, told):
    ship, cloud = session.labels.add(BOX, "ship", kind="box"), session.labels.add(CLOUD, "cloud")
    session.classes.lock("ship")
    session.shapes_layer.mode = "select"
    session.shapes_layer.selected_data = {0, 1}
    assert session.selected_ids == [cloud.id]
    assert told == ["Ship is locked; unlock the class to pick what there is of it"]
    session.selection.select([ship.id])
    assert session.selected_ids == []
    session.shapes_layer.data = [session.shapes_layer.data[0] + 5, session.shapes_layer.data[1]]
    loop.run()
    assert session.labels[ship.id] == ship
    assert "Ship is locked" in told[-1]
    assert session.shapes_layer.data[0].min() == 9.5
    with pytest.raises(LockedClassError, match="unlock the class"):
        session.labels.update(ship.id, status="accepted")
    with pytest.raises(LockedClassError):
        session.labels.remove([cloud.id, ship.id])
    assert session.labels.store.undo_titles == ["add cloud", "add ship"]


def test_new_ones_of_a_locked_class_can_be_drawn_and_undone(session):
    session.classes.lock("ship")
    ship = session.labels.add(BOX, "ship", kind="box")
    session.undo()
    assert ship.id not in session.labels
    session.redo()
    session.classes.unlock()
    session.labels.remove(ship.id)
    assert not session.labels


def test_drawing_over_passes_over_what_is_locked_or_hidden(session, told):
    below, above = session.labels.add(CLOUD, "cloud"), session.labels.add(CLOUD, "cloud")
    session.classes.lock("cloud")
    session.toolbox.reshaped.emit("split", shapely.LineString([(90, 120), (150, 120)]))
    assert told == ["nothing was hit that can be changed so; select it first, or draw over it"]
    session.classes.unlock("cloud")
    session.toolbox.reshaped.emit("hole", shapely.box(118, 110, 122, 114))
    assert session.labels[below.id] == below
    assert session.labels[above.id] != above


def test_a_script_that_locks_labels_locks_the_window_and_the_end_of_a_session_unlocks(session):
    session.labels.locked = ["cloud"]
    assert session.classes.locked == {"cloud"}
    session.classes.lock("ship")
    assert session.labels.locked == {"cloud", "ship"}
    labels = session.labels
    session.close()
    assert not labels.locked


def test_what_a_script_locks_before_the_session_stays_locked(session, viewer, labels, loop):
    session.classes.hide("wake")
    session.classes.lock("ship")
    session.close()
    labels.locked = ["cloud"]
    again = Session(viewer, labels, defer=loop.defer)
    assert again.classes.locked == labels.locked == {"cloud", "ship"}
    again.classes.show("wake")
    assert labels.locked == {"cloud", "ship"}
    again.close()


def test_marks_are_those_of_the_last_session(session, viewer, labels, loop):
    session.classes.hide("wake")
    session.classes.lock("ship")
    session.close()
    again = Session(viewer, labels, defer=loop.defer)
    assert (again.classes.hidden, again.classes.locked) == ({"wake"}, {"ship"})
    again.close()


def test_what_is_hidden_is_not_told_under_the_mouse(session):
    session.labels.add(BOX, "ship", kind="box")
    assert session._hover(20, 20) == "Ship"
    session.classes.hide("ship")
    assert session._hover(20, 20) == ""


def test_drawing_a_hidden_class_shows_it(session):
    session.classes.hide("ship")
    session.current_class = "ship"
    drawn = session.new_annotation(BOX, "box")
    assert drawn.class_id == "ship"
    assert not session.classes.hidden


def test_again_takes_class_and_tool_of_what_was_drawn_last(session, told):
    session.classes.repeat()
    assert told == ["nothing has been drawn yet; choose a class and a tool"]
    session.current_class, session.tool = "ship", "rotated_box"
    session.new_annotation(BOX, "box")
    session.current_class, session.tool = "wake", None
    session.classes.repeat()
    assert (session.current_class, session.tool) == ("ship", "rotated_box")


def test_a_selection_gets_another_class_as_one_change(session):
    ids = [session.labels.add(CLOUD, "cloud").id for _ in range(2)]
    session.selection.select(ids)
    session.labels.use_ontology(
        session.labels.ontology.with_classes(
            [
                session.labels.ontology["cloud"].model_copy(
                    update={"id": "fog", "name": "Fog", "mask_value": 9, "hotkey": None}
                )
            ]
        )
    )
    session.selection.select(ids)
    session.classes.give("fog")
    assert {a.class_id for a in session.labels.store.values()} == {"fog"}
    session.undo()
    assert {a.class_id for a in session.labels.store.values()} == {"cloud"}
    session.classes.give("fog", [ids[0]])
    assert session.labels[ids[0]].class_id == "fog"


def test_classes_are_found_by_name_id_and_guideline(session):
    assert [c.id for c in session.classes.find("")] == ["ship", "cloud", "wake", "bow"]
    assert next(c.id for c in session.classes.find("W")) == "wake"
    assert session.classes.find("nothing") == []
    assert session.classes.ways("ship") == "rotated box, box"


def test_an_unknown_class_is_named(session):
    with pytest.raises(UnknownClassError, match='"tug" is not a class'):
        session.classes.hide("tug")


def test_example_pictures_lie_beside_the_ontology(session, tmp_path):
    known = session.labels.ontology
    pictured = known["ship"].model_copy(update={"examples": ("ship.png",)})
    session.labels.use_ontology(known.with_classes([pictured]))
    assert session.classes.examples("ship") == []
    session.classes.folder = tmp_path
    assert session.classes.examples("ship") == [tmp_path / "ship.png"]


def test_a_hidden_class_is_clear_in_the_mask_and_stays_painted(session):
    session.labels.paint(CLOUD, "cloud")
    painted = session.labels.canvas.array.copy()
    session.classes.hide("cloud")
    assert session.mask_layer.colormap.map(2)[3] == 0
    assert (session.labels.canvas.array == painted).all()
    session.classes.show("cloud")
    assert session.mask_layer.colormap.map(2)[3] == 1

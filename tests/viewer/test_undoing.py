"""Undo says what it takes back, works from every layer, and is never lost by switching layers or composites."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from app_model.types import KeyBinding
from napari.utils.key_bindings import KeymapHandler

from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.undoing import spoken

BOX = shapely.box(10, 10, 40, 30)


def press(viewer, key):
    """Press a key as napari does: on the active layer if there is one, then on the viewer."""
    active = viewer.layers.selection.active
    handler = KeymapHandler()
    handler.keymap_providers = [viewer] if active is None else [active, viewer]
    handler.press_key(KeyBinding.from_str(key))


def all_kinds_of_changes(labels):
    """Do everything that undo must take back, and yield the title as people say it."""
    ship = labels.add(BOX, "ship", kind="box").id
    yield "add Ship 1"
    labels.update(ship, geometry=shapely.box(12, 10, 42, 30))
    yield "change geometry of Ship 1"
    labels.answer(ship, category="merchant")
    yield "set category of Ship 1"
    labels.update(ship, status="accepted")
    yield "change status of Ship 1"
    labels.update(ship, class_id="platform")
    yield "change class of Platform 1"
    others = [a.id for a in labels.add_many([BOX, shapely.box(90, 10, 99, 30)], "ship", kind="box")]
    yield "add 2 ship"
    labels.update_many(others, status="submitted")
    yield "change status of 2 annotations"
    labels.relate(*others, "towed_by")
    yield "link Ship 2: towed by ship"
    labels.group(others)
    yield "group 2 annotations"
    labels.reshape.rotate(others[0], 10)
    yield "rotate Ship 2 by 10°"
    labels.paint(shapely.box(0, 0, 20, 20), "dock")
    yield "paint dock"
    labels.classify_scene(cloud_cover="low")
    yield "classify the scene"
    labels.remove(others[1])
    yield "remove Ship 3"


def test_each_kind_of_change_is_named_undone_and_made_again(scene, viewer, loop):
    from napari_geolabel.viewer.session import Session

    labels = open_labels(scene=scene, ontology="maritime")
    session = Session(viewer, labels, defer=loop.defer)
    states, titles = [], []
    for title in all_kinds_of_changes(labels):
        assert session.undoing.undo_title == title
        titles.append(title)
        states.append((dict(labels.store), dict(labels.scene_attributes), labels.canvas.array.copy()))
    for title, (before, answers, array) in zip(titles[::-1], states[::-1], strict=True):
        assert dict(labels.store) == before
        assert labels.scene_attributes == answers
        assert np.array_equal(labels.canvas.array, array)
        session.undo()
        assert viewer.status == f"undone: {title}"
    assert not labels.store
    assert not labels.is_painted
    assert session.undoing.undo_title == ""
    for title in titles:
        assert session.undoing.redo_title == title
        session.redo()
        assert viewer.status == f"made again: {title}"
    assert dict(labels.store) == states[-1][0]
    session.close()


def test_undo_is_not_lost_by_switching_layers_and_composites(session, viewer):
    ids = [session.labels.add(shapely.box(i * 50, 10, i * 50 + 30, 30), "ship", kind="box").id for i in range(6)]
    foreign = viewer.add_points(np.zeros((1, 2)), name="mine")
    actives = [session.scene_layer, session.shapes_layer, session.points_layer, session.mask_layer, foreign, None]
    for count, layer in enumerate(actives, start=1):
        viewer.layers.selection.active = layer
        if layer is None:
            viewer.layers.selection.clear()
        session.next_composite()
        press(viewer, "Ctrl+Z")
        assert len(session.labels) == 6 - count
    viewer.layers.selection.active = foreign
    press(viewer, "Ctrl+Shift+Z")
    assert list(session.labels) == ids[:1]


def test_a_foreign_mask_keeps_its_own_undo(session, viewer):
    session.labels.add(BOX, "ship", kind="box")
    own = viewer.add_labels(np.zeros((8, 8), np.uint8))
    own.data_setitem((np.array([1]), np.array([1])), 3)
    viewer.layers.selection.active = own
    press(viewer, "Ctrl+Z")
    assert own.data.sum() == 0
    assert len(session.labels) == 1


def test_nothing_to_undo_is_said(session, viewer):
    session.undo()
    assert viewer.status == "nothing to undo"
    session.redo()
    assert viewer.status == "nothing to redo"


def test_a_refusal_is_told_and_the_keys_go_with_the_session(session, viewer, told):
    from napari_geolabel.errors import GeoLabelError

    session.labels.add(BOX, "ship", kind="box")
    session.labels.store.refusal = GeoLabelError("opened for reading")
    session.undo()
    assert told == ["opened for reading"]
    session.labels.store.refusal = None
    session.close()
    assert KeyBinding.from_str("Ctrl+Z") not in viewer.keymap


@pytest.mark.parametrize("count", [0, 2])
def test_changes_of_none_or_several_keep_their_title(session, count):
    session.labels.add_many([BOX] * 2, "ship", kind="box")
    change = session.labels.store.next_undo
    from dataclasses import replace

    assert spoken(replace(change, edits=change.edits[:count]), session.labels.store) == "add 2 ship"


def test_what_an_earlier_session_removed_has_no_number(session):
    from dataclasses import replace

    ship = session.labels.add(BOX, "ship", kind="box")
    change = session.labels.store.next_undo
    other = replace(ship, id="of-an-earlier-session")
    strange = replace(change, edits=(replace(change.edits[0], after=other),))
    assert spoken(strange, session.labels.store) == "add Ship"

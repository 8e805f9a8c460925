"""Suggestions are dashed, with their confidence, below what a person drew."""

from __future__ import annotations

import shapely

from napari_geolabel.viewer.strokes_view import StrokesView

BOX = shapely.box(100, 100, 160, 140)


def suggest(session, geometry=BOX, confidence=0.87, class_id="ship"):
    kind = "box" if class_id == "ship" else None
    added = session.labels.add(geometry, class_id, kind=kind, status="suggested", confidence=confidence)
    return added.id


def test_a_session_without_suggestions_has_no_layer_for_them(session, loop):
    session.labels.add(BOX, "ship", kind="box")
    loop.run()
    assert session.layers.strokes is None


def test_a_suggestion_is_dashed_in_the_colour_of_its_class_and_has_no_edge(session, loop, viewer):
    active = viewer.layers.selection.active
    ship = suggest(session)
    loop.run()
    layer = session.layers.strokes
    assert viewer.layers.selection.active is active
    assert list(viewer.layers)[-2] is layer
    assert len(layer.data) > 20
    assert (layer.edge_color == (1, 0, 0, 1)).all()
    assert session.shapes_layer.edge_color[0][3] == 0
    session.labels.review.accept(ship)
    loop.run()
    assert len(layer.data) == 0
    assert session.shapes_layer.edge_color[0][3] == 1
    session.undo()
    loop.run()
    assert len(layer.data) > 20


def test_dashes_keep_their_length_on_screen(session, loop, viewer):
    suggest(session, confidence=None)
    loop.run()
    before = len(session.layers.strokes.data), session.layers.strokes.edge_width
    viewer.scene.camera.zoom *= 4
    loop.run()
    after = len(session.layers.strokes.data), session.layers.strokes.edge_width
    assert abs(after[0] - 4 * before[0]) <= 4
    assert after[1] * 4 == before[1]


def test_what_a_person_drew_lies_above_suggestions(session):
    mine = session.labels.add(BOX, "ship", kind="box").id
    theirs = suggest(session)
    assert list(session.shapes_layer.features["id"]) == [theirs, mine]
    session.labels.review.accept(theirs)
    assert list(session.shapes_layer.features["id"]) == [mine, theirs]


def test_hidden_and_rejected_suggestions_have_no_dashes(session, loop):
    ship = suggest(session)
    loop.run()
    session.classes.hide("ship")
    loop.run()
    assert len(session.layers.strokes.data) == 0
    session.classes.show()
    loop.run()
    session.labels.review.reject(ship)
    loop.run()
    assert len(session.layers.strokes.data) == 0
    assert len(session.shapes_layer.data) == 0


def test_a_suggested_keypoint_is_a_ring(session, loop):
    suggest(session, shapely.Point(50, 50), class_id="bow")
    session.labels.add(shapely.Point(90, 90), "bow")
    assert session.points_layer.face_color[:, 3].tolist() == [0, 1]
    assert session.points_layer.border_color[0].tolist() == [1, 1, 0, 1]
    loop.run()
    assert len(session.layers.strokes.data) == 5 + 7 - 2  # 8 and 7


def test_the_strokes_come_and_go_with_the_labels(session, loop):
    suggest(session)
    loop.run()
    session.shapes_layer.visible = False
    assert not session.layers.strokes.visible
    session.shapes_layer.visible = True
    assert session.layers.strokes.visible


def test_an_edited_suggestion_is_credited_to_both_and_solid(session, loop):
    ship = suggest(session)
    session.shapes_layer.data = [session.shapes_layer.data[0] + 3]
    loop.run()
    after = session.labels[ship]
    assert str(after.status) == "draft"
    assert after.provenance.annotator
    assert session.shapes_layer.edge_color[0][3] == 1
    session.undo()
    assert str(session.labels[ship].status) == "suggested"


def test_panes_get_strokes_of_their_own_and_stay_open(session, loop, viewer):
    session.views.open(2)
    loop.run()
    suggest(session)
    loop.run()
    assert len(session.views) == 2
    strokes = [layer for layer in viewer.layers if layer.name.startswith("suggestions")]
    assert [len(layer.data) > 20 for layer in strokes] == [True, True]
    session.views.close()
    loop.run()
    session.views.open(2)
    loop.run()
    assert len([layer for layer in viewer.layers if layer.name.startswith("suggestions")]) == 2


def test_nothing_is_drawn_after_the_end(session, loop):
    suggest(session)
    loop.run()
    strokes: StrokesView = session.label_views.strokes
    session.close()
    before = len(session.layers.strokes.data)
    session.labels.remove(list(session.labels))
    strokes.draw()
    assert len(session.layers.strokes.data) == before

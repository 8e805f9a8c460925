"""Suggestions are dashed, with their confidence, below what a person drew."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.viewer.strokes_view import LINE_PX, MOST_DASHES, OFF_PX, ON_PX, StrokesView

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


def test_lines_are_no_wider_than_they_shall_be_after_a_jump_and_follow_steps_in_time(session, loop, viewer):
    suggest(session)
    loop.run()
    layer, zoom = session.layers.strokes, viewer.scene.camera.zoom
    wide, count = layer.edge_width, len(layer.data)
    viewer.scene.camera.zoom = 3 * zoom
    assert layer.edge_width == wide
    viewer.scene.camera.zoom = 20 * zoom
    assert layer.edge_width == pytest.approx(wide / 20)
    assert len(layer.data) == count  # dashes come with the others
    loop.run()
    assert len(layer.data) > 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_a_closer_zoom_does_not_multiply_dashes_without_end(session, loop, viewer, count):
    ids = [suggest(session, shapely.affinity.translate(BOX, 100 * step), confidence=None) for step in range(count)]
    if count > 1:
        session.labels.group(ids)
    viewer.scene.camera.zoom = 20_000
    loop.run()
    layer = session.layers.strokes
    outlines = count + (count > 1)  # and the rays of the group together
    assert 0.99 * outlines * MOST_DASHES <= len(layer.data) <= 1.01 * outlines * MOST_DASHES
    red = (layer.edge_color == (1, 0, 0, 1)).all(axis=1)
    drawn = np.hypot(*layer.data[red, 1].T).sum()
    assert drawn == pytest.approx(count * BOX.length * ON_PX / (ON_PX + OFF_PX), rel=0.01)  # all the way round


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
    names = ["suggestions and relations", "suggestions and relations · pane 2"]
    assert [layer.name for layer in strokes] == names
    assert [len(layer.data) > 20 for layer in strokes] == [True, True]
    session.views.close()
    loop.run()
    session.views.open(2)
    loop.run()
    assert [layer.name for layer in viewer.layers if layer.name.startswith("suggestions")] == names


def test_nothing_is_drawn_after_the_end(session, loop):
    suggest(session)
    loop.run()
    strokes: StrokesView = session.label_views.strokes
    session.close()
    before = len(session.layers.strokes.data)
    session.labels.remove(list(session.labels))
    strokes.draw()
    assert len(session.layers.strokes.data) == before


def rings(layer, color):
    """Return the corners of the closed outline in a colour, as starts in display coordinates, row then column."""
    rows = (layer.edge_color[:, :3] == color).all(axis=1)
    starts, steps = layer.data[rows, 0], layer.data[rows, 1]
    assert np.allclose(starts[1:], (starts + steps)[:-1])  # end to end
    assert np.allclose(starts[0], starts[-1] + steps[-1])
    return starts


def test_the_selected_suggestion_is_solid_in_a_white_and_a_black_casing(session, loop, viewer):
    chosen = suggest(session, confidence=None)
    suggest(session, shapely.affinity.translate(BOX, 100), confidence=None)
    loop.run()
    layer = session.layers.strokes
    dashes_of_both = len(layer.data)
    session.selection.select([chosen])
    loop.run()
    scene_px = LINE_PX / session.label_views.strokes._px()
    black, white = rings(layer, (0, 0, 0)), rings(layer, (1, 1, 1))
    for corners, steps in ((black, 1), (white, 2)):  # rows and columns of the box, half a pixel less, and wider
        grown = steps * scene_px
        assert corners.min(axis=0) == pytest.approx((99.5 - grown, 99.5 - grown), abs=1e-3)
        assert corners.max(axis=0) == pytest.approx((139.5 + grown, 159.5 + grown), abs=1e-3)
    red = (layer.edge_color[:, :3] == (1, 0, 0)).all(axis=1)
    assert red[-4:].all()  # the outline lies above its casing, which lies above all other strokes
    assert np.hypot(*layer.data[-4:, 1].T).tolist() == pytest.approx([40, 60, 40, 60], abs=1e-3)
    assert red[:-12].sum() == dashes_of_both / 2  # the other one is dashed as before
    session.selection.select([])
    loop.run()
    assert len(layer.data) == dashes_of_both
    assert not (layer.edge_color[:, :3] == (1, 1, 1)).all(axis=1).any()


def test_what_is_selected_and_no_suggestion_gets_no_casing(session, loop):
    suggest(session)
    mine = session.labels.add(shapely.affinity.translate(BOX, 0, 80), "ship", kind="box").id
    loop.run()
    before = session.layers.strokes.data.copy()
    session.selection.select([mine])
    loop.run()
    assert np.array_equal(session.layers.strokes.data, before)


def test_the_casing_goes_with_the_review_from_one_to_the_next(session, loop):
    first, second = suggest(session, confidence=0.9), suggest(session, shapely.affinity.translate(BOX, 100), 0.6)
    session.review.begin()
    loop.run()
    for expected, left in ((first, 100), (second, 200)):
        assert session.review.current == expected
        assert rings(session.layers.strokes, (1, 1, 1))[:, 1].mean() == pytest.approx(left + 29.5, abs=12)
        session.review.next()
        loop.run()


@pytest.mark.parametrize(
    ("geometry", "class_id"),
    [
        (shapely.Point(50, 50), "bow"),
        (shapely.LineString([(20, 20), (60, 40)]), "wake"),
        (BOX.difference(shapely.box(110, 110, 120, 120)), "cloud"),
    ],
)
def test_points_lines_and_holes_have_a_casing_too(session, loop, geometry, class_id):
    session.selection.select([suggest(session, geometry, None, class_id)])
    loop.run()
    layer = session.layers.strokes
    for color in ((0, 0, 0), (1, 1, 1)):
        assert (layer.edge_color[:, :3] == color).all(axis=1).sum() >= 4
    assert np.isfinite(layer.data).all()

"""The single view while panes take its place: order, visibility, napari's grid, camera and active layer."""

from __future__ import annotations

from contextlib import suppress

from napari_geolabel.viewer.single_view import SingleView, put_first, unmoved


def test_order_and_visibility_come_back_with_scenes_that_came_since_below_the_labels(session, viewer):
    session.scene_layer.visible = False
    labels = list(session.layers)
    single = SingleView.of(viewer, labels)
    assert set(single.visible) == set(viewer.layers) - set(labels)
    session.scene_layer.visible = True
    pane = viewer.add_points(name="of a pane")
    late = session.add_scene(session.scene)
    before = [layer for layer in viewer.layers if layer not in (pane, late)]
    put_first(viewer, before[::-1])
    put_first(viewer, single.order_now(viewer, labels, [pane]))
    single.show_layers()
    lowest = before.index(labels[0])
    assert list(viewer.layers) == [*before[:lowest], late, *before[lowest:], pane]
    assert not session.scene_layer.visible


def test_napari_s_own_grid_is_what_it_was(viewer, session):
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.spacing, grid.enabled = 2, (1, 3), 7, True
    single = SingleView.of(viewer, list(session.layers))
    grid.stride, grid.shape, grid.spacing, grid.enabled = 5, (2, 2), 0, False
    single.restore_grid(viewer)
    assert (grid.stride, grid.shape, grid.spacing, grid.enabled) == (2, (1, 3), 7, True)


def test_camera_active_layer_and_tool_stay_also_where_something_fails(viewer, session):
    camera = viewer.scene.camera
    camera.center, camera.zoom = (0, 3, 4), 5
    session.tool = "box"
    active = viewer.layers.selection.active
    with suppress(ValueError), unmoved(session):
        viewer.add_points()
        camera.center, camera.zoom, session.tool = (0, 0, 0), 1, None
        raise ValueError("no")
    assert (tuple(camera.center)[-2:], camera.zoom, session.tool) == ((3, 4), 5, "box")
    assert viewer.layers.selection.active is active

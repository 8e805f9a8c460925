"""Shapes that are edited in a real window by napari's own modes, by real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.geo import is_rectangle
from napari_geolabel.ontology.kinds import Kind
from tests.gui.shapes_studio import FURTHER, POLYGON, Studio, cloud, near, open_studio
from tests.hard_outlines import TOUCHING


@pytest.fixture
def studio(viewer: Any, qapp: Any, wait: Any) -> Iterator[Studio]:
    with open_studio(viewer, wait) as opened:
        yield opened


class TestEditing:
    def test_a_dragged_vertex_is_one_change_and_the_others_keep_every_bit(self, studio, mouse):
        exact = cloud(np.array(POLYGON) + 1 / 3)
        studio.add(exact, cloud(np.array(POLYGON) + 100))
        studio.layer.mode = "direct"
        studio.view.select([exact.id])
        mouse.drag(np.array(POLYGON[0]) + 1 / 3, (40, 40))
        studio.check("script", "edit cloud")
        after = shapely.get_coordinates(studio.store[exact.id].geometry)
        assert np.array_equal(after[1:4], shapely.get_coordinates(exact.geometry)[1:4])
        assert after[0] == pytest.approx((40, 40), abs=0.5)
        studio.undo_and_redo_everything()

    def test_a_vertex_is_dragged_of_an_outline_that_cannot_be_meshed_the_usual_way(self, studio, mouse):
        corners = np.array(TOUCHING[0], float) * 20 + 50
        studio.add(cloud(corners))
        studio.layer.mode = "direct"
        studio.view.select(list(studio.store))
        mouse.drag(corners[0], corners[0] + 10)
        studio.check("script", "edit cloud")
        after = shapely.get_coordinates(studio.all[0].geometry)
        assert after[0] == pytest.approx(corners[0] + 10, abs=0.5)
        assert np.array_equal(after[1:-1], corners[1:])
        studio.undo_and_redo_everything()

    def test_a_box_keeps_its_right_angles_when_a_corner_is_dragged(self, studio, mouse):
        box = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(50.25, 60.25, 120.25, 110.25))
        studio.add(box)
        studio.layer.mode = "direct"
        studio.view.select([box.id])
        mouse.drag((120.25, 110.25), (150, 150))
        studio.check("script", "edit ship")
        after = studio.store[box.id]
        assert after.kind is Kind.BOX
        assert after.geometry.bounds[:2] == (50.25, 60.25)
        assert near(after.geometry, shapely.box(50.25, 60.25, 150, 150))
        assert studio.layer.shape_type == ["rectangle"]

    def test_shapes_are_moved_together_in_one_change(self, studio, mouse):
        studio.add(cloud(), cloud(FURTHER))
        before = [a.geometry for a in studio.all]
        studio.layer.mode = "select"
        studio.view.select([a.id for a in studio.all])
        mouse.drag((110, 110), (125, 120))
        studio.check("script", "move 2 annotations")
        for old, new in zip(before, [a.geometry for a in studio.all], strict=True):
            shift = shapely.get_coordinates(new) - shapely.get_coordinates(old)
            assert np.ptp(shift, axis=0) == pytest.approx(0, abs=1e-9)
            assert shift[0] == pytest.approx((15, 10), abs=0.5)
        assert len(studio.view.selected_ids) == 2
        studio.undo_and_redo_everything()

    def test_a_box_turned_by_its_handle_is_a_rotated_box_and_stays_one(self, studio, mouse):
        box = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(100, 120, 180, 160))
        studio.add(box)
        studio.layer.mode = "select"
        studio.view.select([box.id])
        studio.wait()
        from napari.layers.shapes._shapes_constants import Box

        row, col = studio.layer._selected_box[Box.HANDLE]
        mouse.drag((col + 0.5, row + 0.5), (180, 90))
        studio.check("script", "edit ship")
        turned = studio.store[box.id]
        assert turned.kind is Kind.ROTATED_BOX
        assert is_rectangle(shapely.get_coordinates(turned.geometry)[:4], studio.view._reader._grid)
        assert turned.geometry.area == pytest.approx(80 * 40, rel=1e-3)
        studio.layer.mode = "direct"
        corner = shapely.get_coordinates(turned.geometry)[1]
        mouse.drag(corner, corner + np.array([9, 3]))
        studio.check("script", "edit ship", "edit ship")
        assert studio.store[box.id].kind is Kind.ROTATED_BOX
        assert is_rectangle(shapely.get_coordinates(studio.store[box.id].geometry)[:4], studio.view._reader._grid)

    def test_vertices_are_inserted_and_removed(self, studio, mouse):
        studio.add(cloud())
        studio.view.select(list(studio.store))
        studio.layer.mode = "vertex_insert"
        mouse.click((100, 65))
        studio.check("script", "edit cloud")
        assert shapely.get_num_coordinates(studio.all[0].geometry) == 6
        studio.layer.mode = "vertex_remove"
        mouse.click(POLYGON[2])
        studio.check("script", "edit cloud", "edit cloud")
        assert shapely.get_num_coordinates(studio.all[0].geometry) == 5
        studio.undo_and_redo_everything()

    def test_a_triangle_that_loses_a_vertex_is_deleted_and_comes_back(self, studio, mouse):
        studio.add(cloud(POLYGON[:3]), cloud(FURTHER))
        triangle, other = studio.all
        studio.view.select([triangle.id])
        studio.layer.mode = "vertex_remove"
        mouse.click(POLYGON[1])
        studio.check("script", "delete cloud")
        assert list(studio.store) == [other.id]
        studio.store.undo()
        studio.check("script")
        assert studio.store[triangle.id] == triangle

    def test_copy_and_paste_by_keys_make_new_annotations_of_the_same_class(self, studio, mouse, press):
        studio.add(cloud(), cloud(FURTHER))
        studio.layer.mode = "select"
        studio.view.select(list(studio.store))
        press("Ctrl+C")
        press("Ctrl+V")
        studio.check("script", "paste 2 annotations")
        assert [a.class_id for a in studio.all] == ["cloud"] * 4
        assert studio.view.selected_ids == [a.id for a in studio.all[2:]]
        studio.undo_and_redo_everything()

    @pytest.mark.parametrize("key", ["Delete", "Backspace", "3"])
    def test_keys_that_delete_remove_annotations(self, studio, press, key):
        studio.add(cloud(), cloud(FURTHER))
        first, second = studio.all
        studio.layer.mode = "select"
        studio.view.select([first.id])
        press(key)
        studio.check("script", "delete cloud")
        assert list(studio.store) == [second.id]
        studio.undo_and_redo_everything()

"""What the canvas says of a drawing's size, and whose corner it is."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from napari.components import ViewerModel
from pyproj import CRS

from napari_geolabel.geo import GeoGrid, box_from_axis, measure_box
from napari_geolabel.viewer.readout import Readout, area_text, axis_text, box_text, line_text, sides_text

GRID = GeoGrid(shape=(512, 512), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32633))
PIXELS = GeoGrid(shape=(400, 400), transform=Affine.identity(), crs=None)
SQUARE = np.array([(0, 0), (30, 0), (30, 40), (0, 40)], float)


def test_the_corner_is_given_back_as_it_was():
    viewer = ViewerModel()
    overlay, readout = viewer.canvas.overlays.text, Readout(viewer)
    overlay.text = "mine"
    readout.show("length 5 m")
    readout.show("length 6 m")
    assert (overlay.text, overlay.visible, readout.text) == ("length 6 m", True, "length 6 m")
    readout.show("")
    assert (overlay.text, overlay.visible, readout.text) == ("mine", False, "")
    readout.clear()
    assert overlay.text == "mine"


def test_a_box_is_told_in_metres_with_its_heading():
    corners = box_from_axis((100, 50), (100, 60), (102, 55), GRID)
    box = measure_box(corners, GRID)
    text = box_text(corners, GRID)
    assert text == f"length {box.length_m:.1f} m · width {box.width_m:.1f} m · heading {box.heading_deg % 360:.1f}°"
    assert axis_text(np.array([100.0, 50.0]), np.array([100.0, 60.0]), GRID).startswith(f"length {box.length_m:.1f} m")


@pytest.mark.parametrize("grid", [GRID, PIXELS], ids=["metres", "pixels"])
def test_sizes_are_of_the_ground_where_there_is_one(grid):
    unit, step = ("m", 10) if grid is GRID else ("px", 1)
    numbers = [float(word) for word in sides_text(SQUARE, grid).replace("px", "").replace("m", "").split(" x ")]
    assert numbers == pytest.approx([30 * step, 40 * step], rel=1e-3)
    assert line_text(SQUARE[:3], grid).endswith(unit)
    assert float(line_text(SQUARE[:3], grid).split()[1]) == pytest.approx(70 * step, rel=1e-3)
    assert float(area_text(SQUARE, grid).split()[1]) == pytest.approx(1200 * step**2, rel=2e-3)


def test_pixels_are_told_of_boxes_without_a_georeference():
    assert box_text(SQUARE, PIXELS) == "length 40.0 px · width 30.0 px"
    assert axis_text(SQUARE[0], SQUARE[2], PIXELS) == "length 50.0 px"


def test_what_has_no_size_yet_says_nothing():
    assert line_text(SQUARE[:1], GRID) == area_text(SQUARE[:2], GRID) == ""
    assert line_text(np.zeros((900, 2)), PIXELS) == ""
    assert area_text(1e4 * SQUARE, GRID).endswith("km²") or area_text(1e4 * SQUARE, GRID) == ""

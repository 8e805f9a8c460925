"""Grids, coordinate conversion and ground measure.

Read ``grid.py`` first: it owns the two pixel conventions and the transform.
"""

from napari_geolabel.geo.between import Fit, fit, overlap, pixels_between, warped_grid
from napari_geolabel.geo.crs import LONLAT, on_earth, parse_crs, same_crs, short_name, transform_points
from napari_geolabel.geo.grid import FloatArray, GeoGrid, Window, display_to_pixel, pixel_to_display
from napari_geolabel.geo.measure import area_m2, distance_m, ground_matrix, heading_deg, length_m, pixel_size_m
from napari_geolabel.geo.rotated_box import BoxMeasure, box_from_axis, is_rectangle, measure_box, refit_box
from napari_geolabel.geo.turns import nearest_turn, points_in_pixels, shapes_in_pixels

__all__ = [
    "LONLAT",
    "BoxMeasure",
    "Fit",
    "FloatArray",
    "GeoGrid",
    "Window",
    "area_m2",
    "box_from_axis",
    "display_to_pixel",
    "distance_m",
    "fit",
    "ground_matrix",
    "heading_deg",
    "is_rectangle",
    "length_m",
    "measure_box",
    "nearest_turn",
    "on_earth",
    "overlap",
    "parse_crs",
    "pixel_size_m",
    "pixel_to_display",
    "pixels_between",
    "points_in_pixels",
    "refit_box",
    "same_crs",
    "shapes_in_pixels",
    "short_name",
    "transform_points",
    "warped_grid",
]

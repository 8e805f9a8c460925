"""What areas cover whose outlines cross themselves, as masks have it."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry


def filled(area: BaseGeometry) -> BaseGeometry:
    """Return an area whose outline may cross itself as what it covers: each part by the even-odd rule, then all.

    It may be empty, where an outline only goes back the way that it came.
    """
    if area.is_valid:
        return area
    found = [piece for part in shapely.get_parts(area) for piece in areas_in(shapely.make_valid(part))]
    whole: BaseGeometry = shapely.union_all(found)
    return whole


def areas_in(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons among the parts of a geometry."""
    parts = shapely.get_parts(shapely.get_parts(geometry))  # what is made valid may hold a multipolygon and lines
    return [part for part in parts if shapely.get_dimensions(part) == 2]

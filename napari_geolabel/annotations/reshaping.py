"""Geometry made of other geometry: holes, cuts, parts, splits, unions, buffers and the like.

All geometry is in pixel coordinates ``(x, y)``; what is measured in metres or
degrees is done in the ground frame of a grid (`napari_geolabel.geo.ground_matrix`).
Nothing here knows of kinds, classes or stores.  A sentence that refuses calls
the geometry that is changed "it".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from shapely import ops
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError, NotGeoreferencedError
from napari_geolabel.geo import FloatArray, GeoGrid, ground_matrix

NEAR_PX = 1e-6
"""How near two points are taken for the same one: the noise of computed crossings."""

_POINT, _LINE, _AREA = 0, 1, 2


def with_hole(area: BaseGeometry, hole: BaseGeometry) -> BaseGeometry:
    """Return an area without another one that lies wholly inside.

    Raises
    ------
    GeometryError
        If the hole reaches beyond the outline or takes nothing away.
    """
    if shapely.get_dimensions(area) != _AREA:
        raise GeometryError("it has no inside to make a hole in; choose a box or polygon")
    _require_valid(area)
    require_drawn(hole)
    if not shapely.contains_properly(_filled(area), hole):
        raise GeometryError("the hole does not lie inside the outline; draw it inside, or cut the area away instead")
    if not overlaps(area, hole):
        raise GeometryError("there is a hole already; draw one where the area is")
    return shapely.difference(area, hole)


def without_area(geometry: BaseGeometry, area: BaseGeometry) -> BaseGeometry:
    """Return what of an area or line lies outside another area.

    Raises
    ------
    GeometryError
        If that takes nothing away, or all.
    """
    require_outline(geometry)
    require_drawn(area)
    if not overlaps(geometry, area):
        raise GeometryError("the area that was drawn does not overlap it; draw over what shall go")
    left = _of_dimension(shapely.difference(geometry, area), int(shapely.get_dimensions(geometry)))
    if left.is_empty:
        raise GeometryError("nothing of it would be left; delete it instead")
    return left


def with_part(geometry: BaseGeometry, part: BaseGeometry) -> BaseGeometry:
    """Return an area, or a line, with another one added; areas that touch grow together.

    Raises
    ------
    GeometryError
        If one is an area and the other is not, or one of them is a point.
    """
    return merged([geometry, part])


def merged(geometries: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the union of areas, with the holes that are left, or lines joined where they end at one another.

    Raises
    ------
    GeometryError
        If they are not all areas, or all lines.
    """
    dimensions = {int(dimension) for dimension in shapely.get_dimensions(geometries)}
    if dimensions == {_AREA}:
        for geometry in geometries:
            _require_valid(geometry)
        return shapely.union_all(geometries)
    if dimensions == {_LINE}:
        joined: BaseGeometry = ops.linemerge(shapely.get_parts(geometries).tolist())
        return joined
    raise GeometryError("only areas with areas, and lines with lines, make one; choose alike ones")


def divided(geometry: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Return the pieces into which a line divides an area or a line, the largest first.

    Parts that the line does not divide stay with the largest piece.

    Raises
    ------
    GeometryError
        If the line does not go right through, or is none.
    """
    require_outline(geometry)
    if shapely.get_dimensions(line) != _LINE:
        raise GeometryError("only a line divides; draw one from side to side")
    pieces: list[BaseGeometry] = []
    whole: list[BaseGeometry] = []
    for part in shapely.get_parts(geometry):
        found = _pieces(part, line)
        (pieces if len(found) > 1 else whole).extend(found)
    if not pieces:
        raise GeometryError("the line does not go right through; begin it on one side and end it on the other")
    pieces.sort(key=_size, reverse=True)
    return [collected([pieces[0], *whole]), *pieces[1:]]


def is_divided(geometry: BaseGeometry, line: BaseGeometry) -> bool:
    """Return whether a line divides some part of an area or line."""
    return any(len(_pieces(part, line)) > 1 for part in shapely.get_parts(geometry))


def simplified(geometry: BaseGeometry, tolerance_px: float) -> BaseGeometry:
    """Return a geometry without the vertices that matter less than a tolerance; areas stay valid.

    The method is that of Douglas and Peucker (1973), kept from crossing itself.
    """
    return shapely.simplify(geometry, tolerance_px, preserve_topology=True)


def buffered(geometry: BaseGeometry, distance: float, matrix: FloatArray) -> BaseGeometry:
    """Return the area within a distance of a geometry; a negative one shrinks an area.

    Parameters
    ----------
    geometry
        In pixel coordinates.
    distance
        In metres where ``matrix`` is `metres_of`, in pixels where it is the unit matrix.
    matrix
        Ground units per pixel step, shape (2, 2).

    Raises
    ------
    GeometryError
        If nothing is left.
    """
    _require_valid(geometry)
    back = np.linalg.inv(matrix)
    ground = shapely.buffer(shapely.transform(geometry, lambda xy: xy @ matrix.T), distance)
    if ground.is_empty:
        raise GeometryError(f"nothing of it would be left {-distance:g} inside its outline; shrink it less")
    return shapely.transform(ground, lambda xy: xy @ back.T)


def moved(geometry: BaseGeometry, shift: FloatArray) -> BaseGeometry:
    """Return a geometry shifted by pixels ``(x, y)``, shape (2,)."""
    return shapely.transform(geometry, lambda xy: xy + shift)


def rotated(geometry: BaseGeometry, degrees: float, matrix: FloatArray) -> BaseGeometry:
    """Return a geometry turned about its centroid, clockwise on the ground as headings count."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    in_pixels = np.linalg.inv(matrix) @ turn @ matrix
    centre = shapely.get_coordinates(shapely.centroid(geometry))[0]
    return shapely.transform(geometry, lambda xy: (xy - centre) @ in_pixels.T + centre)


def metres_of(grid: GeoGrid) -> FloatArray:
    """Return the metres east and north of a pixel step, shape (2, 2); see `napari_geolabel.geo.ground_matrix`.

    Raises
    ------
    NotGeoreferencedError
        If the scene has no place on Earth.
    """
    if not grid.is_georeferenced:
        raise NotGeoreferencedError("the scene is not georeferenced, so nothing in it has metres; give pixels instead")
    return ground_matrix(grid)


def overlaps(geometry: BaseGeometry, area: BaseGeometry) -> bool:
    """Return whether some of an area's or line's inside lies in an area; touching is not enough."""
    common = shapely.intersection(geometry, area)
    return _size(_of_dimension(common, int(shapely.get_dimensions(geometry)))) > 0


def collected(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return areas that do not overlap, or lines, as one geometry."""
    leaves = [leaf for part in parts for leaf in shapely.get_parts(part)]
    is_area = shapely.get_dimensions(leaves[0]) == _AREA
    many = shapely.multipolygons(leaves) if is_area else shapely.multilinestrings(leaves)
    one: BaseGeometry = leaves[0] if len(leaves) == 1 else many
    return one


def require_outline(geometry: BaseGeometry) -> None:
    """Refuse points, and areas that cross themselves, with a `GeometryError`."""
    if shapely.get_dimensions(geometry) == _POINT:
        raise GeometryError("it is a keypoint, which has no outline; choose an area or a line")
    _require_valid(geometry)


def _require_valid(geometry: BaseGeometry) -> None:
    if not shapely.is_valid(geometry):
        raise GeometryError("its outline crosses itself; mend that first (fix problems)")


def require_drawn(area: BaseGeometry) -> None:
    """Refuse what cannot be taken from something."""
    if shapely.get_dimensions(area) != _AREA or not shapely.is_valid(area):
        raise GeometryError("the area that was drawn crosses itself; draw it without crossings")


def _size(geometry: BaseGeometry) -> float:
    """Return the area of an area, the length of a line."""
    return float(shapely.area(geometry) if shapely.get_dimensions(geometry) == _AREA else shapely.length(geometry))


def _filled(area: BaseGeometry) -> BaseGeometry:
    """Return an area without its holes."""
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(area)])


def _of_dimension(geometry: BaseGeometry, dimension: int) -> BaseGeometry:
    """Return the areas, or the lines, of an overlay, as one geometry; empty where there are none."""
    parts = [leaf for part in shapely.get_parts(geometry) for leaf in shapely.get_parts(part)]
    kept = [part for part in parts if shapely.get_dimensions(part) == dimension and not part.is_empty]
    return collected(kept) if kept else shapely.GeometryCollection()


def _pieces(part: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Return the pieces into which a line divides a single area or line; one, as it is, where it does not."""
    found = _faces(part, line) if shapely.get_dimensions(part) == _AREA else _sections(part, line)
    return found if len(found) > 1 else [part]


def _faces(part: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Return the areas into which a line divides a polygon; ends that hang inside divide nothing."""
    edges = shapely.get_parts(shapely.union(shapely.boundary(part), line))
    faces = shapely.get_parts(shapely.polygonize(edges))
    return [face for face in faces if shapely.contains(part, shapely.point_on_surface(face))]


def _sections(part: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Return the pieces of a line between its crossings with another."""
    whole = shapely.LineString(shapely.get_coordinates(part))
    crossings = shapely.get_coordinates(shapely.intersection(whole, line))
    marks = [0.0]
    for place in sorted(whole.project(shapely.Point(crossing)) for crossing in crossings):
        if place - marks[-1] > NEAR_PX and whole.length - place > NEAR_PX:
            marks.append(place)
    return [ops.substring(whole, start, stop) for start, stop in pairwise([*marks, whole.length])]

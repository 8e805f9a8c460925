"""What a reader gathers from a file, feature by feature, before it is columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.classes import class_word
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.formats.geojson_geometry import FARTHEST_PX, BadGeometryError, is_near
from napari_geolabel.formats.own_members import PIECES
from napari_geolabel.geo import FloatArray, GeoGrid

Feature = tuple[BaseGeometry, dict[str, Any]]
"""A geometry in pixel coordinates, and its properties."""


@dataclass(kw_only=True)
class Collected:
    """Features of one image, in pixel coordinates."""

    name: str
    """The file's name, for sentences."""
    features: list[Feature] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    """What to call each in a sentence."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """What was left out: where in the file, and why."""
    notes: list[str] = field(default_factory=list)
    scene_attributes: dict[str, Any] = field(default_factory=dict)
    grid: GeoGrid | None = None
    """The image's grid, where the file has it."""

    def add(self, place: str, build: Callable[..., Feature], *args: Any) -> None:  # noqa: ANN401  (for ``build``)
        """Add what ``build`` makes of its arguments, or the reason why it makes nothing of them."""
        try:
            geometry, row = build(*args)
        except BadGeometryError as fault:
            self.skipped.append((place, str(fault)))
            return
        if geometry.is_empty:
            self.skipped.append((place, "its geometry is empty"))
        elif not is_near(geometry):
            self.skipped.append((place, "its coordinates are not finite"))
        else:
            self.features.append((geometry, row))
            self.where.append(place)

    def columns(self) -> LabelColumns:
        """Return the features as columns, those that a writer has split put together again."""
        features, where = _rejoined(self.features, self.where)
        array = np.empty(len(features), object)
        array[:] = [geometry for geometry, _ in features]
        rows = [row for _, row in features]
        columns = LabelColumns(
            geometries=array,
            crs=None,
            class_ids=[class_word(row.get("class_id", row.get("class"))) for row in rows],
            properties=rows,
            ids=[class_word(row.get("id")) for row in rows],
            where=where,
            name=self.name,
            scene_attributes=self.scene_attributes,
            skipped=self.skipped,
            notes=self.notes,
        )
        if self.grid is not None:
            columns.pixels = PixelCopy(grid=self.grid, geometries=np.full(len(array), None), precision=None)
        return columns


def finite(values: Any, what: str, count: int | None = None) -> list[float]:  # noqa: ANN401  (any JSON value)
    """Return finite numbers, ``count`` of them where that is given.

    Raises
    ------
    BadGeometryError
        If they are anything else; ``what`` says what they should be.
    """
    try:
        numbers = [float(value) for value in values if not isinstance(value, bool | str)]
    except (TypeError, ValueError, OverflowError):
        raise BadGeometryError(f"its {what} is no list of numbers") from None
    if len(numbers) != len(values) or not all(abs(number) <= FARTHEST_PX for number in numbers):
        raise BadGeometryError(f"its {what} has what is no number of pixels")
    if count is not None and len(numbers) != count:
        raise BadGeometryError(f"its {what} has {len(numbers)} numbers and not {count}")
    return numbers


def points_of(pairs: Any, least: int, what: str = "outline") -> FloatArray:  # noqa: ANN401
    """Return pairs of finite numbers as points, shape (n, 2).

    Raises
    ------
    BadGeometryError
        If they are no pairs, or fewer than ``least``.
    """
    if not isinstance(pairs, list | tuple):
        raise BadGeometryError(f"its {what} is no list of points")
    if len(pairs) < least:
        raise BadGeometryError(f"its {what} has {len(pairs)} points where {least} are needed")
    return np.array([finite(pair, what, 2) for pair in pairs], np.float64).reshape(-1, 2)


def box_of(x: float, y: float, width: float, height: float) -> BaseGeometry:
    """Return a box from its top left corner, which may be given by sizes below zero too.

    Raises
    ------
    BadGeometryError
        If it has no area.
    """
    x, y, width, height = finite([x, y, width, height], "box", 4)
    if not width or not height:
        raise BadGeometryError("its box has no area")
    (x0, x1), (y0, y1) = sorted((x, x + width)), sorted((y, y + height))
    return shapely.box(x0, y0, x1, y1, ccw=False)


def _rejoined(features: list[Feature], where: list[str]) -> tuple[list[Feature], list[str]]:
    """Return features with those of one annotation as one, where all of them are there."""
    split: dict[str, list[int]] = {}
    for index, (_, row) in enumerate(features):
        if isinstance(row.get(PIECES), int) and row[PIECES] > 1 and isinstance(row.get("id"), str):
            split.setdefault(row["id"], []).append(index)
    gone: set[int] = set()
    joined = list(features)
    for indices in split.values():
        shapes = [features[i][0] for i in indices]
        kinds = {shape.geom_type for shape in shapes}
        if len(indices) != features[indices[0]][1][PIECES] or kinds not in ({"Polygon"}, {"LineString"}):
            continue
        collect: Any = shapely.multipolygons if kinds == {"Polygon"} else shapely.multilinestrings
        joined[indices[0]] = (collect(shapes), features[indices[0]][1])
        gone |= set(indices[1:])
    kept = [index for index in range(len(features)) if index not in gone]
    return [joined[i] for i in kept], [where[i] for i in kept]

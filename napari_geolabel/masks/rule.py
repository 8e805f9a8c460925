"""How geometries become pixels: which pixels count, what wins, and how wide a line is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError, NotGeoreferencedError, require_word
from napari_geolabel.geo import GeoGrid, ground_matrix

Order = Literal["class", "drawn"]
"""What wins where geometries overlap: the class that stands later in the ontology, or what was drawn later."""

_AREA = 2


@dataclass(frozen=True, kw_only=True)
class BurnRule:
    """How geometries are burnt.

    Raises
    ------
    MaskValueError
        If there is no such order, or the width is not above 0.
    """

    all_touched: bool = False
    """Take every pixel that a geometry touches, by GDAL's rule; otherwise those whose centre it covers."""
    order: Order = "class"
    """What wins where geometries overlap."""
    width_m: float | None = None
    """Width of lines and diameter of points on the ground, in metres; None takes the pixels that they run through."""

    def __post_init__(self) -> None:
        require_word(self.order, Order, "no order of overlaps", MaskValueError)
        if self.width_m is not None and not 0 < self.width_m < np.inf:
            raise MaskValueError(f"lines cannot be {self.width_m} m wide; give a width above 0")

    def __str__(self) -> str:
        """Return the rule in words, as it stands in the file."""
        wins = "later class wins, then later drawn" if self.order == "class" else "later drawn wins"
        pixels = "every touched pixel" if self.all_touched else "pixel centres"
        return f"{wins}; {pixels}" + ("" if self.width_m is None else f"; lines and points {self.width_m:g} m wide")

    def widened(self, geometries: NDArray[Any], grid: GeoGrid) -> NDArray[Any]:
        """Return geometries, shape (n,), with lines and points as areas of the rule's width.

        Metres are those at the centre of the grid (`napari_geolabel.geo.ground_matrix`).

        Raises
        ------
        NotGeoreferencedError
            If the grid has no place on Earth, and so no metres.
        """
        if self.width_m is None:
            return geometries
        is_thin = (shapely.get_dimensions(geometries) < _AREA) & ~shapely.is_empty(geometries)
        if not is_thin.any():
            return geometries
        if not grid.is_georeferenced:
            raise NotGeoreferencedError("pixels without a place on Earth have no metres; leave the width out")
        matrix = ground_matrix(grid)
        back = np.linalg.inv(matrix)
        wide = shapely.buffer(shapely.transform(geometries[is_thin], lambda xy: xy @ matrix.T), self.width_m / 2)
        areas = geometries.copy()
        areas[is_thin] = shapely.transform(wide, lambda xy: xy @ back.T)
        return areas


CENTRES = BurnRule()
"""The rule where none is given."""

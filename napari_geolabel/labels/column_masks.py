"""Any column of a GeoDataFrame burnt into a mask: numbers as they are, or text that names classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.frames import from_geodataframe
from napari_geolabel.geo import GeoGrid, Window, shapes_in_pixels
from napari_geolabel.masks import UNWATCHED, BurnRule, Mask, MaskEntry, Watch, burn, check_values, smallest_dtype
from napari_geolabel.ontology.colors import spread_color

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS


def is_number_column(frame: GeoDataFrame, column: str) -> bool:
    """Return whether a column of a frame holds numbers.

    Raises
    ------
    FormatError
        If the frame has no such column.
    """
    if column not in frame.columns or column == frame.geometry.name:
        listed = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name) or "none"
        raise FormatError(f'the frame has no column "{column}" to burn; it has {listed}')
    return bool(frame[column].dtype.kind in "iuf")


def with_class_column(frame: GeoDataFrame, column: str) -> GeoDataFrame:
    """Return a frame whose classes stand in a column of its own choice."""
    others = frame.drop(columns="class_id", errors="ignore") if column != "class_id" else frame
    return others.rename(columns={column: "class_id"})


def mask_of_column(
    frame: GeoDataFrame,
    column: str,
    grid: GeoGrid,
    *,
    rule: BurnRule,
    window: Window | None = None,
    watch: Watch = UNWATCHED,
) -> Mask:
    """Return a mask of the numbers in a column; where rows overlap the later one wins.

    Raises
    ------
    FormatError
        If a row has no number.
    MaskValueError
        If a number is not whole, below 0 or beyond 32 bits.
    """
    columns = from_geodataframe(frame, grid)
    missing = frame[column].isna().to_numpy()
    if missing.any():
        raise FormatError(
            f'{columns.where[int(np.argmax(missing))]} has no number in "{column}"; drop it or fill it in'
        )
    numbers = check_values(frame[column].to_numpy(), np.int64)
    dtype = smallest_dtype(int(numbers.max(initial=0)))
    geometries = rule.widened(in_pixels(columns.geometries, columns.crs, grid), grid)
    array = burn(geometries, numbers, grid.shape, window=window, all_touched=rule.all_touched, dtype=dtype, watch=watch)
    values = [value for value in np.unique(numbers).tolist() if value]
    table = {
        value: MaskEntry(value=value, class_id=None, name=f"{column} {value}", color=spread_color(number))
        for number, value in enumerate(values)
    }
    drawn = BurnRule(all_touched=rule.all_touched, order="drawn", width_m=rule.width_m)
    return Mask(array=array, grid=grid if window is None else grid.window(window), table=table, rule=str(drawn))


def in_pixels(geometries: NDArray[Any], crs: CRS | None, grid: GeoGrid) -> NDArray[Any]:
    """Return geometries of a CRS in the pixel coordinates of a grid; without one they are so already."""
    if crs is None:
        return geometries
    return shapes_in_pixels(geometries, crs, grid)

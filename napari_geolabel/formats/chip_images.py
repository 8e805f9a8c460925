"""Pictures of training sets: GeoTIFFs that know their place, with the scene's own values, bands and nodata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_geolabel.files import atomic_write
from napari_geolabel.geo import GeoGrid


def write_geotiff(
    path: Path, pixels: np.ma.MaskedArray[Any, Any], grid: GeoGrid, names: Sequence[str], nodata: float | None = None
) -> None:
    """Write pixels as a compressed GeoTIFF.

    Parameters
    ----------
    path
        The file.
    pixels
        Shape (bands, rows, cols).
    grid
        Their place.
    names
        Names of the bands.
    nodata
        The value of masked pixels; None writes what lies under the mask.

    Raises
    ------
    WriteError
        If it cannot be written; an old file is untouched.
    """
    import rasterio

    place = {"crs": grid.crs.to_wkt(), "transform": grid.transform} if grid.is_georeferenced and grid.crs else {}
    values = np.asarray(pixels.data) if nodata is None else pixels.filled(nodata)
    count, height, width = values.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype}
    options = {"compress": "deflate", "photometric": "MINISBLACK", "nodata": nodata}
    with atomic_write(path) as temporary, rasterio.open(temporary, "w", **profile, **options, **place) as target:
        target.write(values)
        for number, name in enumerate(names, start=1):
            target.set_band_description(number, name)

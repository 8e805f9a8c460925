"""Pictures of training sets: GeoTIFFs that know their place, with the scene's own values, bands and nodata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_geolabel.files import atomic_write
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.bands import BandSet, storable


def write_geotiff(path: Path, pixels: np.ma.MaskedArray[Any, Any], grid: GeoGrid, bands: BandSet) -> None:
    """Write pixels as a compressed GeoTIFF.

    Masked pixels have the scene's own nodata value, NaN where floats declare none.  Where that cannot tell them
    from others, as under the mask or the alpha band of a scene without nodata, a mask inside the file does.

    Parameters
    ----------
    path
        The file.
    pixels
        Shape (bands, rows, cols).
    grid
        Their place.
    bands
        What the pixels are: names, nodata, scale and offset.

    Raises
    ------
    WriteError
        If it cannot be written; an old file is untouched.
    """
    import rasterio

    place = {"crs": grid.crs.to_wkt(), "transform": grid.transform} if grid.is_georeferenced and grid.crs else {}
    nodata, invalid = _nodata(pixels, bands), np.ma.getmaskarray(pixels)
    values = np.asarray(pixels.data) if nodata is None else pixels.filled(nodata)
    count, height, width = values.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype}
    options = {"compress": "deflate", "photometric": "MINISBLACK", "nodata": nodata}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        atomic_write(path) as temporary,
        rasterio.open(temporary, "w", **profile, **options, **place) as target,
    ):
        target.write(values)
        if nodata is None and invalid.any():
            target.write_mask(~invalid.all(axis=0))
        if any(band.is_scaled for band in bands):
            target.scales, target.offsets = [band.scale for band in bands], [band.offset for band in bands]
        for number, band in enumerate(bands, start=1):
            target.set_band_description(number, band.name)


def _nodata(pixels: np.ma.MaskedArray[Any, Any], bands: BandSet) -> float | None:
    """Return the value of masked pixels, None where there is none that no other pixel has."""
    declared = storable(bands[0].nodata, pixels.dtype)
    if declared is not None:
        masked = np.ma.getmaskarray(pixels)
        return None if ((pixels.data == declared) & ~masked).any() else float(declared)
    is_nan = pixels.dtype.kind == "f" and (bands[0].nodata is not None or np.ma.getmaskarray(pixels).any())
    return float("nan") if is_nan else None

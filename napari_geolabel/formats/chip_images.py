"""Pictures of training sets: GeoTIFFs that know their place, with the scene's own values, bands and nodata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.bands import BandSet, storable


def write_geotiff(path: Path, pixels: np.ma.MaskedArray[Any, Any], grid: GeoGrid, bands: BandSet) -> None:
    """Write pixels as a compressed GeoTIFF.

    Masked pixels have the scene's own nodata value, NaN where floats declare none.  Where that cannot tell them
    from others, as under the mask or the alpha band of a scene without nodata, a mask inside the file does; where
    bands are masked at different pixels, which one mask cannot hold, the least or greatest value of their type.

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
        If bands are masked at different pixels and no value can say so; an old file is untouched.
    """
    import rasterio

    place = {"crs": grid.crs.to_wkt(), "transform": grid.transform} if grid.is_georeferenced and grid.crs else {}
    nodata, invalid = _nodata(pixels, bands), np.ma.getmaskarray(pixels)
    if nodata is None and (invalid != invalid[0]).any():
        raise WriteError(
            f"{path.name} was not written: its bands hold no data at different pixels, and no value is free to say so; "
            'write PNG images (images="png")'
        )
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
            target.write_mask(~invalid[0])
        if any(band.is_scaled for band in bands):
            target.scales, target.offsets = [band.scale for band in bands], [band.offset for band in bands]
        for number, band in enumerate(bands, start=1):
            target.set_band_description(number, band.name)


def _nodata(pixels: np.ma.MaskedArray[Any, Any], bands: BandSet) -> float | None:
    """Return the value of masked pixels that no other pixel has, None where a mask tells more or nothing is masked.

    A GeoTIFF has one nodata value for all its bands, those of a scene may each have their own.
    """
    masked = np.ma.getmaskarray(pixels)
    named = [value for band in bands if (value := storable(band.nodata, pixels.dtype)) is not None]
    found = _first_free(named, pixels)
    if found is not None:
        return found
    if pixels.dtype.kind == "f":  # where NaN is never valid
        return float("nan") if masked.any() or any(band.nodata is not None for band in bands) else None
    if (masked == masked[0]).all():
        return None  # one mask tells it
    limits = np.iinfo(pixels.dtype)
    return _first_free([pixels.dtype.type(limits.min), pixels.dtype.type(limits.max)], pixels)


def _first_free(values: Sequence[np.generic], pixels: np.ma.MaskedArray[Any, Any]) -> float | None:
    """Return the first of some values that no valid pixel has."""
    valid = ~np.ma.getmaskarray(pixels)
    free = (float(v) for v in values if float(v) == v.item() and not ((pixels.data == v) & valid).any())
    return next(free, None)

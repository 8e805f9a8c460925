"""Writing a painted cube as a GeoTIFF that carries everything a reader may want to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.shutil import copy

from napari_geolabel.geo import GeoGrid

SCALE = 1e-4
"""Reflectance of one digital number."""


@dataclass(frozen=True, kw_only=True)
class BandText:
    """What the file says of a band."""

    description: str
    wavelength_um: float
    fwhm_um: float


def to_numbers(cube: NDArray[np.float32], step: int) -> NDArray[np.uint16]:
    """Return reflectance as digital numbers; 0 is left for "no data".

    ``step`` is how many numbers one step of the detector's converter spans:
    twelve bits over a reflectance of 1.6 give 4, eleven bits give 8.
    """
    return np.clip(np.rint(cube / (SCALE * step)) * step, step, 65535).astype(np.uint16)


def write_scene(
    path: Path,
    numbers: NDArray[np.uint16],
    grid: GeoGrid,
    bands: Sequence[BandText],
    tags: Mapping[str, str],
    *,
    overviews: Sequence[int],
) -> None:
    """Write a tiled, compressed GeoTIFF with overviews, band names, wavelengths and scale.

    Parameters
    ----------
    path
        The file to write.
    numbers
        Digital numbers, shape (bands, rows, cols); 0 is no data.
    grid
        Where the pixels lie.
    bands
        One text a band.
    tags
        What the file says of itself.
    overviews
        By how much each overview is smaller.
    """
    count, rows, cols = numbers.shape
    layout = {"tiled": True, "blockxsize": 256, "blockysize": 256, "interleave": "band"}
    packing = {"compress": "deflate", "predictor": 2, "zlevel": 12}
    profile = {"driver": "GTiff", "dtype": "uint16", "count": count, "height": rows, "width": cols, "nodata": 0}
    place = {"transform": grid.transform, "crs": grid.crs.to_wkt()} if grid.crs else {"transform": grid.transform}
    draft = path.with_suffix(".draft.tif")
    with rasterio.open(draft, "w", **profile, **layout, **place) as target:
        target.write(numbers)
        target.scales = (SCALE,) * count
        target.update_tags(**tags)
        for index, band in enumerate(bands, start=1):
            target.set_band_description(index, band.description)
            numbers_of_band = {"CENTRAL_WAVELENGTH_UM": f"{band.wavelength_um:g}", "FWHM_UM": f"{band.fwhm_um:g}"}
            target.update_tags(index, ns="IMAGERY", **numbers_of_band)
        target.build_overviews(list(overviews), Resampling.average)
    # a copy has no gaps, so that the file's size does not depend on the order of writing
    copy(draft, path, driver="GTiff", copy_src_overviews=True, **layout, **packing)
    draft.unlink()

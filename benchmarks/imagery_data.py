"""The two scenes of the imagery benchmark: a COG, and the same pixels in strips without overviews.

They are of a Sentinel-2 tile's size and made from a seed: relief of several
scales, fields of different brightness, noise of the sensor, and a corner
without data.  They compress about as real scenes do (1 to 2).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BANDS = ("blue", "green", "red", "nir")
SIDE = 10_980

_STRIPE_ROWS = 512
_SPECTRA = ((900, 500, 200), (950, 700, 350), (800, 1100, 500), (1800, 900, 2200))
"""Of each band the darkest value, and what relief and fields add to it at most."""


def make_scenes(folder: Path, side: int = SIDE) -> tuple[Path, Path]:
    """Return the COG and the file in strips, made if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    cog, strips = folder / f"cog_{side}.tif", folder / f"strips_{side}.tif"
    if not strips.is_file():
        unfinished = strips.with_suffix(".part.tif")
        _write_strips(unfinished, side)
        unfinished.rename(strips)
    if not cog.is_file():
        unfinished = cog.with_suffix(".part.tif")
        _write_cog(strips, unfinished)
        unfinished.rename(cog)
    return cog, strips


def _write_strips(path: Path, side: int) -> None:
    import rasterio
    from rasterio.transform import Affine
    from rasterio.windows import Window

    profile: dict[str, Any] = {
        "driver": "GTiff", "dtype": "uint16", "count": len(BANDS), "height": side, "width": side, "nodata": 0,
        "compress": "deflate", "predictor": 2, "zlevel": 6, "interleave": "pixel", "num_threads": "all_cpus",
        "photometric": "minisblack", "crs": "EPSG:32633", "transform": Affine(10, 0, 399_960, 0, -10, 5_300_040),
    }  # fmt: skip
    relief = _relief(side)
    with rasterio.Env(GDAL_CACHEMAX=512 * 1024**2), rasterio.open(path, "w", **profile) as target:
        for number, band in enumerate(BANDS, start=1):
            target.set_band_description(number, band)
        for row in range(0, side, _STRIPE_ROWS):
            rows = min(_STRIPE_ROWS, side - row)
            target.write(_pixels(relief, row, rows, side), window=Window(0, row, side, rows))


def _write_cog(source: Path, target: Path) -> None:
    import rasterio
    import rasterio.shutil

    with rasterio.Env(GDAL_CACHEMAX=512 * 1024**2):
        rasterio.shutil.copy(
            source, target, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES", BLOCKSIZE=512,
            OVERVIEW_RESAMPLING="NEAREST", NUM_THREADS="ALL_CPUS", BIGTIFF="IF_SAFER",
        )  # fmt: skip


def _relief(side: int) -> NDArray[np.float32]:
    """Return a smooth landscape of a sixteenth of the size, 0 to 1."""
    random = np.random.default_rng(11)
    small = -(-side // 16) + 1
    land = np.zeros((small, small), np.float32)
    for cells in (3, 9, 27, 81):
        knots = random.random((cells + 2, cells + 2), dtype=np.float32)
        places = np.linspace(0, cells, small)
        whole, part = places.astype(int), (places % 1).astype(np.float32)
        rows = knots[whole] * (1 - part[:, None]) + knots[whole + 1] * part[:, None]
        land += (rows[:, whole] * (1 - part) + rows[:, whole + 1] * part) / cells
    return (land - land.min()) / (land.max() - land.min())


def _pixels(relief: NDArray[np.float32], row: int, rows: int, side: int) -> NDArray[np.uint16]:
    """Return a stripe, shape (bands, rows, cols)."""
    random = np.random.default_rng(row + 1)
    lines, columns = (row + np.arange(rows)) // 16, np.arange(side) // 16
    land = relief[lines][:, columns]
    fields = np.random.default_rng(5).random((side // 90 + 2, side // 130 + 2), dtype=np.float32)
    parcels = fields[(row + np.arange(rows)) // 90][:, np.arange(side) // 130]
    out = np.empty((len(BANDS), rows, side), np.uint16)
    for i, (base, from_land, from_field) in enumerate(
        [(900, 500, 200), (950, 700, 350), (800, 1100, 500), (1800, 900, 2200)]
    ):
        noise = random.integers(0, 48, (rows, side), dtype=np.uint16)
        out[i] = (base + from_land * land + from_field * parcels).astype(np.uint16) + noise
    # a corner without data, as at the edge of a swath
    out[:, np.add.outer(row + np.arange(rows), np.arange(side)) < side // 4] = 0
    return out

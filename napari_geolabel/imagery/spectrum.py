"""Spectra: the value of every band against its wavelength, at a pixel or over an area."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.files import atomic_write
from napari_geolabel.imagery.bands import Band
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.statistics import Moments, blocks


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """One value per band, with its spread."""

    title: str
    bands: tuple[Band, ...]
    mean: tuple[float, ...]
    """Reflectance where the file tells how to make it, else stored values; NaN where nothing is valid."""

    std: tuple[float, ...]
    """Standard deviation; 0 for a single pixel."""

    count: tuple[int, ...]
    """How many valid pixels stand behind each value."""

    @property
    def points(self) -> tuple[tuple[float, float, float], ...]:
        """Wavelength in micrometres, mean and standard deviation of the bands that have both, by wavelength."""
        found = [
            (band.wavelength_um, mean, std)
            for band, mean, std in zip(self.bands, self.mean, self.std, strict=True)
            if band.wavelength_um is not None and not math.isnan(mean)
        ]
        return tuple(sorted(found))


def pixel_spectrum(scene: Scene, x: float, y: float, title: str = "") -> Spectrum | None:
    """Return the spectrum of the full-resolution pixel under a point in pixel coordinates, None outside the scene.

    Cheap where the pixel's tile has been read already.
    """
    stored = scene.sample(x, y)
    if not stored:
        return None
    values = [stored[band.name] for band in scene.bands]
    return Spectrum(
        title=title or f"pixel {int(x)}, {int(y)}",
        bands=tuple(scene.bands),
        mean=tuple(
            math.nan if value is None else value * band.scale + band.offset
            for band, value in zip(scene.bands, values, strict=True)
        ),
        std=(0.0,) * len(values),
        count=tuple(int(value is not None) for value in values),
    )


def area_spectrum(scene: Scene, geometry: BaseGeometry, title: str = "") -> Spectrum:
    """Return mean and spread of all valid full-resolution pixels inside an area; see ``areas_spectrum``."""
    return areas_spectrum(scene, [geometry], title)


def areas_spectrum(scene: Scene, geometries: Iterable[BaseGeometry], title: str = "") -> Spectrum:
    """Return mean and spread of all valid full-resolution pixels inside several areas together.

    A pixel counts where its centre is inside, once for every area; of what is
    too thin to hold a centre, and of points and lines, the pixels touched
    count.  Pixels are read block by block, so that memory does not grow with
    the areas.

    Parameters
    ----------
    scene
        The scene.
    geometries
        In pixel coordinates.
    title
        What the curve is called.

    Raises
    ------
    GeometryError
        If none of the areas lies on the scene.
    """
    moments = [Moments() for _ in scene.bands]
    touched = False
    for geometry in geometries:
        touched |= _add(scene, geometry, moments)
    if not touched:
        raise GeometryError("no pixel of the scene lies inside the area; choose one that overlaps the scene")
    return Spectrum(
        title=title,
        bands=tuple(scene.bands),
        mean=tuple(each.mean if each.count else math.nan for each in moments),
        std=tuple(each.std if each.count else math.nan for each in moments),
        count=tuple(each.count for each in moments),
    )


def write_spectra(path: str | Path, spectra: Sequence[Spectrum]) -> None:
    """Write spectra as a CSV file with a row for each spectrum and band.

    Columns: ``title``, ``band``, ``common_name``, ``wavelength_um``, ``mean``,
    ``std`` and ``pixels``; what is not known is empty.

    Raises
    ------
    WriteError
        If the file cannot be written; what stood there before is untouched.
    """
    with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "band", "common_name", "wavelength_um", "mean", "std", "pixels"])
        for spectrum in spectra:
            for band, mean, std, count in zip(spectrum.bands, spectrum.mean, spectrum.std, spectrum.count, strict=True):
                known = ["" if math.isnan(value) else f"{value:.9g}" for value in (mean, std)]
                row = [
                    plain_cell(spectrum.title),
                    band.name,
                    band.common_name or "",
                    band.wavelength_um or "",
                    *known,
                    count,
                ]
                writer.writerow(row)


def _add(scene: Scene, geometry: BaseGeometry, moments: Sequence[Moments]) -> bool:
    """Take the pixels of one area into account, and return whether there are any."""
    rows, cols = scene.grid.shape
    if geometry.is_empty:
        return False
    x0, y0, x1, y1 = geometry.bounds
    row, row_stop = max(0, math.floor(y0)), min(rows, max(math.ceil(y1), math.floor(y0) + 1))
    col, col_stop = max(0, math.floor(x0)), min(cols, max(math.ceil(x1), math.floor(x0) + 1))
    if row >= row_stop or col >= col_stop:
        return False
    rule = "centre" if _any_centre(geometry, row, row_stop, col, col_stop) else "touch"
    found = False
    start = row
    for block in blocks(scene, tuple(scene.bands), scene.levels[0], (slice(row, row_stop), slice(col, col_stop))):
        inside = _burned(geometry, (start, start + len(block[0]), col, col_stop), rule)
        start += len(block[0])
        found |= bool(inside.any())
        for each, values in zip(moments, block, strict=True):
            each.add(values[inside])
    return found


def _any_centre(geometry: BaseGeometry, row: int, row_stop: int, col: int, col_stop: int) -> bool:
    """Return whether an area holds the centre of any pixel; one that is wide enough must."""
    if geometry.area == 0:
        return False
    if (row_stop - row) * (col_stop - col) > 4_000_000:  # what is thin all over so large a box is a line
        return True
    return bool(_burned(geometry, (row, row_stop, col, col_stop), "centre").any())


def _burned(geometry: BaseGeometry, bounds: tuple[int, int, int, int], rule: str) -> NDArray[np.bool_]:
    """Return which pixels of a window are inside an area, by their centres or by any touch."""
    from affine import Affine
    from rasterio.features import geometry_mask

    shape = bounds[1] - bounds[0], bounds[3] - bounds[2]
    corner = Affine.translation(bounds[2], bounds[0])
    inside: NDArray[np.bool_] = geometry_mask([geometry], shape, corner, all_touched=rule == "touch", invert=True)
    return inside


def plain_cell(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text

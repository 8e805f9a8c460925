"""The bands that a job needs, with the masks that say where they are valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.bands import Band, storable

Arrays = Mapping[int, NDArray[Any]]
"""Band or mask index → pixels, shape (rows, cols), as a tile store gives them."""


@dataclass(frozen=True)
class Inputs:
    """Bands of a file, each with the index of its mask."""

    bands: tuple[Band, ...]
    masks: tuple[int | None, ...]
    """One per band; None where the file has no mask."""

    @property
    def indexes(self) -> list[int]:
        """What has to be read, bands first, each once."""
        masks = (mask for mask in self.masks if mask is not None)
        return list(dict.fromkeys([*(band.index for band in self.bands), *masks]))

    def invalid(self, arrays: Arrays) -> list[NDArray[np.bool_] | None]:
        """Return, for each band, where its pixels hold no data; None where all of them do."""
        return [
            invalid_pixels(arrays[band.index], band.nodata, None if mask is None else arrays[mask])
            for band, mask in zip(self.bands, self.masks, strict=True)
        ]

    def physical(self, arrays: Arrays) -> dict[int, NDArray[np.float32]]:
        """Return band index → scaled values, NaN where they hold no data."""
        found = {}
        for band, invalid in zip(self.bands, self.invalid(arrays), strict=True):
            values = physical(arrays[band.index], band)
            if invalid is not None:
                values[invalid] = np.nan
            found[band.index] = values
        return found


def physical(pixels: NDArray[Any], band: Band) -> NDArray[np.float32]:
    """Return stored values as new float32 values with the band's scale and offset applied."""
    with np.errstate(over="ignore", invalid="ignore"):
        if not band.is_scaled:
            return pixels.astype(np.float32)
        # in float64, so that 32-bit integers keep their last digits until the result is rounded once
        return (pixels * np.float64(band.scale) + band.offset).astype(np.float32)


def invalid_pixels(pixels: NDArray[Any], nodata: float | None, mask: NDArray[Any] | None) -> NDArray[np.bool_] | None:
    """Return where pixels hold no data, same shape, or None where all of them do.

    Parameters
    ----------
    pixels
        Stored values of one band.
    nodata
        The stored value that means "no data"; a value that the data type
        cannot hold means nothing.
    mask
        The file's mask or alpha of the same pixels, 0 where invalid.
    """
    found = [] if mask is None else [mask == 0]
    if pixels.dtype.kind == "f":
        found.append(np.isnan(pixels))
    stored = storable(nodata, pixels.dtype)
    if stored is not None:
        found.append(pixels == stored)
    if not found:
        return None
    invalid: NDArray[np.bool_] = found[0]
    for each in found[1:]:
        invalid |= each
    return invalid

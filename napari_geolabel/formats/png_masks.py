"""Pixels of one annotation as a PNG in base64, as LabelMe and Labelbox have them."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.rle import MAX_WINDOW, Shape, covered
from napari_geolabel.formats.row_runs import outline_of_runs


def outline_of_png(text: Any) -> tuple[BaseGeometry, Shape]:  # noqa: ANN401  (any JSON value)
    """Return the outline of the pixels of a picture that are not zero, along their edges, and its rows and columns.

    Raises
    ------
    BadGeometryError
        If it is no PNG, too large, or nothing is set.
    """
    from PIL import Image as Picture

    if not isinstance(text, str):
        raise BadGeometryError("its mask is no text in base64")
    try:
        content = base64.b64decode(text.removeprefix("data:image/png;base64,"), validate=True)
        with Picture.open(io.BytesIO(content), formats=["PNG"]) as picture:
            if picture.width * picture.height > MAX_WINDOW:
                raise BadGeometryError(f"its mask has more than {MAX_WINDOW:,} pixels; import it as a mask instead")
            pixels = np.asarray(picture.convert("L")) > 0
    except (binascii.Error, OSError, ValueError, SyntaxError, Picture.DecompressionBombError) as error:
        if isinstance(error, BadGeometryError):
            raise
        raise BadGeometryError("its mask is no PNG in base64") from None
    edges = np.flatnonzero(np.diff(pixels.ravel(), prepend=False, append=False))
    counts = np.diff(np.concatenate([[0], edges, [pixels.size]])).tolist()
    shape = (int(pixels.shape[0]), int(pixels.shape[1]))
    return outline_of_runs(counts, shape), shape


def png_window(geometry: BaseGeometry, shape: Shape) -> tuple[int, int, int, int, str]:
    """Return left, top, right and bottom of the window about a polygon in an image, and its pixels as PNG."""
    top, left, pixels = covered(geometry, shape)
    return left, top, left + pixels.shape[1], top + pixels.shape[0], _png(pixels)


def png_of(geometry: BaseGeometry, shape: Shape) -> str:
    """Return the pixels of an image of ``shape`` whose centre a polygon covers, 255 of 0, as PNG."""
    top, left, pixels = covered(geometry, shape)
    whole = np.zeros(shape, bool)
    whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return _png(whole)


def _png(pixels: NDArray[np.bool_]) -> str:
    from PIL import Image as Picture

    file = io.BytesIO()
    Picture.fromarray(pixels.astype(np.uint8) * 255).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")

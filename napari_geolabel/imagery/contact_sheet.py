"""One picture that shows a scene in several composites, each with a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.render import render
from napari_geolabel.imagery.scene import Scene

MAX_TILES = 48

_CAPTION_PX = 22
_GAP_PX = 8
_TEXT_PX = 13
_BACKGROUND = (24, 26, 29)
_NOTHING = (62, 66, 72)
_TEXT = (222, 224, 227)


def contact_sheet(
    scene: Scene, composites: Sequence[Composite | str] | None = None, *, tile_px: int = 360
) -> NDArray[np.uint8]:
    """Return a picture of a scene in several composites.

    Parameters
    ----------
    scene
        The scene.
    composites
        Composites or their ids; by default everything that the scene can
        show, up to 48.
    tile_px
        Longest side of each picture.

    Returns
    -------
    ndarray
        uint8, shape (rows, cols, 4), opaque; pixels without data are grey.

    Raises
    ------
    CompositeError
        If there is nothing to show.
    """
    wanted = list(composites) if composites is not None else list(scene.composites())[:MAX_TILES]
    if not wanted:
        raise CompositeError("a contact sheet needs at least one composite")
    chosen = [scene.composite(each) for each in wanted]
    pictures = [render(scene, composite, max_size=tile_px) for composite in chosen]
    height, width = pictures[0].shape[:2]
    cols = min(len(chosen), max(1, math.ceil(math.sqrt(len(chosen) * (height + _CAPTION_PX) / width))))
    rows = math.ceil(len(chosen) / cols)
    cell = height + _CAPTION_PX + _GAP_PX, max(width, tile_px // 2) + _GAP_PX
    sheet = np.empty((rows * cell[0] + _GAP_PX, cols * cell[1] + _GAP_PX, 3), np.uint8)
    sheet[:] = _BACKGROUND
    captions = []
    for i, (composite, picture) in enumerate(zip(chosen, pictures, strict=True)):
        top, left = _GAP_PX + i // cols * cell[0], _GAP_PX + i % cols * cell[1]
        captions.append((left, top, _caption(composite), cell[1] - _GAP_PX))
        top += _CAPTION_PX
        shown = picture[..., 3:] > 0
        sheet[top : top + height, left : left + width] = np.where(shown, picture[..., :3], np.array(_NOTHING, np.uint8))
    return _write(sheet, captions)


def _caption(composite: Composite) -> str:
    """Return what stands above a picture: the id and, of a composite, its channels."""
    channels = ", ".join(composite.channels)
    return composite.id if channels == composite.id else f"{composite.id}: {channels}"


def _write(sheet: NDArray[np.uint8], captions: Sequence[tuple[int, int, str, int]]) -> NDArray[np.uint8]:
    """Write texts, each at x, y and no wider than a width, on a picture, and return it as RGBA."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(sheet)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_TEXT_PX)
    for x, y, text, width in captions:
        short = text
        while len(short) > 1 and draw.textlength(short, font) > width:
            short = short.removesuffix("…")[:-1] + "…"
        draw.text((x, y + 2), short, fill=_TEXT, font=font)
    return np.asarray(image.convert("RGBA"))

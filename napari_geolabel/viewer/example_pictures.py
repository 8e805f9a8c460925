"""Example pictures of a class: files that come with an ontology from elsewhere, so they are opened with care.

Only plain PNG and JPEG files in the ontology's own folder are read, of a
bounded size, by Pillow's readers of these two formats alone.
"""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError, GeoLabelError, MissingFileError, UnsafeFileError

MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000


def load_example(path: Path, most_px: int) -> NDArray[np.uint8]:
    """Return a picture as RGBA, shape (rows, cols, 4), scaled down to at most ``most_px`` a side.

    Raises
    ------
    MissingFileError
        If there is no such file.
    UnsafeFileError
        If it lies outside its folder, is no plain file, or is very large.
    FormatError
        If it is no PNG or JPEG.
    """
    from PIL import Image

    _require_safe(path)
    try:
        with path.open("rb") as file, Image.open(file, formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise UnsafeFileError(f"{path.name} has {width} x {height} pixels; make the example picture smaller")
            picture.draft("RGB", (most_px, most_px))
            picture.thumbnail((most_px, most_px))
            return np.array(picture.convert("RGBA"))
    except GeoLabelError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FormatError(f"{path.name} is no PNG or JPEG that can be read; save the example picture anew") from error


def _require_safe(path: Path) -> None:
    """Refuse what is no plain file of a bounded size in the folder that it is named in."""
    try:
        real, about = path.resolve(strict=True), path.stat()
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError
        raise MissingFileError(f"the example picture {path.name} is not beside the ontology; put it there") from error
    if real.parent != path.parent.resolve():
        raise UnsafeFileError(f"{path.name} leads to {real}, outside the folder of the ontology; put a copy there")
    if not S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
        raise UnsafeFileError(f"{path.name} is no plain file of at most {MOST_BYTES // 10**6} MB; make it smaller")

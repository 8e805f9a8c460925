"""Which of the images that a file of labels speaks of is the scene.

Only the last part of a name counts: no name from a file is ever opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.texts import shown

_SHOWN = 3
_LARGEST = 2**31 - 1


def find_image(names: Sequence[str], image: Image | None, file_name: str) -> int:
    """Return which of the images of a file is the one that is asked for.

    It is the one of the same file name, else of the same name without its
    ending, both whatever their case; else the only one there is.

    Parameters
    ----------
    names
        What the file calls its images, at least one.
    image
        The image that labels are wanted for, None where nobody has said.
    file_name
        The file's name, for the sentence.

    Raises
    ------
    FormatError
        If that leaves none or several.
    """
    if image is not None:
        for cut in (_last_part, stem_of):
            same = [number for number, name in enumerate(names) if cut(name) == cut(image.name)]
            if len(same) == 1:
                return same[0]
            if same:
                raise FormatError(f"{file_name} has {len(same)} images called {image.name}; take all but one out")
    if len(names) == 1:
        return 0
    some = ", ".join(shown(_last_part(name)) for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    if image is None:
        raise FormatError(f"{file_name} holds labels of {len(names)} images ({some}); name the scene")
    raise FormatError(f"{file_name} holds labels of {some} and none of {image.name}; rename the scene or the image")


def require_shape(shape: tuple[int, int], image: Image | None, file_name: str) -> None:
    """Refuse labels of an image of another size than the scene's.

    Raises
    ------
    FormatError
        If the sizes differ.
    """
    if image is not None and shape != image.shape:
        raise FormatError(
            f"{file_name} has labels of an image of {shape[1]} x {shape[0]} pixels, and {image.name} has "
            f"{image.shape[1]} x {image.shape[0]}; take the scene that they were drawn on"
        )


def shape_of(rows: Any, cols: Any, image: Image | None, file_name: str) -> tuple[int, int]:  # noqa: ANN401
    """Return the rows and columns that a file gives of an image, as numbers or as text.

    Raises
    ------
    FormatError
        If they are no sizes, or those of another image than is asked for.
    """
    sides = [_side(side) for side in (rows, cols)]
    if not all(sides):
        raise FormatError(f"{file_name} has an image of {shown(cols, 20)} x {shown(rows, 20)} pixels; correct its size")
    require_shape((sides[0], sides[1]), image, file_name)
    return sides[0], sides[1]


def another_name(label_name: str, image: Image | None) -> list[str]:
    """Return a note where a file of one image's labels is not called like the image."""
    if image is None or stem_of(label_name) == stem_of(image.name):
        return []
    return [f"the labels of {label_name} were taken, which is not called like {image.name}"]


def stem_of(name: str) -> str:
    """Return a file's name without folders and ending, lower case."""
    return _last_part(name).rpartition(".")[0] or _last_part(name)


def _side(value: Any) -> int:  # noqa: ANN401
    """Return a number of pixels, 0 for what is none."""
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return value if type(value) is int and 0 < value <= _LARGEST else 0


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name.strip())[-1].casefold()

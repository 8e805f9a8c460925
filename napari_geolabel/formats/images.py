"""Which of the images that a file of labels speaks of is the scene.

Only the last part of a name counts: no name from a file is ever opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.texts import shown

_SHOWN = 3
_LARGEST = 2**31 - 1


class Match(NamedTuple):
    """Which images of a file are the scene, and how that was told."""

    indices: tuple[int, ...]
    """Their places in the file, at least one."""
    notes: list[str]
    """How they were matched where that was not by the file name alone, a sentence each."""


def match_images(
    names: Sequence[str], image: Image | None, file_name: str, shapes: Sequence[tuple[int, int] | None] = ()
) -> Match:
    """Return which of the images of a file are the one that is asked for.

    Those of the same file name, else of the same name without its ending,
    whatever their case; of several the one in a folder or subset called like
    the scene's, else the one of the scene's size.  Where no name fits, the
    only image of the scene's size, or the only one there is.

    Parameters
    ----------
    names
        What the file calls its images, at least one; folders or subsets may stand before a name.
    image
        The image that labels are wanted for, None where nobody has said.
    file_name
        The file's name, for sentences.
    shapes
        Rows and columns of each image, None where the file does not say; may be left out.

    Raises
    ------
    FormatError
        If that leaves none.
    """
    sizes = list(shapes) or [None] * len(names)
    for how, same in [] if image is None else _by_name(names, image):
        if same and image is not None:
            left, narrowed = _narrowed(same, names, sizes, image)
            words = [word for word in (how, narrowed) if word]
            return Match(tuple(left), _told(names, left, words))
    if len(names) == 1:
        return Match(
            (0,), [] if image is None else [f"the labels of {shown(names[0])} were taken, the only image of the file"]
        )
    fitting = [] if image is None else [number for number, size in enumerate(sizes) if size == image.shape]
    if len(fitting) == 1:
        return Match(tuple(fitting), _told(names, fitting, ["the only image of the scene's size, since no name fits"]))
    some = ", ".join(shown(_last_part(name)) for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    if image is None:
        raise FormatError(f"{file_name} holds labels of {len(names)} images ({some}); name the scene")
    raise FormatError(
        f"{file_name} holds labels of {some} and none of {shown(image.name)}; rename the scene or the image"
    )


def find_image(
    names: Sequence[str], image: Image | None, file_name: str, shapes: Sequence[tuple[int, int] | None] = ()
) -> tuple[int, list[str]]:
    """Return which image of a file is the one that is asked for, and how that was told; see `match_images`.

    Raises
    ------
    FormatError
        If that leaves none or several.
    """
    found, notes = match_images(names, image, file_name, shapes)
    if len(found) > 1:
        called = "" if image is None else shown(image.name)
        raise FormatError(f"{file_name} has {len(found)} images called {called}; take all but one out")
    return found[0], notes


def left_there(count: int, images: int) -> list[str]:
    """Return a note that annotations of other images of a file were not taken."""
    return [f"{count} annotations of other images were left where they are ({images} images)"] if count else []


def _by_name(names: Sequence[str], image: Image) -> list[tuple[str, list[int]]]:
    """Return ways to compare names, the closest first, each with the images that are the scene by it."""
    whole, stem = _last_part(image.name), stem_of(image.name)
    return [
        ("", [number for number, name in enumerate(names) if _last_part(name) == whole]),
        ("by the name without its ending", [number for number, name in enumerate(names) if stem_of(name) == stem]),
        ("by the name, which has no ending", [number for number, name in enumerate(names) if _last_part(name) == stem]),
    ]


def _narrowed(
    same: list[int], names: Sequence[str], sizes: Sequence[tuple[int, int] | None], image: Image
) -> tuple[list[int], str]:
    """Return those images of one name that are most likely the scene, and how that was told."""
    if len(same) == 1:
        return same, ""
    folder = (image.folder or "").casefold()
    beside = [number for number in same if folder and folder in _folders(names[number])]
    if len(beside) == 1:
        return beside, f"by the folder {image.folder}"
    fitting = [number for number in beside or same if sizes[number] == image.shape]
    if len(fitting) == 1:
        return fitting, "by the size"
    return fitting or beside or same, ""


def _told(names: Sequence[str], taken: Sequence[int], how: list[str]) -> list[str]:
    """Return how images were matched as a note, where there is anything to tell and others to be mistaken for."""
    if len(names) == 1 or not how:
        return []
    return [f"the labels of {', '.join(shown(names[number]) for number in taken)} were taken, {' and '.join(how)}"]


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


def _folders(name: str) -> list[str]:
    return re.split(r"[/\\\\]", name.strip().casefold())[:-1]


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name.strip())[-1].casefold()

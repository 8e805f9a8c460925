"""How much of a scene each class of its mask covers, and what another mask has otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.labels.exchange import mask_of
from napari_geolabel.masks import Coverage, Mask, coverage, difference

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels

_STRIP_ROWS = 512


def valid_pixels(scene: Scene) -> NDArray[np.bool_]:
    """Return where a scene has data in any band, shape (rows, cols)."""
    rows, cols = scene.grid.shape
    valid = np.zeros((rows, cols), bool)
    for top in range(0, rows, _STRIP_ROWS):
        strip = slice(top, min(top + _STRIP_ROWS, rows))
        for index in range(len(scene.bands)):
            if valid[strip].all():
                break
            valid[strip] |= ~np.ma.getmaskarray(scene.read([index], window=(strip, slice(0, cols)))[0])
    return valid


def class_coverage(labels: Labels) -> list[Coverage]:
    """Return how much of the scene's valid pixels each class of the labels covers, painted or drawn."""
    return coverage(_shown(labels), valid_pixels(labels.scene))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a mask file has otherwise than labels."""

    name: str
    """The file."""
    mask: Mask
    """0 where both agree; its other values are the changes, named ``Water → Cloud``."""
    changes: list[Coverage]
    """How much each change covers; value 0 is what both agree on."""


def compared_with(labels: Labels, path: str | Path) -> Comparison:
    """Return where a mask file of the scene's pixels differs from labels, painted and drawn, on valid pixels.

    Raises
    ------
    FormatError, MissingFileError
        If the file is no mask.
    MaskValueError
        If it has other pixels than the scene.
    """
    from napari_geolabel.formats.mask_geotiff import read_mask

    other = read_mask(Path(path), labels.ontology)
    mask, changes = difference(_shown(labels), other, valid_pixels(labels.scene))
    return Comparison(name=Path(path).name, mask=mask, changes=changes)


def _shown(labels: Labels) -> Mask:
    """Return the semantic mask of labels, which others may edit meanwhile."""
    rows, cols = labels.scene.grid.shape
    return mask_of(labels, labels.store.annotations_in((0, 0, cols, rows)), flavour="semantic")

"""The colours of a mask on screen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray

from napari_geolabel.ontology.model import Ontology

UNKNOWN_COLOR = "magenta"
"""That of values without a class."""


class MaskColors(DirectLabelColormap):  # type: ignore[misc]  # napari has no types
    """A colour for each value, as napari has it, looked up by NumPy alone.

    Where numba is installed napari compiles a loop for the table of all values, which keeps a window waiting for
    seconds when the first mask is shown.
    """

    def _map_without_cache(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the colours, red to alpha from 0 to 1 in the last axis, of whole numbers of any shape."""
        known = sorted(value for value in self.color_dict if value is not None)
        keys = np.array(known, np.int64)
        colors = np.array([self.color_dict[value] for value in known] + [self.default_color], np.float32)
        place = np.searchsorted(keys, values)
        found = keys[np.minimum(place, len(keys) - 1)] == values
        return colors[np.where(found, place, len(keys))]


def mask_colors(ontology: Ontology, hidden: Collection[str]) -> MaskColors:
    """Return the colours of mask values: 0 and hidden classes clear, values without a class loud."""
    colors: dict[int | None, str] = {None: UNKNOWN_COLOR, 0: "transparent"}
    for value, label_class in ontology.by_mask_value.items():
        colors[value] = "transparent" if label_class.id in hidden else label_class.color
    return MaskColors(color_dict=colors)

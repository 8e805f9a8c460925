"""Black collars: the zeros around a scene that no nodata value accounts for.

Level-1 scenes are tilted in their raster and filled with 0 around, often
without a nodata tag.  Such pixels must neither darken the stretch nor be shown
as black.  A collar is found on the coarsest level, by this rule:

1. *Zero* means exactly 0 in every band, in a file without nodata value, mask,
   alpha or palette.
2. The collar is what of these pixels hangs together with the scene's edge.
3. It covers a corner, and at least half a hundredth of the scene.
4. Elsewhere 0 in every band is rare (under half a hundredth), and the rest is an image
   and not a few classes (more than 16 values in a band).

At finer levels a pixel belongs to the collar if it is 0 in all bands shown and
lies where the coarse collar is, so that dark pixels inside the scene stay
visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.reader import Bounds

_MIN_SHARE = 0.005
_MIN_PIXELS = 16
_MAX_ZERO_SHARE_ELSEWHERE = 0.005
_MIN_VALUES = 17
_MARGIN_PX = 3


@dataclass(frozen=True, eq=False)
class Collar:
    """Where a scene's collar is, coarsely."""

    coarse: NDArray[np.bool_]
    """Shape of the coarsest level; a few pixels larger than the collar all around."""

    def inside(self, shape: tuple[int, int], bounds: Bounds) -> NDArray[np.bool_] | None:
        """Return which pixels of a window may belong to the collar, None where none does.

        Parameters
        ----------
        shape
            Rows and columns of the level.
        bounds
            The window, in pixels of the level.
        """
        rows, cols = (
            ((np.arange(start, stop) + 0.5) * coarse / full).astype(np.intp)
            for start, stop, coarse, full in zip(bounds[::2], bounds[1::2], self.coarse.shape, shape, strict=True)
        )
        if not rows.size or not cols.size or not self.coarse[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].any():
            return None
        part: NDArray[np.bool_] = self.coarse[rows[:, None], cols[None, :]]
        return part


def find_collar(pixels: NDArray[Any]) -> Collar | None:
    """Return the collar of a scene, None where it has none.

    Parameters
    ----------
    pixels
        Stored values of the coarsest level, shape (bands, rows, cols), of a
        file without any mark of invalid pixels.
    """
    from scipy import ndimage

    zero = (pixels == 0).all(axis=0)
    if not (zero[0, 0] or zero[0, -1] or zero[-1, 0] or zero[-1, -1]):
        return None
    labels, _ = ndimage.label(zero)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    collar = np.isin(labels, edge[edge > 0])
    inner = ~collar
    if collar.sum() < max(_MIN_PIXELS, _MIN_SHARE * collar.size) or not inner.any():
        return None
    if zero[inner].mean() > _MAX_ZERO_SHARE_ELSEWHERE:
        return None
    if max(len(np.unique(band[inner])) for band in pixels) < _MIN_VALUES:
        return None
    # wider, since the thin end of a wedge falls between the pixels of the coarse level
    return Collar(ndimage.binary_dilation(collar, np.ones((3, 3), np.bool_), iterations=_MARGIN_PX))


def zero_everywhere(arrays: list[NDArray[Any]]) -> NDArray[np.bool_]:
    """Return where all of some arrays, each (rows, cols), are 0."""
    zero: NDArray[np.bool_] = arrays[0] == 0
    for array in arrays[1:]:
        zero &= array == 0
    return zero

"""Large empty rasters."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_LARGE_BYTES = 2**22
"""From here on numpy asks for huge pages."""


def blank(shape: tuple[int, int], dtype: DTypeLike) -> NDArray[Any]:
    """Return zeros whose memory the system hands out in small pages, and only where something is written.

    numpy asks for pages of 2 MiB.  A virtual machine, or one whose memory is
    in pieces, takes up to six times as long to hand them out, and a mask that
    is mostly empty takes room for all of it.

    Parameters
    ----------
    shape
        Rows and columns.
    dtype
        Data type of the result.

    Returns
    -------
    ndarray
        Zeros of that shape, writable, in C order.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size < _LARGE_BYTES or not hasattr(mmap, "MAP_PRIVATE"):  # Windows has no huge pages by itself
        return np.zeros(shape, dtype)
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(room, dtype).reshape(shape)

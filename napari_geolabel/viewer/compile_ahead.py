"""napari's loops for outlines, compiled beside the window before somebody draws.

Where numba is installed napari compiles how it meshes an ellipse's edge when
the first one is drawn, once on each machine: the window would stand still for
five seconds, in the middle of a drag.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib.util import find_spec

import numpy as np

COMPILING = "geolabel-compile-ahead"
"""Name of the thread."""

_CORNERS = np.array([(0, 0), (0, 4), (3, 4), (3, 0)], np.float32)


def compile_ahead() -> threading.Thread | None:
    """Begin to compile what napari's shapes need, in a thread of its own; None where numba is not installed."""
    if find_spec("numba") is None:
        return None
    thread = threading.Thread(target=_mesh_an_ellipse, name=COMPILING, daemon=True)
    thread.start()
    return thread


def _mesh_an_ellipse() -> None:
    """Have napari draw an ellipse larger, as a drag does, in a layer of no window."""
    from napari.layers import Shapes

    layer = Shapes([_CORNERS], shape_type="ellipse")
    with suppress(AttributeError):  # a napari without the private name may compile nothing, or later
        layer._data_view.transform(0, 2 * np.eye(2))  # noqa: SLF001

"""Rows of polygons that are shown also where their outline cannot be meshed the usual way.

bermuda gives up some outlines that cross themselves and touch themselves at a
vertex (``docs/upstream.md``), and takes 0.1 s and two files in the temporary
folder to do so.  napari's own code meshes nearly all of them.  A row that
stands looks after that itself, so that it does too while napari's tools drag a
vertex of it.  It stays one of napari's own class, by which these tell what it is.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import numpy as np

from napari_geolabel.geo import FloatArray

_NUDGES = 8
"""How often an outline that nothing can mesh is tried with vertices beside its own."""
_CORNERS = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])


def standing_row(make: Any, vertices: FloatArray, looks: dict[str, Any]) -> Any:  # noqa: ANN401  (napari's rows)
    """Return napari's row of an outline that it has just given up.

    Parameters
    ----------
    make
        napari's class of the row.
    vertices
        Of the outline in display coordinates, shape (n, 2).
    looks
        What the row is made with besides.

    Raises
    ------
    RuntimeError
        If the outline can be meshed in no way at all.
    """
    row = make(_CORNERS, **looks)
    row._set_meshes = MethodType(_mesh_otherwise, row)  # noqa: SLF001
    row.data = vertices
    return row


def let_stand(row: Any) -> None:  # noqa: ANN401
    """Have a row of napari's stand whatever its vertices will be."""
    row._set_meshes = MethodType(_mesh, row)  # noqa: SLF001


def _mesh(row: Any, data: FloatArray, **asked: bool) -> None:  # noqa: ANN401
    """Mesh what is displayed of a row the usual way; what was given up once is likely to be so again."""
    try:
        type(row)._set_meshes(row, data, **asked)  # noqa: SLF001
    except RuntimeError:
        row._set_meshes = MethodType(_mesh_otherwise, row)  # noqa: SLF001
        _mesh_otherwise(row, data, **asked)


def _mesh_otherwise(row: Any, data: FloatArray, **asked: bool) -> None:  # noqa: ANN401
    """Mesh what is displayed of a row by napari's own code, which takes 0.2 s for 1,600 vertices."""
    try:
        row._set_meshes_py(data, **asked)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001  (vispy, which does it then, raises no narrower one)
        _mesh_beside(row, data, asked, error)


def _mesh_beside(row: Any, data: FloatArray, asked: dict[str, bool], error: Exception) -> None:  # noqa: ANN401
    """Mesh vertices that are moved by less than anybody sees, so that none touch."""
    far = 1e-3 + 4 * float(np.spacing(np.float32(np.abs(data).max())))  # beyond what float32 tells apart
    for seed in range(_NUDGES):
        nudges = np.random.default_rng(seed).uniform(-far, far, data.shape)
        try:
            type(row)._set_meshes(row, (data + nudges).astype(data.dtype), **asked)  # noqa: SLF001
        except RuntimeError:
            continue
        return
    raise RuntimeError(f"napari can mesh no outline like this one of {len(data)} vertices") from error

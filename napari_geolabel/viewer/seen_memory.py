"""What of a scene somebody has looked at, kept from session to session in the state folder of this person's account.

It is nobody else's business and changes no label, so it stands beside the
label file's user state and not in the file that a team shares.
"""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.viewer.user_state import recall, remember

_KEPT_AS = "seen"


def recall_seen(path: Path | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return what was seen of the scene that a label file belongs to.

    Parameters
    ----------
    path
        The label file, or the scene where labels are in memory; None where there is neither.
    shape
        Rows and columns of the raster.  One of another shape, and what is damaged, counts for nothing.
    """
    nothing = np.zeros(shape, bool)
    kept = {} if path is None else recall(_KEPT_AS, _key(path))
    bits = kept.get("bits")
    if kept.get("shape") != list(shape) or not isinstance(bits, str):
        return nothing
    try:
        packed = np.frombuffer(base64.b64decode(bits, validate=True), np.uint8)
    except ValueError:
        return nothing
    found = np.unpackbits(packed)
    return found[: nothing.size].reshape(shape).astype(bool) if found.size >= nothing.size else nothing


def remember_seen(path: Path | None, raster: NDArray[np.bool_]) -> None:
    """Keep what was seen; nothing at all is forgotten.

    Raises
    ------
    WriteError
        If the folder of the user's state cannot be written.
    """
    if path is None:
        return
    bits = base64.b64encode(np.packbits(raster).tobytes()).decode("ascii")
    remember(_KEPT_AS, _key(path), {"shape": list(raster.shape), "bits": bits} if raster.any() else {})


def _key(path: Path) -> str:
    return str(path.absolute())

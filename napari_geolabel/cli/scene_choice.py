"""Which scene labels lie on, where the command line does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from napari_geolabel.errors import GeoLabelError

_LABELS: Final = ".labels.gpkg"
_SCENES: Final = (".tif", ".tiff", ".vrt", ".jp2", ".SAFE", "")
"""What may follow the name of a label file where its scene lies beside it; folders have no suffix of their own."""


def scene_of(labels: Path) -> str:
    """Return the scene of a label file: the one that it remembers, or that of its name beside it.

    Raises
    ------
    GeoLabelError
        If the file is missing or no label file, or its scene is found nowhere.
    """
    from napari_geolabel.files import require_file
    from napari_geolabel.labels.label_files import is_label_file
    from napari_geolabel.labels.relinking import find_scene_of

    path = require_file(labels)
    if not is_label_file(path):
        raise GeoLabelError(f"{path.name} is no label file (<scene>{_LABELS}), so name the scene: --scene SCENE")
    remembered = find_scene_of(path)
    if remembered is not None:
        return str(remembered)
    stem = path.name.removesuffix(_LABELS)
    beside = [place for suffix in _SCENES if (place := path.with_name(stem + suffix)).exists() and place != path]
    if not beside:
        raise GeoLabelError(f"the scene of {path.name} does not lie beside it; name it with --scene SCENE")
    return str(beside[0])


def label_file_of(path: Path) -> Path:
    """Return a path if a label file lies there.

    Raises
    ------
    GeoLabelError
        If it is missing, or something else, such as a scene or labels of another program.
    """
    from napari_geolabel.files import require_file
    from napari_geolabel.labels.label_files import is_label_file

    found = require_file(path)
    if not is_label_file(found):
        raise GeoLabelError(
            f"{found.name} is no label file (<scene>{_LABELS}); labels of other programs get one by "
            "geolabel import LABELS --scene SCENE"
        )
    return found

"""napari's reader for scenes: drag in a GeoTIFF and it is one layer in its own pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.attach import attach_current_viewer
from napari_geolabel.viewer.notices import plain_text
from napari_geolabel.viewer.scene_layer import LayerData, scene_layer_data

ReadLayers = Callable[[str | Sequence[str]], list[LayerData]]

_SUFFIXES = {".tif", ".tiff"}


def get_reader(path: str | Sequence[str]) -> ReadLayers | None:
    """Return what reads a path, None for what is no single GeoTIFF by its name (napari then asks others)."""
    if not isinstance(path, str | Path) or Path(path).suffix.lower() not in _SUFFIXES:
        return None
    return read_scene


def read_scene(path: str | Sequence[str]) -> list[LayerData]:
    """Return the layer of a scene.

    Raises
    ------
    GeoLabelError
        If the file is missing, unsafe or no scene; napari shows the sentence.
    """
    from napari_geolabel.imagery.opening import open_scene

    try:
        layer = scene_layer_data(open_scene(str(path)))
    except GeoLabelError as error:
        raise type(error)(plain_text(str(error))) from error  # napari shows it in a label that understands HTML
    attach_current_viewer()
    return [layer]

"""napari's reader for scenes: drag in a raster or a folder of bands, and it is one layer in its own pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.attach import attach_current_viewer
from napari_geolabel.viewer.notices import plain_text
from napari_geolabel.viewer.scene_layer import LayerData, scene_layer_data

ReadLayers = Callable[[str | Sequence[str]], list[LayerData]]

_SUFFIXES = {".tif", ".tiff", ".jp2", ".j2k", ".vrt"}
_ENVI_SUFFIXES = {".hdr", ".img", ".dat", ".bsq", ".bil", ".bip"}  # others use them too


def get_reader(path: str | Sequence[str]) -> ReadLayers | None:
    """Return what reads a path, None for what is no scene by its name (napari then asks others).

    Several paths, which napari gives when they are to be stacked, are the bands of one scene.
    """
    paths = [path] if isinstance(path, str | Path) else list(path)
    return read_scene if paths and all(_may_be_scene(Path(each)) for each in paths) else None


def _may_be_scene(path: Path) -> bool:
    """Return whether a path looks like a scene, by its name where names are clear, else by a glance at it."""
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES and not path.is_dir():
        return True
    if path.is_dir():
        from napari_geolabel.imagery.folders import has_rasters

        return has_rasters(path)
    if suffix in _ENVI_SUFFIXES:
        from napari_geolabel.imagery.drivers import data_of_header, envi_header

        return data_of_header(path) is not None or (path.is_file() and envi_header(path) is not None)
    return False


def read_scene(path: str | Sequence[str]) -> list[LayerData]:
    """Return the layer of a scene: of a file, a folder of bands, or several files.

    Raises
    ------
    GeoLabelError
        If the file is missing, unsafe or no scene; napari shows the sentence.
    """
    from napari_geolabel.imagery.opening import open_scene

    try:
        layer = scene_layer_data(open_scene(str(path) if isinstance(path, str | Path) else list(path)))
    except GeoLabelError as error:
        raise type(error)(plain_text(str(error))) from error  # napari shows it in a label that understands HTML
    attach_current_viewer()
    return [layer]

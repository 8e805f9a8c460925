"""Scenes: safe opening, bands by name, levels, composites, stretches, expressions, pictures.

Read ``scene.py`` first; ``source.py``, ``tiles.py`` and ``reader.py`` stand
below it.  Only ``reader.py`` holds dataset handles.  Importing this room does
not import rasterio.
"""

from napari_geolabel.imagery.bands import COMMON_NAMES, Band, BandSet
from napari_geolabel.imagery.composite import Composite, ResolvedComposite, resolve
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Stretch

__all__ = [
    "COMMON_NAMES",
    "Band",
    "BandSet",
    "Composite",
    "Level",
    "ResolvedComposite",
    "Scene",
    "Stretch",
    "open_scene",
    "resolve",
]

"""Scenes: safe opening, bands by name, levels, composites, stretches, expressions, pictures.

Read ``scene.py`` first; ``source.py``, ``tiles.py`` and ``reader.py`` stand
below it, ``picture.py`` and ``render.py`` above.  Only ``reader.py`` and
``reduced.py`` hold dataset handles.  Importing this room imports neither rasterio nor scipy.
"""

from napari_geolabel.imagery.bands import COMMON_NAMES, Band, BandSet
from napari_geolabel.imagery.colormaps import COLORMAPS, colormap
from napari_geolabel.imagery.composite import Composite, ResolvedComposite, resolve
from napari_geolabel.imagery.contact_sheet import contact_sheet
from napari_geolabel.imagery.evaluation import evaluate
from napari_geolabel.imagery.expression import parse_expression
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.picture import FloatLevel, Picture, PictureLevel, band_levels
from napari_geolabel.imagery.render import render, write_png
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.imagery.summary import summary

__all__ = [
    "COLORMAPS",
    "COMMON_NAMES",
    "Band",
    "BandSet",
    "Composite",
    "FloatLevel",
    "Level",
    "Picture",
    "PictureLevel",
    "ResolvedComposite",
    "Scene",
    "Stretch",
    "band_levels",
    "colormap",
    "contact_sheet",
    "evaluate",
    "open_scene",
    "parse_expression",
    "render",
    "resolve",
    "summary",
    "write_png",
]

"""Masks: rasters whose values are classes or instances, made from annotations and back.

Read ``mask.py`` for what a mask is, ``rasterize.py`` for polygons to pixels,
``polygonize.py`` for the exact inverse, and ``canvas.py`` for the mask that
is painted on.  All geometries are in pixel coordinates; see
:mod:`napari_geolabel.geo.grid`.
"""

from napari_geolabel.masks.canvas import MaskCanvas
from napari_geolabel.masks.flavours import rasterize_annotations, rasterize_geometries
from napari_geolabel.masks.mask import Flavour, Mask, MaskArray, MaskEntry, check_values, semantic_table, smallest_dtype
from napari_geolabel.masks.panoptic import split_panoptic
from napari_geolabel.masks.polygonize import trace
from napari_geolabel.masks.rasterize import burn
from napari_geolabel.masks.resample import resampled
from napari_geolabel.masks.rule import CENTRES, BurnRule, Order
from napari_geolabel.masks.statistics import Coverage, coverage, difference
from napari_geolabel.masks.watch import UNWATCHED, Progress, Watch

__all__ = [
    "CENTRES",
    "UNWATCHED",
    "BurnRule",
    "Coverage",
    "Flavour",
    "Mask",
    "MaskArray",
    "MaskCanvas",
    "MaskEntry",
    "Order",
    "Progress",
    "Watch",
    "burn",
    "check_values",
    "coverage",
    "difference",
    "rasterize_annotations",
    "rasterize_geometries",
    "resampled",
    "semantic_table",
    "smallest_dtype",
    "split_panoptic",
    "trace",
]

"""Annotations of a scene, their changes, and the store that all edits go through.

Read ``store.py`` first.
"""

from napari_geolabel.annotations.annotation import Annotation, Provenance, Source, Status
from napari_geolabel.annotations.change import TILE_PX, Change, Edit, TileEdit
from napari_geolabel.annotations.checks import check_annotation, check_annotations
from napari_geolabel.annotations.fixes import fix_problems
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.annotations.problems import Problem, find_problems
from napari_geolabel.annotations.shapes import SNAP_PX, check_geometry
from napari_geolabel.annotations.store import AnnotationStore

__all__ = [
    "SNAP_PX",
    "TILE_PX",
    "Annotation",
    "AnnotationStore",
    "Bounds",
    "Change",
    "Edit",
    "Problem",
    "Provenance",
    "Source",
    "Status",
    "TileEdit",
    "check_annotation",
    "check_annotations",
    "check_geometry",
    "find_problems",
    "fix_problems",
]

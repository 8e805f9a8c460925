"""The durable label file of a scene: a GeoPackage that any GIS opens, and in which nothing finished is ever lost.

Read ``label_file.py`` first.
"""

from napari_geolabel.labelfile.backups import pack
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labelfile.fingerprint import (
    Fingerprint,
    compare,
    default_label_path,
    find_scene,
    fingerprint_of,
)
from napari_geolabel.labelfile.journal import Journal
from napari_geolabel.labelfile.label_file import LabelFile
from napari_geolabel.labelfile.load import Contents
from napari_geolabel.labelfile.log import LogEntry, Version
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labelfile.status import Failed, Pending, Saved, Status

__all__ = [
    "Conflict",
    "Contents",
    "Draft",
    "Failed",
    "Fingerprint",
    "Journal",
    "LabelFile",
    "LogEntry",
    "Pending",
    "Saved",
    "Status",
    "Version",
    "compare",
    "default_label_path",
    "find_scene",
    "fingerprint_of",
    "pack",
]

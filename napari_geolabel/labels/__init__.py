"""Labels: a store with its scene and ontology, which scripts, command line and viewer all hold.

Read ``labels.py`` first.
"""

from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.opening import open_labels

__all__ = ["Labels", "open_labels"]

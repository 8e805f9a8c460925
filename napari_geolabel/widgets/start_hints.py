"""What the start panel says before labelling begins: which classes there are, and where the labels go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels.opening import own_label_path
from napari_geolabel.ontology.files import load_ontology
from napari_geolabel.viewer.reader import get_reader
from napari_geolabel.viewer.scene_layer import SCENE_KEY

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_NAMED = 6


def about_classes(ontology: str) -> str:
    """Return what the classes of a template or an ontology file are, and how to get others."""
    try:
        known = load_ontology(ontology)
    except GeoLabelError as error:
        return str(error)
    names = [each.name for each in known.classes if not each.archived]
    more = "" if len(names) <= _NAMED else f" and {len(names) - _NAMED} more"
    return f"{', '.join(names[:_NAMED])}{more}. Classes are changed and added while labelling: Alt+O."


def about_place(scene: Scene) -> str:
    """Return where the labels of a scene will be kept, or that there are some to go on with."""
    try:
        path = own_label_path(scene)
    except GeoLabelError as error:
        return str(error)
    if path.exists():
        return f"Goes on with the labels and the classes in {path.name}."
    is_beside = path.parent == scene.path.absolute().parent
    return f"Labels are saved at once, in {path.name} {'beside the scene' if is_beside else f'in {path.parent}'}."


def foreign_picture(viewer: ViewerModel) -> tuple[Layer, str] | None:
    """Return a layer that another reader made of a file that would open as a scene, with the path of the file."""
    for layer in viewer.layers:
        path = layer.source.path
        if SCENE_KEY not in layer.metadata and path and Path(path).exists() and get_reader(path) is not None:
            return layer, str(path)
    return None

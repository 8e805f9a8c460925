"""The command of napari's menu that goes on with a label file, wherever its scene is now."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.labels.relinking import find_scene_of, relink
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.preferences import load_preferences
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.file_link import close_labels
from napari_geolabel.widgets.labels_panel import ChoosePath

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.viewer.session import Session


def choose_label_file(parent: QWidget | None) -> str:
    """Ask for a label file to go on with."""
    return str(QFileDialog.getOpenFileName(parent, "Open a label file", "", "Label files (*.labels.gpkg)")[0])


def choose_its_scene(parent: QWidget | None) -> str:
    """Ask for the scene of a label file, which was not found."""
    return str(QFileDialog.getOpenFileName(parent, "Where is the scene of these labels?", "", "All files (*)")[0])


def open_label_file(viewer: Viewer) -> None:
    """Ask for a label file and go on labelling its scene, which may have moved."""
    path = choose_label_file(None)
    if path:
        go_on_with(viewer, path)


def go_on_with(viewer: Viewer, label_file: str | Path, choose_scene: ChoosePath = choose_its_scene) -> Session | None:
    """Start labelling with a label file; what cannot be is told.

    Parameters
    ----------
    viewer
        The viewer.
    label_file
        The label file.
    choose_scene
        Asks for the scene where it is not found.

    Returns
    -------
    Session or None
        None if the user gave up, or something prevented it.
    """
    try:
        scene_path = find_scene_of(label_file) or _asked_for(label_file, choose_scene)
        return None if scene_path is None else _start(viewer, Path(label_file), scene_path)
    except GeoLabelError as error:
        warn(str(error))
        return None


def _asked_for(label_file: str | Path, choose_scene: ChoosePath) -> Path | None:
    """Return the scene that the user names, tied to the label file; None if none was named."""
    tell(f"the scene of {Path(label_file).name} was not found; choose it")
    chosen = choose_scene(None)
    return relink(label_file, chosen).scene if chosen else None


def _start(viewer: Viewer, label_file: Path, scene_path: Path) -> Session:
    from napari_geolabel.imagery.opening import open_scene

    scene = open_scene(scene_path)
    try:
        labels = open_labels(label_file, scene=scene, annotator=load_preferences().annotator_name)
    except GeoLabelError:
        scene.close()
        raise
    try:
        session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    except GeoLabelError:
        labels.close()
        scene.close()
        raise
    session.closed.connect(partial(close_labels, labels))
    return session

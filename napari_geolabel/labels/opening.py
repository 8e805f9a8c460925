"""Opening labels: in memory, or in the label file of a scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_geolabel.errors import GeoLabelError, OntologyError, WriteError
from napari_geolabel.labelfile.fingerprint import SUFFIX, default_label_path, fingerprint_of, refuge_of
from napari_geolabel.labelfile.label_file import LabelFile
from napari_geolabel.labels.label_files import ontology_of
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.painting import require_same_paint
from napari_geolabel.labels.relinking import find_label_file
from napari_geolabel.labels.sensor_memory import as_labelled, sensor_id
from napari_geolabel.ontology.files import load_ontology
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.samples import is_sample

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene


def open_labels(
    path: str | Path | None = None,
    *,
    scene: Scene,
    ontology: Ontology | str | Path | None = None,
    mode: Literal["rw", "r"] = "rw",
    annotator: str | None = None,
) -> Labels:
    """Open or make the label file of a scene; without a path start labels in memory.

    Parameters
    ----------
    path
        The label file, usually ``<scene>.labels.gpkg``; every change is
        written there as it is made.  None keeps labels in memory.
    scene
        The scene that is labelled.  Where its label file remembers another
        sensor than the file tells now, `Labels.scene` is read by that one.
    ontology
        An ontology, the name of a template (``"maritime"``) or an ontology
        file; None takes the label file's own.
    mode
        ``"r"`` reads the label file and changes nothing.
    annotator
        Who works, for the log.

    Returns
    -------
    Labels
        What happened on opening stands in `Labels.notes`; close them when done.

    Raises
    ------
    OntologyError
        If no ontology is known, or it refuses labels that are there, or painted values have other classes in it.
    MissingFileError
        If a label file that is to be read does not exist.
    FormatError, UnsafeFileError
        If the file is no label file, of a newer version, or not safe.
    WriteError
        If the disk or another session prevents it.
    """
    known = ontology if isinstance(ontology, Ontology) or ontology is None else load_ontology(ontology)
    if path is None:
        if known is None:
            raise OntologyError("labels in memory need an ontology; name one, such as ontology='maritime'")
        return Labels(scene, known)
    scene, notes = as_labelled(scene, Path(path))
    file = _open_file(Path(path), scene, known, mode, annotator)
    try:
        labels = Labels(scene, file.ontology, file)
        if mode == "r":
            _require_paint_as_kept(labels)
            labels.store.refusal = WriteError(
                f"{file.path} was opened for reading; open it with mode='rw' to change it"
            )
        elif known is not None and known.sha256 != file.ontology.sha256:
            labels.use_ontology(known)
    except GeoLabelError:
        file.discard()
        raise
    for sentence in notes:
        labels.note(sentence)
    return labels


def _require_paint_as_kept(labels: Labels) -> None:
    """Refuse to read paint by another ontology than the label file's own, if values mean something else there."""
    if labels.path is None or not labels.is_painted:
        return
    try:
        own = ontology_of(labels.path)
    except OntologyError:  # it cannot be read, so that the one that was named is all that is known
        return
    require_same_paint(labels.canvas, own, labels.ontology)


def open_scene_labels(
    scene: Scene,
    ontology: Ontology | str | Path,
    *,
    path: str | Path | None = None,
    annotator: str | None = None,
    mode: Literal["rw", "r"] = "rw",
) -> Labels:
    """Go on with the label file that belongs to a scene, or make it.

    Parameters
    ----------
    scene
        The scene that is labelled.
    ontology
        What a new label file begins with.  A file that exists keeps its own,
        unless this is the same one with all its classes and more.
    path
        The label file; None takes `own_label_path`.
    annotator
        Who works, for the log.
    mode
        ``"r"`` reads a label file that exists and changes nothing.
    """
    if mode == "r":
        return open_labels(own_label_path(scene) if path is None else path, scene=scene, mode="r")
    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    where, notes = find_label_file(scene, own_label_path(scene)) if path is None else (Path(path), [])
    try:
        labels = open_labels(where, scene=scene, annotator=annotator)
    except OntologyError:  # there is none yet, or its ontology cannot be read
        if not where.exists():
            return open_labels(where, scene=scene, ontology=known, annotator=annotator)
        notes += _put_right(where, scene, known)
        labels = open_labels(where, scene=scene, annotator=annotator)
    for sentence in notes:
        labels.note(sentence)
    own = labels.ontology
    if known.id != own.id:
        labels.note(f"{where.name} goes on with its own ontology {own.name}, not with {known.name}")
    elif known.sha256 != own.sha256 and all(label_class.id in known for label_class in own.classes):
        try:
            labels.use_ontology(known)
        except GeoLabelError as error:
            labels.note(f"{where.name} goes on with its own ontology: {error}")
    return labels


def _put_right(path: Path, scene: Scene, ontology: Ontology) -> tuple[str, ...]:
    """Make a damaged label file sound around an ontology in the place of its own; return what happened."""
    file = _open_file(path, scene, ontology, "rw", None)
    file.close()
    return file.notes


def own_label_path(scene: Scene) -> Path:
    """Return where the label file of a scene lies: ``<scene>.labels.gpkg`` beside it.

    Where that folder cannot be written, holds the samples of this package, or
    is on the network, it is in the user's state folder, which is made.
    """
    if scene.url is not None:
        path = refuge_of(Path("/", *scene.path.with_name(scene.path.stem + SUFFIX).parts))
    else:
        beside = default_label_path(scene.path)
        path = refuge_of(beside) if is_sample(scene.path) else beside
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path.parent} cannot be made ({error.strerror}); choose a place for the labels") from error
    return path


def _open_file(
    path: Path, scene: Scene, ontology: Ontology | None, mode: Literal["rw", "r"], annotator: str | None
) -> LabelFile:
    """Open a label file; one that exists with its own ontology, so that another one is checked before it is taken."""
    is_file = scene.url is None and scene.path.is_file()
    fingerprint = replace(fingerprint_of(scene.path), sensor=sensor_id(scene)) if is_file else None
    if mode == "r":
        return LabelFile.open(path, grid=scene.grid, ontology=ontology, mode="r")
    try:
        return LabelFile.open(path, grid=scene.grid, fingerprint=fingerprint, annotator=annotator)
    except OntologyError:
        if ontology is None:
            raise
    return LabelFile.open(path, grid=scene.grid, ontology=ontology, fingerprint=fingerprint, annotator=annotator)

"""Scenes and their label files find each other again when one of them was moved or renamed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_geolabel.errors import GeoLabelError, MissingFileError, SceneError, require_word
from napari_geolabel.files import require_file
from napari_geolabel.labelfile.fingerprint import (
    SUFFIX,
    Fingerprint,
    SceneState,
    compare,
    find_scene,
    fingerprint_of,
    is_scene,
    refuge_of,
    state_folder,
)
from napari_geolabel.labelfile.label_file import LabelFile
from napari_geolabel.labels.label_files import stored_scene
from napari_geolabel.samples import is_sample

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

Accept = Literal["same", "changed"]
"""Which scenes a label file may be tied to: the one it knows, or any, since that was edited or replaced."""


@dataclass(frozen=True, kw_only=True)
class Relinked:
    """What became of a label file that was tied to its scene again."""

    scene: Path
    """Where the scene lies."""
    state: SceneState
    """Whether it is the scene that the label file knows: ``same``, ``moved``, ``changed`` or ``unknown``."""
    notes: tuple[str, ...]
    """What happened to labels and mask, for the user."""


def find_scene_of(label_file: str | Path, folders: Iterable[str | Path] = ()) -> Path | None:
    """Return where the scene of a label file lies now, None where it is not found.

    It is told by its fingerprint, wherever and under whatever name it lies: at
    the place that the label file remembers, relative to itself or absolute,
    in its own folder, or anywhere below ``folders``.

    Raises
    ------
    MissingFileError, FormatError, UnsafeFileError
        If there is no such label file.
    """
    path = require_file(label_file)
    stored = stored_scene(path)
    if stored.fingerprint is None:
        return None
    found = find_scene(stored.fingerprint, path.absolute().parent, stored.uri_rel)
    if found is not None:
        return Path(os.path.normpath(found))
    return next(_below(folders, stored.fingerprint), None)


def relink(
    label_file: str | Path,
    scene: str | Path | None = None,
    *,
    folders: Iterable[str | Path] = (),
    accept: Accept = "same",
) -> Relinked:
    """Tie a label file to its scene, which was moved or renamed.

    Parameters
    ----------
    label_file
        The label file.
    scene
        Where the scene lies now; None looks for it (`find_scene_of`).
    folders
        Where to look for it, with all folders in them.
    accept
        ``"same"`` takes only the scene that was labelled, told by its
        fingerprint; ``"changed"`` takes any, whose grid the labels then lie on.

    Raises
    ------
    MissingFileError
        If the scene is not found.
    SceneError
        If the scene that was named is not the one that was labelled, or ``accept`` is another word.
    """
    from napari_geolabel.imagery.opening import open_scene

    require_word(accept, Accept, "no choice of a scene", SceneError)
    path = require_file(label_file)
    found = find_scene_of(path, folders) if scene is None else require_file(scene)
    known = stored_scene(path).fingerprint
    if found is None:
        was = "" if known is None or known.path is None else f", which was {known.path},"
        raise MissingFileError(f"the scene of {path.name}{was} was not found; name it, or a folder to look in")
    print_ = replace(fingerprint_of(found), sensor=None if known is None else known.sensor)
    state = compare(known, print_)
    if state == "changed" and accept == "same":
        raise SceneError(
            f"{found} is not the scene that {path.name} was made for; name that one, or tie it to this one on purpose "
            "(accept='changed', --force)"
        )
    with open_scene(found) as opened, LabelFile.open(path, grid=opened.grid, fingerprint=print_) as file:
        notes = file.notes
    return Relinked(scene=found, state=state, notes=notes)


def find_label_file(scene: Scene, path: Path) -> tuple[Path, list[str]]:
    """Return the label file to go on with, and a sentence where it is not the one at ``path``.

    Parameters
    ----------
    scene
        A scene that is about to be labelled.
    path
        Where its label file would be made.  If there is none, label files
        beside the scene and in the user's state folder are looked at: the one
        that was kept there while the scene's folder could not be written, or
        one of the same scene under the name that it had before.
    """
    if path.exists() or scene.url is not None or not scene.path.is_file():
        return path, []
    beside = scene.path.absolute().with_name(scene.path.stem + SUFFIX)
    if path != beside and beside.exists() and not is_sample(scene.path):
        return beside, []  # it cannot be written, so that opening it copies it and says where to
    refuge = refuge_of(beside)
    if refuge.exists():
        return refuge, [f"the labels of {scene.name} are gone on with in {refuge}, where they were kept before"]
    own = fingerprint_of(scene.path)
    for candidate in _candidates(scene.path.absolute().parent):
        known = _fingerprint_in(candidate)
        if known is None or not known.same_scene(own) or known.path is None:
            continue
        if known.path == own.path:
            return candidate, []
        if not Path(known.path).exists():  # else this scene is a copy, which gets labels of its own
            was = Path(known.path).name
            return candidate, [f"{scene.path.name} was {was} when it was labelled; its labels are in {candidate}"]
    return path, []


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield label files that may be of a scene in a folder, the newest first."""
    found = [*folder.glob(f"*{SUFFIX}"), *(state_folder() / "labels").glob(f"*{SUFFIX}")]
    dated = [(changed, path) for path in found if (changed := _changed(path)) is not None]
    yield from (path for _, path in sorted(dated, reverse=True))


def _changed(path: Path) -> float | None:
    """Return when a file was changed, None for a link to nowhere and what another program has just removed."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _fingerprint_in(path: Path) -> Fingerprint | None:
    """Return the fingerprint of the scene that a label file knows, None where it cannot be read."""
    try:
        return stored_scene(path).fingerprint
    except GeoLabelError:
        return None


def _below(folders: Iterable[str | Path], known: Fingerprint) -> Iterator[Path]:
    """Yield the files in folders, and all folders in them, that are a scene."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise MissingFileError(f"{folder} is not a folder; name one to look for the scene in")
        for where, _, names in os.walk(folder):
            for name in sorted(names):
                path = Path(where) / name
                if is_scene(path, known):
                    yield path

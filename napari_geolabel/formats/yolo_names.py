"""The class names of a YOLO data set, and where its files lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from napari_geolabel.errors import FormatError
from napari_geolabel.files import atomic_write, digest_of, require_written
from napari_geolabel.formats.texts import read_text
from napari_geolabel.ontology import Ontology

Task = Literal["detect", "segment", "obb"]
"""What the lines of a data set mean, in the words of Ultralytics."""

_YAML = ("data.yaml", "data.yml", "dataset.yaml")
_LISTS = ("classes.txt", "obj.names")
_SPLITS = ("train", "val", "valid", "test")
_LEVELS = 3
_MAX_BYTES = 2**20
_LONGEST = 1000  # highest class number of a list of names


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a data set says of its classes."""

    names: Mapping[int, str] = field(default_factory=dict)
    """Class numbers and names."""
    task: Task | None = None
    """None where the data set does not say."""
    pose: int = 0
    """How many numbers of keypoints follow a box."""
    notes: tuple[str, ...] = ()
    """What the user should know."""

    def word(self, number: int) -> str:
        """Return a class's name, else its number."""
        return self.names.get(number, str(number))


def names_file(path: Path) -> Path | None:
    """Return the file that names the classes of a file of labels: the nearest, in its folder or the three above it."""
    places = (folder / name for folder in path.absolute().parents[: _LEVELS + 1] for name in (*_YAML, *_LISTS))
    return next((place for place in places if place.is_file()), None)


def find_names(path: Path) -> Names:
    """Return the class names that belong to a file of labels, see `names_file`."""
    found = names_file(path)
    if found is None:
        return Names(
            notes=(f"no data.yaml or classes.txt near {path.name} names its classes, so they are called by number",)
        )
    return _from_yaml(_load(found), found) if found.name in _YAML else Names(names=_from_list(found))


def grow_names(path: Path, ontology: Ontology, task: Task) -> dict[str, int]:
    """Return the number of each class in a ``data.yaml``, which is made, or gets the classes that it lacks.

    Numbers that are there never change, so that the labels of other images
    keep their classes; a new file takes those of a list in its folder.

    Raises
    ------
    FormatError
        If the file cannot be understood, or is of another task.
    WriteError
        If it cannot be written.
    """
    document = _load(path) if path.is_file() else {"train": "images", "val": "images", **_listed_beside(path)}
    found = _from_yaml(document, path)
    if found.task is not None and found.task != task:
        raise FormatError(f"{path.name} is of the task {found.task} and not {task}; choose another folder")
    known = {word.casefold(): number for number, word in reversed(list(found.names.items()))}
    names, numbers = dict(found.names), {}
    for cls in ontology.classes:
        number = known.get(cls.id.casefold(), known.get(cls.name.casefold()))
        if number is None:
            number = max(names, default=-1) + 1
            names[number] = cls.id
        numbers[cls.id] = number
    grown = {**document, "task": task, "nc": max(names, default=-1) + 1, "names": dict(sorted(names.items()))}
    if grown != document:
        with atomic_write(path) as temporary:
            temporary.write_text(yaml.safe_dump(grown, sort_keys=False, allow_unicode=True), encoding="utf-8")
            require_written(temporary, digest_of(temporary), path.name)
    return numbers


def names_path(path: Path) -> Path:
    """Return the ``data.yaml`` that names, or will name, the classes of a file of labels.

    It is the file that names them already, see `names_file`; ``data.yaml``
    beside it where that is a list; else ``data.yaml`` beside the folder
    ``labels``, or beside the file itself.
    """
    folders = path.absolute().parents
    inner = next((folder for folder in folders[:2] if folder.name == "labels"), None)
    root = folders[0] if inner is None else inner.parent
    found = names_file(path)
    if found is None or (root.is_relative_to(found.parent) and root != found.parent and not _rules(found, inner)):
        return root / _YAML[0]
    return found if found.name in _YAML else found.with_name(_YAML[0])


def _rules(found: Path, inner: Path | None) -> bool:
    """Return whether class names above a data set are those of its labels.

    They are not where the folder ``labels`` is new, so that a data set may
    be made anywhere, nor where a file is called ``data.yaml`` by chance.
    """
    is_new = inner is not None and inner.parent.name not in _SPLITS and not any(inner.rglob("*.txt"))
    return not is_new and (found.name in _LISTS or _holds_names(found))


def _holds_names(path: Path) -> bool:
    try:
        return "names" in _load(path)
    except FormatError:
        return False


def place(path: Path, stem: str) -> Path:
    """Return the labels of an image in a data set of which only ``data.yaml`` is named."""
    if path.suffix.lower() not in {".yaml", ".yml"}:
        return path
    folder, name = path.parent, f"{stem}.txt"
    plain = folder / "labels" / name
    inner = [folder / "labels" / split / name for split in _SPLITS]
    outer = [folder / split / "labels" / name for split in _SPLITS]
    return next((each for each in (plain, *inner, *outer) if each.is_file()), plain)


def _from_yaml(document: Mapping[str, Any], path: Path) -> Names:
    """Return what a ``data.yaml`` says; ``names`` is a list or a mapping of numbers."""
    given = document.get("names", {})
    pairs = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else None
    task, pose = document.get("task"), document.get("kpt_shape")
    if pairs is None:
        raise FormatError(f"{path.name} has names that are neither a list nor a mapping; correct them")
    names = {number: str(name).strip() for number, name in pairs if type(number) is int and 0 <= number <= _LONGEST}
    if len(names) != len(given):
        raise FormatError(f"{path.name} has a class whose number is none from 0 to {_LONGEST}; correct its names")
    counts = (
        pose if isinstance(pose, list) and len(pose) == 2 and all(type(n) is int and n > 0 for n in pose) else [0, 0]
    )
    notes = ("the keypoints of the boxes were left out",) if counts[0] else ()
    known: Task | None = task if isinstance(task, str) and task in get_args(Task) else None  # type: ignore[assignment]
    return Names(names=names, task=known, pose=min(counts[0] * counts[1], 10_000), notes=notes)


def _from_list(path: Path) -> dict[int, str]:
    """Return the classes of a list, one a line; empty lines count, and name none."""
    return {number: word.strip() for number, word in enumerate(_small_text(path).splitlines()) if word.strip()}


def _listed_beside(path: Path) -> dict[str, dict[int, str]]:
    """Return the names that a new ``data.yaml`` begins with: those of a list in its folder."""
    found = next((path.with_name(name) for name in _LISTS if path.with_name(name).is_file()), None)
    return {} if found is None else {"names": _from_list(found)}


def _load(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(_small_text(path))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{path.name} is not YAML; correct it or remove it") from error
    if not isinstance(document, dict):
        raise FormatError(f"{path.name} holds no mapping with the names of classes; correct it or remove it")
    return document


def _small_text(path: Path) -> str:
    if path.stat().st_size > _MAX_BYTES:
        raise FormatError(f"{path.name} is too large for a list of class names; remove it")
    return read_text(path).decode()

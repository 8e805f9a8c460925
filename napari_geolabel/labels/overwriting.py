"""What stands between an export and the file that it replaces: a count that must not collapse, and a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_geolabel.errors import FewerLabelsError, WriteError, require_word
from napari_geolabel.file_backups import keep_backup
from napari_geolabel.files import expanded
from napari_geolabel.formats.counting import count_labels
from napari_geolabel.formats.registry import FORMATS, Format, recognised, same_suffix
from napari_geolabel.labelfile.fingerprint import SUFFIX

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

Overwrite = Literal["never", "careful", "always"]
"""What to do where a file stands already: refuse, refuse only what `is_collapse` says, or replace it."""

FEWER_BY = 10
"""How many labels must be missing at least before anybody is asked."""


def is_collapse(before: int, after: int) -> bool:
    """Return whether a file would lose so many labels that it looks like a mistake.

    That is fewer than half of what it holds, and at least `FEWER_BY` fewer.
    """
    return 2 * after < before and before - after >= FEWER_BY


def make_way(path: Path, form: Format, count: int, overwrite: Overwrite) -> None:
    """Refuse to replace a file, or keep a backup of it and of what belongs to it.

    Parameters
    ----------
    path
        Where labels are about to be written.
    form
        The format that they get.
    count
        How many there are: features, or labelled pixels of a mask.
    overwrite
        What was asked for.

    Raises
    ------
    FewerLabelsError
        If the file would lose far too many labels.
    WriteError
        If the file must not be replaced, no backup can be kept, or there is no such way to overwrite.
    """
    _require_overwrite(overwrite)
    path = expanded(path)
    if not path.is_file():
        return  # nothing is lost; what cannot be replaced, such as a folder, is refused on writing
    require_no_label_file(path)
    _require_leave(path, overwrite)
    if overwrite == "careful":
        held = count_labels(path, recognised(path, [form, *same_suffix(path)]))
        if held is not None and is_collapse(held, count):
            what = "labelled pixels" if form.content == "mask" else "annotations"
            raise FewerLabelsError(_refusal(path, held, count, what))
    keep_backup(path, form.files_beside(path))


def make_way_for_label_file(path: Path, count: int, overwrite: Overwrite) -> None:
    """Refuse to replace a label file, or keep a backup of it; see `make_way`."""
    _require_overwrite(overwrite)
    path = expanded(path)
    if not path.is_file():
        return
    _require_leave(path, overwrite)
    if overwrite == "careful":
        held = count_labels(path, FORMATS["gpkg"])
        if held is not None and is_collapse(held, count):
            raise FewerLabelsError(_refusal(path, held, count, "annotations"))
    keep_backup(path)


def require_no_label_file(path: Path, own: Path | None = None) -> None:
    """Refuse to write over a label file: any that has the name of one, and the labels' own under every name.

    Raises
    ------
    WriteError
        If that is what the path means.
    """
    target = expanded(path)
    is_own = own is not None and target.exists() and own.exists() and target.samefile(own)
    if is_own or (target.exists() and target.name.lower().endswith(SUFFIX)):
        raise WriteError(f"{target.name} is a label file, which an export would destroy; choose another name")


def require_not_scene(path: Path, scene: Scene) -> None:
    """Refuse to write over a file that the scene itself consists of.

    Raises
    ------
    WriteError
        If that is what the path means.
    """
    target = expanded(path)
    if target.is_file() and any(own.is_file() and target.samefile(own) for own in scene.paths):
        raise WriteError(f"{target.name} is the scene itself, which an export would destroy; choose another name")


def _require_overwrite(overwrite: Overwrite) -> None:
    require_word(overwrite, Overwrite, "no way to overwrite", WriteError)


def _require_leave(path: Path, overwrite: Overwrite) -> None:
    if overwrite == "never":
        raise WriteError(f"{path} exists already; choose another name")


def _refusal(path: Path, held: int, count: int, what: str) -> str:
    return (
        f"{path.name} holds {held} {what} and would hold {count}; choose another name, or replace it on purpose "
        "(overwrite='always', --force)"
    )

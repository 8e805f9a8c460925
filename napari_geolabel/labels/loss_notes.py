"""What an export could not hold, named in a file beside it, so that whoever gets the file knows it too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.files import atomic_write, expanded

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.formats.format import Format
    from napari_geolabel.ontology.model import Ontology

SUFFIX = ".losses.json"
"""What the name of an export gets to be that of its losses."""
_KEY = "not_held"


def note_path(path: str | Path) -> Path:
    """Return where the losses of an export stand."""
    whole = expanded(path)
    return whole.with_name(whole.name + SUFFIX)


def write_note(path: str | Path, form: Format, ontology: Ontology, losses: Sequence[str]) -> Path | None:
    """Name what a file does not hold in a file beside it; without losses remove what was said of an earlier one.

    Returns
    -------
    Path or None
        Where it stands, None where nothing was lost.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    note = note_path(path)
    if not losses:
        if is_note(note):
            note.unlink()
        return None
    about = {"file": Path(path).name, "format": form.id, "ontology": dict(ontology.stamp), _KEY: list(losses)}
    with atomic_write(note) as temporary:
        temporary.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return note


def losses_noted(path: str | Path) -> list[str]:
    """Return what the note beside a file says that the file does not hold."""
    note = note_path(path)
    return [str(each) for each in _content(note)[_KEY]] if is_note(note) else []


def is_note(note: Path) -> bool:
    """Return whether a file is a note of ours."""
    found = _content(note)
    return isinstance(found, dict) and isinstance(found.get(_KEY), list)


def left_out_of_mask(
    annotations: Sequence[Annotation], ontology: Ontology, *, instances: bool = False
) -> Iterator[str]:
    """Yield which annotations a mask does not have: rejected ones, and those of classes without a value.

    Masks of instances number annotations, so that their classes need none.
    """
    drawn = [annotation for annotation in annotations if annotation.status is not Status.REJECTED]
    if len(drawn) < len(annotations):
        yield f"{len(annotations) - len(drawn)} rejected annotations are left out"
    if instances:
        return
    for class_id, count in Counter(annotation.class_id for annotation in drawn).items():
        if ontology[class_id].mask_value is None:
            yield f"{count} annotations of {class_id} are left out, which has no mask_value in the ontology"


def told(losses: Sequence[str]) -> list[str]:
    """Return sentences for the user: what is not held, and where that is said too."""
    return [*losses, *noted(losses)]


def noted(losses: Sequence[str]) -> list[str]:
    """Return a sentence that says where losses are named, if there are any."""
    return [f"this is named beside the file too ({SUFFIX})"] if losses else []


def _content(note: Path) -> Any:  # noqa: ANN401  (any JSON)
    """Return what a small JSON file holds, None for anything else."""
    if not note.is_file() or note.stat().st_size > 2**20:
        return None
    try:
        return json.loads(note.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None

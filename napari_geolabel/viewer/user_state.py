"""Small things that a person's bench remembers from session to session, for each ontology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write

_REMEMBERED_ONTOLOGIES = 100


def state_path(name: str) -> Path:
    """Return the file that keeps something, by ontology; there may be none yet."""
    from platformdirs import user_state_path

    return user_state_path("napari-geolabel", appauthor=False) / f"{name}.json"


def recall(name: str, ontology_id: str) -> dict[str, Any]:
    """Return what is kept under a name for an ontology; nothing where the file is damaged."""
    return _load(state_path(name)).get(ontology_id, {})


def remember(name: str, ontology_id: str, what: dict[str, Any]) -> None:
    """Keep something for the next session with an ontology, nothing for an empty one; of old ontologies the oldest go.

    Raises
    ------
    WriteError
        If the folder of the user's state cannot be written.
    """
    path = state_path(name)
    kept = _load(path)
    kept.pop(ontology_id, None)
    if what:
        kept[ontology_id] = what
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path.parent} cannot be made ({error.strerror}); {name} are not remembered") from error
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(dict(list(kept.items())[-_REMEMBERED_ONTOLOGIES:])), "utf-8")


def texts(value: object) -> list[str]:
    """Return the texts of a list, nothing for what is none."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _load(path: Path) -> dict[str, dict[str, Any]]:
    """Return what is kept, by ontology."""
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in kept.items() if isinstance(v, dict)} if isinstance(kept, dict) else {}

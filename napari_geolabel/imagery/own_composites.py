"""The composites and favourites that a person keeps, and the stretches that they gave to scenes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from napari_geolabel.errors import CompositeError, WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.composite_files import (
    CompositeFile,
    read_composites,
    stretch_from,
    stretch_to,
    write_composites,
)
from napari_geolabel.imagery.stretch import Stretch

_REMEMBERED_SCENES = 500


def own_path() -> Path:
    """Return the file of the user's composites; there may be none yet."""
    from platformdirs import user_config_path

    return user_config_path("napari-geolabel", appauthor=False) / "composites.toml"


def stretches_path() -> Path:
    """Return the file of the stretches that were given to scenes; there may be none yet."""
    from platformdirs import user_state_path

    return user_state_path("napari-geolabel", appauthor=False) / "stretches.json"


def load_own() -> CompositeFile:
    """Return the user's composites and favourites, none where nothing is kept.

    Raises
    ------
    CompositeError
        If the file is damaged.
    """
    path = own_path()
    return read_composites(path) if path.is_file() else CompositeFile()


def save_own(composites: Iterable[Composite], favourites: Sequence[str]) -> None:
    """Keep the user's composites and favourites.

    Raises
    ------
    WriteError
        If the folder of the user's settings cannot be written.
    """
    path = own_path()
    _make_folder(path.parent)
    write_composites(path, composites, favourites=favourites)


def remembered_stretches(scene_path: Path) -> dict[str, Stretch]:
    """Return the stretches that were given to composites of a scene, id of the composite → stretch."""
    found = {}
    for id_, plain in _load_stretches().get(_scene_key(scene_path), {}).items():
        try:
            view = plain.pop("view", None)
            found[id_] = stretch_from(plain).within(None if view is None else (view[0], view[1], view[2], view[3]))
        except (CompositeError, AttributeError, TypeError, IndexError, KeyError):
            continue  # written by another release, or by hand: the stretch is that of the composite again
    return found


def remember_stretches(scene_path: Path, stretches: Mapping[str, Stretch]) -> None:
    """Keep the stretches of a scene's composites in the place of those that were kept; of old scenes the oldest go.

    Raises
    ------
    WriteError
        If the folder of the user's state cannot be written.
    """
    kept = _load_stretches()
    key = _scene_key(scene_path)
    kept.pop(key, None)
    if stretches:
        kept[key] = {id_: _plain(stretch) for id_, stretch in stretches.items()}
    path = stretches_path()
    _make_folder(path.parent)
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(dict(list(kept.items())[-_REMEMBERED_SCENES:])), "utf-8")


def _plain(stretch: Stretch) -> dict[str, Any]:
    plain = stretch_to(stretch)
    return plain if stretch.view is None else {**plain, "view": list(stretch.view)}


def _load_stretches() -> dict[str, dict[str, Any]]:
    """Return all stretches that are kept, scene → composite → plain values; none where the file is damaged."""
    try:
        kept = json.loads(stretches_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {scene: plain for scene, plain in kept.items() if isinstance(plain, dict)}


def _scene_key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(str(path.absolute()))).hexdigest()[:32]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be made ({error.strerror}); nothing is kept for the next time") from error

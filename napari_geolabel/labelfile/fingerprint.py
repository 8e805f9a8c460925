"""Which scene a label file belongs to, wherever the scene has moved, and where its label file lies.

A fingerprint is a few reads, not the whole file: size, and a hash of the
first and last 64 KiB.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from napari_geolabel.files import require_file
from napari_geolabel.labelfile.rows import from_json, to_json

SUFFIX = ".labels.gpkg"
"""What a label file's name ends in, after the scene's."""

_BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What tells one scene file from another."""

    size: int
    """Bytes of the file."""
    head: str
    """BLAKE2b of the first 64 KiB, hexadecimal: in a GeoTIFF the shape, corner and CRS stand there or at the end."""
    tail: str
    """BLAKE2b of the last 64 KiB."""
    path: str | None = None
    """Absolute path when it was taken; not part of what is compared."""
    sensor: str | None = None
    """Id of the sensor that its bands were read by, ``"none"`` for none, None where unknown; not compared."""

    def same_scene(self, other: Fingerprint) -> bool:
        """Return whether two fingerprints are of the same bytes, wherever they lie."""
        return (self.size, self.head, self.tail) == (other.size, other.head, other.tail)

    def to_json(self) -> str:
        """Return the fingerprint as JSON."""
        return to_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Fingerprint:
        """Return the fingerprint of :meth:`to_json`."""
        values: dict[str, Any] = from_json(text)
        return cls(**values)


SceneState = Literal["same", "moved", "changed", "unknown"]


def fingerprint_of(scene_path: str | Path) -> Fingerprint:
    """Return the fingerprint of a scene file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    """
    path = require_file(scene_path)
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_BLOCK_BYTES)
        file.seek(max(0, size - _BLOCK_BYTES))
        tail = file.read(_BLOCK_BYTES)
    digests = (hashlib.blake2b(block, digest_size=16).hexdigest() for block in (head, tail))
    return Fingerprint(size=size, head=next(digests), tail=next(digests), path=str(path.absolute()))


def default_label_path(scene_path: str | Path) -> Path:
    """Return where the label file of a scene lies: ``<scene>.labels.gpkg`` beside it.

    Where that folder cannot be written, it is a file of the same name in the
    user's state folder, told apart from scenes of that name in other folders
    by a hash of the path.
    """
    scene = Path(scene_path).absolute()
    beside = scene.with_name(scene.stem + SUFFIX)
    # an existing file that cannot be written is dealt with where the folder cannot be either
    writable = os.access(beside.parent, os.W_OK) and (not beside.exists() or os.access(beside, os.W_OK))
    return beside if writable else refuge_of(beside)


def refuge_of(label_path: Path) -> Path:
    """Return where a label file goes whose own folder cannot be written."""
    digest = hashlib.blake2b(str(label_path.absolute()).encode(), digest_size=4).hexdigest()
    stem = label_path.name.removesuffix(SUFFIX)
    return state_folder() / "labels" / f"{stem}-{digest}{SUFFIX}"


def state_folder() -> Path:
    """Return the folder for what must not be lost and belongs to no scene's folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("napari-geolabel", appauthor=False))


def find_scene(known: Fingerprint, folder: Path, relative: str | None) -> Path | None:
    """Return where a scene lies now: at its path relative to the label file, or elsewhere in that folder.

    Parameters
    ----------
    known
        The scene's fingerprint.
    folder
        Folder of the label file.
    relative
        The path from there, as the label file remembers it.
    """
    candidates = [folder / relative] if relative else []
    candidates += [Path(known.path)] if known.path else []
    for candidate in [*candidates, *_files_of_size(folder, known.size)]:
        if is_scene(candidate, known):
            return candidate
    return None


def is_scene(path: Path, known: Fingerprint) -> bool:
    """Return whether a file is the scene of a fingerprint; one that cannot be looked at is not."""
    try:
        has_size = path.is_file() and path.stat().st_size == known.size
        return has_size and fingerprint_of(path).same_scene(known)
    except OSError:  # in a folder of somebody else's, or under a name that this disk cannot have
        return False


def compare(known: Fingerprint | None, found: Fingerprint | None) -> SceneState:
    """Return what became of the scene since the label file saw it last."""
    if known is None or found is None:
        return "unknown"
    if not known.same_scene(found):
        return "changed"
    return "same" if known.path == found.path else "moved"


def _files_of_size(folder: Path, size: int) -> list[Path]:
    """Return the files of a folder that have a size."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(e.path) for e in entries if e.is_file() and e.stat().st_size == size)
    except OSError:  # a folder that is gone or nobody may look into
        return []

"""Numbered copies of files that are about to be replaced.

What stands at a path is kept in ``.backups/<name>/1`` beside it, and what was
in ``1`` before moves on to ``2``, up to five.  A copy has all files that
belong together, under their own names, so that any program opens it there.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

from napari_geolabel.errors import WriteError
from napari_geolabel.files import expanded, sync

FOLDER = ".backups"
"""Name of the folder beside a file that holds its copies."""
KEPT = 5
"""How many copies are kept."""

_MAKING, _LEAVING = ".making-", ".leaving-"
_STALE_SECONDS = 3600.0


def keep_backup(path: str | Path, sidecars: Iterable[Path] = ()) -> Path | None:
    """Keep what stands at a path, before something else takes its place.

    Call it again after a failure as often as you like: what is kept already
    is not kept twice.

    Parameters
    ----------
    path
        A file, or a folder that is one output.  A link is followed.
    sidecars
        Files that belong to it; those that exist are kept too.

    Returns
    -------
    pathlib.Path or None
        The folder of the newest copy; None if nothing stands at the path.

    Raises
    ------
    WriteError
        If the copy cannot be kept; then nothing must be replaced.
    """
    target = _real(path)
    if not target.exists():
        return None
    members = [target, *(sidecar for sidecar in sidecars if sidecar.exists())]
    shelf = _shelf(target)
    newest = shelf / "1"
    if _holds(newest, members):
        return newest
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        _sweep(shelf)
        making = Path(mkdtemp(prefix=_MAKING, dir=shelf))
        making.chmod(shelf.stat().st_mode)  # mkdtemp's are private; a copy is as open as the folder that it is in
        for member in members:
            _copy(member, making / member.name)
        _make_room(shelf)
        making.rename(newest)
        sync(shelf)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(
            f"{target} was not replaced, since no backup of it can be kept in {shelf.parent} ({reason}); "
            "make room, or choose another name"
        ) from error
    return newest


def backups_of(path: str | Path) -> list[Path]:
    """Return the folders that hold copies of what stood at a path, newest first."""
    shelf = _shelf(_real(path))
    return [folder for number in range(1, KEPT + 1) if (folder := shelf / str(number)).is_dir()]


def _real(path: str | Path) -> Path:
    """Return the file that a path stands for."""
    found = expanded(path)
    return found.resolve() if found.is_symlink() else found


def _shelf(target: Path) -> Path:
    return target.parent / FOLDER / target.name


def _holds(folder: Path, members: list[Path]) -> bool:
    """Return whether a copy is of exactly these files as they are now."""
    if not folder.is_dir() or {kept.name for kept in folder.iterdir()} != {member.name for member in members}:
        return False
    return all(member.is_file() and _is_same(folder / member.name, member) for member in members)


def _is_same(one: Path, other: Path) -> bool:
    first, second = one.stat(), other.stat()
    if os.path.samestat(first, second):
        return True
    return (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)


def _copy(source: Path, target: Path) -> None:
    """Copy a file or folder; a file gets a second name, which costs nothing and keeps what is replaced."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_copy_file, symlinks=True)
    else:
        _copy_file(str(source), str(target))


def _copy_file(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
        sync(Path(target))


def _make_room(shelf: Path) -> None:
    """Free number 1 by moving copies on, the last one out; gaps are filled first."""
    free = next((number for number in range(1, KEPT + 1) if not (shelf / str(number)).exists()), None)
    if free is None:
        leaving = Path(mkdtemp(prefix=_LEAVING, dir=shelf))
        (shelf / str(KEPT)).rename(leaving / str(KEPT))
        shutil.rmtree(leaving, ignore_errors=True)
        free = KEPT
    for number in range(free, 1, -1):
        (shelf / str(number - 1)).rename(shelf / str(number))


def _sweep(shelf: Path) -> None:
    """Remove what a session that was killed left half made."""
    for left in [*shelf.glob(f"{_MAKING}*"), *shelf.glob(f"{_LEAVING}*")]:
        # a younger one may be another program's that is just at work, whatever the clock says
        if abs(time.time() - left.stat().st_mtime) > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)

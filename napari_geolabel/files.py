"""The only door to the disk for what is written, and the first look at what is read.

A file is published by renaming a finished, synced temporary file, so that a
crash, a full disk or a cancelled job leaves the old file as it was.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import mmap
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

import xxhash

from napari_geolabel.errors import GeoLabelError, MissingFileError, UnsafeFileError, WriteError

_BLOCK_BYTES = 2**20
_NO_SYNC_OF_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES})


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Publish a file whole or not at all.

    Parameters
    ----------
    path
        The file to write; its folder must exist.  A link is followed, and
        stays a link.

    Yields
    ------
    pathlib.Path
        A temporary file of the same suffix in the same folder.  When the
        block ends well it is synced, takes the place of ``path``, and the
        folder is synced; when it raises, it is removed.

    Raises
    ------
    WriteError
        If the folder is missing, what stands there must not be replaced, or
        the disk refuses.
    """
    target = _replaceable(expanded(path))
    try:
        # the stem is cut, so that a name as long as the system allows still has a temporary one
        handle, name = mkstemp(prefix=f".{target.stem[:40]}-", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        raise WriteError(f"{target} cannot be written ({error.strerror}); choose another folder") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _publish(temporary, target)
    except GeoLabelError:
        raise  # some are OSErrors, and say already what is wrong
    except OSError as error:
        raise WriteError(f"{target} was not written ({error.strerror or error}); the old file is untouched") from error
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Ask the system to have a file or folder on disk; of a folder, where it lets itself be asked."""
    if not path.is_dir():
        _sync(path, os.O_RDWR)
    elif os.name != "nt":  # Windows cannot open folders
        try:
            _sync(path, os.O_RDONLY)
        except OSError as error:
            # some drives sync no folders (VirtualBox, 9p), and some folders may not be read: what was
            # renamed there stands, so it must not be told as not written
            if error.errno not in _NO_SYNC_OF_FOLDERS:
                raise


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class HashedFile:
    """A file that is being written, with the hash of all bytes that went into it.

    Parameters
    ----------
    file
        Open for writing, in binary.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, xxhash.xxh3_128()

    @property
    def digest(self) -> bytes:
        """The hash, as `digest_of` gives it for the file."""
        return self._hash.digest()

    def write(self, data: bytes) -> None:
        """Write bytes, and remember them in the hash."""
        self._hash.update(data)
        self._file.write(data)


def digest_of(path: Path) -> bytes:
    """Return the hash of a file's bytes, XXH3 of 128 bits: it tells a bad disk, and is no signature."""
    found, block = xxhash.xxh3_128(), bytearray(_BLOCK_BYTES)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            found.update(memoryview(block)[:size])
    return found.digest()


def require_written(path: Path, digest: bytes, name: str) -> None:
    """Sync a finished file, read it back from the disk and compare.

    Where the system allows it, what is read is what the disk holds and not
    the copy of it in memory.

    Parameters
    ----------
    path
        The file, usually the temporary one of `atomic_write`.
    digest
        Hash of the bytes that were written, by `HashedFile` or `digest_of`.
    name
        The file's name, for the user.

    Raises
    ------
    WriteError
        If other bytes come back.
    """
    sync(path)
    if _digest_on_disk(path) != digest:
        raise WriteError(
            f"{name} did not come back from the disk as it was written, so the old file was left; try another disk"
        )


def _digest_on_disk(path: Path) -> bytes:
    """Return the hash of a synced file's bytes, read past the copy in memory or, where that is refused, without it."""
    if hasattr(os, "O_DIRECT"):
        with suppress(OSError):  # file systems in memory and over a network may not know such reading
            return _digest_past_memory(path)
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return digest_of(path)


def _digest_past_memory(path: Path) -> bytes:
    """Return the hash of a file's bytes straight from the disk (open(2), O_DIRECT), which takes whole pages."""
    found = xxhash.xxh3_128()
    handle = os.open(path, os.O_RDONLY | os.O_DIRECT)
    try:
        with mmap(-1, _BLOCK_BYTES) as block, memoryview(block) as view:
            while size := os.readv(handle, [view]):
                found.update(view[:size])
    finally:
        os.close(handle)
    return found.digest()


def expanded(path: str | Path) -> Path:
    """Return a path with the home folder in place of ``~``, and as it is where nobody has such a home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def require_file(path: str | Path) -> Path:
    """Return the path of an existing, ordinary, local file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    UnsafeFileError
        If it is a URL, a GDAL virtual path, or not an ordinary file (a pipe
        would hang the reader).
    """
    text = str(path)
    if "://" in text or text.startswith(("/vsi", "<")) or "\0" in text:
        raise UnsafeFileError(f"{text[:120]!r} is not a local file; download it first and open the copy")
    found = expanded(text)
    try:
        mode = found.stat().st_mode
    except OSError as error:
        raise MissingFileError(f"{found} cannot be found ({error.strerror}); check the path") from error
    if stat.S_ISDIR(mode):
        raise MissingFileError(f"{found} is a folder; name a file in it")
    if not stat.S_ISREG(mode):
        raise UnsafeFileError(f"{found} is not an ordinary file; copy its content to one first")
    return found


def _replaceable(path: Path) -> Path:
    """Return the file that a path stands for, refusing places where none may be written."""
    try:
        target = path.resolve() if path.is_symlink() else path
        exists = target.exists()
    except (OSError, RuntimeError) as error:  # a name that is too long, links that go round
        raise WriteError(f"{str(path)[:120]} cannot be written ({error}); choose another name") from error
    if not target.parent.is_dir():
        raise WriteError(f"{target.parent} is not a folder; make it first or choose another place for {target.name}")
    if exists and not target.is_file():  # renaming over a device as root would replace it
        raise WriteError(f"{target} is not an ordinary file; choose another name")
    if exists and not os.access(target, os.W_OK):
        raise WriteError(f"{target} is read-only; allow writing to it or choose another name")
    return target


def _publish(temporary: Path, target: Path) -> None:
    """Sync a finished file, let it take its place, and sync the folder."""
    sync(temporary)
    # mkstemp makes private files; a label file should be as readable as any other of the user's
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    temporary.chmod(mode)
    temporary.replace(target)
    sync(target.parent)


def _umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

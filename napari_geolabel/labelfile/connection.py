"""Connections to label files: which pragmas they get, and which files they are refused to.

On a local disk a label file is held in WAL mode, so that a GIS can read while
we write.  WAL needs shared memory, which network file systems do not have:
there the file stays in DELETE mode and a lock file keeps a second writer out.
"""

from __future__ import annotations

import ctypes
import os
import re
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from napari_geolabel.errors import FormatError, MissingFileError, UnsafeFileError
from napari_geolabel.labelfile import schema
from napari_geolabel.labelfile.gpkg_geometry import register_functions

BUSY_SECONDS = 5.0
"""How long a transaction waits for another program's."""

LOG_PAGES = 250
"""Pages of the write-ahead log, 1 MB, after which they are moved to the file: a small disk must hold both."""

CACHE_KIB = 32 * 1024
"""Pages that a writing connection may keep: with SQLite's 2 MB an edit of a large file reads each of its pages anew."""

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "9p", "fuse.sshfs", "fuse.rclone",
     "davfs", "fuse.davfs2", "glusterfs", "fuse.glusterfs", "ceph", "lustre", "network"}
)  # fmt: skip

_WINDOWS_REMOTE_DRIVE = 4


def connect(path: Path, *, network: bool = False) -> sqlite3.Connection:
    """Return a connection for reading and writing, in autocommit mode.

    Parameters
    ----------
    path
        An existing file.
    network
        Whether it lies where WAL mode does not work.
    """
    db = sqlite3.connect(_uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                         check_same_thread=False)  # fmt: skip
    try:
        _prepare(db)
        db.execute(f"PRAGMA journal_mode = {'DELETE' if network else 'WAL'}")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        db.execute("PRAGMA fullfsync = 1")  # macOS: plain fsync leaves data in the drive's cache
        db.execute("PRAGMA checkpoint_fullfsync = 1")
    except BaseException:
        db.close()
        raise
    return db


def connect_readonly(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write.

    In a folder that cannot be written, a file without a write-ahead log is
    opened as unchanging, since SQLite could not make its helper files there.
    """
    if not path.exists():
        raise MissingFileError(f"{path} cannot be found; check the path")
    mode = "ro"
    if not os.access(path.parent, os.W_OK) and not wal_of(path).exists():
        mode = "ro&immutable=1"
    db = sqlite3.connect(_uri(path, mode), uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                         check_same_thread=False)  # fmt: skip
    try:
        _prepare(db)
    except BaseException:
        db.close()
        raise
    return db


def wal_of(path: Path) -> Path:
    """Return the path of a file's write-ahead log."""
    return path.with_name(path.name + "-wal")


def companions(path: Path) -> list[Path]:
    """Return the helper files that SQLite keeps beside a file, whether they exist or not."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def filesystem_of(path: Path) -> str:
    """Return the type of the file system that a path lies on, such as ``ext4`` or ``nfs``; empty where unknown."""
    if sys.platform == "win32":
        remote = ctypes.windll.kernel32.GetDriveTypeW(path.resolve().anchor) == _WINDOWS_REMOTE_DRIVE
        return "network" if remote else ""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    wanted, best, kind = path.resolve(), -1, ""
    for line in mounts.read_text("utf-8", "surrogateescape").splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # blanks stand there as octal numbers, letters beyond ASCII as they are
        escaped = fields[1].encode("utf-8", "surrogateescape")
        point = os.fsdecode(re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), escaped))
        if wanted.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), fields[2]
    return kind


def is_network(path: Path) -> bool:
    """Return whether a path lies on a network file system."""
    return filesystem_of(path) in NETWORK_FILE_SYSTEMS


def check_schema(db: sqlite3.Connection, path: Path) -> list[str]:
    """Check that a file is a label file and holds nothing that acts by itself.

    Returns
    -------
    list of str
        The triggers of ours that are missing or not as they should be.

    Raises
    ------
    FormatError
        If it is a database of another sort, or of a newer version.
    UnsafeFileError
        If it has views, or triggers on our tables that are not ours.
    """
    objects = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    tables = {name for kind, name, _, _ in objects if kind == "table"}
    if not {"annotation", "journal", "change", "scene"} <= tables:
        raise FormatError(f"{path} is not a label file; import it into one instead (labels.import_from)")
    expected = schema.triggers()
    ours = {*schema.PLAIN_TABLES, *(layer.name for layer in schema.LAYERS), "layer_styles"}
    for kind, name, table, _ in objects:
        if kind == "view":
            raise UnsafeFileError(f"{path} has a view ({name}), which label files have not; import it instead")
        foreign = kind == "trigger" and not _is_ours(name, expected)
        if foreign and (table in ours or table.startswith("gpkg_")):
            raise UnsafeFileError(
                f"{path} has a trigger ({name}) on {table} that no program of ours has made; "
                "drop it in a database tool, or import the file instead"
            )
    found = {name: sql for kind, name, _, sql in objects if kind == "trigger"}
    return [name for name, sql in expected.items() if found.get(name) != sql]


def trust(db: sqlite3.Connection, path: Path) -> int:
    """Let the triggers of a file run once each of them is known to be ours, and return the schema's version.

    The index's triggers call functions of this process, which SQLite allows
    in a trusted schema only.  Whoever holds the connection asks
    ``PRAGMA schema_version`` again when another program has written, and
    comes back here when it differs.
    """
    db.execute("PRAGMA trusted_schema = OFF")
    if check_schema(db, path):
        mend_triggers(db)
    db.execute("PRAGMA trusted_schema = ON")
    return int(db.execute("PRAGMA schema_version").fetchone()[0])


def mend_triggers(db: sqlite3.Connection) -> None:
    """Replace all triggers on the feature tables by ours, whatever other programs made of them."""
    for layer in schema.LAYERS:
        named = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (layer.name,))
        for (name,) in named.fetchall():
            db.execute(f"DROP TRIGGER {schema.quoted(name)}")
    for sql in schema.triggers().values():
        db.execute(sql)


def _is_ours(name: str, expected: Mapping[str, str]) -> bool:
    """Return whether a trigger goes by a name of ours, so that ours may take its place.

    That may be a name of the index's in a later GeoPackage version (update5
    to 7).  None of them ever runs unless it is exactly ours: the others are
    dropped before anything is written.

    Raises
    ------
    sqlite3.DatabaseError
        If it is one of ours in which a bit has flipped: SQL cannot mend that.
    """
    later = {f"rtree_{layer.name}_geom_update{n}" for layer in schema.LAYERS for n in range(5, 8)}
    if name in expected or name in later:
        return True
    if any(len(name) == len(known) and _differences(name, known) == 1 for known in expected):
        raise sqlite3.DatabaseError(f"the name of the trigger {name} is damaged")
    return False


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    register_functions(db)


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"

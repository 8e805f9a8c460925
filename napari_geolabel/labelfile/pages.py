"""Rows read straight from the pages of a damaged SQLite file, without trusting anything that leads to them.

The tree, the header and the schema of a damaged file may all be wrong.  Each
leaf page stands for itself, so here every page that looks like a leaf of a
table is taken apart on its own.  Which rows are genuine the caller finds out
by their seals.

Source: "Database File Format" and "WAL-mode File Format", sqlite.org.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_geolabel.labelfile.connection import wal_of
from napari_geolabel.labelfile.schema import PAGE_BYTES

_LEAF = 0x0D
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_MAX_PAYLOAD = 1 << 28
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Row = tuple[Any, ...]


def leaf_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield rowid and values of every row in every page that looks like a leaf of a table.

    Pages of the write-ahead log that were committed count in place of the
    file's own.  Rows that were deleted may come up too, from free pages.
    """
    pages = read_pages(path)
    for number, page in pages.items():
        head = 100 if number == 1 else 0
        if len(page) <= head + 8 or page[head] != _LEAF:
            continue
        (count,) = struct.unpack_from(">H", page, head + 3)
        for index in range(min(count, (len(page) - head - 8) // 2)):
            (at,) = struct.unpack_from(">H", page, head + 8 + 2 * index)
            try:
                yield _cell(pages, page, at)
            except (IndexError, struct.error, ValueError):
                continue  # a damaged cell says nothing of its neighbours


def read_pages(path: Path) -> dict[int, bytes]:
    """Return the pages of a file by number, from 1, with those of its write-ahead log laid over them."""
    data = path.read_bytes() if path.exists() else b""
    size = page_bytes(data)
    pages = {1 + start // size: data[start : start + size] for start in range(0, len(data), size)}
    log = wal_of(path)
    if log.exists():
        pages |= committed_frames(log.read_bytes())
    return pages


def page_bytes(data: bytes) -> int:
    """Return the page size that a file's header names, ours where the header is torn."""
    if len(data) < 100 or not data.startswith(b"SQLite format 3\0"):
        return PAGE_BYTES
    (size,) = struct.unpack_from(">H", data, 16)
    size = 65536 if size == 1 else size
    sane = size >= 512 and size & (size - 1) == 0 and len(data) % size == 0
    return int(size) if sane else PAGE_BYTES


def committed_frames(log: bytes) -> dict[int, bytes]:
    """Return the pages of a write-ahead log up to its last sound commit, by number."""
    return _scan_log(log)[0]


def has_torn_commit(log: bytes) -> bool:
    """Return whether a write-ahead log holds a commit behind a damaged frame, which SQLite would drop silently."""
    return _scan_log(log)[1]


def _scan_log(log: bytes) -> tuple[dict[int, bytes], bool]:
    """Return the committed pages, and whether commits of the same run lie behind a damaged frame."""
    if len(log) < 32:
        return {}, False
    magic, _, size, _, *salts = struct.unpack_from(">6I", log)
    size = 65536 if size == 1 else size
    if magic not in _WAL_MAGIC or size < 512:
        return {}, len(log) > 32
    order = ">" if magic & 1 else "<"
    sums = _checksum(log[:24], (0, 0), order)
    if sums != struct.unpack_from(">2I", log, 24):
        return {}, len(log) > 32
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(32, len(log) - 24 - size + 1, 24 + size):
        number, commit, *rest = struct.unpack_from(">6I", log, at)
        sums = _checksum(log[at : at + 8], sums, order)
        sums = _checksum(log[at + 24 : at + 24 + size], sums, order)
        if rest[:2] != salts:
            # salts differ where an older run of the log begins; anything else is damage in the salts themselves
            return committed, _is_damaged_salt(log, at, size, salts)
        if tuple(rest[2:]) != sums:
            return committed, _commits_behind(log, at, size, salts)
        waiting[number] = log[at + 24 : at + 24 + size]
        if commit:
            committed |= waiting
            waiting = {}
    return committed, False


def _commits_behind(log: bytes, at: int, size: int, salts: list[int]) -> bool:
    """Return whether a frame from ``at`` on belongs to the same run and ends a commit."""
    for start in range(at, len(log) - 24 - size + 1, 24 + size):
        _, commit, *rest = struct.unpack_from(">4I", log, start)
        if rest == salts and commit:
            return True
    return False


def _is_damaged_salt(log: bytes, at: int, size: int, salts: list[int]) -> bool:
    """Return whether a frame of other salts is followed by one of the right salts."""
    return _commits_behind(log, at + 24 + size, size, salts)


def _checksum(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    """Return SQLite's running checksum over 32-bit words."""
    one, two = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


def _cell(pages: dict[int, bytes], page: bytes, at: int) -> tuple[int, Row]:
    """Return rowid and values of the cell at an offset of a leaf page."""
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if length > _MAX_PAYLOAD:
        raise ValueError("no row is as long as that")
    usable = len(page)
    local = _local_bytes(length, usable)
    payload = bytearray(page[at : at + local])
    if local < length:
        (following,) = struct.unpack_from(">I", page, at + local)
        _follow(pages, following, payload, length, usable)
    if len(payload) != length:
        raise ValueError("the row is cut short")
    return rowid, _record(bytes(payload))


def _local_bytes(length: int, usable: int) -> int:
    """Return how many bytes of a payload lie in the leaf itself."""
    largest = usable - 35
    if length <= largest:
        return length
    smallest = (usable - 12) * 32 // 255 - 23
    local = smallest + (length - smallest) % (usable - 4)
    return local if local <= largest else smallest


def _follow(pages: dict[int, bytes], number: int, payload: bytearray, length: int, usable: int) -> None:
    """Add what lies in overflow pages."""
    seen = set()
    while number and len(payload) < length and number not in seen:
        seen.add(number)
        page = pages.get(number)
        if page is None:
            return
        (number,) = struct.unpack_from(">I", page)
        payload += page[4 : 4 + min(usable - 4, length - len(payload))]


def _record(payload: bytes) -> Row:
    """Return the values of a record."""
    head, at = _varint(payload, 0)
    body = head
    values = []
    while at < head:
        kind, at = _varint(payload, at)
        value, size = _value(payload, body, kind)
        values.append(value)
        body += size
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    """Return a value of a serial type and its size in bytes."""
    if kind == 0:
        return None, 0
    if kind in _INTEGER_BYTES:
        size = _INTEGER_BYTES[kind]
        return int.from_bytes(payload[at : at + size], "big", signed=True), size
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], 8
    if kind in (8, 9):
        return kind - 8, 0
    if kind < 12:
        raise ValueError("a serial type that is reserved")
    size = (kind - 12) // 2
    part = payload[at : at + size]
    if len(part) != size:
        raise ValueError("a value is cut short")
    return (part.decode() if kind % 2 else part), size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a variable-length integer and the offset after it."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    value = value << 8 | data[at + 8]
    return (value - (1 << 64) if value >= 1 << 63 else value), at + 9

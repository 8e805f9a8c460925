"""Rows read straight from the pages of a damaged SQLite file, without trusting anything that leads to them.

The tree, the header and the schema of a damaged file may all be wrong.  Each
leaf page stands for itself, so here every page that looks like a leaf of a
table is taken apart on its own.  Which rows are genuine the caller finds out
by their seals.

Source: "Database File Format" and "WAL-mode File Format", sqlite.org.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_geolabel.labelfile.connection import wal_of
from napari_geolabel.labelfile.schema import PAGE_BYTES

_LEAF = 0x0D
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_LOG_HEAD, _FRAME_HEAD = 32, 24
_MAX_PAYLOAD = 1 << 28
_READINGS, _SECONDS_BETWEEN = 5, 0.1
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Row = tuple[Any, ...]


def leaf_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield rowid and values of every row in every page that looks like a leaf of a table.

    Pages of the write-ahead log come after the file's own, in the order in
    which they were written.  Rows that were changed or deleted since may come
    up too, from older pages and free ones.
    """
    data = path.read_bytes() if path.exists() else b""
    size = page_bytes(data)
    own = [(1 + start // size, data[start : start + size]) for start in range(0, len(data), size)]
    log = wal_of(path)
    newer = log_pages(log.read_bytes()) if log.exists() else []
    latest = dict([*own, *newer])
    for number, page in [*own, *newer]:
        head = 100 if number == 1 else 0
        if len(page) <= head + 8 or page[head] != _LEAF:
            continue
        (count,) = struct.unpack_from(">H", page, head + 3)
        for index in range(min(count, (len(page) - head - 8) // 2)):
            (at,) = struct.unpack_from(">H", page, head + 8 + 2 * index)
            try:
                yield _cell(latest, page, at)
            except (IndexError, struct.error, ValueError):
                continue  # a damaged cell says nothing of its neighbours


def page_bytes(data: bytes) -> int:
    """Return the page size that a file's header names, ours where the header is torn."""
    if len(data) < 100 or not data.startswith(b"SQLite format 3\0"):
        return PAGE_BYTES
    (size,) = struct.unpack_from(">H", data, 16)
    size = 65536 if size == 1 else size
    sane = size >= 512 and size & (size - 1) == 0 and len(data) % size == 0
    return int(size) if sane else PAGE_BYTES


def log_pages(log: bytes) -> list[tuple[int, bytes]]:
    """Return number and content of the pages in a write-ahead log that belong to commits, in order.

    Of a damaged log those behind the damage are returned too, which SQLite would leave out.
    """
    return _scan_log(log)[0]


def has_damaged_log(path: Path) -> bool:
    """Return whether the write-ahead log of a file is damaged, see `is_damaged_log`.

    No lock keeps others from writing while it is read, and what they write
    may be read half.  So damage counts only where every reading finds it.
    """
    for reading in range(_READINGS):
        if reading:
            time.sleep(_SECONDS_BETWEEN)
        try:
            log = wal_of(path).read_bytes()
        except FileNotFoundError:
            return False
        if not is_damaged_log(log):
            return False
    return True


def is_damaged_log(log: bytes) -> bool:
    """Return whether a write-ahead log is damaged, so that SQLite would leave out commits and say nothing."""
    return _scan_log(log)[1]


def _scan_log(log: bytes) -> tuple[list[tuple[int, bytes]], bool]:
    """Return the pages of a write-ahead log, and whether it is damaged."""
    if len(log) <= _LOG_HEAD:
        return [], False
    magic, _, size, _, *salts = struct.unpack_from(">6I", log)
    size = {1: 65536}.get(size, size)
    order = ">" if magic & 1 else "<"
    sums = _checksum(log[:24], (0, 0), order)
    if magic not in _WAL_MAGIC or sums != struct.unpack_from(">2I", log, 24):
        size = size if size >= 512 and size & (size - 1) == 0 else PAGE_BYTES
        return _frames(log, size, list(struct.unpack_from(">2I", log, _LOG_HEAD + 8))), True
    committed: list[tuple[int, bytes]] = []
    waiting: list[tuple[int, bytes]] = []
    for at in range(_LOG_HEAD, len(log) - _FRAME_HEAD - size + 1, _FRAME_HEAD + size):
        number, commit, *marks = struct.unpack_from(">6I", log, at)
        page = log[at + _FRAME_HEAD : at + _FRAME_HEAD + size]
        sums = _checksum(page, _checksum(log[at : at + 8], sums, order), order)
        has_salts, has_sums = marks[:2] == salts, tuple(marks[2:]) == sums
        if not (has_salts and has_sums):
            # frames of an earlier run of the log have neither the salts nor the sums, and none of ours behind them
            is_end = not has_salts and not has_sums and not _commits_behind(log, at, size, salts)
            return (committed, False) if is_end else (_frames(log, size, salts), True)
        waiting.append((number, page))
        if commit:
            committed += waiting
            waiting = []
    return committed, False


def _frames(log: bytes, size: int, salts: list[int]) -> list[tuple[int, bytes]]:
    """Return the pages of all frames up to the last one of a run, sound or not."""
    starts = range(_LOG_HEAD, len(log) - _FRAME_HEAD - size + 1, _FRAME_HEAD + size)
    of_run = [at for at in starts if list(struct.unpack_from(">2I", log, at + 8)) == salts]
    last = max(of_run, default=-1)
    # one frame more: its salts may be what is damaged
    return [
        (struct.unpack_from(">I", log, at)[0], log[at + _FRAME_HEAD : at + _FRAME_HEAD + size])
        for at in starts
        if at <= last + _FRAME_HEAD + size
    ]


def _commits_behind(log: bytes, at: int, size: int, salts: list[int]) -> bool:
    """Return whether a frame after ``at`` belongs to the same run and ends a commit."""
    for start in range(at + _FRAME_HEAD + size, len(log) - _FRAME_HEAD - size + 1, _FRAME_HEAD + size):
        _, commit, *marks = struct.unpack_from(">4I", log, start)
        if marks == salts and commit:
            return True
    return False


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

"""Text and JSON of unknown origin."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from napari_geolabel.errors import FormatError
from napari_geolabel.files import HashedFile, atomic_write, require_written
from napari_geolabel.formats.counting import require_count

MAX_BYTES = 2**30
"""Files above a gibibyte are refused: parsed, they would take some ten times that in memory."""


def read_text(path: Path) -> bytes:
    """Return a file's bytes, which are UTF-8 text without a byte order mark.

    Raises
    ------
    FormatError
        If it is too large or no such text.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FormatError(
            f"{path.name} is {size / 2**30:.1f} GiB large; split it into files under {MAX_BYTES / 2**30:g} GiB"
        )
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return content


def read_json(path: Path) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the JSON value that a file holds.

    Raises
    ------
    FormatError
        If it is too large, no UTF-8 text or no JSON.
    """
    content = read_text(path)
    try:
        with collector_paused():
            return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise FormatError(
            f"{path.name} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from searching millions of new objects for rubbish, which may take longer than making them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def write_pieces(path: Path, pieces: Iterable[bytes], *, wanted: int, counter: Callable[[Path], int]) -> None:
    """Write a file of labels whole or not at all, and check that it holds what was to be written.

    Parameters
    ----------
    path
        The file.
    pieces
        Its bytes.
    wanted
        How many labels they are.
    counter
        Counts those of a file.

    Raises
    ------
    WriteError
        If it cannot be written, or other bytes or another number of labels come back.
    """
    with atomic_write(path) as temporary:
        with temporary.open("wb") as raw:
            file = HashedFile(raw)
            with collector_paused():
                for piece in pieces:
                    file.write(piece)
        require_written(temporary, file.digest, path.name)
        require_count(counter(temporary), wanted, path.name)


def shown(value: Any, length: int = 60) -> str:  # noqa: ANN401  (whatever a file holds)
    """Return what a file says as part of a sentence: on one line, and not too long."""
    return " ".join(str(value).split())[:length]


def head_of(path: Path, size: int = 2**16) -> bytes:
    """Return the first bytes of a file, nothing where it cannot be read."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""

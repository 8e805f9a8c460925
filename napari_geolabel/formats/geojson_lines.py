"""GeoJSON a few thousand features at a time, where a file has a feature to a line as ours and GDAL's have.

A whole file as Python objects takes ten times its size.  Nothing is guessed
from the lines: each batch must be a list of JSON values by itself, and what
stands around the features must be one object with an open list of that name.
Else nothing is returned, and the file is to be read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

_OPENING = re.compile(rb'"features"\s*:\s*\[\s*$')
_HEAD_LINES, _HEAD_BYTES = 64, 2**20
_BATCH_BYTES = 2**22
LARGEST_BYTES = 2**33
"""Files above eight gibibytes are not read so either."""


def read_by_line(path: Path, take: Callable[[list[dict[str, Any]]], object]) -> dict[str, Any] | None:
    """Hand over the features of a file batch by batch, and return its other members.

    Parameters
    ----------
    path
        A file of any content.
    take
        Is given the features in order, some at a time.

    Returns
    -------
    dict or None
        The collection with no features in it; None where the file is not laid out so, and what was handed over is void.
    """
    if path.stat().st_size > LARGEST_BYTES:
        return None
    with path.open("rb") as file:
        head = _head_of(file)
        try:
            tail = None if head is None else _take_all(file, take)
            document = None if tail is None else orjson.loads(head + b"null" + tail)  # type: ignore[operator]
        except orjson.JSONDecodeError:
            return None
    if not isinstance(document, dict) or document.get("features") != [None]:
        return None
    return document | {"features": []}


def _head_of(file: BinaryIO) -> bytes | None:
    """Return a file's text up to where its list of features begins at the end of a line."""
    head = b""
    for _ in range(_HEAD_LINES):
        line = file.readline(_HEAD_BYTES)
        head += line
        if _OPENING.search(line):
            return head.removeprefix(b"\xef\xbb\xbf")
        if not line.endswith(b"\n"):
            return None
    return None


def _take_all(file: BinaryIO, take: Callable[[list[dict[str, Any]]], object]) -> bytes | None:
    """Hand over features up to the line that ends their list, and return the text from there on."""
    awaited = False
    while lines := file.readlines(_BATCH_BYTES):
        if (
            not lines[-1].rstrip().endswith((b",", b"]"))
        ):  # the last feature: what ends their list stands in the next line
            lines.append(file.readline(_HEAD_BYTES))
        end = next((number for number, line in enumerate(lines) if line.startswith(b"]")), None)
        text = b"".join(lines[:end]).strip()
        if end is None and not text.endswith(b","):
            return None
        features = orjson.loads(b"[" + (text[:-1] if end is None else text) + b"]")
        if not all(type(feature) is dict for feature in features) or (awaited and not features):
            return None
        take(features)
        awaited = True
        if end is not None:
            return b"".join(lines[end:]) + file.read()
    return None

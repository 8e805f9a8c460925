"""The columns of a frame under names that a table of a GIS can hold.

Frames and JSON tell names apart by every letter; GDAL and SQLite do not tell
``Name`` from ``name``, and each format has names of its own.  What clashes
gets a number behind its name, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import Series

_OURS = ("class_id", "class_name")
"""Columns that keep their names, since styles and drop-down lists go by them."""
_GEOMETRY = "geometry"
_ROW_NUMBER = "fid"


def held_names(
    frame: GeoDataFrame, title: str, taken: Iterable[str] = (), *, by_case: bool = False
) -> tuple[GeoDataFrame, list[str]]:
    """Return a frame whose geometries stand in ``geometry`` and whose other columns have names that a format can hold.

    Parameters
    ----------
    frame
        Of any names.
    title
        That of the format.
    taken
        Names that the format needs itself, apart from ``geometry``.
    by_case
        Whether it tells ``Name`` from ``name``.

    Returns
    -------
    tuple
        The frame, and a sentence if columns have other names now.
    """
    key: Callable[[str], str] = str if by_case else str.casefold
    active = frame.geometry.name
    names = [str(name) for name in frame.columns]
    there = {key(name) for name in names}
    seen = {key(name) for name in (*taken, _GEOMETRY, *_OURS)}
    held = []
    for name, column in zip(names, frame.columns, strict=True):
        found = _GEOMETRY if column == active else name if name in _OURS or key(name) not in seen else None
        held.append(found or _numbered(name, key, seen | there))
        seen.add(key(held[-1]))
    changed = [(old, new) for old, new, column in zip(names, held, frame.columns, strict=True) if column != active]
    told = [f"{old} as {new}" for old, new in changed if old != new]
    if told or active != _GEOMETRY:
        frame = frame.set_axis(held, axis="columns").set_geometry(_GEOMETRY)
    return frame, [f"{title} cannot hold all names, so these columns have others: {', '.join(told)}"] if told else []


def with_row_numbers(frame: GeoDataFrame) -> tuple[GeoDataFrame, Collection[str], list[str]]:
    """Return a frame for a table that numbers its rows in ``fid``, names that are taken there, and what to tell.

    A column of that name numbers the rows if it can.  Whole numbers that
    repeat or are missing have numbered the rows of several tables, and go;
    what is no whole number is a column like others, under another name.
    """
    from pandas.api.types import is_integer_dtype

    found = [name for name in frame.columns if str(name).casefold() == _ROW_NUMBER and name != frame.geometry.name]
    if not found:
        return frame, (), []
    numbers = frame[found[0]]
    if not is_integer_dtype(numbers.dtype):
        return frame, (_ROW_NUMBER,), []
    if _can_number(numbers):
        return frame.astype({found[0]: "int64"}), (), []
    note = f"the numbers in {found[0]} do not number all rows, so that these are numbered anew"
    return frame.drop(columns=found[0]), (_ROW_NUMBER,), [note]


def _can_number(numbers: Series) -> bool:
    """Return whether whole numbers are one for each row, and such as SQLite numbers rows with."""
    if numbers.isna().any() or not numbers.is_unique:
        return False
    return len(numbers) == 0 or (int(numbers.min()) >= 0 and int(numbers.max()) < 2**63)


def _numbered(name: str, key: Callable[[str], str], gone: Collection[str]) -> str:
    """Return a name with the first number behind it that makes it one of its own."""
    return next(each for number in count(2) if key(each := f"{name}_{number}") not in gone)

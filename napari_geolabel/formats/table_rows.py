"""The properties of many features, kept as the columns of a table; a row is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.formats.unwrapping import unwrapped

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas import DataFrame


class TableRows(Sequence[dict[str, Any]]):
    """n mappings from names to plain values, None for what there is not.

    Parameters
    ----------
    table
        An Arrow table of the columns, of types that `is_plain`.
    count
        n, which a table without columns does not know.
    """

    def __init__(self, table: pa.Table, count: int) -> None:
        self._table, self._count = table, count
        self._lists: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = self._table.column_names
        if not names:
            return ({} for _ in range(self._count))
        return (dict(zip(names, cells, strict=True)) for cells in zip(*map(self.values, names), strict=True))

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return {name: self.values(name)[index] for name in self._table.column_names}

    def values(self, name: str) -> list[Any]:
        """Return what stands under one name in all rows, None where nothing does."""
        if name not in self._lists:
            self._lists[name] = self._listed(name)
        return self._lists[name]

    def taken(self, kept: NDArray[np.integer]) -> TableRows:
        """Return some of the rows, by their numbers from 0."""
        return TableRows(self._table.take(kept), len(kept))

    def frame(self) -> DataFrame:
        """Return the rows as a frame, in which whole numbers stay whole beside cells that are empty."""
        import pandas as pd
        import pyarrow as pa

        if not self._table.column_names:
            return pd.DataFrame(index=range(self._count))
        frame: DataFrame = self._table.to_pandas()
        for field in self._table.schema:
            if pa.types.is_integer(field.type) and self._table[field.name].null_count:
                frame[field.name] = pd.array(self.values(field.name), dtype="Int64")
        return frame

    def _listed(self, name: str) -> list[Any]:
        import pyarrow as pa

        if name not in self._table.column_names:
            return [None] * self._count
        column = self._table[name]
        if pa.types.is_floating(column.type):
            return [None if value != value else value for value in column.to_numpy().tolist()]
        values: list[Any] = column.to_pylist()
        return values


class Numbered(Sequence[str]):
    """What to call n things, such as ``feature 3``: a word and their numbers.

    Parameters
    ----------
    word
        What each of them is.
    numbers
        Their numbers.
    """

    def __init__(self, word: str, numbers: Sequence[int]) -> None:
        self._word, self._numbers = word, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return map(f"{self._word} ".__add__, map(str, self._numbers))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Numbered: ...
    def __getitem__(self, index: int | slice) -> str | Numbered:
        if isinstance(index, slice):
            return Numbered(self._word, self._numbers[index])
        return f"{self._word} {self._numbers[index]}"


def is_plain(kind: pa.DataType) -> bool:
    """Return whether the values of an Arrow type are texts, numbers or truth values."""
    import pyarrow as pa

    tests = (pa.types.is_string, pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def values_of(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """Return what stands under one name in all rows, None where nothing does."""
    return rows.values(name) if isinstance(rows, TableRows) else [row.get(name) for row in rows]


@dataclass(frozen=True)
class SoundFeatures:
    """The features of a table that have a geometry, and those that have none."""

    geometries: NDArray[np.object_]
    """Without heights, those of one part out of their multi-part type; none is missing or empty."""
    rows: Sequence[dict[str, Any]]
    """Their properties."""
    where: Sequence[str]
    """What to call each of them."""
    skipped: list[tuple[str, str]]
    """What was left out: which, and why."""

    @classmethod
    def of(cls, geometries: NDArray[np.object_], rows: Sequence[dict[str, Any]], where: Sequence[str]) -> SoundFeatures:
        """Return the features of n geometries, some of them missing or empty, and n rows."""
        bad = shapely.is_missing(geometries) | shapely.is_empty(geometries)
        if not bad.any():
            return cls(unwrapped(geometries), rows, where, [])
        kept, lost = np.flatnonzero(~bad), np.flatnonzero(bad).tolist()
        some = rows.taken(kept) if isinstance(rows, TableRows) else [rows[index] for index in kept.tolist()]
        skipped = [(where[index], "it has no geometry that can be read") for index in lost]
        return cls(unwrapped(geometries[kept]), some, [where[index] for index in kept.tolist()], skipped)

"""The rows of a frame, written in bulk: columns and geometry arrays to a file, without an object for each row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.classes import CLASS_KEYS, ClassMap, class_word, classes_named, resolve_classes
from napari_geolabel.ontology import Ontology

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

_SINGLE_TYPES = (0, 1, 3, 5, 6)
"""Points, lines and polygons, and the latter two of several parts: what one annotation may be."""


@dataclass(frozen=True, kw_only=True)
class FrameRows:
    """Features as the rows of a frame, as a format is to write them: every column as it is."""

    frame: GeoDataFrame
    """In a CRS, the geometries in the column ``geometry``, the class of each row in ``class_id`` and ``class_name``."""
    ontology: Ontology
    """Its classes."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Rows that were left out: which, and why."""


def fits_in_bulk(frame: GeoDataFrame) -> bool:
    """Return whether each row of a frame is one feature that has a place on Earth."""
    types = shapely.get_type_id(np.asarray(frame.geometry.array, object))
    return frame.crs is not None and bool(np.isin(types, _SINGLE_TYPES).all())


def rows_with_classes(frame: GeoDataFrame, class_map: ClassMap | None, name: str) -> FrameRows:
    """Return the rows of a frame that `fits_in_bulk`, with the classes that they name or are mapped to.

    Rows that the map leaves out, and those of an empty geometry, stand in
    ``skipped``.

    Raises
    ------
    FormatError
        If a row names no class and the map does not say which it is.
    """
    where = frame.index
    frame = frame.reset_index() if where.name == "id" and "id" not in frame.columns else frame
    codes, words = _class_words(frame)
    first = np.full(len(words), 0)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    ontology = classes_named(words, class_map)
    class_ids = resolve_classes(words, [f"row {where[row]}" for row in first], ontology, class_map, name)
    reasons = [f'class_map leaves "{w}" out' if i is None else None for w, i in zip(words, class_ids, strict=True)]
    why = np.array(reasons, object)[codes]
    why[shapely.is_empty(np.asarray(frame.geometry.array, object))] = "its geometry is empty"
    kept = np.array([reason is None for reason in why], bool)
    table = frame if kept.all() else frame[kept]
    if table.geometry.name != "geometry":
        table = table.drop(columns="geometry", errors="ignore").rename_geometry("geometry")
    names = [None if i is None else ontology[i].name for i in class_ids]
    found = {"class_id": _taken(class_ids, codes[kept]), "class_name": _taken(names, codes[kept])}
    skipped = tuple((f"row {where[row]}", str(why[row])) for row in np.flatnonzero(~kept))
    return FrameRows(frame=table.assign(**found), ontology=ontology, skipped=skipped)


def json_values(column: Series) -> list[Any]:
    """Return the values of a column as JSON has them: times as ISO 8601, and None for what there is not."""
    if column.dtype.kind in "biuf" and isinstance(column.dtype, np.dtype):
        return column.tolist()  # orjson writes NaN as null
    if column.dtype.kind == "M":
        zoned = getattr(column.dt, "tz", None) is not None
        plain = (column.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else column).to_numpy("datetime64[us]")
        texts = np.datetime_as_string(plain).tolist()
        return [None if text == "NaT" else text + "Z" * zoned for text in texts]
    values = column.to_numpy(object, copy=True)
    values[column.isna().to_numpy()] = None
    return list(values)


def row_dicts(table: DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings of plain values, None for what there is not."""
    columns = [_cells(column) for _, column in table.items()]
    names = [str(name) for name in table.columns]
    if not columns:
        return [{} for _ in range(len(table))]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def storable(frame: GeoDataFrame) -> GeoDataFrame:
    """Return a frame whose columns a GIS can hold: lists and mappings as JSON, mixed values as texts.

    Raises
    ------
    FormatError
        If a list or mapping holds what JSON cannot.
    """
    from pandas.api.types import infer_dtype

    changed: dict[str, Any] = {}
    for name, column in frame.drop(columns="geometry").items():
        if column.dtype != object or infer_dtype(column, skipna=True) in {"string", "empty", "datetime", "date"}:
            continue
        if infer_dtype(column, skipna=True) == "boolean":
            changed[str(name)] = column.astype("boolean")
        else:
            changed[str(name)] = [_text(value, str(name)) for value in json_values(column)]
    return frame.assign(**changed) if changed else frame


def _class_words(frame: GeoDataFrame) -> tuple[NDArray[np.intp], list[str | None]]:
    """Return the different class words of a frame, and for each row which of them it has."""
    import pandas as pd

    for key in CLASS_KEYS:
        if key in frame.columns and key != frame.geometry.name:
            codes, found = pd.factorize(frame[key], use_na_sentinel=False)
            words = [class_word(value) for value in found]
            if any(word is not None for word in words):
                return codes, words
    return np.zeros(len(frame), np.intp), [None] * bool(len(frame))


def _taken(values: list[str | None], codes: NDArray[np.intp]) -> Any:  # noqa: ANN401  (any array of pandas)
    """Return the values that the codes stand for, as pandas keeps texts, without a look at each."""
    import pandas as pd

    return pd.Series([*values, None]).array.take(codes)


def _cells(column: Series) -> list[Any]:
    """Return the values of a column as Python's own, None for what there is not."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        return column.tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    values = column.to_numpy(object, copy=True)
    values[column.isna().to_numpy()] = None
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def _text(value: Any, name: str) -> str | None:  # noqa: ANN401  (any cell)
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, (list, tuple, dict)):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise FormatError(f"the column {name} holds what JSON cannot ({error}); correct or drop it") from error

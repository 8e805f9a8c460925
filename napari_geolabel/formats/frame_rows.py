"""The rows of a frame, written in bulk: columns and geometry arrays to a file, without an object for each row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.classes import CLASS_KEYS, ClassMap, class_word, classes_named, resolve_classes, same_word
from napari_geolabel.ontology import Ontology
from napari_geolabel.ontology.exchange.building import shown

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

_SINGLE_TYPES = (0, 1, 3, 5, 6)
"""Points, lines and polygons, and the latter two of several parts: what one annotation may be."""


@dataclass(frozen=True, kw_only=True)
class FrameRows:
    """Features as the rows of a frame, as a format is to write them: every column as it is."""

    frame: GeoDataFrame
    """In a CRS, with the class of each row in ``class_id`` and ``class_name``."""
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
    codes = codes[kept]
    ontology, names = _named(table, codes, _are_mapped(words, class_map), class_ids, ontology)
    skipped = tuple((f"row {where[row]}", str(why[row])) for row in np.flatnonzero(~kept))
    found = {"class_id": _taken(class_ids, codes), "class_name": names}
    return FrameRows(frame=table.assign(**found), ontology=ontology, skipped=skipped)


def json_values(column: Series) -> list[Any]:
    """Return the values of a column as JSON has them: times as ISO 8601, geometries as WKT, no value as None."""
    if column.dtype.kind in "biuf" and isinstance(column.dtype, np.dtype):
        return column.tolist()  # orjson writes NaN as null
    if column.dtype.kind == "M":
        zoned = getattr(column.dt, "tz", None) is not None
        plain = (column.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else column).to_numpy("datetime64[us]")
        texts = np.datetime_as_string(plain).tolist()
        return [None if text == "NaT" else text + "Z" * zoned for text in texts]
    if column.dtype == "geometry":
        return list(shapely.to_wkt(np.asarray(column.array, object), rounding_precision=-1))
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


def storable(frame: GeoDataFrame, *, is_arrow: bool = False) -> GeoDataFrame:
    """Return a frame whose columns a GIS can hold: lists and mappings as JSON, mixed values as texts.

    Further columns of geometries, and of whole numbers beyond those of 64
    bits with a sign, become texts, too, unless it holds all that Arrow does.

    Raises
    ------
    FormatError
        If a list or mapping holds what JSON cannot.
    """
    from pandas.api.types import infer_dtype

    changed: dict[str, Any] = {}
    for name, column in frame.drop(columns=frame.geometry.name).items():
        if not is_arrow and (column.dtype == "geometry" or _is_beyond(column)):
            changed[str(name)] = [_text(value, str(name)) for value in json_values(column)]
        if column.dtype != object or infer_dtype(column, skipna=True) in {"string", "empty", "datetime", "date"}:
            continue
        if infer_dtype(column, skipna=True) == "boolean":
            changed[str(name)] = column.astype("boolean")
        else:
            changed[str(name)] = [_text(value, str(name)) for value in json_values(column)]
    return frame.assign(**changed) if changed else frame


def _is_beyond(column: Series) -> bool:
    """Return whether a column has whole numbers that are too large for 64 bits with a sign."""
    return column.dtype.kind == "u" and len(column) > 0 and bool((column >= 2**63).any())


def _are_mapped(words: list[str | None], class_map: ClassMap | None) -> NDArray[np.bool_]:
    """Return which of the words a map has."""
    keys = {None if key is None else class_word(key) for key in class_map or ()}
    return np.array([word in keys or (word is not None and same_word(word) in keys) for word in words], bool)


def _named(
    table: GeoDataFrame,
    codes: NDArray[np.intp],
    is_mapped: NDArray[np.bool_],
    class_ids: list[str | None],
    ontology: Ontology,
) -> tuple[Ontology, Any]:
    """Return the ontology and a column, both with the names that a table has for classes that were not mapped.

    Parameters
    ----------
    table
        It may have names of classes, whatever column has the classes themselves.
    codes
        Which of the words for classes each row has.
    is_mapped, class_ids
        Of each word, whether the map has it, and its class.
    ontology
        With names made of the words.
    """
    import pandas as pd

    given, texts = _words_of(table, "class_name")
    is_given = np.array([text is not None for text in texts], bool)[given] & ~is_mapped[codes]
    rows = np.flatnonzero(is_given)
    firsts = rows[np.sort(np.unique(codes[rows], return_index=True)[1])]
    names = {class_ids[codes[row]]: shown(" ".join(str(texts[given[row]]).split()), "") for row in firsts[::-1]}
    renamed = [cls.with_fields(name=names[cls.id]) for cls in ontology.classes if names.get(cls.id)]
    ontology = ontology.with_classes(renamed)
    made = _taken([None if i is None else ontology[i].name for i in class_ids], codes)
    return ontology, pd.Series(made).where(~is_given, pd.Series(_taken(texts, given))).array if len(rows) else made


def _class_words(frame: GeoDataFrame) -> tuple[NDArray[np.intp], list[str | None]]:
    """Return the different class words of a frame, and for each row which of them it has."""
    for key in CLASS_KEYS:
        codes, words = _words_of(frame, key)
        if any(word is not None for word in words):
            return codes, words
    return np.zeros(len(frame), np.intp), [None] * bool(len(frame))


def _words_of(frame: GeoDataFrame, key: str) -> tuple[NDArray[np.intp], list[str | None]]:
    """Return the different words of a column, and for each row which of them it has; None where there is none."""
    import pandas as pd

    if key not in frame.columns or key == frame.geometry.name:
        return np.zeros(len(frame), np.intp), [None] * bool(len(frame))
    try:
        codes, found = pd.factorize(frame[key], use_na_sentinel=False)
    except TypeError:  # lists and mappings, which are no words
        codes, found = pd.factorize(
            np.array([class_word(value) for value in frame[key]], object), use_na_sentinel=False
        )
    return codes, [class_word(value) for value in found]


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

"""Annotations as GeoDataFrames, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.columns import LabelColumns, source_in
from napari_geolabel.formats.flat_columns import flat_columns
from napari_geolabel.formats.frame_rows import row_dicts
from napari_geolabel.formats.schema import BASE_COLUMNS
from napari_geolabel.formats.table_rows import TableRows
from napari_geolabel.geo import GeoGrid, parse_crs
from napari_geolabel.ontology import Ontology

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame


def to_geodataframe(annotations: Iterable[Annotation], grid: GeoGrid, ontology: Ontology) -> GeoDataFrame:
    """Return annotations as a frame with the flat columns of ``schema.py``.

    Geometries are in the CRS of the grid, unedited imports in that CRS with
    every bit; without a georeference they are in pixel coordinates and the
    frame has no CRS.  ``attributes`` holds mappings.
    """
    import geopandas as gpd
    import pandas as pd

    drawn = list(annotations)
    geometries = np.empty(len(drawn), object)
    geometries[:] = [annotation.geometry for annotation in drawn]
    if grid.is_georeferenced and grid.crs is not None:
        geometries = shapely.transform(geometries, grid.pixel_to_map)
        for index, annotation in enumerate(drawn):
            if annotation.source is not None and (imported := source_in(annotation, grid.crs)) is not None:
                geometries[index] = shapely.force_2d(imported)
    table = pd.DataFrame(flat_columns(drawn, ontology, grid))
    return gpd.GeoDataFrame(table, geometry=geometries, crs=grid.crs if grid.is_georeferenced else None)


def from_geodataframe(frame: GeoDataFrame, grid: GeoGrid) -> LabelColumns:  # noqa: ARG001  (part of the contract)
    """Return the rows of a frame as columns.

    A frame without a CRS is in pixel coordinates.  The class stands in
    ``class_id`` or another column of
    :data:`~napari_geolabel.formats.classes.CLASS_KEYS`, the id in ``id`` or
    a named index.

    Raises
    ------
    FormatError
        If a row has no geometry.
    """
    require_geometries(frame)
    geometries = np.asarray(frame.geometry.array, object)
    labels = [str(label) for label in frame.index]
    table = frame.drop(columns=frame.geometry.name)
    rows = row_dicts(table)
    if frame.index.name == "id":
        rows = [{"id": label, **row} for label, row in zip(labels, rows, strict=True)]
    return LabelColumns.from_rows(
        geometries,
        rows,
        crs=None if frame.crs is None else parse_crs(frame.crs),
        name="the frame",
        where=[f"row {label}" for label in labels],
    )


def require_geometries(frame: GeoDataFrame) -> None:
    """Refuse a frame with rows that have no geometry.

    Raises
    ------
    FormatError
        It names the first such row.
    """
    missing = shapely.is_missing(np.asarray(frame.geometry.array, object))
    if missing.any():
        row = frame.index[int(np.argmax(missing))]
        raise FormatError(f"row {row} of the frame has no geometry; drop such rows first (frame.dropna())")


def frame_of_columns(columns: LabelColumns) -> GeoDataFrame:
    """Return what was read of a table as a frame, each property a column, with the index that its sentences use."""
    import geopandas as gpd
    import pandas as pd

    rows = columns.properties
    table = rows.frame() if isinstance(rows, TableRows) else _table_of(rows)
    table.index = pd.Index(list(columns.where), dtype=object)
    if any(found is not None for found in columns.ids) and "id" not in table:
        table.insert(0, "id", columns.ids)
    key = "geometry"
    while key in table:  # a property of that name is a column like others
        key += "_"
    table[key] = gpd.GeoSeries(columns.geometries, crs=columns.crs).array
    return gpd.GeoDataFrame(table, geometry=key)


def _table_of(rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Return rows as a table of all the names that they have, in which whole numbers stay as they are."""
    import pandas as pd

    table = pd.DataFrame.from_records(list(rows))
    for name in table.columns[table.dtypes == np.float64]:  # which pandas may have made of whole numbers
        table[name] = _unchanged([row.get(name) for row in rows])
    return table


def _unchanged(values: list[Any]) -> Any:  # noqa: ANN401  (what a column can be made of)
    """Return the values of a column such that pandas makes no fractions of whole numbers beside empty cells."""
    import pandas as pd

    kinds = set(map(type, values))
    if int not in kinds or kinds == {int}:
        return values
    whole = [value for value in values if type(value) is int]
    if kinds == {int, type(None)} and min(whole) >= -(2**63) and max(whole) < 2**63:
        return pd.array(values, dtype="Int64")
    is_exact = max(map(abs, whole)) <= 2**53  # as a fraction too
    return values if is_exact else pd.Series(values, dtype=object)


__all__ = ["BASE_COLUMNS", "from_geodataframe", "to_geodataframe"]

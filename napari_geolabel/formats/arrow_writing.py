"""Frames to GDAL as columns of Arrow, the geometries of simple polygons put together from their coordinates.

Well-known binary: OGC 06-103r4, section 8.2.  GEOS writes one geometry after
the other; of polygons without holes, which most labels are, all headers and
all coordinates are there as two arrays, and Arrow joins them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import WriteError
from napari_geolabel.geo import short_name

if TYPE_CHECKING:
    import pyarrow as pa
    from geopandas import GeoDataFrame
    from pandas import Series
    from pyproj import CRS

_LINE, _POLYGON, _MULTI_POLYGON = 1, 3, 6
_HEAD = [("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("points", "<u4")]
_MULTI_HEAD = [("outer_order", "u1"), ("outer_type", "<u4"), ("parts", "<u4"), *_HEAD]
_LARGEST = 2**31 - 1
"""Bytes that a column of ordinary binaries holds."""


def has_arrow() -> bool:
    """Return whether columns can go to GDAL whole, without an object for each cell."""
    return find_spec("pyarrow") is not None


def write_frame(path: Path, frame: GeoDataFrame, *, geometry_type: str, is_multi: bool = False, **options: Any) -> None:  # noqa: ANN401
    """Have GDAL write a frame as a layer of a file.

    Parameters
    ----------
    path
        The file.
    frame
        Its geometries, of which none is missing, stand in the column ``geometry``.
    geometry_type
        That of the layer.
    is_multi
        Whether lines and polygons become those of several parts.
    options
        Of `pyogrio.write_dataframe`; ``layer`` and ``driver`` are needed.

    Raises
    ------
    DataSourceError, DataLayerError, ValueError
        If GDAL cannot write it.
    WriteError
        As `write_cells`.
    """
    import pyogrio

    table = _table(frame, is_multi) if has_arrow() else None
    if table is None:
        write_cells(
            path, frame, geometry_type=geometry_type, promote_to_multi=is_multi, use_arrow=has_arrow(), **options
        )
        return
    crs = None if frame.crs is None else _crs_text(frame.crs)
    pyogrio.write_arrow(table, path, geometry_name="geometry", geometry_type=geometry_type, crs=crs, **options)


def write_cells(path: Path, frame: GeoDataFrame, **options: Any) -> None:  # noqa: ANN401
    """Have GDAL write a frame cell by cell, which takes any column, but only a CRS that the old sort of text can say.

    Raises
    ------
    DataSourceError, DataLayerError, ValueError
        If GDAL cannot write it.
    WriteError
        If its CRS is one that only newer texts can say.
    """
    import pyogrio
    from pyproj.exceptions import CRSError

    try:
        pyogrio.write_dataframe(frame, path, **options)
    except CRSError as error:
        raise WriteError(
            f"the CRS {short_name(frame.crs)} cannot stand in such a file; name another (crs=, --crs) or write GeoJSON"
        ) from error


def _crs_text(crs: CRS) -> str:
    """Return the code of a CRS, else the text of it that all programs know, else the one that says every CRS."""
    from pyproj.exceptions import CRSError

    epsg = crs.to_epsg()
    if epsg:
        return f"EPSG:{epsg}"
    try:
        return str(crs.to_wkt("WKT1_GDAL"))
    except CRSError:  # a turned pole, say
        return str(crs.to_wkt())


def binaries_of(geometries: NDArray[np.object_], *, is_multi: bool = False) -> pa.Array:
    """Return geometries as well-known binary, shape (n,), lines and polygons made multi-part ones if asked for."""
    import pyarrow as pa

    simple = (shapely.get_type_id(geometries) == _POLYGON) & (shapely.get_num_interior_rings(geometries) == 0)
    simple &= ~shapely.is_empty(geometries) & (shapely.get_coordinate_dimension(geometries) == 2)
    joined = _joined(geometries[simple], is_multi)
    if simple.all():
        return joined
    rest = geometries[~simple]
    if is_multi:
        lines, areas = (shapely.get_type_id(rest) == kind for kind in (_LINE, _POLYGON))
        rest[lines] = shapely.multilinestrings(rest[lines], indices=np.arange(lines.sum()))
        rest[areas] = shapely.multipolygons(rest[areas], indices=np.arange(areas.sum()))
    written = pa.array(shapely.to_wkb(rest, flavor="iso"), joined.type)
    places = np.argsort(np.concatenate([np.flatnonzero(simple), np.flatnonzero(~simple)]))
    return pa.concat_arrays([joined, written]).take(pa.array(places))


def _joined(polygons: NDArray[np.object_], is_multi: bool) -> pa.Array:
    """Return polygons of one ring each as well-known binary."""
    import pyarrow as pa
    import pyarrow.compute as pc

    counts = shapely.get_num_coordinates(polygons)
    heads = np.zeros(len(polygons), _MULTI_HEAD if is_multi else _HEAD)
    heads["order"], heads["type"], heads["rings"], heads["points"] = 1, _POLYGON, 1, counts
    if is_multi:
        heads["outer_order"], heads["outer_type"], heads["parts"] = 1, _MULTI_POLYGON, 1
    points = shapely.get_coordinates(polygons).astype("<f8", copy=False)
    is_large = heads.nbytes + points.nbytes > _LARGEST
    kind, whole = (pa.large_binary(), np.int64) if is_large else (pa.binary(), np.int32)
    bounds = (np.arange(len(heads) + 1) * heads.itemsize, np.concatenate([[0], np.cumsum(counts)]) * 16)
    pieces = [
        pa.Array.from_buffers(kind, len(heads), [None, pa.py_buffer(ends.astype(whole)), pa.py_buffer(content)])
        for ends, content in zip(bounds, (heads.view(np.uint8), points), strict=True)
    ]
    return pc.binary_join_element_wise(*pieces, pa.scalar(b"", kind))


def _table(frame: GeoDataFrame, is_multi: bool) -> pa.Table | None:
    """Return a frame as a table that GDAL takes, None where cells must be looked at one by one."""
    import pandas as pd
    import pyarrow as pa

    columns = pd.DataFrame(frame.drop(columns="geometry"))
    if not all(_is_plain(column) for _, column in columns.items()):
        return None
    try:
        table = pa.Table.from_pandas(columns, preserve_index=False)
    except (pa.ArrowException, ValueError):
        return None
    for number, field in enumerate(table.schema):
        if pa.types.is_null(field.type):  # which GDAL does not know
            table = table.set_column(number, field.name, table[number].cast(pa.string()))
    return table.append_column("geometry", binaries_of(np.asarray(frame.geometry.array, object), is_multi=is_multi))


def _is_plain(column: Series) -> bool:
    """Return whether the type of a column says all of its cells: numbers, truth values, texts, times in UTC."""
    import pandas as pd

    kind = column.dtype
    if pd.api.types.is_object_dtype(kind):
        return pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}
    if isinstance(kind, pd.DatetimeTZDtype):
        return str(kind.tz) == "UTC"
    return not isinstance(kind, pd.CategoricalDtype)

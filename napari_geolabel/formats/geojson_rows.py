"""The rows of a frame to GeoJSON (RFC 7946), every column a property."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.formats.counting import count_features
from napari_geolabel.formats.frame_rows import FrameRows, json_values
from napari_geolabel.formats.geojson_write import CHUNK, dumps_each, geometry_members, write_collection
from napari_geolabel.formats.lonlat import bounding_boxes, follow_rfc7946, total_box
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.geo import LONLAT, parse_crs, same_crs, transform_points


def write_geojson_rows(path: Path, rows: FrameRows) -> None:
    """Write the rows of a frame as a feature collection.

    Raises
    ------
    GeoLabelError
        If a point has no longitude and latitude, a value cannot stand in JSON, or the file cannot be written.
    """
    lonlat = _lonlat_of(rows)
    box = total_box(bounding_boxes(lonlat))
    head: dict[str, Any] = {"type": "FeatureCollection"} | ({} if box is None else {"bbox": box})
    write_collection(path, head, (b",\n".join(lines) for lines in _features(rows, lonlat)), len(lonlat))


def write_geojsonseq_rows(path: Path, rows: FrameRows) -> None:
    """Write the rows of a frame as a feature to a line; raises as `write_geojson_rows`."""
    lonlat = _lonlat_of(rows)
    pieces = (b"\n".join(lines) + b"\n" for lines in _features(rows, lonlat))
    write_pieces(path, pieces, wanted=len(lonlat), counter=count_features)


def _lonlat_of(rows: FrameRows) -> NDArray[np.object_]:
    """Return the geometries of a frame in longitude and latitude, all coordinates reprojected in one call."""
    geometries = np.asarray(rows.frame.geometry.array, object)
    crs = parse_crs(rows.frame.crs)
    if not same_crs(crs, LONLAT):
        geometries = shapely.transform(geometries, lambda points: transform_points(points, crs, LONLAT))
    return follow_rfc7946(geometries)


def _features(rows: FrameRows, lonlat: NDArray[np.object_]) -> Iterator[list[bytes]]:
    """Yield the features of a frame in JSON, some at a time."""
    table = rows.frame.drop(columns=rows.frame.geometry.name)
    names = [str(name) for name in table.columns]
    columns = [json_values(column) for _, column in table.items()]
    ids = columns[names.index("id")] if "id" in names else [None] * len(lonlat)
    for start in range(0, len(lonlat), CHUNK):
        part = slice(start, start + CHUNK)
        cells = zip(*(column[part] for column in columns), strict=True)
        features = [
            {"type": "Feature", "id": key, "properties": dict(zip(names, row, strict=True)), "geometry": member}
            for key, row, member in zip(ids[part], cells, geometry_members(lonlat[part]), strict=True)
        ]
        for feature in features:
            if feature["id"] is None:
                del feature["id"]
        yield dumps_each(features)

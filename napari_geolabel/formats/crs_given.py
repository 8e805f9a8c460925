"""Files of map coordinates read in a CRS that the user names, where they name none or a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pyproj import CRS

from napari_geolabel.formats import gdal_files, geojsonseq, geopackage_read
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_read import read_geojson

if TYPE_CHECKING:
    from napari_geolabel.formats.label_set import Image


def read_geojson_in(path: Path, crs: CRS) -> LabelColumns:
    """Read GeoJSON."""
    return read_geojson(path, crs=crs)


def read_geojsonseq_in(path: Path, crs: CRS) -> LabelColumns:
    """Read a GeoJSON sequence."""
    return geojsonseq.read(path, None, crs=crs)


def read_geopackage_in(path: Path, crs: CRS) -> LabelColumns:
    """Read a GeoPackage."""
    return geopackage_read.read(path, None, crs=crs)


def _table_in(read: Callable[[Path, Image | None], LabelColumns], path: Path, crs: CRS) -> LabelColumns:
    """Read a table of features; all that its reader notes is that there is no CRS."""
    return replace(read(path, None), crs=crs, notes=[])


read_flatgeobuf_in = partial(_table_in, gdal_files.read_flatgeobuf)
read_geoparquet_in = partial(_table_in, gdal_files.read_geoparquet)
read_shapefile_in = partial(_table_in, gdal_files.read_shapefile)

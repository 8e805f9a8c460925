"""GeoJSON, both ways."""

from napari_geolabel.formats.geojson_read import read_geojson
from napari_geolabel.formats.geojson_write import write_geojson

__all__ = ["read_geojson", "write_geojson"]

"""Label files of other programs, read and written.

Every vector format is read into :class:`LabelColumns` and written from the
flat rows of ``schema.py``.  ``registry.py`` knows which formats there are.
"""

from napari_geolabel.formats.classes import CLASS_KEYS, ClassMap
from napari_geolabel.formats.columns import LabelColumns, Report
from napari_geolabel.formats.frames import from_geodataframe, to_geodataframe
from napari_geolabel.formats.geojson import read_geojson, write_geojson
from napari_geolabel.formats.geopackage import write_geopackage
from napari_geolabel.formats.mask_geotiff import read_mask, write_mask
from napari_geolabel.formats.registry import FORMATS, Format, exporter_for, importer_for
from napari_geolabel.formats.schema import properties_of

__all__ = [
    "CLASS_KEYS",
    "FORMATS",
    "ClassMap",
    "Format",
    "LabelColumns",
    "Report",
    "exporter_for",
    "from_geodataframe",
    "importer_for",
    "properties_of",
    "read_geojson",
    "read_mask",
    "to_geodataframe",
    "write_geojson",
    "write_geopackage",
    "write_mask",
]

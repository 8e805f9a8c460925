"""The formats of this package.

A format is a module of its own with functions of these names, and one entry
here.  What names a format stands here; how it is read and written, there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from napari_geolabel.formats.format import Format

_HERE = "napari_geolabel.formats"


def _table(form_id: str, title: str, *suffixes: str, losses: str = "losses_table", **more: Any) -> Format:  # noqa: ANN401
    """Return a format of ``gdal_files.py``, whose functions end in its id."""
    works = {"reader": "read", "writer": "write", "counter": "count", "recogniser": "recognises"}
    named: dict[str, Any] = {field: f"{_HERE}.gdal_files:{name}_{form_id}" for field, name in works.items()}
    named["crs_reader"] = f"{_HERE}.crs_given:read_{form_id}_in"
    return Format(id=form_id, title=title, suffixes=suffixes, losses=f"{_HERE}.gdal_files:{losses}", **(named | more))


def _format(form_id: str, title: str, *suffixes: str, module: str, **more: Any) -> Format:  # noqa: ANN401
    """Return a format whose module has ``read``, ``write``, ``losses``, ``count`` and ``recognises``."""
    named = {"reader": "read", "writer": "write", "losses": "losses", "counter": "count", "recogniser": "recognises"}
    works = {field: f"{_HERE}.{module}:{name}" for field, name in named.items()}
    return Format(id=form_id, title=title, suffixes=suffixes, **(works | more))


FORMATS: Mapping[str, Format] = {
    each.id: each
    for each in (
        Format(
            id="geojson",
            title="GeoJSON",
            suffixes=(".geojson", ".json"),
            reader=f"{_HERE}.geojson:read",
            crs_reader=f"{_HERE}.crs_given:read_geojson_in",
            writer=f"{_HERE}.geojson:write",
            row_writer=f"{_HERE}.geojson_rows:write_geojson_rows",
            losses=f"{_HERE}.geojson:losses",
            counter=f"{_HERE}.counting:count_features",
            recogniser=f"{_HERE}.geojson:recognises",
            whole=True,
            is_styled=True,
            is_projectable=True,
        ),
        Format(
            id="gpkg",
            title="GeoPackage",
            suffixes=(".gpkg",),
            reader=f"{_HERE}.geopackage_read:read",
            crs_reader=f"{_HERE}.crs_given:read_geopackage_in",
            recogniser=f"{_HERE}.geopackage_read:recognises",
            writer=f"{_HERE}.geopackage:write",
            row_writer=f"{_HERE}.geopackage:write_rows",
            losses=f"{_HERE}.geopackage:losses",
            counter=f"{_HERE}.counting:count_rows",
            whole=True,
        ),
        Format(
            id="mask",
            title="mask GeoTIFF",
            suffixes=(".tif", ".tiff"),
            content="mask",
            reader=f"{_HERE}.mask_geotiff:read_mask",
            writer=f"{_HERE}.mask_geotiff:write_mask",
            counter=f"{_HERE}.counting:count_pixels",
            beside=f"{_HERE}.mask_geotiff:mask_files",
        ),
        Format(
            id="panoptic-pair",
            title="pair of semantic and instance GeoTIFFs",
            suffixes=(".tif",),
            content="mask",
            flavour="panoptic",
            writer=f"{_HERE}.panoptic:write_pair",
            counter=f"{_HERE}.counting:count_pixels",
            beside=f"{_HERE}.panoptic:pair_files",
            place=f"{_HERE}.panoptic:pair_place",
            only_by_name=True,
        ),
        Format(
            id="coco-panoptic",
            title="COCO panoptic PNG",
            suffixes=(".png",),
            content="mask",
            flavour="panoptic",
            reader=f"{_HERE}.panoptic_read:read_coco",
            writer=f"{_HERE}.panoptic:write_coco",
            beside=f"{_HERE}.panoptic:coco_files",
        ),
        Format(
            id="coco",
            title="COCO",
            suffixes=(".coco.json", ".json"),
            reader=f"{_HERE}.coco_read:read",
            writer=f"{_HERE}.coco_write:write",
            losses=f"{_HERE}.coco_write:losses",
            counter=f"{_HERE}.coco_read:count",
            recogniser=f"{_HERE}.coco_read:recognises",
        ),
        *(
            Format(
                id=f"yolo{task}",
                title=f"YOLO {title}",
                suffixes=("data.yaml", ".txt"),
                reader=f"{_HERE}.yolo:read{task.replace('-', '_')}",
                writer=f"{_HERE}.yolo:write{task.replace('-', '_')}",
                losses=f"{_HERE}.yolo:losses{task.replace('-', '_')}",
                counter=f"{_HERE}.yolo:count",
                recogniser=f"{_HERE}.yolo:recognises",
                beside=f"{_HERE}.yolo:files_beside",
                place=f"{_HERE}.yolo:place",
                only_by_name=True,
            )
            for task, title in (("", "detection"), ("-seg", "segmentation"), ("-obb", "rotated boxes"))
        ),
        _format("dota", "DOTA", ".txt", module="dota", only_by_name=True),
        _format("voc", "Pascal VOC", ".xml", module="voc", only_by_name=True),
        _format("cvat", "CVAT for images", ".cvat.xml", ".xml", module="cvat", only_by_name=True),
        _format("labelstudio", "Label Studio", ".labelstudio.json", ".json", module="labelstudio"),
        _format("labelme", "LabelMe", ".labelme.json", ".json", module="labelme"),
        _format("labelbox", "Labelbox", ".ndjson", ".json", module="labelbox"),
        _format("encord", "Encord", ".encord.json", ".json", module="encord"),
        _format(
            "stac",
            "STAC label item",
            ".stac.json",
            ".geojson",
            ".json",
            module="stac",
            beside=f"{_HERE}.stac:files_beside",
            whole=True,
        ),
        _format("vott", "VoTT", ".vott.json", ".json", module="vott"),
        _format("hrsc", "HRSC2016", ".hrsc.xml", ".xml", module="hrsc", only_by_name=True),
        _format("xview", "xView", ".xview.geojson", ".geojson", module="xview"),
        _table(
            "flatgeobuf",
            "FlatGeobuf",
            ".fgb",
            whole=True,
            is_styled=True,
            row_writer=f"{_HERE}.gdal_files:write_flatgeobuf_rows",
        ),
        _table(
            "geoparquet",
            "GeoParquet",
            ".parquet",
            ".geoparquet",
            whole=True,
            is_styled=True,
            row_writer=f"{_HERE}.gdal_files:write_geoparquet_rows",
        ),
        _table(
            "shapefile",
            "Shapefile",
            ".shp",
            ".shp.zip",
            losses="losses_shapefile",
            is_styled=True,
            beside=f"{_HERE}.shapefile_parts:shapefile_parts",
        ),
        _format("kml", "KML", ".kml", module="kml"),
        _format(
            "geojsonseq",
            "GeoJSON sequence",
            ".geojsonl",
            ".geojsons",
            ".ndgeojson",
            module="geojsonseq",
            is_styled=True,
            crs_reader=f"{_HERE}.crs_given:read_geojsonseq_in",
            row_writer=f"{_HERE}.geojson_rows:write_geojsonseq_rows",
        ),
        _format("xview3", "xView3", ".xview3.csv", ".csv", module="xview3", only_by_name=True),
    )
}
"""The formats of this package by their id."""

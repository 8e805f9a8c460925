"""QGIS 3.22 opens our tables of features where they lie, with the columns that we wrote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import LabelSet, geometries_of
from napari_geolabel.formats.style_files import write_styles
from napari_geolabel.geo import GeoGrid

pytestmark = pytest.mark.gis
UTM = GeoGrid(shape=(512, 640), transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
OUTLINE = shapely.Polygon([(90, 90), (99, 90), (95, 99)])
PIERCED = shapely.box(200, 200, 240, 230).difference(shapely.box(210, 210, 220, 220))
SHAPES = (("box", shapely.box(10.25, 20.5, 40.75, 60.125)), ("polygon", OUTLINE), ("polygon", PIERCED))
IN_DEGREES = {"kml", "geojsonseq"}


@pytest.fixture
def labels(everything):
    drawn = [
        Annotation(class_id="ship", kind=kind, geometry=geometry, attributes={"word": "a", "yes": True})
        for kind, geometry in SHAPES
    ]
    return LabelSet(annotations=drawn, grid=UTM, ontology=everything, scene_name="scene", image_name="scene.tif")


@pytest.mark.parametrize("form_id", ["flatgeobuf", "shapefile", "kml", "geojsonseq"])
def test_qgis_sees_every_label_in_its_place(labels, tmp_path, qgis, form_id):
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, labels)
    seen = qgis("vector", str(path))
    assert seen["valid"]
    assert seen["features"] == len(SHAPES)
    assert seen["crs"] in ({"EPSG:4326", "OGC:CRS84"} if form_id in IN_DEGREES else {"EPSG:32633"})
    to_map = UTM.pixel_to_lonlat if form_id in IN_DEGREES else UTM.pixel_to_map
    expected = [shapely.transform(geometry, to_map).bounds for _, geometry in SHAPES]
    found = [shapely.from_wkt(text).bounds for text in seen["boxes"]]
    np.testing.assert_allclose(sorted(found), sorted(expected), atol=1e-9 if form_id in IN_DEGREES else 1e-3)


def test_qgis_sees_a_zipped_shapefile_too(labels, tmp_path, qgis):
    path = tmp_path / "scene.shp.zip"
    FORMATS["shapefile"].write(path, labels)
    seen = qgis("vector", f"/vsizip/{path}/scene.shp")
    assert (seen["valid"], seen["features"], seen["crs"]) == (True, len(SHAPES), "EPSG:32633")


def test_what_qgis_saves_as_geopackage_is_read(labels, tmp_path, qgis, everything):
    """QGIS, as GDAL, may leave journals and other layers beside; what counts is that the file opens for both."""
    path = tmp_path / "scene.gpkg"
    FORMATS["gpkg"].write(path, labels)
    assert qgis("vector", f"{path}|layername=labels_polygon")["features"] == len(SHAPES)
    columns = FORMATS["gpkg"].read(path, None)
    back, report = columns.to_annotations(UTM, everything)
    assert report.skipped == []
    assert {a.id for a in back} == {a.id for a in labels.annotations}


@pytest.mark.parametrize("form_id", ["geojson", "flatgeobuf", "shapefile"])
def test_qgis_takes_the_style_beside_a_file_by_itself(labels, tmp_path, qgis, everything, form_id):
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, labels)
    write_styles(path, everything, geometries_of(labels.annotations), ["qml", "sld"])
    seen = qgis("vector", str(path))
    assert (seen["renderer"], seen["column"]) == ("categorizedSymbol", "class_id")
    assert seen["legend"][:-1] == [[c.id, c.name, c.color] for c in everything.classes]
    assert seen["drawn"] == ["#ff0000"]


def test_qgis_sees_projected_geojson_in_its_place(labels, tmp_path, qgis):
    path = tmp_path / "scene.geojson"
    FORMATS["geojson"].write(path, replace(labels, crs=UTM.crs))
    seen = qgis("vector", str(path))
    assert (seen["valid"], seen["features"], seen["crs"]) == (True, len(SHAPES), "EPSG:32633")
    expected = [shapely.transform(geometry, UTM.pixel_to_map).bounds for _, geometry in SHAPES]
    np.testing.assert_allclose(sorted(shapely.from_wkt(t).bounds for t in seen["boxes"]), sorted(expected), atol=1e-6)


def test_qgis_reads_the_sld_beside_a_file(labels, tmp_path, qgis, everything):
    path = tmp_path / "scene.geojson"
    FORMATS["geojson"].write(path, labels)
    (style,) = write_styles(path, everything, geometries_of(labels.annotations), ["sld"])
    seen = qgis("sld", f"{path}|{style}")
    assert seen["read"], seen["message"]
    expected = [(c.name, f"class_id = '{c.id}'", c.color) for c in everything.classes]
    assert [(label, rule.replace('"', ""), color) for label, rule, color in seen["rules"]] == expected

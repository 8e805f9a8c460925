"""What fuzzing has found: each file once made a reader say no sentence, or say several lines."""

from __future__ import annotations

import io
import json
import zipfile

import geopandas as gpd
import pytest
import shapely

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image

SCENE = Image(name="scene.tif", shape=(64, 80))
BROKEN_SIZE = """<HRSC_Image><Img_ID>scene</Img_ID><Img_SizeWidth>80
 <!-- -->
</Img_SizeWidth><Img_SizeHeight>6
4</Img_SizeHeight></HRSC_Image>"""


def refusal(form_id: str, path) -> str:
    """Return the sentence by which a reader refuses a file."""
    with pytest.raises(FormatError) as refused:
        FORMATS[form_id].read(path, SCENE)
    said = str(refused.value)
    assert "\n" not in said
    assert 0 < len(said) < 400
    return said


def test_a_size_over_several_lines_is_quoted_on_one(tmp_path):
    path = tmp_path / "scene.hrsc.xml"
    path.write_text(BROKEN_SIZE)
    assert "an image of 80 x 6 4 pixels" in refusal("hrsc", path)


def test_a_class_over_several_lines_is_quoted_on_one(tmp_path, everything):
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"class": "a\nb"}}
    path.write_text(json.dumps(feature))
    columns = FORMATS["geojson"].read(path, None)
    with pytest.raises(FormatError, match='of the class "a b", which') as refused:
        columns.to_annotations(everything_grid(), everything)
    assert "\n" not in str(refused.value)


def everything_grid():
    """Return a grid in degrees."""
    from affine import Affine
    from pyproj import CRS

    from napari_geolabel.geo import GeoGrid

    return GeoGrid(shape=(10, 10), transform=Affine(1, 0, 0, 0, -1, 10), crs=CRS.from_epsg(4326))


def test_a_name_in_a_zip_that_is_no_text_is_told(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("läbels.shp", b"")
    path = tmp_path / "a.shp.zip"
    path.write_bytes(held.getvalue().replace("lä".encode(), b"l\xe7("))
    assert "cannot be unpacked" in refusal("shapefile", path)


def test_a_crs_in_geoparquet_that_is_none_is_told(tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs="EPSG:32633").to_parquet(path)
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"geo"])
    about["columns"]["geometry"]["crs"]["base_crs"] = {"name": 7}
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(about)}), path)
    assert "cannot be read as GeoParquet" in refusal("geoparquet", path)


def test_an_attribute_with_a_list_of_nothing_is_refused_and_not_joined(tmp_path, everything):
    path = tmp_path / "a.geojson"
    row = {"class_id": "ship", "kind": "keypoint", "attr_one": "a", "attributes": {"one": [None]}}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": row}
    path.write_text(json.dumps(feature))
    _, report = FORMATS["geojson"].read(path, None).to_annotations(everything_grid(), everything)
    assert report.imported + len(report.skipped) == 1


def test_a_text_of_a_table_that_is_no_utf_8_is_told_as_soon_as_it_is_needed(tmp_path):
    path = tmp_path / "a.fgb"
    frame = gpd.GeoDataFrame({"class": ["ship"], "word": ["abcdefgh"]}, geometry=[shapely.box(1, 2, 3, 4)], crs=4326)
    frame.to_file(path)
    content = path.read_bytes()
    assert content.count(b"abcdefgh") == 1
    path.write_bytes(content.replace(b"abcdefgh", b"ab\xff\xfe\x80fgh"))
    assert "a text that is no UTF-8" in refusal("flatgeobuf", path)

"""GeoJSON in the scene's CRS, on request: as others read it, and as it comes back."""

from __future__ import annotations

import json

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Source
from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.geojson_projected import crs_member
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.geo import GeoGrid

FORM = FORMATS["geojson"]
SHAPES = [
    ("box", shapely.box(10.25, 20, 40, 60)),
    ("rotated_box", shapely.Polygon([(100, 90), (130, 120), (120, 130), (90, 100)])),
    ("polygon", shapely.box(50, 50, 90.5, 90).difference(shapely.box(60, 60, 70.5, 71))),
    ("polyline", shapely.LineString([(300, 300), (340, 310)])),
    ("keypoint", shapely.Point(400.25, 400.5)),
]


def rings_apart(geometries) -> list:
    """Geometries to the last bit, but for where their rings begin and which way these run."""
    return [shapely.normalize(geometry) for geometry in geometries]


def drawn() -> list[Annotation]:
    return [Annotation(class_id="ship", kind=kind, geometry=geometry) for kind, geometry in SHAPES]


@pytest.fixture
def written(tmp_path, everything):
    """Write annotations of a grid in a CRS, and return where."""

    def write(annotations, grid, crs, **more):
        path = tmp_path / "scene.geojson"
        labels = LabelSet(annotations=annotations, grid=grid, ontology=everything, scene_name="scene", crs=crs, **more)
        FORM.write(path, labels)
        return path

    return write


def test_geopandas_sees_every_label_at_its_place(written, utm):
    frame = geopandas.read_file(written(drawn(), utm, utm.crs))
    assert frame.crs.to_epsg() == 32633
    assert list(frame.geometry.geom_type) == ["Polygon", "Polygon", "Polygon", "LineString", "Point"]
    for found, (_, shape) in zip(frame.geometry, SHAPES, strict=True):
        assert shapely.equals_exact(
            shapely.normalize(found), shapely.normalize(shapely.transform(shape, utm.pixel_to_map)), 1e-9
        )
    assert list(frame["class_id"]) == ["ship"] * len(SHAPES)


def test_the_file_says_what_it_is(written, utm):
    content = json.loads(written(drawn(), utm, utm.crs, scene_attributes={"haze": True}).read_text("utf-8"))
    assert content["crs"] == {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    assert content["bbox"] == shapely.total_bounds([shapely.transform(g, utm.pixel_to_map) for _, g in SHAPES]).tolist()
    assert content["geolabel"]["scene"]["attributes"] == {"haze": True}
    rings = [f["geometry"]["coordinates"] for f in content["features"] if f["geometry"]["type"] == "Polygon"]
    assert all(shapely.LinearRing(outline[0]).is_ccw for outline in rings)
    assert not any(shapely.LinearRing(hole).is_ccw for outline in rings for hole in outline[1:])


def test_every_annotation_comes_back_to_the_last_bit(written, grid, everything):
    path = written(drawn(), grid, grid.crs)
    back, report = FORM.read(path).to_annotations(grid, everything)
    assert report.skipped == []
    assert [a.kind for a in back] == [kind for kind, _ in SHAPES]
    assert rings_apart(a.geometry for a in back) == rings_apart(shape for _, shape in SHAPES)


def test_another_crs_than_the_scenes_may_be_asked_for(written, utm, everything):
    path = written(drawn(), utm, CRS.from_epsg(3857))
    columns = FORM.read(path)
    assert columns.crs.to_epsg() == 3857
    back, _ = columns.to_annotations(utm, everything)
    assert rings_apart(a.geometry for a in back) == rings_apart(shape for _, shape in SHAPES)


def test_what_was_imported_in_that_crs_goes_back_bit_for_bit(written, utm):
    odd = shapely.Polygon([(500000.1, 5399990.2), (500010.3, 5399990.4), (500010.5, 5399980.6)])
    inside = shapely.transform(odd, utm.map_to_pixel)
    known = Source(wkb=shapely.to_wkb(odd), crs="EPSG:32633")
    path = written([Annotation(class_id="ship", kind="polygon", geometry=inside, source=known)], utm, utm.crs)
    (feature,) = json.loads(path.read_text("utf-8"))["features"]
    assert {tuple(point) for point in feature["geometry"]["coordinates"][0]} == set(odd.exterior.coords)


def test_nothing_is_a_collection_of_nothing(written, utm):
    path = written([], utm, utm.crs)
    assert (json.loads(path.read_text("utf-8"))["features"], FORM.count(path), len(FORM.read(path))) == ([], 0, 0)


def test_a_crs_without_a_code_and_a_scene_without_a_place_are_refused(written, utm, nowhere, everything):
    own = CRS.from_proj4("+proj=laea +lat_0=5 +lon_0=3")
    with pytest.raises(FormatError, match="has none"):
        written(drawn(), utm, own)
    with pytest.raises(FormatError, match="write a GeoPackage"):
        FORM.lost(LabelSet(annotations=[], grid=utm, ontology=everything, crs=own))
    with pytest.raises(NotGeoreferencedError):
        written(drawn(), nowhere, utm.crs)


def test_losses_tell_who_does_not_understand_it(utm, everything):
    (told,) = FORM.lost(LabelSet(annotations=drawn(), grid=utm, ontology=everything, crs=utm.crs))
    assert "web maps" in told
    assert FORM.lost(LabelSet(annotations=drawn(), grid=utm, ontology=everything)) == []


@given(code=st.sampled_from([4326, 3857, 32633, 2154, 27700, 5514]))
@settings(max_examples=6)
def test_the_member_names_the_crs_that_readers_find(code):
    name = crs_member(CRS.from_epsg(code))["properties"]["name"]
    assert CRS.from_user_input(name).to_epsg() == code


def test_exports_take_the_crs_as_a_word_or_a_code(tmp_path, write_scene, everything):
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    with open_scene(write_scene()) as scene:
        labels = open_labels(scene=scene, ontology=everything)
        labels.add(shapely.box(1, 2, 9, 8), "ship", kind="box")
        for crs in ("scene", "EPSG:3857", 3857):
            path = tmp_path / f"{crs}.geojson".replace(":", "")
            assert len(labels.export(path, crs=crs)) == 1
            expected = scene.grid.crs if crs == "scene" else CRS.from_epsg(3857)
            assert geopandas.read_file(path).crs == expected
        with pytest.raises(FormatError, match="COCO has no choice of a CRS"):
            labels.export(tmp_path / "x.coco.json", crs="scene")
        with pytest.raises(NotGeoreferencedError):
            labels.export(tmp_path / "y.geojson", crs="EPSG:0", dry_run=True)


def test_words_for_a_scene_without_a_crs(tmp_path, write_scene, everything, nowhere):
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.opening import open_labels

    small = GeoGrid(shape=(32, 32), transform=nowhere.transform)
    with open_scene(write_scene(small, name="plain.tif")) as scene:
        labels = open_labels(scene=scene, ontology=everything)
        with pytest.raises(FormatError, match="has no CRS"):
            labels.export(tmp_path / "x.geojson", crs="scene")
    assert np.array_equal(list(tmp_path.glob("*.geojson")), [])

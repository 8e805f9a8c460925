"""From the features of any file to annotations of a scene: what is kept, left out and told."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.columns import LabelColumns, PixelCopy, crs_text, same_grid, source_in
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.lonlat import to_lonlat
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind

WGS84 = CRS.from_epsg(4326)


def array(*geometries: shapely.Geometry) -> np.ndarray:
    made = np.empty(len(geometries), object)
    made[:] = geometries
    return made


def columns(*features, crs=None, **more) -> LabelColumns:
    """Return the columns of features, each a geometry and its properties."""
    where = [f"feature {i}" for i in range(1, len(features) + 1)]
    rows = [dict(row) for _, row in features]
    return LabelColumns.from_rows(
        array(*(g for g, _ in features)), rows, crs=crs, name="a.geojson", where=where, **more
    )


CLOUD = shapely.Polygon([(10.25, 10.1), (30.3, 12), (20, 33.7)])


def test_annotations_become_columns_and_themselves_again(grid, ontology):
    drawn = [
        Annotation(class_id="cloud", kind="polygon", geometry=CLOUD, status="accepted", confidence=0.5),
        Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(1 / 3, 2 / 3)),
    ]
    back, report = LabelColumns.from_annotations(drawn, ontology, grid).to_annotations(grid, ontology)
    assert back == drawn
    assert (report.imported, report.skipped, report.notes) == (2, [], [])


def test_the_exact_pixels_of_our_own_file_return_unless_somebody_moved_the_feature(utm, ontology):
    pixels = array(CLOUD, shapely.transform(CLOUD, lambda xy: xy + 100))
    lonlat = shapely.transform(to_lonlat(pixels, utm), lambda xy: xy.round(7))
    moved = shapely.transform(lonlat[1], lambda xy: xy + 1e-4)
    read = columns((lonlat[0], {"class_id": "cloud"}), (moved, {"class_id": "cloud"}), crs=WGS84)
    read.pixels = PixelCopy(grid=utm, geometries=pixels, precision=7)
    kept, changed = read.to_annotations(utm, ontology)[0]
    assert kept.geometry.equals_exact(CLOUD, 0)
    assert shapely.hausdorff_distance(changed.geometry, pixels[1]) > 0.5
    elsewhere = replace(utm, transform=utm.transform @ utm.transform.translation(5, 0))
    shifted = read.to_annotations(elsewhere, ontology)[0][0]
    assert shapely.hausdorff_distance(shifted.geometry, CLOUD) == pytest.approx(5, abs=0.1)


def test_an_imported_geometry_can_be_handed_on_bit_for_bit(utm, ontology):
    lonlat = to_lonlat(array(CLOUD), utm)[0]
    (made,), _ = columns((lonlat, {"class_id": "cloud"}), crs=WGS84).to_annotations(utm, ontology)
    assert source_in(made, WGS84).wkb == lonlat.wkb
    assert source_in(made, utm.crs) is None
    assert source_in(made.edited(geometry=CLOUD), WGS84) is None


def test_collections_become_their_parts_with_ids_of_their_own(utm, ontology):
    nested = shapely.GeometryCollection([shapely.MultiPoint([(1, 1), (2, 2)]), shapely.Point(3, 3)])
    made, report = columns((nested, {"class_id": "buoy", "id": "a"})).to_annotations(utm, ontology)
    assert [a.geometry.x for a in made] == [1, 2, 3]
    assert len({a.id for a in made}) == 3
    assert report.notes == ["1 collections of geometries were split into one annotation per part"]


def test_a_class_that_the_map_leaves_out_is_skipped_and_a_class_unknown_stops_the_import(utm, ontology):
    read = columns((CLOUD, {"label": "Nimbus"}), (CLOUD, {"label": "fog"}))
    made, report = read.to_annotations(utm, ontology, class_map={"Nimbus": "cloud", "fog": None})
    assert [a.class_id for a in made] == ["cloud"]
    assert report.skipped == [("feature 2", 'class_map leaves "fog" out')]
    with pytest.raises(FormatError, match='feature 1 is of the class "Nimbus"'):
        read.to_annotations(utm, ontology)


def test_what_the_ontology_forbids_is_skipped_with_its_place_and_the_rest_comes_in(utm, ontology):
    read = columns((shapely.Point(1, 1), {"class_id": "cloud"}), (CLOUD, {"class_id": "cloud"}))
    made, report = read.to_annotations(utm, ontology)
    assert (len(made), report.imported) == (1, 1)
    ((place, reason),) = report.skipped
    assert place == "feature 1"
    assert "\n" not in reason


def test_only_our_own_rows_are_believed_their_id_and_status(utm, ontology):
    ours = {"class_id": "cloud", "kind": "polygon", "id": "a", "status": "accepted", "confidence": 0.25}
    made, _ = columns((CLOUD, ours), (CLOUD, {**ours, "kind": "", "id": "b"})).to_annotations(utm, ontology)
    assert (made[0].id, made[0].status, made[0].confidence) == ("a", Status.ACCEPTED, 0.25)
    assert (made[1].id != "b", made[1].status, made[1].confidence) == (True, Status.DRAFT, 0.25)
    assert made[1].provenance.tool == "import of a.geojson"


def test_a_status_that_is_asked_for_is_given_to_all(utm, ontology):
    made, _ = columns((CLOUD, {"class_id": "cloud"})).to_annotations(utm, ontology, status="suggested")
    assert made[0].status is Status.SUGGESTED


def test_map_coordinates_need_a_place_for_the_scene(nowhere, ontology):
    with pytest.raises(NotGeoreferencedError, match=r"a\.geojson has map coordinates and the scene has none"):
        columns((CLOUD, {"class_id": "cloud"}), crs=WGS84).to_annotations(nowhere, ontology)


def test_new_classes_allow_what_the_features_are(ontology):
    read = columns((shapely.MultiPoint([(1, 1)]), {"class": "crane"}), (CLOUD, {"class": "cloud"}))
    grown = read.with_new_classes(ontology)
    assert Kind.KEYPOINT in grown["crane"].kinds
    assert Kind.POLYLINE not in grown["crane"].kinds
    assert grown["cloud"] == ontology["cloud"]


def test_grids_are_the_same_only_with_shape_place_and_crs(grid, nowhere):
    assert same_grid(grid, replace(grid))
    assert same_grid(nowhere, replace(nowhere))
    assert not same_grid(grid, nowhere)
    assert not same_grid(grid, replace(grid, shape=(511, 512)))
    assert not same_grid(grid, replace(grid, crs=CRS.from_epsg(3857)))


@pytest.mark.parametrize("crs", [WGS84, CRS.from_epsg(32633), CRS.from_proj4("+proj=laea +lat_0=10 +lon_0=20")])
def test_the_text_of_a_crs_leads_back_to_it(crs):
    assert CRS.from_user_input(crs_text(crs)) == crs
    assert crs_text(WGS84) == "EPSG:4326"


@pytest.mark.parametrize("number", [1e13, 1e300, np.inf])
@pytest.mark.parametrize("kind", ["rotated_box", "box", "polygon", "polyline", "keypoint", None])
def test_what_lies_farther_away_than_any_pixel_is_left_out_without_a_sum_that_overflows(utm, everything, kind, number):
    far = {"polyline": shapely.LineString([(1, 1), (2, number)]), "keypoint": shapely.Point(number, 3)}
    shape = far.get(kind, shapely.Polygon([(number, 20), (40, 30), (35, 35), (25, 25)]))
    columns = LabelColumns.from_rows(
        np.array([shape, shapely.box(1, 2, 5, 6)], object),
        [{"class": "ship", "kind": kind}, {"class": "ship"}],
        crs=None,
        name="a",
        where=["one", "two"],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept, report = columns.to_annotations(utm, everything)
    assert [a.geometry.bounds for a in kept] == [(1, 2, 5, 6)]
    assert report.skipped == [("one", "it lies farther away than any pixel")]


@pytest.mark.parametrize("west", [170, 0])
@pytest.mark.parametrize("form_id", ["geojson", "geojsonseq", "kml", "flatgeobuf"])
def test_our_files_of_a_scene_over_180_degrees_come_back_where_they_were(form_id, west, everything, tmp_path):
    grid = GeoGrid(shape=(200, 4000), transform=Affine(0.05, 0, west, 0, -0.05, 5), crs=WGS84)
    middle = (180 - west) / 0.05
    shapes = {
        "box": shapely.box(middle - 10, 50, middle + 10, 60),
        "rotated_box": shapely.Polygon([(middle + 9, 90), (middle + 14, 95), (middle - 9, 118), (middle - 14, 113)]),
        "polyline": shapely.LineString([(middle - 30, 5), (middle + 5, 25), (middle + 40, 10)]),
        "keypoint": shapely.Point(middle + 100, 50),
    }
    drawn = [Annotation(class_id="ship", kind=kind, geometry=shape) for kind, shape in shapes.items()]
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, LabelSet(annotations=drawn, grid=grid, ontology=everything, scene_name="scene"))
    read = replace(FORMATS[form_id].read(path, None), pixels=None).on_scene(grid)
    back, report = read.to_annotations(grid, everything)
    assert (report.skipped, report.notes) == ([], [])
    for made, was in zip(back, drawn, strict=True):
        assert made.kind == was.kind
        assert made.geometry.equals_exact(was.geometry, 1e-4, normalize=True)


@pytest.mark.parametrize("form_id", ["geojson", "geojsonseq", "kml", "flatgeobuf"])
@pytest.mark.parametrize("west", [-180, 0])
def test_boxes_and_lines_over_most_of_the_world_come_back(form_id, west, everything, tmp_path):
    grid = GeoGrid(shape=(180, 360), transform=Affine(1, 0, west, 0, -1, 90), crs=WGS84)
    box = Annotation(class_id="ship", kind="box", geometry=shapely.box(10, 40, 350, 60))
    line = Annotation(class_id="ship", kind="polyline", geometry=shapely.LineString([(20, 50), (340, 55)]))
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, LabelSet(annotations=[box, line], grid=grid, ontology=everything, scene_name="scene"))
    read = replace(FORMATS[form_id].read(path, None), pixels=None)
    (found, way), report = read.to_annotations(grid, everything)
    assert (report.skipped, found.kind) == ([], "box")
    assert found.geometry.equals_exact(box.geometry, 1e-6, normalize=True)
    assert way.geometry.geom_type == "LineString"
    assert shapely.hausdorff_distance(way.geometry, line.geometry) < 1e-6

"""From geometries that scripts hand over to annotations."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from napari_geolabel.errors import GeometryError, NotGeoreferencedError
from napari_geolabel.geo import LONLAT, GeoGrid, box_from_axis
from napari_geolabel.labels.adding import make_annotations, to_pixels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass

PIXELS = GeoGrid(shape=(100, 100), transform=Affine.identity())
EVERYTHING = LabelClass(
    id="thing",
    name="Thing",
    color="#ff0000",
    kinds=(Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.POLYLINE, Kind.KEYPOINT),
)
TRIANGLE = Polygon([(0, 0), (10, 0), (5, 8)])
TURNED = Polygon([(10, 0), (20, 10), (10, 20), (0, 10)])


def kind_of(geometry: shapely.Geometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    (made,) = make_annotations([geometry], label_class, grid)
    return made.kind


def allowing(*kinds: Kind) -> LabelClass:
    return LabelClass(id="thing", name="Thing", color="#ff0000", kinds=kinds)


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (Point(3, 4), Kind.KEYPOINT),
        (LineString([(0, 0), (5, 5)]), Kind.POLYLINE),
        (MultiLineString([[(0, 0), (5, 5)], [(6, 6), (7, 9)]]), Kind.POLYLINE),
        (box(2, 3, 9, 8), Kind.BOX),
        (box(2, 3, 9, 8).reverse(), Kind.BOX),
        (Polygon([(9, 3), (9, 8), (2, 8), (2, 3)]), Kind.BOX),
        (TURNED, Kind.ROTATED_BOX),
        (TRIANGLE, Kind.POLYGON),
        (box(0, 0, 9, 9) - box(3, 3, 5, 5), Kind.POLYGON),
        (Polygon([(0, 0), (5, 0), (10, 0), (10, 5), (0, 5)]), Kind.POLYGON),
        (MultiPolygon([box(0, 0, 2, 2), box(5, 5, 7, 7)]), Kind.POLYGON),
    ],
)
def test_the_kind_follows_from_the_geometry(geometry: shapely.Geometry, kind: Kind) -> None:
    assert kind_of(geometry, EVERYTHING, PIXELS) is kind


@pytest.mark.parametrize(
    ("geometry", "allowed", "kind"),
    [
        (box(2, 3, 9, 8), (Kind.POLYGON,), Kind.POLYGON),
        (box(2, 3, 9, 8), (Kind.ROTATED_BOX, Kind.POLYGON), Kind.ROTATED_BOX),
        (TURNED, (Kind.BOX, Kind.POLYGON), Kind.POLYGON),
        (TRIANGLE, (Kind.ROTATED_BOX,), Kind.POLYGON),
        (TURNED, (Kind.BOX,), Kind.POLYGON),
    ],
)
def test_what_the_class_allows_decides_between_kinds(
    geometry: shapely.Geometry, allowed: tuple[Kind, ...], kind: Kind
) -> None:
    assert kind_of(geometry, allowing(*allowed), PIXELS) is kind


def test_a_box_that_reprojection_left_a_billionth_off_is_still_a_box() -> None:
    noisy = Polygon(
        shapely.get_coordinates(box(2, 3, 9, 8)) + 1e-9 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    )
    assert kind_of(noisy, EVERYTHING, PIXELS) is Kind.BOX


def test_a_rectangle_on_the_ground_is_a_rotated_box_where_pixels_are_not_square() -> None:
    oblong = GeoGrid(shape=(100, 100), transform=Affine(0.001, 0, 24.0, 0, -0.001, 60.0), crs=LONLAT)
    on_the_ground = Polygon(box_from_axis((20, 20), (60, 50), (30, 50), oblong))
    assert kind_of(on_the_ground, EVERYTHING, oblong) is Kind.ROTATED_BOX
    assert kind_of(on_the_ground, EVERYTHING, PIXELS) is Kind.POLYGON


@pytest.mark.parametrize("geometry", [MultiPoint([(0, 0), (1, 1)]), shapely.GeometryCollection([Point(0, 0)])])
def test_a_collection_is_no_annotation(geometry: shapely.Geometry) -> None:
    with pytest.raises(GeometryError, match="add its parts one by one"):
        kind_of(geometry, EVERYTHING, PIXELS)


def test_geometry_without_a_crs_is_in_pixels_and_has_no_source() -> None:
    pixels, sources = to_pixels([TRIANGLE, Point(1, 2)], None, PIXELS)
    assert pixels[0].equals_exact(TRIANGLE, 0)
    assert sources == [None, None]


def test_geometry_in_a_crs_lands_on_its_pixels_and_keeps_its_bits(grid: GeoGrid) -> None:
    ground = shapely.transform(TRIANGLE, grid.pixel_to_lonlat)
    (pixels,), (source,) = to_pixels([ground], "EPSG:4326", grid)
    assert shapely.hausdorff_distance(pixels, TRIANGLE) < 1e-6
    assert source is not None
    assert source.crs == "EPSG:4326"
    assert shapely.from_wkb(source.wkb).equals_exact(ground, 0)


def test_a_source_in_a_crs_without_a_code_keeps_its_definition(grid: GeoGrid) -> None:
    azimuthal = "+proj=laea +lat_0=52 +lon_0=10 +datum=WGS84 +units=m"
    _, (source,) = to_pixels([Point(12345.678, -54321.0)], azimuthal, GeoGrid(**vars_of(grid, crs="EPSG:32633")))
    assert source is not None
    assert "laea" in source.crs.lower() or "lambert azimuthal" in source.crs.lower()


def vars_of(grid: GeoGrid, crs: str) -> dict[str, object]:
    from napari_geolabel.geo import parse_crs

    return {"shape": grid.shape, "transform": Affine(10, 0, 399_960, 0, -10, 5_300_040), "crs": parse_crs(crs)}


def test_heights_do_not_enter_pixel_geometry() -> None:
    (flat,), _ = to_pixels([Point(1, 2, 30)], None, PIXELS)
    assert not flat.has_z


def test_a_crs_is_refused_where_the_scene_has_none() -> None:
    with pytest.raises(NotGeoreferencedError, match="with_transform"):
        to_pixels([Point(11, 48)], "EPSG:4326", PIXELS)


def test_an_unknown_crs_is_refused_by_name() -> None:
    with pytest.raises(NotGeoreferencedError, match="'EPSG:999999'"):
        to_pixels([Point(11, 48)], "EPSG:999999", PIXELS)


def test_what_is_no_geometry_is_refused_with_its_place() -> None:
    with pytest.raises(GeometryError, match="geometry 1 is a tuple"):
        to_pixels([Point(0, 0), (1, 2)], None, PIXELS)  # type: ignore[list-item]


def test_multipart_geometry_stays_one_annotation() -> None:
    several = [MultiPolygon([box(0, 0, 2, 2), box(5, 5, 7, 7)]), MultiPolygon([box(9, 9, 10, 10)])]
    pixels, _ = to_pixels(several, None, PIXELS)
    assert [geometry.geom_type for geometry in pixels] == ["MultiPolygon", "MultiPolygon"]


def test_annotations_say_when_and_with_what_they_were_made() -> None:
    (made,) = make_annotations([TRIANGLE], EVERYTHING, PIXELS, tool="segmenter 2.1", confidence=0.7, status="suggested")
    assert (made.provenance.tool, made.confidence, made.status) == ("segmenter 2.1", 0.7, "suggested")
    assert made.provenance.created is not None
    assert made.provenance.created.utcoffset() is not None


def test_a_kind_that_is_given_is_not_guessed() -> None:
    (made,) = make_annotations([box(0, 0, 5, 5)], EVERYTHING, PIXELS, kind="polygon")
    assert made.kind is Kind.POLYGON


def test_places_beyond_180_degrees_are_taken_to_the_scene_and_kept_as_they_were_told():
    fiji = GeoGrid(shape=(200, 2000), transform=Affine(0.01, 0, 170, 0, -0.01, 1), crs=LONLAT)
    (pixels,), (source,) = to_pixels([Point(-175, 0.5)], "EPSG:4326", fiji)
    assert pixels.coords[0] == pytest.approx((1500, 50))
    assert shapely.from_wkb(source.wkb) == Point(-175, 0.5)

"""What is said of what a format does not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.formats import FORMATS, losing
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind

PIXELS = GeoGrid(shape=(100, 100), transform=Affine.identity())
BOX = shapely.box(10, 10, 30, 30)
PIERCED = BOX.difference(shapely.box(15, 15, 20, 20))
PARTS = shapely.MultiPolygon([BOX, shapely.box(50, 50, 60, 60)])


def a(kind: str, geometry: shapely.Geometry, **more) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry, **more)


@pytest.fixture
def labels(everything) -> LabelSet:
    annotations = [
        a("box", BOX),
        a("polygon", PIERCED),
        a("polygon", PARTS),
        a("polyline", shapely.LineString([(0, 0), (1, 1)])),
        a("polyline", shapely.LineString([(0, 0), (2, 1)])),
        a("keypoint", shapely.Point(1, 1)),
        a("box", BOX, status=Status.REJECTED),
    ]
    return LabelSet(annotations=annotations, grid=PIXELS, ontology=everything, scene_attributes={"haze": True})


def test_kinds_that_are_not_held_and_rejected_ones_are_counted(labels):
    assert list(losing.left_out(labels, "Paper", Kind.BOX, Kind.POLYGON)) == [
        "1 rejected annotation left out",
        "2 of the kind polyline left out: Paper has no lines; GeoJSON keeps them",
        "1 of the kind keypoint left out: Paper has no points; GeoJSON keeps them",
    ]
    everywhere = [kind for kind in Kind if kind is not Kind.MASK]
    accepted = replace(labels, annotations=labels.annotations[:-1])
    assert list(losing.left_out(accepted, "Paper", *everywhere)) == []


def test_scene_attributes_ids_and_answers_are_named(labels):
    assert list(losing.scene_left_out(labels, "Paper")) == [
        "the attributes of the whole scene do not go into Paper; COCO or GeoJSON keeps them"
    ]
    assert list(losing.scene_left_out(replace(labels, scene_attributes={}), "Paper")) == []
    assert len(list(losing.bare(labels.annotations, "Paper"))) == 1
    assert list(losing.bare([], "Paper")) == []


def test_links_and_groups_are_told_of_where_nothing_holds_them(labels):
    lone = labels.annotations[0]
    grouped, linked = lone.edited(group="a"), lone.edited(links=(("towed_by", lone.id),))
    for drawn in ([lone, grouped], [linked]):
        (sentence,) = losing.unlinked(drawn, "Paper")
        assert sentence == "links and groups do not go into Paper; COCO or GeoJSON keeps them"
        assert sentence in losing.bare(drawn, "Paper")
    assert list(losing.unlinked([lone], "Paper")) == []


def test_holes_and_parts_are_counted(labels):
    (sentence,) = losing.pierced(labels.annotations, "dust")
    assert sentence == "1 polygon with holes written as dust"
    (sentence,) = losing.pixels_for_holes(labels.annotations, "masks")
    assert sentence.startswith("1 polygon with holes written as masks of whole pixels")
    (sentence,) = losing.split(labels.annotations)
    assert sentence.startswith("1 annotation of several parts split")
    for tell in (losing.split, lambda drawn: losing.pierced(drawn, "dust")):
        assert list(tell([labels.annotations[0]])) == []


def test_areas_with_holes_that_have_no_pixel_are_left_out_and_told_of(labels):
    far = a("polygon", shapely.affinity.translate(PIERCED, 500, 0))
    beyond = replace(labels, annotations=[*labels.annotations, far, a("box", shapely.affinity.translate(BOX, 500, 0))])
    kinds = [kind for kind in Kind if kind is not Kind.MASK]
    kept = losing.holdable(beyond, *kinds)
    assert far not in kept
    assert len(kept) == len(labels.annotations)  # the rejected one is out, the box beyond the edge is in
    assert list(losing.without_pixels(beyond, *kinds)) == [
        "1 of those with holes left out, which cover the centre of no pixel of the image"
    ]
    assert list(losing.without_pixels(labels, *kinds)) == []


TINY = shapely.box(10.1, 10.1, 10.4, 10.4) - shapely.box(10.2, 10.2, 10.3, 10.3)
CORNER = shapely.Polygon(  # about a corner of the image, which lies in the box about it
    [(-50, -50), (150, -50), (150, -40), (-40, -40), (-40, 150), (-50, 150)], [[(-49, -49), (-48, -49), (-48, -48)]]
)
BENT = shapely.Polygon(  # its middle lies on no centre that it covers
    [(0.3, 0), (0.7, 0), (0.7, 40), (0.3, 40)], [[(0.4, 0.6), (0.6, 0.6), (0.6, 39), (0.4, 39)]]
)


@pytest.mark.parametrize(("geometry", "is_held"), [(TINY, False), (CORNER, False), (BENT, True), (PIERCED, True)])
@pytest.mark.parametrize("form_id", ["cvat", "labelbox", "labelme", "labelstudio", "coco", "encord"])
def test_areas_with_holes_come_back_or_are_told_to_be_left_out(tmp_path, labels, form_id, geometry, is_held):
    drawn = replace(labels, annotations=[a("polygon", geometry)], scene_name="scene", image_name="scene.tif")
    form = FORMATS[form_id]
    path = tmp_path / f"scene{form.suffixes[-1]}"
    form.write(path, drawn)
    columns = form.read(path, Image(name="scene.tif", shape=PIXELS.shape))
    told = any("1 of those with holes left out" in sentence for sentence in form.lost(drawn))
    assert (len(columns), columns.skipped) == (1 - told, [])
    assert told is (not is_held and form_id not in {"coco", "encord"})


VECTOR = sorted(form.id for form in FORMATS.values() if form.writes and form.content == "vector")
NEEDS_EARTH = {"geojson", "stac", "geojsonseq", "flatgeobuf", "geoparquet", "shapefile", "kml"}
EARTH = GeoGrid(shape=(100, 100), transform=Affine(10, 0, 500_000, 0, -10, 5_000_000), crs=CRS.from_epsg(32632))


def grid_for(form_id: str) -> GeoGrid:
    return EARTH if form_id in NEEDS_EARTH else PIXELS


@pytest.mark.parametrize("form_id", VECTOR)
def test_labels_far_outside_the_image_neither_crash_nor_vanish_untold(tmp_path, labels, form_id):
    shapes = [("box", BOX), ("polygon", PIERCED), ("polygon", PARTS), ("keypoint", shapely.Point(1, 1))]
    labels = replace(labels, grid=grid_for(form_id))
    for shift in (-5_000, 95, 5_000):
        drawn = [a(kind, shapely.affinity.translate(geometry, shift, shift)) for kind, geometry in shapes]
        moved = replace(labels, annotations=drawn, scene_name="scene", image_name="scene.tif")
        form = FORMATS[form_id]
        told = form.lost(moved)
        path = tmp_path / f"scene{form.suffixes[-1]}"
        form.write(path, moved)
        assert form.count(path) >= len(drawn) or told


@pytest.mark.parametrize("form_id", VECTOR)
def test_no_labels_at_all_are_written_and_lose_nothing_but_what_is_of_the_scene(tmp_path, labels, form_id):
    form = FORMATS[form_id]
    labels = replace(labels, grid=grid_for(form_id))
    empty = replace(labels, annotations=[], scene_attributes={}, scene_name="scene", image_name="scene.tif")
    assert form.lost(empty) == []
    path = tmp_path / f"scene{form.suffixes[-1]}"
    form.write(path, empty)
    assert form.count(path) == 0

"""Painted pixels as polygons, polygons as painted pixels, and annotations that are painted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import ForbiddenKindError, GeometryError
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.mask_part import Within
from napari_geolabel.masks import burn
from napari_geolabel.ontology.model import LabelClass, Ontology

ONTOLOGY = Ontology(
    id="sky",
    name="Sky",
    version="1",
    classes=(
        LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=3, kinds=("mask", "polygon", "keypoint")),
        LabelClass(id="shadow", name="Shadow", color="#000000", mask_value=5, kinds=("mask", "polygon", "box")),
        LabelClass(id="haze", name="Haze", color="#888888", mask_value=7, kinds=("mask",)),
        LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",)),
    ),
)
RING = shapely.box(100, 100, 140, 130).difference(shapely.box(110, 105, 120, 115))


@pytest.fixture
def labels(scene):
    return open_labels(scene=scene, ontology=ONTOLOGY)


def state(labels):
    return labels.canvas.array.copy(), {i: (labels[i].class_id, labels[i].geometry.wkb) for i in labels}


def same(one, other):
    return np.array_equal(one[0], other[0]) and one[1] == other[1]


def there_and_back(labels, before):
    """Undo brings the state before back, redo the one after."""
    after = state(labels)
    labels.undo()
    assert same(state(labels), before)
    labels.redo()
    assert same(state(labels), after)


def test_paint_becomes_polygons_and_paint_again_as_one_change_each(labels):
    labels.paint(RING, "cloud")
    labels.paint(shapely.box(300, 40, 310, 50), "cloud")
    painted = state(labels)
    change = labels.retouch.outline("cloud")
    assert change.title == "make 2 polygons of painted cloud"
    assert not labels.canvas.array.any()
    shapes = [labels[i].geometry for i in labels]
    assert sum(shape.area for shape in shapes) == 40 * 30 - 100 + 100
    assert any(shape.equals(RING) for shape in shapes)
    there_and_back(labels, painted)
    drawn = state(labels)
    assert labels.retouch.burn(list(labels)).title == "paint 2 annotations into the mask"
    assert np.array_equal(labels.canvas.array, painted[0])
    assert not len(labels)
    there_and_back(labels, drawn)


def test_only_what_lies_within_is_outlined(labels):
    labels.paint(RING, "cloud")
    labels.retouch.outline("cloud", within=Within(area=shapely.box(0, 0, 512, 110)))
    (made,) = labels.store.values()
    assert made.geometry.bounds == (100, 100, 140, 110)
    assert (labels.canvas.array == 3).sum() == RING.intersection(shapely.box(0, 110, 512, 512)).area


def test_pixels_that_meet_at_corners_are_one_polygon_or_two(labels):
    labels.paint(shapely.union_all([shapely.box(10, 10, 12, 12), shapely.box(12, 12, 14, 14)]), "cloud")
    labels.retouch.outline("cloud", connectivity=8)
    assert len(labels) == 1
    labels.undo()
    labels.retouch.outline("cloud")
    assert len(labels) == 2


def test_the_later_class_wins_where_areas_overlap_and_locked_pixels_stay(labels):
    labels.paint(shapely.box(0, 0, 5, 5), "haze")
    labels.locked = ["haze"]
    first = labels.add(shapely.box(0, 0, 20, 20), "shadow", kind="box")
    second = labels.add(shapely.box(10, 0, 30, 20), "cloud")
    labels.retouch.burn([second.id, first.id, first.id])
    values, counts = np.unique(labels.canvas.array, return_counts=True)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {0: 512 * 512 - 600, 3: 200, 5: 375, 7: 25}


def test_what_cannot_cross_is_said_and_changes_nothing(labels):
    labels.paint(RING, "haze")
    point = labels.add(shapely.Point(5, 5), "cloud", kind="keypoint")
    ship = labels.add(shapely.box(0, 0, 5, 5), "ship")
    off, sliver = labels.add(shapely.box(-9, -9, -1, -1), "cloud"), labels.add(shapely.box(5.6, 5, 6.4, 50), "cloud")
    before = state(labels)
    for nowhere in (off, sliver):
        with pytest.raises(GeometryError, match="a cloud covers the centre of no pixel, so that nothing of it"):
            labels.retouch.burn(nowhere.id)
    with pytest.raises(ForbiddenKindError, match="Haze is not drawn as polygon"):
        labels.retouch.outline("haze")
    with pytest.raises(GeometryError, match="a keypoint has no area to paint"):
        labels.retouch.burn(point.id)
    with pytest.raises(ForbiddenKindError, match="ship is not painted"):
        labels.retouch.burn(ship.id)
    with pytest.raises(GeometryError, match="no pixel of the scene lies there"):
        labels.retouch.instance(shapely.box(-50, -50, -10, -10), "cloud")
    with pytest.raises(ForbiddenKindError):
        labels.retouch.instance(RING, "ship")
    assert same(state(labels), before)
    assert not labels.retouch.outline("cloud")  # nothing is painted so


def test_painted_instances_get_ids_of_their_own_and_never_eat_each_other(labels):
    stroke = shapely.LineString([(50, 50), (80, 60)]).buffer(7)
    one = labels.retouch.instance(stroke, "cloud")
    assert np.array_equal(burn([one.geometry], 1, (512, 512)), burn([stroke], 1, (512, 512))), (
        "along pixel edges, the very pixels of the stroke"
    )
    two = labels.retouch.instance(shapely.box(70, 40, 120, 70), "cloud")
    assert one.id != two.id
    assert two.geometry.intersection(one.geometry).area == 0
    assert two.geometry.union(one.geometry).area == burn([stroke, shapely.box(70, 40, 120, 70)], 1, (512, 512)).sum()
    before = state(labels)
    more = labels.retouch.instance(shapely.box(30, 45, 60, 55), "cloud", into=one.id)
    assert more.id == one.id
    assert more.geometry.covers(one.geometry)
    there_and_back(labels, before)
    with pytest.raises(GeometryError, match="belong to another Cloud already; select it"):
        labels.retouch.instance(shapely.box(80, 45, 90, 55), "cloud")
    assert labels.retouch.instance(shapely.box(90, 45, 95, 55), "cloud", into=two.id).geometry.equals(two.geometry)


def test_what_is_rejected_has_no_pixels_of_its_own(labels):
    proposal = labels.add(shapely.box(10, 10, 30, 30), "cloud", status="suggested")
    with pytest.raises(GeometryError, match="belong to another Cloud already"):
        labels.retouch.instance(shapely.box(12, 12, 20, 20), "cloud")
    labels.update(proposal.id, status="rejected")
    made = labels.retouch.instance(shapely.box(5, 5, 40, 40), "cloud")
    assert made.geometry.equals(shapely.box(5, 5, 40, 40))


def test_instances_merge_and_split_by_reshaping(labels):
    one = labels.retouch.instance(shapely.box(10, 10, 20, 20), "cloud")
    two = labels.retouch.instance(shapely.box(20, 10, 30, 20), "cloud")
    whole = labels.reshape.merge([one.id, two.id])
    assert whole.geometry.equals(shapely.box(10, 10, 30, 20))
    halves = labels.reshape.split(whole.id, shapely.LineString([(15, 0), (15, 40)]))
    assert {half.geometry.bounds for half in halves} == {(10, 10, 15, 20), (15, 10, 30, 20)}
    assert len({half.id for half in halves}) == 2


def test_neighbours_whose_outlines_cross_themselves_are_left_what_they_cover(labels):
    bow = shapely.Polygon([(10, 10), (50, 50), (50, 10), (10, 50)])
    bow_tie = labels.add(bow, "cloud")
    square = shapely.box(0, 0, 60, 60)
    made = labels.retouch.instance(square, "cloud")
    both = burn([bow], 1, (512, 512)).astype(int) + burn([made.geometry], 1, (512, 512))
    assert both[:60, :60].min() == both.max() == 1
    grown = labels.retouch.instance(shapely.box(200, 0, 210, 10), "cloud", into=bow_tie.id)
    assert grown.geometry.is_valid
    assert grown.geometry.area == pytest.approx(shapely.make_valid(bow).area + 100)

"""Painted areas grown, cleaned, swapped and filled, each as one change."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from napari_geolabel.errors import ForbiddenKindError, GeoLabelError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.mask_part import Within
from napari_geolabel.labels.retouching import Retouching
from napari_geolabel.masks import areas
from napari_geolabel.ontology.model import LabelClass, Ontology

CLOUD, SHADOW = 3, 5
ONTOLOGY = Ontology(
    id="sky",
    name="Sky",
    version="1",
    classes=(
        LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=CLOUD, kinds=("mask",)),
        LabelClass(id="shadow", name="Shadow", color="#000000", mask_value=SHADOW, kinds=("mask", "polygon")),
        LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",)),
    ),
)


@pytest.fixture
def labels(scene):
    made = open_labels(scene=scene, ontology=ONTOLOGY)
    made.paint(shapely.box(100, 100, 120, 110), "cloud")
    return made


def area(labels, value=CLOUD):
    return labels.canvas.array == value


def undone(labels, before):
    """Whether one step of undo brings a state back."""
    labels.undo()
    return np.array_equal(labels.canvas.array, before)


def test_growing_and_shrinking_are_in_metres_on_the_ground(labels):
    before = labels.canvas.array.copy()
    change = labels.retouch.grow("cloud", metres=20)  # pixels are 10 m
    assert change.title == "grow cloud by 20 m"
    assert area(labels)[98, 100:120].all()
    assert not area(labels)[97].any()
    assert not area(labels)[98, 98]  # a disc, no square
    labels.retouch.shrink("cloud", pixels=2)
    assert np.array_equal(labels.canvas.array, before)
    labels.undo()
    assert undone(labels, before)


def test_what_is_locked_stays_whatever_is_done(labels):
    labels.paint(shapely.box(122, 100, 130, 110), "shadow")
    labels.locked = ["shadow"]
    shadow = area(labels, SHADOW)
    labels.retouch.grow("cloud", pixels=6)
    labels.retouch.fill_holes("cloud", pixels=1e6)
    labels.paint(shapely.box(90, 90, 140, 140), "cloud")
    labels.retouch.erase(shapely.box(90, 90, 140, 140))
    assert np.array_equal(area(labels, SHADOW), shadow)
    assert not area(labels).any()
    for forbidden in (
        lambda: labels.retouch.shrink("shadow", pixels=1),
        lambda: labels.retouch.swap("cloud", "shadow"),
        lambda: labels.retouch.replace("shadow", None),
        lambda: labels.retouch.erase_outside(shapely.box(0, 0, 1, 1), ["shadow"]),
    ):
        with pytest.raises(GeoLabelError, match="Shadow is locked; unlock the class"):
            forbidden()
    labels.paint(shapely.box(122, 100, 130, 112), "shadow")  # more of it is no overwriting
    assert area(labels, SHADOW).sum() == 8 * 12


def test_locks_are_told_and_must_be_classes(labels):
    told = []
    labels.locks_changed.connect(lambda: told.append(labels.locked))
    labels.locked = ["cloud"]
    labels.locked = ["cloud"]
    assert told == [{"cloud"}]
    assert labels.locked_values == {CLOUD}
    with pytest.raises(GeoLabelError, match="fog"):
        labels.locked = ["fog"]
    labels.locked = ["ship"]
    assert labels.locked_values == set()


def test_specks_and_holes_go_by_their_size_on_the_ground(labels):
    labels.retouch.erase(shapely.box(105, 103, 108, 106))
    labels.paint(shapely.box(200, 200, 202, 202), "cloud")
    labels.paint(shapely.box(195, 195, 210, 198), "shadow")
    before = labels.canvas.array.copy()
    labels.retouch.fill_holes("cloud", square_metres=900)  # nine pixels of 100 m²: not smaller
    labels.retouch.drop_specks("cloud", square_metres=400)
    assert np.array_equal(labels.canvas.array, before)
    labels.retouch.fill_holes("cloud", square_metres=901)
    assert area(labels)[100:110, 100:120].all()
    labels.retouch.drop_specks("cloud", pixels=5)
    assert area(labels).sum() == 200


def test_a_speck_goes_to_what_is_around_it(labels):
    labels.paint(shapely.box(300, 300, 320, 320), "shadow")
    labels.paint(shapely.box(310, 310, 312, 312), "cloud")
    labels.retouch.drop_specks("cloud", pixels=10)
    assert area(labels, SHADOW).sum() == 400


def test_smoothing_cuts_a_spike_off_and_gives_it_to_its_neighbour(labels):
    labels.paint(shapely.box(90, 110, 130, 130), "shadow")
    labels.paint(shapely.box(110, 110, 111, 125), "cloud")
    labels.retouch.smooth("cloud", pixels=4)
    assert not area(labels)[112:125, 110].any()
    assert area(labels, SHADOW)[112:125, 110].all()


def test_smoothing_gives_nothing_that_the_class_loses_back_to_it(labels):
    random = np.random.default_rng(5)
    for x, y in random.integers(100, 180, (120, 2)).tolist():
        labels.paint(shapely.box(x, y, x + 3, y + 3), [None, "cloud", "shadow"][(x + y) % 3])
    wished = areas.smoothed(area(labels), 3)
    assert (area(labels) & ~wished).sum() > 100
    labels.retouch.smooth("cloud", pixels=3)
    assert np.array_equal(area(labels), wished)


def test_swapping_and_replacing(labels):
    labels.paint(shapely.box(0, 0, 10, 10), "shadow")
    before = labels.canvas.array.copy()
    labels.retouch.swap("cloud", "shadow")
    assert (area(labels, SHADOW).sum(), area(labels).sum()) == (200, 100)
    assert undone(labels, before)
    labels.retouch.replace("cloud", "shadow", within=Within(area=shapely.box(0, 0, 110, 512)))
    assert (area(labels, SHADOW).sum(), area(labels).sum()) == (200, 100)
    labels.retouch.replace("shadow", None)
    assert (area(labels, SHADOW).sum(), area(labels).sum()) == (0, 100)


def test_erasing_inside_and_outside_an_area_of_some_classes(labels):
    labels.paint(shapely.box(100, 120, 120, 130), "shadow")
    knife = labels.scene.grid.pixel_to_map(np.array([[100, 0], [110, 0], [110, 512], [100, 512]]))
    labels.retouch.erase(shapely.Polygon(knife), ["cloud"], crs=labels.scene.grid.crs)
    assert (area(labels).sum(), area(labels, SHADOW).sum()) == (100, 200)
    labels.retouch.erase_outside(shapely.box(100, 0, 112, 512))
    assert (area(labels).sum(), area(labels, SHADOW).sum()) == (20, 120)
    assert not labels.retouch.erase(shapely.Polygon())


@pytest.fixture
def two_tones(tmp_path):
    """A scene of two halves: 100 to column 250, 200 from there on, one odd pixel in each, no data in the corner."""
    values = np.full((2, 512, 512), 100, np.uint16)
    values[:, :, 250:] = 200
    values[0, 300, 200], values[0, 300, 300] = 120, 100
    values[:, :10, :10] = 0
    path = tmp_path / "tones.tif"
    profile = {"driver": "GTiff", "height": 512, "width": 512, "count": 2, "dtype": "uint16", "nodata": 0}
    with rasterio.open(path, "w", crs=32633, transform=from_origin(399960, 5300040, 10, 10), **profile) as target:
        target.write(values)
    with open_scene(path) as scene:
        yield open_labels(scene=scene, ontology=ONTOLOGY)


def test_filling_stops_where_the_spectrum_changes_and_at_its_reach(two_tones):
    labels = two_tones
    change = labels.retouch.fill((240.5, 300.5), "cloud", tolerance=5, reach_px=60)
    assert change.title == "fill cloud"
    assert area(labels).sum() == 121 * 70 - 1  # to column 250, without the odd pixel
    labels.retouch.fill((240.5, 300.5), "cloud", tolerance=15, reach_px=60)
    assert area(labels).sum() == 121 * 70
    labels.retouch.fill((240.5, 300.5), None, tolerance=5, bands=[1], reach_px=600)
    assert not area(labels).any()


def test_filling_goes_round_what_is_locked_and_stays_within(two_tones):
    labels = two_tones
    labels.paint(shapely.box(0, 255, 250, 256), "shadow")
    labels.locked = ["shadow"]
    labels.retouch.fill((20.5, 400.5), "cloud", within=Within(area=shapely.box(0, 200, 100, 512)))
    assert not area(labels)[:256].any()
    assert area(labels)[256:, :100].all()
    assert area(labels).sum() == 256 * 100


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (lambda r: r.fill((5.5, 5.5), "cloud"), "that pixel holds no data"),
        (lambda r: r.fill((-1, 5), "cloud"), "lies outside the scene"),
        (lambda r: r.fill((float("nan"), 5), "cloud"), r"\(nan, 5\) lies outside the scene"),
        (lambda r: r.smooth("cloud", pixels=1e6), "a disc of 1e\\+06 px is too wide to smooth with; give 1024 pixels"),
        (lambda r: r.smooth("cloud", metres=10250), "a disc of 10250 m is too wide"),
        (lambda r: r.fill((50, 50), "cloud", tolerance=-1), "a tolerance of -1 % cannot be"),
        (lambda r: r.fill((50, 50), "cloud", reach_px=0), "a reach of 0 pixels"),
        (lambda r: r.grow("cloud"), "give an amount either"),
        (lambda r: r.grow("cloud", metres=1, pixels=1), "give an amount either"),
        (lambda r: r.grow("cloud", pixels=-2), "an amount of -2 px cannot be"),
        (lambda r: r.smooth("cloud", metres=float("nan")), "an amount of nan m cannot be"),
        (lambda r: r.drop_specks("cloud", square_metres=0), "an amount of 0 m² cannot be"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(two_tones, wish, sentence):
    with pytest.raises(GeoLabelError, match=sentence):
        wish(two_tones.retouch)
    assert two_tones.canvas.is_empty


def test_classes_that_are_not_painted_and_scenes_without_a_place(labels, pixel_scene):
    with pytest.raises(ForbiddenKindError):
        labels.retouch.grow("ship", pixels=1)
    there = open_labels(scene=pixel_scene, ontology=ONTOLOGY)
    with pytest.raises(GeoLabelError, match="metres mean nothing here; give pixels"):
        there.retouch.grow("cloud", metres=10)
    for retouch in (there.retouch.grow, there.retouch.smooth, there.retouch.drop_specks, there.retouch.fill_holes):
        assert not retouch("cloud", pixels=10)  # nothing is painted yet


def test_a_change_can_be_computed_apart_and_applied_later(labels):
    planned = Retouching(labels, lambda change: change).grow("cloud", pixels=3)
    assert area(labels).sum() == 200
    labels.store.apply(planned)
    assert area(labels).sum() > 200

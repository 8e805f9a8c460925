"""Commands on painted areas as keys and buttons give them: which class, which part, which words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.viewer.retoucher import COMMANDS, Retoucher, Scope

ONTOLOGY = Ontology(
    id="sky",
    name="Sky",
    version="1",
    classes=(
        LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=3, kinds=("mask", "polygon")),
        LabelClass(id="haze", name="Haze", color="#888888", mask_value=7, kinds=("mask",)),
        LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",)),
    ),
)


class Desk:
    """A retoucher, and what is in hand, selected, seen and told."""

    def __init__(self, scene):
        self.labels = open_labels(scene=scene, ontology=ONTOLOGY)
        self.hand, self.selection = SimpleNamespace(class_id="cloud"), SimpleNamespace(ids=[])
        self.seen, self.notes = None, []
        self.retoucher = Retoucher(
            self.labels, self.hand, self.selection, view=lambda: self.seen, notify=self.notes.append
        )

    def count(self, value=3):
        return int((self.labels.canvas.array == value).sum())


@pytest.fixture
def desk(write_scene):
    with open_scene(write_scene()) as scene:
        yield Desk(scene)


def test_amounts_are_metres_on_earth_and_pixels_elsewhere(desk, write_scene):
    from affine import Affine

    assert (desk.retoucher.unit, desk.retoucher.area_unit) == ("m", "m²")
    with open_scene(write_scene(GeoGrid(shape=(30, 40), transform=Affine.identity()), "pixels.tif")) as scene:
        there = Desk(scene)
        assert (there.retoucher.unit, there.retoucher.area_unit) == ("px", "px")
        there.labels.paint(shapely.box(10, 10, 12, 12), "cloud")
        there.retoucher.distance = 1
        there.retoucher.run("grow")
        assert there.count() == 12
        assert there.labels.store.undo_titles[0] == "grow cloud by 1 px"


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "burn"])
def test_each_command_is_one_change_that_undo_takes_back(desk, command):
    desk.labels.paint(shapely.box(100, 100, 130, 130).difference(shapely.box(110, 110, 112, 112)), "cloud")
    desk.labels.paint(shapely.box(130, 100, 131, 110).union(shapely.box(200, 200, 202, 202)), "cloud")
    desk.retoucher.partner = "haze"
    before, steps = desk.labels.canvas.array.copy(), len(desk.labels.store.undo_titles)
    desk.retoucher.run(command)
    assert not np.array_equal(desk.labels.canvas.array, before)
    assert len(desk.labels.store.undo_titles) == steps + 1
    desk.labels.undo()
    assert np.array_equal(desk.labels.canvas.array, before)
    assert not desk.notes


def test_only_what_is_in_view_changes_unless_all_is_asked_for(desk):
    for x in (50, 300):
        desk.labels.paint(shapely.box(x, 50, x + 10, 60), "cloud")
    desk.seen = (0, 512, 0, 200)
    desk.retoucher.run("shrink")
    assert desk.count() == 36 + 100
    desk.retoucher.scope = Scope.MASK
    desk.retoucher.run("shrink")
    assert desk.count() == 4 + 36


def test_why_not_is_said_and_nothing_done(desk):
    assert desk.retoucher.why_not("burn") == "select the areas to paint into the mask first"
    assert desk.retoucher.why_not("swap") == "choose another class to swap with"
    for class_id, command, reason in (
        ("ship", "grow", "Ship is not painted; choose a class that is"),
        ("haze", "outline", "Haze is not drawn as polygon, so its paint stays paint"),
    ):
        desk.hand.class_id = class_id
        assert desk.retoucher.why_not(command) == reason
        desk.retoucher.run(command)
        assert desk.notes[-1] == reason
        with pytest.raises(GeoLabelError):
            desk.retoucher.plan(command)
    desk.hand.class_id = "haze"
    desk.labels.locked = ["haze"]
    assert desk.retoucher.why_not("grow") == "Haze is locked; unlock the class to change it"
    assert not desk.labels.store.undo_titles


def test_a_plan_is_of_the_moment_when_it_was_made(desk):
    desk.labels.paint(shapely.box(50, 50, 60, 60), "cloud")
    plan = desk.retoucher.plan("grow")
    desk.hand.class_id, desk.retoucher.distance = "haze", 500
    desk.retoucher.take(plan())
    assert 100 < desk.count() < 200
    assert desk.count(7) == 0


def test_what_the_tools_draw_is_painted_erased_filled_and_made_instances(desk):
    area = shapely.box(10, 10, 30, 30)
    desk.retoucher.draw("area", area)
    assert desk.count() == 400
    desk.retoucher.draw("erase_area", shapely.box(20, 0, 40, 40))
    assert desk.count() == 200
    desk.retoucher.tolerance = 0.5
    desk.retoucher.draw("wand", shapely.Point(100.5, 100.5))
    assert desk.count() > 200
    desk.retoucher.draw("instance", area)
    (made,) = desk.labels.store.values()
    desk.selection.ids = [made.id]
    desk.retoucher.draw("instance", shapely.box(25, 10, 50, 30))
    assert desk.labels[made.id].geometry.equals(shapely.box(10, 10, 50, 30))
    with pytest.raises(GeoLabelError, match="no pixel of the scene"):
        desk.retoucher.draw("instance", shapely.box(-9, -9, -5, -5))

from __future__ import annotations

import pytest

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.viewer.composites import Composites
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, add_scene_layer


@pytest.fixture
def composites(viewer, scene) -> Composites:
    return Composites(scene, add_scene_layer(viewer, scene))


def shown(composites) -> Composite:
    return composites._layer.metadata[PICTURE_KEY].composite


def test_the_menu_has_the_scenes_composites_in_their_order(composites, scene):
    assert list(composites) == list(scene.composites())
    assert composites.current == "true_color"


def test_showing_switches_the_layer_and_tells(composites):
    seen = []
    composites.changed.connect(seen.append)
    composites.show("ndvi")
    assert shown(composites).id == composites.current == "ndvi"
    assert seen == ["ndvi"]


def test_an_unknown_composite_is_refused_with_those_that_there_are(composites):
    with pytest.raises(CompositeError, match=r"no composite 'swir'; this scene shows true_color, "):
        composites.show("swir")
    assert composites.current == "true_color"


def test_stepping_as_often_as_there_are_composites_comes_back(composites):
    seen = []
    composites.changed.connect(seen.append)
    for _ in composites:
        composites.next_composite()
    assert sorted(seen) == sorted(composites)
    assert composites.current == "true_color"
    composites.previous_composite()
    assert composites.current == list(composites)[-1]


def test_a_stretch_belongs_to_its_composite(composites):
    composites.stretch(5, 80)
    assert shown(composites).stretch == Stretch.percentile(5, 80, gamma="auto")
    composites.show("false_color")
    assert composites.percentiles == (0.5, 99.5)
    composites.show("true_color")
    assert composites.percentiles == (5, 80)
    composites.reset_stretch()
    assert composites.percentiles == (0.5, 99.5)


def test_an_index_has_fixed_limits_and_no_percentiles(composites):
    composites.show("ndvi")
    assert composites.percentiles is None


def test_a_composite_of_ones_own_joins_the_menu(composites):
    mine = Composite(id="mine", title="Mine", channels=("nir", "nir", "blue"))
    composites.add(mine)
    composites.show("mine")
    assert shown(composites) == mine
    assert "mine" in composites
    assert len(composites) == len(list(composites))

from __future__ import annotations

import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError, ExpressionError, WriteError
from napari_geolabel.imagery import own_composites
from napari_geolabel.imagery.composite import AUTOMATIC, Composite
from napari_geolabel.imagery.composites import favourites
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.viewer import composites as room
from napari_geolabel.viewer.composites import Composites
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, add_scene_layer

MINE = Composite(id="mine", title="Mine", channels=("nir", "nir", "blue"), description="Everything.")
THERMAL = Composite(id="heat", title="Heat", channels=("lwir11", "red", "swir22"))


@pytest.fixture
def composites(viewer, scene) -> Composites:
    return Composites(scene, add_scene_layer(viewer, scene))


@pytest.fixture
def again(viewer, scene):
    """Composites of the same scene in a later session."""
    return lambda: Composites(scene, add_scene_layer(viewer, scene))


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """What the user was told."""
    said: list[str] = []
    monkeypatch.setattr(room, "warn", said.append)
    return said


def shown(composites) -> Composite:
    return composites._layer.metadata[PICTURE_KEY].composite


def test_the_menu_has_the_scenes_composites_in_their_order(composites, scene):
    assert list(composites) == list(scene.composites())
    assert len(composites) == len(scene.composites())
    assert composites.current == "true_color"


def test_showing_switches_the_layer_and_tells(composites):
    seen = []
    composites.changed.connect(seen.append)
    composites.show("ndvi")
    assert shown(composites).id == composites.current == composites.shown.id == "ndvi"
    assert seen == ["ndvi"]


def test_indices_and_bands_are_shown_by_any_of_their_names(composites, scene):
    composites.show("savi")
    assert shown(composites).id == "savi"
    assert "savi" in composites.indices
    assert "savi" not in composites
    composites.show("green")
    assert shown(composites).channels == ("green",)


def test_an_unknown_composite_is_refused_with_those_that_there_are(composites):
    with pytest.raises(CompositeError, match=r"no composite 'rainbow'; this scene shows true_color, "):
        composites.show("rainbow")
    assert composites.current == "true_color"


def test_what_the_scene_cannot_show_is_listed_with_the_missing_band(composites):
    assert composites.unavailable["swir"] == "needs swir22, which this scene does not have"
    assert composites.unavailable["nbr"] == "needs swir22, which this scene does not have"
    with pytest.raises(BandNotFoundError, match="swir22"):
        composites.show("swir")


def test_the_last_one_comes_back_and_goes_again(composites):
    composites.show("ndvi")
    composites.show_last()
    assert composites.current == "true_color"
    composites.show_last()
    assert composites.current == "ndvi"
    composites.use_stretch(Stretch.fixed(0, 1))
    composites.show_last()
    assert composites.current == "true_color"


def test_before_anything_else_was_shown_the_next_favourite_is_the_last(composites):
    composites.show_last()
    assert composites.current == composites.steps[1]
    composites.show_last()
    assert composites.current == "true_color"


def test_a_description_says_what_shows_how(composites):
    assert composites.describe("false_color").startswith("Vegetation red, water dark")
    assert "without a scale" in composites.describe("evi")


class TestFavourites:
    def test_keys_step_through_those_that_the_scene_can_show(self, composites):
        assert composites.favourites == favourites()
        assert composites.steps == ("true_color", "false_color", "ndvi", "ndwi")
        seen = []
        composites.changed.connect(seen.append)
        for _ in composites.steps:
            composites.next_composite()
        assert seen == ["false_color", "ndvi", "ndwi", "true_color"]
        composites.previous_composite()
        assert composites.current == "ndwi"

    def test_they_are_chosen_and_kept(self, composites, again):
        told = []
        composites.listed.connect(lambda: told.append(composites.favourites))
        composites.favourites = ["savi", "swir", "true_color", "savi"]
        assert composites.favourites == ("savi", "swir", "true_color")
        assert composites.steps == ("savi", "true_color")
        assert told == [("savi", "swir", "true_color")]
        assert again().favourites == ("savi", "swir", "true_color")

    def test_one_is_added_and_taken_away_again(self, composites):
        composites.toggle_favourite("evi")
        assert composites.favourites == (*favourites(), "evi")
        composites.toggle_favourite("evi")
        assert composites.favourites == favourites()
        with pytest.raises(CompositeError):
            composites.toggle_favourite("rainbow")

    def test_numbers_jump_to_them(self, composites):
        composites.show_favourite(3)
        assert composites.current == "ndvi"
        with pytest.raises(CompositeError, match="4 favourite composites and none of number 9"):
            composites.show_favourite(9)

    def test_stepping_from_what_is_no_favourite_begins_at_an_end(self, composites):
        composites.show("blue")
        composites.next_composite()
        assert composites.current == "true_color"
        composites.show("blue")
        composites.previous_composite()
        assert composites.current == "ndwi"

    def test_a_scene_that_can_show_none_steps_through_all_of_its_menu(self, composites):
        composites.favourites = ["swir"]
        assert composites.steps == tuple(composites)


class TestOwn:
    def test_a_composite_of_ones_own_joins_the_menu_and_is_kept(self, composites, again):
        told = []
        composites.listed.connect(lambda: told.append(list(composites)))
        composites.add(MINE)
        composites.show("mine")
        assert shown(composites) == MINE
        assert "mine" in composites
        assert told[0][-1] == "mine"
        assert again()["mine"] == MINE

    def test_one_that_this_scene_cannot_show_is_kept_and_named(self, composites):
        composites.add(THERMAL)
        assert "heat" not in composites
        assert composites.own["heat"] == THERMAL
        assert composites.unavailable["heat"] == "needs lwir11 and swir22, which this scene does not have"

    def test_one_that_is_on_screen_changes_there(self, composites):
        composites.add(MINE)
        composites.show("mine")
        composites.add(Composite(id="mine", title="Mine", channels=("blue", "nir", "red")))
        assert shown(composites).channels == ("blue", "nir", "red")

    def test_what_no_scene_could_show_is_refused(self, composites, own_folder):
        with pytest.raises(ExpressionError):
            composites.add(Composite(id="bad", title="Bad", channels=("red;",)))
        assert "bad" not in composites
        assert not list(own_folder.rglob("*.toml"))

    def test_one_is_removed_and_stays_on_screen_until_another_is_shown(self, composites, again):
        composites.add(MINE)
        composites.toggle_favourite("mine")
        composites.show("mine")
        composites.remove("mine")
        assert composites.current == "mine"
        assert "mine" not in composites.favourites
        assert "mine" not in composites.own
        assert "mine" not in again()
        with pytest.raises(CompositeError, match="'mine' is none of your own"):
            composites.remove("mine")

    def test_two_windows_do_not_take_each_other_s_composites_away(self, composites, again):
        other = again()
        composites.add(MINE)
        other.add(THERMAL)
        assert set(again().own) == {"mine", "heat"}

    def test_composites_are_shared_as_a_file(self, composites, again, tmp_path):
        composites.add(MINE)
        composites.add(THERMAL)
        composites.toggle_favourite("mine")
        composites.write(tmp_path / "shared.toml", ["mine", "ndvi"])
        composites.remove("mine")
        assert composites.read(tmp_path / "shared.toml") == ["mine", "ndvi"]
        assert composites["mine"] == MINE
        assert "mine" in composites.favourites

    def test_a_damaged_file_is_told_of_and_not_written_over(self, composites, again, told):
        composites.add(MINE)
        path = own_composites.own_path()
        path.write_text("favourites = 5", "utf-8")
        later = again()
        assert len(told) == 1
        assert "composites.toml" in told[0]
        with pytest.raises(CompositeError, match=r"composites\.toml"):
            later.add(THERMAL)
        assert path.read_text("utf-8") == "favourites = 5"


class TestStretch:
    def test_it_belongs_to_its_composite(self, composites):
        composites.stretch(5, 80)
        assert shown(composites).stretch == Stretch.percentile(5, 80, gamma="auto")
        composites.show("false_color")
        assert composites.percentiles == (0.5, 99.5)
        composites.show("true_color")
        assert composites.percentiles == (5, 80)
        composites.reset_stretch()
        assert composites.percentiles == (0.5, 99.5)
        assert shown(composites).stretch == AUTOMATIC

    def test_it_is_remembered_for_the_scene(self, composites, again):
        composites.show("false_color")
        composites.use_stretch(Stretch.deviations(2, channels="together").within((0, 100, 0, 100)))
        later = again()
        later.show("false_color")
        assert shown(later).stretch == Stretch.deviations(2, channels="together").within((0, 100, 0, 100))
        later.reset_stretch()
        assert again()["false_color"].stretch == AUTOMATIC

    def test_the_first_picture_has_the_stretch_that_is_remembered(self, composites, again):
        composites.use_limits((10, 90), (20, 80), (30, 70))
        assert again().limits == ((10, 90), (20, 80), (30, 70))

    def test_limits_that_are_tried_are_shown_and_not_kept(self, composites, again):
        composites.try_limits((1, 2), (3, 4), (5, 6))
        assert composites.limits == ((1, 2), (3, 4), (5, 6))
        assert again()["true_color"].stretch == AUTOMATIC

    def test_limits_keep_the_gamma_that_was_seen(self, composites):
        gamma = composites.gamma
        composites.use_limits((10, 90), (20, 80), (30, 70))
        assert composites.gamma == gamma
        assert composites.percentiles is None

    def test_it_is_judged_on_the_view_or_on_all(self, composites):
        whole = composites.limits
        composites.stretch_on((0, 20, 0, 20))
        assert composites.limits != whole
        assert composites.shown.stretch.view == (0, 20, 0, 20)
        composites.stretch_on(None)
        assert composites.limits == whole

    def test_an_index_has_fixed_limits_and_no_percentiles(self, composites):
        composites.show("ndvi")
        assert composites.percentiles is None
        composites.stretch_on((0, 20, 0, 20))
        assert composites.percentiles == (2, 98)

    def test_one_that_does_not_fit_is_refused_and_changes_nothing(self, composites):
        with pytest.raises(CompositeError, match="limits for 2 channels"):
            composites.use_limits((0, 1), (0, 1))
        assert composites["true_color"].stretch == AUTOMATIC
        composites.stretch(5, 80)
        with pytest.raises(CompositeError):
            composites.use_limits((0, 1), (0, 1))
        assert composites.percentiles == (5, 80)

    def test_a_state_that_cannot_be_written_is_told_of_and_the_picture_is_right(self, composites, told, monkeypatch):
        def refuse(*_):
            raise WriteError("the disk is full; make room")

        monkeypatch.setattr(room, "remember_stretches", refuse)
        composites.stretch(5, 80)
        assert shown(composites).stretch.low == 5
        assert told == ["the disk is full; make room"]

    def test_histograms_are_those_of_what_is_shown(self, composites):
        red, _, _ = composites.histogram(bins=16)
        assert red.title == "red"
        assert red.limits == composites.limits[0]
        assert red.counts.sum() > 0
        part, _, _ = composites.histogram((0, 20, 0, 20), bins=16)
        assert part.counts.sum() == 400

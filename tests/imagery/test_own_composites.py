"""What a person keeps is there the next time, and a damaged file loses nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_geolabel.errors import CompositeError, WriteError
from napari_geolabel.imagery import Composite, Stretch, own_composites
from napari_geolabel.imagery.own_composites import (
    load_own,
    own_path,
    remember_stretches,
    remembered_stretches,
    save_own,
)

MINE = Composite(id="mine", title="Mine", channels=("nir", "ndvi", "blue"))
SCENE = Path("scenes") / "a.tif"


def test_nothing_is_kept_at_first():
    assert not load_own().composites
    assert load_own().favourites == ()
    assert remembered_stretches(SCENE) == {}


def test_the_user_s_folder_is_that_of_the_system(monkeypatch):
    monkeypatch.undo()
    assert own_path().name == "composites.toml"
    assert own_path().parent.name == "napari-geolabel"
    assert own_composites.stretches_path().name == "stretches.json"


def test_composites_and_favourites_are_kept():
    save_own([MINE], ["mine", "ndvi"])
    assert dict(load_own().composites) == {"mine": MINE}
    assert load_own().favourites == ("mine", "ndvi")


def test_a_damaged_file_is_told():
    save_own([MINE], [])
    own_composites.own_path().write_text("composite = 5", "utf-8")
    with pytest.raises(CompositeError, match=r"composites\.toml: composite is not a list"):
        load_own()


def test_stretches_are_kept_for_each_scene_apart():
    stretches = {"swir": Stretch.deviations(2), "ndvi": Stretch.each((0, 1)).within(None)}
    remember_stretches(SCENE, stretches)
    remember_stretches(SCENE.with_name("b.tif"), {"swir": Stretch.equalize().within((1, 2, 3, 4))})
    assert remembered_stretches(SCENE) == stretches
    assert remembered_stretches(SCENE.with_name("b.tif"))["swir"].view == (1, 2, 3, 4)
    assert remembered_stretches(SCENE.with_name("c.tif")) == {}


def test_limits_that_numpy_counted_are_kept_like_others():
    pixels = np.arange(1, 9, dtype="uint16")
    remember_stretches(SCENE, {"swir": Stretch.fixed(pixels.min(), pixels.max())})
    assert remembered_stretches(SCENE) == {"swir": Stretch.fixed(1, 8)}


def test_no_stretches_are_forgotten_stretches():
    remember_stretches(SCENE, {"swir": Stretch.deviations(2)})
    remember_stretches(SCENE, {})
    assert remembered_stretches(SCENE) == {}


def test_of_many_scenes_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(own_composites, "_REMEMBERED_SCENES", 3)
    for number in range(5):
        remember_stretches(SCENE.with_name(f"{number}.tif"), {"swir": Stretch.fixed(0, number + 1)})
    kept = [number for number in range(5) if remembered_stretches(SCENE.with_name(f"{number}.tif"))]
    assert kept == [2, 3, 4]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 5}', "\x00"])
def test_damaged_stretches_are_those_of_the_composites_again(text):
    remember_stretches(SCENE, {"swir": Stretch.deviations(2)})
    own_composites.stretches_path().write_text(text, "utf-8")
    assert remembered_stretches(SCENE) == {}
    remember_stretches(SCENE, {"swir": Stretch.deviations(3)})
    assert remembered_stretches(SCENE) == {"swir": Stretch.deviations(3)}


@pytest.mark.parametrize("entry", ["5", "{}", '{"method": "magic"}', '{"low": 1, "high": 2, "view": 7}'])
def test_one_stretch_that_cannot_be_read_does_not_lose_the_others(entry):
    remember_stretches(SCENE, {"swir": Stretch.deviations(2), "ndvi": Stretch.fixed(0, 1)})
    path = own_composites.stretches_path()
    good = '{"method": "deviation", "low": -2, "high": 2}'
    assert good in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(good, entry), "utf-8")
    assert remembered_stretches(SCENE) == {"ndvi": Stretch.fixed(0, 1)}


def test_a_folder_that_cannot_be_made_is_told(own_folder):
    (own_folder / "config").write_text("a file stands in the way", "utf-8")
    with pytest.raises(WriteError, match="nothing is kept"):
        save_own([MINE], [])

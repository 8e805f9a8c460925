"""``geolabel composites``, and composites by name in ``geolabel render``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from napari_geolabel.imagery import Composite, contact_sheet, open_scene
from napari_geolabel.imagery.composite_files import read_composites
from napari_geolabel.imagery.composites import composites
from napari_geolabel.imagery.indices import indices
from napari_geolabel.imagery.own_composites import save_own

MINE = Composite(id="mine", title="Mine", channels=("nir", "blue", "red"), description="All mine.")
HEAT = Composite(id="heat", title="Heat", channels=("lwir11",))


@pytest.fixture
def path(write_scene: Callable[..., Path]) -> Path:
    """A scene of four bands whose near infrared is narrow."""
    return write_scene(bands=("blue", "green", "red", "nir08"))


def test_all_are_listed_and_the_missing_band_is_named(run: Callable[..., Any], path: Path) -> None:
    text = run("composites", path).stdout
    shown, _, lacking = text.partition("not with this scene")
    assert "false_color" in shown
    assert "nir08 stands in for nir" in shown
    assert "savi" in shown
    (swir,) = [line for line in lacking.splitlines() if line.split()[:1] == ["swir"]]
    assert "needs swir22, which this scene does not have" in swir


def test_json_tells_every_composite_and_index_once(run: Callable[..., Any], path: Path) -> None:
    rows = {row["id"]: row for row in json.loads(run("composites", path, "--json").stdout)}
    assert set(rows) == {*composites(), *indices()}
    assert rows["false_color"]["stand_ins"] == {"nir": "nir08"}
    assert rows["false_color"]["available"]
    assert rows["false_color"]["kind"] == "composite"
    assert rows["ndvi"]["kind"] == "index"
    assert not rows["swir"]["available"]
    assert rows["swir"]["reason"].startswith("needs swir22")


def test_one_s_own_are_among_them(run: Callable[..., Any], path: Path) -> None:
    save_own([MINE, HEAT], [])
    rows = {row["id"]: row for row in json.loads(run("composites", path, "--json").stdout)}
    assert rows["mine"]["kind"] == "own"
    assert rows["mine"]["available"]
    assert rows["heat"]["reason"] == "needs lwir11, which this scene does not have"


def test_a_sensor_has_composites_of_its_own(run: Callable[..., Any], write_scene: Callable[..., Path]) -> None:
    radar = write_scene(bands=("VV", "VH"))
    rows = {
        row["id"]: row for row in json.loads(run("composites", radar, "--sensor", "sentinel1_rtc", "--json").stdout)
    }
    assert rows["vh_db"]["available"]
    assert rows["vv_vh"]["channels"][2].endswith("log(VV / VH)")


def test_a_sheet_shows_them(run: Callable[..., Any], path: Path, tmp_path: Path) -> None:
    result = run("composites", path, "-o", tmp_path / "sheet.png")
    assert result.exit_code == 0
    assert f"{tmp_path / 'sheet.png'}: written" in result.stdout
    with Image.open(tmp_path / "sheet.png") as sheet, open_scene(path) as scene:
        colored = [id_ for id_ in scene.composites() if id_ not in scene.bands.names]
        assert {"true_color", "false_color", "ship_nir"} < set(colored)
        np.testing.assert_array_equal(np.asarray(sheet), contact_sheet(scene, colored))


def test_they_are_shared_as_toml_and_as_renders_of_stac(run: Callable[..., Any], path: Path, tmp_path: Path) -> None:
    save_own([MINE, HEAT], ["mine"])
    run("composites", path, "--share", tmp_path / "shared.toml")
    found = read_composites(tmp_path / "shared.toml")
    assert {"mine", "true_color", "ndvi"} <= set(found.composites)
    assert found.favourites == ("mine",)
    run("composites", path, "--share", tmp_path / "shared.json")
    renders = json.loads((tmp_path / "shared.json").read_text("utf-8"))["renders"]
    assert renders["true_color"]["bidx"] == [3, 2, 1]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("mine", "Mine"),
        ("savi", "SAVI"),
        ("nir,red,green", "nir,red,green"),
        ("max(nir, red)", "max(nir, red)"),
        ("ndvi, min(red, 3), blue", "ndvi, min(red, 3), blue"),
        ("nir08", "nir08"),
    ],
)
def test_composites_are_rendered_by_every_kind_of_name(
    run: Callable[..., Any], path: Path, tmp_path: Path, text: str, title: str
) -> None:
    save_own([MINE], [])
    result = run("render", path, "-o", tmp_path / "a.png", "-c", text)
    assert result.exit_code == 0, result.output
    assert f"a.png: {title}, 512 x 512 pixels" in result.stdout


def test_what_stands_in_and_what_is_unscaled_is_noted(run: Callable[..., Any], path: Path, tmp_path: Path) -> None:
    result = run("render", path, "-o", tmp_path / "a.png", "-c", "evi")
    assert "note: nir08 stands in for nir" in result.stderr
    assert "stored numbers without a scale" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"), [("swir", "no band named 'swir22'"), ("a,b,c", "no band named 'a'"), ("red;", "cannot be read")]
)
def test_what_cannot_be_rendered_is_told_in_a_sentence(
    run: Callable[..., Any], path: Path, tmp_path: Path, text: str, words: str
) -> None:
    result = run("render", path, "-o", tmp_path / "a.png", "-c", text)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("stretch", ["deviations 2", "equalize", "1,99", "fixed 0,200"])
def test_every_stretch_can_be_asked_for(run: Callable[..., Any], path: Path, tmp_path: Path, stretch: str) -> None:
    assert run("render", path, "-o", tmp_path / "a.png", "--stretch", stretch).exit_code == 0

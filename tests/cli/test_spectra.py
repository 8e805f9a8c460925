"""``geolabel spectra``: pixels, classes of labels, curves of the library, told and written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shapely

from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.spectral_library import built_in_curves, own_curves
from napari_geolabel.imagery.spectrum import pixel_spectrum
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.samples import sample_path

COAST = sample_path("coast.tif")


def test_without_a_wish_the_whole_library_is_told_as_the_bands_see_it(run: Callable[..., Any]) -> None:
    text = run("spectra", COAST).stdout
    assert all(curve.title in text for curve in built_in_curves().values())
    (b08,) = [line.split() for line in text.splitlines() if line.split()[:1] == ["B08"]]
    assert b08[2] == "0.5274"
    assert text.rstrip().endswith("Reflectance")


def test_pixels_and_curves_stand_side_by_side_and_in_the_table(run: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    told = run("spectra", COAST, "--pixel", "300,200", "--library", "lake_water", "--out", out, "--json").stdout
    pixel, water = json.loads(told)
    with open_scene(COAST) as scene:
        expected = pixel_spectrum(scene, 300.5, 200.5)
        assert expected is not None
        assert list(pixel["mean"].values()) == pytest.approx(expected.mean)
    assert water["title"] == "Lake water"
    assert set(water["pixels"].values()) == {0}
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 26


def test_classes_of_labels_are_told_and_kept(run: Callable[..., Any], tmp_path: Path) -> None:
    with (
        open_scene(COAST) as scene,
        closing(open_labels(tmp_path / "l.labels.gpkg", scene=scene, ontology="maritime")) as labels,
    ):
        labels.add(shapely.box(100, 100, 120, 120), "ship", kind="polygon")
    (ship,) = json.loads(run("spectra", COAST, "--labels", tmp_path / "l.labels.gpkg", "--keep", "--json").stdout)
    assert set(ship["pixels"].values()) == {400}
    (kept,) = own_curves().values()
    assert kept.title == ship["title"]
    assert ship["title"] in run("spectra", COAST).stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--pixel", "3"), "'3' is no pixel; give column and row with a comma between, 120,80"),
        (("--pixel", "-1,5"), "pixel -1,5 is outside the scene"),
        (("--library", "moon"), "the library has no curve 'moon'; there are green_vegetation"),
    ],
)
def test_what_is_not_there_is_told_in_one_sentence(run: Callable[..., Any], options: Any, sentence: str) -> None:
    done = run("spectra", COAST, *options)
    assert done.exit_code == 1
    assert sentence in done.stderr

"""``geolabel rasterize``, ``polygonize``, ``coverage`` and ``difference``: what their options do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from napari_geolabel.cli.masks import parse_area
from napari_geolabel.errors import GeoLabelError


@pytest.fixture
def mask_path(run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path) -> Path:
    """The semantic mask of a ship and a dock."""
    assert run("rasterize", labels_path, "-s", scene_path, "-o", tmp_path / "mask.tif").exit_code == 0
    return tmp_path / "mask.tif"


def values_of(path: Path) -> np.ndarray:
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def test_lines_are_as_wide_as_asked(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    command = ("rasterize", labels_path, "-s", scene_path, "--flavour", "instance")
    run(*command, "-o", tmp_path / "thin.tif")
    run(*command, "-o", tmp_path / "wide.tif", "--width", "100")
    thin, wide = ((values_of(tmp_path / f"{name}.tif") == 3).sum() for name in ("thin", "wide"))
    assert wide > 8 * thin > 0, "a wake of ten pixels"
    assert run(*command, "-o", tmp_path / "none.tif", "--width", "0").exit_code == 1


def test_a_mask_can_be_a_cog_with_another_compression(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, mask_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cog.tif"
    run("rasterize", labels_path, "-s", scene_path, "-o", out, "--layout", "cog", "--compress", "zstd")
    with rasterio.open(out) as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.compression.name == "zstd"
    assert np.array_equal(values_of(out), values_of(mask_path))


def test_panoptic_masks_are_one_file_a_pair_or_a_png(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    command = ("rasterize", labels_path, "-s", scene_path)
    run(*command, "-o", tmp_path / "one.tif", "--flavour", "panoptic")
    run(*command, "-o", tmp_path / "two.tif", "--format", "panoptic-pair")
    run(*command, "-o", tmp_path / "coco.png")
    whole = values_of(tmp_path / "one.tif")
    assert np.array_equal(whole // 1000, values_of(tmp_path / "two_semantic.tif"))
    assert np.array_equal(whole > 0, values_of(tmp_path / "two_instance.tif") > 0)
    told = json.loads((tmp_path / "coco.panoptic.json").read_text("utf-8"))
    assert sum(s["area"] for s in told["annotations"][0]["segments_info"]) == (whole > 0).sum()


def test_a_property_of_any_file_is_burnt_as_it_stands(
    run: Callable[..., Any], scene_path: Path, make_labels: Callable[..., Path], mask_path: Path, tmp_path: Path
) -> None:
    labels = make_labels(ship={"year": 1999, "sort": "ship"}, dock={"year": 70_000, "sort": "dock"})
    command = ("rasterize", labels, "-s", scene_path)
    done = run(*command, "-o", tmp_path / "years.tif", "--column", "year")
    assert done.exit_code == 0, done.output
    assert "2 labels" in done.output
    years = values_of(tmp_path / "years.tif")
    assert np.unique(years).tolist() == [0, 1999, 70_000]
    assert run(*command, "-o", tmp_path / "sorts.tif", "--column", "sort").exit_code == 0
    sorts, classes = values_of(tmp_path / "sorts.tif"), values_of(mask_path)
    assert np.array_equal(sorts > 0, years > 0)
    assert np.array_equal(sorts[sorts > 0], classes[sorts > 0])


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--column", "month"), 'has no column "month" to burn; it has year, sort'),
        (("--column", "year", "--make-classes"), "leave out --class-map and --make-classes"),
        (("--column", "year", "--format", "coco-panoptic"), "ask for panoptic"),
    ],
)
def test_a_property_that_cannot_be_burnt_is_refused_in_a_sentence(
    run: Callable[..., Any], scene_path: Path, make_labels: Callable[..., Path], tmp_path: Path, words, reason
) -> None:
    labels, out = make_labels(ship={"year": 1999, "sort": "ship"}), tmp_path / "out.png"
    out = out.with_suffix(".tif") if "--format" not in words else out
    done = run("rasterize", labels, "-s", scene_path, "-o", out, *words)
    assert done.exit_code == 1
    assert reason in " ".join(done.output.split())
    assert not out.exists()


def test_no_mask_takes_the_place_of_the_scene_not_even_by_force(
    run: Callable[..., Any], scene_path: Path, labels_path: Path
) -> None:
    before = scene_path.read_bytes()
    command = ("-s", scene_path, "-o", scene_path, "--force")
    for words in (
        ("rasterize", labels_path),
        ("rasterize", labels_path, "--column", "class_id"),
        ("export", labels_path),
    ):
        done = run(*words, *command)
        assert done.exit_code == 1
        assert f"{scene_path.name} is the scene itself" in " ".join(done.output.split())
    assert scene_path.read_bytes() == before
    assert not (scene_path.parent / ".backups").exists()


def test_a_vector_file_is_no_mask(run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path) -> None:
    result = run("rasterize", labels_path, "-s", scene_path, "-o", tmp_path / "x.geojson")
    assert result.exit_code == 1
    assert "geolabel export" in result.output


def test_small_areas_are_left_out_and_outlines_simplified(
    run: Callable[..., Any], mask_path: Path, tmp_path: Path
) -> None:
    run("polygonize", mask_path, "-o", tmp_path / "all.geojson")
    run("polygonize", mask_path, "-o", tmp_path / "large.geojson", "--min-area", "20ha")
    run("polygonize", mask_path, "-o", tmp_path / "few.geojson", "--simplify", "2")
    every, large, few = (gpd.read_file(tmp_path / f"{name}.geojson") for name in ("all", "large", "few"))
    assert set(every["class_id"]) == {"ship", "dock", "wake"}
    assert set(large["class_id"]) == {"dock"}, "the ship has 9 ha, the dock 72"
    assert few.geometry.count_coordinates().sum() < every.geometry.count_coordinates().sum()


def test_coverage_tells_each_class(run: Callable[..., Any], scene_path: Path, mask_path: Path) -> None:
    told = run("coverage", mask_path, "--scene", scene_path)
    assert told.exit_code == 0
    assert "unlabelled" in told.stdout
    rows = {row["class_id"]: row for row in json.loads(run("coverage", mask_path, "--json").stdout)}
    assert rows["dock"]["pixels"] == 60 * 120
    assert rows["dock"]["hectares"] == pytest.approx(72, rel=2e-3)
    assert sum(row["percent"] for row in rows.values()) == pytest.approx(100)


def test_difference_tells_what_became_of_what(run: Callable[..., Any], mask_path: Path, tmp_path: Path) -> None:
    with rasterio.open(mask_path) as dataset:
        profile, array, tags = dataset.profile, dataset.read(1), dataset.tags()
    array[300:310, 200:210] = 0
    with rasterio.open(tmp_path / "later.tif", "w", **profile) as later:
        later.update_tags(**tags)
        later.write(array, 1)
    out = tmp_path / "changes.tif"
    rows = json.loads(run("difference", mask_path, tmp_path / "later.tif", "-o", out, "--json").stdout)
    assert [row["pixels"] for row in rows] == [array.size - 100, 100]
    assert rows[0]["name"] == "unchanged"
    assert rows[1]["name"].endswith("→ unlabelled")
    assert (values_of(out) > 0).sum() == 100
    assert run("difference", mask_path, mask_path).exit_code == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, (0, None)), ("5px", (5, None)), ("400 m2", (0, 400)), ("0.5ha", (0, 5000)), ("2km2", (0, 2e6))],
)
def test_areas_have_a_unit(text: str | None, expected: tuple[float, float | None]) -> None:
    assert parse_area(text) == expected


@pytest.mark.parametrize("text", ["5", "px", "-3px", "1e999ha", "5 acres", "--px"])
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(GeoLabelError, match=r"write 5px, 400m2"):
        parse_area(text)

"""``geolabel export``, ``rasterize``, ``polygonize`` and ``validate``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from napari_geolabel import load_ontology, open_labels, open_scene


def test_labels_become_a_geopackage(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    import pyogrio

    result = run("export", labels_path, "-o", tmp_path / "out.gpkg", "--scene", scene_path)
    assert result.exit_code == 0
    assert "out.gpkg: 3 labels" in result.stdout
    layers = {name for name, geometry in pyogrio.list_layers(tmp_path / "out.gpkg") if geometry}
    assert {"labels_polygon", "labels_line"} <= layers


def test_labels_become_our_geojson_and_come_back(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    run("export", labels_path, "-o", tmp_path / "out.geojson", "--scene", scene_path)
    with open_scene(scene_path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.import_from(tmp_path / "out.geojson")
    assert [labels[i].class_id for i in labels] == ["ship", "dock", "wake"]


def test_export_for_a_script_is_json(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mask.tif"
    told = json.loads(run("export", labels_path, "-o", out, "--scene", scene_path, "--json").stdout)
    assert told["file"] == str(out)
    assert (told["labels"], told["skipped"]) == (3, [])
    assert any("attribute" in loss or "geometr" in loss or "overlap" in loss for loss in told["losses"])


def test_geojson_is_exported_in_the_crs_of_the_scene_with_styles_beside_it(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "labels.geojson"
    out.parent.mkdir()
    done = run("export", labels_path, "-o", out, "--scene", scene_path, "--crs", "scene", "--style", "qml")
    assert "web maps" in done.stdout
    assert ".losses.json" in done.stdout.splitlines()[-1]
    with open_scene(scene_path) as scene:
        import pyogrio

        assert pyogrio.read_info(out)["crs"] == f"EPSG:{scene.grid.crs.to_epsg()}"
    assert {each.name for each in out.parent.iterdir()} == {
        "labels.geojson", "labels.geojson.losses.json", "labels.qml", "labels.lines.qml",
    }  # fmt: skip
    noted = json.loads(out.with_name("labels.geojson.losses.json").read_text("utf-8"))["not_held"]
    assert all(sentence in done.stdout for sentence in noted)


def test_a_dry_run_of_an_export_tells_the_losses_and_writes_nothing(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "labels.coco.json"
    out.parent.mkdir()
    done = run("export", labels_path, "-o", out, "--scene", scene_path, "--dry-run")
    assert "would be written: 3 labels" in done.stdout
    assert "line left out" in done.stdout
    assert ".losses.json" not in done.stdout
    told = json.loads(run("export", labels_path, "-o", out, "--scene", scene_path, "--dry-run", "--json").stdout)
    assert len(told["losses"]) > 0
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (("-o", "x.coco.json", "--crs", "scene"), "COCO has no choice of a CRS"),
        (("-o", "x.geojson", "--crs", "EPSG:0"), "EPSG:0"),
        (("-o", "x.geojson", "--style", "css"), "is no style; choose qml or sld"),
        (("-o", "x.gpkg", "--style", "qml"), "has its styles inside"),
    ],
)
def test_a_crs_or_a_style_that_cannot_be_is_one_sentence_and_no_file(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path, order: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "out").mkdir()
    done = run("export", labels_path, "--scene", scene_path, "-o", tmp_path / "out" / order[1], *order[2:])
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_conversion_takes_a_crs_and_styles(run: Callable[..., Any], labels_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "utm.geojson"
    done = run("convert", labels_path, "-o", out, "--crs", "EPSG:32633", "--style", "qml", "--style", "sld")
    assert done.exit_code == 0, done.stderr
    assert "urn:ogc:def:crs:EPSG::32633" in out.read_text("utf-8")
    assert {"utm.qml", "utm.sld"} <= {each.name for each in tmp_path.iterdir()}
    refused = run("convert", labels_path, "-o", tmp_path / "x.fgb", "--crs", "EPSG:32633")
    assert refused.exit_code == 1
    assert "has no choice of a CRS" in refused.stderr


def test_a_semantic_mask_holds_the_ontology_s_values(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    run("rasterize", labels_path, "--scene", scene_path, "-o", tmp_path / "mask.tif")
    ontology = load_ontology("maritime")
    with rasterio.open(tmp_path / "mask.tif") as mask, rasterio.open(scene_path) as scene:
        values = mask.read(1)
        assert (mask.shape, mask.transform, mask.crs) == (scene.shape, scene.transform, scene.crs)
    assert values[110, 110] == ontology["ship"].mask_value
    assert values[350, 230] == ontology["dock"].mask_value
    assert values[5, 5] == 0


def test_an_instance_mask_numbers_the_labels(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    run("rasterize", labels_path, "--scene", scene_path, "-o", tmp_path / "mask.tif", "--flavour", "instance")
    with rasterio.open(tmp_path / "mask.tif") as mask:
        values = mask.read(1)
    assert (values[110, 110], values[350, 230]) == (1, 2)


def test_all_touched_takes_more_pixels(
    run: Callable[..., Any], scene_path: Path, make_labels: Callable[..., Path], tmp_path: Path
) -> None:
    labels_path = make_labels(ship={"class_id": "ship"}, dock={"class_id": "dock"})
    for name, options in (("centres", ()), ("touched", ("--all-touched",))):
        run("rasterize", labels_path, "--scene", scene_path, "-o", tmp_path / f"{name}.tif", *options)
    with rasterio.open(tmp_path / "centres.tif") as centres, rasterio.open(tmp_path / "touched.tif") as touched:
        few, many = centres.read(1) > 0, touched.read(1) > 0
    assert many.sum() > few.sum()
    assert (many | ~few).all()


def test_a_class_map_reads_foreign_classes(
    run: Callable[..., Any], scene_path: Path, make_labels: Callable[..., Path], tmp_path: Path
) -> None:
    foreign = make_labels(ship={"class_id": "vessel"}, dock={"name": "Pier 4"})
    command = ("rasterize", foreign, "--scene", scene_path, "-o", tmp_path / "mask.tif")
    assert run(*command).exit_code == 1
    assert run(*command, "--class-map", "vessel=ship", "--class-map", "=dock").exit_code == 0
    with rasterio.open(tmp_path / "mask.tif") as mask:
        assert len(np.unique(mask.read(1))) == 3


def test_classes_may_be_taken_from_the_file(
    run: Callable[..., Any], scene_path: Path, make_labels: Callable[..., Path], tmp_path: Path
) -> None:
    foreign = make_labels(ship={"class_id": "vessel"}, dock={"class_id": "dock"})
    result = run("rasterize", foreign, "--scene", scene_path, "-o", tmp_path / "mask.tif", "--make-classes")
    assert result.exit_code == 0
    with rasterio.open(tmp_path / "mask.tif") as mask:
        value = int(mask.read(1)[110, 110])
        table = {entry["value"]: entry["class_id"] for entry in json.loads(mask.tags()["GEOLABEL_TABLE"])}
    assert table[value] == "vessel"


def test_a_mask_becomes_polygons_that_burn_to_it_again(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    run("rasterize", labels_path, "--scene", scene_path, "-o", tmp_path / "one.tif")
    assert run("polygonize", tmp_path / "one.tif", "-o", tmp_path / "areas.geojson").exit_code == 0
    run("rasterize", tmp_path / "areas.geojson", "--scene", scene_path, "-o", tmp_path / "two.tif")
    with rasterio.open(tmp_path / "one.tif") as one, rasterio.open(tmp_path / "two.tif") as two:
        assert np.array_equal(one.read(1), two.read(1))
        assert one.read(1).any()


@pytest.mark.parametrize("suffix", ["geojson", "gpkg"])
def test_polygons_of_a_mask_can_be_written_as(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path, suffix: str
) -> None:
    import geopandas

    run("rasterize", labels_path, "--scene", scene_path, "-o", tmp_path / "mask.tif")
    out = tmp_path / f"areas.{suffix}"
    result = run("polygonize", tmp_path / "mask.tif", "-o", out, "--connectivity", "8", "--json")
    assert json.loads(result.stdout)["labels"] == 3
    frame = geopandas.read_file(out)
    assert sorted(frame["class_id"]) == ["dock", "ship", "wake"]
    assert shapely.is_valid(frame.geometry.values).all()


def test_an_ontology_that_is_right_says_so(run: Callable[..., Any], tmp_path: Path) -> None:
    from napari_geolabel import save_ontology

    save_ontology(load_ontology("maritime"), tmp_path / "own.json")
    result = run("validate", tmp_path / "own.json")
    assert result.exit_code == 0
    assert "ontology maritime" in result.stdout
    assert "no problems" in result.stdout


def test_labels_with_problems_end_with_code_1_and_a_table(
    run: Callable[..., Any], scene_path: Path, labels_path: Path
) -> None:
    result = run("validate", labels_path, "--scene", scene_path)
    assert result.exit_code == 1
    assert "missing_required" in result.stdout
    assert "category" in result.stdout
    told = json.loads(run("validate", labels_path, "--scene", scene_path, "--json").stdout)
    assert {"id", "severity", "rule", "message"} == set(told["problems"][0])


def test_labels_without_problems_end_with_code_0(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    with open_scene(scene_path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.add(shapely.box(10, 10, 30, 20), "ship", attributes={"category": "unknown"})
        labels.classify_scene(cloud_cover="none")
        labels.export(tmp_path / "complete.geojson")
    for options in ((), ("--scene", scene_path)):
        result = run("validate", tmp_path / "complete.geojson", *options)
        assert result.exit_code == 0, result.stdout
        assert "1 annotation against maritime" in result.stdout
        assert "no problems" in result.stdout


def test_warnings_alone_end_with_code_0_unless_it_is_strict(
    run: Callable[..., Any], scene_path: Path, tmp_path: Path
) -> None:
    with open_scene(scene_path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.add(shapely.box(-20, 10, 30, 20), "ship", attributes={"category": "unknown"})
        labels.classify_scene(cloud_cover="none")
        labels.export(tmp_path / "edge.geojson")
    result = run("validate", tmp_path / "edge.geojson", "--scene", scene_path)
    assert result.exit_code == 0, result.stdout
    assert "partly_outside" in result.stdout
    assert "warning" in result.stdout
    assert run("validate", tmp_path / "edge.geojson", "--scene", scene_path, "--strict").exit_code == 1


def test_labels_can_be_checked_without_their_scene(run: Callable[..., Any], labels_path: Path) -> None:
    result = run("validate", labels_path)
    assert "3 annotations" in result.stdout
    assert "missing_required" in result.stdout


@pytest.mark.parametrize("command", ["export", "rasterize"])
def test_a_file_is_not_replaced_by_one_with_far_fewer_labels_unless_forced(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path, command: str
) -> None:
    out = tmp_path / ("out.geojson" if command == "export" else "out.tif")
    with open_scene(scene_path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.add_many([shapely.box(10, 3 * n, 500, 3 * n + 2) for n in range(160)], "ship")
        labels.export(out)
    before = out.read_bytes()
    arguments = (command, labels_path, "-o", out, "--scene", scene_path)

    refused = run(*arguments)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert out.read_bytes() == before

    assert run(*arguments, "--force").exit_code == 0
    assert out.read_bytes() != before
    assert (tmp_path / ".backups" / out.name / "1" / out.name).read_bytes() == before


def test_polygons_of_a_mask_do_not_replace_a_fuller_file_unless_forced(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    mask, out = tmp_path / "mask.tif", tmp_path / "out.geojson"
    run("rasterize", labels_path, "-o", mask, "--scene", scene_path)
    with open_scene(scene_path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.add_many([shapely.box(10, 3 * n, 500, 3 * n + 2) for n in range(60)], "ship")
        labels.export(out)

    assert run("polygonize", mask, "-o", out).exit_code == 1
    assert run("polygonize", mask, "-o", out, "--force").exit_code == 0


def test_a_named_format_is_written_whatever_the_suffix(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"{scene_path.stem}.txt"
    assert run("export", labels_path, "-o", out, "--scene", scene_path).exit_code != 0
    result = run("export", labels_path, "-o", out, "--scene", scene_path, "--format", "dota", "--json")
    told = json.loads(result.stdout)
    assert any("without extent left out" in loss for loss in told["losses"])
    assert len(out.read_text().splitlines()) == 2
    back = run("export", out, "-o", tmp_path / "out.geojson", "--scene", scene_path, "--read-as", "dota", "--json")
    assert json.loads(back.stdout)["labels"] == 2


def test_convert_needs_a_scene_only_where_the_file_does_not_say_its_place(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    coco, boxes = tmp_path / "out.coco.json", tmp_path / f"{scene_path.stem}.txt"
    assert run("convert", labels_path, "-o", coco, "--scene", scene_path).exit_code == 0
    assert run("convert", coco, "-o", tmp_path / "out.geojson").exit_code == 0
    assert len(json.loads((tmp_path / "out.geojson").read_text())["features"]) == 2
    run("convert", coco, "-o", boxes, "--format", "yolo")
    told = run("convert", boxes, "-o", tmp_path / "again.geojson")
    assert told.exit_code != 0
    assert "name the scene" in told.stderr
    assert run("convert", boxes, "-o", tmp_path / "again.geojson", "--scene", scene_path).exit_code == 0

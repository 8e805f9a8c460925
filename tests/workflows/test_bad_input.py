"""Bad input: one sentence with the file, the value and the way out, exit code 1, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from affine import Affine
from typer.testing import CliRunner

from napari_geolabel.cli import app
from napari_geolabel.geo import GeoGrid

ONTOLOGY = """\
geolabel_ontology: "1.0"
id: own
name: Own
version: "1"
classes:
  - {id: ship, name: Ship, color: "#ff0000", mask_value: 1, kinds: [polygon]}
"""


@pytest.fixture
def scene(write_scene: Callable[..., Path]) -> Path:
    return write_scene()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An empty folder for what must not be written."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def geojson(path: Path, *, class_id: str | None = "ship", coordinates: object = None, **members: object) -> Path:
    ring = coordinates or [[[13.7, 47.8], [13.71, 47.8], [13.71, 47.81], [13.7, 47.8]]]
    feature = {
        "type": "Feature",
        "properties": {"class_id": class_id},
        "geometry": {"type": "Polygon", "coordinates": ring},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": [feature]}))
    return path


def refused(*arguments: object, out: Path) -> str:
    """Run a command that must fail, and return its one sentence."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.stdout == ""
    assert list(out.iterdir()) == [], "something was written"
    sentence = result.stderr
    assert sentence.startswith("geolabel: ")
    assert sentence.count("\n") == 1, sentence
    assert "Traceback" not in sentence
    return sentence


def commands_on_a_scene(path: Path, out: Path) -> list[tuple[object, ...]]:
    return [
        ("info", path),
        ("render", path, "-o", out / "picture.png"),
        ("demo", path, "--out", out, "--no-window"),
    ]


def refused_scene(path: Path, out: Path) -> set[str]:
    return {refused(*command, out=out) for command in commands_on_a_scene(path, out)}


def test_a_scene_that_is_missing(tmp_path: Path, out: Path) -> None:
    (sentence,) = refused_scene(tmp_path / "nowhere.tif", out)
    assert "nowhere.tif" in sentence
    assert "check the path" in sentence


def test_a_text_file_named_tif(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "notes.tif"
    path.write_text("Ships seen on Tuesday: 4\n")
    (sentence,) = refused_scene(path, out)
    assert "notes.tif" in sentence
    assert "text file" in sentence


@pytest.mark.parametrize("kept", [6, 40, 200])
def test_a_tiff_cut_off_in_its_head(scene: Path, tmp_path: Path, out: Path, kept: int) -> None:
    path = tmp_path / "cut.tif"
    path.write_bytes(scene.read_bytes()[:kept])
    for sentence in refused_scene(path, out):
        assert "cut.tif" in sentence


def test_a_tiff_cut_off_in_its_pixels(scene: Path, tmp_path: Path, out: Path) -> None:
    path = tmp_path / "cut.tif"
    path.write_bytes(scene.read_bytes()[: scene.stat().st_size // 2])
    sentence = refused("render", path, "-o", out / "picture.png", out=out)
    assert "cut.tif" in sentence


def test_a_folder_in_place_of_a_scene(tmp_path: Path, out: Path) -> None:
    (sentence,) = refused_scene(tmp_path, out)
    assert "folder" in sentence


def test_an_ontology_with_a_class_twice(scene: Path, tmp_path: Path, out: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text(ONTOLOGY + '  - {id: ship, name: Again, color: "#00ff00", mask_value: 2, kinds: [polygon]}\n')
    labels = geojson(tmp_path / "labels.geojson")
    export = ("export", labels, "-o", out / "labels.gpkg", "--scene", scene, "--ontology", path)
    for sentence in (refused("validate", path, out=out), refused(*export, out=out)):
        assert "twice.yaml" in sentence
        assert "classes[1].id" in sentence
        assert "ship" in sentence


def test_an_ontology_with_an_unknown_attribute_type(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "wrong.yaml"
    text = ONTOLOGY.replace("kinds: [polygon]", "kinds: [polygon], attributes: [{id: a, name: A, type: colour}]")
    path.write_text(text)
    sentence = refused("validate", path, out=out)
    assert "wrong.yaml" in sentence
    assert "attributes[0].type" in sentence
    assert "colour" in sentence
    assert "radio" in sentence


def test_an_ontology_that_is_missing(scene: Path, tmp_path: Path, out: Path) -> None:
    labels = geojson(tmp_path / "labels.geojson")
    sentence = refused("export", labels, "-o", out / "labels.gpkg", "--scene", scene, "--ontology", "martime", out=out)
    assert "martime" in sentence
    assert "maritime" in sentence


def test_geojson_with_an_unknown_class(scene: Path, tmp_path: Path, out: Path) -> None:
    labels = geojson(tmp_path / "labels.geojson", class_id="submarine")
    for command in ("export", "rasterize"):
        sentence = refused(command, labels, "-o", out / "mask.tif", "--scene", scene, out=out)
        assert "labels.geojson" in sentence
        assert "submarine" in sentence
        assert "class" in sentence


def test_geojson_without_a_class(scene: Path, tmp_path: Path, out: Path) -> None:
    labels = geojson(tmp_path / "labels.geojson", class_id=None)
    sentence = refused("rasterize", labels, "-o", out / "mask.tif", "--scene", scene, out=out)
    assert "labels.geojson" in sentence
    assert "class" in sentence


def test_geojson_of_metres_that_names_no_crs(scene: Path, tmp_path: Path, out: Path) -> None:
    metres = [[[400000.0, 5300000.0], [400100.0, 5300000.0], [400100.0, 5299900.0], [400000.0, 5300000.0]]]
    labels = geojson(tmp_path / "metres.geojson", coordinates=metres)
    sentence = refused("export", labels, "-o", out / "labels.gpkg", "--scene", scene, out=out)
    assert "metres.geojson" in sentence
    assert "400000" in sentence
    assert "crs" in sentence.lower()


def test_geojson_of_a_crs_that_nobody_knows(scene: Path, tmp_path: Path, out: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}
    labels = geojson(tmp_path / "labels.geojson", crs=crs)
    sentence = refused("export", labels, "-o", out / "labels.gpkg", "--scene", scene, out=out)
    assert "labels.geojson" in sentence
    assert "999999" in sentence


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1, 2]", '{"type": "Topology"}', '{"type":"FeatureCollection","features":[{"type":"Feature"'],
)
def test_text_that_is_no_geojson(scene: Path, tmp_path: Path, out: Path, content: str) -> None:
    labels = tmp_path / "labels.geojson"
    labels.write_text(content)
    sentence = refused("export", labels, "-o", out / "labels.gpkg", "--scene", scene, out=out)
    assert "labels.geojson" in sentence


def test_labels_that_are_missing(scene: Path, tmp_path: Path, out: Path) -> None:
    for command in ("export", "rasterize"):
        sentence = refused(command, tmp_path / "none.geojson", "-o", out / "a.tif", "--scene", scene, out=out)
        assert "none.geojson" in sentence


def test_a_scene_without_georeference_asked_for_geojson(
    write_scene: Callable[..., Path], tmp_path: Path, out: Path
) -> None:
    from shapely import box

    from napari_geolabel import open_labels, open_scene
    from napari_geolabel.errors import NotGeoreferencedError

    path = write_scene(GeoGrid(shape=(200, 300), transform=Affine.identity()), "pixels.tif")
    with open_scene(path) as opened:
        labels = open_labels(scene=opened, ontology="maritime")
        labels.add(box(3, 4, 50, 60), "ship")
        with pytest.raises(NotGeoreferencedError, match="georeferenc") as caught:
            labels.export(out / "labels.geojson")
        assert "\n" not in str(caught.value)
        assert list(out.iterdir()) == []
        assert labels.unsaved

        labels.export(tmp_path / "mask.tif", flavour="instance")
    sentence = refused("export", geojson(tmp_path / "l.geojson"), "-o", out / "l.geojson", "--scene", path, out=out)
    assert "the scene has none" in sentence


def test_a_format_that_nobody_knows(scene: Path, tmp_path: Path, out: Path) -> None:
    labels = geojson(tmp_path / "labels.geojson")
    sentence = refused("export", labels, "-o", out / "labels.xyz", "--scene", scene, out=out)
    assert "labels.xyz" in sentence
    assert ".geojson" in sentence


def test_a_folder_that_is_missing_for_the_output(scene: Path, tmp_path: Path, out: Path) -> None:
    labels = geojson(tmp_path / "labels.geojson")
    for name in ("labels.geojson", "labels.gpkg", "mask.tif"):
        sentence = refused("export", labels, "-o", out / "missing" / name, "--scene", scene, out=out)
        assert "missing" in sentence


def test_a_band_that_the_scene_lacks(scene: Path, out: Path) -> None:
    for composite in ("ndvi", "(nir - red) / (nir + red)", "false_color"):
        sentence = refused("render", scene, "-o", out / "a.png", "--composite", composite, out=out)
        assert "red, green, blue" in sentence


def test_a_wrong_number_of_band_names(scene: Path, out: Path) -> None:
    sentence = refused("info", scene, "--bands", "red,green", out=out)
    assert "scene.tif" in sentence
    assert "3" in sentence


def test_an_expression_that_would_run_code(scene: Path, out: Path) -> None:
    sentence = refused("render", scene, "-o", out / "a.png", "--composite", "__import__('os').getpid()", out=out)
    assert "__import__" in sentence


def test_bad_labels_change_nothing_in_labels_that_are_open(scene: Path, tmp_path: Path) -> None:
    from shapely import box

    from napari_geolabel import open_labels, open_scene
    from napari_geolabel.errors import GeoLabelError

    with open_scene(scene) as opened:
        labels = open_labels(scene=opened, ontology="maritime")
        ship = labels.add(box(3, 4, 50, 60), "ship")
        for path in (geojson(tmp_path / "a.geojson", class_id="submarine"), tmp_path / "missing.geojson"):
            with pytest.raises(GeoLabelError):
                labels.import_from(path)
            assert list(labels) == [ship.id]
            assert labels.store.undo_titles == ["add ship"]

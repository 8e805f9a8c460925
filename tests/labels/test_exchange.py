"""Labels to files and back, and what gets lost on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from shapely import LineString, Point, Polygon, box

from napari_geolabel.annotations import Status
from napari_geolabel.errors import FormatError, GeoLabelError, NotGeoreferencedError, UnknownClassError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.ontology.model import Ontology

TRIANGLE = Polygon([(10, 10), (40, 10), (25, 30)])


@pytest.fixture
def drawn(labels: Labels) -> Labels:
    """Two ships, a wake, a painted cloud and a classified scene."""
    labels.add(box(3, 4, 20, 9), "ship", attributes={"category": "merchant", "under_way": False})
    labels.add(TRIANGLE, "ship", status="rejected", confidence=0.25)
    labels.add(LineString([(9, 9), (80, 90)]), "wake")
    labels.paint(box(100, 100, 150, 140), "cloud")
    labels.classify_scene(haze=True)
    return labels


@pytest.fixture
def again(scene: Scene, ontology: Ontology) -> Labels:
    """Other labels of the same scene, empty."""
    return open_labels(scene=scene, ontology=ontology)


def features(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["features"]


def write_features(path: Path, scene: Scene, *rows: tuple[shapely.Geometry, dict[str, Any]]) -> Path:
    """Write plain GeoJSON, as another program would."""
    content = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(shapely.transform(geometry, scene.grid.pixel_to_lonlat))),
        }
        for geometry, properties in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": content}))
    return path


def test_everything_but_the_paint_comes_back_from_geojson(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    losses = drawn.export(tmp_path / "a.geojson")
    assert len(losses) == 1
    assert "painted mask" in losses[0]
    report = again.import_from(tmp_path / "a.geojson")
    assert (report.imported, report.skipped) == (3, [])
    assert list(again.store.values()) == [
        a.edited(source=b.source, provenance=b.provenance)
        for a, b in zip(drawn.store.values(), again.store.values(), strict=True)
    ]
    assert again.scene_attributes == {"haze": True}


def test_an_import_is_one_undo(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    again.import_from(tmp_path / "a.geojson")
    assert again.store.undo_titles == ["import 3 from a.geojson"]
    again.undo()
    assert (len(again), dict(again.scene_attributes)) == (0, {})


def test_importing_a_file_twice_adds_nothing_twice(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    again.import_from(tmp_path / "a.geojson")
    edited = again.update(next(iter(again)), status="accepted")
    report = again.import_from(tmp_path / "a.geojson")
    assert report.imported == 0
    assert report.notes == ["3 annotations were here already and stay as they are"]
    assert again[edited.id] == edited


def test_our_own_answers_on_the_scene_outlive_an_import(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    again.classify_scene(haze=False)
    again.import_from(tmp_path / "a.geojson")
    assert again.scene_attributes == {"haze": False}


def test_a_status_may_be_given_to_all(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    again.import_from(tmp_path / "a.geojson", status="suggested")
    assert {annotation.status for annotation in again.store.values()} == {Status.SUGGESTED}
    with pytest.raises(GeoLabelError, match="'perfect' is no status; choose suggested"):
        again.import_from(tmp_path / "a.geojson", status="perfect")


def test_an_unknown_class_adds_nothing(again: Labels, scene: Scene, tmp_path: Path) -> None:
    path = write_features(
        tmp_path / "a.geojson", scene, (TRIANGLE, {"class_id": "ship"}), (TRIANGLE, {"class_id": "vessel"})
    )
    with pytest.raises(FormatError, match=r"a\.geojson.*vessel.*class_map"):
        again.import_from(path)
    assert (len(again), again.unsaved) == (0, False)


def test_a_class_map_renames_and_names(again: Labels, scene: Scene, tmp_path: Path) -> None:
    path = write_features(tmp_path / "a.geojson", scene, (TRIANGLE, {"class_id": "vessel"}), (TRIANGLE, {}))
    again.import_from(path, class_map={"vessel": "ship", None: "cloud"})
    assert [annotation.class_id for annotation in again.store.values()] == ["ship", "cloud"]
    with pytest.raises(UnknownClassError, match="submarine"):
        again.import_from(path, class_map={"vessel": "submarine", None: "cloud"})


def test_new_classes_enter_the_ontology_and_the_mask(again: Labels, scene: Scene, tmp_path: Path) -> None:
    heard: list[Ontology] = []
    again.ontology_changed.connect(heard.append)
    path = write_features(
        tmp_path / "a.geojson", scene, (TRIANGLE, {"class_id": "Oil spill"}), (TRIANGLE, {"class_id": "ship"})
    )
    again.import_from(path, make_classes=True)
    (made,) = [c for c in again.ontology.classes if c.name == "Oil spill"]
    assert made.mask_value == 10
    assert again.canvas.ontology is again.ontology
    assert heard == [again.ontology]
    again.undo()
    again.redo()
    assert len(again) == 2


def test_what_a_class_does_not_allow_is_reported(again: Labels, scene: Scene, tmp_path: Path) -> None:
    path = write_features(
        tmp_path / "a.geojson",
        scene,
        (TRIANGLE, {"class_id": "wake"}),
        (LineString([(0, 0), (9, 9)]), {"class_id": "wake"}),
    )
    report = again.import_from(path)
    assert report.imported == len(again) == 1
    assert len(report.skipped) == 1
    assert "wake" in report.skipped[0][1]


def test_some_annotations_may_be_exported_alone(drawn: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson", ids=[list(drawn)[2]])
    assert [f["properties"]["class_id"] for f in features(tmp_path / "a.geojson")] == ["wake"]
    assert drawn.unsaved


def test_a_dry_run_tells_the_losses_and_writes_nothing(drawn: Labels, tmp_path: Path) -> None:
    for name in ("a.geojson", "a.gpkg", "a.tif"):
        assert drawn.export(tmp_path / name, dry_run=True) == drawn.export(tmp_path / name, dry_run=True)
    assert list(tmp_path.glob("a.*")) == []
    assert drawn.unsaved


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"path": "a.gpkg"}, ["painted mask", "whole scene"]),
        ({"path": "a.tif"}, ["outlines", "1 rejected", "1 annotations of wake"]),
        ({"path": "a.tif", "flavour": "instance"}, ["outlines", "1 rejected", "painted mask"]),
    ],
)
def test_losses_are_named_one_by_one(
    drawn: Labels, tmp_path: Path, options: dict[str, Any], expected: list[str]
) -> None:
    losses = drawn.export(**(options | {"path": tmp_path / options["path"]}))
    assert len(losses) == len(expected)
    for loss, words in zip(losses, expected, strict=True):
        assert words in loss


def test_a_semantic_mask_shows_what_is_drawn_over_what_is_painted(drawn: Labels, tmp_path: Path) -> None:
    drawn.add(box(90, 90, 110, 110), "ship")
    drawn.export(tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as mask:
        values = mask.read(1)
    assert values[105, 105] == 1
    assert values[120, 120] == 9
    assert values[20, 25] == 0, "a rejected ship is in the mask"


def test_the_paint_alone_can_be_saved(drawn: Labels, tmp_path: Path) -> None:
    drawn.export_painted(tmp_path / "paint.tif")
    with rasterio.open(tmp_path / "paint.tif") as mask:
        assert np.array_equal(mask.read(1), drawn.canvas.array)


def test_unsaved_follows_annotations_and_paint_apart(drawn: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    assert drawn.unsaved, "the paint is in no file"
    drawn.export_painted(tmp_path / "a.tif")
    assert not drawn.unsaved
    drawn.paint(box(0, 0, 5, 5), "cloud")
    assert drawn.unsaved
    drawn.export(tmp_path / "a.tif")
    assert not drawn.unsaved
    drawn.undo()
    assert drawn.unsaved


def test_labels_that_only_came_from_a_file_are_saved(drawn: Labels, again: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.geojson")
    again.import_from(tmp_path / "a.geojson")
    assert not again.unsaved
    again.add(TRIANGLE, "ship")
    again.import_from(tmp_path / "a.geojson")
    assert again.unsaved


def test_a_format_may_be_named(drawn: Labels, tmp_path: Path) -> None:
    drawn.export(tmp_path / "a.txt", format="geojson")
    assert len(features(tmp_path / "a.txt")) == 3
    with pytest.raises(FormatError, match="dxf"):
        drawn.export(tmp_path / "a.txt", format="dxf")


def test_a_failed_export_leaves_labels_unsaved_and_no_file(drawn: Labels, tmp_path: Path) -> None:
    with pytest.raises(GeoLabelError):
        drawn.export(tmp_path / "missing" / "a.geojson")
    assert drawn.unsaved


def test_without_a_georeference_there_are_masks_and_geopackages_but_no_geojson(
    pixel_scene: Scene, ontology: Ontology, tmp_path: Path
) -> None:
    labels = open_labels(scene=pixel_scene, ontology=ontology)
    labels.add(TRIANGLE, "ship")
    for dry_run in (True, False):
        with pytest.raises(NotGeoreferencedError, match=r"the scene pixels is not georeferenced"):
            labels.export(tmp_path / "a.geojson", dry_run=dry_run)
    assert not (tmp_path / "a.geojson").exists()
    labels.export(tmp_path / "a.tif", flavour="instance")
    labels.export(tmp_path / "a.gpkg")
    with rasterio.open(tmp_path / "a.tif") as mask:
        assert mask.crs is None
        assert np.array_equal(mask.read(1) > 0, rasterized(labels))


def rasterized(labels: Labels) -> np.ndarray:
    from napari_geolabel.labels.rasters import rasterize

    return rasterize(labels).array > 0


def test_keypoints_survive_geojson(labels: Labels, again: Labels, tmp_path: Path) -> None:
    bow = labels.add(Point(12.25, 99.75), "ship")
    labels.export(tmp_path / "a.geojson")
    again.import_from(tmp_path / "a.geojson")
    assert again[bow.id].geometry.equals_exact(bow.geometry, 0)
    assert again[bow.id].kind == "keypoint"

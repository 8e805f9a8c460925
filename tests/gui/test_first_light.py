"""The main path as an analyst walks it: open, draw, switch composites, undo, save, and look at it in QGIS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import area_m2, measure_box
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology.kinds import Kind

CLOUD = shapely.Point(107, 158).buffer(42, quad_segs=2)


@dataclass
class Story:
    """What stands at the end of the morning."""

    labels: Labels
    truth: Labels
    ship_id: str
    cloud_id: str
    saved: Path
    undone: list[int]
    composites: list[str]
    favourites: tuple[str, ...]
    layers_kept: bool
    picture: Path
    longest_ship: Any


@pytest.fixture
def labels(coast: Path) -> Labels:
    """The coast with the ontology of ships and clouds."""
    return open_labels(scene=open_scene(coast), ontology=coast.with_name("coast_ontology.yaml"))


@pytest.fixture
def truth(coast: Path, labels: Labels) -> Labels:
    """What really lies on the coast."""
    known = open_labels(scene=labels.scene, ontology=labels.ontology)
    known.import_from(coast.with_name("coast_truth.geojson"))
    return known


@pytest.fixture
def longest_ship(truth: Labels) -> Any:
    """Corners of the longest ship in pixel coordinates, from bow-left clockwise."""
    ships = [a for a in truth.store.values() if a.class_id == "ship"]
    corners = [shapely.get_coordinates(ship.geometry)[:4] for ship in ships]
    return max(corners, key=lambda c: measure_box(c, truth.scene.grid).length_m)


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    """The story, once it was told: it takes long, and is looked at from several sides."""
    return []


@pytest.fixture
def story(stories: list[Story], request: pytest.FixtureRequest) -> Story:
    if not stories:
        stories.append(request.getfixturevalue("morning"))
    return stories[0]


@pytest.fixture
def morning(session, viewer, press, mouse, photograph, truth, longest_ship, tmp_path) -> Story:
    """The analyst's morning, in a window that is there for it alone."""
    labels = session.labels
    keys = {c.id: c.hotkey for c in labels.ontology.classes}

    press(keys["thick_cloud"])  # the wrong class for a ship: it is put right by hotkey below
    press(keys["ship"])
    bow, stern = longest_ship[:2].mean(axis=0), longest_ship[2:].mean(axis=0)
    beam = longest_ship[1:3].mean(axis=0)
    mouse.look_at(longest_ship.mean(axis=0), 8.0)
    press("O")
    for point in (bow, stern, beam):
        mouse.click(point)
    (ship_id,) = labels

    press("Z")
    mouse.look_at(CLOUD.centroid.coords[0], 5.0)
    press(keys["cloud_shadow"])
    press("P")
    outline = shapely.get_coordinates(CLOUD)[:-1]
    for point in outline[:3]:
        mouse.click(point)
    composites, layers = [session.composite], list(viewer.layers)
    for _ in range(3):  # in the middle of the polygon
        press("Alt+Right")
        composites.append(session.composite)
    for point in outline[3:]:
        mouse.click(point)
    press("Enter")
    (cloud_id,) = [i for i in labels if i != ship_id]

    press("S")
    mouse.click(CLOUD.centroid.coords[0])
    press(keys["thick_cloud"])

    undone = [len(labels)]
    for _ in range(3):  # class of the cloud, cloud, ship
        press("Ctrl+Z")
        undone.append(len(labels))
    for _ in range(3):
        press("Ctrl+Shift+Z")
        undone.append(len(labels))

    while session.composite != "true_color":
        press("Alt+Left")
    viewer.reset_view()
    viewer.layers.selection = {session.shapes_layer}
    saved = tmp_path / "coast labels.geojson"
    viewer.layers.save(str(saved), selected=True)
    return Story(
        labels=labels,
        truth=truth,
        ship_id=ship_id,
        cloud_id=cloud_id,
        saved=saved,
        undone=undone,
        composites=composites,
        favourites=session.composites.steps,
        layers_kept=layers == list(viewer.layers),
        picture=photograph("first-light"),
        longest_ship=longest_ship,
    )


def test_a_ship_and_a_cloud_are_drawn_corrected_and_saved(story):
    ship, cloud = story.labels[story.ship_id], story.labels[story.cloud_id]
    grid = story.labels.scene.grid
    assert (ship.class_id, ship.kind) == ("ship", Kind.ROTATED_BOX)
    assert (cloud.class_id, cloud.kind) == ("thick_cloud", Kind.POLYGON)
    assert story.undone == [2, 2, 1, 0, 1, 2, 2]
    assert story.composites == list(story.favourites[:4])
    assert story.composites[:2] == ["true_color", "false_color"]
    assert story.layers_kept
    assert cloud.provenance.composite == story.composites[-1]

    drawn = measure_box(shapely.get_coordinates(ship.geometry)[:4], grid)
    known = measure_box(story.longest_ship, grid)
    one_screen_px_m = 10 / 8
    assert drawn.length_m == pytest.approx(known.length_m, abs=2 * one_screen_px_m)
    assert drawn.width_m == pytest.approx(known.width_m, abs=3 * one_screen_px_m)
    assert (drawn.heading_deg - known.heading_deg + 180) % 360 - 180 == pytest.approx(0, abs=1)
    assert area_m2(grid, cloud.geometry) == pytest.approx(area_m2(grid, CLOUD), rel=0.02)


def test_what_was_saved_comes_back_the_same(story):
    features = json.loads(story.saved.read_text())["features"]
    assert [f["properties"]["class_id"] for f in features] == ["ship", "thick_cloud"]
    again = open_labels(scene=story.labels.scene, ontology=story.labels.ontology)
    again.import_from(story.saved)
    assert [a.geometry for a in again.store.values()] == [a.geometry for a in story.labels.store.values()]


def test_the_labels_are_seen_in_the_colours_of_their_classes(story):
    from PIL import Image

    picture = np.asarray(Image.open(story.picture).convert("RGB")).reshape(-1, 3)
    colors = {c.id: c.color for c in story.labels.ontology.classes}
    for class_id in ("ship", "thick_cloud"):
        wanted = [int(colors[class_id][i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(picture.astype(int) - wanted).max(axis=1) < 12).sum() > 40, class_id


@pytest.mark.gis
def test_qgis_finds_the_labels_in_the_right_place(story, qgis):
    found = qgis("vector", str(story.saved))
    assert found["valid"]
    assert found["crs"] == "EPSG:4326"
    expected = [
        shapely.transform(a.geometry, story.labels.scene.grid.pixel_to_lonlat) for a in story.labels.store.values()
    ]
    assert len(found["boxes"]) == 2
    for box, geometry in zip(found["boxes"], expected, strict=True):
        np.testing.assert_allclose(shapely.from_wkt(box).bounds, geometry.bounds, atol=1e-9)


def test_a_scene_without_a_place_says_why_it_cannot_be_saved_as_geojson(viewer, shared_data, tmp_path, qapp):
    from napari_geolabel.widgets.annotate import annotate

    scene = shared_data / "ukis_csmask" / "sentinel2_6band_uint16_nocrs.tif"
    session = annotate(viewer, scene, "clouds")
    session.labels.add(shapely.box(10, 10, 50, 50), "thick_cloud", kind="polygon")
    viewer.layers.selection = {session.shapes_layer}
    with pytest.raises(GeoLabelError, match="not georeferenced"):
        viewer.layers.save(str(tmp_path / "clouds.geojson"), selected=True)
    assert list(tmp_path.glob("*.geojson")) == []

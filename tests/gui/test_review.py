"""Reviewing predictions in a real window: dashed, by keys, in bulk, corrected by hand, all undone."""

from __future__ import annotations

import json

import shapely
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.annotations import Status
from napari_geolabel.widgets.panels import Panels

SURENESS = (0.97, 0.88, 0.64, 0.31)


def predictions(labels, path):
    """Write predictions as a detector does: GeoJSON in longitude and latitude with a score."""
    features = []
    for i, sure in enumerate(SURENESS):
        box = shapely.box(230 + 60 * i, 330, 270 + 60 * i, 350)
        place = shapely.transform(box, labels.scene.grid.pixel_to_lonlat)
        properties = {"class_id": "ship", "score": sure}
        features.append({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(place)})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_predictions_are_reviewed_by_keys_corrected_and_undone(
    session, viewer, mouse, press, photograph, until, tmp_path
):
    labels, store, layer = session.labels, session.labels.store, session.shapes_layer
    panels = viewer.window._qt_window.findChild(Panels)
    mine = labels.add(shapely.box(225, 325, 275, 355), "ship", kind="box").id
    labels.import_from(predictions(labels, tmp_path / "predictions.geojson"), status="suggested")
    sure, good, fair, poor = (i for i in labels if i != mine)
    until(lambda: session.layers.strokes is not None and len(session.layers.strokes.data) > 50)
    mouse.look_at((320, 340), 3)
    photograph("suggestions")
    until(lambda: len(layer.features) == 5)
    assert list(layer.features["id"]).index(mine) == 4  # above all suggestions

    press("Alt+R")
    assert session.selected_ids == [sure]
    assert panels.tabs.tabText(panels.tabs.currentIndex()) == "Review"  # says what A, R and N do
    panels.tabs.setCurrentIndex(0)
    photograph("review")
    press("A")
    press("R")
    press("N")
    assert [store[i].status for i in (sure, good, fair, poor)] == ["accepted", "rejected", "suggested", "suggested"]
    assert session.review.current == poor
    assert panels.tabs.currentIndex() == 0  # who looks at another tab meanwhile stays there
    until(lambda: good not in list(layer.features["id"]))

    layer.mode = "select"
    x, y = store[poor].geometry.centroid.coords[0]
    mouse.drag((x, y), (x + 12, y + 6))
    corrected = store[poor]
    assert corrected.status is Status.DRAFT
    assert corrected.provenance.annotator
    assert corrected.provenance.tool == "import of predictions.geojson"
    panels.review.threshold.setFocus()
    panels.review.threshold.setValue(60)
    QTest.mouseClick(panels.review.accept_above, Qt.MouseButton.LeftButton)
    assert store[fair].status is Status.ACCEPTED
    assert store.undo_titles[:4] == ["accept ship", "move ship", "reject ship", "accept ship"]
    until(lambda: len(session.layers.strokes.data) == 0)

    for _ in range(4):
        press("Ctrl+Z")
    assert [store[i].status for i in (sure, good, fair, poor)] == ["suggested"] * 4
    assert store[mine].status is Status.DRAFT
    until(lambda: len(session.layers.strokes.data) > 50)
    press("Alt+R")
    press("R")
    assert session.tool == "box"

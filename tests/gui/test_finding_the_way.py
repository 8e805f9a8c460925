"""Keys that find the way, with real keys and a real mouse: cells, coordinates, bookmarks, the ruler."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QInputDialog

from napari_geolabel.geo.path_measure import measure_path


def test_cells_places_and_the_ruler_by_keys_and_mouse(session, viewer, mouse, press, photograph, monkeypatch):
    labels, ways = session.labels, session.ways
    mouse.look_at((60, 60), 3)
    press("F7")
    first = ways.cell
    assert first == (0, 1)
    press("Shift+F7")
    assert set(labels.coverage.checked) == {first}
    assert ways.cell == (0, 2)
    press("Ctrl+Z")
    assert labels.coverage.checked == {}

    monkeypatch.setattr(QInputDialog, "getItem", lambda *_a, **_k: ("row 300 col 350", True))
    press("Alt+J")
    x0, y0, x1, y1 = ways.view
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((350.5, 300.5))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("the town", True))
    press("Alt+K")
    assert list(labels.bookmarks) == ["the town"]
    kept = ways.view
    press("F7")
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_a, **_k: ("the town", True))
    press("Alt+J")
    assert ways.view == pytest.approx(kept)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_a, **_k: ("nowhere", True))
    press("Alt+J")
    assert ways.view == pytest.approx(kept)

    steps = len(labels.store.undo_titles)
    press("O")
    assert session.tool == "rotated_box"
    press("Alt+M")
    assert session.tool is None
    assert ways.ruler.is_on
    mouse.look_at((350, 300), 3)
    for point in ((330, 290), (370, 290), (370, 310)):
        mouse.click(point)
    assert len(ways.ruler.points) == 3
    assert ways.ruler.points[0] == pytest.approx((330, 290), abs=0.5)
    overlay = viewer.canvas.overlays.text
    assert overlay.visible
    mouse.move((350, 320))
    path = [*ways.ruler.points, (350, 320)]
    assert overlay.text.startswith(measure_path(labels.scene.grid, path).text[:2])
    assert "bearing" in overlay.text
    assert "closed" in overlay.text
    photograph("measuring")
    assert ways.ruler.measure.length == pytest.approx(measure_path(labels.scene.grid, path[:-1]).length)
    assert len(session.preview_layer.data) > 0
    mouse.click((350, 320), "Right")
    assert ways.ruler.points == []
    press("O")
    assert not ways.ruler.is_on
    assert not overlay.visible
    assert len(labels) == 0
    assert len(labels.store.undo_titles) == steps

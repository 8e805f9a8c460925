"""Thumbnails: the right pixels, on a thread, and no more than are wanted."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from qtpy.QtGui import QIcon

from napari_geolabel.imagery.render import render
from napari_geolabel.imagery.stretch import Stretch
from napari_geolabel.widgets import thumbnails as room
from napari_geolabel.widgets.thumbnails import THUMBNAIL_PX, Thumbnails, icon


@pytest.fixture
def made() -> dict[str, QIcon]:
    """What came, by id."""
    return {}


@pytest.fixture
def rendered(monkeypatch) -> list[tuple[str, object, bool]]:
    """What was rendered: the id, the window, and whether on another thread."""
    calls: list[tuple[str, object, bool]] = []

    def spy(scene, composite, **options):
        calls.append((composite.id, options["window"], threading.current_thread() is not threading.main_thread()))
        return render(scene, composite, **options)

    monkeypatch.setattr(room, "render", spy)
    return calls


@pytest.fixture
def thumbnails(qtbot, made, rendered):
    maker = Thumbnails()
    maker.made.connect(made.__setitem__)
    yield maker
    maker.close()


def pixels(found: QIcon) -> np.ndarray:
    image = found.pixmap(THUMBNAIL_PX, THUMBNAIL_PX).toImage()
    return np.array(
        [[image.pixelColor(x, y).getRgb() for x in range(image.width())] for y in range(image.height())], np.uint8
    )


def test_a_picture_of_the_view_comes_from_another_thread(thumbnails, scene, made, rendered, qtbot):
    thumbnails.want(scene, (100, 228, 40, 168), [scene.composite("true_color")])
    qtbot.waitUntil(lambda: "true_color" in made)
    expected = render(scene, "true_color", max_size=THUMBNAIL_PX, window=(slice(100, 228), slice(40, 168)))
    np.testing.assert_array_equal(pixels(made["true_color"]), expected)
    assert rendered == [("true_color", (slice(100, 228), slice(40, 168)), True)]


def test_without_a_view_it_is_the_whole_scene(thumbnails, scene, made, rendered, qtbot):
    thumbnails.want(scene, None, [scene.composite("ndvi")])
    qtbot.waitUntil(lambda: "ndvi" in made)
    assert rendered[0][1] is None


def test_what_is_right_is_not_made_again_and_what_changed_is(thumbnails, scene, made, rendered, qtbot):
    from dataclasses import replace

    both = [scene.composite("true_color"), scene.composite("false_color")]
    thumbnails.want(scene, None, both)
    qtbot.waitUntil(lambda: len(made) == 2)
    thumbnails.want(scene, None, both)
    changed = replace(both[1], stretch=Stretch.fixed(0, 20))
    made.clear()
    thumbnails.want(scene, None, [both[0], changed])
    qtbot.waitUntil(lambda: "false_color" in made)
    assert [call[0] for call in rendered] == ["true_color", "false_color", "false_color"]
    thumbnails.forget()
    thumbnails.want(scene, None, [both[0]])
    qtbot.waitUntil(lambda: "true_color" in made)


def test_a_newer_wish_drops_what_has_not_begun(thumbnails, scene, made, rendered, qtbot, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    spy = room.render

    def slow(scene, composite, **options):
        begun.set()
        assert go_on.wait(60)
        return spy(scene, composite, **options)

    monkeypatch.setattr(room, "render", slow)
    thumbnails.want(scene, None, [scene.composite(id_) for id_ in ("true_color", "false_color", "ndvi")])
    assert begun.wait(60)
    thumbnails.want(scene, (0, 64, 0, 64), [scene.composite("ndvi")])
    go_on.set()
    qtbot.waitUntil(lambda: "ndvi" in made)
    assert [call[0] for call in rendered] == ["true_color", "ndvi"]
    assert list(made) == ["ndvi"], "the picture of the older view came too late to be shown"


def test_at_rest_nothing_is_made(thumbnails, scene, made, rendered, qtbot):
    thumbnails.want(scene, None, [scene.composite("true_color")])
    thumbnails.rest()
    thumbnails.want(scene, None, [scene.composite("ndvi")])
    qtbot.waitUntil(lambda: "ndvi" in made)
    assert "true_color" not in made


def test_a_scene_that_was_closed_has_no_picture_and_nobody_is_told(thumbnails, write_scene, scene, made, told, qtbot):
    from napari_geolabel.imagery.opening import open_scene

    other = open_scene(write_scene(name="other.tif"))
    composite = other.composite("true_color")
    other.close()
    thumbnails.want(other, None, [composite, scene.composite("ndvi")])
    thumbnails.want(scene, None, [scene.composite("ndvi")])
    qtbot.waitUntil(lambda: "ndvi" in made)
    assert "true_color" not in made
    assert told == []


def test_an_icon_is_not_tinted_in_the_current_row(qtbot):
    green = np.zeros((30, 40, 4), np.uint8)
    green[..., 1:] = (200, 10, 255)
    found = icon(green).pixmap(40, 30, QIcon.Mode.Selected).toImage()
    assert (found.width(), found.height()) == (40, 30)
    assert found.pixelColor(5, 5).getRgb() == (0, 200, 10, 255)

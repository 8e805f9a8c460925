"""Class names under the mouse, asked from another thread while labels change."""

from __future__ import annotations

import threading

import shapely

from napari_geolabel.viewer.hover import HoverReader


def reader(labels, screen_px: float = 1.0) -> HoverReader:
    return HoverReader(labels, lambda: screen_px)


def test_nothing_is_named_where_nothing_is(labels):
    assert reader(labels)(10, 10) == ""


def test_an_area_is_named_inside_and_not_beside(labels):
    hover = reader(labels)
    labels.add(shapely.box(10, 10, 30, 20), "ship")
    assert hover(20, 15) == "Ship"
    assert hover(31, 15) == ""


def test_a_hole_is_not_the_class(labels):
    hover = reader(labels)
    ring = shapely.box(0, 0, 40, 40) - shapely.box(10, 10, 30, 30)
    labels.add(ring, "cloud")
    assert hover(5, 5) == "Cloud"
    assert hover(20, 20) == ""


def test_lines_and_points_are_named_from_a_few_screen_pixels_away(labels):
    hover = reader(labels, screen_px=2.0)
    labels.add(shapely.LineString([(0, 100), (50, 100)]), "wake")
    labels.add(shapely.Point(200, 200), "bow")
    assert hover(20, 107) == "Wake"
    assert hover(20, 109) == ""
    assert hover(205, 205) == "Bow"


def test_the_topmost_is_named_first_and_each_class_once(labels):
    labels.add(shapely.box(0, 0, 40, 40), "ship")
    labels.add(shapely.Polygon([(0, 0), (40, 0), (20, 40)]), "cloud")
    labels.add(shapely.box(1, 1, 39, 39), "ship")
    assert reader(labels)(20, 10) == "Ship, Cloud"


def test_removed_and_undone_annotations_are_gone(labels):
    hover = reader(labels)
    ship = labels.add(shapely.box(10, 10, 30, 20), "ship")
    labels.remove(ship.id)
    assert hover(20, 15) == ""
    labels.undo()
    assert hover(20, 15) == "Ship"
    labels.update(ship.id, geometry=shapely.box(100, 100, 120, 120))
    assert hover(20, 15) == ""
    assert hover(110, 110) == "Ship"


def test_the_painted_mask_is_named_too(labels):
    hover = reader(labels)
    labels.paint(shapely.box(50, 50, 60, 60), "cloud")
    assert hover(55.5, 55.5) == "mask Cloud"
    assert hover(-1, 55) == ""
    assert hover(55, 1e9) == ""


def test_asking_from_another_thread_while_labels_change_never_fails(labels):
    hover, failures, done = reader(labels), [], threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                hover(20, 15)
            except Exception as error:  # noqa: BLE001  (whatever it is, it is what the test looks for)
                failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    for i in range(150):
        labels.add(shapely.box(10 + i, 10, 30 + i, 20), "ship")
    labels.remove(list(labels))
    done.set()
    thread.join()
    assert failures == []
    assert hover(20, 15) == ""

"""The picture of all annotations: painted when it is needed, up to date, below the shapes, once for all panes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.viewer import working_set
from napari_geolabel.viewer.overlay import OverlayPicture


@pytest.fixture
def crowd(session, loop, monkeypatch):
    """Twenty-five clouds where ten shapes are many; the view of a viewer without a window is on all."""
    monkeypatch.setattr(working_set, "MOST_SHAPES", 10)
    session.viewer.scene.camera.zoom = 800 / 600 / 10
    session.viewer.scene.camera.center = (2560, 2560)
    boxes = [shapely.box(20 + 90 * i, 20 + 90 * j, 60 + 90 * i, 60 + 90 * j) for j in range(5) for i in range(5)]
    session.labels.add_many(boxes, "cloud", kind="polygon")
    loop.run()
    return list(session.labels)


def seen(session, x, y) -> int:
    """Return how opaque the picture is at a scene pixel."""
    return int(np.asarray(session.layers.overlay.data[0])[y, x, 3])


def test_nothing_is_painted_before_somebody_needs_it(session, loop):
    session.labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box")
    loop.run()
    assert session.label_views.picture._levels is None
    assert session.label_views.overlay.layer is None


def test_a_picture_hears_of_every_kind_of_change(session, loop, crowd):
    assert seen(session, 40, 40)
    session.labels.update(crowd[0], geometry=shapely.box(5, 5, 15, 15))
    loop.run()
    assert (seen(session, 40, 40), bool(seen(session, 10, 10))) == (0, True)
    session.labels.remove(crowd[0])
    loop.run()
    assert seen(session, 10, 10) == 0
    session.undo()
    session.undo()
    loop.run()
    assert seen(session, 40, 40)
    session.labels.update(crowd[0], status="rejected")
    loop.run()
    assert seen(session, 40, 40) == 0


def test_many_changes_in_a_row_are_painted_once(session, loop, crowd):
    painted = []
    session.label_views.picture.changed.connect(lambda: painted.append(True))
    for name in crowd[:8]:
        session.labels.update(name, confidence=0.5)
    assert painted == []
    loop.run()
    assert painted == [True]
    loop.run()
    assert painted == [True]


def test_an_edit_of_attributes_alone_paints_what_it_may_have_changed_and_no_more(session, loop, crowd, monkeypatch):
    asked = []
    levels = session.label_views.picture.pyramid
    monkeypatch.setattr(levels, "repaint", asked.append)
    session.labels.update(crowd[3], confidence=0.25)
    loop.run()
    box = session.labels[crowd[3]].geometry.bounds
    assert asked == [[box, box]]


def test_the_user_may_hide_the_labels_and_the_picture_goes_along(session, loop, crowd):
    overlay = session.layers.overlay
    session.shapes_layer.visible = False
    assert not overlay.visible
    session.labels.remove(crowd[:1])
    loop.run()
    assert not overlay.visible
    session.shapes_layer.visible = True
    assert overlay.visible
    assert seen(session, 40, 40) == 0


def test_another_ontology_brings_its_colours(session, loop, crowd, coast_ontology):
    classes = [c.model_copy(update={"color": "#0000ff"}) for c in coast_ontology.classes]
    session.labels.use_ontology(coast_ontology.model_copy(update={"classes": tuple(classes), "version": "2.0"}))
    loop.run()
    assert np.asarray(session.layers.overlay.data[0])[40, 40, :3].tolist() == [0, 0, 255]


def test_a_closed_picture_hears_no_more(labels, session, loop):
    picture = OverlayPicture(labels, session.marks, loop.defer)
    assert picture.pyramid.levels[0].shape == (512, 512, 4)
    painted = []
    picture.changed.connect(lambda: painted.append(True))
    picture.close()
    labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box")
    loop.run()
    picture.repaint()
    assert painted == []


def test_the_layer_tells_the_status_of_the_scene_and_has_its_keys(session, loop, crowd):
    overlay = session.layers.overlay
    told = overlay.get_status((2560.0, 2560.0), world=True)
    assert "row 256 col 256" in told["coordinates"]
    assert "Undo" not in overlay.name
    assert overlay.metadata["geolabel_scene"] is session.scene

"""Linking and grouping what is selected, and the lines that show it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.session import Session
from napari_geolabel.viewer.strokes_view import GROUP_COLOR, LINK_COLOR


@pytest.fixture
def labels(scene):
    return open_labels(scene=scene, ontology="maritime")


@pytest.fixture
def ids(labels):
    """A barge, a tug and a quay."""
    boxes = (shapely.box(10, 10, 50, 30), shapely.box(110, 10, 150, 30))
    barge, tug = (labels.add(box, "ship", kind="box").id for box in boxes)
    return barge, tug, labels.add(shapely.Polygon([(10, 100), (150, 100), (150, 120), (10, 120)]), "dock").id


@pytest.fixture
def session(viewer, labels, loop, ids):
    made = Session(viewer, labels, defer=loop.defer)
    yield made
    made.close()


def test_two_are_linked_in_the_direction_that_their_classes_allow(session, ids):
    barge, _, quay = ids
    session.linker.relation = "moored_at"
    session.selection.select([quay, barge])
    session.linker.link()
    assert session.labels[barge].links == (("moored_at", quay),)
    assert session.linker.about() == ["Ship 1 moored at Dock or quay 3"]
    assert session.labels.store.undo_titles[0] == "link ship: moored at dock"
    session.linker.unlink()
    assert session.labels[barge].links == ()
    session.undo()
    assert session.labels[barge].links == (("moored_at", quay),)


def test_a_link_that_may_lead_both_ways_is_turned_round_as_one_change(session, ids):
    barge, tug, _ = ids
    session.selection.select([barge, tug])
    session.linker.link()
    assert session.linker.about() == ["Ship 1 towed by Ship 2"]
    session.linker.link()
    assert session.linker.about() == ["Ship 2 towed by Ship 1"]
    assert session.labels[barge].links == ()
    session.undo()
    assert session.labels[barge].links == (("towed_by", tug),)
    assert session.labels[tug].links == ()


def test_what_cannot_be_is_told_with_the_reason(session, ids, told):
    barge, tug, quay = ids
    session.linker.link()
    session.selection.select([tug, quay])
    session.linker.link()
    session.selection.select([barge])
    session.linker.group()
    session.linker.ungroup()
    session.linker.unlink()
    assert told == [
        "select the two annotations that are to be linked",
        "towed by leads to ship, not to dock",
        "select two annotations or more to group them",
        "select something that is in a group",
        "select something that is linked",
    ]
    assert len(session.labels.store.undo_titles) == 3


def test_a_single_one_is_unlinked_from_all_in_one_change(session, ids):
    barge, tug, quay = ids
    session.labels.relate(barge, tug, "towed_by")
    session.labels.relate(tug, quay, "moored_at")
    session.selection.select([tug])
    assert session.linker.about() == ["Ship 1 towed by Ship 2", "Ship 2 moored at Dock or quay 3"]
    session.linker.unlink()
    assert not session.labels[barge].links + session.labels[tug].links
    session.undo()
    assert session.labels[barge].links + session.labels[tug].links


def test_groups_are_made_and_left(session, ids):
    barge, tug, _ = ids
    session.selection.select([barge, tug])
    session.linker.group()
    assert session.linker.about() == ["group of 2"]
    session.linker.ungroup()
    assert session.linker.about() == []
    session.undo()
    session.undo()
    assert session.labels[barge].group is None


def test_links_are_arrows_and_groups_are_dashed_stars(session, ids, loop):
    barge, tug, _ = ids
    loop.run()
    assert session.layers.strokes is None
    session.labels.relate(barge, tug, "towed_by")
    loop.run()
    layer = session.layers.strokes
    start, step = layer.data[0]
    assert start.tolist() == [19.5, 29.5]  # rows and columns of the middle of the barge
    assert (start + step).tolist() == [19.5, 129.5]
    assert len(layer.data) == 3
    assert np.allclose(layer.edge_color[0], [0, int(LINK_COLOR[3:5], 16) / 255, 1, 1])
    session.labels.group(ids)
    loop.run()
    assert len(layer.data) > 20
    assert np.allclose(layer.edge_color[-1], [1, int(GROUP_COLOR[3:5], 16) / 255, int(GROUP_COLOR[5:], 16) / 255, 1])
    session.undo()
    session.labels.remove(tug)
    loop.run()
    assert len(layer.data) == 0


def test_no_line_leads_to_what_is_hidden(session, ids, loop):
    barge, _, quay = ids
    session.labels.relate(barge, quay, "moored_at")
    session.classes.hide("dock")
    loop.run()
    assert session.layers.strokes is None or len(session.layers.strokes.data) == 0


def test_an_ontology_without_relations_can_only_group(viewer, scene, coast_ontology, loop):
    session = Session(viewer, open_labels(scene=scene, ontology=coast_ontology), defer=loop.defer)
    assert session.linker.relations == []
    assert "has no relations" in session.linker.why_not("link")
    session.close()

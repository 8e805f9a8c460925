"""Attributes answered by script, and problems mended: each as one change."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import AttributeValueError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels

BOX = shapely.box(3, 4, 20, 9)


@pytest.fixture
def labels(scene: Scene) -> Labels:
    """Empty labels with the maritime ontology."""
    return open_labels(scene=scene, ontology="maritime")


def test_attributes_are_answered_in_one_change_and_the_others_stay(labels: Labels) -> None:
    ships = [labels.add(BOX, "ship", attributes={"category": c, "length_m": 90}).id for c in ("merchant", "fishing")]
    labels.answer(ships, category="fishing", type="trawler")
    assert [labels[i].attributes for i in ships] == [{"category": "fishing", "type": "trawler", "length_m": 90}] * 2
    labels.answer(ships[0], length_m=None)
    assert "length_m" not in labels[ships[0]].attributes
    assert labels.store.undo_titles[:2] == ["set length_m of ship", "set category, type of 2 annotations"]
    labels.undo()
    labels.undo()
    assert [labels[i].attributes["category"] for i in ships] == ["merchant", "fishing"]


def test_an_answer_that_one_class_does_not_allow_changes_none(labels: Labels) -> None:
    ships = [labels.add(BOX, "ship", attributes={"category": c}).id for c in ("merchant", "unknown")]
    with pytest.raises(AttributeValueError):
        labels.answer(ships, type="tanker")
    assert all("type" not in labels[i].attributes for i in ships)


def test_answering_what_is_said_already_changes_nothing(labels: Labels) -> None:
    ship = labels.add(BOX, "ship", attributes={"category": "fishing"})
    labels.answer(ship.id, category="fishing")
    assert labels[ship.id] is ship
    assert labels.store.undo_titles == ["add ship"]


def test_another_answer_of_the_scene_takes_along_what_stood_under_the_old_one(labels: Labels) -> None:
    labels.classify_scene(cloud_cover="none")
    assert labels.classify_scene(cloud_cover=None) == {}


def test_problems_know_the_scene_and_are_mended_as_one_change(labels: Labels) -> None:
    cols = labels.scene.grid.shape[1]
    twins = [labels.add(BOX, "ship", kind="polygon", attributes={"category": "unknown"}).id for _ in range(2)]
    away = labels.add(shapely.box(cols + 5, 5, cols + 9, 9), "ship", kind="box", attributes={"category": "unknown"})
    labels.classify_scene(cloud_cover="none")
    rules = {(p.annotation_id, p.rule) for p in labels.problems()}
    assert {(twins[1], "duplicate"), (away.id, "outside")} <= rules
    assert labels.fix_problems().title == "fix 2 problems"
    assert list(labels) == [twins[1]]
    labels.undo()
    assert set(labels) == {*twins, away.id}

"""Labels and ontologies show themselves as tables, and their ids complete."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.imagery import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.labels_card import MOST_ROWS
from napari_geolabel.ontology import load_ontology
from napari_geolabel.samples import sample_path


@pytest.fixture
def labels():
    with open_scene(sample_path("coast.tif")) as scene:
        yield open_labels(scene=scene, ontology="maritime")


def test_the_card_counts_classes_and_lists_annotations_with_their_answers(labels):
    ship = labels.add(shapely.box(10, 20, 30, 40), "ship", attributes={"category": "merchant"}, confidence=0.5)
    labels.add(shapely.box(50, 60, 70, 80), "dock", kind="polygon")
    card = labels._repr_html_()
    for text in ("Labels of coast", "2 annotations", ship.id, "Ship", "category: merchant", "0.5", "20.0, 30.0"):
        assert text in card
    assert labels._ipython_key_completions_() == list(labels)


def test_of_many_the_last_are_listed(labels):
    ids = [each.id for each in labels.add_many([shapely.box(i, 0, i + 1, 1) for i in range(MOST_ROWS + 5)], "ship")]
    card = labels._repr_html_()
    assert ids[4] not in card
    assert ids[5] in card
    assert card.index(ids[5]) < card.index(ids[-1])
    assert f"the last {MOST_ROWS} of {MOST_ROWS + 5}" in card


def test_labels_without_annotations_say_so(labels):
    assert "0 annotations" in labels._repr_html_()


def test_an_answer_that_looks_like_html_is_shown_as_text(labels):
    labels.add(shapely.box(10, 20, 30, 40), "ship", attributes={"name": "<script>"})
    assert "&lt;script&gt;" in labels._repr_html_()


def test_an_ontology_is_a_table_of_its_classes_and_completes_their_ids():
    ontology = load_ontology("maritime")
    card = ontology._repr_html_()
    for label_class in ontology.classes:
        assert label_class.name in card
        assert label_class.color in card
    assert ontology._ipython_key_completions_() == [each.id for each in ontology.classes]


def test_consoles_that_ask_like_ipython_get_html_and_keys(labels):
    pytest.importorskip("IPython")
    from IPython.core.formatters import DisplayFormatter

    for shown in (labels, labels.scene, labels.ontology):
        bundle, _ = DisplayFormatter().format(shown)
        assert "text/html" in bundle
        assert "text/plain" in bundle

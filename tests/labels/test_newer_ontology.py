"""Two sessions on one label file, of which one gets a newer ontology."""

from __future__ import annotations

import time

import pytest
import shapely

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Kind, LabelClass

BOX = shapely.box(10, 10, 30, 20)


def pull_until(labels, holds) -> None:
    """Take over what others did until something holds."""
    for _ in range(600):
        labels.pull()
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not arrive within a minute")


def test_what_needs_a_newer_ontology_waits_and_is_told_with_the_way_out(open_kept) -> None:
    ann, ben = open_kept(annotator="Ann"), open_kept(annotator="Ben")
    kelp = LabelClass(id="kelp", name="Kelp", color="#00ff00", mask_value=77, kinds=(Kind.POLYGON,))
    ann.use_ontology(ann.ontology.with_classes([kelp]))
    ann.add(BOX, "kelp")
    tug = ann.add(shapely.box(40, 40, 50, 50), "tug")
    ann.flush()

    for _ in range(2):  # it is told again, not lost, however often it is asked for
        with pytest.raises(OntologyError, match="close the labels here and open them again"):
            pull_until(ben, lambda: False)

    mine = ben.add(shapely.box(60, 60, 70, 70), "tug")
    ben.close()
    pull_until(ann, lambda: mine.id in ann)
    ann.close()
    again = open_kept(ontology=None)
    assert sorted(a.class_id for a in again.store.values()) == ["kelp", "tug", "tug"]
    assert tug.id in again
    assert "kelp" in again.ontology

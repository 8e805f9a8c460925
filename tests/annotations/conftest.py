"""A store, and what it tells."""

from __future__ import annotations

import pytest

from napari_geolabel.annotations import AnnotationStore, Change
from tests.annotations.store_steps import ONTOLOGY


@pytest.fixture
def store() -> AnnotationStore:
    return AnnotationStore(ONTOLOGY)


@pytest.fixture
def heard(store) -> list[Change]:
    changes: list[Change] = []
    store.changed.connect(changes.append)
    return changes

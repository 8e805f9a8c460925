"""Problems kept up to date edit by edit: only what an edit can have touched is checked again.

Every rule looks at one annotation, at two that meet, or at those that are
linked or grouped.  So after an edit those can have other problems that were
edited, those that meet the place where something was or is now, and those
that are linked to it or in a group with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.annotations.problems import Problem
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.ontology.model import Ontology


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """What must be looked at after an edit; a copy, which any thread may check."""

    checked: frozenset[str]
    """Ids whose problems may be others now, those that are gone among them."""
    annotations: tuple[Annotation, ...]
    """The annotations with these ids and all that meet them, in draw order."""
    ontology: Ontology
    scene_attributes: Mapping[str, Any]

    def values(self) -> Iterable[Annotation]:
        """Return the annotations in draw order."""
        return self.annotations

    def merged(self, before: Iterable[Problem], found: Iterable[Problem]) -> list[Problem]:
        """Return all problems: those found now in place of those that the checked ids and the scene had before."""
        new = [p for p in found if p.annotation_id is None or p.annotation_id in self.checked]
        kept = [p for p in before if p.annotation_id is not None and p.annotation_id not in self.checked]
        return [*(p for p in new if p.annotation_id is None), *kept, *(p for p in new if p.annotation_id is not None)]


def neighbourhood(store: AnnotationStore, changes: Iterable[Change]) -> Neighbourhood:
    """Return what must be looked at after changes that a store has made."""
    edited: dict[str, None] = {}
    places: list[Bounds] = []
    groups: set[str] = set()
    for change in changes:
        for edit in change.edits:
            edited[edit.id] = None
            states = [a for a in (edit.before, edit.after) if a is not None]
            places += [_bounds(a) for a in states]
            groups |= {a.group for a in states if a.group is not None}
    checked = edited | {found: None for place in places for found in store.query(place)}
    checked |= {a.id: None for a in _tied(store, edited if store.ontology.relations else (), groups)}
    annotations = {i: store[i] for i in checked if i in store}
    around = dict(annotations)
    for annotation in annotations.values():
        around |= {found.id: found for found in store.annotations_in(_bounds(annotation))}
        around |= {other: store[other] for _, other in annotation.links if other in store}
    around |= {a.id: a for a in _tied(store, (), {a.group for a in annotations.values() if a.group is not None})}
    return Neighbourhood(
        checked=frozenset(checked),
        annotations=tuple(around[i] for i in sorted(around, key=store.draw_place)),
        ontology=store.ontology,
        scene_attributes=dict(store.scene_attributes),
    )


def _tied(store: AnnotationStore, ids: Collection[str], groups: Collection[str]) -> list[Annotation]:
    """Return the annotations that have a link to one of some ids or are in one of some groups."""
    if not (ids or groups):
        return []
    return [a for a in store.values() if a.group in groups or any(other in ids for _, other in a.links)]


def _bounds(annotation: Annotation) -> Bounds:
    x0, y0, x1, y1 = (float(v) for v in shapely.bounds(annotation.geometry))
    return x0, y0, x1, y1

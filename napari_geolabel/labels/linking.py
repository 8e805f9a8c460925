"""Linking annotations by relations of the ontology, and grouping them; each call is one change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from napari_geolabel.annotations.annotation import Annotation, Link
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.evolving import Evolving

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pyproj import CRS

    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.relations import Relation


class Linked(Evolving):
    """The part of `Labels` that links and groups annotations."""

    def relate(self, from_id: str, to_id: str, relation: str, *, instead_of_back: bool = False) -> Annotation:
        """Link an annotation to another by a relation of the ontology, read from the first to the second.

        Parameters
        ----------
        from_id, to_id
            Ids of two annotations.
        relation
            Id of a relation, such as ``"towed_by"``.
        instead_of_back
            Takes out the same link from the second to the first.

        Returns
        -------
        Annotation
            The first, which has the link.

        Raises
        ------
        GeoLabelError
            If there is no such relation, it is archived, it does not lead from
            the one class to the other, or both are the same annotation.
        """
        one, other, known = self.store[from_id], self.store[to_id], self._relation(relation)
        if known.archived:
            raise GeoLabelError(f"the relation {relation} is archived; choose another")
        if one is other:
            raise GeoLabelError("an annotation cannot be linked to itself; choose another one")
        reason = known.why_not(one.class_id, other.class_id)
        if reason:
            raise GeoLabelError(f"{reason}; choose others, or another relation")
        links = tuple(dict.fromkeys((*one.links, (known.id, to_id))))
        edits = [] if links == one.links else [Edit(before=one, after=one.edited(links=links))]
        back = (known.id, from_id)
        if instead_of_back and back in other.links:
            turned = other.edited(links=tuple(link for link in other.links if link != back))
            edits.append(Edit(before=other, after=turned))
        title = f"link {one.class_id}: {known.name} {other.class_id}"
        self.store.apply(Change(title=title, edits=tuple(edits)))
        return self.store[from_id]

    def unrelate(self, from_id: str, to_id: str | None = None, relation: str | None = None) -> Annotation:
        """Take links of an annotation out: those to another and of a relation, None for any."""
        one = self.store[from_id]
        kept = tuple(
            (name, other)
            for name, other in one.links
            if (to_id is not None and other != to_id) or (relation is not None and name != relation)
        )
        self._edit(f"unlink {one.class_id}", [one], links=kept)
        return self.store[from_id]

    def unrelate_many(self, links: Iterable[tuple[str, str, str]]) -> None:
        """Take links out as one change, each given as ``(from_id, relation, to_id)``."""
        gone: dict[str, set[Link]] = {}
        for from_id, relation, to_id in links:
            gone.setdefault(from_id, set()).add((relation, to_id))
        olds = [self.store[from_id] for from_id in gone]
        news = [old.edited(links=tuple(link for link in old.links if link not in gone[old.id])) for old in olds]
        edits = (Edit(before=old, after=new) for old, new in zip(olds, news, strict=True) if old.links != new.links)
        self.store.apply(Change(title=f"unlink {_count(olds)}" if olds else "unlink", edits=tuple(edits)))

    def group(self, ids: Iterable[str], name: str | None = None) -> str:
        """Make annotations members of one group and return its name, a new one where none is given.

        Raises
        ------
        GeoLabelError
            If it would be a group of less than two.
        """
        members = [self.store[annotation_id] for annotation_id in dict.fromkeys(ids)]
        group = name or str(uuid4())
        others = any(a.group == group for a in self.store.values() if a.id not in {m.id for m in members})
        if not members or (len(members) < 2 and not others):
            raise GeoLabelError("a group takes two annotations or more; choose them all")
        self._edit(f"group {len(members)} annotations", members, group=group)
        return group

    def ungroup(self, ids: str | Iterable[str]) -> None:
        """Take annotations out of their groups."""
        members = [self.store[i] for i in ([ids] if isinstance(ids, str) else ids)]
        self._edit(f"ungroup {_count(members)}", members, group=None)

    def members(self, group: str) -> list[str]:
        """Return the ids of the members of a group, in draw order."""
        return [annotation.id for annotation in self.store.values() if annotation.group == group]

    def add_skeleton(self, class_id: str, points: ArrayLike, *, crs: str | int | CRS | None = None) -> list[Annotation]:
        """Add the named points of a thing as keypoints in one group; see `labels.skeletons.add_skeleton`."""
        from napari_geolabel.labels.skeletons import add_skeleton

        return add_skeleton(cast("Labels", self), class_id, points, crs=crs)

    def _relation(self, relation_id: str) -> Relation:
        known = {relation.id: relation for relation in self.store.ontology.relations}
        if relation_id not in known:
            there_are = ", ".join(known) or "none at all"
            raise GeoLabelError(f"{relation_id!r} is no relation of the ontology; there are {there_are}")
        return known[relation_id]

    def _edit(self, title: str, olds: Sequence[Annotation], **fields: object) -> None:
        name, value = next(iter(fields.items()))
        changed = [old for old in olds if getattr(old, name) != value]
        edits = tuple(Edit(before=old, after=old.edited(**fields)) for old in changed)
        self.store.apply(Change(title=title, edits=edits))


def _count(annotations: Sequence[Annotation]) -> str:
    return annotations[0].class_id if len(annotations) == 1 else f"{len(annotations)} annotations"

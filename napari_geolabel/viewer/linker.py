"""Linking and grouping what is selected: what the panel and the keys do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.relations import Relation
from napari_geolabel.viewer.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator


class Linker:
    """Links and groups the selection of a session: ``session.linker``.

    Parameters
    ----------
    labels
        Whose annotations are linked; their ontology has the relations.
    selection
        What is selected on screen.
    notify
        Shows the user one sentence.
    """

    def __init__(self, labels: Labels, selection: Selection, *, notify: Callable[[str], None]) -> None:
        self._labels, self._selection, self._notify = labels, selection, notify
        self.relation = next((relation.id for relation in self.relations), "")
        """Id of the relation that `link` uses; empty where the ontology has none."""

    @property
    def relations(self) -> list[Relation]:
        """The relations of the ontology that are in use."""
        return [relation for relation in self._labels.ontology.relations if not relation.archived]

    def why_not(self, action: str) -> str:
        """Return why ``link``, ``unlink``, ``group`` or ``ungroup`` cannot be done now, empty where it can."""
        chosen = self._chosen()
        if self._labels.refusal:
            return self._labels.refusal
        if action == "link":
            return self._why_no_link(chosen)
        if action == "unlink":
            return "" if next(self._links_of(chosen), None) else "select something that is linked"
        if action == "group":
            return "" if len(chosen) > 1 else "select two annotations or more to group them"
        return "" if any(a.group is not None for a in chosen) else "select something that is in a group"

    def link(self) -> None:
        """Link the two that are selected by `relation`, in the direction that their classes allow.

        Where they allow both, the one that was drawn first is linked to the other, and again turns that round.
        """
        reason = self.why_not("link")
        if reason:
            self._notify(reason)
            return
        one, other = self._ends(self._chosen())
        self._try(lambda: self._put(one, other))

    def unlink(self) -> None:
        """Take out the links between what is selected, of a single one all that it has or that lead to it."""
        self._act("unlink", self._unlink)

    def group(self) -> None:
        """Make one group of what is selected."""
        self._act("group", lambda: self._labels.group([a.id for a in self._chosen()]))

    def ungroup(self) -> None:
        """Take what is selected out of its groups."""
        self._act("ungroup", lambda: self._labels.ungroup([a.id for a in self._chosen()]))

    def about(self) -> list[str]:
        """Return what the selection is linked to, one line each: ``Ship 3 towed by Ship 5``."""
        names = {relation.id: relation.name for relation in self._labels.ontology.relations}
        lines = [
            f"{self.name_of(one)} {names.get(relation, relation)} {self.name_of(other)}"
            for one, relation, other in self._links_of(self._chosen())
        ]
        groups = dict.fromkeys(a.group for a in self._chosen() if a.group is not None)
        return lines + [f"group of {len(self._labels.members(group))}" for group in groups]

    def name_of(self, annotation_id: str) -> str:
        """Return what an annotation is called on screen: its class and its number in the order of drawing."""
        found = self._labels.store.get(annotation_id)
        if found is None:
            return "something that is gone"
        return f"{self._labels.ontology[found.class_id].name} {self._labels.store.draw_place(annotation_id) + 1}"

    def _chosen(self) -> list[Annotation]:
        return [self._labels[i] for i in self._selection.ids if i in self._labels]

    def _why_no_link(self, chosen: Sequence[Annotation]) -> str:
        if not self.relations:
            return "the ontology has no relations; add one to link annotations"
        if len(chosen) != 2:
            return "select the two annotations that are to be linked"
        relation = self._relation()
        there, back = (relation.why_not(a.class_id, b.class_id) for a, b in (chosen, chosen[::-1]))
        return there if there and back else ""

    def _relation(self) -> Relation:
        known = {relation.id: relation for relation in self.relations}
        return known.get(self.relation) or self.relations[0]

    def _ends(self, chosen: Sequence[Annotation]) -> tuple[Annotation, Annotation]:
        """Return from which of two to which a link leads."""
        one, other = sorted(chosen, key=lambda a: self._labels.store.draw_place(a.id))
        relation = self._relation()
        is_there = (relation.id, other.id) in one.links
        if relation.why_not(one.class_id, other.class_id) or (
            is_there and not relation.why_not(other.class_id, one.class_id)
        ):
            return other, one
        return one, other

    def _put(self, one: Annotation, other: Annotation) -> None:
        """Link one to the other, and no longer the other way round, as one change."""
        self._labels.relate(one.id, other.id, self._relation().id, instead_of_back=True)

    def _unlink(self) -> None:
        self._labels.unrelate_many(self._links_of(self._chosen()))

    def _links_of(self, chosen: Sequence[Annotation]) -> Iterator[tuple[str, str, str]]:
        """Yield links as ``(from, relation, to)``: between several, or all from and to a single one."""
        ids = {annotation.id for annotation in chosen}
        if len(ids) == 1:
            every = self._labels.store.values()
            found = ((a.id, relation, other) for a in every for relation, other in a.links)
            yield from (link for link in found if not ids.isdisjoint((link[0], link[2])))
            return
        for annotation in chosen:
            yield from ((annotation.id, relation, other) for relation, other in annotation.links if other in ids)

    def _act(self, action: str, do: Callable[[], object]) -> None:
        reason = self.why_not(action)
        if reason:
            self._notify(reason)
        else:
            self._try(do)

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except GeoLabelError as error:
            self._notify(str(error))

"""What the list of composites says: favourites first, then the others, indices, and what the scene cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.composites import composites as built_in
from napari_geolabel.imagery.composites import index_composite
from napari_geolabel.imagery.indices import indices
from napari_geolabel.viewer.composites import Composites


class Group(StrEnum):
    """The parts of the list, in their order; also their headings."""

    FAVOURITES = "Favourites"
    COMPOSITES = "Composites"
    INDICES = "Indices"
    MISSING = "Not in this scene"


@dataclass(frozen=True, kw_only=True)
class CompositeRow:
    """One composite as the list shows it."""

    id: str
    title: str
    detail: str
    """The channels, or of a greyed one what is missing."""

    tooltip: str
    group: Group
    number: int | None = None
    """The place among the favourites of this scene, from 1."""

    @property
    def searched(self) -> str:
        """Everything that a search looks in, folded."""
        return " ".join((self.id, self.title, self.detail, self.tooltip)).casefold()

    def matches(self, wanted: str) -> bool:
        """Return whether every word of a search is found."""
        return all(word in self.searched for word in wanted.casefold().split())


def composite_rows(composites: Composites) -> list[CompositeRow]:
    """Return the rows of a scene's composites, each composite once."""
    shown = {**composites, **composites.indices}
    favourites = [id_ for id_ in composites.favourites if id_ in shown]
    rows = [_row(composites, shown[id_], Group.FAVOURITES, n) for n, id_ in enumerate(favourites, start=1)]
    rows += [_row(composites, composites[id_], Group.COMPOSITES) for id_ in composites if id_ not in favourites]
    others = [each for id_, each in composites.indices.items() if id_ not in favourites and id_ not in composites]
    return [*rows, *(_row(composites, each, Group.INDICES) for each in others), *_missing(composites)]


def _row(composites: Composites, composite: Composite, group: Group, number: int | None = None) -> CompositeRow:
    return CompositeRow(
        id=composite.id,
        title=composite.title,
        detail=", ".join(composite.channels),
        tooltip=composites.describe(composite.id),
        group=group,
        number=number,
    )


def _missing(composites: Composites) -> Iterator[CompositeRow]:
    shown = {*composites, *composites.indices}
    for id_, reason in composites.unavailable.items():
        if id_ in shown:  # another composite of the sensor, or of the user, has that id
            continue
        known = _known(composites, id_)
        yield CompositeRow(
            id=id_,
            title=known.title if known else id_,
            detail=reason.removesuffix(", which this scene does not have"),
            tooltip=f"{known.description} It {reason}." if known and known.description else f"It {reason}.",
            group=Group.MISSING,
        )


def _known(composites: Composites, composite_id: str) -> Composite | None:
    """Return a composite that this scene cannot show."""
    if composite_id in indices():
        return composites.own.get(composite_id) or index_composite(indices()[composite_id])
    return composites.own.get(composite_id) or built_in().get(composite_id)

"""Finding annotations by what they are: the filters of the table, for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.filters import AnnotationFilter, AttributeTest, choose
from napari_geolabel.annotations.sizes import SizeBook
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.adding import as_status
from napari_geolabel.labels.evolving import Evolving


class FilterFields(TypedDict, total=False):
    """What a script may look for; see `AnnotationFilter`, which says it all."""

    text: str
    class_id: str | Iterable[str] | None
    status: Status | str | Iterable[Status | str] | None
    min_length: float | None
    max_length: float | None
    min_area: float | None
    max_area: float | None
    where: str | AttributeTest | Iterable[str | AttributeTest]
    only_problems: bool


class Searched(Evolving):
    """The part of `Labels` that finds annotations."""

    def find(self, **wanted: Unpack[FilterFields]) -> list[str]:
        """Return the ids of annotations, in draw order: ``labels.find(class_id="ship", min_length=50)``.

        Parameters
        ----------
        **wanted
            All that is asked has to hold.  ``class_id`` and ``status``: one or
            several.  ``text``: stands in the name of the class, in an
            attribute, in the annotator's name or in the id.  ``min_length``,
            ``max_length``, ``min_area`` and ``max_area``: metres and square
            metres on the ground, pixels where the scene is not georeferenced.
            ``where``: one condition or several on attributes,
            ``"category=merchant"``, ``"name~maru"`` (contains) or ``"name="``
            (asked and not answered).  ``only_problems``: that have a problem.

        Raises
        ------
        UnknownClassError
            If a class is unknown.
        AttributeValueError
            If an attribute is unknown, or cannot have the value that is looked for.
        GeoLabelError
            If a condition cannot be read.
        """
        order = self._filter(wanted)
        problematic = {p.annotation_id for p in self.problems() if p.annotation_id} if order.only_problems else ()
        annotations = list(self.store.values())
        return [a.id for a in choose(annotations, order, self.ontology, SizeBook(self.scene.grid), problematic)]

    def _filter(self, wanted: FilterFields) -> AnnotationFilter:
        unknown = wanted.keys() - FilterFields.__annotations__.keys()
        if unknown:
            known = ", ".join(FilterFields.__annotations__)
            raise GeoLabelError(f"annotations cannot be found by {sorted(unknown)[0]!r}; use {known}")
        fields: dict[str, Any] = dict(wanted)
        class_id, status, where = (fields.pop(name, None) for name in ("class_id", "status", "where"))
        tests = [each if isinstance(each, AttributeTest) else AttributeTest.parse(each) for each in _several(where)]
        return AnnotationFilter(
            class_ids=tuple(self.ontology[each].id for each in _several(class_id)),
            statuses=tuple(found for each in _several(status) if (found := as_status(each))),
            where=tests,
            **fields,
        )


def _several(given: Any) -> list[Any]:  # noqa: ANN401  (one of anything, several or None)
    """Return one thing or several as several, none for None."""
    if given is None:
        return []
    return [given] if isinstance(given, str | AttributeTest) else list(given)

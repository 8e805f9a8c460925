"""Whose attributes are being answered, what they say together, and the change that an answer makes.

A form shows this and calls `AttributeEditor.answer`; which widgets it is made
of is its own affair.  What is edited is the selection; with nothing selected
it is what was drawn last, and with nothing drawn what the next annotation of
the current class will start with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.model import Attribute, LabelClass
from napari_geolabel.ontology.values import (
    applicable_attributes,
    check_attributes,
    defaults,
    missing_required,
    with_answers,
)

REMEMBERED_TYPES: Final = frozenset({"radio", "checklist", "boolean"})
"""Attributes whose last answer the next annotation starts with; names and measures belong to one thing only."""


class Various(Enum):
    """Stands for the values of several annotations that differ."""

    VARIOUS = "various"


VARIOUS: Final = Various.VARIOUS


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a form shows."""

    title: str
    """Whose attributes these are: ``3 Ship``."""
    attributes: Sequence[Attribute]
    """The tree of attributes of the class; empty where there is nothing to ask."""
    values: Mapping[str, Any]
    """Attribute id to value; `VARIOUS` where several annotations differ."""
    missing: frozenset[str]
    """Ids of attributes that are required and not answered by all."""
    ids: tuple[str, ...] = ()
    """Ids of the annotations whose attributes these are; empty for the next one."""
    class_id: str = ""
    """Their class; empty where they are of several."""

    @property
    def subject(self) -> tuple[tuple[str, ...], str]:
        """What it is about; sheets with an equal one are about the same."""
        return self.ids, self.class_id


class AttributeEditor:
    """The attributes of what is selected, of what was drawn last, or of what comes next.

    Parameters
    ----------
    labels
        Where the annotations live.
    selected_ids
        Returns the ids of the selected annotations.
    current_class
        Returns the id of the class that new annotations get.
    """

    changed = Signal()
    """Emitted when `sheet` may be another."""

    def __init__(
        self, labels: Labels, *, selected_ids: Callable[[], list[str]], current_class: Callable[[], str]
    ) -> None:
        self._labels, self._selected_ids, self._current_class = labels, selected_ids, current_class
        self._last_drawn: str | None = None
        self._next: dict[str, dict[str, Any]] = {}
        self._remembers = True
        labels.changed.connect(self._on_change)
        labels.ontology_changed.connect(self._on_ontology)

    @property
    def remembers(self) -> bool:
        """Whether new annotations start with the choices of the last one of their class."""
        return self._remembers

    @remembers.setter
    def remembers(self, remembers: bool) -> None:
        self._remembers = remembers
        self._next.clear()
        self.changed.emit()

    @property
    def ids(self) -> list[str]:
        """Ids of the annotations that an answer changes; empty where it is for the next one."""
        selected = self._selected_ids()
        last = self._labels.store.get(self._last_drawn or "")
        if selected or last is None or last.class_id != self._current_class():
            return selected
        return [last.id]

    @property
    def sheet(self) -> Sheet:
        """What there is to answer now."""
        annotations = [self._labels[i] for i in self.ids if i in self._labels]
        classes = {a.class_id for a in annotations} or {self._current_class()}
        ids = tuple(a.id for a in annotations)
        if len(classes) > 1:
            title = f"{len(annotations)} annotations of {len(classes)} classes: select those of one"
            return Sheet(title=title, attributes=(), values={}, missing=frozenset(), ids=ids)
        label_class = self._labels.ontology[classes.pop()]
        if not annotations:
            return _sheet(f"next {label_class.name}", label_class, (), [self.starting_values(label_class.id)])
        number = f"{len(annotations)} " if len(annotations) > 1 else ""
        how = "selected" if self._selected_ids() else "just drawn"
        return _sheet(f"{number}{label_class.name}, {how}", label_class, ids, [a.attributes for a in annotations])

    def answer(self, name: str, value: Any, sheet: Sheet | None = None) -> None:  # noqa: ANN401  (of the attribute's type)
        """Answer an attribute of all that a sheet is about, as one change.

        Parameters
        ----------
        name
            Id of the attribute.
        value
            The answer; None takes it back.
        sheet
            What the answer was given to; None for what is edited now.

        Raises
        ------
        AttributeValueError
            If the class does not allow the answer; then nothing changes.
        """
        asked = sheet or self.sheet
        ids = [annotation_id for annotation_id in asked.ids if annotation_id in self._labels]
        if not asked.ids:
            self._answer_next(asked.class_id, name, value)
        elif ids:  # else all were removed while somebody typed
            self._labels.answer(ids, **{name: value})
            self.remember(self._labels[ids[-1]])

    def starting_values(self, class_id: str) -> dict[str, Any]:
        """Return the values that the next annotation of a class starts with."""
        label_class = self._labels.ontology[class_id]
        kept = self._next.get(class_id)  # may be empty, where the last answer was taken back
        return dict(defaults(label_class.attributes) if kept is None else kept)

    def remember(self, annotation: Annotation) -> None:
        """Let the next annotation of a class start with the choices made for this one."""
        if self._remembers:
            asked = self._labels.ontology[annotation.class_id].attributes
            self._next[annotation.class_id] = _choices(asked, annotation.attributes)

    def follow(self, annotation_id: str) -> None:
        """Take an annotation that is being drawn for what is edited next."""
        self._last_drawn = annotation_id

    def refresh(self, *_: object) -> None:
        """Tell that the selection, the current class or the ontology is another."""
        self.changed.emit()

    def close(self) -> None:
        """Stop listening to the labels."""
        self._labels.changed.disconnect(self._on_change, missing_ok=True)
        self._labels.ontology_changed.disconnect(self._on_ontology, missing_ok=True)

    def _answer_next(self, class_id: str, name: str, value: Any) -> None:  # noqa: ANN401
        asked = self._labels.ontology[class_id].attributes
        self._next[class_id] = with_answers(asked, self.starting_values(class_id), {name: value})
        self.changed.emit()

    def _on_change(self, change: Change) -> None:
        if change.edits:
            self.changed.emit()

    def _on_ontology(self, _ontology: object) -> None:
        """Forget choices that another ontology may not know."""
        self._next.clear()
        self.changed.emit()


def _sheet(title: str, label_class: LabelClass, ids: tuple[str, ...], values: Sequence[Mapping[str, Any]]) -> Sheet:
    """Return what several annotations of one class say together."""
    asked = label_class.attributes
    missing = {path.rpartition(".")[2] for each in values for path in missing_required(asked, each)}
    return Sheet(
        title=title,
        attributes=asked,
        values=shared_values(values),
        missing=frozenset(missing),
        ids=ids,
        class_id=label_class.id,
    )


def shared_values(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values that all have, `VARIOUS` where they differ."""
    names = dict.fromkeys(name for each in values for name in each)
    first = values[0]
    return {name: first[name] if all(_same(each, first, name) for each in values) else VARIOUS for name in names}


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return name in one and name in other and bool(one[name] == other[name])


def _choices(asked: Sequence[Attribute], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values worth repeating: defaults, and every choice from options."""
    kept = {
        attribute.id: values[attribute.id]
        for attribute in applicable_attributes(asked, values)
        if attribute.type in REMEMBERED_TYPES and attribute.id in values
    }
    return check_attributes(asked, {**_plain_defaults(asked, kept), **kept})


def _plain_defaults(asked: Sequence[Attribute], choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of the attributes that apply to choices and are not choices themselves."""
    return {
        attribute.id: attribute.default
        for attribute in applicable_attributes(asked, choices)
        if attribute.type not in REMEMBERED_TYPES and attribute.default is not None
    }

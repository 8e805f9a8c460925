"""The columns of the table of annotations: what each shows, sorts by, and lets a person change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.filters import attributes_text, value_text
from napari_geolabel.annotations.problems import Problem
from napari_geolabel.annotations.sizes import SizeBook, ground_sizes
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.model import Attribute, Ontology, all_attributes
from napari_geolabel.ontology.values import applicable_attributes


class Column:
    """One column; this one only shows."""

    heading = ""
    tooltip = ""
    width = 90
    """In pixels, at first."""

    def __init__(self, name: str) -> None:
        self.name = name
        """By which it is remembered."""
        self.heading = self.heading or name

    def text(self, annotation: Annotation) -> str:
        """Return what a cell shows."""
        raise NotImplementedError

    def keys(self, annotations: Sequence[Annotation]) -> Sequence[Any]:
        """Return what rows are sorted by."""
        return [self.text(annotation).casefold() for annotation in annotations]

    def value(self, annotation: Annotation) -> Any:  # noqa: ANN401, ARG002
        """Return what an editor begins with."""
        return None

    def is_check(self, annotation: Annotation) -> bool:  # noqa: ARG002
        """Return whether a cell has a box to tick."""
        return False

    def why_not(self, annotation: Annotation) -> str:  # noqa: ARG002
        """Return why a cell cannot be edited, empty where it can."""
        return f"{self.name} follows from the rest"

    def change(self, ids: Sequence[str], value: Any) -> int:  # noqa: ANN401
        """Give annotations another value, as one change; return how many could not have it and stay as they are."""
        raise NotImplementedError


class FieldColumn(Column):
    """A column of what every annotation has; the labels change it."""

    def __init__(self, name: str, labels: Labels, field: str) -> None:
        super().__init__(name)
        self._labels, self._field = labels, field

    def value(self, annotation: Annotation) -> Any:  # noqa: ANN401
        """Return what the annotation has."""
        return str(getattr(annotation, self._field))

    def why_not(self, annotation: Annotation) -> str:  # noqa: ARG002
        """Return nothing: it can be changed."""
        return ""

    def text(self, annotation: Annotation) -> str:
        """Return the name of the class, or the value itself."""
        value: str = self.value(annotation)
        return self._labels.ontology[value].name if self._field == "class_id" else value

    def change(self, ids: Sequence[str], value: Any) -> int:  # noqa: ANN401
        """Change the field of all; see `Labels.update_many`."""
        self._labels.update_many(ids, **{self._field: value})
        return 0


class SizeColumn(Column):
    """Length and width on the ground."""

    tooltip = "length and width of areas, length of lines, on the ground"
    width = 120

    def __init__(self, name: str, labels: Labels, sizes: SizeBook) -> None:
        super().__init__(name)
        self._labels, self._sizes = labels, sizes

    def text(self, annotation: Annotation) -> str:
        """Return ``120 x 19 m``, nothing for points."""
        grid = self._labels.scene.grid
        found = ground_sizes(np.array([annotation.geometry], object), grid)
        unit = "m" if grid.is_georeferenced else "px"
        return size_text(float(found["length_m"][0]), float(found["width_m"][0]), unit)

    def keys(self, annotations: Sequence[Annotation]) -> Sequence[float]:
        """Return the lengths; points come first."""
        lengths = self._sizes.lengths(annotations)
        found: list[float] = np.where(np.isfinite(lengths), lengths, -1.0).tolist()
        return found


class AttributesColumn(Column):
    """All answers in a line."""

    width = 260

    def text(self, annotation: Annotation) -> str:
        """Return ``category merchant, length_m 120``."""
        return attributes_text(annotation)

    def why_not(self, annotation: Annotation) -> str:  # noqa: ARG002
        """Return where they can be edited."""
        return "show an attribute as a column of its own to edit it here (Columns)"


class ConfidenceColumn(Column):
    """How sure a model was."""

    width = 80

    def text(self, annotation: Annotation) -> str:
        """Return the confidence, nothing where there is none."""
        return "" if annotation.confidence is None else f"{annotation.confidence:.2f}"

    def keys(self, annotations: Sequence[Annotation]) -> Sequence[float]:
        """Return the numbers; those without come first."""
        return [-1.0 if a.confidence is None else a.confidence for a in annotations]


class ProblemColumn(Column):
    """What should be mended."""

    tooltip = "what should be mended"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.problems: Mapping[str, Sequence[Problem]] = {}
        """By the ids of annotations."""

    def text(self, annotation: Annotation) -> str:
        """Return the problems, one sentence after the other."""
        return "; ".join(problem.message for problem in self.problems.get(annotation.id, ()))


class AttributeColumn(Column):
    """One attribute of the ontology, in all classes that ask it."""

    width = 110

    def __init__(self, attribute_id: str, labels: Labels) -> None:
        super().__init__(attribute_id)
        self._labels = labels
        known = [a for each in labels.ontology.classes for a in all_attributes(each.attributes) if a.id == attribute_id]
        units = list(dict.fromkeys(a.unit for a in known if a.unit))
        self.heading = f"{known[0].name} [{', '.join(units)}]" if units else known[0].name
        self.tooltip = known[0].description or known[0].name

    def attribute(self, annotation: Annotation) -> Attribute | None:
        """Return the attribute as the annotation's class asks it now, None where it does not."""
        asked = self._labels.ontology[annotation.class_id].attributes
        return next((a for a in applicable_attributes(asked, annotation.attributes) if a.id == self.name), None)

    def text(self, annotation: Annotation) -> str:
        """Return the answer, options by their names."""
        value = annotation.attributes.get(self.name)
        attribute = self.attribute(annotation) if isinstance(value, str | tuple) else None
        names: dict[str, str] = {option.id: option.name for option in attribute.options} if attribute else {}
        if isinstance(value, tuple):
            return ", ".join(names.get(str(each), str(each)) for each in value)
        return names.get(value, value) if isinstance(value, str) else value_text(value)

    def keys(self, annotations: Sequence[Annotation]) -> Sequence[tuple[int, Any]]:
        """Return numbers as numbers, then texts; those without an answer come first."""
        values = [annotation.attributes.get(self.name) for annotation in annotations]
        return [
            (0, 0) if v is None else (1, v) if isinstance(v, bool | int | float) else (2, value_text(v)) for v in values
        ]

    def value(self, annotation: Annotation) -> Any:  # noqa: ANN401
        """Return the answer."""
        return annotation.attributes.get(self.name)

    def is_check(self, annotation: Annotation) -> bool:
        """Return whether it is answered by yes or no."""
        attribute = self.attribute(annotation)
        return attribute is not None and attribute.type == "boolean"

    def why_not(self, annotation: Annotation) -> str:
        """Return why it is not asked."""
        if self.attribute(annotation) is not None:
            return ""
        label_class = self._labels.ontology[annotation.class_id]
        known = {a.id for a in all_attributes(label_class.attributes)}
        why = "is asked only under another option" if self.name in known else f"is not asked of {label_class.name}"
        return f"{self.heading} {why}"

    def change(self, ids: Sequence[str], value: Any) -> int:  # noqa: ANN401
        """Answer it in those that ask it; see `Labels.answer`."""
        asked = [each for each in ids if not self.why_not(self._labels[each])]
        self._labels.answer(asked, **{self.name: value})
        return len(ids) - len(asked)


def attribute_names(ontology: Ontology) -> dict[str, str]:
    """Return the attributes of all classes that are in use, id to name."""
    names: dict[str, str] = {}
    for label_class in ontology.classes:
        for attribute in () if label_class.archived else all_attributes(label_class.attributes):
            if not attribute.archived:
                names.setdefault(attribute.id, attribute.name)
    return names


def size_text(length: float, width: float, unit: str) -> str:
    """Return length and width as people say them, empty where there is none: ``120 x 19 m``."""
    if not np.isfinite(length):
        return ""
    sides = (length,) if not np.isfinite(width) else (length, width)
    return f"{' x '.join(f'{side:,.0f}' if side >= 100 else f'{side:.3g}' for side in sides)} {unit}"

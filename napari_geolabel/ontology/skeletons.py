"""Skeletons: the named points of a class, each of them a class of its own, and which of them a line joins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """What is drawn point after point to mark a thing of a class."""

    class_id: str
    """The class of the thing."""
    points: tuple[LabelClass, ...]
    """The classes of its points, in the order in which they are set."""
    edges: tuple[tuple[int, int], ...]
    """Pairs of indices of points that a line joins."""


def skeleton_of(ontology: Ontology, class_id: str) -> Skeleton:
    """Return the skeleton of a class; where the class names no lines, they join the points in order.

    Raises
    ------
    OntologyError
        If the class has no named points, or one of them is no class that is drawn as keypoint.
    UnknownClassError
        If there is no such class.
    """
    label_class = ontology[class_id]
    names = label_class.keypoints
    if not names:
        raise OntologyError(f"{label_class.name} has no named points; give it keypoints in the ontology")
    missing = [name for name in names if name not in ontology or not _is_point(ontology[name])]
    if missing:
        raise OntologyError(
            f"the points of {label_class.name} are drawn as classes of their own, and {' and '.join(missing)} "
            f"is none that is drawn as keypoint; add it to the ontology"
        )
    joined = label_class.skeleton or tuple(pairwise(names))
    edges = tuple((names.index(start), names.index(end)) for start, end in joined)
    return Skeleton(class_id=class_id, points=tuple(ontology[name] for name in names), edges=edges)


def _is_point(label_class: LabelClass) -> bool:
    return Kind.KEYPOINT in label_class.kinds and not label_class.archived

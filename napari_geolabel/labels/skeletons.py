"""Skeletons in labels: keypoints in one group, each of the class that names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import GeometryError
from napari_geolabel.labels.adding import make_annotations
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.ontology.skeletons import skeleton_of

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels

Author = Callable[[BaseGeometry, LabelClass], Annotation]
"""Makes the annotation of a point in pixel coordinates."""


def add_skeleton(
    labels: Labels,
    class_id: str,
    points: ArrayLike,
    *,
    crs: str | int | CRS | None = None,
    author: Author | None = None,
) -> list[Annotation]:
    """Add the points of a thing, each as a keypoint of the class that names it, in one group and as one change.

    Parameters
    ----------
    labels
        Where to add them.
    class_id
        The class of the thing; its ``keypoints`` name the points.
    points
        In the order of ``keypoints``, in ``crs``, shape (n, 2); the last ones may be missing, and one that is not to
        be seen between others is NaN.
    crs
        None means pixel coordinates ``(x, y)``.
    author
        Makes the annotations of points in pixel coordinates; None takes a script for their author.

    Raises
    ------
    OntologyError
        If the class has no skeleton.
    GeometryError
        If there are more points than names, or less than two.
    """
    skeleton = skeleton_of(labels.ontology, class_id)
    places = np.asarray(points, np.float64).reshape(-1, 2)
    if len(places) > len(skeleton.points):
        names = ", ".join(point.id for point in skeleton.points)
        raise GeometryError(f"a skeleton of {class_id} has {len(skeleton.points)} points ({names}); give no more")
    seen = [(shapely.Point(xy), cls) for xy, cls in zip(places, skeleton.points, strict=False) if np.isfinite(xy).all()]
    if len(seen) < min(2, len(skeleton.points)):
        raise GeometryError("a skeleton needs two points to be one; give more, or add a single keypoint")

    def by_script(point: BaseGeometry, label_class: LabelClass) -> Annotation:
        return make_annotations([point], label_class, labels.scene.grid, kind=Kind.KEYPOINT, crs=crs)[0]

    group, make = str(uuid4()), author or by_script
    made = [replace(make(point, label_class), group=group) for point, label_class in seen]
    labels.store.apply(Change(title=f"draw skeleton of {class_id}", edits=tuple(Edit(after=each) for each in made)))
    return [labels[each.id] for each in made]

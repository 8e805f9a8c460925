"""What formats of rotated boxes share: annotations as four corners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import LabelSet, number_of
from napari_geolabel.formats.losing import unlinked
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology import Kind

AREAS = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON)
"""The kinds that have an extent."""


def corners_of(annotation: Annotation) -> FloatArray:
    """Return the four corners, shape (4, 2), of a box, or of the smallest rotated box about a polygon.

    Those of a rotated box run from bow-left, those of others from the first
    that there is.
    """
    geometry = annotation.geometry
    if annotation.kind is Kind.POLYGON:
        geometry = shapely.oriented_envelope(geometry)
    return np.asarray(shapely.get_coordinates(geometry)[:4], np.float64)


def box_losses(labels: LabelSet, drawn: Sequence[Annotation], title: str) -> Iterator[str]:
    """Yield what no format of bare boxes or outlines holds, given what is drawn in it."""
    rejected, kinds = len(labels.rejected()), {a.kind for a in drawn}
    without = [a for kind in Kind if kind not in kinds for a in labels.accepted(kind) if kind not in AREAS]
    if rejected:
        yield f"{number_of(rejected, 'rejected annotation')} left out"
    if without:
        yield f"{number_of(len(without), 'shape')} without extent left out: {title} has none"
    if drawn:
        yield f"ids, attributes, status and confidence do not go into {title}; COCO or GeoJSON keeps them"
    yield from unlinked(drawn, title)
    if labels.scene_attributes:
        yield f"the attributes of the whole scene do not go into {title}; COCO or GeoJSON keeps them"


def shape_losses(drawn: Sequence[Annotation], into: str, *kinds: Kind) -> Iterator[str]:
    """Yield that annotations of some kinds change into something else."""
    count = sum(a.kind in kinds for a in drawn)
    if count:
        words = " or ".join(kind.value.replace("_", " ") for kind in kinds)
        yield f"{number_of(count, 'annotation')} drawn as {words} written as {into}"

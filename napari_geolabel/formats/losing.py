"""Sentences for what a format does not hold, shared by those that hold the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import LabelSet, number_of
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.rle import covered
from napari_geolabel.ontology import Kind

PLURALS = {
    Kind.BOX: "boxes",
    Kind.ROTATED_BOX: "rotated boxes",
    Kind.POLYGON: "polygons",
    Kind.POLYLINE: "lines",
    Kind.KEYPOINT: "points",
}
"""What people call several annotations of a kind."""


def left_out(labels: LabelSet, title: str, *held: Kind) -> Iterator[str]:
    """Yield which annotations do not go into a format at all: rejected ones, and those of kinds that it lacks."""
    rejected = len(labels.rejected())
    if rejected:
        yield f"{number_of(rejected, 'rejected annotation')} left out"
    for kind, plural in PLURALS.items():
        count = 0 if kind in held else len(labels.accepted(kind))
        if count:
            yield f"{count} of the kind {kind.value} left out: {title} has no {plural}; GeoJSON keeps them"


def scene_left_out(labels: LabelSet, title: str) -> Iterator[str]:
    """Yield that the attributes of the whole scene stay behind."""
    if labels.scene_attributes:
        yield f"the attributes of the whole scene do not go into {title}; COCO or GeoJSON keeps them"


def bare(drawn: Sequence[Annotation], title: str) -> Iterator[str]:
    """Yield that a format has nothing but shapes and classes."""
    if drawn:
        yield f"ids, attributes, status and confidence do not go into {title}; COCO or GeoJSON keeps them"
    yield from unlinked(drawn, title)


def unlinked(drawn: Sequence[Annotation], title: str) -> Iterator[str]:
    """Yield that a format has no links between annotations, and no groups of them."""
    if any(a.links or a.group is not None for a in drawn):
        yield f"links and groups do not go into {title}; COCO or GeoJSON keeps them"


def pixels_for_holes(drawn: Sequence[Annotation], what: str) -> Iterator[str]:
    """Yield that polygons with holes are written as pixels; only we read the outline that stands beside them."""
    count = sum(has_holes(a.geometry) for a in drawn)
    if count:
        yield (
            f"{number_of(count, 'polygon')} with holes written as {what} of whole pixels; "
            "only napari-geolabel reads the exact outline"
        )


def pierced(drawn: Sequence[Annotation], into: str) -> Iterator[str]:
    """Yield that polygons with holes change."""
    count = sum(has_holes(a.geometry) for a in drawn)
    if count:
        yield f"{number_of(count, 'polygon')} with holes written as {into}"


def split(drawn: Sequence[Annotation]) -> Iterator[str]:
    """Yield that polygons and lines of several parts are split; only we put them together again."""
    count = sum(int(shapely.get_num_geometries(a.geometry)) > 1 and not has_holes(a.geometry) for a in drawn)
    if count:
        yield (
            f"{number_of(count, 'annotation')} of several parts split into a label for each; "
            "only napari-geolabel puts them together again"
        )


def holdable(labels: LabelSet, *kinds: Kind) -> list[Annotation]:
    """Return what a format takes that writes polygons with holes as pixels: all but those without a pixel."""
    shape = labels.grid.shape
    return [a for a in labels.accepted(*kinds) if not has_holes(a.geometry) or _has_pixel(a.geometry, shape)]


def without_pixels(labels: LabelSet, *kinds: Kind) -> Iterator[str]:
    """Yield that polygons with holes outside the image, or too small, have no pixels to be written as."""
    lost = len(labels.accepted(*kinds)) - len(holdable(labels, *kinds))
    if lost:
        yield f"{lost} of those with holes left out, which cover the centre of no pixel of the image"


def _has_pixel(geometry: BaseGeometry, shape: tuple[int, int]) -> bool:
    """Return whether a polygon covers the centre of a pixel; mostly one within it tells, else all are looked at."""
    column, row = (np.floor(shapely.get_coordinates(shapely.point_on_surface(geometry))[0]) + 0.5).tolist()
    if 0 < row < shape[0] and 0 < column < shape[1] and shapely.contains_xy(geometry, column, row):
        return True
    return bool(covered(geometry, shape)[2].any())

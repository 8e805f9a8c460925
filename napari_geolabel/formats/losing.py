"""Sentences for what a format does not hold, shared by those that hold the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import LabelSet, number_of, outside
from napari_geolabel.formats.rings import has_holes
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
    drawn = labels.accepted(*kinds)
    beyond = outside(drawn, labels.grid.shape)
    return [a for a, is_out in zip(drawn, beyond, strict=True) if not (is_out and has_holes(a.geometry))]


def beyond_the_edge(labels: LabelSet, *kinds: Kind) -> Iterator[str]:
    """Yield that polygons with holes outside the image have no pixels to be written as."""
    lost = len(labels.accepted(*kinds)) - len(holdable(labels, *kinds))
    if lost:
        yield f"{lost} of those with holes left out, which lie outside the image"

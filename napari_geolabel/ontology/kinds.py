"""The kinds of annotation that there are."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """How an annotation is drawn; also the word that stands in files."""

    BOX = "box"
    """A rectangle along the pixel axes."""
    ROTATED_BOX = "rotated_box"
    """A rectangle on the ground, in any direction; corners run bow-left, bow-right, stern-right, stern-left."""
    POLYGON = "polygon"
    """A polygon, which may have holes and parts."""
    POLYLINE = "polyline"
    """A line, which may have parts."""
    KEYPOINT = "keypoint"
    """A point."""
    MASK = "mask"
    """Pixels of the class's mask value; allowed in an ontology, never an annotation of its own."""

    @property
    def geometry_types(self) -> tuple[str, ...]:
        """The shapely geometry types that can stand for the kind; empty for a mask."""
        return _GEOMETRY_TYPES[self]


_GEOMETRY_TYPES = {
    Kind.BOX: ("Polygon",),
    Kind.ROTATED_BOX: ("Polygon",),
    Kind.POLYGON: ("Polygon", "MultiPolygon"),
    Kind.POLYLINE: ("LineString", "MultiLineString"),
    Kind.KEYPOINT: ("Point",),
    Kind.MASK: (),
}

"""New annotations by hand: their class's defaults, who made them, and what was on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance
from napari_geolabel.errors import ForbiddenKindError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.ontology.values import defaults


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What an annotation's provenance tells about the moment of drawing."""

    annotator: str | None
    """Name of the person."""
    tool: str | None
    """Tool in hand; None for napari's own drawing modes."""
    composite: str
    """Id of the composite on screen."""
    ground_resolution_m: float | None
    """Metres per screen pixel."""


def author_annotation(
    geometry: BaseGeometry,
    kind: Kind,
    label_class: LabelClass,
    circumstances: Circumstances,
    attributes: Mapping[str, Any] | None = None,
) -> Annotation:
    """Return an annotation that a person has just drawn.

    Parameters
    ----------
    geometry
        In pixel coordinates ``(x, y)``.
    kind
        How it was drawn.
    label_class
        Its class.
    circumstances
        What stands in its provenance.
    attributes
        Values to start with; None takes the class's defaults.

    Raises
    ------
    ForbiddenKindError
        If the class is not drawn in that way; the sentence says in which ways it is.
    """
    if kind not in label_class.kinds:
        raise ForbiddenKindError(f"{label_class.name} is not drawn as {words(kind)}; {ways_of(label_class)}")
    now = datetime.now(UTC)
    provenance = Provenance(
        annotator=circumstances.annotator,
        created=now,
        updated=now,
        tool=_tool_and_version(circumstances.tool),
        composite=circumstances.composite,
        ground_resolution_m=circumstances.ground_resolution_m,
    )
    return Annotation(
        class_id=label_class.id,
        kind=kind,
        geometry=geometry,
        attributes=defaults(label_class.attributes) if attributes is None else dict(attributes),
        provenance=provenance,
    )


def ways_of(label_class: LabelClass) -> str:
    """Return in which ways a class may be drawn, as a clause for messages."""
    if not label_class.kinds:
        return "it only groups other classes, so choose one of those"
    return f"draw it as {' or '.join(words(kind) for kind in label_class.kinds)}, or choose another class"


def words(name: str) -> str:
    """Return the name of a kind or tool as people say it: ``rotated box``."""
    return str(name).replace("_", " ")


def _tool_and_version(tool: str | None) -> str:
    name = f"napari-geolabel {version('napari-geolabel')}"
    return f"{name}, {words(tool)}" if tool else name

"""One labelled feature, as the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from shapely.geometry.base import BaseGeometry

from napari_geolabel.ontology.kinds import Kind

Link = tuple[str, str]
"""Id of a relation of the ontology, and id of the annotation that it leads to."""


class Status(StrEnum):
    """Where an annotation stands on its way from proposal to accepted label."""

    SUGGESTED = "suggested"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Who or what made an annotation, when, and looking at what."""

    annotator: str | None = None
    """The person's name; None where a model or an import made it alone."""
    created: datetime | None = None
    """Aware time of the first version, UTC."""
    updated: datetime | None = None
    """Aware time of this version, UTC."""
    source: str = "manual"
    """``manual``, ``model`` or ``imported``."""
    tool: str | None = None
    """The drawing tool, script or model with its version."""
    composite: str | None = None
    """Id of the composite that was on screen."""
    ground_resolution_m: float | None = None
    """Metres per screen pixel while drawing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Geometry as it was imported, to be exported again bit for bit until it is edited."""

    wkb: bytes
    """Well-known binary in ``crs``."""
    crs: str
    """CRS as an authority code or WKT."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """One labelled feature of a scene.

    Values never change; an edit makes another value with the same id.
    """

    class_id: str
    """Id of a class of the ontology."""
    kind: Kind
    """How it was drawn."""
    geometry: BaseGeometry
    """Geometry in pixel coordinates ``(x, y)`` of the scene's own grid, float64."""
    id: str = field(default_factory=lambda: str(uuid4()))
    """A UUID as text, never reused."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Attribute id to value, as the ontology has them; read-only."""
    status: Status = Status.DRAFT
    """Where it stands in review."""
    confidence: float | None = None
    """Between 0 and 1; None where nobody gave one."""
    provenance: Provenance = field(default_factory=Provenance)
    """Who made it, when, with what."""
    source: Source | None = None
    """The geometry as imported; dropped by an edit of the geometry."""
    group: str | None = None
    """Name that the members of a group have in common; None where it is in none."""
    links: tuple[Link, ...] = ()
    """Links to other annotations."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    def edited(self, **fields: Any) -> Annotation:  # noqa: ANN401  (the fields of this class)
        """Return the annotation with other field values, its time of update now, and no stale source."""
        if "geometry" in fields and "source" not in fields:
            fields["source"] = None
        fields.setdefault("provenance", replace(self.provenance, updated=datetime.now(UTC)))
        return replace(self, **fields)

"""What a format is given: a whole set of labels to write, or the image that labels are read for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind, Ontology

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene


@dataclass(frozen=True, kw_only=True)
class Image:
    """The image whose labels are looked for in a file that may hold those of many."""

    name: str
    """Name of its file."""
    shape: tuple[int, int]
    """Rows and columns."""
    folder: str | None = None
    """Name of the folder that it lies in."""


@dataclass(frozen=True, kw_only=True)
class LabelSet:
    """Labels of one scene, as a format is to write them."""

    annotations: Sequence[Annotation]
    """In draw order."""
    grid: GeoGrid
    """The scene's grid, which need not be georeferenced."""
    ontology: Ontology
    """The classes of the annotations."""
    scene_name: str | None = None
    """The scene's name."""
    image_name: str | None = None
    """Name of the scene's file."""
    scene_attributes: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the scene as a whole."""
    crs: CRS | None = None
    """The CRS that map coordinates are asked for in; None is the format's own."""
    scene: Scene | None = None
    """The scene itself, where it is known, for formats that say more of it."""

    @property
    def stem(self) -> str:
        """What a file of this image's labels is called, without its ending."""
        return self.scene_name or "scene"

    def accepted(self, *kinds: Kind) -> list[Annotation]:
        """Return the annotations of some kinds that nobody has rejected: what a model may learn from."""
        return [a for a in self.annotations if a.kind in kinds and a.status is not Status.REJECTED]

    def rejected(self) -> list[Annotation]:
        """Return the rejected annotations."""
        return [a for a in self.annotations if a.status is Status.REJECTED]


def geometries_of(annotations: Sequence[Annotation]) -> NDArray[np.object_]:
    """Return the geometries of annotations, shape (n,), in pixel coordinates."""
    array = np.empty(len(annotations), object)
    array[:] = [annotation.geometry for annotation in annotations]
    return array


def reaching_out(annotations: Sequence[Annotation], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which annotations reach over the edge of an image of some shape."""
    if not annotations:
        return np.zeros(0, bool)
    x0, y0, x1, y1 = shapely.bounds(geometries_of(annotations)).T
    return np.asarray((x0 < 0) | (y0 < 0) | (x1 > shape[1]) | (y1 > shape[0]))


def outside(annotations: Sequence[Annotation], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which annotations share no area with an image of some shape."""
    if not annotations:
        return np.zeros(0, bool)
    x0, y0, x1, y1 = shapely.bounds(geometries_of(annotations)).T
    return np.asarray((x1 <= 0) | (y1 <= 0) | (x0 >= shape[1]) | (y0 >= shape[0]))


def number_of(count: int, what: str) -> str:
    """Return ``1 annotation`` or ``7 annotations``."""
    return f"{count} {what}{'' if count == 1 else 's'}"

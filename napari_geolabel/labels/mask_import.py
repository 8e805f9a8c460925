"""Masks as labels: areas become polygons, or paint where the class may be painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance, Status
from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.formats.classes import class_word, make_classes, resolve_classes
from napari_geolabel.formats.columns import Report
from napari_geolabel.formats.panoptic_read import read_mask_file
from napari_geolabel.geo import GeoGrid, pixel_size_m, same_crs
from napari_geolabel.labels.adding import as_status
from napari_geolabel.labels.importing import ImportOrder, PreparedImport
from napari_geolabel.masks import UNWATCHED, Mask, Watch, resampled, trace
from napari_geolabel.ontology.editing import as_next_version, with_aliases
from napari_geolabel.ontology.kinds import Kind

if TYPE_CHECKING:
    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.model import LabelClass

_READ, _TRACED = 0.3, 0.9  # shares of the whole after which a mask is read, and its areas are traced
_ALIGNED_PX = 1e-3
"""How far a corner of the mask may lie from that of the scene."""


@dataclass(frozen=True, kw_only=True)
class Areas:
    """The areas of a mask, n of them, before they meet an ontology."""

    geometries: NDArray[np.object_]
    """Polygons and multipolygons along pixel edges, in pixel coordinates ``(x, y)``."""
    values: NDArray[np.uint32]
    """The mask value of each."""
    ids: list[str | None]
    """The annotation that each stands for, in masks of instances."""


@dataclass(frozen=True, kw_only=True)
class Tracing:
    """How the areas of a mask become polygons; see `napari_geolabel.polygonize`."""

    connectivity: Literal[4, 8] = 4
    min_area_m2: float | None = None
    min_area_px: float = 0
    simplify_px: float = 0
    watch: Watch = UNWATCHED

    def least_px(self, grid: GeoGrid) -> float:
        """Return the least area in pixels.

        Raises
        ------
        NotGeoreferencedError
            If square metres are asked of a grid that has none.
        """
        if self.min_area_m2 is None:
            return self.min_area_px
        size = pixel_size_m(grid)
        if size is None:
            raise NotGeoreferencedError("pixels without a place on Earth have no square metres; give min_area_px")
        return max(self.min_area_px, self.min_area_m2 / (size[0] * size[1]))


EXACT = Tracing()
"""Along the pixel edges, nothing left out."""


def areas_of(mask: Mask, tracing: Tracing = EXACT) -> Areas:
    """Return the areas of a mask: connected areas of a class, or all pixels of an instance."""
    geometries, values = trace(
        mask.array,
        connectivity=tracing.connectivity,
        min_area_px=tracing.least_px(mask.grid),
        simplify_px=tracing.simplify_px,
        watch=tracing.watch,
    )
    if mask.flavour == "semantic":
        return Areas(geometries=geometries, values=values, ids=[None] * len(values))
    order = np.argsort(values, kind="stable")
    found, counts = np.unique(values, return_counts=True)
    parts = np.split(geometries[order], np.cumsum(counts)[:-1]) if len(found) else []
    whole = np.empty(len(found), object)
    whole[:] = [one[0] if len(one) == 1 else shapely.multipolygons(shapely.get_parts(one)) for one in parts]
    ids = [mask.table[v].annotation_id if v in mask.table else None for v in found.tolist()]
    return Areas(geometries=whole, values=found, ids=ids)


def class_words(mask: Mask, class_map: ClassMap | None = None) -> dict[int, str]:
    """Return what a mask calls the class of each value that occurs: an id, else a name, else the number itself.

    A number that ``class_map`` has is never called otherwise.
    """
    words, mapped = {}, {class_word(key) for key in class_map or {}}
    for value in mask.values().tolist():
        entry = None if str(value) in mapped else mask.table.get(value)
        words[value] = str(value) if entry is None else entry.class_id or entry.name.strip() or str(value)
    return words


def annotation_of(
    geometry: BaseGeometry, label_class: LabelClass, annotation_id: str | None, status: Status | None, tool: str
) -> Annotation:
    """Return an area as a polygon annotation."""
    made = Annotation(
        class_id=label_class.id,
        kind=Kind.POLYGON,
        geometry=geometry,
        status=status or Status.DRAFT,
        provenance=Provenance(created=datetime.now(UTC), source="imported", tool=tool),
    )
    return made if annotation_id is None else made.edited(id=annotation_id, provenance=made.provenance)


def aligned(mask: GeoGrid, scene: GeoGrid) -> bool:
    """Return whether the pixels of a mask are those of a scene; one without a place is taken by its shape."""
    if mask.shape != scene.shape:
        return False
    if not (mask.is_georeferenced and scene.is_georeferenced) or mask.crs is None or scene.crs is None:
        return True
    return same_crs(mask.crs, scene.crs) and _offset_px(mask, scene) <= _ALIGNED_PX


def why_not_aligned(mask: GeoGrid, scene: GeoGrid) -> str | None:
    """Return how the pixels of a mask differ from a scene's, to be put into a sentence; None where they do not."""
    if aligned(mask, scene):
        return None
    if mask.shape == scene.shape:
        return "lies elsewhere than the scene"
    (rows, cols), (to_rows, to_cols) = mask.shape, scene.shape
    return f"has {cols} x {rows} pixels and the scene {to_cols} x {to_rows}"


def prepare_mask(labels: Labels, order: ImportOrder, watch: Watch = UNWATCHED) -> PreparedImport:
    """Read a mask and make annotations and paint of it, changing nothing.

    Pixels of classes that may be painted go into the painted mask of a
    semantic mask; all others become polygons.  A mask of other pixels is
    refused, unless the order has it resampled.

    Raises
    ------
    GeoLabelError
        As `Labels.import_from`.
    CancelledError
        If the watch ends it.
    """
    report = Report()
    mask = _on_scene(read_mask_file(order.path, labels.ontology, order.format_id), labels.scene.grid, order, report)
    watch.tell(_READ)
    words = class_words(mask, order.class_map)
    ontology = labels.ontology
    if order.make_classes:
        ontology = make_classes(words.values(), [Kind.POLYGON, Kind.MASK], ontology, order.class_map)
    labels.canvas.require_room(ontology)
    where = [f"value {value}" for value in words]
    found = resolve_classes(list(words.values()), where, ontology, order.class_map, order.path.name)
    classes = {value: ontology[i] for value, i in zip(words, found, strict=True) if i is not None}
    if order.remember:
        ontology = as_next_version(labels.ontology, with_aliases(ontology, order.class_map or {}))

    is_paint = {value: mask.flavour == "semantic" or (mask.divisor and value % mask.divisor == 0) for value in classes}
    painted = {value: c for value, c in classes.items() if Kind.MASK in c.kinds and is_paint[value]}
    drawn = {value: c for value, c in classes.items() if value not in painted}
    annotations = _polygons(mask, drawn, order, report, watch.part(_READ, _TRACED))
    tiles = labels.canvas.replace(_painted(labels, mask, painted), ontology)
    for value, label_class in painted.items():
        report.notes.append(f"{int((mask.array == value).sum())} pixels of {label_class.id} are painted")
    watch.tell(1.0)
    return PreparedImport(order=order, report=report, ontology=ontology, annotations=annotations, tiles=tiles)


def _polygons(
    mask: Mask, classes: dict[int, LabelClass], order: ImportOrder, report: Report, watch: Watch
) -> list[Annotation]:
    """Return the areas of some values as annotations; those of classes without polygons are reported."""
    refused = [value for value, c in classes.items() if Kind.POLYGON not in c.kinds]
    report.skipped += [(classes[v].id, "the class can be neither painted nor drawn as a polygon") for v in refused]
    wanted = [value for value in classes if value not in refused]
    if not wanted:
        return []
    only = replace(mask, array=np.where(np.isin(mask.array, wanted), mask.array, 0))
    areas, tool = areas_of(only, Tracing(watch=watch)), f"import of {order.path.name}"
    return [
        annotation_of(geometry, classes[value], annotation_id, as_status(order.status), tool)
        for geometry, value, annotation_id in zip(areas.geometries, areas.values.tolist(), areas.ids, strict=True)
    ]


def _painted(labels: Labels, mask: Mask, classes: dict[int, LabelClass]) -> NDArray[np.generic]:
    """Return the painted mask with the pixels of some values in it."""
    array = labels.canvas.array.copy()
    for value, label_class in classes.items():
        array[mask.array == value] = label_class.mask_value
    return array


def _on_scene(mask: Mask, grid: GeoGrid, order: ImportOrder, report: Report) -> Mask:
    """Return a mask on the pixels of the scene: as it is, resampled where that is asked, else refused."""
    differs = why_not_aligned(mask.grid, grid)
    if differs is None:
        return mask
    if order.resample:
        (rows, cols), (to_rows, to_cols) = mask.grid.shape, grid.shape
        report.notes.append(
            f"resampled by nearest neighbour from {cols} x {rows} pixels onto the scene's {to_cols} x {to_rows}"
        )
        return resampled(mask, grid)
    raise FormatError(
        f"{order.path.name} {differs}; polygonize it and import the polygons, "
        "or have it resampled (resample=True, --resample)"
    )


def _offset_px(mask: GeoGrid, scene: GeoGrid) -> float:
    return float(np.abs(scene.map_to_pixel(mask.pixel_to_map(mask.outline)) - scene.outline).max())

"""Mending what can be mended safely: nothing that a person drew is guessed anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.checks import check_annotation
from napari_geolabel.annotations.links import without_links_to, without_unknown_links
from napari_geolabel.annotations.problems import Problem
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

if TYPE_CHECKING:
    from napari_geolabel.annotations.store import AnnotationStore

FIXES = {
    "invalid_geometry": "make valid",
    "partly_outside": "cut at the edge",
    "outside": "remove",
    "duplicate": "remove the older one",
    "dangling_relation": "take the link out",
    "unknown_relation": "take the link out",
}
"""The rules with a safe fix, and what it does."""


def fix_problems(store: AnnotationStore, problems: Iterable[Problem], grid: GeoGrid) -> Change:
    """Return the one change that mends all of some problems that can be mended.

    A polygon that crosses itself becomes the areas that it encloses; what
    reaches beyond the scene is cut at its edge; what lies outside and the
    older of two duplicates are removed, and so are links that lead nowhere.  What its class would then not allow
    is left as it is.

    Parameters
    ----------
    store
        The annotations; the caller applies the change.
    problems
        Those of `find_problems`; others than those in `FIXES` are passed over.
    grid
        The scene's grid.
    """
    frame = shapely.box(0, 0, grid.shape[1], grid.shape[0])
    gone: dict[str, None] = {}  # in the order in which they were found, so that everybody makes the same change
    mended: dict[str, Annotation] = {}
    for problem in problems:
        name = problem.other_id if problem.rule == "duplicate" else problem.annotation_id
        if name is None or name not in store:
            continue
        if problem.rule in ("outside", "duplicate"):
            gone[name] = None
        elif problem.rule == "dangling_relation":
            mended[name] = without_links_to(mended.get(name, store[name]), [str(problem.other_id)])
        elif problem.rule == "unknown_relation":
            mended[name] = without_unknown_links(mended.get(name, store[name]), str(problem.other_id), store.ontology)
        elif problem.rule in FIXES:
            fixed = _mended(mended.get(name, store[name]), problem.rule, frame, store.ontology)
            if fixed is not None:
                mended[name] = fixed
    edits = [Edit(before=store[name]) for name in gone]
    edits += [Edit(before=store[name], after=fixed) for name, fixed in mended.items() if name not in gone]
    return Change(title=f"fix {len(edits)} {'problem' if len(edits) == 1 else 'problems'}", edits=tuple(edits))


def _mended(annotation: Annotation, rule: str, frame: BaseGeometry, ontology: Ontology) -> Annotation | None:
    """Return an annotation with its geometry mended, None where its class would not allow that."""
    geometry = annotation.geometry
    whole = geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)  # only that can be cut
    if rule == "partly_outside":
        whole = shapely.intersection(whole, frame)
    kept = _of_dimension(whole, int(shapely.get_dimensions(geometry)))
    if kept.is_empty:
        return None
    kind = Kind.POLYGON if annotation.kind is Kind.ROTATED_BOX else annotation.kind  # a cut one has more corners
    try:
        return check_annotation(annotation.edited(geometry=kept, kind=kind), ontology)
    except GeoLabelError:
        return None


def _of_dimension(geometry: BaseGeometry, dimension: int) -> BaseGeometry:
    """Return the parts of a geometry that are points (0), lines (1) or areas (2), as one geometry."""
    parts = [part for part in shapely.get_parts(geometry, return_index=False) if not part.is_empty]
    leaves = [leaf for part in parts for leaf in shapely.get_parts(part)]
    kept = [leaf for leaf in leaves if shapely.get_dimensions(leaf) == dimension]
    if not kept:
        return shapely.GeometryCollection()
    whole: BaseGeometry = kept[0] if len(kept) == 1 else _COLLECT[dimension](kept)
    return whole


_COLLECT = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)

"""What stands in members of our own beside what another program's format holds.

Other programs pass over them; we read from them the id, the kind, the status
and whatever else their format has no place for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import shapely
from affine import Affine
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.formats.columns import crs_text
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.row_runs import outline_of_runs, runs_of
from napari_geolabel.formats.schema import LINK_COLUMNS
from napari_geolabel.geo import GeoGrid, parse_crs

OWN_COLUMNS = (
    "id",
    "kind",
    "status",
    "confidence",
    "source",
    "annotator",
    "created",
    "updated",
    "tool",
    "composite",
    "ground_resolution_m",
    *LINK_COLUMNS,
)
"""Columns of ``schema.py`` that stand in the member of an annotation."""
PIECES = "pieces"
"""Member that says into how many features a writer has split one annotation; they share its id."""


OUTLINE = "outline"
"""Member with the outline, as hexadecimal well-known binary, of what stands in the file as pixels."""


def image_member(labels: LabelSet) -> dict[str, Any]:
    """Return what is said of the image: where on Earth it is, its attributes, and the ontology."""
    grid = labels.grid
    return {
        "crs": None if grid.crs is None else crs_text(grid.crs),
        "transform": list(grid.transform)[:6],
        "attributes": dict(labels.scene_attributes),
        "ontology": dict(labels.ontology.stamp),
    }


def grid_of_member(member: Any, shape: tuple[int, int]) -> GeoGrid:  # noqa: ANN401  (any JSON)
    """Return the grid of an image of some rows and columns, on Earth where our own member says where."""
    nowhere = GeoGrid(shape=shape, transform=Affine.identity())
    if not isinstance(member, dict) or member.get("crs") is None:
        return nowhere
    try:
        return GeoGrid(
            shape=shape, transform=Affine(*map(float, member["transform"])), crs=parse_crs(str(member["crs"]))
        )
    except (KeyError, TypeError, ValueError, NotGeoreferencedError):
        return nowhere


def attributes_of_member(member: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the attributes of the whole scene that our own member holds."""
    attributes = member.get("attributes") if isinstance(member, dict) else None
    return dict(attributes) if isinstance(attributes, dict) else {}


def own_member(row: Mapping[str, Any], pieces: int = 1, pixels_of: BaseGeometry | None = None) -> dict[str, Any]:
    """Return what is said of an annotation, given its flat columns.

    Parameters
    ----------
    row
        The flat columns.
    pieces
        Into how many features it is split.
    pixels_of
        The outline that stands in the file as pixels, where it does.
    """
    member = {key: row[key] for key in OWN_COLUMNS if row.get(key) is not None}
    if pieces > 1:
        member[PIECES] = pieces
    if pixels_of is not None and has_holes(pixels_of):
        member[OUTLINE] = shapely.to_wkb(pixels_of, hex=True)
    return member


def exact_outline(own: Any, found: BaseGeometry, shape: tuple[int, int]) -> BaseGeometry:  # noqa: ANN401
    """Return the outline that we wrote beside pixels, where these are still its pixels; else that of the pixels.

    Parameters
    ----------
    own
        Our own member, or whatever stands in its place.
    found
        The outline of the file's pixels, along their edges.
    shape
        Rows and columns of the image.
    """
    text = own.get(OUTLINE) if isinstance(own, Mapping) else None
    if not isinstance(text, str):
        return found
    try:
        outline = shapely.from_wkb(text)
        if (
            outline.geom_type in {"Polygon", "MultiPolygon"}
            and outline_of_runs(runs_of(outline, shape), shape) == found
        ):
            return outline
    except (shapely.GEOSException, BadGeometryError, ValueError, OverflowError):
        return found
    return found


def row_from(word: str | None, own: Any, attributes: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return the properties of a feature, ours or another program's.

    Parameters
    ----------
    word
        The file's class.
    own
        Our own member, or whatever stands in its place.
    attributes
        Attributes of the feature as the file has them.
    """
    if isinstance(own, dict) and "kind" in own:
        return {
            "class_id": word,
            **{key: own[key] for key in (*OWN_COLUMNS, PIECES) if key in own},
            "attributes": attributes,
        }
    return {"class": word, **{f"attr_{key}": value for key, value in attributes.items()}}


def dumps(value: Any) -> bytes:  # noqa: ANN401
    """Return JSON, arrays included.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except (TypeError, orjson.JSONEncodeError) as error:
        raise FormatError(f"a value cannot stand in JSON ({error}); correct or remove it") from error

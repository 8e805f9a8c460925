"""GeoJSON of any writer to columns.

The reader is our own: GDAL's fetches what a ``crs`` link names, opens what
only looks like GeoJSON, turns texts that look like dates into dates, and
gives up a whole file for one ring that is not closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.formats.geojson_geometry import GEOMETRY_TYPES, build_geometries
from napari_geolabel.formats.geojson_lines import read_by_line
from napari_geolabel.formats.geojson_write import FORMAT_VERSION
from napari_geolabel.formats.texts import collector_paused, read_json
from napari_geolabel.geo import LONLAT, GeoGrid, parse_crs, same_crs

_NAME_IT = "name its CRS: geolabel import --crs EPSG:CODE, labels.import_from(crs=...), or Coordinates in the dialog"
_CRS_NAMES = (
    re.compile(r"urn:(?:x-)?ogc:def:crs:(?P<authority>[A-Za-z]+):[^:]*:(?P<code>\w+)"),
    re.compile(r"https?://www\.opengis\.net/def/crs/(?P<authority>[A-Za-z]+)/[^/]+/(?P<code>\w+)"),
    re.compile(r"(?P<authority>[A-Za-z]+):+(?P<code>\w+)"),
)


def read_geojson(path: str | Path, *, crs: str | int | CRS | None = None) -> LabelColumns:
    """Read the features of a GeoJSON file.

    A bare feature or geometry counts as a collection of one.  Features
    without geometry, and those whose geometry cannot be read, are left out
    and stand in ``skipped``.  Rings that are not closed are closed; heights
    are dropped.

    Parameters
    ----------
    path
        The file.
    crs
        CRS of the coordinates, where the file names none or a wrong one.  By
        default that of a ``crs`` member, as GeoJSON had it before RFC 7946,
        else longitude and latitude.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If the file is not GeoJSON, or its coordinates cannot be longitude
        and latitude and no other CRS is named.
    """
    found = require_file(path)
    with collector_paused():
        gathered = _Gathered()
        document = read_by_line(found, gathered.take)
        if document is None or document.get("type") != "FeatureCollection":
            return columns_of(_parse(found), found.name, crs=crs)
        return gathered.columns(document, found.name, crs)


def columns_of(document: dict[str, Any], name: str, *, crs: str | int | CRS | None = None) -> LabelColumns:
    """Return the features of a GeoJSON object as columns; see `read_geojson`."""
    gathered = _Gathered()
    gathered.take(_features(document, name))
    return gathered.columns(document, name, crs)


class _Gathered:
    """What has been read of a file so far, batch by batch."""

    def __init__(self) -> None:
        self._count = 0
        self._geometries: list[NDArray[np.object_]] = []
        self._pixels: list[NDArray[np.object_]] = []
        self._rows: list[dict[str, Any]] = []
        self._ids: list[str | None] = []
        self._where: list[str] = []
        self._skipped: list[tuple[str, str]] = []

    def take(self, features: Sequence[Mapping[str, Any]]) -> None:
        """Add the next features, those that can be read."""
        geometries, faults = build_geometries([feature.get("geometry") for feature in features])
        for index in np.flatnonzero(shapely.is_empty(geometries)).tolist():
            faults[index] = "its geometry is empty"
        places = [f"feature {number}" for number in range(self._count + 1, self._count + len(features) + 1)]
        self._count += len(features)
        self._skipped += [(places[index], faults[index]) for index in sorted(faults)]
        kept = [index for index in range(len(features)) if index not in faults] if faults else range(len(features))
        for index in kept:
            feature = features[index]
            properties = feature.get("properties")
            row = properties if isinstance(properties, dict) else {}
            self._rows.append(row)
            self._ids.append(_id_text(feature.get("id", row.get("id"))))
            self._where.append(places[index])
        self._geometries.append(geometries[kept])
        self._pixels.append(_pixel_geometries([features[index] for index in kept]))

    def columns(self, document: Mapping[str, Any], name: str, crs: str | int | CRS | None) -> LabelColumns:
        """Return all as columns, given the other members of the collection."""
        nothing = np.empty(0, object)
        array = np.concatenate([nothing, *self._geometries])
        used = _crs(document, name) if crs is None else _lonlat_or(parse_crs(crs))
        _require_possible(array, used, self._where, name)
        about = document.get("geolabel")
        return LabelColumns.from_rows(
            array,
            self._rows,
            crs=used,
            name=name,
            where=self._where,
            ids=self._ids,
            pixels=_pixel_copy(about, np.concatenate([nothing, *self._pixels])),
            scene_attributes=_scene_attributes(about),
            skipped=self._skipped,
        )


def _parse(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds."""
    document = read_json(path)
    if not isinstance(document, dict):
        raise _refusal(path.name, f"holds a JSON {type(document).__name__} where GeoJSON has an object with a type")
    return document


def _features(document: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the features of a document."""
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            raise _refusal(name, "is no GeoJSON: its features are not a list of objects")
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and kind in GEOMETRY_TYPES:
        return [{"type": "Feature", "properties": None, "geometry": document}]
    raise _refusal(name, f"is no GeoJSON: its type is {str(kind)[:40]!r}, not FeatureCollection, Feature or a geometry")


def _id_text(value: Any) -> str | None:  # noqa: ANN401
    """Return an id as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def _crs(document: Mapping[str, Any], name: str) -> CRS:
    """Return the CRS that a file names, longitude and latitude where it names none."""
    member = document.get("crs")
    if member is None:
        return LONLAT
    properties = member.get("properties") if isinstance(member, dict) else None
    text = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(text, str):
        raise _refusal(name, f"gives its CRS by a link or code that is not followed; {_NAME_IT}")
    for pattern in _CRS_NAMES:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        try:
            found = parse_crs(f"{match['authority'].upper()}:{match['code']}")
        except NotGeoreferencedError:
            break
        return _lonlat_or(found)
    raise _refusal(name, f"names the CRS {text[:80]!r}, which PROJ does not know; {_NAME_IT}")


def _lonlat_or(crs: CRS) -> CRS:
    return LONLAT if same_crs(crs, LONLAT) else crs


def _require_possible(geometries: NDArray[np.object_], crs: CRS, where: Sequence[str], name: str) -> None:
    """Refuse metres or pixels that pass for longitude and latitude."""
    if crs is not LONLAT or not len(geometries):
        return
    points, owners = shapely.get_coordinates(geometries, return_index=True)
    wrong = (np.abs(points[:, 0]) > 360) | (np.abs(points[:, 1]) > 90 + 1e-9)
    if wrong.any():
        first = int(np.argmax(wrong))
        x, y = points[first]
        raise _refusal(
            name,
            f"names no CRS, and {where[owners[first]]} has a point ({x:g}, {y:g}) that is no longitude and latitude; "
            f"{_NAME_IT}",
        )


def _pixel_geometries(features: Sequence[Mapping[str, Any]]) -> NDArray[np.object_]:
    """Return the pixel geometries that our own writer puts beside the map geometries, None where there is none."""
    found: NDArray[np.object_] = np.full(len(features), None)
    abouts = [feature.get("geolabel") for feature in features]
    members = [(i, each["pixel"]) for i, each in enumerate(abouts) if isinstance(each, dict) and "pixel" in each]
    if members:  # one that cannot be read was edited by somebody: the map geometry counts
        found[[index for index, _ in members]] = build_geometries([member for _, member in members])[0]
    return found


def _pixel_copy(about: Any, pixels: NDArray[np.object_]) -> PixelCopy | None:  # noqa: ANN401
    """Return the pixel geometries with their grid, None where the file has no grid that can be understood."""
    scene = about.get("scene") if isinstance(about, dict) and about.get("version") == FORMAT_VERSION else None
    if not isinstance(scene, dict):
        return None
    try:
        rows, cols = map(int, scene["shape"])
        grid = GeoGrid(
            shape=(rows, cols), transform=Affine(*map(float, scene["transform"])), crs=parse_crs(scene["crs"])
        )
    except (KeyError, TypeError, ValueError):  # NotGeoreferencedError is a ValueError
        return None
    precision = about.get("precision")
    return PixelCopy(grid=grid, geometries=pixels, precision=precision if isinstance(precision, int) else None)


def _scene_attributes(about: Any) -> dict[str, Any]:  # noqa: ANN401
    scene = about.get("scene") if isinstance(about, dict) else None
    attributes = scene.get("attributes") if isinstance(scene, dict) else None
    return dict(attributes) if isinstance(attributes, dict) else {}


def _refusal(name: str, reason: str) -> FormatError:
    return FormatError(f"{name} {reason}")

"""GeoJSON text sequences: a feature to a line (RFC 8142, with or without its record separators)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pyproj import CRS

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_features
from napari_geolabel.formats.geojson import losses as geojson_losses
from napari_geolabel.formats.geojson_read import columns_of
from napari_geolabel.formats.geojson_write import features_of, lonlat_of
from napari_geolabel.formats.label_set import Image, LabelSet, geometries_of
from napari_geolabel.formats.lonlat import bounding_boxes
from napari_geolabel.formats.own_members import dumps
from napari_geolabel.formats.texts import read_text, write_pieces

_RECORD = b"\x1e"
_FIRST = re.compile(rb'\s*\x1e?\s*\{[^\n]{0,60000}"type"\s*:\s*"Feature"')


def read(path: Path, image: Image | None, *, crs: CRS | None = None) -> LabelColumns:  # noqa: ARG001  (map coordinates)
    """Read the features of a sequence, in longitude and latitude unless another CRS is named.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If a line is no feature, or coordinates cannot be longitude and latitude.
    """
    found = require_file(path)
    features: list[Any] = []
    for number, line in enumerate(read_text(found).replace(_RECORD, b"\n").splitlines(), start=1):
        if line.strip():
            features.append(_feature(line, number, found.name))
    return columns_of({"type": "FeatureCollection", "features": features}, found.name, crs=crs)


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as a feature to a line, without record separators.

    Raises
    ------
    NotGeoreferencedError
        If the scene has no place on Earth.
    WriteError
        If the file cannot be written.
    """
    list(geojson_losses(labels))  # raises where the scene has no place on Earth
    drawn = list(labels.annotations)
    pixels = geometries_of(drawn)
    lonlat = lonlat_of(drawn, pixels, labels.grid, None)
    features = features_of(drawn, lonlat, pixels, bounding_boxes(lonlat), labels.grid, labels.ontology)
    lines = (dumps({key: value for key, value in each.items() if key != "geolabel"}) + b"\n" for each in features)
    write_pieces(path, lines, wanted=len(drawn), counter=count_features)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a sequence will not hold; raises where the scene has no place on Earth."""
    yield from geojson_losses(labels)
    if labels.scene_attributes:
        yield "the attributes of the whole scene do not go into a sequence of features; GeoJSON keeps them"


def recognises(head: bytes) -> bool:
    """Return whether a text begins with a feature and goes on with another line."""
    return _FIRST.match(head) is not None


def count(path: Path) -> int:
    """Return how many features a file has, as far as its text tells."""
    return count_features(path)


def _feature(line: bytes, number: int, name: str) -> Any:  # noqa: ANN401  (any JSON object)
    try:
        feature = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise FormatError(f"{name} is no JSON in line {number}: {error.msg} (column {error.colno})") from error
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise FormatError(f"{name} has no GeoJSON feature in line {number}")
    return feature

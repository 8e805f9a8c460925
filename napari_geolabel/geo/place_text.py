"""Places as people write them: degrees in decimals or minutes and seconds, map coordinates, rows and columns."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.crs import LONLAT, parse_crs
from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.turns import points_in_pixels

EXAMPLES: Final = "54.32 10.14, 54°19'12\"N 10°08'24\"E, 565000 6020000, EPSG:4326 10.14 54.32, or row 120 col 340"

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_CELL = re.compile(rf"r(?:ow)?\s*({_NUMBER})[\s,]*c(?:ol(?:umn)?)?\s*({_NUMBER})", re.IGNORECASE)
_CRS = re.compile(r"(EPSG:\d+)\s+(.*)", re.IGNORECASE)
_FINER = r"(?:\s*[°'\":]?\s*\d+(?:\.\d+)?\s*['\"]*)*"
_ANGLE = re.compile(rf"([NSEWO]?)\s*({_NUMBER})({_FINER})[°\s]*([NSEWO]?)", re.IGNORECASE)
_PLAIN = str.maketrans({"\u2032": "'", "\u2019": "'", "\u2033": '"', "\u201d": '"', "\u00ba": "\u00b0"})
"""Marks of minutes, seconds and degrees as other programs write them."""
_NORTHERLY = frozenset({"N", "S"})
_SIDES = {"N": 1.0, "S": -1.0, "E": 1.0, "O": 1.0, "W": -1.0}


def parse_place(text: str, grid: GeoGrid) -> FloatArray:
    """Return the pixel point ``(x, y)``, shape (2,), that a text names.

    Two plain numbers are latitude and longitude where they can be, as the
    status bar and web maps write them; else east and north in the grid's CRS;
    of a grid without a georeference they are x and y in pixels.  With letters
    for the directions the order is free.  ``EPSG:...`` in front names the CRS
    of x and y; ``row ... col ...`` means the middle of a pixel.

    Raises
    ------
    GeoLabelError
        If the text names no place, or one that the grid's CRS cannot show.
    """
    found: FloatArray = _pixel(text.translate(_PLAIN), grid)[0]
    return found


def _pixel(text: str, grid: GeoGrid) -> FloatArray:
    """Return the pixel point, shape (1, 2), that a text names."""
    cell = _CELL.fullmatch(text.strip())
    if cell is not None:
        return np.array([[float(cell[2]) + 0.5, float(cell[1]) + 0.5]])
    named = _CRS.fullmatch(text.strip())
    if named is not None:
        return points_in_pixels([_two_numbers(named[2], text)], parse_crs(named[1].upper()), grid)
    if re.search(r"[NSEWO°'\"]", text, re.IGNORECASE):
        return points_in_pixels([_lonlat(text)], LONLAT, grid)
    first, second = _two_numbers(text, text)
    if not grid.is_georeferenced or grid.crs is None:
        return np.array([[first, second]])
    widest = 360 if grid.crs.is_geographic else 180  # grids of degrees may run from 0 to 360, as the status bar shows
    if abs(first) <= 90 and abs(second) <= widest:
        return points_in_pixels([(second, first)], LONLAT, grid)
    return points_in_pixels([(first, second)], grid.crs, grid)


def _two_numbers(text: str, whole: str) -> tuple[float, float]:
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    if len(parts) != 2 or not all(re.fullmatch(_NUMBER, part) for part in parts):
        raise _no_place(whole)
    return float(parts[0]), float(parts[1])


def _lonlat(text: str) -> tuple[float, float]:
    """Return longitude and latitude of a text with degree signs or letters."""
    halves = [half for half in re.split(r"[,;]", text) if half.strip()]
    if len(halves) == 1:
        halves = _halves(text)
    angles = [_angle(half, text) for half in halves]
    if len(angles) != 2:
        raise _no_place(text)
    (first, side), (second, other) = angles
    if side and other and (side in _NORTHERLY) == (other in _NORTHERLY):
        raise _no_place(text)  # two latitudes, or two longitudes
    is_lon_first = (bool(side) and side not in _NORTHERLY) or other in _NORTHERLY
    lon, lat = (first, second) if is_lon_first else (second, first)
    if abs(lat) > 90 or abs(lon) > 360:
        raise GeoLabelError(f"{text.strip()!r} lies nowhere: a latitude is at most 90°, a longitude at most 360°")
    return lon, lat


def _halves(text: str) -> list[str]:
    """Return the two angles of a text without a comma: cut behind or before a letter, or in the middle."""
    behind = re.fullmatch(r"(.*?[NSEWO])\s*(\S.*?[NSEWO])", text.strip(), re.IGNORECASE)
    if behind is not None and re.search(r"\d", behind[1]):
        return [behind[1], behind[2]]
    before = re.fullmatch(r"([NSEWO].*?)\s*([NSEWO].*)", text.strip(), re.IGNORECASE)
    if before is not None:
        return [before[1], before[2]]
    parts = text.split()
    return [" ".join(parts[: len(parts) // 2]), " ".join(parts[len(parts) // 2 :])]


def _angle(text: str, whole: str) -> tuple[float, str]:
    """Return degrees and the letter of one angle, empty for none."""
    found = _ANGLE.fullmatch(text.strip())
    if found is None or (found[1] and found[4]):
        raise _no_place(whole)
    side = (found[1] or found[4]).upper()
    degrees = float(found[2])
    finer = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", found[3])]
    if len(finer) > 2 or any(part >= 60 for part in finer) or (side and degrees < 0):
        raise _no_place(whole)
    size = abs(degrees) + sum(part / 60 ** (i + 1) for i, part in enumerate(finer))
    sign = _SIDES[side] if side else (-1.0 if found[2].startswith("-") else 1.0)
    return sign * size, side


def _no_place(text: str) -> GeoLabelError:
    return GeoLabelError(f"{text.strip()!r} names no place; write for example {EXAMPLES}")

"""When, by what and under which sun a scene was taken, as its metadata tells.

Every supplier has names of his own for the same few facts; here they meet.
What is not told stays unknown, and a number that cannot be (a cloud cover of
-1) counts as not told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """How a scene was taken; None is unknown."""

    acquired: datetime | date | None = None
    """In UTC; a date where only the day is known."""

    platform: str | None = None
    """The satellite, as the supplier writes it."""

    product: str | None = None
    """The supplier's name of the product."""

    level: str | None = None
    """How far it is processed, in the supplier's words."""

    sun_azimuth_deg: float | None = None
    """Clockwise from north."""

    sun_elevation_deg: float | None = None
    """Above the horizon."""

    off_nadir_deg: float | None = None
    """Angle between the line of sight and straight down."""

    cloud_cover_percent: float | None = None
    ground_sample_distance_m: float | None = None
    """As the supplier states it, which need not be the size of a pixel."""


def acquisition_of(tags: Mapping[str, str], name: str) -> Acquisition:
    """Return what tags tell, and the day or time from the file's name where they do not.

    Parameters
    ----------
    tags
        Keys in lower case.
    name
        The file's or product's name.
    """
    zenith = _number(tags, ("mean_sun_angle.zenith_angle",), 0, 180)
    elevation = _number(tags, ("view:sun_elevation", "sun_elevation", "meansunel", "sunel"), -90, 90)
    return Acquisition(
        acquired=next(_times(tags), None) or _time_in_name(name),
        platform=_platform(tags),
        product=_text(tags, ("landsat_product_id", "product_uri", "dataset_name", "landsat_scene_id", "id")),
        level=_text(tags, ("processing:level", "processing_level", "data_type")),
        sun_azimuth_deg=_number(tags, _SUN_AZIMUTH, -360, 360),
        sun_elevation_deg=elevation if elevation is not None or zenith is None else 90 - zenith,
        off_nadir_deg=_number(tags, _OFF_NADIR, -90, 90),
        cloud_cover_percent=_number(tags, _CLOUD_COVER, 0, 100),
        ground_sample_distance_m=_number(tags, _SAMPLE_DISTANCE, 1e-3, 1e5),
    )


_SUN_AZIMUTH = ("view:sun_azimuth", "sun_azimuth", "mean_sun_angle.azimuth_angle", "meansunaz", "sunaz")
_OFF_NADIR = ("view:off_nadir", "meanoffnadirviewangle", "offnadirviewangle", "view_angle")
_CLOUD_COVER = (
    "eo:cloud_cover", "cloud_percent", "cloud_coverage_assessment", "cloud_coverage", "cloud_cover", "cloudcover",
)  # fmt: skip
_SAMPLE_DISTANCE = ("gsd", "meanproductgsd", "grid_cell_size_reflective")
_WHOLE = (
    "datetime", "acquired", "start_datetime", "sensing_time", "product_start_time", "datatake_sensing_start",
    "datatake_1_datatake_sensing_start", "acquisitiondatetime", "firstlinetime", "earliestacqtime", "acquisition time",
    "acquisition_time",
)  # fmt: skip
_PARTS = (("date_acquired", "scene_center_time"), ("imaging_date", "imaging_time"), ("acquisition_date", ""))
_IN_NAME = (
    r"(?:^|[_-])(?P<day>\d{8})[Tt_](?P<time>\d{6})(?=[_\-.]|$)",  # Sentinel, Planet
    r"^L[COTEM]\d\d_\w{4}_\d{6}_(?P<day>\d{8})(?=_)",  # Landsat collections
    r"^L[COTEM]\d\d{6}(?P<year>\d{4})(?P<of_year>\d{3})",  # Landsat before
    r"_(?P<day>\d{4}-\d{2}-\d{2})_RE\d",  # RapidEye
    r"(?:PHR\d[AB]|SPOT\d|PNEO\d)_\w+?_(?P<day>\d{8})(?P<time>\d{6})\d",  # Pleiades, SPOT
    r"^m_\d{7}_\w{2}_\d{1,2}_\w{1,3}_(?P<day>\d{8})",  # NAIP
)
"""Where suppliers write the day in a name; no other eight digits are believed."""


def _times(tags: Mapping[str, str]) -> Iterator[datetime | date]:
    """Yield the times that tags hold, best first."""
    for key in _WHOLE:
        if (found := _parse(tags.get(key, ""))) is not None:
            yield found
    for day, time in _PARTS:
        if (found := _parse(f"{_text(tags, (day,)) or ''}T{_text(tags, (time,)) or ''}".rstrip("T"))) is not None:
            yield found


def _parse(text: str) -> datetime | date | None:
    """Return a time of ISO 8601, in UTC unless it says otherwise."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().strip('"').replace("/", "-"))
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC before the year 1 or after 9999
        return None


def _time_in_name(name: str) -> datetime | date | None:
    """Return the day or the time that a name tells by its supplier's rule."""
    for pattern in _IN_NAME:
        match = re.search(pattern, name)
        parts = match.groupdict() if match else {}
        try:
            if parts.get("of_year"):
                return date(int(parts["year"]), 1, 1) + timedelta(days=int(parts["of_year"]) - 1)
            if parts.get("time"):
                return datetime.strptime(parts["day"] + parts["time"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            if parts:
                return date.fromisoformat(parts["day"])
        except (ValueError, OverflowError):  # digits that are no day
            continue
    return None


def _platform(tags: Mapping[str, str]) -> str | None:
    keys = (
        "platform", "spacecraft_name", "datatake_1_spacecraft_name", "spacecraft_id", "satellite_id", "satelliteid",
        "satid",
    )  # fmt: skip
    found = _text(tags, keys)
    if found is None and tags.get("mission"):
        found = f"{tags['mission']} {tags.get('mission_index', '')}".strip()
    return found


def _text(tags: Mapping[str, str], keys: Sequence[str]) -> str | None:
    return next((text for key in keys if (text := tags.get(key, "").strip().strip('"'))), None)


def _number(tags: Mapping[str, str], keys: Sequence[str], low: float, high: float) -> float | None:
    """Return the first of several tags that holds a number within limits."""
    for key in keys:
        try:
            value = float(tags.get(key, "").strip().strip('"'))
        except ValueError:
            continue
        if math.isfinite(value) and low <= value <= high:
            return value
    return None

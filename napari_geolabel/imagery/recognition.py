"""Which sensor made a file, and what follows for its bands.

A sensor is recognised from metadata, from a file's name, or from names of
bands that no other sensor uses; never from the number or order of bands.
What the file itself says of a band always stands: a profile only fills what
is missing.  Order counts in one case: a file that names its sensor but none of
its bands has them in the order in which that product is delivered, and a note
says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.bands import Band, BandSet, identifier, unique_names
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.sensors import (
    NO_SENSOR,
    ScaleRule,
    Sensor,
    SensorBand,
    find_sensor,
    normal_name,
    sensors,
)

BandsBy = Literal["name", "file name", "order"]
"""The names in the file, the file's own name, or the usual order of the product."""


@dataclass(frozen=True)
class Evidence:
    """What a file says of its origin."""

    name: str
    """The file's name, without its folder."""

    tags: Mapping[str, str]
    """Its metadata, keys in lower case."""


@dataclass(frozen=True, kw_only=True)
class SensorMatch:
    """The sensor that a scene is taken for."""

    sensor: Sensor
    reason: str
    """What it was recognised by, to be put after "by": ``"its file name"``."""

    bands_by: BandsBy
    """What tells which band is which."""

    caution: str
    """What is uncertain about it, a clause; may be empty."""

    @property
    def id(self) -> str:
        """Stable name of the sensor, as ``open_scene(sensor=)`` takes it."""
        return self.sensor.id

    @property
    def title(self) -> str:
        """Name of the sensor for people."""
        return self.sensor.title

    @property
    def composites(self) -> tuple[Composite, ...]:
        """What this sensor shows besides what common names allow."""
        return self.sensor.composites

    @property
    def note(self) -> str:
        """One sentence for the user."""
        parts = [f"taken for {self.title} by {self.reason}"]
        if self.bands_by == "order":
            parts.append("its bands are named by the order in which that product is delivered")
        if self.caution:
            parts.append(self.caution)
        return f"{'; '.join(parts)}; choose another with sensor= or --sensor, or {NO_SENSOR!r}"


def recognise(bands: BandSet, evidence: Evidence, choice: str | None = None) -> tuple[BandSet, SensorMatch | None]:
    """Return bands completed by what is known of their sensor, and the sensor.

    Parameters
    ----------
    bands
        The bands as the file, or a person, names them.
    evidence
        The file's name and metadata.
    choice
        Id of a sensor that a person chose; ``"none"`` to have none recognised.

    Raises
    ------
    SceneError
        If the chosen sensor is unknown, or has no bands like these.
    """
    if choice is not None and choice.strip().casefold() == NO_SENSOR:
        return bands, None
    if choice is not None:
        sensor = find_sensor(choice)
        return _completed(sensor, bands, evidence, "your choice", _chosen_bands(sensor, bands, evidence))
    for sensor in sensors().values():
        reason = _reason(sensor, bands, evidence)
        found = _likely_bands(sensor, bands, evidence) if reason is not None else None
        if reason is not None and found is not None:
            return _completed(sensor, bands, evidence, reason, found)
    return bands, None


_Found = tuple[list[SensorBand | None], BandsBy]


def _reason(sensor: Sensor, bands: BandSet, evidence: Evidence) -> str | None:
    """Return what speaks for a sensor, None where nothing does."""
    for table in sensor.tags:
        if all(pattern.search(evidence.tags.get(key, "")) for key, pattern in table.items()):
            key = next(iter(table))
            return f"its metadata ({key.upper()} = {evidence.tags[key][:60]})"
    if any(pattern.search(evidence.name) for pattern in sensor.files):
        return "its file name"
    names = {normal_name(band.name) for band in bands}
    mark = next((mark for mark in sensor.marks if mark <= names), None)
    # a name alone may be chance; with a few more of the same sensor it is not
    known = sum(sensor.band(band.name) is not None for band in bands)
    return "the names of its bands" if mark is not None and known >= min(2, len(bands)) else None


def _likely_bands(sensor: Sensor, bands: BandSet, evidence: Evidence) -> _Found | None:
    """Return what a sensor says of each band of a file that may be of it, None where the file does not fit.

    Band names from a description or a wavelength come first.  Names that rest
    on colours alone (GDAL gives them to any three bytes) only must not
    contradict the order of the product.
    """
    named = [_by_name(sensor, band) for band in bands]
    if any(match for band, match in zip(bands, named, strict=True) if _is_stated(band)):
        return named, "name"
    single = _band_of_file_name(sensor, evidence)
    if single is not None and len(bands) == 1:
        return [single], "file name"
    layout = _layout(sensor, len(bands), evidence)
    if layout is not None and all(
        band.common_name in (None, theirs.common_name) for band, theirs in zip(bands, layout, strict=True)
    ):
        return list(layout), "order"
    return (named, "name") if any(named) else None


def _chosen_bands(sensor: Sensor, bands: BandSet, evidence: Evidence) -> _Found:
    """Return what a chosen sensor says of each band: by the file's own names where all fit, else by order."""
    named = [_by_name(sensor, band) for band in bands]
    if all(named) and any(_is_stated(band) for band in bands):
        return named, "name"
    layout = _layout(sensor, len(bands), evidence)
    if layout is not None:
        return list(layout), "order"
    if any(named):
        return named, "name"
    known = ", ".join(sorted({f"{len(each.bands)}" for each in sensor.layouts})) or "named ones only"
    raise SceneError(
        f"{evidence.name} has {len(bands)} band{'s'[: len(bands) != 1]} and {sensor.title} comes with {known}; "
        "choose another sensor, or name the bands (bands=, --bands)"
    )


def _by_name(sensor: Sensor, band: Band) -> SensorBand | None:
    label = re.split(r"[,;:(\[]", band.description or "", maxsplit=1)[0]
    return sensor.band(band.name) or sensor.band(identifier(label)) or sensor.band_of_common_name(band.common_name)


def _is_stated(band: Band) -> bool:
    """Return whether the file, or a person, names a band by more than its colour."""
    nameless = re.fullmatch(r"band_\d+", band.name) is not None
    return bool(band.description) or band.wavelength_um is not None or not (nameless or band.name == band.common_name)


def _layout(sensor: Sensor, count: int, evidence: Evidence) -> tuple[SensorBand, ...] | None:
    """Return the bands of a file that names none, in order."""
    fitting = [each for each in sensor.layouts if len(each.bands) == count]
    chosen = [each for each in fitting if each.condition.holds(evidence.name, evidence.tags)]
    return chosen[0].bands if chosen else None


def _band_of_file_name(sensor: Sensor, evidence: Evidence) -> SensorBand | None:
    """Return the band that a file's name says it holds."""
    matches = (pattern.search(evidence.name) for pattern in sensor.files)
    labels = [match.groupdict().get("band") for match in matches if match]
    return next((band for label in labels if label and (band := sensor.band(label)) is not None), None)


def _completed(
    sensor: Sensor, bands: BandSet, evidence: Evidence, reason: str, found: _Found
) -> tuple[BandSet, SensorMatch]:
    """Return the bands with what the profile adds to them."""
    known, bands_by = found
    taken = {band.common_name for band, match in zip(bands, known, strict=True) if match is None or _is_stated(band)}
    names = unique_names(
        match.name if match is not None and not _is_stated(band) else band.name
        for band, match in zip(bands, known, strict=True)
    )
    completed: list[Band] = []
    cautions: dict[str, None] = {}
    for band, match, name in zip(bands, known, names, strict=True):
        if match is None:
            completed.append(band)
            continue
        common = match.common_name if band.common_name is None or not _is_stated(band) else band.common_name
        if common != band.common_name and common in taken:
            common = band.common_name
        taken.add(common)
        nearer = replace(
            band,
            name=name,
            common_name=common,
            wavelength_um=band.wavelength_um if band.wavelength_um is not None else match.wavelength_um,
            fwhm_um=band.fwhm_um if band.wavelength_um is not None else match.fwhm_um,
        )
        scaled, caution = _scaled(sensor, nearer, match, evidence)
        completed.append(scaled)
        cautions[caution] = None
    caution = "; ".join(clause for clause in cautions if clause)
    return BandSet(completed), SensorMatch(sensor=sensor, reason=reason, bands_by=bands_by, caution=caution)


def _scaled(sensor: Sensor, band: Band, match: SensorBand, evidence: Evidence) -> tuple[Band, str]:
    """Return a band with the scale and offset of its product, unless the file gives its own; and a caution."""
    rule = next((each for each in sensor.scales if _rule_holds(each, band, match, evidence)), None)
    if band.is_scaled:
        return band, ""
    if rule is None:
        return band, sensor.note if np.dtype(band.dtype).kind in "iu" else ""
    scale = _first_number(rule.multiplied, match, evidence)
    offset = _first_number(rule.plus, match, evidence)
    if scale is None:
        scale, offset = rule.scale, rule.offset
    if scale is None:
        return band, "its values are shown as stored, since no metadata of the scene gives their scale"
    quantification = _first_number(rule.quantification, match, evidence)
    if quantification:
        scale = 1 / quantification
    added, caution = _added(rule, match, evidence)
    return replace(band, scale=scale, offset=(offset or 0.0) + scale * added, unit=band.unit or rule.unit), caution


def _rule_holds(rule: ScaleRule, band: Band, match: SensorBand, evidence: Evidence) -> bool:
    meant = rule.bands is None or match.name in rule.bands
    return meant and band.dtype in rule.dtypes and rule.condition.holds(evidence.name, evidence.tags)


def _added(rule: ScaleRule, match: SensorBand, evidence: Evidence) -> tuple[float, str]:
    """Return what Sentinel-2's stored values are short of, 0 where the metadata does not tell; and a caution.

    Processing baseline 04.00 (January 2022) began to store 1000 more than
    before.  Many archives take it off again, so the file's name does not tell.
    """
    if not rule.added:
        return 0.0, ""
    if evidence.tags.get("earthsearch:boa_offset_applied", "").casefold() == "true":
        return 0.0, ""
    told = _first_number(rule.added, match, evidence)
    if told is not None:
        return told, ""
    baseline = _number(evidence.tags.get("processing_baseline", ""))
    if baseline is not None:
        return (-1000.0 if baseline >= 4 else 0.0), ""
    named = re.search(r"_N(\d{2})(\d{2})_", evidence.name)
    if named and int(named[1]) >= 4:
        return 0.0, (
            f"processing baseline {named[1]}.{named[2]} stores 1000 too much, and the file does not say whether that "
            "was taken off, so it is not taken off here"
        )
    return 0.0, ""


def _first_number(keys: Sequence[str], match: SensorBand, evidence: Evidence) -> float | None:
    """Return the first of several tags that holds a number; keys may ask for the band's name or number."""
    for key in keys:
        value = _number(evidence.tags.get(key.format(name=match.name.lower(), number=match.number), ""))
        if value is not None:
            return value
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

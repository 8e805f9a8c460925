"""Sensor profiles: what the bands of well-known products are, as data in ``sensors.toml``.

A profile says nothing of a single file; ``recognition.py`` decides whether a
file is of a sensor, from its metadata or its name, and what follows for its
bands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.composite_files import composite_from

NO_SENSOR = "none"
"""What a person gives to have no sensor recognised."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorBand:
    """One band as a sensor's documents describe it."""

    name: str
    common_name: str | None
    wavelength_um: float | None
    """Centre wavelength in micrometres."""

    fwhm_um: float | None
    """Full width at half maximum in micrometres."""

    @property
    def number(self) -> str:
        """The digits of the name, as metadata counts bands: ``"4"`` for ``SR_B4``."""
        match = re.search(r"(\d+)\D*$", self.name)
        return match[1].lstrip("0") if match else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What must hold for a rule to count: a part of the file's name, or a tag; nothing always holds."""

    file: re.Pattern[str] | None
    tag: str | None
    value: re.Pattern[str] | None

    def holds(self, name: str, tags: Mapping[str, str]) -> bool:
        """Return whether a file of a name, with tags whose keys are in lower case, fulfils it."""
        if self.file is not None and not self.file.search(name):
            return False
        return self.tag is None or (self.value is not None and bool(self.value.search(tags.get(self.tag, ""))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The order of the bands in files that name nothing."""

    condition: Condition
    bands: tuple[SensorBand, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleRule:
    """How stored values become physical ones: ``scale * stored + offset``."""

    condition: Condition
    bands: frozenset[str] | None
    """Names of the bands that it holds for; None for all."""

    dtypes: frozenset[str]
    scale: float | None
    """None where only the metadata of a scene can tell."""

    offset: float
    unit: str | None
    quantification: tuple[str, ...]
    """Tags, first of all, whose value divides stored values (Sentinel-2)."""

    added: tuple[str, ...]
    """Tags whose value is added to stored values before they are divided (Sentinel-2 since 2022)."""

    multiplied: tuple[str, ...]
    """Tags that hold the scale (Landsat)."""

    plus: tuple[str, ...]
    """Tags that hold the offset (Landsat)."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """A product of a sensor, with everything that holds for all of its files."""

    id: str
    """Stable name, as scripts and the command line use it: ``planetscope_4``."""

    title: str
    files: tuple[re.Pattern[str], ...]
    tags: tuple[Mapping[str, re.Pattern[str]], ...]
    marks: tuple[frozenset[str], ...]
    """Sets of band names, normalised, each of which gives the sensor away."""

    bands: tuple[SensorBand, ...]
    layouts: tuple[Layout, ...]
    scales: tuple[ScaleRule, ...]
    composites: tuple[Composite, ...]
    """What this sensor shows besides what common names allow."""

    note: str
    """What a person should know where stored integers have no scale; may be empty."""

    _by_name: dict[str, SensorBand] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {normal_name(band.name): band for band in self.bands})

    def band(self, name: str) -> SensorBand | None:
        """Return a band by its name, whatever its capitals and leading zeros."""
        known = self._by_name.get(normal_name(name))
        if known is None:  # level 2 files are sometimes named as level 1 is
            known = self._by_name.get(f"SR_{normal_name(name)}") or self._by_name.get(f"ST_{normal_name(name)}")
        return known

    def band_of_common_name(self, common_name: str | None) -> SensorBand | None:
        """Return the band of a common name."""
        return next((band for band in self.bands if common_name and band.common_name == common_name), None)


def normal_name(name: str) -> str:
    """Return a band name in capitals and without leading zeros: ``b04`` becomes ``B4``."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", name.strip().upper())


def sensors() -> Mapping[str, Sensor]:
    """Return all sensor profiles, id → profile, in the order in which they are tried."""
    return _load()


def find_sensor(sensor_id: str) -> Sensor:
    """Return a profile by its id.

    Raises
    ------
    SceneError
        If there is none; the sentence lists all.
    """
    try:
        return sensors()[sensor_id.strip().casefold()]
    except KeyError:
        raise SceneError(
            f"no sensor named {sensor_id!r}; choose one of {', '.join(sorted(sensors()))}, or {NO_SENSOR}"
        ) from None


_OWN = frozenset({"files", "tags", "marks", "note"})
"""What a profile never takes over from its model: how it is recognised."""


@cache
def _load() -> dict[str, Sensor]:
    raw = tomllib.loads(files("napari_geolabel.imagery").joinpath("sensors.toml").read_text("utf-8"))
    return {id_: _sensor(id_, _with_model(raw, entry)) for id_, entry in raw.items()}


def _with_model(raw: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile with what it leaves out taken from the one that it is like."""
    if "like" not in entry:
        return dict(entry)
    model = {key: value for key, value in raw[entry["like"]].items() if key not in _OWN}
    return {**model, **entry}


def _sensor(id_: str, entry: Mapping[str, Any]) -> Sensor:
    bands = tuple(
        SensorBand(
            name=band["name"], common_name=band.get("common"), wavelength_um=band.get("um"), fwhm_um=band.get("fwhm")
        )
        for band in entry["bands"]
    )
    by_name = {band.name: band for band in bands}
    return Sensor(
        id=id_,
        title=entry["title"],
        files=tuple(re.compile(pattern, re.IGNORECASE) for pattern in entry.get("files", [])),
        tags=tuple({k: re.compile(v, re.IGNORECASE) for k, v in table.items()} for table in entry.get("tags", [])),
        marks=tuple(frozenset(map(normal_name, names)) for names in entry.get("marks", [])),
        bands=bands,
        layouts=tuple(
            Layout(condition=_condition(layout), bands=tuple(by_name[name] for name in layout["bands"]))
            for layout in entry.get("layouts", [])
        ),
        scales=tuple(_scale(rule) for rule in entry.get("scales", [])),
        composites=tuple(composite_from(each) for each in entry.get("composites", [])),
        note=entry.get("note", ""),
    )


def _condition(entry: Mapping[str, Any]) -> Condition:
    patterns = {key: re.compile(entry[key], re.IGNORECASE) if key in entry else None for key in ("file", "value")}
    return Condition(file=patterns["file"], tag=entry.get("tag"), value=patterns["value"])


def _scale(entry: Mapping[str, Any]) -> ScaleRule:
    return ScaleRule(
        condition=_condition(entry),
        bands=frozenset(entry["bands"]) if "bands" in entry else None,
        dtypes=frozenset(entry["dtypes"]),
        scale=entry.get("scale"),
        offset=entry.get("offset", 0.0),
        unit=entry.get("unit"),
        quantification=tuple(entry.get("quantification", ())),
        added=tuple(entry.get("added", ())),
        multiplied=tuple(entry.get("multiplied", ())),
        plus=tuple(entry.get("plus", ())),
    )

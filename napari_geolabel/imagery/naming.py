"""What a file's metadata says about its bands: names, wavelengths, scale.

Evidence is taken in this order, for each band: wavelengths (GDAL's ``IMAGERY``
tags, ENVI's and other band tags), the band's description, and last the colour
interpretation, which tells how a picture is meant to be shown rather than what
was measured (GDAL calls the first three bands of any 8-bit file red, green and
blue).  Nothing is ever concluded from a band's position alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from napari_geolabel.imagery.bands import COMMON_WAVELENGTHS_UM, Band, BandSet, identifier, unique_names


@dataclass(frozen=True, kw_only=True)
class BandFacts:
    """What a file says of one band, as it stands there."""

    dtype: str
    description: str = ""
    color: str = "undefined"
    """Colour interpretation in GDAL's words, lower case."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """The band's tags of every namespace, keys in lower case."""

    scale: float = 1.0
    offset: float = 0.0
    nodata: float | None = None
    unit: str | None = None


def detect_bands(facts: Sequence[BandFacts], tags: Mapping[str, str] | None = None) -> BandSet:
    """Return the bands that the metadata of a file describes.

    Parameters
    ----------
    facts
        One per band, in file order.
    tags
        Tags of the whole file, keys in lower case (ENVI headers keep their lists there).
    """
    wavelengths = _wavelengths(facts, tags or {})
    described = _from_descriptions([fact.description for fact in facts])
    nearest = _from_wavelengths([centre for centre, _ in wavelengths])
    bands = []
    names = unique_names(_name(i, fact, described[i]) for i, fact in enumerate(facts))
    for i, fact in enumerate(facts):
        centre, width = wavelengths[i]
        common = nearest[i] if centre is not None else described[i] or _COLORS.get(fact.color)
        bands.append(
            Band(
                index=i,
                name=names[i],
                dtype=fact.dtype,
                common_name=common or (described[i] if described[i] not in nearest else None),
                wavelength_um=centre,
                fwhm_um=width,
                scale=fact.scale,
                offset=fact.offset,
                nodata=fact.nodata,
                unit=fact.unit or None,
                description=fact.description or None,
            )
        )
    return BandSet(bands)


_COLORS = {
    "red": "red",
    "green": "green",
    "blue": "blue",
    "yellow": "yellow",
    "coastal": "coastal",
    "pan": "pan",
    "rededge": "rededge",
    "nir": "nir",
    "lwir": "lwir",
    "tir": "lwir",
}
"""Colour interpretation → common name; ``swir`` and ``mwir`` are too wide to mean one."""

_ALIASES = {
    "coastal": "coastal", "coastalblue": "coastal", "coastalaerosol": "coastal", "deepblue": "coastal",
    "aerosol": "coastal", "blue": "blue", "green": "green", "greeni": "green05", "green1": "green05",
    "yellow": "yellow", "red": "red", "rededge": "rededge", "vegetationrededge": "rededge",
    "rededge1": "rededge071", "rededge2": "rededge075", "rededge3": "rededge078",
    "nir": "nir", "nir1": "nir", "nearinfrared": "nir", "nearir": "nir", "infrared": "nir", "nirbroad": "nir",
    "nirnarrow": "nir08", "narrownir": "nir08", "nir2": "nir09", "watervapour": "nir09", "watervapor": "nir09",
    "cirrus": "cirrus", "swir1": "swir16", "swir2": "swir22", "pan": "pan", "panchromatic": "pan",
    "tir": "lwir", "thermal": "lwir", "thermalinfrared": "lwir", "tirs1": "lwir11", "tirs2": "lwir12",
    **{name: name for name in COMMON_WAVELENGTHS_UM},
}  # fmt: skip
"""Words of descriptions, without spaces and signs → common name."""

_SENTINEL_2 = {
    "1": "coastal", "2": "blue", "3": "green", "4": "red", "5": "rededge071", "6": "rededge075", "7": "rededge078",
    "8": "nir", "8A": "nir08", "9": "nir09", "10": "cirrus", "11": "swir16", "12": "swir22",
}  # fmt: skip

_LANDSAT_8 = {
    "1": "coastal", "2": "blue", "3": "green", "4": "red", "5": "nir08", "6": "swir16", "7": "swir22",
    "8": "pan", "9": "cirrus", "10": "lwir11", "11": "lwir12",
}  # fmt: skip

_LANDSAT_5 = {"1": "blue", "2": "green", "3": "red", "4": "nir", "5": "swir16", "6": "lwir", "7": "swir22"}

_NUMBERED = re.compile(r"^(?P<kind>SR_|ST_)?B(?:AND[ _]?)?(?P<number>0?\d{1,2}A?)\b", re.IGNORECASE)
_NANOMETRES = re.compile(r"(?P<value>\d{3,5}(?:\.\d+)?)\s*nm\b", re.IGNORECASE)
_WAVELENGTH_KEYS = ("central_wavelength_um", "wavelength_um", "central_wavelength_nm", "wavelength_nm", "wavelength")
_FWHM_KEYS = ("fwhm_um", "fwhm_nm", "fwhm")


def _name(index: int, fact: BandFacts, common: str | None) -> str:
    """Return the identifier of a band, not yet unique."""
    text = re.split(r"[,;:(\[]", fact.description, maxsplit=1)[0].strip()
    if common is not None and _squeeze(text) in _ALIASES and not _NUMBERED.match(text):
        return identifier(text).lower()
    return identifier(text) or _COLORS.get(fact.color, f"band_{index + 1}")


def _from_wavelengths(centres: Sequence[float | None]) -> list[str | None]:
    """Return the common name that each centre wavelength stands for.

    Where several bands fall into one name's range (a spectrometer), the one
    nearest to its typical wavelength takes the name.
    """
    best: dict[str, tuple[float, int]] = {}
    for i, centre in enumerate(centres):
        if centre is None:
            continue
        for name, (low, typical, high) in COMMON_WAVELENGTHS_UM.items():
            if low <= centre < high:
                best[name] = min(best.get(name, (float("inf"), i)), (abs(centre - typical), i))
                break
    names: list[str | None] = [None] * len(centres)
    for name, (_, i) in best.items():
        names[i] = name
    return names


def _from_descriptions(descriptions: Sequence[str]) -> list[str | None]:
    """Return the common name that each description means, None where it says nothing sure."""
    table = _sensor_table(descriptions)
    names: list[str | None] = []
    for text in descriptions:
        match = _NUMBERED.match(text.strip())
        word = _ALIASES.get(_squeeze(re.split(r"[,;:(\[]", text, maxsplit=1)[0]))
        names.append(table.get(match["number"].lstrip("0").upper()) if match and word is None else word)
    taken: set[str] = set()
    for i, name in enumerate(names):  # a name that two bands claim belongs to the first
        if name in taken:
            names[i] = None
        elif name is not None:
            taken.add(name)
    return names


def _sensor_table(descriptions: Sequence[str]) -> Mapping[str, str]:
    """Return what the numbers in descriptions such as ``B02`` mean, judged from the whole set.

    Sentinel-2 and Landsat number differently, so a number counts only where
    another band gives the sensor away: B8A and B12 exist on Sentinel-2 alone,
    and B08 with a leading zero; ``SR_B6`` is Landsat 8 or 9 and ``ST_B6`` an
    older one.  With leading zeros the first four mean the same on Sentinel-2
    and in NASA's harmonised Landsat.
    """
    matches = [match for text in descriptions if (match := _NUMBERED.match(text.strip()))]
    labels = {f"{match['kind'] or ''}{match['number']}".upper() for match in matches}
    if labels & {"SR_6", "ST_10"}:
        return _LANDSAT_8
    if "ST_6" in labels:
        return _LANDSAT_5
    if any(match["kind"] for match in matches):
        return {}
    if labels & {"8A", "08A", "12", "08"}:
        return _SENTINEL_2
    if labels and all(label.startswith("0") for label in labels - {"10", "11"}):
        return {number: _SENTINEL_2[number] for number in "1234"}
    return {}


def _wavelengths(facts: Sequence[BandFacts], tags: Mapping[str, str]) -> list[tuple[float | None, float | None]]:
    """Return centre and width in micrometres of each band, None where unknown."""
    listed = _number_list(tags.get("wavelength", ""), len(facts))
    widths = _number_list(tags.get("fwhm", ""), len(facts))
    unit = tags.get("wavelength_units", "")
    found = []
    for i, fact in enumerate(facts):
        own_unit = fact.tags.get("wavelength_units", unit)
        centre = _tagged(fact.tags, _WAVELENGTH_KEYS, own_unit)
        width = _tagged(fact.tags, _FWHM_KEYS, own_unit)
        if centre is None and listed:
            centre, width = _micrometres(listed[i], unit), _micrometres(widths[i], unit) if widths else None
        match = _NANOMETRES.search(fact.description)
        if centre is None and match:
            centre = float(match["value"]) / 1000
        found.append((centre, width))
    return found


def _tagged(tags: Mapping[str, str], keys: Sequence[str], unit: str) -> float | None:
    """Return the first of several tags as micrometres."""
    for key in keys:
        try:
            value = float(tags[key].split()[0])
        except (KeyError, ValueError, IndexError):
            continue
        suffix = key.rsplit("_", 1)[-1]
        return _micrometres(value, {"nm": "nanometers", "um": "micrometers"}.get(suffix, unit))
    return None


def _micrometres(value: float, unit: str) -> float | None:
    """Return a wavelength in micrometres; without a unit, numbers above 100 can only be nanometres."""
    if not 0 < value < 1e7:
        return None
    named = unit.strip().casefold()
    if named.startswith(("nano", "nm")) or (not named.startswith(("micro", "um", "µm")) and value > 100):
        return round(value / 1000, 9)
    return value


def _number_list(text: str, count: int) -> list[float]:
    """Return the numbers of an ENVI list ``{0.49, 0.56}`` if there is one per band, else nothing."""
    try:
        numbers = [float(part) for part in text.strip(" {}").split(",")]
    except ValueError:
        return []
    return numbers if len(numbers) == count else []


def _squeeze(text: str) -> str:
    """Return text in lower case without anything but letters and digits."""
    return re.sub(r"[^0-9a-z]", "", text.casefold())

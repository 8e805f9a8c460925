"""Bands and the names that they go by.

A band's *name* is an identifier that is unique in its scene; its *common name*
says what part of the spectrum it sees, in the words of STAC's eo extension,
and may be asked for in its place.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, cast, overload

import numpy as np

from napari_geolabel.errors import BandNotFoundError, SceneError

FUNCTION_NAMES = frozenset({"min", "max", "abs", "sqrt", "log", "where", "clip"})
"""Names that expressions use themselves, so that no band may be called by them."""

COMMON_WAVELENGTHS_UM: dict[str, tuple[float, float, float]] = {
    "coastal": (0.400, 0.443, 0.452),
    "blue": (0.452, 0.490, 0.515),
    "green05": (0.525, 0.531, 0.537),
    "green": (0.515, 0.560, 0.595),
    "yellow": (0.595, 0.610, 0.618),
    "red": (0.618, 0.665, 0.690),
    "rededge071": (0.690, 0.705, 0.725),
    "rededge075": (0.725, 0.740, 0.760),
    "rededge078": (0.760, 0.783, 0.796),
    "nir": (0.796, 0.833, 0.853),
    "nir08": (0.853, 0.865, 0.885),
    "nir09": (0.925, 0.945, 0.965),
    "cirrus": (1.355, 1.375, 1.395),
    "swir16": (1.550, 1.610, 1.750),
    "swir22": (2.080, 2.200, 2.350),
    "lwir11": (10.30, 10.90, 11.50),
    "lwir12": (11.50, 12.00, 12.60),
}
"""STAC common name → lowest, typical and highest centre wavelength in micrometres.

After STAC's eo extension 2.0 with the bands of Sentinel-2, Landsat and PlanetScope;
narrow names come before the wide ones that contain them.
"""

COMMON_NAMES = frozenset(COMMON_WAVELENGTHS_UM) | {"pan", "rededge", "lwir"}
"""All common names that STAC's eo extension knows."""

SUBSTITUTES: dict[str, tuple[str, ...]] = {
    "nir": ("nir08",),
    "nir08": ("nir",),
    "rededge": ("rededge071", "rededge075", "rededge078"),
    "rededge071": ("rededge",),
    "rededge075": ("rededge",),
    "rededge078": ("rededge",),
    "lwir": ("lwir11", "lwir12"),
    "lwir11": ("lwir",),
    "lwir12": ("lwir",),
    "green": ("green05",),
}
"""Common name → what may stand in for it where a scene does not have it, best first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """One band of a scene."""

    index: int
    """Place in the file, from 0."""

    name: str
    """Unique identifier, usable in expressions: ``[A-Za-z_][A-Za-z0-9_]*``."""

    dtype: str
    """Data type in the file, as numpy names it."""

    common_name: str | None = None
    """STAC common name (``red``, ``nir08``, ``swir16``), None where unknown."""

    wavelength_um: float | None = None
    """Centre wavelength in micrometres."""

    fwhm_um: float | None = None
    """Full width at half maximum in micrometres."""

    scale: float = 1.0
    """Physical value = ``scale * stored + offset``."""

    offset: float = 0.0
    """See ``scale``."""

    nodata: float | None = None
    """Stored value that means "no data"."""

    unit: str | None = None
    """Unit of the physical value."""

    description: str | None = None
    """The file's own text about the band."""

    @property
    def is_scaled(self) -> bool:
        """Whether stored and physical values differ."""
        return (self.scale, self.offset) != (1.0, 0.0)

    @property
    def title(self) -> str:
        """What a menu shows: the name, and the common name where it says more."""
        known = self.common_name is None or self.common_name.casefold() == self.name.casefold()
        return self.name if known else f"{self.name} ({self.common_name})"


class BandFields(TypedDict, total=False):
    """What a person may say of a band."""

    name: str
    common_name: str | None
    wavelength_um: float | None
    scale: float
    offset: float
    nodata: float | None


BandEdits = Mapping[int, BandFields]
"""Index of a band → what a person says of it."""


class BandSet(Sequence[Band]):
    """The bands of a scene, in the order of the file.

    Parameters
    ----------
    bands
        The bands; their names must be unique.
    """

    def __init__(self, bands: Iterable[Band]) -> None:
        self._bands = tuple(bands)
        self._by_name = {band.name: band for band in self._bands}
        if len(self._by_name) != len(self._bands):
            raise SceneError(f"two bands share a name among {', '.join(b.name for b in self._bands)}; name them apart")
        self._by_common_name: dict[str, Band] = {}
        for band in self._bands:
            if band.common_name is not None:
                self._by_common_name.setdefault(band.common_name, band)

    @property
    def names(self) -> tuple[str, ...]:
        """The band names in file order."""
        return tuple(self._by_name)

    @property
    def is_named(self) -> bool:
        """Whether any band has a common name."""
        return bool(self._by_common_name)

    def find(self, name: str) -> Band:
        """Return a band by its name, else its common name, else a common name that may stand in.

        Raises
        ------
        BandNotFoundError
            If there is none; the sentence names the bands there are.
        """
        for table in (self._by_name, self._by_common_name):
            if name in table:
                return table[name]
        for substitute in SUBSTITUTES.get(name, ()):
            if substitute in self._by_common_name:
                return self._by_common_name[substitute]
        for band in self._bands:  # capitals are rarely meant to tell bands apart
            if name.casefold() in (band.name.casefold(), band.common_name):
                return band
        way_out = "" if self.is_named else "; say which is which by naming all bands in order (bands=, --bands)"
        raise BandNotFoundError(f"no band named {name!r}; this scene has {self._listing()}{way_out}")

    def renamed(self, names: Sequence[str]) -> BandSet:
        """Return the same bands under names that a person gave.

        Parameters
        ----------
        names
            One per band, in file order.  A STAC common name (``"red"``) is
            taken as both, ``"name=common"`` gives the two apart, anything else
            is the name alone.

        Raises
        ------
        SceneError
            If the count is wrong, a common name is unknown, or two names are the same.
        """
        if len(names) != len(self):
            raise SceneError(
                f"{len(names)} band names were given ({', '.join(names)}) and the file has {len(self)} bands; "
                "give one name per band"
            )
        return BandSet(_named(band, text) for band, text in zip(self, names, strict=True))

    def edited(self, edits: BandEdits) -> BandSet:
        """Return the same bands as a person knows them better.

        Raises
        ------
        SceneError
            If a value makes no sense, or two names are the same.
        """
        claimed = [name for band in self if (name := edits.get(band.index, {}).get("common_name"))]
        twice = next((name for name in claimed if claimed.count(name) > 1), None)
        if twice is not None:
            raise SceneError(f"two bands are said to be {twice!r}; give one of them another common name, or none")
        known = (_yielding(band, claimed) for band in self)
        return BandSet(_edited(band, edits[band.index]) if band.index in edits else band for band in known)

    @overload
    def __getitem__(self, index: int) -> Band: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Band, ...]: ...
    def __getitem__(self, index: int | slice) -> Band | tuple[Band, ...]:
        return self._bands[index]

    def __len__(self) -> int:
        return len(self._bands)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BandSet) and self._bands == other._bands

    def __hash__(self) -> int:
        return hash(self._bands)

    def __repr__(self) -> str:
        return f"BandSet({', '.join(band.title for band in self._bands)})"

    def _listing(self) -> str:
        """Return the names for a message, cut short where they are many."""
        titles = [band.title for band in self._bands]
        return ", ".join(titles) if len(titles) <= 24 else f"{', '.join(titles[:24])} and {len(titles) - 24} more"


def identifier(text: str) -> str:
    """Return text as an identifier that an expression can use, ``""`` where nothing is left of it."""
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")[:48].strip("_")
    if not name:
        return ""
    if name[0].isdigit():
        name = f"band_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in FUNCTION_NAMES else name


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names in which none occurs twice: ``red, red`` becomes ``red, red_2``."""
    taken: set[str] = set()
    unique = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        unique.append(candidate)
    return unique


def storable(nodata: float | None, dtype: np.dtype[Any]) -> np.generic | None:
    """Return a nodata value in the type of the data, None where there is none that pixels could equal."""
    if nodata is None or np.isnan(nodata):
        return None  # NaN is never valid, named or not
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            value: np.generic = dtype.type(nodata)
        return value
    limits = np.iinfo(dtype)
    if not float(nodata).is_integer() or not limits.min <= nodata <= limits.max:
        return None
    whole: np.generic = dtype.type(int(nodata))
    return whole


def without_names(edits: BandEdits) -> BandEdits:
    """Return what edits say besides names, for bands that get new names."""
    kept = {
        index: {key: value for key, value in fields.items() if "name" not in key} for index, fields in edits.items()
    }
    return cast("BandEdits", kept)


def _yielding(band: Band, claimed: Sequence[str]) -> Band:
    """Return a band without its common name where a person says that another one is that."""
    return replace(band, common_name=None) if band.common_name in claimed else band


def _edited(band: Band, fields: BandFields) -> Band:
    """Return a band with some fields as a person gives them."""
    unknown = set(fields) - set(BandFields.__annotations__)
    if unknown:
        raise SceneError(f"a band has no {', '.join(sorted(unknown))}; give {', '.join(BandFields.__annotations__)}")
    known = replace(band, **cast("Any", fields))
    known = replace(known, common_name=known.common_name or None)
    if not known.name or identifier(known.name) != known.name:
        raise SceneError(f"{known.name!r} cannot name band {band.index + 1}; use letters, digits and underscores")
    if known.common_name is not None and known.common_name not in COMMON_NAMES:
        raise SceneError(f"{known.common_name!r} is not a common name; use one of {', '.join(sorted(COMMON_NAMES))}")
    if known.wavelength_um is not None and not 0 < known.wavelength_um < math.inf:
        raise SceneError(f"{known.wavelength_um} is no wavelength of band {known.name}; give micrometres above 0")
    if not (math.isfinite(known.scale) and math.isfinite(known.offset)) or known.scale == 0:
        raise SceneError(
            f"scale {known.scale} and offset {known.offset} of band {known.name} must be finite, and the scale not 0"
        )
    if fields.get("nodata") is not None and not _can_mean_nodata(known.nodata, np.dtype(known.dtype)):
        raise SceneError(
            f"no pixel of band {known.name} can be {known.nodata}, since it holds {known.dtype}; "
            "give a nodata value that it can hold, or none"
        )
    return known


def _can_mean_nodata(nodata: float | None, dtype: np.dtype[Any]) -> bool:
    """Return whether pixels as they are read can equal a value; complex ones are read as floating point."""
    return dtype.kind not in "iu" or storable(nodata, dtype) is not None


def _named(band: Band, text: str) -> Band:
    """Return a band under the name, or ``name=common``, that a person typed."""
    name, _, common = (part.strip() for part in text.partition("="))
    if common and common.casefold() not in COMMON_NAMES:
        raise SceneError(f"{common!r} in {text!r} is not a common name; use one of {', '.join(sorted(COMMON_NAMES))}")
    if not common and name.casefold() in COMMON_NAMES:
        name = common = name.casefold()
    if not identifier(name):
        raise SceneError(f"{text!r} cannot name band {band.index + 1}; use letters, digits and underscores")
    return replace(band, name=identifier(name), common_name=common.casefold() or None)

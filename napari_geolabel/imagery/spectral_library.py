"""Spectra to compare with: those that come with the package, and those that a person keeps.

A curve of the library stands for a material seen from near.  A scene sees it
through the air, mixed with others, and with its own bands: `LibraryCurve.at`
resamples the curve to these.  One's own curves lie in a CSV file in the folder
of the user's settings, in the form in which spectra are exported.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import numpy as np

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.files import atomic_write, require_file
from napari_geolabel.imagery.bands import Band, unique_names
from napari_geolabel.imagery.spectrum import Spectrum, plain_cell

REFLECTANCE = "Reflectance"
"""What the values of the package's own curves are."""

_COLUMNS = ("title", "wavelength_um", "mean", "std", "quantity")
_FEWEST = 2  # points of a curve
_SAMPLES = 41  # across a band
_MAX_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class LibraryCurve:
    """Values against wavelength, with where they come from."""

    id: str
    title: str
    wavelengths_um: tuple[float, ...]
    """Ascending, in micrometres."""

    values: tuple[float, ...]
    std: tuple[float, ...] | None = None
    """Standard deviations; None where they are not known."""

    source: str = ""
    """Paper, code or file that it was taken from."""

    color: str | None = None
    """``#rrggbb``; None leaves it open."""

    quantity: str = REFLECTANCE
    """What the values are, in the words of the axis of a plot."""

    def at(self, bands: Iterable[Band]) -> Spectrum:
        """Return the curve as bands see it.

        Of a band with a known width the mean over the part of it that the curve
        covers, of others the value at the centre, interpolated between
        neighbours; NaN where the centre lies outside the curve or is not known.
        """
        wanted = tuple(bands)
        places = np.array(self.wavelengths_um)
        spread = self.std or (0.0,) * len(places)
        return Spectrum(
            title=self.title,
            bands=wanted,
            mean=tuple(_seen_by(band, places, np.array(self.values)) for band in wanted),
            std=tuple(_seen_by(band, places, np.array(spread)) for band in wanted),
            count=(0,) * len(wanted),
        )


def spectral_library() -> Mapping[str, LibraryCurve]:
    """Return all curves, id → curve: those of the package first, then one's own.

    Raises
    ------
    FormatError
        If the file of one's own curves is damaged.
    """
    return MappingProxyType({**built_in_curves(), **own_curves()})


@cache
def built_in_curves() -> Mapping[str, LibraryCurve]:
    """Return the curves that come with the package, id → curve."""
    text = (files("napari_geolabel.imagery") / "library_spectra.toml").read_text("utf-8")
    found = {}
    for id_, plain in tomllib.loads(text).items():
        count = len(plain["values"])
        found[id_] = LibraryCurve(
            id=id_,
            title=plain["title"],
            wavelengths_um=tuple(round(plain["first_um"] + plain["step_um"] * i, 6) for i in range(count)),
            values=tuple(plain["values"]),
            source=plain["source"],
            color=plain["color"],
        )
    return MappingProxyType(found)


def own_library_path() -> Path:
    """Return the file of the user's own curves; there may be none yet."""
    from platformdirs import user_config_path

    return user_config_path("napari-geolabel", appauthor=False) / "spectra.csv"


def own_curves() -> Mapping[str, LibraryCurve]:
    """Return the curves that the user keeps, id → curve; none where nothing is kept."""
    path = own_library_path()
    return {curve.id: curve for curve in read_curves(path)} if path.is_file() else {}


def keep_curves(curves: Iterable[LibraryCurve]) -> list[LibraryCurve]:
    """Keep curves for later sessions; those of the same title and quantity are replaced.

    Returns
    -------
    list of LibraryCurve
        The curves as they are kept, under the ids that they have in the library.

    Raises
    ------
    FormatError
        If one has the id of a curve that comes with the package, or the file of one's own is damaged.
    WriteError
        If the folder of the user's settings cannot be written.
    """
    added = {(curve.title, curve.quantity): curve for curve in curves}
    for curve in added.values():
        if curve.id in built_in_curves():
            raise FormatError(f"{curve.title!r} is the name of a curve that comes with napari-geolabel; take another")
    # ids are made of titles, and several titles may make the same: no curve takes another's place for that
    kept = {(curve.title, curve.quantity): curve for curve in own_curves().values()}
    _write_own({**kept, **added}.values())
    return [curve for curve in own_curves().values() if (curve.title, curve.quantity) in added]


def forget_curve(curve_id: str) -> None:
    """Keep a curve of one's own no longer.

    Raises
    ------
    FormatError
        If it is none of one's own.
    """
    kept = dict(own_curves())
    if kept.pop(curve_id, None) is None:
        raise FormatError(f"{curve_id!r} is no curve of your own; there are {', '.join(kept) or 'none'}")
    _write_own(kept.values())


def curve_of(spectrum: Spectrum, *, title: str = "", quantity: str = REFLECTANCE, source: str = "") -> LibraryCurve:
    """Return what was seen in a scene as a curve, to be kept and compared with in others.

    Raises
    ------
    FormatError
        If fewer than two of its bands have a wavelength and a value.
    """
    name = title or spectrum.title
    points = spectrum.points
    return _curve(name, points, quantity=quantity, source=source)


def read_curves(path: str | Path) -> list[LibraryCurve]:
    """Return the curves of a CSV file, each with an id of its own.

    It needs a column ``wavelength_um`` and a column ``mean`` (or ``value``, or
    ``reflectance``); ``title``, ``std`` and ``quantity`` may stand beside them.
    What *Export CSV…* and ``write_spectra`` write is read.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If a column is missing or a number is none; the sentence says where.
    """
    found = require_file(path)
    columns, rows = _rows_of(found)
    value = next((name for name in ("mean", "value", "reflectance") if name in columns), None)
    if value is None or "wavelength_um" not in columns:
        raise FormatError(
            f"{found.name} needs the columns wavelength_um and mean, value or reflectance; "
            f"it has {', '.join(columns) or 'none'}"
        )
    points: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for line, row in enumerate(rows, 2):
        place, mean, std = (_number(row.get(name), found.name, line) for name in ("wavelength_um", value, "std"))
        if not math.isnan(place) and not math.isnan(mean):
            title = (row.get("title") or found.stem).removeprefix("'")
            points.setdefault((title, row.get("quantity") or REFLECTANCE), []).append((place, mean, std))
    curves = [_curve(title, each, quantity=kind, source=found.name) for (title, kind), each in points.items()]
    ids = unique_names(curve.id for curve in curves)
    return [replace(curve, id=id_) for curve, id_ in zip(curves, ids, strict=True)]


def write_curves(path: str | Path, curves: Iterable[LibraryCurve]) -> None:
    """Write curves as a CSV file that `read_curves` reads.

    Raises
    ------
    WriteError
        If the file cannot be written; what stood there before is untouched.
    """
    with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for curve in curves:
            spread: Sequence[float | str] = curve.std or [""] * len(curve.values)
            for row in zip(curve.wavelengths_um, curve.values, spread, strict=True):
                writer.writerow([plain_cell(curve.title), *row, curve.quantity])


def _write_own(curves: Iterable[LibraryCurve]) -> None:
    path = own_library_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path.parent} cannot be made ({error.strerror}); nothing is kept") from error
    write_curves(path, curves)


def _rows_of(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns of a table and its rows, column → text."""
    if path.stat().st_size > _MAX_BYTES:
        raise FormatError(f"{path.name} is larger than {_MAX_BYTES // 1_000_000} MB, too large for a table of spectra")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader.fieldnames or []), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path.name} is no table of comma-separated values in UTF-8 ({error})") from error


def _curve(title: str, points: Iterable[tuple[float, float, float]], *, quantity: str, source: str) -> LibraryCurve:
    ordered = sorted(points)
    if len(ordered) < _FEWEST:
        raise FormatError(f"{title!r} has {len(ordered)} values with a wavelength; a curve needs {_FEWEST}")
    wavelengths, values, std = zip(*ordered, strict=True)
    return LibraryCurve(
        id=_id_of(title),
        title=title,
        wavelengths_um=wavelengths,
        values=values,
        std=None if any(math.isnan(each) for each in std) or not any(std) else std,
        source=source,
        quantity=quantity,
    )


def _id_of(title: str) -> str:
    return re.sub(r"\W+", "_", title.casefold()).strip("_") or "curve"


def _number(text: str | None, name: str, line: int) -> float:
    """Return the number of a cell, NaN where it is empty."""
    if text is None or not text.strip():
        return math.nan
    try:
        value = float(text)
    except ValueError as error:
        raise FormatError(f"{name}, line {line}: {text[:40]!r} is no number") from error
    if math.isinf(value):
        raise FormatError(f"{name}, line {line}: {text[:40]!r} is no finite number")
    return value


def _seen_by(band: Band, places: np.ndarray, values: np.ndarray) -> float:
    """Return what a band sees of a curve."""
    centre = band.wavelength_um
    if centre is None or not places[0] <= centre <= places[-1]:
        return math.nan
    half = (band.fwhm_um or 0.0) / 2
    across = np.linspace(max(centre - half, places[0]), min(centre + half, places[-1]), _SAMPLES)
    return float(np.interp(across, places, values).mean())

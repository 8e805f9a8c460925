"""Composites: what of a scene is put on screen, and how.

A ``Composite`` is intent: three common names, indices or expressions, or one,
and a stretch.  ``resolve`` makes it concrete for the bands of a scene, or says
which one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import BandNotFoundError, CompositeError, ExpressionError
from napari_geolabel.imagery.bands import COMMON_NAMES, COMMON_WAVELENGTHS_UM, Band, BandSet
from napari_geolabel.imagery.expression import Expression, parse_expression, scale_matters, with_values
from napari_geolabel.imagery.indices import indices
from napari_geolabel.imagery.stretch import Stretch

AUTOMATIC = Stretch.percentile(0.5, 99.5, gamma="auto")
"""The stretch to begin with: wide limits keep the texture of clouds, and gamma lifts dark land and water."""

PALETTE = "palette"
"""The colormap that stands for the file's own colour table."""

WAVELENGTH = "wavelength_"
"""What the name of a band's centre wavelength in micrometres begins with, in expressions: ``wavelength_nir``."""


@dataclass(frozen=True, kw_only=True)
class Composite:
    """Three channels shown as red, green and blue, or one shown in a colormap."""

    id: str
    """Stable name, as scripts and the command line use it."""

    title: str
    """What a menu shows."""

    channels: tuple[str, ...]
    """One or three band names, common names, ids of indices, or expressions of these."""

    stretch: Stretch = AUTOMATIC
    colormap: str | None = None
    """Name of a colormap for one channel, gray where None; ``colormaps.COLORMAPS`` lists them."""

    description: str = ""
    """What it is good for: what shows how."""

    def __post_init__(self) -> None:
        if len(self.channels) not in (1, 3):
            raise CompositeError(
                f"composite {self.id!r} has {len(self.channels)} channels; give one, or three for red, green, blue"
            )


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel of a composite, resolved for the bands of a scene."""

    bands: Mapping[str, Band]
    """The bands it needs, under the names that its text uses."""

    expression: Expression | None = None
    """What is computed from them; None shows the one band as it is."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this channel from others of the same scene."""
        return self.expression.text if self.expression else None, *(band.name for band in self.bands.values())

    def compute(self, values: Mapping[int, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return the channel's values, NaN where invalid, from scaled values by band index.

        The result may be one of the given arrays.
        """
        if self.expression is None:
            return values[next(iter(self.bands.values())).index]
        return self.expression.compute({name: values[band.index] for name, band in self.bands.items()})

    @property
    def unscaled(self) -> tuple[Band, ...]:
        """The bands whose values have no scale, where a scale would change the channel's values."""
        found = tuple(band for band in self.bands.values() if not band.is_scaled)
        if self.expression is None or len(found) < len(self.bands):
            return found
        return found if scale_matters(self.expression) else ()


@dataclass(frozen=True, kw_only=True)
class ResolvedComposite:
    """A composite whose channels are tied to bands."""

    composite: Composite
    channels: tuple[Channel, ...]

    @property
    def indexes(self) -> tuple[int, ...]:
        """The indexes of all bands that are needed, each once."""
        return tuple(dict.fromkeys(band.index for channel in self.channels for band in channel.bands.values()))

    @cached_property
    def stand_ins(self) -> Mapping[str, Band]:
        """Common name → the band of another common name that is taken for it (``nir`` → the band of ``nir08``)."""
        return {
            name: band
            for channel in self.channels
            for name, band in channel.bands.items()
            if name in COMMON_NAMES and name not in (band.common_name, band.name)
        }

    @cached_property
    def unscaled(self) -> tuple[Band, ...]:
        """The bands whose values have no scale, where a scale would change what is shown.

        Integers are surely no reflectance then; floating point may be.
        """
        return tuple({band.index: band for channel in self.channels for band in channel.unscaled}.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, one sentence each: bands that stand in, numbers that are no reflectance."""
        stand_ins = (f"{band.title} stands in for {name}" for name, band in self.stand_ins.items())
        return (*stand_ins, *notes_on(self.channels))

    @property
    def description(self) -> str:
        """What it is good for, and the notes, as a tooltip shows them."""
        parts = (self.composite.description, *(f"{note}." for note in self.notes))
        return " ".join(part for part in parts if part)


def notes_on(channels: Sequence[Channel]) -> tuple[str, ...]:
    """Return a sentence that warns of an expression of bands without a scale, none where there is no such channel."""
    for channel in channels:
        stored = [band.name for band in channel.unscaled if _is_stored_reflectance(band)]
        if channel.expression is not None and stored:
            verb = "holds" if len(stored) == 1 else "hold"
            return (
                f"{', '.join(stored)} {verb} stored numbers without a scale, so that {channel.expression.text} is not "
                "what it is in reflectance; choose the sensor, or give the band's scale and offset",
            )
    return ()


def resolve(composite: Composite, bands: BandSet) -> ResolvedComposite:
    """Return a composite tied to the bands of a scene.

    Raises
    ------
    BandNotFoundError
        If a band is missing; the sentence names it.
    ExpressionError
        If a channel is neither a name nor an expression.
    """
    return ResolvedComposite(
        composite=composite, channels=tuple(resolve_channel(text, bands) for text in composite.channels)
    )


def resolve_channel(text: str, bands: BandSet) -> Channel:
    """Return a band name, common name, index or expression tied to the bands of a scene.

    A name that no band has may be that of an index, and ``wavelength_red`` is
    a band's centre in micrometres.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    ExpressionError
        If the text is none of these.
    """
    expression = _expanded(text, bands)
    if isinstance(expression, str):
        return Channel(bands={expression: bands.find(expression)})
    return Channel(bands={each: bands.find(each) for each in expression.names}, expression=expression)


def missing_bands(composite: Composite, bands: BandSet) -> tuple[str, ...]:
    """Return the names of the bands that a composite needs and a scene does not have, each once."""
    missing: dict[str, None] = {}
    for text in composite.channels:
        expression = _expanded(text, bands)
        for name in (expression,) if isinstance(expression, str) else expression.names:
            if not _has(bands, name):
                missing.setdefault(name)
    return tuple(missing)


def resolve_names(composite: Composite) -> tuple[str, ...]:
    """Return the names of all bands that a composite needs, those of its indices included.

    Raises
    ------
    ExpressionError
        If a channel is neither a name nor an expression.
    """
    return missing_bands(composite, BandSet(()))


def _expanded(text: str, bands: BandSet) -> Expression | str:
    """Return a channel's text as the name of a band, or as an expression of bands alone."""
    name = text.strip()
    if _NAME.fullmatch(name) and (_has(bands, name) or name not in indices()):
        return name
    expression = parse_expression(name)
    parts: dict[str, float | Expression] = {}
    for each in expression.names:
        if _has(bands, each):
            continue
        if each in indices():
            part = _expanded(indices()[each].expression, bands)
            parts[each] = part if isinstance(part, Expression) else parse_expression(part)
        elif each.startswith(WAVELENGTH):
            parts[each] = _wavelength_um(each.removeprefix(WAVELENGTH), bands)
    filled = with_values(expression, parts) if parts else expression
    if not filled.names:
        raise ExpressionError(f"{text!r} reads no band, only wavelengths; name a band too, as in nir * {WAVELENGTH}nir")
    return filled


def _is_stored_reflectance(band: Band) -> bool:
    """Return whether a band without a scale surely holds something else than reflectance that could be reflectance."""
    return np.dtype(band.dtype).kind in "iu" and band.name not in _RADAR


def _wavelength_um(name: str, bands: BandSet) -> float:
    """Return the centre of a band, or the usual one of its common name.

    Raises
    ------
    BandNotFoundError
        If neither is known.
    """
    own = bands.find(name).wavelength_um if _has(bands, name) else None
    if own is None and name in COMMON_WAVELENGTHS_UM:
        own = COMMON_WAVELENGTHS_UM[name][1]
    if own is None:
        raise BandNotFoundError(f"the wavelength of {name!r} is not known; give it to the band")
    return own


def _has(bands: BandSet, name: str) -> bool:
    """Return whether bands can be found under a name."""
    try:
        bands.find(name)
    except BandNotFoundError:
        return False
    return True


_RADAR = frozenset({"VV", "VH", "HH", "HV"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

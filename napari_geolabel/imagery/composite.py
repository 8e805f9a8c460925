"""Composites: what of a scene is put on screen, and how.

A ``Composite`` is intent: three common names or one expression, and a stretch.
``resolve`` makes it concrete for the bands of a scene, or says which one is
missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.expression import Expression, parse_expression
from napari_geolabel.imagery.stretch import Stretch

AUTOMATIC = Stretch.percentile(0.5, 99.5, gamma="auto")
"""The stretch to begin with: wide limits keep the texture of clouds, and gamma lifts dark land and water."""

PALETTE = "palette"
"""The colormap that stands for the file's own colour table."""


@dataclass(frozen=True, kw_only=True)
class Composite:
    """Three channels shown as red, green and blue, or one shown in a colormap."""

    id: str
    """Stable name, as scripts and the command line use it."""

    title: str
    """What a menu shows."""

    channels: tuple[str, ...]
    """One or three band names, common names or expressions."""

    stretch: Stretch = AUTOMATIC
    colormap: str | None = None
    """Name of a colormap for one channel, gray where None; ``colormaps.COLORMAPS`` lists them."""

    description: str = ""
    """What it is good for."""

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


@dataclass(frozen=True, kw_only=True)
class ResolvedComposite:
    """A composite whose channels are tied to bands."""

    composite: Composite
    channels: tuple[Channel, ...]

    @property
    def indexes(self) -> tuple[int, ...]:
        """The indexes of all bands that are needed, each once."""
        return tuple(dict.fromkeys(band.index for channel in self.channels for band in channel.bands.values()))


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
    """Return a band name, common name or expression tied to the bands of a scene.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    ExpressionError
        If the text is neither.
    """
    name = text.strip()
    if _NAME.fullmatch(name):
        return Channel(bands={name: bands.find(name)})
    expression = parse_expression(name)
    return Channel(bands={each: bands.find(each) for each in expression.names}, expression=expression)


def composites_of(bands: BandSet, *, indexed: bool, special: Sequence[Composite] = ()) -> dict[str, Composite]:
    """Return what bands can show, id → composite: spectral composites, indices, then every band.

    ``indexed`` says that the one band holds colour indices of a palette;
    ``special`` are composites of one sensor only.
    """
    found = {composite.id: composite for composite in (*BUILT_IN, *special) if _can_be_made(composite, bands)}
    for band in bands:
        single = Composite(
            id=band.name if band.name not in found else f"{band.name}_band",
            title=band.title,
            channels=(band.name,),
            colormap=PALETTE if indexed else None,
            stretch=Stretch.fixed(0, 255) if indexed else AUTOMATIC,
            description=band.description or "",
        )
        found[single.id] = single
    return found


def default_composite_of(composites: Mapping[str, Composite], bands: BandSet, special: Sequence[Composite] = ()) -> str:
    """Return the id to begin with: true colour where it can be made, a sensor's own composite, else the first band."""
    if "true_color" in composites:
        return "true_color"
    for composite in special:
        if composite.id in composites:
            return composite.id
    return next(id_ for id_, composite in composites.items() if composite.channels == (bands[0].name,))


def find_composite(composite: Composite | str, composites: Mapping[str, Composite], bands: BandSet) -> Composite:
    """Return a composite by its id, or by any name of a band; a composite is returned as it is.

    Raises
    ------
    BandNotFoundError
        If the id is known but needs a band that is missing.
    CompositeError
        If the id is not known.
    """
    if isinstance(composite, Composite):
        return composite
    if composite in composites:
        return composites[composite]
    for known in BUILT_IN:
        if known.id == composite:
            resolve(known, bands)  # says which band is missing
    try:
        band = bands.find(composite)
    except BandNotFoundError:
        raise CompositeError(f"no composite named {composite!r}; this scene has {', '.join(composites)}") from None
    return next(each for each in composites.values() if each.channels == (band.name,))


BUILT_IN: tuple[Composite, ...] = (
    Composite(
        id="true_color",
        title="True colour",
        channels=("red", "green", "blue"),
        description="As the eye sees it.",
    ),
    Composite(
        id="false_color",
        title="False colour (near infrared)",
        channels=("nir", "red", "green"),
        description="Vegetation red, water dark; ships and wakes stand out.",
    ),
    Composite(
        id="ndvi",
        title="NDVI",
        channels=("(nir - red) / (nir + red)",),
        stretch=Stretch.fixed(-0.2, 0.9),
        colormap="vegetation",
        description="Green vegetation (Rouse 1974).",
    ),
    Composite(
        id="ndwi",
        title="NDWI",
        channels=("(green - nir) / (green + nir)",),
        stretch=Stretch.fixed(-0.6, 0.6),
        colormap="water",
        description="Open water (McFeeters 1996).",
    ),
)
"""What is offered wherever the bands allow it, in the order of the menu."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _can_be_made(composite: Composite, bands: BandSet) -> bool:
    """Return whether the bands of a composite are there."""
    try:
        resolve(composite, bands)
    except BandNotFoundError:
        return False
    return True

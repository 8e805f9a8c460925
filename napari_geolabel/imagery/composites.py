"""Which composites there are, and which of them a scene can show.

The composites themselves are data, in ``composites.toml`` and ``indices.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery.bands import BandSet
from napari_geolabel.imagery.composite import AUTOMATIC, PALETTE, Composite, missing_bands, resolve
from napari_geolabel.imagery.composite_files import CompositeFile, composites_from
from napari_geolabel.imagery.indices import Index, indices
from napari_geolabel.imagery.stretch import Stretch

MENU_INDICES = ("ndvi", "ndwi")
"""Indices that stand among the composites of a scene; all others are found under their ids."""


def composites() -> Mapping[str, Composite]:
    """Return every composite that is offered where the bands allow it, id → composite, in the order of the menu."""
    return _built_in().composites


def favourites() -> tuple[str, ...]:
    """Return the ids that are stepped through until a person chooses others."""
    return _built_in().favourites


@lru_cache(maxsize=256)
def index_composite(index: Index) -> Composite:
    """Return an index as a composite of one channel in its colormap, over its own range."""
    return Composite(
        id=index.id,
        title=index.title,
        channels=(index.expression,),
        stretch=Stretch.fixed(*index.limits),
        colormap=index.colormap,
        description=f"{index.name}. {index.shows}",
    )


def composites_of(bands: BandSet, *, indexed: bool, special: Sequence[Composite] = ()) -> dict[str, Composite]:
    """Return what bands can show, id → composite: spectral composites, two indices, then every band.

    ``indexed`` says that the one band holds colour indices of a palette;
    ``special`` are composites of one sensor only, which go before others of the same id.
    """
    return dict(_offered_composites(bands, indexed, tuple(special)))


@lru_cache(maxsize=32)  # a window that opens asks for a hundred of them one by one
def _offered_composites(bands: BandSet, indexed: bool, special: tuple[Composite, ...]) -> Mapping[str, Composite]:
    """Return what `composites_of` does."""
    found = {id_: composite for id_, composite in _known(special).items() if not missing_bands(composite, bands)}
    found = {id_: composite if composite in special else fitted(composite, bands) for id_, composite in found.items()}
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


def indices_of(bands: BandSet) -> dict[str, Composite]:
    """Return the indices that bands can show, id → composite of one channel."""
    return dict(_offered_indices(bands)[0])


def unavailable_composites_of(bands: BandSet, special: Sequence[Composite] = ()) -> dict[str, str]:
    """Return the composites that bands cannot show, id → which band is missing, in the order of the menu."""
    return reasons(_known(special).values(), bands)


def unavailable_indices_of(bands: BandSet) -> dict[str, str]:
    """Return the indices that bands cannot show, id → which band is missing, or why its numbers do not fit."""
    return dict(_offered_indices(bands)[1])


def default_composite_of(offered: Mapping[str, Composite], bands: BandSet, special: Sequence[Composite] = ()) -> str:
    """Return the id to begin with: true colour where it can be made, a sensor's own composite, else the first band."""
    if "true_color" in offered:
        return "true_color"
    for composite in special:
        if composite.id in offered:
            return composite.id
    return next(id_ for id_, composite in offered.items() if composite.channels == (bands[0].name,))


def find_composite(composite: Composite | str, offered: Mapping[str, Composite], bands: BandSet) -> Composite:
    """Return a composite by its id, the id of an index, or any name of a band; a composite is returned as it is.

    Raises
    ------
    BandNotFoundError
        If the id is known but needs a band that is missing.
    CompositeError
        If the id is not known.
    """
    if isinstance(composite, Composite):
        return composite
    if composite in offered:
        return offered[composite]
    known = composites().get(composite)
    if known is None and composite in indices():
        known = index_composite(indices()[composite])
    if known is not None:
        resolve(known, bands)  # says which band is missing
        return fitted(known, bands)
    try:
        band = bands.find(composite)
    except BandNotFoundError:
        raise CompositeError(f"no composite named {composite!r}; this scene has {', '.join(offered)}") from None
    return next(each for each in offered.values() if each.channels == (band.name,))


def fitted(composite: Composite, bands: BandSet) -> Composite:
    """Return a composite with limits of reflectance given up where the scene's numbers are none."""
    if composite.stretch.method != "fixed" or not resolve(composite, bands).unscaled:
        return composite
    return replace(composite, stretch=AUTOMATIC)


def reasons(wanted: Iterable[Composite], bands: BandSet) -> dict[str, str]:
    """Return which of some composites bands cannot show, id → which band is missing."""
    found = {composite.id: missing_bands(composite, bands) for composite in wanted}
    return {id_: f"needs {_and(names)}, which this scene does not have" for id_, names in found.items() if names}


@lru_cache(maxsize=32)  # every step from composite to composite asks, and reading 71 formulas takes its time
def _offered_indices(bands: BandSet) -> tuple[Mapping[str, Composite], Mapping[str, str]]:
    """Return the indices that bands can show, and of the others the reason why not."""
    found = reasons((index_composite(index) for index in indices().values()), bands)
    decibels = [band.name for band in bands if band.unit == "dB"]
    for index in indices().values():
        if decibels and index.domain == "radar":
            found.setdefault(index.id, f"needs linear power, and {_and(decibels)} hold decibels")
    made = {id_: fitted(index_composite(index), bands) for id_, index in indices().items() if id_ not in found}
    return made, found


def _known(special: Sequence[Composite]) -> dict[str, Composite]:
    """Return all composites but those of bands, with a sensor's own in their places."""
    menu = {id_: index_composite(indices()[id_]) for id_ in MENU_INDICES}
    return {**composites(), **menu, **{composite.id: composite for composite in special}}


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@cache
def _built_in() -> CompositeFile:
    raw = files("napari_geolabel.imagery").joinpath("composites.toml").read_text("utf-8")
    found = composites_from(tomllib.loads(raw))
    return CompositeFile(composites=MappingProxyType(found.composites), favourites=found.favourites)

"""Composites as a ``renders`` object of STAC, which tile servers read.

After STAC's render extension 2.0: id → ``title``, ``assets``, ``rescale``,
``colormap``, ``expression``, and ``bidx`` as titiler takes it.  Bands are given
by their place in the file from 1, in expressions as ``b1``, which is the stored
value; what our own composite says stands beside it, so that nothing is lost on
the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.colormaps import colormap
from napari_geolabel.imagery.composite import PALETTE, Channel, Composite, resolve
from napari_geolabel.imagery.composite_files import composite_from, composite_to
from napari_geolabel.imagery.expression import Expression, parse_expression, with_values
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Limits, Stretch

OWN = "geolabel:composite"
"""Member that holds a composite as it is here."""

_PLACE = re.compile(r"\bb(\d+)\b")


def renders_to(scene: Scene, composites: Iterable[Composite | str], *, asset: str = "data") -> dict[str, Any]:
    """Return composites of a scene as a ``renders`` object.

    Parameters
    ----------
    scene
        Its limits are written, so that a server shows what is seen here; gamma
        and equalisation have no place in the extension and are kept for our
        own use alone.
    composites
        Composites or their ids.
    asset
        Key of the asset that holds the scene's file.

    Raises
    ------
    BandNotFoundError
        If the scene lacks a band.
    """
    return {each.id: _render(scene, each, asset) for each in map(scene.composite, composites)}


def renders_from(renders: Mapping[str, Any], bands: BandSet | None = None) -> dict[str, Composite]:
    """Return the composites of a ``renders`` object, id → composite.

    Parameters
    ----------
    renders
        Of our own making or another's.
    bands
        What ``bidx`` and ``b1`` count; without them, assets that are named as
        bands are, which is usual where each band is a file, are understood.

    Raises
    ------
    CompositeError
        If an entry cannot be understood.
    """
    return {str(id_): _composite(str(id_), entry, bands) for id_, entry in renders.items()}


def _render(scene: Scene, composite: Composite, asset: str) -> dict[str, Any]:
    resolved = resolve(composite, scene.bands)
    tone = scene.preview.tone(resolved.channels, composite.stretch)
    plain = all(channel.expression is None for channel in resolved.channels)
    found: dict[str, Any] = {"title": composite.title, "assets": [asset]}
    bands = [next(iter(channel.bands.values())) for channel in resolved.channels]
    if plain:
        found["bidx"] = [band.index + 1 for band in bands]
        found["rescale"] = [_stored(pair, band) for pair, band in zip(tone.limits, bands, strict=True)]
    else:
        found["expression"] = ";".join(_by_place(channel) for channel in resolved.channels)
        found["rescale"] = [list(pair) for pair in tone.limits]
    if composite.colormap not in (None, "gray", PALETTE):
        colors = colormap(str(composite.colormap)).tolist()
        found["colormap"] = {str(i): [*color, 255] for i, color in enumerate(colors)}
    return {**found, OWN: composite_to(composite)}


def _stored(limits: Limits, band: Band) -> list[float]:
    """Return limits of physical values as those of stored ones."""
    return sorted((limit - band.offset) / band.scale for limit in limits)


def _by_place(channel: Channel) -> str:
    """Return what a channel computes, from stored values of bands by their places."""
    if channel.expression is None:
        return _scaled(next(iter(channel.bands.values()))).text
    parts = {name: _scaled(band) for name, band in channel.bands.items()}
    return with_values(channel.expression, parts).text


def _scaled(band: Band) -> Expression:
    text = f"b{band.index + 1}"
    if band.is_scaled:
        text = f"({text} * {band.scale!r} + {band.offset!r})"
    return parse_expression(text)


def _composite(id_: str, entry: object, bands: BandSet | None) -> Composite:
    if not isinstance(entry, Mapping):
        raise CompositeError(f"the render {id_!r} is {entry!r}, which is no object")
    if OWN in entry:
        return composite_from(entry[OWN])
    channels, factors = _channels(id_, entry, bands)
    plain: dict[str, Any] = {"id": id_, "title": entry.get("title") or id_, "channels": channels}
    composite = composite_from(plain)
    pairs = _pairs(id_, entry.get("rescale"), len(channels))
    if not pairs:
        return composite
    limits = [
        (low * scale + offset, high * scale + offset)
        for (low, high), (scale, offset) in zip(pairs, factors, strict=True)
    ]
    return Composite(id=id_, title=composite.title, channels=composite.channels, stretch=Stretch.each(*limits))


def _channels(id_: str, entry: Mapping[str, Any], bands: BandSet | None) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the texts of the channels, and what makes a physical value of a stored one."""
    if "expression" in entry:
        parts = [part.strip() for part in str(entry["expression"]).split(";")]
        texts = [_PLACE.sub(lambda match: _of_stored(id_, int(match[1]), bands), part) for part in parts]
        return texts, [(1.0, 0.0)] * len(texts)
    if "bidx" in entry:
        places = entry["bidx"]
        if not isinstance(places, list) or not all(isinstance(place, int) for place in places):
            raise CompositeError(f"bidx {places!r} of the render {id_!r} is no list of places")
        names = [_name(id_, place, bands) for place in places]
        known = [bands.find(name) for name in names] if bands is not None else []
        return names, [(band.scale, band.offset) for band in known]
    assets = entry.get("assets")
    if not isinstance(assets, list) or len(assets) not in (1, 3):
        raise CompositeError(f"the render {id_!r} has neither bidx, expression nor one or three assets")
    return [str(asset) for asset in assets], [(1.0, 0.0)] * len(assets)


def _of_stored(id_: str, place: int, bands: BandSet | None) -> str:
    """Return what makes the stored value of a band, which a server computes from, of its physical one."""
    name = _name(id_, place, bands)
    if bands is None or not (band := bands.find(name)).is_scaled:
        return name
    shifted = f"({name} {'-' if band.offset > 0 else '+'} {abs(band.offset)!r})" if band.offset else name
    return shifted if band.scale == 1 else f"({shifted} / {band.scale!r})"


def _name(id_: str, place: int, bands: BandSet | None) -> str:
    if bands is None or not 1 <= place <= len(bands):
        raise CompositeError(f"the render {id_!r} needs band {place} of a file; give a scene that has it")
    return next((band.name for band in bands if band.index == place - 1), bands[place - 1].name)


def _pairs(id_: str, rescale: object, count: int) -> list[tuple[float, float]]:
    """Return the limits of each channel; one pair stands for all."""
    if rescale is None:
        return []
    try:
        pairs = [(float(low), float(high)) for low, high in rescale]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise CompositeError(f"rescale {rescale!r} of the render {id_!r} is no list of pairs of numbers") from None
    if 1 < len(pairs) < count:
        raise CompositeError(
            f"the render {id_!r} has {len(pairs)} pairs in rescale for {count} channels; give one for each, or for all"
        )
    return pairs * count if len(pairs) == 1 else pairs[:count]

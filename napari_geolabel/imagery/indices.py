"""Spectral indices: formulas in common names, as data in ``indices.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from napari_geolabel.errors import ExpressionError
from napari_geolabel.imagery.expression import parse_expression, with_values
from napari_geolabel.imagery.stretch import Limits


@dataclass(frozen=True, kw_only=True)
class Index:
    """A formula of reflectance with a name, and how its values are shown."""

    id: str
    """Stable name, which expressions and channels of composites may use: ``"ndvi"``."""

    title: str
    """What a menu shows: ``"NDVI"``."""

    name: str
    """The name written out."""

    formula: str
    """In common names of bands and in names of constants."""

    constants: tuple[tuple[str, float], ...] = ()
    """Name and value of the numbers of the formula that may be changed."""

    domain: str
    """What it is used for: vegetation, water, snow, urban, soil, burn, clouds or radar."""

    limits: Limits
    """Values that are shown in the first and last colour."""

    colormap: str
    shows: str
    """What a high value means, one sentence or two."""

    source: str
    """Where it was published."""

    differs: str = ""
    """Why its values differ from those of spyndex; empty where they do not."""

    @property
    def expression(self) -> str:
        """The formula with its constants filled in, in names of bands alone."""
        return (
            with_values(parse_expression(self.formula), dict(self.constants)).text if self.constants else self.formula
        )

    def with_constants(self, **constants: float) -> Index:
        """Return the same index with other constants: ``indices()["savi"].with_constants(L=0.25)``.

        Raises
        ------
        ExpressionError
            If the formula has no such constant.
        """
        known = dict(self.constants)
        for name in constants:
            if name not in known:
                listed = f"those of {self.id} are {', '.join(known)}" if known else f"{self.id} has none"
                raise ExpressionError(f"no constant {name!r} in {self.formula}; {listed}")
        return replace(self, constants=tuple((known | constants).items()))


def indices() -> Mapping[str, Index]:
    """Return all spectral indices, id → index, in the order of their domains."""
    return _load()


@cache
def _load() -> Mapping[str, Index]:
    raw = tomllib.loads(files("napari_geolabel.imagery").joinpath("indices.toml").read_text("utf-8"))
    return MappingProxyType({id_: _index(id_, entry) for id_, entry in raw.items()})


def _index(id_: str, entry: Mapping[str, Any]) -> Index:
    return Index(
        id=id_,
        title=entry["title"],
        name=entry["name"],
        formula=entry["formula"],
        constants=tuple(entry.get("constants", {}).items()),
        domain=entry["domain"],
        limits=(entry["range"][0], entry["range"][1]),
        colormap=entry["colormap"],
        shows=entry["shows"],
        source=entry["source"],
        differs=entry.get("differs", ""),
    )

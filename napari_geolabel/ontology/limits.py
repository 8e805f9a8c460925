"""How large things of a class are on the ground, for the check that finds slips of the hand and wrong classes."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from napari_geolabel.ontology.base import Value
from napari_geolabel.ontology.fields import Number, fault


class Size(Value):
    """Least and greatest measures, each a pair ``[least, greatest]``; a measure that is not given has no limits.

    Length and width are those of the smallest turned rectangle around an
    annotation, the length of a line is its own.
    """

    length_m: tuple[Number, Number] | None = None
    """Length in metres."""
    width_m: tuple[Number, Number] | None = None
    """Width in metres."""
    area_m2: tuple[Number, Number] | None = None
    """Area in square metres."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check that the limits are in order."""
        for field in type(self).model_fields:
            limits = getattr(self, field)
            if limits is not None and not 0 <= limits[0] <= limits[1]:
                raise fault(f"{limits[0]} to {limits[1]} is no range of sizes; put the smaller first", field)
        return self

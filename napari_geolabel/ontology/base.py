"""What all parts of the ontology are: frozen values that say in one sentence what is wrong with their fields."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.fields import fault, sentence


class Value(BaseModel):
    """A frozen value that says in one sentence what is wrong with its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  (the fields of the model)
        """Check and keep the fields, each by its name."""
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise OntologyError(sentence(error)) from error

    # Tells pydantic to build nested models itself, so that the error knows the whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="before")
    @classmethod
    def _know_the_fields(cls, data: Any) -> Any:  # noqa: ANN401
        """Refuse an unknown field with the one that was probably meant."""
        for key in data if isinstance(data, Mapping) else ():
            if key not in cls.model_fields:
                near = difflib.get_close_matches(str(key), cls.model_fields, n=1)
                way_out = f"did you mean {near[0]}?" if near else f"use {', '.join(cls.model_fields)}"
                raise fault(f"there is no such field; {way_out}", str(key))
        return data

    def with_fields(self, **fields: Any) -> Self:  # noqa: ANN401
        """Return a copy with other fields, checked.

        Raises
        ------
        OntologyError
            If a value makes no sense.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(kept | fields))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values in field order, without the fields that have their default."""
        return self.model_dump(mode="json", exclude_defaults=True)

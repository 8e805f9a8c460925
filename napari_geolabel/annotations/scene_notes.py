"""What is noted of a scene beside the ontology's questions: checked cells, bookmarks, problems that may stay.

Notes are kept among the attributes of the scene, under names that no ontology
can have.  So they are undone, journaled, merged between sessions and exported
as those are, and no file needs another schema for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from napari_geolabel.errors import AttributeValueError
from napari_geolabel.ontology.model import Attribute
from napari_geolabel.ontology.values import check_attributes

PREFIX = "geolabel:"
"""Begins the name of every note; an attribute's id has no colon."""


def notes_of(values: Mapping[str, Any], topic: str = "") -> dict[str, str]:
    """Return the notes among attributes of a scene, of one topic (``checked``) by what follows it, else by name."""
    start = f"{PREFIX}{topic}:" if topic else PREFIX
    return {name[len(start) if topic else 0 :]: text for name, text in values.items() if name.startswith(start)}


def answers_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to the ontology's questions among attributes of a scene, without notes."""
    return {name: value for name, value in values.items() if not name.startswith(PREFIX)}


def check_scene(attributes: Sequence[Attribute], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes of a scene as they are stored: answers as `check_attributes` has them, then notes.

    Raises
    ------
    AttributeValueError
        If an answer is not allowed, or a note is no text.
    """
    notes = notes_of(values)
    for name, text in notes.items():
        if not isinstance(text, str):
            raise AttributeValueError(f"{name}: a note is a text, not {text!r}; write it as one")
    return check_attributes(attributes, answers_of(values)) | notes

"""The keys of the plugin by name and group: what each is at first, and which of them a person may change.

``keys.py`` says what they do.  napari's preferences keep what a person makes
of them under these names, so a name stays when its default or its words change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOOL_KEYS: Final = {
    "box": "R",
    "rotated_box": "O",
    "polygon": "P",
    "lasso": "Shift-P",
    "ellipse": "E",
    "polyline": "L",
    "keypoint": "T",
    "skeleton": "Shift-J",
    "brush": "M",
    "hole": "Shift-H",
    "split": "Shift-S",
    "cut": "Shift-C",
    "part": "Shift-N",
    "reshape": "Shift-R",
    "adjust": "Shift-E",
    "area": "Shift-L",
    "erase_area": "Shift-X",
    "wand": "Shift-W",
    "instance": "Shift-I",
}
"""Tool name to the key that starts it; letters that classes cannot have (`HOTKEYS`), with Shift for what reshapes."""

COMMAND_KEYS: Final = {"merge": "Shift-M", "simplify": "Shift-F", "buffer": "Shift-B", "duplicate": "Shift-D"}
"""Command of the `Reshaper` to its key."""

_ARROWS = ("left", "right", "up", "down")
_DRAWING = ("box", "rotated_box", "polygon", "lasso", "ellipse", "polyline", "keypoint", "skeleton")
_PAINTING = ("brush", "area", "erase_area", "wand", "instance")

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "Seeing": {
        "next_composite": "Alt-Right",
        "previous_composite": "Alt-Left",
        **{f"favourite_{number}": f"Alt-{number}" for number in range(1, 10)},
        "toggle_favourite": "Alt-0",
        "blink": "Y",
        "hide_labels": "B",
        "linked_views": "Alt-G",
        "swipe": "Alt-W",
    },
    "Going and finding": {
        "keys": "F1",
        "attributes": "Alt-A",
        "table": "Alt-T",
        "next_annotation": "PageDown",
        "previous_annotation": "PageUp",
        "problems": "Alt-E",
        "next_problem": "F8",
        "previous_problem": "Shift-F8",
        "spectra": "Alt-S",
        "pin_spectrum": "Alt-P",
        "ontology": "Alt-O",
        "bands": "Alt-B",
        "go_to": "Alt-J",
        "bookmark": "Alt-K",
        "measure": "Alt-M",
        "next_cell": "F7",
        "nothing_here": "Shift-F7",
        "map": "F6",
        "cells": "Shift-F6",
    },
    "Classes": {"find_class": "Alt-C", "repeat": "Shift-A"},
    "Drawing": {
        **{f"tool_{name}": TOOL_KEYS[name] for name in _DRAWING},
        "snap": "Shift-G",
        "trace": "Shift-T",
        "put_away": "Z",
        "skip_point": "X",
    },
    "Changing": {
        **{f"tool_{name}": key for name, key in TOOL_KEYS.items() if name not in (*_DRAWING, *_PAINTING)},
        **COMMAND_KEYS,
        "link": "Shift-K",
        "group": "Shift-U",
        **{f"move_{arrow}": f"Shift-{arrow.title()}" for arrow in _ARROWS},
        **{f"move_{arrow}_far": f"Control-Shift-{arrow.title()}" for arrow in _ARROWS},
        "turn_left": ",",
        "turn_right": ".",
        "undo": "Control-Z",
        "redo": "Control-Shift-Z",
        "redo_too": "Control-Y",
    },
    "Painting": {f"tool_{name}": TOOL_KEYS[name] for name in _PAINTING},
    "Review": {"review": "Alt-R"},
    "While reviewing": {
        "accept": "A",
        "reject": "R",
        "next_suggestion": "N",
        "previous_suggestion": "Shift-N",
        "accept_above": "Shift-A",
    },
}
"""Group to the names of its keys, and to what each is at first, as napari spells it."""

REVIEW_GROUP: Final = "While reviewing"
"""The group whose keys take the place of others for a while."""
CLASS_GROUP: Final = "Classes"
"""The group of the keys that the ontology gives to its classes."""
FIXED: Final[Mapping[str, str]] = {"Escape": "Drawing", "Backspace": "Drawing", "Enter": "Drawing"}
"""Keys that stay what they are everywhere, with their groups; so do those of the classes."""

DEFAULTS: Final[Mapping[str, str]] = {name: key for keys in GROUPS.values() for name, key in keys.items()}
"""Name to the key at first."""

NAMES: Final[Mapping[str, str]] = {
    key: name for group, keys in GROUPS.items() if group != REVIEW_GROUP for name, key in keys.items()
}
"""The key at first to its name, without those of a review."""

REVIEW_NAMES: Final[Mapping[str, str]] = {key: name for name, key in GROUPS[REVIEW_GROUP].items()}
"""The key at first to its name, of those of a review."""


def group_of(key: str, name: str) -> str:
    """Return the group of a key: of a named one that of its name, else that of `FIXED`, else that of the classes."""
    for group, keys in GROUPS.items():
        if name in keys:
            return group
    return FIXED.get(key, CLASS_GROUP)

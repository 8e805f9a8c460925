"""The keys that a person has changed: read from napari's preferences, checked, and kept there.

napari ignores ``keybindings`` of a manifest, and its page of shortcuts knows
only its own actions.  It does keep, show and announce ``configurations``, so
each key is a setting of ours there; the window of keys edits the same settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app_model.types import KeyBinding, KeyCode

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology.fields import HOTKEYS
from napari_geolabel.viewer.key_names import DEFAULTS, FIXED, GROUPS, REVIEW_GROUP
from napari_geolabel.viewer.preferences import PLUGIN

if TYPE_CHECKING:
    from napari_geolabel.viewer.keys import Key

_MODIFIERS = {
    "ctrl": "Control",
    "control": "Control",
    "shift": "Shift",
    "alt": "Alt",
    "option": "Alt",
    "meta": "Meta",
    "cmd": "Meta",
    "command": "Meta",
    "super": "Meta",
}
_ORDER = ("Control", "Shift", "Alt", "Meta")
_PARTS = re.compile(r"(?<=.)[+-](?=.)")


def spelled(text: str) -> str:
    """Return a key as napari spells it, however a person wrote it: ``"alt+t"`` is ``"Alt-T"``, nothing is no key.

    Raises
    ------
    GeoLabelError
        If there is no such key.
    """
    *held, last = _PARTS.split(text.strip()) if text.strip() else [""]
    if not last:
        return ""
    code = KeyCode.from_string(last)
    unknown = [each for each in held if each.lower() not in _MODIFIERS]
    if code == KeyCode.UNKNOWN or last.lower() in _MODIFIERS or unknown:
        raise GeoLabelError(f"{text!r} is no key that napari hears; write one like Alt+T, Shift+F7 or PageDown")
    chosen = {_MODIFIERS[each.lower()] for each in held}
    name = str(KeyBinding.from_str(str(code)))
    return "-".join([*(each for each in _ORDER if each in chosen), name])


def label(key: str) -> str:
    """Return a key as people read it: ``Alt+Right``."""
    return key.replace("Control", "Ctrl").replace("-", "+") if key != "-" else key


def own_keys() -> dict[str, str]:
    """Return the names of the keys that a person has changed, with what they are now; none twice."""
    return _checked(_wanted())[0]


def complaints() -> list[str]:
    """Return why some of the person's keys do not count, one sentence each."""
    return _checked(_wanted())[1]


def key_of(key: Key, own: Mapping[str, str]) -> str:
    """Return what a key is now, empty for one that was taken off."""
    return own.get(key.name, key.key)


def why_not(name: str, key: str) -> str:
    """Return why a key cannot have another spelling, empty where it can; napari's spelling."""
    if not key:
        return ""
    clash = _clash(name, key, {**DEFAULTS, **own_keys()})
    return clash and f"{clash}; press another key, or change that one first"


def set_key(name: str, text: str) -> None:
    """Give something another key from now on, none for an empty text; napari keeps it in its preferences.

    Raises
    ------
    GeoLabelError
        If there is no such key, it is taken, or napari does not know the plugin's preferences.
    """
    key = spelled(text)
    reason = why_not(name, key)
    if reason:
        raise GeoLabelError(reason)
    _put({name: key})


def reset_keys(names: list[str] | None = None) -> None:
    """Give some names their first keys again, all for None.

    Raises
    ------
    GeoLabelError
        If a first key belongs to something else by now.
    """
    chosen = list(DEFAULTS if names is None else names)
    if names is not None:
        reasons = [reason for name in names if (reason := why_not(name, DEFAULTS[name]))]
        if reasons:
            raise GeoLabelError(reasons[0])
    _put({name: DEFAULTS[name] for name in chosen})


def manifest_properties() -> dict[str, dict[str, str]]:
    """Return the settings of the keys as napari's manifest has them, which cannot be computed there."""
    titles: dict[str, list[str]] = {}
    for name in DEFAULTS:
        titles.setdefault(_words(name), []).append(name)
    return {
        name: {
            "title": words if len(titles[words]) == 1 else f"{words} ({label(key)})",
            "type": "string",
            "default": label(key),
        }
        for name, key in DEFAULTS.items()
        for words in [_words(name)]
    }


def follow_keys(callback: Callable[..., object]) -> Callable[[], None]:
    """Call a function whenever a key has changed; return what ends that."""
    held = _held()
    if held is None:
        return lambda: None
    held.events.connect(callback)
    return lambda: held.events.disconnect(callback)


def _put(keys: Mapping[str, str]) -> None:
    held = _held()
    if held is None:
        raise GeoLabelError("napari does not know the preferences of napari-geolabel; enable the plugin in its dialog")
    for name, key in keys.items():
        if getattr(held, name) != label(key):
            setattr(held, name, label(key))


def _held() -> Any:  # noqa: ANN401  (a model that napari makes from the manifest)
    """Return the settings that hold the keys, None where napari has not registered the plugin."""
    from napari.settings import get_plugin_settings

    settings = get_plugin_settings().get(PLUGIN)
    return getattr(settings, "keys", None)


def _wanted() -> dict[str, str]:
    """Return what stands in the preferences, as it stands there, where it is not the first key."""
    held = _held()
    if held is None:
        return {}
    texts = {name: getattr(held, name, label(key)) for name, key in DEFAULTS.items()}
    return {name: text for name, text in texts.items() if text != label(DEFAULTS[name])}


def _checked(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return which changes can be, and why the others cannot: a changed key gives way to one that is not."""
    own: dict[str, str] = {}
    reasons: list[str] = []
    for name, text in wanted.items():
        try:
            own[name] = spelled(text)
        except GeoLabelError as error:
            reasons.append(f"{_words(name)} keeps {label(DEFAULTS[name])}: {error}")
    while clash := _first_clash(own):
        name, why = clash
        del own[name]
        reasons.append(f"{_words(name)} keeps {label(DEFAULTS[name])}: {why}")
    return own, reasons


def _first_clash(own: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first changed key that is taken, and by what."""
    keys = {**DEFAULTS, **own}
    found = ((name, _clash(name, key, keys)) for name, key in own.items())
    return next(((name, clash) for name, clash in found if clash), None)


def _clash(name: str, key: str, keys: Mapping[str, str]) -> str:
    """Return what has a key already, empty for nothing; those of a review come before the classes' own."""
    if key in FIXED:
        return f"{label(key)} is needed while drawing"
    if len(key) == 1 and key.lower() in HOTKEYS and name not in GROUPS[REVIEW_GROUP]:
        return f"{key} is a key of classes"
    taken = [other for other in _rivals(name) if other != name and key and keys[other] == key]
    return f"{label(key)} is the key of “{_words(taken[0])}”" if taken else ""


def _rivals(name: str) -> list[str]:
    """Return the names whose keys must differ: those of a review are a world of their own."""
    review = GROUPS[REVIEW_GROUP]
    return list(review) if name in review else [each for each in DEFAULTS if each not in review]


def _words(name: str) -> str:
    from napari_geolabel.viewer.keys import KEYS, REVIEW_KEYS  # which bind by what is said here

    return next(key.does for key in (*KEYS, *REVIEW_KEYS) if key.name == name)

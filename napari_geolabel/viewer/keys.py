"""The keys of a labelling session: one table, bound on the session's own layers and nowhere else.

``docs/keys.md`` is written from this table, and a test keeps both equal.
napari asks the active layer first, so these keys win over its own there and
leave every other layer as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology.fields import HOTKEYS
from napari_geolabel.viewer.composites import Composites, composites_of
from napari_geolabel.viewer.key_names import COMMAND_KEYS, GROUPS, NAMES, REVIEW_NAMES, TOOL_KEYS, group_of
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.own_keys import key_of, label, own_keys

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_geolabel.viewer.session import Session


class Where(StrEnum):
    """On which layers of a session a key works; also the words of the documentation."""

    ALL = "scene, labels, keypoints, mask"
    VECTORS = "scene, labels, keypoints"
    DRAWING = "labels, while a tool is drawing"
    REVIEWING = "scene, labels, keypoints, while suggestions are reviewed"
    ENDING = "labels, while a tool is drawing; all, while swiping"


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key and what it does."""

    key: str
    """As napari spells it: ``Alt-Right``."""
    does: str
    """What it does, for the documentation."""
    where: Where
    action: Callable[[Any], object]
    """Called on press, with the session; those of composites also with the composites of a scene without one."""
    release: Callable[[Any], object] | None = None
    """Called on release; None for keys that are not held."""
    name: str = ""
    """By which a person may give it another key (`key_names`); empty for those that stay."""
    also: str = ""
    """Another key of the window's, which napari does not hear."""

    @property
    def label(self) -> str:
        """The key at first, as people read it: ``Alt+Right``."""
        return label(self.key)

    @property
    def group(self) -> str:
        """Under which it is listed."""
        return group_of(self.key, self.name)


_TOOL_WORDS = {
    "lasso": "lasso: draw an area with a free hand",
    "ellipse": "ellipse, as a polygon",
    "skeleton": "skeleton: the named points of the class, one after another",
    "adjust": "move, turn and resize what is selected",
    "area": "paint an area into the mask",
    "erase_area": "erase an area of the mask",
    "wand": "fill what looks like the pixel that is clicked",
    "instance": "make an annotation of the pixels of an area, or add them to the one that is selected",
    "hole": "make a hole in the selected annotation, or that under the first click",
    "split": "split by a line",
    "cut": "cut an area away",
    "part": "add a part",
    "reshape": "reshape an outline along a line",
}


def _tool_name(tool: str) -> str:
    return _TOOL_WORDS.get(tool, tool.replace("_", " "))


def _turn(degrees: float) -> Callable[[Any], object]:
    return lambda session: session.adjuster.turn(degrees)


def _seen(action: Callable[[Composites], object]) -> Callable[[Any], None]:
    """Return an action on the composites of the selected scene, which tells what cannot be."""

    def act(of: Session | Composites) -> None:
        try:
            action(of if isinstance(of, Composites) else of.scenes.composites)
        except GeoLabelError as error:
            warn(str(error))

    return act


def _named(names: Mapping[str, str], *keys: Key) -> tuple[Key, ...]:
    """Return keys with the names by which they can be changed."""
    return tuple(replace(key, name=names.get(key.key, "")) for key in keys)


COMPOSITE_KEYS: tuple[Key, ...] = _named(
    NAMES,
    Key(key="Alt-Right", does="next favourite composite", where=Where.ALL, action=_seen(Composites.next_composite)),
    Key(key="Alt-Left", does="previous favourite", where=Where.ALL, action=_seen(Composites.previous_composite)),
    *(
        Key(
            key=f"Alt-{number}",
            does="favourite composite of that number",
            where=Where.ALL,
            action=_seen(partial(lambda c, number: c.show_favourite(number), number=number)),
        )
        for number in range(1, 10)
    ),
    Key(
        key="Alt-0",
        does="make the composite that is shown a favourite, or one no longer",
        where=Where.ALL,
        action=_seen(lambda c: c.toggle_favourite(c.current)),
    ),
    Key(
        key="Y",
        does="blink: the composite that was shown before, while held",
        where=Where.ALL,
        action=_seen(Composites.show_last),
        release=_seen(Composites.show_last),
    ),
)
"""The keys that work on every layer of a scene, with a session or without."""

KEYS: tuple[Key, ...] = _named(
    NAMES,
    *COMPOSITE_KEYS,
    Key(
        key="F1",
        does="all keys: find one, give it another",
        where=Where.ALL,
        action=lambda s: s.asked.emit("keys"),
        also="?",
    ),
    Key(
        key="B",
        does="hide the labels while held",
        where=Where.VECTORS,
        action=lambda s: s.hide_labels(),
        release=lambda s: s.show_labels(),
    ),
    Key(key="Alt-A", does="answer the attributes", where=Where.ALL, action=lambda s: s.asked.emit("attributes")),
    Key(key="Alt-G", does="linked views: two panes, four, one again", where=Where.ALL, action=lambda s: s.views.step()),
    Key(
        key="Alt-W",
        does="swipe: a line to drag, another composite or scene right of it; again, or Escape, ends it",
        where=Where.ALL,
        action=lambda s: s.views.swipe.toggle(),
    ),
    Key(key="Alt-T", does="table of the annotations", where=Where.ALL, action=lambda s: s.asked.emit("table")),
    Key(key="Alt-J", does="go to coordinates", where=Where.ALL, action=lambda s: s.asked.emit("go to")),
    Key(key="Alt-K", does="keep the view as a bookmark", where=Where.ALL, action=lambda s: s.asked.emit("bookmark")),
    Key(key="Alt-M", does="measure on the map, or end it", where=Where.ALL, action=lambda s: s.ways.ruler.toggle()),
    Key(
        key="F7",
        does="next cell that is neither labelled nor checked",
        where=Where.ALL,
        action=lambda s: s.ways.next_cell(),
    ),
    Key(
        key="Shift-F7",
        does="nothing in this cell; go to the next one",
        where=Where.ALL,
        action=lambda s: s.ways.nothing_here(),
    ),
    Key(key="F6", does="minimap of what has been looked at", where=Where.ALL, action=lambda s: s.asked.emit("map")),
    Key(key="Shift-F6", does="cells on the map, or none", where=Where.ALL, action=lambda s: s.ways.cells.toggle()),
    Key(key="Alt-E", does="problems", where=Where.ALL, action=lambda s: s.asked.emit("problems")),
    Key(key="F8", does="next problem", where=Where.ALL, action=lambda s: s.asked.emit("next problem")),
    Key(key="Shift-F8", does="previous problem", where=Where.ALL, action=lambda s: s.asked.emit("previous problem")),
    Key(key="Alt-S", does="spectral profile", where=Where.ALL, action=lambda s: s.asked.emit("spectra")),
    Key(key="Alt-P", does="pin the spectrum under the mouse", where=Where.ALL, action=lambda s: s.asked.emit("pin")),
    Key(key="Alt-O", does="ontology editor", where=Where.ALL, action=lambda s: s.asked.emit("ontology")),
    Key(key="Alt-B", does="band table", where=Where.ALL, action=lambda s: s.asked.emit("bands")),
    Key(key="PageDown", does="next annotation of the table", where=Where.ALL, action=lambda s: s.asked.emit("next")),
    Key(
        key="PageUp",
        does="previous annotation of the table",
        where=Where.ALL,
        action=lambda s: s.asked.emit("previous"),
    ),
    Key(key="Control-Z", does="undo", where=Where.ALL, action=lambda s: s.undo()),
    Key(key="Control-Shift-Z", does="redo", where=Where.ALL, action=lambda s: s.redo()),
    Key(key="Control-Y", does="redo", where=Where.ALL, action=lambda s: s.redo()),
    *(
        Key(
            key=hotkey.upper(),
            does="class with that hotkey in the ontology; in select mode also the class of what is selected",
            where=Where.ALL,
            action=partial(lambda s, hotkey: s.classes.press(hotkey), hotkey=hotkey),
        )
        for hotkey in HOTKEYS
    ),
    *(
        Key(
            key=key,
            does=f"tool: {_tool_name(tool)}",
            where=Where.VECTORS,
            action=partial(lambda s, tool: s.use_tool(tool), tool=tool),
        )
        for tool, key in TOOL_KEYS.items()
    ),
    *(
        Key(
            key=key,
            does=f"{command} what is selected",
            where=Where.VECTORS,
            action=partial(lambda s, command: s.reshaper.run(command), command=command),
        )
        for command, key in COMMAND_KEYS.items()
    ),
    Key(
        key="Shift-A",
        does="again: class and tool of what was drawn last",
        where=Where.VECTORS,
        action=lambda s: s.classes.repeat(),
    ),
    Key(
        key="Shift-K",
        does="link the two that are selected by the relation that is chosen; again turns it round",
        where=Where.VECTORS,
        action=lambda s: s.linker.link(),
    ),
    Key(key="Shift-U", does="group what is selected", where=Where.VECTORS, action=lambda s: s.linker.group()),
    Key(key="Alt-R", does="review suggestions; again ends it", where=Where.ALL, action=lambda s: s.review.toggle()),
    Key(key="Alt-C", does="find a class by its name", where=Where.ALL, action=lambda s: s.asked.emit("classes")),
    *(
        Key(
            key=f"{held}{arrow}",
            does=f"move what is selected by {'ten pixels' if 'Control' in held else 'a pixel'} of the scene",
            where=Where.VECTORS,
            action=partial(lambda s, x, y: s.adjuster.nudge(x, y), x=x * step, y=y * step),
        )
        for held, step in (("Shift-", 1), ("Control-Shift-", 10))
        for arrow, x, y in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))
    ),
    Key(key=",", does="turn what is selected by a degree to the left", where=Where.VECTORS, action=_turn(-1.0)),
    Key(key=".", does="turn what is selected by a degree to the right", where=Where.VECTORS, action=_turn(1.0)),
    Key(
        key="Shift-G",
        does="snap to vertices and edges of neighbours, or no longer",
        where=Where.VECTORS,
        action=lambda s: s.toolbox.aim.toggle_snapping(),
    ),
    Key(
        key="Shift-T",
        does="trace: from one point of a neighbour's outline to the next follow it, or no longer",
        where=Where.VECTORS,
        action=lambda s: s.toolbox.aim.toggle_tracing(),
    ),
    Key(key="Z", does="put the tool away: move the map", where=Where.VECTORS, action=lambda s: s.use_tool(None)),
    Key(
        key="Escape",
        does="give up what is being drawn; a label that is complete is kept. With nothing drawn, end the swipe",
        where=Where.ENDING,
        action=lambda s: s.toolbox.cancel() or s.views.swipe.stop(),
    ),
    Key(key="Backspace", does="take the last point back", where=Where.DRAWING, action=lambda s: s.toolbox.back()),
    Key(
        key="X",
        does="leave out the point of the skeleton that is next, which is not to be seen",
        where=Where.DRAWING,
        action=lambda s: s.toolbox.skip(),
    ),
    Key(key="Enter", does="finish what is being drawn", where=Where.DRAWING, action=lambda s: s.toolbox.finish()),
)
"""Every key that the plugin binds."""


REVIEW_KEYS: tuple[Key, ...] = _named(
    REVIEW_NAMES,
    Key(key="A", does="accept the suggestion", where=Where.REVIEWING, action=lambda s: s.review.accept()),
    Key(key="R", does="reject the suggestion", where=Where.REVIEWING, action=lambda s: s.review.reject()),
    Key(key="N", does="next suggestion, by confidence", where=Where.REVIEWING, action=lambda s: s.review.next()),
    Key(key="Shift-N", does="suggestion before", where=Where.REVIEWING, action=lambda s: s.review.previous()),
    Key(
        key="Shift-A",
        does="accept all suggestions from the threshold on",
        where=Where.REVIEWING,
        action=lambda s: s.review.accept_above(),
    ),
)
"""The keys that decide on suggestions; during a review they take the place of what they mean else."""


def bind_keys(layer: Layer, session: Session, where: Iterable[Where]) -> None:
    """Bind the keys that work at some places on one layer."""
    wanted = set(where)
    _bind(layer, (key for key in KEYS if key.where in wanted), lambda _layer: session)


def bind_composite_keys(layer: Layer) -> None:
    """Bind the keys of composites on a scene layer that belongs to no session."""
    _bind(layer, COMPOSITE_KEYS, composites_of)


def bind_review_keys(layer: Layer, session: Session) -> None:
    """Let keys decide on suggestions on one layer."""
    _bind(layer, REVIEW_KEYS, lambda _layer: session)


def unbind_review_keys(layer: Layer, session: Session, where: Iterable[Where]) -> None:
    """Let keys mean again what they mean without a review, on a layer that has the keys of some places."""
    unbind_keys(layer, (Where.REVIEWING,))
    bind_keys(layer, session, where)


def unbind_keys(layer: Layer, where: Iterable[Where]) -> None:
    """Take the keys of some places off one layer, so that napari's own work there again."""
    wanted = set(where)
    for binding, bound in list(layer.keymap.items()):
        if getattr(bound, _PLACE, None) in wanted:
            layer.bind_key(binding, None, overwrite=True)


def key_rows() -> Iterator[tuple[str, tuple[Key, ...]]]:
    """Yield all keys by group, those that do the same at the same places together."""
    for group in GROUPS:
        rows: dict[tuple[str, Where], list[Key]] = {}
        for key in (*KEYS, *REVIEW_KEYS):
            if key.group == group:
                rows.setdefault((key.does, key.where), []).append(key)
        yield from ((group, tuple(row)) for row in rows.values())


def keys_markdown() -> str:
    """Return ``docs/keys.md``: the table of all keys by group, those that do the same in one row."""
    parts, last = [_HEAD], ""
    for group, row in key_rows():
        if group != last:
            parts.append(f"\n## {group}\n\n| key | does | on the layers |\n|---|---|---|\n")
        labels = [f"`{text}`" for key in row for text in (key.label, key.also) if text]
        parts.append(f"| {' '.join(labels)} | {row[0].does} | {row[0].where} |\n")
        last = group
    return "".join(parts)


_PLACE = "geolabel_place"
"""Attribute of what is bound, which says that it is ours and where it works."""

_HEAD = """# Keys

These keys work while one of the session's layers is active in napari's layer list; other layers keep napari's keys.
`?` anywhere in the window lists them all, with a search. A double click on a row there, then another key, changes one:
it is kept in napari's preferences (*File > Preferences > napari-geolabel*), where it can be typed too. The keys of
classes are those of the [ontology](ontology.md).
"""


def _bind(layer: Layer, keys: Iterable[Key], owner: Callable[[Any], Session | Composites]) -> None:
    """Bind keys on a layer, each as the person has it."""
    own = own_keys()
    for key in keys:
        spelled = key_of(key, own)
        if spelled:
            bound = _handler(owner, key)
            setattr(bound, _PLACE, key.where)
            layer.bind_key(spelled, bound, overwrite=True)


def _handler(owner: Callable[[Any], Session | Composites], key: Key) -> Callable[[Any], object]:
    """Return what napari calls for a key: a function, or a generator function for a key that is held.

    ``owner`` returns what the action gets, as it is when the key is pressed.
    It is no partial: napari asks for the name of what is bound.
    """
    if key.release is None:
        return lambda layer: _discard(key.action(owner(layer)))

    def hold(layer: Any) -> Generator[None, None, None]:  # noqa: ANN401
        held = owner(layer)
        key.action(held)
        yield
        assert key.release is not None  # noqa: S101  (for the type checker)
        key.release(held)

    return hold


def _discard(_value: object) -> None:
    """Return nothing: napari would take a generator for a held key."""

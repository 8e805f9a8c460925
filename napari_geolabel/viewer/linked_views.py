"""Up to four panes of the same place in different composites, dates or sensors, drawn on in any of them.

The panes are cells of napari's grid, which share one camera and one mouse.  A
layer shows in one cell only, and cells are filled by the order of the layers:
so many to each.  Every pane therefore gets a layer of its scene of its own, and
the labels once more (`LabelMirror`); all other layers wait behind, hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, overload

from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.first_draws import DrawnLater, HiddenLayers
from napari_geolabel.viewer.gl_guard import is_window_closed
from napari_geolabel.viewer.mirrors import LabelMirror
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.pane_grid import GRID_SHAPES, place_under_mouse, show_grid
from napari_geolabel.viewer.panes import Pane, PaneChoice, add_pane_layer, copies_of, find, first_choices
from napari_geolabel.viewer.quick_grid import make_grid_quick
from napari_geolabel.viewer.scene_layer import SCENE_KEY, is_scene_layer
from napari_geolabel.viewer.single_view import SingleView, put_first, unmoved
from napari_geolabel.viewer.slices import Slices, layers_added, layers_removed
from napari_geolabel.viewer.swipe import Swipe

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_geolabel.viewer.layer_view import Defer
    from napari_geolabel.viewer.session import Session

COUNTS = (0, 2, 4)
"""How many panes the key steps through; 0 is the single view."""


class LinkedViews(Sequence[Pane]):
    """The panes of a session, in reading order; none while there is the single view.

    Opening and closing them leaves the camera where it is, and what is selected
    or half drawn as it is.

    Parameters
    ----------
    session
        The session.
    take
        Gives a layer the status and the keys of the session.
    defer
        Calls a function later, from the event loop.
    """

    changed = Signal()
    """Emitted when panes are opened or closed, or one shows something else."""

    def __init__(self, session: Session, *, take: Callable[[Layer], None], defer: Defer) -> None:
        self._session, self._viewer = session, session.viewer
        self._take, self._defer = take, defer
        self._panes: tuple[Pane, ...] = ()
        self._used: Pane | None = None
        self._single: SingleView | None = None
        self._is_busy = self._is_put_off = False
        events = session.viewer.layers.events
        self._order_events = events.inserted, events.removed, events.reordered
        self._slices = Slices(self._viewer, defer, self._kept, self._on_shown)
        self._hidden = HiddenLayers(self._viewer, self._slices, lambda layer: copies_of(layer, session, self))
        self.swipe = Swipe(session, take=take, defer=defer, steady=self._steady)

    @overload
    def __getitem__(self, index: int) -> Pane: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Pane]: ...
    def __getitem__(self, index: int | slice) -> Pane | Sequence[Pane]:
        return self._panes[index]

    def __len__(self) -> int:
        return len(self._panes)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What the panes show: the name of the scene and the id of the composite of each."""
        return tuple((pane.scene.name, pane.composite) for pane in self)

    @property
    def under_mouse(self) -> Pane | None:
        """The pane that the mouse is over, None where it is over none; may be asked from any thread."""
        panes = self._panes
        index = place_under_mouse(self._viewer, len(panes))
        return panes[index] if index is not None else None

    @property
    def layer_under_mouse(self) -> Image | None:
        """The scene's layer in the pane, or on the side of the swipe, that the mouse is over, None in a plain view."""
        pane = self.under_mouse
        return self.swipe.layer_under_mouse if pane is None else pane.layer

    @property
    def used(self) -> Pane | None:
        """The pane that was pressed last, first of all the first: keys and panel switch its composite."""
        return self._used

    @property
    def composite(self) -> str | None:
        """Id of the composite of the pane, or side of the swipe, that was pressed last, None in the single view."""
        return self.swipe.composite if self._used is None else self._used.composite

    def show(self, *choices: PaneChoice) -> None:
        """Show the same place in two to four panes; without any, go back to the single view.

        Parameters
        ----------
        *choices
            For each pane the id of a composite, an index or a band of the
            labelled scene, or a scene of the window, its layer or its name, with
            one of its own: ``"false_color", ("harbour_sar", "vv")``.

        Raises
        ------
        GeoLabelError
            If there are one or more than four, a scene is not in the window, or it cannot show that.
        """
        self._slices.begin(self._showing(choices))
        self._slices.finish()

    def show_in(self, index: int, choice: PaneChoice) -> None:
        """Show something else in one of the panes, counted from 0.

        Raises
        ------
        GeoLabelError
            If a scene is not in the window, or it cannot show that.
        """
        self._slices.finish()
        shown, composite = find(self._session, choice)
        with self._steady():
            self._show_in(self._panes[index], shown, composite)
        self._on_shown()

    def open(self, count: int) -> None:
        """Open so many panes: what is shown, then the other scenes, then the composites that follow; 0 closes them.

        Raises
        ------
        GeoLabelError
            If there are one or more than four.
        """
        self.show(*first_choices(self._session, self, count))

    def begin(self, count: int) -> None:
        """Open so many panes as `open` does, but step by step from the event loop, so that the window goes on."""
        self._slices.finish()
        self._slices.begin(self._showing(first_choices(self._session, self, count)))

    @property
    def is_changing(self) -> bool:
        """Whether panes are being opened or closed, from the event loop."""
        return self._slices.are_left

    def finish(self) -> None:
        """Do at once what is left of opening or closing panes."""
        self._slices.finish()

    def step(self) -> None:
        """Go on from the single view to two panes, to four and back, as the key does."""
        if self.is_changing:  # pressed again meanwhile
            return self._slices.afterwards(self.step)
        later = [count for count in COUNTS if count > len(self)]
        try:
            self.begin(later[0] if later else 0)
        except GeoLabelError as error:
            warn(str(error))

    def once_closed(self, call: Callable[[], None]) -> None:
        """Go back to the single view step by step from the event loop, then call something; without panes at once."""
        if self.is_changing:
            self._slices.afterwards(partial(self.once_closed, call))
        elif len(self):
            self.begin(0)
            self._slices.afterwards(call)
        else:
            call()

    def close(self) -> None:
        """Go back to the single view, with the layers as they were before."""
        self.swipe.stop()
        if (self._panes or self.is_changing) and not is_window_closed(self._viewer):
            self.show()
        else:
            self._slices.drop()
            self._forget()

    def _showing(self, choices: Sequence[PaneChoice]) -> Iterator[None]:
        """Do what `show` does, in slices."""
        if choices and len(choices) not in GRID_SHAPES:
            raise GeoLabelError(f"there are 2 to 4 linked panes, not {len(choices)}; give none for the single view")
        wanted = [find(self._session, choice) for choice in choices]
        self.swipe.stop()
        if len(wanted) < len(self):
            yield from self._folding()
        for pane, (shown, composite) in zip(self, wanted, strict=False):
            self._show_in(pane, shown, composite)
        if len(wanted) > len(self):
            yield from self._unfolding(wanted)

    def _on_shown(self) -> None:
        self._use(self._used if self._used in self._panes else next(iter(self._panes), None))
        self.changed.emit()

    def _unfolding(self, wanted: Sequence[tuple[Image, Composite]]) -> Iterator[None]:
        """Make the panes that are missing, hidden, then show one after another; what is there stays."""
        viewer, made = self._viewer, []
        single = self._single or SingleView.of(viewer, list(self._session.layers))
        with layers_added(viewer):
            for number, each in enumerate(wanted[len(self) :], start=len(self) + 1):
                made.append((yield from self._making(number, *each)))
                yield
            for show in [show for pane in made for show in pane.shows]:  # nothing of it is in the picture yet
                show()
                yield
            if self._single is None:
                self._begin(single)
            self._panes += tuple(made)
            self._arrange()
            late = DrawnLater(viewer, self._session.layers, [own for pane in self for own in pane.layers[1:]])
            show_grid(viewer, len(wanted), self._stride)  # last: overlays told of before make napari forget cells
        with late:
            for draw in [*(show for pane in made for show in pane.titles(viewer)), *late.draws]:
                yield
                draw()
        self._hidden.watch(self._session.layers)
        if set(viewer.layers) - set(single.visible) - self._needed:
            self._on_layers(None)

    def _folding(self) -> Iterator[None]:
        """Show the single view again, then take the layers of the panes away."""
        viewer, single, panes = self._viewer, self._single, self._panes
        if single is None:
            return
        own = [layer for pane in panes for layer in pane.layers]
        self._end()
        with layers_added(viewer):
            viewer.canvas.grid.enabled = False
            for layer in own:
                layer.visible = False
            put_first(viewer, single.order_now(viewer, list(self._session.layers), own))
            single.show_layers()
        yield from layers_removed(viewer, own)
        single.restore_grid(viewer)

    def _begin(self, single: SingleView) -> None:
        """Hide the single view, and listen to what concerns panes."""
        viewer, self._single = self._viewer, single
        make_grid_quick(viewer)
        viewer.canvas.grid.enabled = False
        for layer in single.visible:
            layer.visible = False
        for emitter in self._order_events:
            emitter.connect(self._on_layers)
        viewer.canvas.grid.events.enabled.connect(self._on_grid)
        viewer.mouse_drag_callbacks.append(self._on_press)
        self._session.scene_changed.connect(self.close)

    def _end(self) -> None:
        """Listen no longer, and forget the panes."""
        self._session.scene_changed.disconnect(self.close)
        self._viewer.mouse_drag_callbacks.remove(self._on_press)
        self._viewer.canvas.grid.events.enabled.disconnect(self._on_grid)
        for emitter in self._order_events:
            emitter.disconnect(self._on_layers)
        self._forget()

    @property
    def _needed(self) -> set[Layer]:
        """The layers without which there are no panes."""
        return {*(own for pane in self for own in pane.layers), *self._session.layers}

    def _forget(self) -> None:
        """Follow the panes no longer."""
        self._hidden.forget()
        for pane in self:
            composites_of(pane.layer).changed.disconnect(self._on_composite, missing_ok=True)
            if pane.mirror is not None:
                pane.mirror.close()
        self._panes, self._single, self._used = (), None, None

    def _making(self, number: int, shown: Image, composite: Composite) -> Generator[None, None, Pane]:
        """Make a pane, hidden, a layer at a time."""
        layer = self._add(shown, composite, visible=False)
        yield
        mirror = None if number == 1 else (yield from LabelMirror.made(self._session, number))
        for each in () if mirror is None else mirror.layers:
            self._take(each)
        pane = Pane(number, layer, mirror)
        pane.follow_name()
        return pane

    def _add(self, shown: Image, composite: Composite, *, visible: bool) -> Image:
        """Add one more layer of the scene of a layer."""
        layer = add_pane_layer(self._viewer, shown, composite, visible=visible)
        self._take(layer)
        composites_of(layer).changed.connect(self._on_composite)
        return layer

    def _show_in(self, pane: Pane, shown: Image, composite: Composite) -> None:
        if pane.scene is shown.metadata[SCENE_KEY]:
            if pane.composite != composite.id:
                pane.composite = composite.id
            return
        before, layers = pane.layer, self._viewer.layers
        pane.layer = self._add(shown, composite, visible=True)
        for show in pane.titles(self._viewer):
            show()
        layers.move(layers.index(pane.layer), layers.index(before))
        composites_of(before).changed.disconnect(self._on_composite, missing_ok=True)
        layers.remove(before)
        pane.follow_name()

    @property
    def _stride(self) -> int:
        """How many layers a pane has."""
        return 1 + len(list(self._session.layers))

    def _arrange(self) -> None:
        """Bring the layers into the order of the panes; all others come last."""
        first = [self._panes[0].layer, *self._session.layers]
        put_first(self._viewer, [*first, *(layer for pane in self._panes[1:] for layer in pane.layers)])

    @contextmanager
    def _steady(self) -> Iterator[None]:
        """Do what `_kept` does, and let the canvas follow once for all layers that come, or go between panes."""
        with self._kept(), layers_added(self._viewer):
            yield

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Do what `unmoved` does, unheard by panels and by this."""
        is_busy, self._is_busy = self._is_busy, True
        try:
            with unmoved(self._session), self._session.scenes.changed.blocked():
                yield
        finally:
            self._is_busy = is_busy

    def _use(self, pane: Pane | None) -> None:
        """Let composites act on a pane, and no longer on a scene that waits behind the panes."""
        self._used = pane
        selection = self._viewer.layers.selection
        if pane is not None and selection.active is not None and is_scene_layer(selection.active):
            selection.active = self._session.shapes_layer
        self._session.scenes.look_at(None if pane is None else pane.layer)

    def _on_press(self, viewer: object, event: object) -> None:  # noqa: ARG002  (napari's)
        """Use the pane that is pressed, before a tool makes anything of it."""
        pane = self.under_mouse
        if pane is not None and pane is not self._used:
            self._use(pane)
            self.changed.emit()

    def _on_composite(self, _composite_id: str) -> None:
        for pane in self:
            pane.follow_name()
        if not self._is_busy:
            self.changed.emit()

    def _on_grid(self, _event: object) -> None:
        """Close the panes when the user has switched napari's grid off."""
        if not self._is_busy and not self._viewer.canvas.grid.enabled:
            self.close()

    def _on_layers(self, _event: object) -> None:
        """Look after the order of the layers once napari and the session have done their part."""
        if not self._is_busy and not self._is_put_off:
            self._is_put_off = True
            self._defer(self._tidy, 0)

    def _tidy(self) -> None:
        """Put the layers in order again; without one that a pane needs, there is the single view."""
        self._is_put_off = False
        if self._single is None:
            return
        layers = self._viewer.layers
        needed = self._needed
        if any(len(pane.layers) != self._stride for pane in self._panes[1:]) or not needed <= set(layers):
            self.close()  # the ontology has got its first class to paint, or the user has deleted a layer
            return
        with self._steady():
            self._viewer.canvas.grid.stride = self._stride  # all panes may have got the picture of all, or strokes
            for layer in set(layers) - needed - set(self._single.visible):
                if is_scene_layer(layer):
                    self._single.visible[layer] = layer.visible
                    layer.visible = False
            self._arrange()
        self.changed.emit()

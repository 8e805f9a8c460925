"""The composites of a session: which there are, which is shown, how it is stretched, which are favourites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_geolabel.errors import CompositeError, GeoLabelError, WriteError
from napari_geolabel.imagery.composite import Composite, missing_bands, resolve
from napari_geolabel.imagery.composite_files import CompositeFile, read_composites, write_composites
from napari_geolabel.imagery.composites import composites, favourites, reasons
from napari_geolabel.imagery.histogram import Histogram, histogram
from napari_geolabel.imagery.own_composites import load_own, remember_stretches, remembered_stretches, save_own
from napari_geolabel.imagery.picture import Picture
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Limits, Stretch
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY, offered_composites, show_composite

if TYPE_CHECKING:
    from napari.layers import Image


_KEY = "geolabel_composites"  # of a layer's metadata


class Composites(Mapping[str, Composite]):
    """The composites of a scene by id, in menu order and then the user's own, and the one that its layer shows.

    Indices, and bands by any of their names, are found by their ids too, though
    they do not stand in the menu.
    """

    changed = Signal(str)
    """Emitted with the id of the composite when another is shown or its stretch changes."""
    listed = Signal()
    """Emitted when the menu or the favourites change."""

    def __init__(self, scene: Scene, layer: Image) -> None:
        self._scene = scene
        self._layer = layer
        self._menu = offered_composites(scene)
        kept = _kept()
        self._own = dict(kept.composites)
        self._favourites = kept.favourites or favourites()
        self._stretches = remembered_stretches(scene.path)
        shown: Composite = self._picture.composite
        self._started = {shown.id: shown}  # a script may have begun with one of its own
        self._current: str = shown.id
        self._last: str | None = None
        if shown.id in self._stretches:
            self.show(shown.id)

    def __getitem__(self, composite_id: str) -> Composite:
        composite = self._unstretched(composite_id)
        stretch = self._stretches.get(composite.id)
        return composite if stretch is None else replace(composite, stretch=stretch)

    def __contains__(self, composite_id: object) -> bool:
        return composite_id in list(self)

    def __iter__(self) -> Iterator[str]:
        own = (id_ for id_, composite in self._own.items() if not missing_bands(composite, self._scene.bands))
        return iter(dict.fromkeys([*self._menu, *own, *self._started]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _ipython_key_completions_(self) -> list[str]:
        return list(dict.fromkeys([*self, *self.indices]))

    @property
    def scene(self) -> Scene:
        """The scene that they are of."""
        return self._scene

    def is_of(self, layer: Image) -> bool:
        """Return whether these are the composites of what a layer shows now."""
        return self._layer is layer and self._scene is layer.metadata[SCENE_KEY]

    @property
    def current(self) -> str:
        """Id of the composite that is shown."""
        return self._current

    @property
    def shown(self) -> Composite:
        """The composite that is shown, as it is stretched."""
        return self._picture.composite

    @property
    def limits(self) -> tuple[Limits, ...]:
        """The values shown darkest and brightest, one pair per channel, in reflectance where the file has it."""
        return self._picture.limits

    @property
    def gamma(self) -> float:
        """The gamma that is in force, also where the stretch leaves it open."""
        return self._picture.gamma

    @property
    def indices(self) -> Mapping[str, Composite]:
        """The spectral indices that the scene can show, id → composite."""
        return self._scene.indices()

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Composites, the user's own too, and indices that the scene cannot show, id → which band is missing."""
        own = reasons(self._own.values(), self._scene.bands)
        return {**self._scene.unavailable_composites(), **self._scene.unavailable_indices(), **own}

    @property
    def own(self) -> Mapping[str, Composite]:
        """The user's own composites, id → composite, those that this scene cannot show included."""
        return dict(self._own)

    def describe(self, composite_id: str) -> str:
        """Return what a composite is good for, which bands stand in for others in it, and what to beware of."""
        return resolve(self[composite_id], self._scene.bands).description

    def show(self, composite_id: str) -> None:
        """Show a composite in place.

        Raises
        ------
        BandNotFoundError, CompositeError
            If the scene cannot show it, or there is none of that id.
        """
        composite = self[composite_id]
        show_composite(self._layer, composite)
        if composite.id != self._current:
            self._last, self._current = self._current, composite.id
        self.changed.emit(composite.id)

    def show_last(self) -> None:
        """Show what was shown before; called again, go back to what is shown now.  At first that is the next favourite.

        A key that is held blinks so between two composites.
        """
        if self._last is None:
            self.next_composite()
        else:
            self.show(self._last)

    def add(self, composite: Composite) -> None:
        """Offer a composite of your own, in this and later sessions; one of the same id is replaced.

        Raises
        ------
        ExpressionError
            If one of its channels is neither a name nor an expression.
        WriteError
            If the folder of the user's settings cannot be written.
        """
        missing_bands(composite, self._scene.bands)  # refuses what is no expression
        self._keep({**load_own().composites, composite.id: composite}, self._favourites)
        self._stretches.pop(composite.id, None)
        if composite.id == self._current:
            self.show(composite.id)

    def remove(self, composite_id: str) -> None:
        """Offer a composite of your own no longer; what is shown stays.

        Raises
        ------
        CompositeError
            If it is none of your own.
        """
        kept = dict(load_own().composites)
        if kept.pop(composite_id, None) is None:
            known = ", ".join(kept) or "none"
            raise CompositeError(f"{composite_id!r} is none of your own composites; there are {known}")
        if composite_id == self._current:
            self._started = {composite_id: self._own[composite_id]}
        self._keep(kept, [each for each in self._favourites if each != composite_id])

    @property
    def favourites(self) -> tuple[str, ...]:
        """Ids that keys step through, of this and other scenes; setting them keeps them for later sessions."""
        return tuple(self._favourites)

    @favourites.setter
    def favourites(self, ids: Iterable[str]) -> None:
        self._keep(load_own().composites, list(dict.fromkeys(ids)))

    def toggle_favourite(self, composite_id: str) -> None:
        """Make a composite or an index a favourite, the last, or one no longer."""
        kept = [each for each in self._favourites if each != composite_id]
        self.favourites = kept if composite_id in self._favourites else [*kept, self[composite_id].id]

    @property
    def steps(self) -> tuple[str, ...]:
        """Ids that keys step through in this scene: the favourites that it can show, else all of the menu."""
        known = {*self, *self.indices}
        return tuple(each for each in self._favourites if each in known) or tuple(self)

    def show_favourite(self, number: int) -> None:
        """Show a favourite of this scene by its number from 1.

        Raises
        ------
        CompositeError
            If there are not as many.
        """
        steps = self.steps
        if not 1 <= number <= len(steps):
            raise CompositeError(f"this scene has {len(steps)} favourite composites and none of number {number}")
        self.show(steps[number - 1])

    def next_composite(self) -> None:
        """Show the next favourite, after the last the first."""
        self._step(1)

    def previous_composite(self) -> None:
        """Show the favourite before, before the first the last."""
        self._step(-1)

    @property
    def percentiles(self) -> tuple[float, float] | None:
        """The percentiles that the composite on screen is stretched between, None where it is stretched otherwise."""
        stretch = self[self._current].stretch
        return (stretch.low, stretch.high) if stretch.method == "percentile" else None

    def stretch(self, low: float, high: float) -> None:
        """Stretch the composite that is shown between two percentiles of its valid pixels."""
        now = self[self._current].stretch
        self.use_stretch(replace(now, method="percentile", low=low, high=high, by_channel=()))

    def use_stretch(self, stretch: Stretch) -> None:
        """Stretch the composite that is shown, in this and later sessions on this scene."""
        self._restretch(stretch)
        self._remember()

    def try_limits(self, *limits: Limits) -> None:
        """Show the composite between other limits, one pair per channel, without keeping them: while a mouse drags."""
        self._restretch(Stretch.each(*limits, gamma=self.gamma))

    def use_limits(self, *limits: Limits) -> None:
        """Stretch the composite that is shown between limits, one pair per channel."""
        self.use_stretch(Stretch.each(*limits, gamma=self.gamma))

    def stretch_on(self, view: Bounds | None) -> None:
        """Judge the stretch on a part of the full resolution (first row, last + 1, first column, last + 1), or on all.

        Fixed limits become percentiles, since they need no pixels.
        """
        now = self[self._current].stretch
        self.use_stretch((now if now.method != "fixed" else Stretch.percentile()).within(view))

    def reset_stretch(self) -> None:
        """Give the composite that is shown the stretch that it has by default."""
        self._stretches.pop(self._current, None)
        self.show(self._current)
        self._remember()

    def histogram(self, view: Bounds | None = None, *, bins: int = 256) -> tuple[Histogram, ...]:
        """Return how often each value occurs in the channels shown, in a part of the full resolution or in all."""
        return histogram(self._scene, self.shown, view=view, bins=bins)

    def read(self, path: str | Path) -> list[str]:
        """Take over composites from a TOML file that somebody shared; return their ids."""
        found = read_composites(path)
        self._keep({**load_own().composites, **found.composites}, [*self._favourites, *found.favourites])
        return list(found.composites)

    def write(self, path: str | Path, ids: Sequence[str] | None = None) -> None:
        """Write composites, by default your own, and the favourites among them to a TOML file to be shared."""
        wanted = list(self._own) if ids is None else list(ids)
        chosen = [self._own.get(id_) or self._unstretched(id_) for id_ in wanted]
        write_composites(path, chosen, favourites=[id_ for id_ in self._favourites if id_ in wanted])

    @property
    def _picture(self) -> Picture:
        picture: Picture = self._layer.metadata[PICTURE_KEY]
        return picture

    def _unstretched(self, composite_id: str) -> Composite:
        """Return a composite as it is without a stretch of this scene."""
        for table in (self._own, self._menu, self._started):
            if composite_id in table:
                return table[composite_id]
        if composite_id in composites() or composite_id in self.indices:
            return self._scene.composite(composite_id)  # or says which band is missing
        try:
            return self._menu[self._scene.composite(composite_id).id]
        except CompositeError as error:
            known = ", ".join(self)
            raise CompositeError(f"no composite {composite_id!r}; this scene shows {known}") from error

    def _restretch(self, stretch: Stretch) -> None:
        before = self._stretches.get(self._current)
        self._stretches[self._current] = stretch
        try:
            self.show(self._current)
        except GeoLabelError:
            if before is None:
                del self._stretches[self._current]
            else:
                self._stretches[self._current] = before
            raise

    def _remember(self) -> None:
        """Keep the stretches of this scene; where that fails, the picture is right all the same."""
        try:
            remember_stretches(self._scene.path, self._stretches)
        except WriteError as error:
            warn(str(error))

    def _keep(self, own: Mapping[str, Composite], ids: Sequence[str]) -> None:
        """Keep composites and favourites, here and in the user's settings."""
        wanted = tuple(dict.fromkeys(ids))
        save_own(own.values(), wanted if wanted != favourites() else ())
        self._own, self._favourites = dict(own), wanted or favourites()
        self.listed.emit()

    def _step(self, steps: int) -> None:
        ids = self.steps
        if self._current in ids:
            self.show(ids[(ids.index(self._current) + steps) % len(ids)])
        else:
            self.show(ids[0 if steps > 0 else -1])


def _kept() -> CompositeFile:
    """Return what the user keeps; a damaged file is told of, and does not keep a scene from being shown."""
    try:
        return load_own()
    except GeoLabelError as error:
        warn(str(error))
        return CompositeFile()


def composites_of(layer: Image) -> Composites:
    """Return the composites of a scene layer: the same object every time, as long as the layer shows that scene."""
    kept: Composites | None = layer.metadata.get(_KEY)
    if kept is None or not kept.is_of(layer):  # a duplicate of a layer gets the metadata of the original
        kept = layer.metadata[_KEY] = Composites(layer.metadata[SCENE_KEY], layer)
    return kept

"""The composites of a session: which there are, which is shown, how it is stretched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, offered_composites, show_composite

if TYPE_CHECKING:
    from napari.layers import Image


class Composites(Mapping[str, Composite]):
    """The composites of a scene by id, in menu order, and the one that its layer shows."""

    changed = Signal(str)
    """Emitted with the id of the composite when another is shown or its stretch changes."""

    def __init__(self, scene: Scene, layer: Image) -> None:
        self._layer = layer
        self._defaults = offered_composites(scene)
        shown: Composite = layer.metadata[PICTURE_KEY].composite
        self._composites: dict[str, Composite] = {**self._defaults, shown.id: shown}
        self._current: str = shown.id

    def __getitem__(self, composite_id: str) -> Composite:
        try:
            return self._composites[composite_id]
        except KeyError as error:
            known = ", ".join(self._composites)
            raise CompositeError(f"no composite {composite_id!r}; this scene shows {known}") from error

    def __contains__(self, composite_id: object) -> bool:
        return composite_id in self._composites

    def __iter__(self) -> Iterator[str]:
        return iter(self._composites)

    def __len__(self) -> int:
        return len(self._composites)

    @property
    def current(self) -> str:
        """Id of the composite that is shown."""
        return self._current

    def show(self, composite_id: str) -> None:
        """Show a composite in place."""
        show_composite(self._layer, self[composite_id])
        self._current = composite_id
        self.changed.emit(composite_id)

    def add(self, composite: Composite) -> None:
        """Offer a composite of your own; one of the same id is replaced."""
        self._composites[composite.id] = composite
        if composite.id == self._current:
            self.show(composite.id)

    def next_composite(self) -> None:
        """Show the next composite of the menu, after the last the first."""
        self._step(1)

    def previous_composite(self) -> None:
        """Show the previous composite of the menu, before the first the last."""
        self._step(-1)

    @property
    def percentiles(self) -> tuple[float, float] | None:
        """The percentiles that the composite on screen is stretched between, None where its limits are fixed."""
        stretch = self[self._current].stretch
        return (stretch.low, stretch.high) if stretch.method == "percentile" else None

    def stretch(self, low: float, high: float) -> None:
        """Stretch the composite that is shown between two percentiles of its valid pixels."""
        shown = self[self._current]
        self.add(replace(shown, stretch=replace(shown.stretch, method="percentile", low=low, high=high)))

    def reset_stretch(self) -> None:
        """Give the composite that is shown the stretch that it has by default."""
        if self._current in self._defaults:
            self.add(replace(self[self._current], stretch=self._defaults[self._current].stretch))

    def _step(self, steps: int) -> None:
        ids = list(self)
        self.show(ids[(ids.index(self._current) + steps) % len(ids)])

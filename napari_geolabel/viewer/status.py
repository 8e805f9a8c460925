"""What the status bar says under the mouse: place, row and column, class, true band values.

napari asks only the active layer, from a thread of its own, and its answer
for an image is the averaged value of a coarse level.  One reader is therefore
installed on every layer of a scene; it computes from world coordinates and
reads the bands at full resolution.  Of further scenes in the window it tells
the values as well, as long as they are visible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.crs import short_name
from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.measure import pixel_size_m
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.notices import plain_text
from napari_geolabel.viewer.places import PLACE_KEY, Place
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY

if TYPE_CHECKING:
    from napari.layers import Layer

_METRES_PER_DEGREE = 111_320.0
MOST_BANDS = 6
"""So many values fit behind the place in a window of 1280 pixels."""

ClassAt = Callable[[float, float], str]
"""Names of the classes at a pixel point ``(x, y)``, empty where there is none; safe to call from any thread."""


class StatusReader:
    """Answers napari's question what is at a place, for all layers of a scene.

    Parameters
    ----------
    scene
        The scene that rows, columns and coordinates are told of.
    class_at
        Names what is labelled there.
    place
        Where the scene lies in the window; None where it is the first.
    layers
        The layers of the window; the values of other scenes among them are told too.
    shown
        Returns the scene's layer in the pane under the mouse, whose values alone are told; None in a single view.
    """

    def __init__(
        self,
        scene: Scene | Callable[[], Scene],
        class_at: ClassAt | None = None,
        *,
        place: Place | None = None,
        layers: Iterable[Layer] = (),
        shown: Callable[[], Layer | None] = lambda: None,
    ) -> None:
        self._scene: Callable[[], Scene] = (lambda: scene) if isinstance(scene, Scene) else scene
        grid = self._scene().grid
        self._place = place or Place.alone(grid)
        self._place_text = PlaceText(grid)
        self._class_at = class_at
        self._layers = layers
        self._shown = shown

    def install(self, layer: Layer) -> None:
        """Make a layer answer with this reader; ``del layer.get_status`` gives napari's back."""

        def get_status(
            position: ArrayLike | None = None,
            *,
            view_direction: ArrayLike | None = None,  # noqa: ARG001  (napari's signature)
            dims_displayed: list[int] | None = None,  # noqa: ARG001
            world: bool = False,
            value: object = None,  # noqa: ARG001
        ) -> dict[str, str]:
            if position is not None and not world:
                position = layer.data_to_world(position)
            text = "" if position is None else self.text(position)
            name = plain_text(layer.name)
            # napari shows `coordinates` for one selected layer, `coords` and `value` for several
            return {
                "layer_name": name,
                "layer_base": name,
                "source_type": "",
                "plugin": "",
                "coordinates": text,
                "coords": text,
                "value": "",
            }

        layer.get_status = get_status

    def text(self, world: ArrayLike) -> str:
        """Return the status at a world position, rows first."""
        point = np.asarray(world, np.float64)[-2:]
        x, y = _pixel(self._place, point)
        parts = [*self._place_text.parts(x, y)] if math.isfinite(x) and math.isfinite(y) else []
        if self._class_at is not None:
            parts.append(self._class_at(x, y))
        parts += self._values(x, y, point)
        return plain_text(" · ".join(part for part in parts if part))

    def _values(self, x: float, y: float, world: FloatArray) -> list[str]:
        """Return the values of the scene, and of others by their names, where there are any."""
        shown = self._shown()
        if shown is not None:
            return [_pane_text(shown, world)]
        own = _values_at(self._scene(), x, y, self._shown_bands())
        others = [(layer.metadata[SCENE_KEY].name, _layer_values(layer, world)) for layer in self._other_layers()]
        others = [(name, text) for name, text in others if text]
        if not others:
            return [own]
        return [f"{name}: {text}" for name, text in [(self._scene().name, own), *others] if text]

    def _other_layers(self) -> Iterator[Layer]:
        """Yield the layers of the visible scenes besides this one, each scene once, topmost last."""
        seen = {id(self._scene())}
        for layer in tuple(self._layers):  # a copy: this runs while the window may change
            scene = layer.metadata.get(SCENE_KEY)
            if PICTURE_KEY in layer.metadata and layer.visible and id(scene) not in seen:
                seen.add(id(scene))
                yield layer

    def _shown_bands(self) -> Sequence[str]:
        """Return the bands of the composite that the scene is shown in, none where no layer shows it."""
        scene = self._scene()
        for layer in tuple(self._layers):
            if PICTURE_KEY in layer.metadata and layer.metadata.get(SCENE_KEY) is scene:
                shown: Sequence[str] = layer.metadata[PICTURE_KEY].band_names
                return shown
        return ()


def _pixel(place: Place, world: FloatArray) -> tuple[float, float]:
    """Return the scene's pixel point at one world point."""
    ((x, y),) = place.to_pixel(world[None])
    return float(x), float(y)


def _pane_text(layer: Layer, world: FloatArray) -> str:
    """Return what a pane shows, and the values of its scene."""
    values = _layer_values(layer, world)
    return f"{layer.name}: {values}" if values else ""


def _layer_values(layer: Layer, world: FloatArray) -> str:
    """Return the values of the scene of a layer, those that it shows first."""
    x, y = _pixel(layer.metadata[PLACE_KEY], world)
    return _values_at(layer.metadata[SCENE_KEY], x, y, layer.metadata[PICTURE_KEY].band_names)


def _values_at(scene: Scene, x: float, y: float, shown: Sequence[str]) -> str:
    try:
        return band_text(scene.sample(x, y), shown)
    except GeoLabelError:  # told once when the picture was read; a status bar only says that there is nothing
        return "bands cannot be read"


class PlaceText:
    """Writes pixel points of a grid as map coordinates, longitude and latitude, row and column."""

    def __init__(self, grid: GeoGrid) -> None:
        self._grid = grid
        self._crs_name = "" if grid.crs is None else short_name(grid.crs)
        self._map_digits, self._degree_digits = _digits(grid)

    def parts(self, x: float, y: float) -> list[str]:
        """Return the texts for a pixel point; map coordinates only where the grid has them."""
        cell = f"row {math.floor(y)} col {math.floor(x)}"
        if not self._grid.is_georeferenced:
            return [cell]
        point = np.array([(x, y)])
        ((east, north),) = self._grid.pixel_to_map(point)
        place = f"{self._crs_name} {east:.{self._map_digits}f} {north:.{self._map_digits}f}"
        return [cell, place, *self._lonlat(point)]

    def _lonlat(self, point: ArrayLike) -> list[str]:
        try:
            ((lon, lat),) = self._grid.pixel_to_lonlat(point)
        except GeoLabelError:  # beyond the reach of the projection
            return []
        digits = self._degree_digits
        east, north = "W" if lon < 0 else "E", "S" if lat < 0 else "N"
        return [f"{abs(lat):.{digits}f}°{north} {abs(lon):.{digits}f}°{east}"]


def band_text(values: Mapping[str, float | None], shown: Sequence[str] = ()) -> str:
    """Return the values of bands, ``no data`` alone where every band has none, empty outside the scene.

    Parameters
    ----------
    values
        Band name to value, None for none.
    shown
        The bands of the composite on screen. Of more bands than the line has
        room for they come first, and what is left out is counted: all values
        are in the spectral profile.
    """
    if not values:
        return ""
    if all(value is None for value in values.values()):
        return "no data"
    told, left = list(values), 0
    if len(values) > MOST_BANDS:
        told = list(dict.fromkeys([*(name for name in shown if name in values), *values]))[:MOST_BANDS]
        left = len(values) - MOST_BANDS
    texts = [f"{name} {'nodata' if values[name] is None else f'{values[name]:.6g}'}" for name in told]
    return "  ".join([*texts, f"+{left} bands"] if left else texts)


def _digits(grid: GeoGrid) -> tuple[int, int]:
    """Return decimals that tell a tenth of a pixel apart, for map coordinates and for degrees."""
    size = pixel_size_m(grid)
    if size is None:
        return 0, 0
    t = grid.transform
    steps = [math.hypot(t.a, t.d), math.hypot(t.b, t.e)]
    return _decimals(min(steps)), _decimals(min(size) / _METRES_PER_DEGREE)


def _decimals(step: float) -> int:
    """Return how many decimals a tenth of a step needs."""
    return max(0, 1 - math.floor(math.log10(step))) if step > 0 and math.isfinite(step) else 0

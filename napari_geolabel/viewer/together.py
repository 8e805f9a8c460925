"""Several scenes in one window: each new one finds its place in the frame of the first.

The first scene is the one that was there first, or the one that is labelled.
All layers of scenes in a window name the same first grid in their `Place`, so
that a scene that comes later finds its way even if the first is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from napari_geolabel.geo.grid import GeoGrid
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.label_layers import LABELS_KEY
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.places import PLACE_KEY, Place, place_of, place_or_beside
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY, add_scene_layer, find_scene_layer, move_layer

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

GREY_OPACITY = 0.6
"""Opacity of a scene in shades of grey over another: both can be read, as radar over an optical scene."""


def add_scene(viewer: ViewerModel, scene: Scene, composite: Composite | str | None = None) -> Image:
    """Add a scene to a window at its place among those that are there, and return its layer.

    Parameters
    ----------
    viewer
        The viewer; without a scene in it, this one becomes the first.
    scene
        The scene.  One that is there already gets no second layer.
    composite
        What to show of it; None is its default.

    Raises
    ------
    GeoLabelError
        If the scene cannot be shown in the CRS of the first, or lies too far away for that.
    """
    there = find_scene_layer(viewer, scene)
    if there is not None:
        return there
    first = first_grid(viewer.layers)
    if first is None:
        return add_scene_layer(viewer, scene, composite)
    place = place_of(first, scene)
    layer = add_scene_layer(viewer, scene, composite, place)
    _blend(layer)
    _say(place)
    return layer


def join(layers: Iterable[Layer], layer: Image) -> None:
    """Bring a scene layer that has come into a window, as by dropping a file, to its place among the others."""
    first = first_grid(each for each in layers if each is not layer)
    if first is None or layer.metadata[PLACE_KEY].first is first:
        return
    place = place_or_beside(first, layer.metadata[SCENE_KEY])
    move_layer(layer, place)
    _blend(layer)
    _say(place)


def make_first(viewer: ViewerModel, layer: Image) -> None:
    """Make the scene of a layer the first of its window; all other scenes, and old labels of theirs, follow."""
    scene: Scene = layer.metadata[SCENE_KEY]
    own = Place.alone(scene.grid)
    moved = layer.metadata[PLACE_KEY].first is not scene.grid
    for each in list(viewer.layers):
        if PLACE_KEY in each.metadata:
            is_own = each.metadata[SCENE_KEY] is scene
            if each.metadata[PLACE_KEY].first is not scene.grid:
                move_layer(each, own if is_own else place_or_beside(scene.grid, each.metadata[SCENE_KEY]))
        elif LABELS_KEY in each.metadata:
            old: Scene = each.metadata[SCENE_KEY]
            _move_labels(each, own if old.grid == scene.grid else place_or_beside(scene.grid, old))
    if moved:
        viewer.reset_view()


def first_grid(layers: Iterable[Layer]) -> GeoGrid | None:
    """Return the grid of the scene whose frame is the world of some layers, None where no scene is shown."""
    for layer in layers:
        place: Place | None = layer.metadata.get(PLACE_KEY)
        if place is not None:
            return place.first
    return None


def _move_labels(layer: Layer, place: Place) -> None:
    """Bring a layer of labels that nobody edits any more along with its scene; what would have to bend is hidden."""
    if place.is_warped:
        layer.visible = False
    else:
        layer.affine = place.layer_transform["affine"]


def _blend(layer: Image) -> None:
    """Let the scenes below shine through a grey picture; a coloured one covers them and is blinked or faded by hand."""
    composite = layer.metadata[PICTURE_KEY].composite
    if len(composite.channels) == 1 and composite.colormap in (None, "gray"):
        layer.opacity = GREY_OPACITY


def _say(place: Place) -> None:
    if place.notice:
        warn(place.notice)

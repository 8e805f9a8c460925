"""A scene as one napari image layer whose composite is switched in place.

The layer's data is the RGBA pyramid of an `imagery.Picture`.  Switching gives
the picture another composite and asks the layer to redraw; the layer is never
removed and made anew, so camera, labels and layer order stay.  Where the
pixels lie in the world of the window is the layer's `Place`; one that is
warped shows a `WarpedPicture` instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.imagery.composite import AUTOMATIC, Composite
from napari_geolabel.imagery.lazy_level import LazyLevel
from napari_geolabel.imagery.overviews import keep_levels_ready
from napari_geolabel.imagery.picture import Picture, band_levels
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.warped import WarpedPicture, warped_levels
from napari_geolabel.viewer.places import PLACE_KEY, Place, place_or_beside
from napari_geolabel.viewer.preferences import load_preferences

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

SCENE_KEY = "geolabel_scene"
"""Key of a layer's metadata that holds its `Scene`."""
PICTURE_KEY = "geolabel_picture"
"""Key of a layer's metadata that holds its `Picture`, or `WarpedPicture`."""
PANE_KEY = "geolabel_pane"
"""Key of the metadata of a scene's further layer, in one of several linked panes."""
EXPRESSION_KEY = "geolabel_expression"
"""Key of a band layer's metadata that holds its expression."""

LayerData = tuple[Any, dict[str, Any], str]
"""What napari makes a layer of: data, keyword arguments, type of layer."""


def scene_layer_data(scene: Scene, composite: Composite | str | None = None, place: Place | None = None) -> LayerData:
    """Return what napari needs to show a scene as one RGBA image layer.

    Parameters
    ----------
    scene
        The scene.
    composite
        What to show first; None is the scene's default composite, stretched
        as the user's preferences say.
    place
        Where it lies; None makes it the first scene of a window.
    """
    place = place or Place.alone(scene.grid)
    first = offered_composites(scene)[scene.default_composite()] if composite is None else composite
    picture = _picture(scene, first, place)
    keywords = {
        "name": layer_name(picture, place),
        "rgb": True,
        "multiscale": True,
        "contrast_limits": (0, 255),
        "metadata": {SCENE_KEY: scene, PICTURE_KEY: picture, PLACE_KEY: place},
        **place.layer_transform,
    }
    keep_levels_ready(scene)
    return picture.levels, keywords, "image"


def add_scene_layer(
    viewer: ViewerModel, scene: Scene, composite: Composite | str | None = None, place: Place | None = None
) -> Image:
    """Add a scene to a viewer as one image layer and return the layer."""
    levels, keywords, _ = scene_layer_data(scene, composite, place)
    return viewer.add_image(levels, **keywords)


def add_band_layer(viewer: ViewerModel, scene: Scene, expression: str) -> Image:
    """Add a band or an expression of bands as a grey layer of true values, where the scene lies; return the layer.

    The contrast runs over the scene's default percentiles, and napari's own
    sliders and colour maps work on it without reading a pixel again.
    """
    shown = find_scene_layer(viewer, scene)
    place = Place.alone(scene.grid) if shown is None else shown.metadata[PLACE_KEY]
    low, high = _limits(band_levels(scene, expression)[-1])
    layer = viewer.add_image(
        _band_levels(scene, expression, place),
        name=f"{scene.name} · {expression}",
        rgb=False,
        multiscale=True,
        colormap="gray",
        contrast_limits=(low, high),
        metadata={SCENE_KEY: scene, EXPRESSION_KEY: expression, PLACE_KEY: place},
        **place.layer_transform,
    )
    span = high - low
    layer.contrast_limits_range = (low - span, high + span)  # napari would not let the sliders go beyond the limits
    return layer


def move_layer(layer: Image, place: Place) -> None:
    """Show a layer of a scene, or of a band of it, at another place."""
    scene, before = layer.metadata[SCENE_KEY], layer.metadata[PLACE_KEY]
    picture = layer.metadata.get(PICTURE_KEY)
    follows_name = picture is not None and layer.name.startswith(layer_name(picture, before))
    layer.metadata[PLACE_KEY] = place
    if place.is_warped or before.is_warped:
        if picture is None:
            layer.data = _band_levels(scene, layer.metadata[EXPRESSION_KEY], place)
        else:
            picture = layer.metadata[PICTURE_KEY] = _picture(scene, picture.composite, place)
            layer.data = picture.levels
    _transform(layer, place)
    if follows_name:
        layer.name = layer_name(picture, place)


def show_composite(layer: Image, composite: Composite | str) -> Composite:
    """Show another composite in a scene layer, in place, and return it resolved to a `Composite`.

    Raises
    ------
    BandNotFoundError, CompositeError
        If the scene cannot show it; the layer then stays as it was.
    """
    picture: Picture | WarpedPicture = layer.metadata[PICTURE_KEY]
    place: Place = layer.metadata[PLACE_KEY]
    follows_name = layer.name.startswith(layer_name(picture, place))
    picture.composite = composite
    layer.refresh()
    if follows_name:  # a name that the user gave is theirs
        layer.name = layer_name(picture, place)
    return picture.composite


def offered_composites(scene: Scene) -> dict[str, Composite]:
    """Return what a scene can show, id to composite, its percentile stretches as the user's preferences say."""
    preferences = load_preferences()
    preferred = replace(AUTOMATIC, low=preferences.stretch_low, high=preferences.stretch_high)
    return {
        composite.id: replace(composite, stretch=preferred) if composite.stretch == AUTOMATIC else composite
        for composite in scene.composites().values()
    }


def change_scene(layer: Image, scene: Scene) -> None:
    """Show another reading of the same pixels (bands named, transform given) in a scene layer."""
    before: Place = layer.metadata[PLACE_KEY]
    is_first = before.first is before.scene
    place = Place.alone(scene.grid) if is_first else place_or_beside(before.first, scene)
    put_scene(layer, scene, None, place)


def put_scene(layer: Image, scene: Scene, composite: Composite | str | None, place: Place) -> None:
    """Show a scene in a layer that showed another one, or the same at another place."""
    levels, keywords, _ = scene_layer_data(scene, composite, place)
    layer.metadata.update(keywords["metadata"])
    layer.data = levels
    _transform(layer, place)
    layer.name = keywords["name"]


def layer_name(picture: Picture | WarpedPicture, place: Place) -> str:
    """Return the name of a scene layer: the scene, the composite that it shows, and how it was brought to its place."""
    return " · ".join(part for part in (picture.scene.name, picture.composite.title, place.note) if part)


def scene_of(layer: Layer | None) -> Scene | None:
    """Return the scene that a layer shows or belongs to, None for other layers."""
    return None if layer is None else layer.metadata.get(SCENE_KEY)


def is_scene_layer(layer: Layer) -> bool:
    """Return whether a layer is the one of its scene: it shows composites, and in no pane of linked views."""
    return PICTURE_KEY in layer.metadata and PANE_KEY not in layer.metadata


def find_scene_layer(viewer: ViewerModel, scene: Scene) -> Image | None:
    """Return the layer of a viewer that shows the composites of a scene, None if there is none."""
    for layer in viewer.layers:
        if layer.metadata.get(SCENE_KEY) is scene and is_scene_layer(layer):
            return layer
    return None


def scene_layers(viewer: ViewerModel) -> list[Image]:
    """Return all layers of a viewer that show composites of a scene, the active one first."""
    active = viewer.layers.selection.active
    found = [layer for layer in viewer.layers if is_scene_layer(layer)]
    return sorted(found, key=lambda layer: layer is not active)


def _picture(scene: Scene, composite: Composite | str, place: Place) -> Picture | WarpedPicture:
    return WarpedPicture(scene, composite, place.shown) if place.is_warped else Picture(scene, composite)


def _band_levels(scene: Scene, expression: str, place: Place) -> Sequence[LazyLevel]:
    levels = band_levels(scene, expression)
    return warped_levels(levels, scene.grid, place.shown) if place.is_warped else levels


def _transform(layer: Image, place: Place) -> None:
    """Lay the pixels of a layer at a place."""
    for name, value in place.layer_transform.items():
        setattr(layer, name, value)


def _limits(level: Any) -> tuple[float, float]:  # noqa: ANN401  (an imagery FloatLevel)
    """Return the 2nd and 98th percentile of the valid values of a small level, made apart."""
    values = np.asarray(level)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = (float(v) for v in np.percentile(values, (2, 98)))
    return (low, high) if high > low else (low - 0.5, low + 0.5)

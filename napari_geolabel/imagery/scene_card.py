"""How a scene shows itself in a notebook: a small picture, what it is, and its bands."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import pixel_size_m
from napari_geolabel.notebook_html import html_picture, html_table, html_title

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

THUMBNAIL_PX = 256
MOST_BANDS = 24
"""How many bands are listed."""


class SceneCard:
    """The part of a `Scene` that notebooks show."""

    def _repr_html_(self: Scene) -> str:  # type: ignore[misc]  # only scenes are made of it
        return scene_html(self)

    def _repr_png_(self: Scene) -> bytes | None:  # type: ignore[misc]
        return scene_png(self)


def scene_png(scene: Scene) -> bytes | None:
    """Return a small picture of a scene in its default composite as PNG, None where it cannot be read."""
    from PIL import Image

    from napari_geolabel.imagery.render import render

    try:
        picture = render(scene, scene.default_composite(), max_size=THUMBNAIL_PX)
    except GeoLabelError:  # it is closed, or its file is damaged: the table still says what it is
        return None
    data = io.BytesIO()
    Image.fromarray(picture).save(data, format="PNG")
    return data.getvalue()


def scene_html(scene: Scene) -> str:
    """Return what a scene is as HTML: picture, size, place and bands."""
    rows, cols = scene.grid.shape
    size = pixel_size_m(scene.grid)
    facts = [
        ("size", f"{rows} rows x {cols} columns, {scene.dtype}"),
        ("pixel", None if size is None else f"{size[0]:.4g} x {size[1]:.4g} m"),
        ("CRS", "not georeferenced" if scene.grid.crs is None else scene.grid.crs.to_string()[:80]),
        ("sensor", None if scene.sensor is None else scene.sensor.title),
        ("composites", ", ".join(id_ for id_ in scene.composites() if id_ not in scene.bands.names)),
    ]
    bands = [(band.name, band.common_name, band.wavelength_um, band.description) for band in scene.bands[:MOST_BANDS]]
    more = len(scene.bands) - len(bands)
    png = scene_png(scene)
    parts = [
        html_title(scene.name, f"{len(scene.bands)} bands"),
        "" if png is None else html_picture(png, f"{scene.name} as {scene.default_composite()}"),
        html_table((), [fact for fact in facts if fact[1]]),
        html_table(("band", "common name", "µm", "description"), bands),
        html_title("", f"and {more} more") if more > 0 else "",
    ]
    return "".join(parts)

"""Commands on scenes: info and render."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.composites import find_composite
from napari_geolabel.cli.options import (
    AsJson,
    ScenePaths,
    SceneReading,
    opens_scene,
    parse_stretch,
)
from napari_geolabel.cli.tables import print_facts, print_json, print_table

if TYPE_CHECKING:
    from napari_geolabel.geo import GeoGrid
    from napari_geolabel.imagery.composite import Composite
    from napari_geolabel.imagery.metadata import SceneMetadata
    from napari_geolabel.imagery.scene import Scene

_LISTED_BANDS = 64  # a file of 244 bytes can claim 65,535 bands


@app.command()
@opens_scene
def info(scene: ScenePaths, *, as_json: AsJson = False, reading: SceneReading) -> None:
    """Tell a scene's size, place, sensor, bands and composites.

    Several files are told of as the one scene that they make.
    """
    opened = reading.open(scene)
    if as_json:
        from napari_geolabel.imagery.summary import summary

        print_json(summary(opened))
        return
    for path in scene:
        typer.echo(opened.url if opened.url is not None and len(scene) == 1 else path)  # without a signature
    print_scene(opened)


@app.command()
@opens_scene
def render(
    *,
    scene: ScenePaths,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The PNG to write.")],
    composite: Annotated[
        str | None,
        typer.Option(
            "--composite",
            "-c",
            metavar="ID|BANDS|EXPRESSION",
            show_default=False,
            help="An id that geolabel composites lists, such as swir or ndvi, a band, three of them as nir,red,green, "
            "or an expression such as '(nir - red) / (nir + red)'.",
        ),
    ] = None,
    max_size: Annotated[
        int,
        typer.Option("--max-size", metavar="PIXELS", min=0, help="Longest side of the picture; 0 is full resolution."),
    ] = 1024,
    stretch: Annotated[
        str | None,
        typer.Option(
            "--stretch",
            metavar="LOW,HIGH",
            help="Percentiles of the valid pixels, as 2,98; values (reflectance if it is known), as 'fixed 0,0.3'; "
            "'deviations 2' around the mean; or equalize.",
        ),
    ] = None,
    reading: SceneReading,
) -> None:
    """Write a picture of a scene as PNG.

    Pixels without data are transparent.
    """
    from napari_geolabel.imagery.render import render as render_scene
    from napari_geolabel.imagery.render import write_png

    opened = reading.open(scene)
    chosen = _composite(opened, composite, stretch)
    picture = render_scene(opened, chosen, max_size=max_size or None)
    write_png(out, picture)
    rows, cols = picture.shape[:2]
    typer.echo(f"{out}: {chosen.title}, {cols} x {rows} pixels")


def print_scene(scene: Scene) -> None:
    """Print size, place and bands of a scene for people."""
    rows, cols = scene.grid.shape
    print_facts(
        {
            "size": f"{cols} x {rows} pixels, {len(scene.bands)} band{'s'[: len(scene.bands) != 1]}, {scene.dtype}",
            "levels": ", ".join(f"{level.shape[1]} x {level.shape[0]}" for level in scene.levels),
            **_place(scene.grid),
            **_sensor(scene),
            **_taken(scene.metadata),
        }
    )
    typer.echo("")
    print_table(
        ["band", "name", "common name", "wavelength um", "scale", "offset", "no data", "description"],
        [
            [b.index + 1, b.name, b.common_name, b.wavelength_um, b.scale, b.offset, b.nodata, b.description]
            for b in scene.bands[:_LISTED_BANDS]
        ],
    )
    if len(scene.bands) > _LISTED_BANDS:
        typer.echo(f"  and {len(scene.bands) - _LISTED_BANDS} bands more")
    typer.echo(f"\n{_composites(scene)}")
    for note in scene.metadata["notes"]:
        typer.echo(f"  note: {note}")
    unknown = [band.name for band in scene.bands if band.common_name is None and band.description is None]
    if unknown and len(scene.bands) > 1:
        which = ", ".join(unknown[:4]) + (" and others" if len(unknown) > 4 else "")
        typer.echo(
            f"  The file does not say what {which} sees, so it shows alone; name all bands in their order with\n"
            "  --bands blue,green,red,nir for colour composites and indices."
        )


def _composites(scene: Scene) -> str:
    """Return the ids of what a scene can show, on lines of a page's width; bands stand in their table already."""
    from textwrap import fill

    mixed = [each for each in scene.composites() if each not in scene.bands.names]
    listed = [*mixed, *scene.bands.names[:_LISTED_BANDS]] if len(scene.bands) < 4 else [*mixed, "each band alone"]
    return fill(f"composites: {', '.join(listed)}", 110, initial_indent="  ", subsequent_indent="    ")


def _place(grid: GeoGrid) -> dict[str, object]:
    """Return where a grid lies on Earth, in words."""
    from napari_geolabel.geo import pixel_size_m

    size = pixel_size_m(grid)
    if grid.crs is None or size is None:
        return {"georeference": "none; it shows in pixels, and no GeoJSON or other map file can be written"}
    corner = grid.outline.mean(axis=0)
    (lon, lat), (x, y) = grid.pixel_to_lonlat([corner])[0], grid.pixel_to_map([(0, 0)])[0]
    code = grid.crs.to_string()
    t = grid.transform
    return {
        "CRS": grid.crs.name if len(code) > len("EPSG:000000") else f"{code}, {grid.crs.name}",
        "pixel": f"{size[1]:.6g} x {size[0]:.6g} m on the ground{_turn(t.b, t.d, t.e)}",
        "first corner": f"{x:.10g}, {y:.10g}",
        "centre": f"{abs(lon):.5f} {'E' if lon >= 0 else 'W'}, {abs(lat):.5f} {'N' if lat >= 0 else 'S'}",
    }


def _sensor(scene: Scene) -> dict[str, object]:
    """Return the sensor that a scene is taken for, and by what."""
    match = scene.sensor
    return {} if match is None else {"sensor": f"{match.title} [{match.id}], by {match.reason}"}


def _taken(told: SceneMetadata) -> dict[str, object]:
    """Return when and how a scene was taken, as far as it is known."""
    from datetime import datetime

    def number(value: float | None, unit: str) -> str | None:
        return None if value is None else f"{value:.4g}{unit}"

    acquired = told.acquired
    sun = (number(told.sun_elevation_deg, " degrees high"), number(told.sun_azimuth_deg, " degrees from north"))
    return {
        "acquired": f"{acquired:%Y-%m-%d %H:%M:%S} UTC" if isinstance(acquired, datetime) else acquired,
        "platform": told.platform,
        "product": told.product,
        "level": told.level,
        "sun": ", ".join(filter(None, sun)) or None,
        "off nadir": number(told.off_nadir_deg, " degrees"),
        "cloud cover": number(told.cloud_cover_percent, " %"),
        "sampled at": number(told.ground_sample_distance_m, " m"),
        "read as well": ", ".join(path.name for path in told.told_by) or None,
    }


def _turn(b: float, d: float, e: float) -> str:
    """Return what is unusual about how a grid lies."""
    if b or d:
        return ", rotated"
    return ", south up" if e > 0 else ""


def _composite(scene: Scene, name: str | None, stretch: str | None) -> Composite:
    """Return the composite that was asked for, by id or as an expression, with its stretch."""
    from dataclasses import replace

    from napari_geolabel.imagery.composite import resolve
    from napari_geolabel.imagery.stretch import Stretch

    chosen = find_composite(scene, scene.default_composite() if name is None else name)
    for note in resolve(chosen, scene.bands).notes:
        typer.echo(f"note: {note}", err=True)
    if stretch is None:
        return chosen
    mode, low, high = parse_stretch(stretch)
    return replace(chosen, stretch=Stretch(method=mode, low=low, high=high))

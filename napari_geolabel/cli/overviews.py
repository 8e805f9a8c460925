"""The command that builds the levels that a scene's file does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.cli.app import app

if TYPE_CHECKING:
    from napari_geolabel.imagery.overviews import Progress


@app.command()
def overviews(
    scene: Annotated[Path, typer.Argument(metavar="SCENE", help="A raster without overviews.")],
    beside: Annotated[
        bool,
        typer.Option("--beside", help="Write SCENE.ovr beside a GeoTIFF, for other programs too."),
    ] = False,
) -> None:
    """Build the reduced levels of a scene once, so that looking at all of it is quick.

    They are kept in the user's cache folder, where geolabel and the napari
    plugin find them; napari builds them by itself, in the background.
    """
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.imagery.overviews import build_levels, write_overviews_beside

    with open_scene(scene, sensor="none") as opened, _bar() as progress:
        if beside:
            path: Path | None = write_overviews_beside(opened.path, progress=progress)
        elif opened.source.store.reduced is not None:
            path = None
        else:
            path = build_levels(opened.source.store.reader, progress=progress)
    if path is None:
        typer.echo(f"{scene}: its levels are built already")
    else:
        typer.echo(f"{path}: {path.stat().st_size / 2**20:,.1f} MiB")


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show a bar on the terminal while something is told how far it has come."""
    with typer.progressbar(length=1000, label="overviews") as bar:

        def progress(share: float) -> None:
            bar.update(round(share * 1000) - bar.pos)

        yield progress

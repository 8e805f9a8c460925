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
    scene: Annotated[
        Path, typer.Argument(metavar="SCENE", help="A raster without overviews, or a folder with one file per band.")
    ],
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
    from napari_geolabel.imagery.overviews import build_levels, files_without_levels, write_overviews_beside

    built: list[Path | None] = []
    with open_scene(scene, sensor="none") as opened:
        files = [file.reader for file in files_without_levels(opened.source.store)]
        if not files and not beside and opened.source.store.reduced is None and len(opened.paths) == 1:
            files = [opened.source.store.reader]  # which says why there is nothing to build
        for reader in files if not beside else []:
            with _bar() as progress:
                built.append(build_levels(reader, progress=progress))
        for path in opened.paths if beside else []:
            with _bar() as progress:
                built.append(write_overviews_beside(path, progress=progress))
    for path in filter(None, built):
        typer.echo(f"{path}: {path.stat().st_size / 2**20:,.1f} MiB")
    if not built:
        typer.echo(f"{scene}: its levels are built already")


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show a bar on the terminal while something is told how far it has come."""
    with typer.progressbar(length=1000, label="overviews") as bar:

        def progress(share: float) -> None:
            bar.update(round(share * 1000) - bar.pos)

        yield progress

"""The command that ties a label file to a scene that was moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.label_files import LabelFilePath
from napari_geolabel.cli.options import AsJson
from napari_geolabel.cli.tables import print_json

_STATES = {
    "same": "it is where it was",
    "moved": "it has moved, and is known again by its content",
    "changed": "it is another one than was labelled",
    "unknown": "the label file did not know its scene before",
}


@app.command()
def relink(
    label_file: LabelFilePath,
    scene: Annotated[
        Path | None,
        typer.Option("--scene", "-s", metavar="SCENE", help="Where the scene lies now; else it is looked for."),
    ] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option(
            "--in", metavar="FOLDER", help="Look for the scene in this folder and all in it; may be repeated."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take the scene also if it is not the one that was labelled.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tie a label file to its scene, which was moved or renamed.

    The scene is known by its size and content, whatever its name is.
    """
    from napari_geolabel.labels.relinking import relink as relink_file

    found = relink_file(label_file, scene, folders=folder or (), accept="changed" if force else "same")
    if as_json:
        print_json({"file": str(label_file), "scene": str(found.scene), "state": found.state, "notes": found.notes})
        return
    typer.echo(f"{label_file}: the scene is {found.scene}; {_STATES[found.state]}")
    for note in found.notes:
        typer.echo(f"  {note}")

"""Commands on label files themselves: log and pack."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import AsJson
from napari_geolabel.cli.tables import print_json, print_table

LabelFilePath = Annotated[Path, typer.Argument(metavar="LABELFILE", help="A label file: <scene>.labels.gpkg.")]


@app.command()
def log(label_file: LabelFilePath, as_json: AsJson = False) -> None:
    """Tell who changed what and when in a label file."""
    from napari_geolabel.labels.label_files import read_log

    entries = read_log(label_file)
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    typer.echo(f"{label_file}: {len(entries) or 'no'} change{'' if len(entries) == 1 else 's'}")
    if entries:
        headings = ["change", "when", "who", "what", "added", "changed", "removed", "tiles", "undoes"]
        print_table(
            headings,
            [
                [e.seq, f"{e.at:%Y-%m-%d %H:%M:%S}", e.actor, e.title, e.added, e.changed, e.removed, e.tiles, e.undoes]
                for e in entries
            ],
        )


@app.command()
def pack(
    label_file: LabelFilePath,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The copy to write.")],
) -> None:
    """Copy a label file that may be in use to a single file that is whole."""
    from napari_geolabel.labelfile import pack as pack_file
    from napari_geolabel.labels.label_files import ontology_of

    ontology_of(label_file)  # what is no label file is refused
    pack_file(label_file, out)
    typer.echo(f"{out}: a whole copy of {label_file}")

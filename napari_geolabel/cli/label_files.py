"""Commands on label files themselves: log, restore and pack."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import AsJson, Force
from napari_geolabel.cli.tables import print_json, print_table

LabelFilePath = Annotated[Path, typer.Argument(metavar="LABELFILE", help="A label file: <scene>.labels.gpkg.")]


AnnotationIds = Annotated[
    list[str] | None,
    typer.Option("--annotation", metavar="ID", help="Only this annotation; may be repeated."),
]


@app.command()
def log(
    label_file: LabelFilePath,
    annotation: Annotated[
        str | None, typer.Option("--annotation", metavar="ID", help="Only changes of this annotation.")
    ] = None,
    annotator: Annotated[
        str | None, typer.Option("--annotator", metavar="NAME", help="Only changes that this annotator made.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only changes since then, such as 2026-03-01T12:30.")
    ] = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Tell instead what two sessions did not agree on and nobody resolved.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell who changed what and when in a label file."""
    from napari_geolabel.labels.label_files import LogFilter, read_log
    from napari_geolabel.labels.past import as_time

    if conflicts:
        _tell_conflicts(label_file, annotation, as_json=as_json)
        return
    wanted = LogFilter(annotation_id=annotation, annotator=annotator, since=None if since is None else as_time(since))
    entries = read_log(label_file, wanted)
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    typer.echo(f"{label_file}: {_count(len(entries), 'change')}")
    if entries:
        headings = ["change", "when", "who", "what", "added", "changed", "removed", "tiles", "undoes"]
        print_table(
            headings,
            [
                [e.seq, f"{e.at:{_TIME}}", e.actor, e.title, e.added, e.changed, e.removed, e.tiles, e.undoes]
                for e in entries
            ],
        )


@app.command()
def restore(
    label_file: LabelFilePath,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="CHANGE|TIME", help="The number of a change in the log, 0 for the beginning; or a time."
        ),
    ],
    annotation: AnnotationIds = None,
    annotator: Annotated[
        str | None,
        typer.Option(
            "--annotator", metavar="NAME", help="Who does it, for the log; by default the name you log in with."
        ),
    ] = None,
) -> None:
    """Bring an earlier state of a label file back, as one more change that can be undone.

    It is the state right after that change, or at that time.  What came later stays in the log.
    """
    from napari_geolabel.labels.label_files import restore_label_file
    from napari_geolabel.labels.past import as_time
    from napari_geolabel.viewer.preferences import account_name

    change = restore_label_file(
        label_file,
        int(to) if to.removeprefix("-").isdecimal() else as_time(to),
        ids=annotation,
        annotator=annotator or account_name(),
    )
    if not change:
        typer.echo(f"{label_file}: nothing differs from then, so nothing was changed")
        return
    painted = f" and {_count(len(change.tiles), 'mask tile')}" if change.tiles else ""
    typer.echo(f"{label_file}: {_count(len(change.edits), 'annotation')}{painted} went back to how they were")


@app.command()
def pack(
    label_file: LabelFilePath,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The copy to write.")],
    history: Annotated[
        str,
        typer.Option(
            "--history",
            metavar="all|none|DAYS|TIME",
            help="What of log and undo goes along: all, none, the last days as 90d, or from a time on.",
        ),
    ] = "all",
    force: Force = False,
) -> None:
    """Copy a label file that may be in use to a single file that is whole."""
    from napari_geolabel.labels.label_files import pack_label_file

    pack_label_file(label_file, out, history=history, overwrite="always" if force else "careful")
    typer.echo(f"{out}: a whole copy of {label_file}")


_TIME = "%Y-%m-%d %H:%M:%S"


def _tell_conflicts(label_file: Path, annotation: str | None, *, as_json: bool) -> None:
    """Tell the open conflicts, with all three sides of each."""
    from napari_geolabel.labels.label_files import read_conflicts
    from napari_geolabel.labels.resolving import SIDES, field_name, words_for

    found = [c for c in read_conflicts(label_file) if annotation in (None, c.annotation_id)]
    if as_json:
        print_json([asdict(conflict) for conflict in found])
        return
    typer.echo(f"{label_file}: {_count(len(found), 'open conflict')}")
    if found:
        rows = [
            [
                c.number,
                None if c.at is None else f"{c.at:{_TIME}}",
                c.actor,
                c.annotation_id or "the scene",
                field_name(c),
                *(words_for(c, side) for side in SIDES),
            ]
            for c in found
        ]
        headings = ["conflict", "when", "who", "annotation", "what", "they wanted", "the others wrote", "it was"]
        print_table(headings, rows)


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"

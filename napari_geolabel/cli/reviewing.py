"""The command that decides on suggestions by their confidence."""

from __future__ import annotations

from typing import Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.label_files import LabelFilePath
from napari_geolabel.cli.options import AsJson
from napari_geolabel.cli.tables import print_json


@app.command()
def review(
    label_file: LabelFilePath,
    accept_above: Annotated[
        float | None,
        typer.Option("--accept-above", metavar="SHARE", help="Accept suggestions of at least this confidence, 0 to 1."),
    ] = None,
    reject_below: Annotated[
        float | None, typer.Option("--reject-below", metavar="SHARE", help="Reject suggestions of less than this.")
    ] = None,
    class_ids: Annotated[
        list[str] | None, typer.Option("--class", metavar="ID", help="Only of this class; may be repeated.")
    ] = None,
    annotator: Annotated[
        str | None,
        typer.Option(
            "--annotator", metavar="NAME", help="Who does it, for the log; by default the name you log in with."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how many it would be.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept and reject the suggestions of a label file by their confidence, as one change that can be undone.

    What a person drew or changed is no suggestion and stays, and so does what has no confidence.
    """
    from napari_geolabel.annotations.annotation import Status
    from napari_geolabel.labels.label_files import review_label_file
    from napari_geolabel.viewer.preferences import account_name

    change = review_label_file(
        label_file,
        accept_above=accept_above,
        reject_below=reject_below,
        class_ids=class_ids,
        annotator=annotator or account_name(),
        dry_run=dry_run,
    )
    decided = [edit.after.status for edit in change.edits if edit.after is not None]
    accepted = decided.count(Status.ACCEPTED)
    if as_json:
        found = {"file": str(label_file), "accepted": accepted, "rejected": len(decided) - accepted}
        print_json({**found, "dry_run": dry_run})
        return
    would = "would be accepted" if dry_run else "accepted"
    typer.echo(f"{label_file}: {accepted} suggestions {would}, {len(decided) - accepted} rejected")

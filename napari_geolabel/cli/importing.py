"""The command ``import``: labels of other programs into the label file of a scene."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    AsJson,
    ClassMap,
    LabelsPath,
    MakeClasses,
    OntologyOption,
    ReadAs,
    SceneOption,
    SceneReading,
    opens_scene,
    parse_class_map,
)
from napari_geolabel.cli.tables import print_json
from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.imagery import Scene
    from napari_geolabel.labels import Labels


class Duplicates(StrEnum):
    """What becomes of labels that are there already."""

    KEEP = "keep"
    SKIP = "skip"
    FLAG = "flag"


Status = Annotated[
    str | None,
    typer.Option(
        "--status", metavar="STATUS", help="Status of all: suggested for predictions, draft, submitted, accepted."
    ),
]
Confidence = Annotated[
    float | None,
    typer.Option("--confidence", min=0, max=1, help="Confidence of all labels for which the file gives none."),
]


@app.command("import")
@opens_scene
def import_(
    *,
    labels: LabelsPath,
    scene: SceneOption,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="LABELFILE", help="The label file; else that of the scene, made if need be."),
    ] = None,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    read_as: ReadAs = None,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    remember: Annotated[
        bool, typer.Option("--remember", help="Keep the class map in the ontology, as aliases of its classes.")
    ] = False,
    status: Status = None,
    confidence: Confidence = None,
    duplicates: Annotated[
        Duplicates,
        typer.Option(
            "--duplicates", help="Labels that are there already: leave them out, or take them as suggestions."
        ),
    ] = Duplicates.KEEP,
    iou: Annotated[
        float, typer.Option("--iou", min=0, max=1, help="Intersection over union from which on areas are duplicates.")
    ] = 0.9,
    outside: Annotated[
        bool, typer.Option("--outside", help="Take features of a map that lie off the scene too.")
    ] = False,
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs",
            metavar="CRS",
            help="Of the file, where it names none or a wrong one: scene, or a code such as EPSG:32631.",
        ),
    ] = None,
    resample: Annotated[bool, typer.Option("--resample", help="Lay a mask of other pixels on the scene's.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only tell what would come in.")] = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Take labels of another program into the label file of a scene, as one change that undo takes back.

    Tells what came in, and what did not and why.  A label file that exists keeps its ontology.
    """
    from napari_geolabel.labels.opening import open_scene_labels

    opened = reading.open(scene)
    held = _held_still(opened, ontology, into) if dry_run else open_scene_labels(opened, ontology, path=into)
    order: dict[str, Any] = {
        "format": read_as,
        "class_map": parse_class_map(class_map),
        "make_classes": make_classes,
        "remember": remember,
        "status": status,
        "confidence": confidence,
        "duplicates": duplicates.value,
        "iou": iou,
        "outside": "keep" if outside else "skip",
        "crs": crs,
        "resample": resample,
        "dry_run": dry_run,
    }
    try:
        report = held.import_from(labels, **order)
        held.flush()
        place = held.path
    finally:
        held.close()
    _tell(place, report, dry_run=dry_run, as_json=as_json)


def _held_still(scene: Scene, ontology: str, into: Path | None) -> Labels:
    """Return the labels that an import would go into, without making or changing a label file."""
    from napari_geolabel.labels.opening import open_labels, own_label_path
    from napari_geolabel.labels.relinking import find_label_file
    from napari_geolabel.ontology import load_ontology

    path = into or find_label_file(scene, own_label_path(scene))[0]
    if not path.exists():
        return open_labels(scene=scene, ontology=ontology)
    held, known = open_labels(path, scene=scene, mode="r"), load_ontology(ontology)
    if known.id == held.ontology.id and all(label_class.id in known for label_class in held.ontology.classes):
        with suppress(GeoLabelError):  # the label file would go on with its own ontology then
            held.store.ontology = known
    return held


def _tell(place: Path | None, report: Report, *, dry_run: bool, as_json: bool) -> None:
    """Say what came in, and what did not and why."""
    if as_json:
        print_json(
            {
                "file": None if place is None else str(place),
                "imported": report.imported,
                "skipped": [{"where": where, "why": why} for where, why in report.skipped],
                "notes": report.notes,
                "dry_run": dry_run,
            }
        )
        return
    came = f"{report.imported} label{'' if report.imported == 1 else 's'} {'would come' if dry_run else 'came'} in"
    typer.echo(f"{place}: {came}" if place and not dry_run else came)
    for line in [*(f"left out {where}: {why}" for where, why in report.skipped), *report.notes]:
        typer.echo(f"  {line}")

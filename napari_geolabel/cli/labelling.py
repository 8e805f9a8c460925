"""Commands on label files: export, convert, validate."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.choosing import Wanted, chooses_annotations
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    AsJson,
    ClassMap,
    CrsOption,
    Force,
    FormatOption,
    LabelsPath,
    MakeClasses,
    OntologyOption,
    ReadAs,
    Resample,
    SceneOfLabels,
    SceneReading,
    Styles,
    opens_scene,
    parse_class_map,
)
from napari_geolabel.cli.scene_choice import scene_of
from napari_geolabel.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels


class Flavour(StrEnum):
    """What a mask shows."""

    SEMANTIC = "semantic"
    INSTANCE = "instance"
    PANOPTIC = "panoptic"


Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write.")]
FlavourOption = Annotated[
    Flavour, typer.Option("--flavour", help="Mask values: one per class, one per feature, or both in one number.")
]


@app.command()
@opens_scene
@chooses_annotations
def export(
    *,
    labels: LabelsPath,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The suffix picks the format: .geojson, .gpkg, .coco.json, .tif."
        ),
    ],
    scene: SceneOfLabels = None,
    form: FormatOption = None,
    read_as: ReadAs = None,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    flavour: FlavourOption = Flavour.SEMANTIC,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    resample: Resample = False,
    crs: CrsOption = None,
    styles: Styles = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing, only tell what the file would not hold.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
    wanted: Wanted,
    reading: SceneReading,
) -> None:
    """Write labels in another format, or as a mask; all of them, or those that are wanted.

    Reads any format that can be read, and label files (.labels.gpkg), whose own ontology counts.
    Writes GeoJSON, a GeoPackage, a mask GeoTIFF, COCO, YOLO, DOTA, Pascal VOC and more; docs/formats.md lists all.
    """
    from napari_geolabel.labels.loss_notes import noted

    opened, report = labels_of(
        labels,
        scene,
        ontology,
        class_map,
        make_classes=make_classes,
        resample=resample,
        reading=reading,
        read_as=read_as,
    )
    ids = opened.find(**wanted) if wanted else None
    order: dict[str, Any] = {"format": form, "flavour": flavour.value, "ids": ids, "crs": crs, "styles": styles or ()}
    losses = opened.export(out, overwrite=overwriting(force=force), dry_run=dry_run, **order)
    if ids is not None:
        report.imported = len(ids)
    told = () if dry_run else noted(losses)
    tell_written(f"{out} would be written" if dry_run else out, report, losses, as_json=as_json, told=told)


@app.command()
@opens_scene
def convert(
    *,
    labels: LabelsPath,
    out: Out,
    scene: Annotated[
        list[str] | None,
        typer.Option(
            "--scene", "-s", metavar="SCENE", help="Whose pixels the labels lie on, where the file does not say."
        ),
    ] = None,
    form: FormatOption = None,
    class_map: ClassMap = None,
    crs: CrsOption = None,
    styles: Styles = None,
    force: Force = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Write labels in another format, with all classes that they name.

    GeoJSON and COCO written by geolabel know their place; other labels in pixels need the scene.
    """
    from napari_geolabel.labels.conversion import convert as convert_labels

    report = convert_labels(
        labels,
        out,
        scene=reading.open(scene) if scene else None,
        class_map=parse_class_map(class_map),
        format=form,
        crs=crs,
        styles=styles or (),
        overwrite=overwriting(force=force),
    )
    tell_written(out, report, [], as_json=as_json)


@app.command()
@opens_scene
def validate(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="LABELS|ONTOLOGY", help="A label file, or an ontology (.yaml, .json).")
    ],
    scene: Annotated[
        list[str] | None, typer.Option("--scene", "-s", metavar="SCENE", help="The scene that labels belong to.")
    ] = None,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    class_map: ClassMap = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Check labels, or an ontology.

    Prints what is wrong, and ends with code 1 if any of it is an error; with --strict also for warnings.
    """
    from napari_geolabel.ontology.files import is_ontology_file, load_ontology

    if is_ontology_file(file):
        checked = load_ontology(file)
        found: list[dict[str, str | None]] = []
        what = f"ontology {checked.id} {checked.version} with {len(checked.classes)} classes"
    else:
        what, found = _check_labels(file, reading.open(scene) if scene else None, ontology, class_map)
    if as_json:
        print_json({"file": str(file), "checked": what, "problems": found})
    else:
        typer.echo(f"{file}: {what}: {_number(found, 'problem')}")
        if found:
            rows = [[p["id"], p["severity"], p["rule"], p["message"]] for p in found]
            print_table(["annotation", "severity", "rule", "problem"], rows)
    if any(strict or problem["severity"] == "error" for problem in found):
        raise typer.Exit(1)


def _check_labels(
    path: Path, scene: Scene | None, ontology: str, class_map: list[str] | None
) -> tuple[str, list[dict[str, str | None]]]:
    """Return what was checked, and what is wrong with the labels of a file."""
    from napari_geolabel.annotations.nodata import NodataShare
    from napari_geolabel.annotations.problems import find_problems
    from napari_geolabel.labels.conversion import check_file
    from napari_geolabel.labels.label_files import is_label_file, ontology_of

    known = ontology_of(path) if is_label_file(path) else ontology
    store, report = check_file(path, scene=scene, ontology=known, class_map=parse_class_map(class_map))
    found: list[dict[str, str | None]] = [
        {"id": where, "severity": "error", "rule": "refused", "message": why} for where, why in report.skipped
    ]
    problems = find_problems(store, scene.grid, NodataShare(scene)) if scene else find_problems(store)
    found += [{"id": p.annotation_id, "severity": p.severity, "rule": p.rule, "message": p.message} for p in problems]
    number = _number(range(len(store)), "annotation")
    return f"{number} against {store.ontology.id} {store.ontology.version}", found


def labels_of(
    path: Path,
    scene: list[str] | None,
    ontology: str,
    class_map: list[str] | None,
    *,
    make_classes: bool,
    resample: bool = False,
    reading: SceneReading,
    read_as: str | None = None,
) -> tuple[Labels, Report]:
    """Return the labels of a file on a scene, and what the import says."""
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.labels.label_files import is_label_file
    from napari_geolabel.labels.opening import open_labels

    opened = reading.open(scene or scene_of(path))
    if is_label_file(path):  # it has its own ontology, and a mask too
        held = open_labels(path, scene=opened, mode="r")
        return held, Report(imported=len(held), notes=list(held.notes))
    labels = open_labels(scene=opened, ontology=ontology)
    report = labels.import_from(
        path, format=read_as, class_map=parse_class_map(class_map), make_classes=make_classes, resample=resample
    )
    return labels, report


def tell_written(
    out: Path | str, report: Report, losses: list[str], *, as_json: bool, told: Sequence[str] = ()
) -> None:
    """Say what was written, what was skipped and what the format could not hold."""
    skipped = [f"{where}: {reason}" for where, reason in report.skipped]
    if as_json:
        print_json(
            {"file": str(out), "labels": report.imported, "skipped": skipped, "notes": report.notes, "losses": losses}
        )
        return
    typer.echo(f"{out}: {_number(range(report.imported), 'label')}")
    for line in [*(f"skipped {where}" for where in skipped), *report.notes, *losses, *told]:
        typer.echo(f"  {line}")


def overwriting(*, force: bool) -> Literal["careful", "always"]:
    """Return what ``--force`` means for a file that stands there."""
    return "always" if force else "careful"


def _number(things: range | list[dict[str, str | None]], word: str) -> str:
    """Return ``no problems``, ``1 problem`` or ``7 problems``."""
    return f"{len(things) or 'no'} {word}{'' if len(things) == 1 else 's'}"

"""Commands on ontologies: show, check, compare and apply them, import and export those of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from napari_geolabel.cli.app import Commands, app
from napari_geolabel.cli.options import AsJson, SceneOption, SceneReading, opens_scene, parse_class_map
from napari_geolabel.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from napari_geolabel.ontology.model import Ontology

ontology_app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(ontology_app, name="ontology", help="Show, check, compare, apply, import and export ontologies.")

OntologyPlace = Annotated[
    str,
    typer.Argument(
        metavar="ONTOLOGY",
        help="A template (maritime, clouds, landcover), an ontology file, a label file, or a file of another program.",
    ),
]
OntologyFormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="ID",
        help="encord, labelbox, cvat, cvat-xml, coco, label-studio, qml, qml-raster or colormap, "
        "where the file does not say.",
    ),
]


@ontology_app.command()
def show(ontology: OntologyPlace, as_json: AsJson = False) -> None:
    """Print the classes of an ontology with what is asked of each."""
    found = ontology_at(ontology)
    if as_json:
        print_json(found.to_dict() | {"sha256": found.sha256})
        return
    typer.echo(f"{found.name} ({found.id} {found.version}, sha256 {found.sha256[:12]})")
    rows = [
        [
            f"{each.id} (archived)" if each.archived else each.id,
            each.name,
            each.color,
            each.mask_value,
            each.hotkey,
            ", ".join(each.kinds) or "heading",
            ", ".join(a.id for a in each.attributes) or None,
        ]
        for each in found.classes
    ]
    print_table(["class", "name", "colour", "value", "key", "kinds", "attributes"], rows)
    if found.scene_attributes:
        typer.echo(f"  of the whole scene: {', '.join(a.id for a in found.scene_attributes)}")


@ontology_app.command()
def schema(
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Print the JSON Schema of ontology files, with which editors complete and check what is typed."""
    import json

    from napari_geolabel.files import atomic_write
    from napari_geolabel.ontology.schema import ontology_schema

    text = json.dumps(ontology_schema(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return
    with atomic_write(out) as temporary:
        temporary.write_text(text, "utf-8")
    typer.echo(f"{out}: written")


@ontology_app.command()
def check(ontology: OntologyPlace, as_json: AsJson = False) -> None:
    """Say whether an ontology is sound, and what each other program would not hold of it."""
    from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS

    found = ontology_at(ontology)
    lost = {each.id: each.lost(found) for each in ONTOLOGY_FORMATS.values()}
    if as_json:
        print_json({"ontology": found.stamp, "losses": lost})
        return
    typer.echo(f"{ontology}: ontology {found.id} {found.version} with {len(found.classes)} classes is sound")
    for format_id, sentences in lost.items():
        typer.echo(f"  {format_id} holds {'all of it' if not sentences else 'not all of it:'}")
        for sentence in sentences:
            typer.echo(f"    {sentence}")


@ontology_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of another program that names classes.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The ontology to write, .yaml or .json.")],
    form: OntologyFormatOption = None,
    as_json: AsJson = False,
) -> None:
    """Make an ontology of the classes of another program."""
    from napari_geolabel.ontology.exchange import read_ontology
    from napari_geolabel.ontology.files import save_ontology

    read = read_ontology(file, format=form)
    save_ontology(read.ontology, out)
    if as_json:
        print_json({"file": str(out), "format": read.format.id, **read.ontology.stamp, "notes": read.notes})
        return
    typer.echo(f"{out}: {len(read.ontology.classes)} classes of a {read.format.title}")
    for note in read.notes:
        typer.echo(f"  {note}")


@ontology_app.command()
def export(
    ontology: OntologyPlace,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write.")],
    form: OntologyFormatOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing, only tell what the format does not hold.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write an ontology for another program, and say what it does not hold."""
    from napari_geolabel.ontology.exchange import export_ontology

    lost = export_ontology(ontology_at(ontology), out, format=form, dry_run=dry_run)
    if as_json:
        print_json({"file": None if dry_run else str(out), "losses": lost})
        return
    typer.echo(f"{out}: {'would be' if dry_run else 'is'} written")
    for sentence in lost:
        typer.echo(f"  {sentence}")


@ontology_app.command()
def diff(
    before: OntologyPlace,
    after: Annotated[str, typer.Argument(metavar="OTHER", help="The other one, by the same words.")],
    as_json: AsJson = False,
) -> None:
    """Tell what differs between two ontologies, and end with code 1 if labels of the one do not fit the other."""
    from napari_geolabel.ontology.succession import changes, why_no_successor

    one, other = ontology_at(before), ontology_at(after)
    told, faults = changes(one, other), why_no_successor(one, other)
    if as_json:
        print_json({"changes": told, "faults": faults})
    else:
        for sentence in [*told, *(f"not readable: {fault}" for fault in faults)] or ["they are the same"]:
            typer.echo(sentence)
    if faults:
        raise typer.Exit(1)


@ontology_app.command()
@opens_scene
def apply(
    *,
    ontology: OntologyPlace,
    labels: Annotated[Path, typer.Argument(metavar="LABELFILE", help="The label file: <scene>.labels.gpkg.")],
    scene: SceneOption,
    move: Annotated[
        list[str] | None,
        typer.Option(
            "--move", metavar="OLD=NEW", help="Annotations of class OLD become those of NEW; may be repeated."
        ),
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave out answers that the ontology no longer allows.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only tell what would not fit.")] = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Let a label file go on with the next version of its ontology."""
    from dataclasses import asdict

    from napari_geolabel.labels.opening import open_labels

    mode: Literal["r", "rw"] = "r" if dry_run else "rw"
    held = open_labels(labels, scene=reading.open(scene), mode=mode)
    moves = {old: new for old, new in (parse_class_map(move) or {}).items() if old is not None}
    other = ontology_at(ontology)
    try:
        told = held.foresee(other, moves=moves) if dry_run else held.evolve(other, moves=moves, leave_out=leave_out)
    finally:
        held.close()
    if as_json:
        print_json({"file": str(labels), **other.stamp, **asdict(told)})
        return
    typer.echo(f"{labels}: {'would go' if dry_run else 'goes'} on with {other.id} {other.version}")
    clashes = [f"does not fit: {clash.annotation_id or 'the scene'}: {clash.reason}" for clash in told.clashes]
    moved = [f"{told.moved} annotations moved"] if told.moved else []
    for line in [*told.changes, *moved, *(f"left out: {lost}" for lost in told.lost), *clashes]:
        typer.echo(f"  {line}")


def ontology_at(place: str) -> Ontology:
    """Return the ontology of a template, a file or a label file."""
    from napari_geolabel.labels.label_files import is_label_file, ontology_of
    from napari_geolabel.ontology.files import load_ontology

    return ontology_of(place) if is_label_file(place) else load_ontology(place)

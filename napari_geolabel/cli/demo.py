"""The command that shows everything once: pictures, label files, masks and the window of one scene."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    ClassMap,
    MakeClasses,
    SceneReading,
    opens_scene,
    parse_class_map,
)
from napari_geolabel.cli.scenes import print_scene
from napari_geolabel.cli.screen import has_screen, screen
from napari_geolabel.cli.tables import print_table
from napari_geolabel.errors import GeoLabelError, MissingFileError, NotGeoreferencedError, WriteError
from napari_geolabel.samples import sample_path

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels

_SAMPLE = "coast.tif"
_TIMEOUT_S = 180


@app.command()
@opens_scene
def demo(
    *,
    scene: Annotated[
        Path | None,
        typer.Argument(metavar="SCENE", show_default=False, help="By default a synthetic coast with its truth."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", "-l", metavar="FILE", help="Labels of the scene to import and export.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the results go.")] = Path("demo"),
    ontology: Annotated[
        str | None,
        typer.Option(
            "--ontology", metavar="NAME|FILE", show_default=False, help="By default maritime; samples bring their own."
        ),
    ] = None,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    window: Annotated[
        bool, typer.Option("--window/--no-window", help="Show the napari window, or take no look at it.")
    ] = True,
    screenshot: Annotated[
        bool, typer.Option("--screenshot", help="Take a picture of the window instead of showing it.")
    ] = False,
    reading: SceneReading,
) -> None:
    """Show what becomes of a scene and its labels.

    Writes composites, label files, masks and a picture of the window, and says what stands where.
    """
    scene = scene or sample_path(_SAMPLE)
    labels = labels or _of_sample(scene, "truth.geojson")
    ontology = ontology or str(_of_sample(scene, "ontology.yaml") or DEFAULT_ONTOLOGY)
    opened = reading.open(scene)
    typer.echo(f"Scene {opened.url or scene}")
    print_scene(opened)
    results = _Results(_folder(out), opened.name)
    _write_composites(opened, results)
    arguments = [str(scene), "--in-memory", "--ontology", ontology, *reading.arguments()]
    if labels is None:
        typer.echo(
            "\nNo labels came with this scene, so there are no label files and no masks; give some with --labels."
        )
        if not opened.grid.is_georeferenced:
            typer.echo(
                "Nor could there be a GeoJSON: the scene is not georeferenced, its pixels have no place on Earth."
            )
    else:
        arguments += ["--labels", str(labels), *_repeated("--class-map", class_map)]
        arguments += ["--make-classes"] if make_classes else []
        imported = _import(opened, labels, ontology, class_map, make_classes=make_classes)
        _write_labels(imported, results)
    shown = window and not screenshot and has_screen() and sys.stdout.isatty()
    if window and not shown:
        _photograph(arguments, results)
    results.tell(f"/vsicurl/{opened.url}" if opened.url else str(scene))
    if results.failure:
        raise results.failure
    if shown:
        typer.echo("\nThe window opens now; close it to end.")
        subprocess.run([*_GEOLABEL_OPEN, *arguments], check=False)


@dataclass
class _Results:
    """What was written, for the table at the end."""

    folder: Path
    stem: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    layers: list[Path] = field(default_factory=list)
    failure: GeoLabelError | None = None

    def write(self, ending: str, what: str, make: Callable[[Path], object], *, layer: bool = False) -> None:
        """Make one file; a scene without georeference is a reason to tell, not to stop."""
        path = self.folder / f"{self.stem}{ending}"
        try:
            make(path)
        except NotGeoreferencedError as error:
            path.unlink(missing_ok=True)  # an earlier run's, which this scene no longer stands behind
            self.missing.append(str(error))
            return
        self.rows.append((str(path), what))
        if layer:
            self.layers.append(path)

    def tell(self, scene: str) -> None:
        """Print the table of what stands where, and how to look at it."""
        typer.echo("\nResults")
        print_table(["file", "what"], self.rows)
        for sentence in self.missing:
            typer.echo(f"  not written: {sentence}")
        files = " ".join(str(path) for path in [scene, *self.layers])
        typer.echo(f"\nTo look at it in QGIS: qgis {files}   (or drag these files onto its map)")


_GEOLABEL_OPEN = [sys.executable, "-m", "napari_geolabel.cli", "open"]


def _of_sample(scene: Path, ending: str) -> Path | None:
    """Return what lies beside a sample scene: its truth and its ontology; None for any other scene."""
    try:
        beside = sample_path(f"{scene.stem}_{ending}")
    except MissingFileError:
        return None
    return beside if beside.parent == scene.resolve().parent else None


def _folder(out: Path) -> Path:
    """Return the folder of the results, made where it is not there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{out} cannot be made ({error.strerror}); choose another folder with --out") from error
    return out


def _write_composites(scene: Scene, results: _Results) -> None:
    from napari_geolabel.imagery.contact_sheet import contact_sheet
    from napari_geolabel.imagery.render import write_png

    titles = [composite.title for composite in scene.composites().values()]
    shown = f"{titles[0]} alone" if len(titles) == 1 else f"{len(titles)} composites, from {titles[0]} to {titles[-1]}"
    results.write("_composites.png", f"contact sheet of {shown}", lambda path: write_png(path, contact_sheet(scene)))


def _import(scene: Scene, path: Path, ontology: str, class_map: list[str] | None, *, make_classes: bool) -> Labels:
    """Return labels imported from a file, after telling what they are."""
    from napari_geolabel.labels.opening import open_labels

    labels = open_labels(scene=scene, ontology=ontology)
    report = labels.import_from(path, class_map=parse_class_map(class_map), make_classes=make_classes)
    typer.echo(f"\nLabels {path}\n  {labels!r}")
    for line in [*(f"skipped {where}: {why}" for where, why in report.skipped), *report.notes]:
        typer.echo(f"  {line}")
    return labels


def _write_labels(labels: Labels, results: _Results) -> None:
    """Write label files and masks."""
    number = len(labels)
    results.write("_labels.geojson", f"{number} labels in longitude and latitude", labels.export)
    place = "the scene's CRS" if labels.scene.grid.is_georeferenced else "pixels"
    results.write("_labels.gpkg", f"{number} labels in {place}, with styles", labels.export, layer=True)
    results.write(
        "_semantic.tif", "mask, one value per class", lambda path: labels.export(path, flavour="semantic"), layer=True
    )
    results.write("_instance.tif", "mask, one value per label", lambda path: labels.export(path, flavour="instance"))


def _photograph(arguments: list[str], results: _Results) -> None:
    """Take a picture of the window in a process of its own, on a virtual screen where there is none."""

    def take(path: Path) -> None:
        command = [*_GEOLABEL_OPEN, *arguments, "--screenshot", str(path)]
        try:
            with screen() as environment:
                done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            raise GeoLabelError(f"the window took over {_TIMEOUT_S} s to show; --no-window leaves it out") from error
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
            raise GeoLabelError(f"the window could not be shown: {lines[-1]}; --no-window leaves it out")

    try:
        results.write("_window.png", "the napari window", take)
    except GeoLabelError as error:  # told after the table, for all else is there
        results.failure = error


def _repeated(option: str, values: list[str] | None) -> Iterator[str]:
    """Yield an option once for each value."""
    for value in values or []:
        yield from (option, value)

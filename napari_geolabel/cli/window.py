"""The command that opens napari on a scene, ready to label."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    ClassMap,
    MakeClasses,
    OntologyOption,
    ScenePaths,
    SceneReading,
    opens_scene,
    parse_class_map,
)
from napari_geolabel.cli.screen import has_screen, screen
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.files import require_file

if TYPE_CHECKING:
    from napari import Viewer

    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology import Ontology

WINDOW_SIZE_PX = (1540, 940)


@app.command("open")
@opens_scene
def open_window(
    *,
    scene: ScenePaths,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    labels: Annotated[
        Path | None, typer.Option("--labels", "-l", metavar="FILE", help="Labels to start from, where there are none.")
    ] = None,
    label_file: Annotated[
        Path | None,
        typer.Option(
            "--label-file",
            metavar="FILE",
            show_default=False,
            help="Where the labels are kept; by default SCENE.labels.gpkg beside the scene.",
        ),
    ] = None,
    in_memory: Annotated[
        bool, typer.Option("--in-memory", help="Keep the labels in memory until they are exported.")
    ] = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show the label file, which must exist, and change nothing.")
    ] = False,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    add: Annotated[
        list[Path] | None,
        typer.Option(
            "--add", metavar="SCENE", help="Another scene to lay over the one that is labelled; may be repeated."
        ),
    ] = None,
    screenshot: Annotated[
        Path | None, typer.Option("--screenshot", metavar="FILE", help="Write a PNG of the window and close it again.")
    ] = None,
    reading: SceneReading,
) -> None:
    """Open a scene in napari, ready to label.

    Every edit is saved in the scene's label file as it is made; a file that exists is gone on with.
    The command ends when the window is closed.
    """
    if label_file is not None and in_memory:
        raise GeoLabelError("--label-file and --in-memory exclude each other; leave one out")
    if read_only and (in_memory or labels is not None):
        raise GeoLabelError("--read-only changes nothing, so it excludes --in-memory and --labels; leave one out")
    opened = reading.open(scene)
    others = _other_scenes(opened, add or [])
    if labels is not None:
        require_file(labels)
    # what is not labelled, because there is only a picture or no screen, must not get a label file
    is_kept = not in_memory and screenshot is None and has_screen()
    if is_kept or read_only:
        shown = _kept_labels(opened, ontology, label_file, "r" if read_only else "rw")
    else:
        shown = _shown_labels(opened, ontology, label_file, is_fresh=in_memory or labels is not None)
    if labels is not None:
        _start_from(shown, labels, class_map, make_classes=make_classes)
    if screenshot is None:
        _label(shown, others=others)
    else:
        with screen() as environment:
            os.environ.update(environment)
            _label(shown, screenshot, others)
        typer.echo(f"{screenshot}: picture of the window")
    shown.close()


def _other_scenes(scene: Scene, paths: Sequence[Path]) -> list[Scene]:
    """Return further scenes, opened, after making sure that each can be shown together with the first."""
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.viewer.places import place_of

    others = [open_scene(path) for path in paths]
    for other in others:
        place_of(scene.grid, other)
    return others


def _kept_labels(scene: Scene, ontology: str, label_file: Path | None, mode: Literal["rw", "r"]) -> Labels:
    """Return the labels of a label file, after telling what happened on opening it."""
    from napari_geolabel.labels.opening import open_scene_labels
    from napari_geolabel.ontology.files import load_ontology
    from napari_geolabel.viewer.preferences import load_preferences

    # what is wrong with it is told before napari is loaded for its settings
    known = _own_ontology(scene, label_file) if ontology == DEFAULT_ONTOLOGY else None
    known = known or load_ontology(ontology)
    annotator = load_preferences().annotator_name if mode == "rw" else None
    labels = open_scene_labels(scene, known, path=label_file, annotator=annotator, mode=mode)
    how = "shown read only from" if mode == "r" else "kept in"
    for line in [f"labels are {how} {labels.path}", *labels.notes]:
        typer.echo(line)
    return labels


def _own_ontology(scene: Scene, label_file: Path | None) -> Ontology | None:
    """Return the ontology of the label file that is gone on with, so that none has to be named for it."""
    from napari_geolabel.labels.label_files import ontology_of
    from napari_geolabel.labels.opening import own_label_path
    from napari_geolabel.labels.relinking import find_label_file

    try:
        path = label_file or find_label_file(scene, own_label_path(scene))[0]
        return ontology_of(path) if path.exists() else None
    except GeoLabelError:  # opening it to label says what is wrong, or puts it right
        return None


def _shown_labels(scene: Scene, ontology: str, label_file: Path | None, *, is_fresh: bool) -> Labels:
    """Return labels that are shown and kept nowhere: those of the label file, or none."""
    from napari_geolabel.labels.opening import open_labels, own_label_path

    path = label_file or (None if is_fresh else own_label_path(scene))
    if path is None or (not path.exists() and label_file is None):
        return open_labels(scene=scene, ontology=ontology)
    return open_labels(path, scene=scene, mode="r")


def _start_from(labels: Labels, path: Path, class_map: list[str] | None, *, make_classes: bool) -> None:
    """Import labels into those that hold nothing yet; the same command again must not double them."""
    if labels.path is not None and (len(labels) or labels.is_painted or labels.store.can_undo):
        typer.echo(f"{labels.path.name} holds labels already, so {path.name} was not imported again; import it there")
        return
    report = labels.import_from(path, class_map=parse_class_map(class_map), make_classes=make_classes)
    for line in [*(f"skipped {where}: {why}" for where, why in report.skipped), *report.notes]:
        typer.echo(line)


def _label(labels: Labels, screenshot: Path | None = None, others: Sequence[Scene] = ()) -> None:
    """Label in a napari window until it is closed, or only until a picture of it is written."""
    if not has_screen():
        raise GeoLabelError("there is no screen to open a window on; --screenshot FILE draws the window into a picture")
    import napari

    from napari_geolabel.widgets.annotate import annotate

    viewer = napari.Viewer(title=f"napari-geolabel: {labels.scene.name}")
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
    for other in others:
        session.add_scene(other)
    if screenshot is None:
        napari.run()
        return
    _photograph(viewer, screenshot)
    session.close()
    viewer.close()


def _photograph(viewer: Viewer, path: Path) -> None:
    """Write a picture of the whole window once everything in it is drawn."""
    from napari.qt import get_qapp

    from napari_geolabel.imagery.render import write_png

    viewer.window.resize(*WINDOW_SIZE_PX)
    _settle(get_qapp().sync)  # the panels take their place first, so that the view knows its size
    viewer.reset_view()
    _settle(get_qapp().sync)
    write_png(path, viewer.screenshot(canvas_only=False, flash=False))


def _settle(sync: Callable[[], object]) -> None:
    """Let panels, thumbnails and tiles arrive through the event loop, and sizes that the screen's server grants."""
    for _ in range(20):
        sync()

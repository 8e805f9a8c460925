"""The command that opens napari on a scene, ready to label."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    Bands,
    ClassMap,
    MakeClasses,
    OntologyOption,
    PageOption,
    ScenePaths,
    SensorOption,
    open_scene_with,
    parse_class_map,
)
from napari_geolabel.cli.screen import has_screen, screen
from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari import Viewer

    from napari_geolabel.labels.labels import Labels

WINDOW_SIZE_PX = (1540, 940)


@app.command("open")
def open_window(
    scene: ScenePaths,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    labels: Annotated[Path | None, typer.Option("--labels", "-l", metavar="FILE", help="Labels to start from.")] = None,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    bands: Bands = None,
    sensor: SensorOption = None,
    page: PageOption = None,
    screenshot: Annotated[
        Path | None, typer.Option("--screenshot", metavar="FILE", help="Write a PNG of the window and close it again.")
    ] = None,
) -> None:
    """Open a scene in napari, ready to label.

    The command ends when the window is closed.
    """
    from napari_geolabel.labels.opening import open_labels

    opened = open_labels(scene=open_scene_with(scene, bands, sensor, page), ontology=ontology)
    if labels is not None:
        report = opened.import_from(labels, class_map=parse_class_map(class_map), make_classes=make_classes)
        for line in [*(f"skipped {where}: {why}" for where, why in report.skipped), *report.notes]:
            typer.echo(line)

    if screenshot is None:
        _label(opened)
    else:
        with screen() as environment:
            os.environ.update(environment)
            _label(opened, screenshot)
        typer.echo(f"{screenshot}: picture of the window")


def _label(labels: Labels, screenshot: Path | None = None) -> None:
    """Label in a napari window until it is closed, or only until a picture of it is written."""
    if not has_screen():
        raise GeoLabelError("there is no screen to open a window on; --screenshot FILE draws the window into a picture")
    import napari

    from napari_geolabel.widgets.annotate import annotate

    viewer = napari.Viewer(title=f"napari-geolabel: {labels.scene.name}")
    session = annotate(viewer, labels.scene, labels.ontology, labels=labels)
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
    _settle(get_qapp().processEvents)  # the panels take their place first, so that the view knows its size
    viewer.reset_view()
    _settle(get_qapp().processEvents)
    write_png(path, viewer.screenshot(canvas_only=False, flash=False))


def _settle(process_events: Callable[[], object]) -> None:
    """Let panels, thumbnails and tiles arrive, which come through the event loop."""
    for _ in range(20):
        process_events()

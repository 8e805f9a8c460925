"""Make pictures of window and dialogs for the pages: ``scripts/on-screen.sh python scripts/window_pictures.py``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

import napari_geolabel as geolabel
from napari_geolabel.files import atomic_write
from napari_geolabel.samples import sample_path

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_geolabel.viewer.session import Session

FOLDER = Path(__file__).parents[1] / "docs" / "images"
BENCH_PX, WINDOW_PX = (1600, 1000), (1280, 800)
PREDICTED = ("vessel", "vessel", "vessel", "ship", "reef", None)
"""Classes of a file of predictions, as a detector names them."""


def main(folder: Path = FOLDER) -> None:
    """Write the pictures: that of README under 250 kB, the others under 150 kB."""
    import napari

    viewer = napari.Viewer()
    viewer.window.resize(*BENCH_PX)
    with geolabel.open_scene(sample_path("coast.tif")) as scene:
        labels = geolabel.open_labels(scene=scene, ontology=sample_path("coast_ontology.yaml"))
        labels.import_from(sample_path("coast_truth.geojson"))
        session = geolabel.annotate(viewer, scene, labels.ontology, labels=labels)
        _settle()
        for name, prepare in {"bench": _bench, "tutorial-label": _label, "tutorial-swipe": _swipe}.items():
            prepare(session)
            _settle()
            _write(viewer, folder / f"{name}.jpg")
        _show_dialogs(session, folder)
        session.close()
    viewer.close()


def _bench(session: Session) -> None:
    """Show the whole bench with the table below the map."""
    session.asked.emit("table")
    session.current_class = "ship"
    _settle()
    session.viewer.reset_view()
    session.viewer.scene.camera.zoom *= 1.8


def _label(session: Session) -> None:
    """Show a ship that was just drawn, with its attributes asked."""
    from napari_geolabel.widgets.docks import TABLE

    window = session.viewer.window
    window.dock_widgets[TABLE].parent().hide()
    window.resize(*WINDOW_PX)
    _settle()
    session.viewer.reset_view()
    session.viewer.scene.camera.zoom *= 2.2
    session.current_class = "ship"
    ship = next(annotation for annotation in session.labels.store.values() if annotation.class_id == "ship")
    session.attributes.follow(ship.id)


def _swipe(session: Session) -> None:
    """Show two composites side by side."""
    session.viewer.reset_view()
    session.views.swipe.show("swir", position=0.5)


def _show_dialogs(session: Session, folder: Path) -> None:
    """Write the dialogs of import and export, with something in them, and the ontology editor."""
    from napari_geolabel.widgets.export_dialog import ExportDialog
    from napari_geolabel.widgets.import_dialog import LEAVE_OUT, NEW, ImportDialog
    from napari_geolabel.widgets.ontology_dock import OntologyDock

    window, predictions = session.viewer.window, Path(tempfile.gettempdir()) / "predictions.geojson"
    predictions.write_text(json.dumps(_predictions(session)), "utf-8")
    taken = ImportDialog(session.labels, str(predictions), window._qt_window)  # noqa: SLF001  (napari's theme)
    _rest(taken)
    wanted = {"vessel": "ship", "ship": "ship", "reef": NEW, None: LEAVE_OUT}
    for found, box in zip(taken.classes, taken.choices, strict=True):
        box.setCurrentIndex(next(i for i in range(box.count()) if box.itemData(i) == wanted[found.word]))
        box.activated.emit(box.currentIndex())
    taken.try_.click()
    _rest(taken)
    given = ExportDialog(session, window._qt_window)  # noqa: SLF001
    given.format.setCurrentIndex(given.format.findText("COCO"))
    given.format.activated.emit(given.format.currentIndex())
    given.path.setText("/data/coast.coco.json")
    _rest(given)
    for name, dialog in {"import-dialog": taken, "export-dialog": given}.items():
        _grab(dialog, folder / f"{name}.png")
        dialog.reject()
    predictions.unlink()
    window.resize(*BENCH_PX)
    session.asked.emit("ontology")
    _settle()
    editor = window._qt_window.findChild(OntologyDock)  # noqa: SLF001
    editor.name.setText("Oil slick")
    editor.add.click()
    _grab(editor, folder / "ontology-editor.png")


def _predictions(session: Session) -> dict[str, object]:
    """Return boxes as a detector would write them, with classes of its own."""
    to_lonlat = session.scene.grid.pixel_to_lonlat
    boxes = [shapely.transform(shapely.box(60 + 70 * i, 50, 90 + 70 * i, 60), to_lonlat) for i in range(len(PREDICTED))]
    features = [
        {
            "type": "Feature",
            "properties": {} if name is None else {"class": name, "confidence": 0.9 - 0.1 * i},
            "geometry": shapely.geometry.mapping(box),
        }
        for i, (name, box) in enumerate(zip(PREDICTED, boxes, strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def _rest(dialog: QWidget) -> None:
    """Wait until a dialog has looked at its file."""
    dialog.show()
    end = time.monotonic() + 60
    _settle(5)
    while dialog.is_busy and time.monotonic() < end:
        _settle(5)


def _grab(widget: QWidget, path: Path) -> None:
    _settle(20)
    with atomic_write(path) as temporary:
        widget.grab().save(str(temporary), "PNG")
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _settle(rounds: int = 60) -> None:
    """Let Qt draw what there is."""
    from qtpy.QtTest import QTest

    for _ in range(rounds):
        QTest.qWait(20)


def _write(viewer: Viewer, path: Path) -> None:
    from PIL import Image

    picture = viewer.screenshot(canvas_only=False, flash=False)[..., :3]
    with atomic_write(path) as temporary:
        Image.fromarray(picture).save(temporary, format="JPEG", quality=80, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

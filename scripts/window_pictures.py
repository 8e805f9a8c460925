"""Make the pictures of the tutorial in a real window: ``scripts/on-screen.sh python scripts/window_pictures.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import napari_geolabel as geolabel
from napari_geolabel.files import atomic_write
from napari_geolabel.samples import sample_path

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.viewer.session import Session

FOLDER = Path(__file__).parents[1] / "docs" / "images"
WINDOW_PX = (1280, 800)


def main(folder: Path = FOLDER) -> None:
    """Write the pictures, each under 150 kB."""
    import napari

    viewer = napari.Viewer()
    viewer.window.resize(*WINDOW_PX)
    with geolabel.open_scene(sample_path("coast.tif")) as scene:
        labels = geolabel.open_labels(scene=scene, ontology=sample_path("coast_ontology.yaml"))
        labels.import_from(sample_path("coast_truth.geojson"))
        session = geolabel.annotate(viewer, scene, labels.ontology, labels=labels)
        _settle()
        for name, prepare in {"tutorial-label": _label, "tutorial-swipe": _swipe}.items():
            prepare(session)
            _settle()
            _write(viewer, folder / f"{name}.jpg")
        session.close()
    viewer.close()


def _label(session: Session) -> None:
    """Show a ship that was just drawn, with its attributes asked."""
    session.viewer.reset_view()
    session.viewer.scene.camera.zoom *= 2.2
    session.current_class = "ship"
    ship = next(annotation for annotation in session.labels.store.values() if annotation.class_id == "ship")
    session.attributes.follow(ship.id)


def _swipe(session: Session) -> None:
    """Show two composites side by side."""
    session.viewer.reset_view()
    session.views.swipe.show("swir", position=0.5)


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

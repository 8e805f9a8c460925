"""Do what "A harbour in ten minutes" tells, in a real window, and write its pictures and those of the whole bench.

``scripts/on-screen.sh python scripts/harbour_pictures.py [FOLDER [BENCH_FOLDER]]``; the bench is shown in two sizes
and both themes, to be looked at and not kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

import napari_geolabel as geolabel
from napari_geolabel.files import atomic_write
from napari_geolabel.samples import sample_path

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.viewer.session import Session

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZES = ((1600, 1000), (1280, 800))
THEMES = ("dark", "light")
SURE = (0.97, 0.93, 0.9, 0.82, 0.74, 0.61, 0.44, 0.35)


def main(folder: Path = FOLDER, bench: Path | None = None) -> None:
    """Write the pictures of the page, each under 200 kB, and those of the bench where a folder is given for them."""
    _tell_story(folder)
    if bench is not None:
        bench.mkdir(exist_ok=True)
        for theme in THEMES:
            _show_bench(bench, theme)


def _tell_story(folder: Path) -> None:
    """Draw a ship, review predictions, link a tug: three pictures."""
    viewer, session = _start("dark", SIZES[1])
    labels, predictions = session.labels, _predictions(session)
    drawn = labels.add(predictions[0], "ship", kind="rotated_box", attributes={"category": "merchant"})
    session.tool = "rotated_box"
    session.selection.select([drawn.id])
    _write(viewer, folder / "harbour-draw.jpg")
    session.tool = None
    for box, sure in zip(predictions[1:], SURE, strict=False):
        labels.add(box, "ship", kind="rotated_box", status="suggested", confidence=sure)
    _open_tab(viewer, "Review")
    session.review.begin()
    session.viewer.reset_view()
    _write(viewer, folder / "harbour-review.jpg")
    session.review.threshold = 0.7
    session.review.accept_above()
    session.review.reject_below()
    session.review.end()
    _link(session)
    _open_tab(viewer, "Label")
    session.asked.emit("table")
    _write(viewer, folder / "harbour-table.jpg")
    session.close()
    viewer.close()


def _show_bench(folder: Path, theme: str) -> None:
    """Write the whole bench in all sizes, each of its tabs in the smallest."""
    viewer, session = _start(theme, SIZES[0])
    session.labels.import_from(sample_path("harbour_truth.geojson"))
    boxes = _predictions(session)
    session.labels.add(shapely.affinity.translate(boxes[2], 40, 30), "ship", status="suggested", confidence=0.64)
    _link(session)
    for size in SIZES:
        viewer.window.resize(*size)
        _open_tab(viewer, "Label")
        session.viewer.reset_view()
        _write(viewer, folder / f"bench-{theme}-{size[0]}.jpg")
    for tab in ("Composite", "Mask", "Review", "Scene"):
        _open_tab(viewer, tab)
        _write(viewer, folder / f"bench-{theme}-{tab.lower()}.jpg")
    session.asked.emit("table")
    _open_tab(viewer, "Label")
    _write(viewer, folder / f"bench-{theme}-table.jpg")
    session.close()
    viewer.close()


def _start(theme: str, size: tuple[int, int]) -> tuple[Viewer, Session]:
    """Open a window on the harbour."""
    import napari
    from napari.settings import get_settings

    get_settings().appearance.theme = theme
    viewer = napari.Viewer()
    viewer.window.resize(*size)
    session = geolabel.annotate(viewer, sample_path("harbour.tif"), "maritime")
    session.labels.remove(list(session.labels))
    _settle()
    session.viewer.reset_view()
    return viewer, session


def _predictions(session: Session) -> list[shapely.Polygon]:
    """Return the ships of the harbour as rotated boxes in pixels, as a detector would find them."""
    truth = geolabel.open_labels(scene=session.scene, ontology="maritime")
    truth.import_from(sample_path("harbour_truth.geojson"))
    return [ship.geometry for ship in truth.store.values()]


def _link(session: Session) -> None:
    """Link two of the ships and group three others."""
    ships = [a.id for a in session.labels.store.values() if str(a.status) != "suggested"]
    session.labels.relate(ships[1], ships[2], "towed_by")
    session.labels.group(ships[3:6])
    session.selection.select(ships[1:3])


def _open_tab(viewer: Viewer, name: str) -> None:
    from napari_geolabel.widgets.panels import Panels

    tabs = viewer.window._qt_window.findChild(Panels).tabs  # noqa: SLF001  (napari shows no other way to its window)
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count())].index(name))


def _settle(rounds: int = 40) -> None:
    """Let Qt draw what there is."""
    from qtpy.QtTest import QTest

    for _ in range(rounds):
        QTest.qWait(20)


def _write(viewer: Viewer, path: Path) -> None:
    from PIL import Image

    _settle()
    picture = viewer.screenshot(canvas_only=False, flash=False)[..., :3]
    with atomic_write(path) as temporary:
        Image.fromarray(picture).save(temporary, format="JPEG", quality=80, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))

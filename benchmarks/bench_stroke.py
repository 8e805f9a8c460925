"""One stroke of the brush on a small and on a large scene, in turn: ``python -m benchmarks.bench_stroke``.

Both scenes are open in a window of their own, with a label file and a mask
full of twelve classes.  A stroke is twelve moves of a brush, each drawn; what
it costs until it is durable is told beside it.  The table goes to
``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.page import PAGE, renew
from napari_geolabel.annotations import Change
from napari_geolabel.ontology.model import LabelClass, Ontology

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

SIDES = (2_000, 10_980)
BRUSHES_PX = (20, 200)
STROKES, MOVES, STEP_PX = 40, 12, 30
COLORS = ("#e6194b", "#3cb44b", "#ffe119", "#4363d8", "#f58231", "#911eb4", "#46f0f0", "#f032e6", "#bcf60c", "#fabebe")
ONTOLOGY = Ontology(
    id="twelve",
    name="Twelve classes",
    version="1",
    classes=tuple(
        LabelClass(id=f"c{n}", name=f"Class {n}", color=COLORS[n % 10], mask_value=n, kinds=("mask",))
        for n in range(1, 13)
    ),
)


@dataclass
class Desk:
    """A scene with a full mask in a window of its own, and what its strokes took, in milliseconds."""

    session: Session
    side: int
    drawn: list[float] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and renew the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=STROKES, help="how many of each kind")
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = report(Path(folder), options.strokes)
    print(table)
    renew(options.report, "stroke", table)


def report(folder: Path, strokes: int) -> str:
    """Return the figures as Markdown."""
    load = os.getloadavg()[0]
    desks = [open_desk(folder, side) for side in SIDES]
    lines = [
        f"Two 1600 x 1000 windows, software OpenGL, {os.cpu_count()} cores, load at the start {load:.1f}; medians of "
        f"{strokes} strokes of {MOVES} moves in ms, in turn; in brackets how many times as long as on the small scene.",
        "",
        "| | " + " | ".join(f"{side:,} x {side:,}" for side in SIDES) + " |",
        "|---|" + "---:|" * len(SIDES),
    ]
    for brush_px in BRUSHES_PX:
        for desk in desks:
            desk.drawn, desk.durable = [], []
        for number in range(-2, strokes):  # the first two warm up
            for desk in desks:
                stroke(desk, brush_px, number)
        for words, times in (
            (f"stroke of {brush_px} px, drawn", [desk.drawn[2:] for desk in desks]),
            ("the same until it is durable", [desk.durable[2:] for desk in desks]),
        ):
            medians = [statistics.median(each) for each in times]
            cells = [f"{median:.0f} ({median / medians[0]:.2f}x)" for median in medians]
            lines.append(f"| {words} | {' | '.join(cells)} |")
    for desk in desks:
        desk.session.labels.close()
        desk.session.viewer.close()
    return "\n".join(lines)


def open_desk(folder: Path, side: int) -> Desk:
    """Return a session on a scene of so many pixels, its mask full, the view on its middle pixel by pixel."""
    import napari
    import rasterio

    import napari_geolabel as geolabel
    from napari_geolabel.viewer.gl_guard import keep_gl_context

    path = folder / f"{side}.tif"
    place = {"crs": "EPSG:32633", "transform": rasterio.transform.from_origin(399960, 5300040, 10, 10)}
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8", tiled=True, sparse_ok=True, **place
    ) as target:
        target.write(np.full((256, 256), 99, np.uint8), 1, window=((0, 256), (0, 256)))
    scene = geolabel.open_scene(path)
    labels = geolabel.open_labels(folder / f"{side}.labels.gpkg", scene=scene, ontology=ONTOLOGY)
    coarse = np.random.default_rng(3).integers(1, 13, (side // 90 + 1,) * 2).astype(np.uint8)
    full = coarse.repeat(90, axis=0).repeat(90, axis=1)[:side, :side]
    labels.store.apply(Change(title="fill", tiles=labels.canvas.replace(full)))
    labels.flush()
    viewer = napari.Viewer(show=True)
    keep_gl_context(viewer)
    viewer.window.resize(1600, 1000)
    session = geolabel.annotate(viewer, scene, ONTOLOGY, labels=labels)
    session.current_class = "c1"
    session.tool = "brush"
    viewer.scene.camera.center = (side * 5, side * 5)
    viewer.scene.camera.zoom = 0.1  # a pixel of 10 m is a pixel of the screen
    _draw()
    return Desk(session, side)


def stroke(desk: Desk, brush_px: int, number: int) -> None:
    """Paint one stroke, another class and another place each time, and note what it took."""
    layer: Any = desk.session.mask_layer
    layer.brush_size = brush_px
    middle = desk.side // 2
    row, value = middle - 200 + 10 * (number % 40), number % 12 + 1
    started = time.perf_counter()
    with layer.block_history():
        for move in range(MOVES):
            layer.paint((row, middle - 180 + STEP_PX * move), value)
            _draw()
    desk.drawn.append(1000 * (time.perf_counter() - started))
    desk.session.labels.flush()
    desk.durable.append(1000 * (time.perf_counter() - started))


def _draw() -> None:
    from qtpy.QtWidgets import QApplication

    QApplication.processEvents()


if __name__ == "__main__":
    main()

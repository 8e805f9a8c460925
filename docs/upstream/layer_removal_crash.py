"""Crash napari natively by removing layers, or show that one line prevents it.

Usage: python layer_removal_crash.py [--guard] [--rounds N]

Needs a window (``xvfb-run -a python layer_removal_crash.py`` without a screen)
and nothing but napari and numpy.
"""

from __future__ import annotations

import argparse
import time

import napari
import numpy as np
from qtpy.QtWidgets import QApplication


def main() -> None:
    """Add and remove multiscale layers until the driver follows a stale pointer, or all rounds are through."""
    parser = argparse.ArgumentParser(description="Crash napari natively by removing layers.")
    parser.add_argument(
        "--guard", action="store_true", help="make the canvas's OpenGL context current before a removal"
    )
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    viewer = napari.Viewer()
    if arguments.guard:
        native = viewer.window._qt_viewer.canvas.native  # noqa: SLF001  (no public name leads there)
        viewer.layers.events.removing.connect(lambda _event: native.makeCurrent())
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 255, (4096, 4096), np.uint8)
    color = rng.integers(0, 255, (4096, 4096, 3), np.uint8)
    for number in range(arguments.rounds):
        show(viewer, [(grey, {"blending": "additive"})] * 3)
        show(viewer, [(color, {"rgb": True})])
        print(f"round {number + 1} of {arguments.rounds} is through", flush=True)
    viewer.close()


def show(viewer: napari.Viewer, layers: list[tuple[np.ndarray, dict[str, object]]]) -> None:
    """Put layers in the place of all others, draw, and zoom until another level is drawn."""
    viewer.layers.clear()
    for full, options in layers:
        viewer.add_image([full[::step, ::step] for step in (1, 2, 4, 8, 16)], multiscale=True, **options)
    viewer.reset_view()
    for zoom in (1, 4, 0.25):
        viewer.scene.camera.zoom *= zoom
        draw(viewer)


def draw(viewer: napari.Viewer, seconds: float = 0.3) -> None:
    """Let Qt draw in its own time, in whichever context it chooses."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        viewer.window._qt_viewer.canvas.native.update()  # noqa: SLF001
        QApplication.processEvents()


if __name__ == "__main__":
    main()

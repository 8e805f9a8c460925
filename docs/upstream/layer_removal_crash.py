"""Crash napari natively by removing layers, or show that one line prevents it.

Usage: python layer_removal_crash.py [--batch] [--guard] [--guard-batch] [--rounds N]

Needs a window (``xvfb-run -a python layer_removal_crash.py`` without a screen)
and nothing but napari and numpy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import napari
import numpy as np
from qtpy.QtWidgets import QApplication


def main() -> None:
    """Add and remove multiscale layers until the driver follows a stale pointer, or all rounds are through."""
    parser = argparse.ArgumentParser(description="Crash napari natively by removing layers.")
    parser.add_argument(
        "--guard", action="store_true", help="make the canvas's OpenGL context current before a removal"
    )
    parser.add_argument("--batch", action="store_true", help="remove in a batch in which the window goes on drawing")
    parser.add_argument("--guard-batch", action="store_true", help="make it current also before the batch ends")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    viewer = napari.Viewer()
    native = viewer.window._qt_viewer.canvas.native  # noqa: SLF001  (no public name leads there)
    if arguments.guard:
        viewer.layers.events.removing.connect(lambda _event: native.makeCurrent())
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 255, (4096, 4096), np.uint8)
    color = rng.integers(0, 255, (4096, 4096, 3), np.uint8)
    clear = partial(clear_in_a_batch, end=native.makeCurrent if arguments.guard_batch else list)
    for number in range(arguments.rounds):
        for layers in ([(grey, {"blending": "additive"})] * 3, [(color, {"rgb": True})]):
            if arguments.batch:
                clear(viewer)
            else:
                viewer.layers.clear()
            show(viewer, layers)
        print(f"round {number + 1} of {arguments.rounds} is through", flush=True)
    viewer.close()


def show(viewer: napari.Viewer, layers: list[tuple[np.ndarray, dict[str, object]]]) -> None:
    """Add layers, draw, and zoom until another level is drawn."""
    for full, options in layers:
        viewer.add_image([full[::step, ::step] for step in (1, 2, 4, 8, 16)], multiscale=True, **options)
    viewer.reset_view()
    for zoom in (1, 4, 0.25):
        viewer.scene.camera.zoom *= zoom
        draw(viewer)


def clear_in_a_batch(viewer: napari.Viewer, end: Callable[[], object]) -> None:
    """Remove all layers in a batch that lasts for some pictures, and call something before it ends."""
    viewer.layers.events.begin_batch()
    for layer in list(viewer.layers):
        viewer.layers.remove(layer)
    draw(viewer)
    end()
    viewer.layers.events.end_batch()


def draw(viewer: napari.Viewer, seconds: float = 0.3) -> None:
    """Let Qt draw in its own time, in whichever context it chooses."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        viewer.window._qt_viewer.canvas.native.update()  # noqa: SLF001
        QApplication.processEvents()


if __name__ == "__main__":
    main()

"""Panning, zooming and switching in a real napari window: ``python -m benchmarks.bench_window``.

Everything is drawn: without a graphics card that takes most of the time, and
it takes it for every reader alike.  For comparison the same layer is fed by
rasterio as many tools use it: open the file, read the window, stretch by numpy.
The table goes to ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_imagery import HERE, timed
from benchmarks.imagery_data import SIDE, make_scenes
from benchmarks.imagery_rivals import FALSE_COLOR, TRUE_COLOR, stretched
from benchmarks.page import PAGE, renew
from benchmarks.window import Heartbeat, Look, journey, look_at, travel, watch_decoding

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_geolabel.imagery.scene import Scene

PANS, STEP_PX, SWITCHES = 24, 256, 6
CANVAS_PX = 1200
Row = tuple[str, list[float]]


def main() -> None:
    """Run the benchmark and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=SIDE, help="pixels a side")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder of the two files, which are made once")
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # levels that were built before would not be built again
        table = report(options.data, options.side)
    print(table)
    renew(options.report, "window", table)


def report(folder: Path, side: int) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"1600 x 1000 window, software OpenGL, {os.cpu_count()} cores, load at the start {os.getloadavg()[0]:.1f}; "
        "medians in ms, each with its drawing; in brackets how many times as long as ours.",
        "",
        "| | napari-geolabel | rasterio per request |",
        "|---|---:|---:|",
    ]
    cog, strips = make_scenes(folder, side)
    for title, path in (("COG", cog), ("strips", strips)):
        ours, theirs = dict(in_window(path, side, ours=True)), dict(in_window(path, side, ours=False))
        for what, times in ours.items():
            mine, other = statistics.median(times), statistics.median(theirs[what])
            lines.append(f"| {title}: {what} | {mine:,.0f} | {other:,.0f} ({other / mine:.2g}x) |")
    lines += [
        "",
        "200 pans and zooms, and how long the window stood still at most, in ms, by a timer on its thread:",
        "",
        "| longest gap between two beats | first | again | reads on that thread |",
        "|---|---:|---:|---:|",
    ]
    for title, path in (("COG", cog), ("strips, levels built meanwhile", strips)):
        for is_asynchronous in (False, True):
            how = "read asynchronously" if is_asynchronous else "as napari reads by default"
            gaps = longest_gaps(path, side, is_asynchronous=is_asynchronous)
            lines.append(f"| {title}, {how} | {' | '.join(gaps)} |")
    return "\n".join(lines) + "\n"


def in_window(path: Path, side: int, *, ours: bool) -> Iterator[Row]:
    """Yield what was done and how many milliseconds each time took."""
    with window() as viewer, opened(path) as scene:
        layer = our_layer(viewer, scene) if ours else plain_layer(viewer, scene)
        viewer.reset_view()
        drawn(viewer)  # opening is not timed: nearly all of it is napari's own, and most for the first layer of all
        begin = 0.45 * side
        looks = [Look(0.2 * side + STEP_PX * i, begin, 1.0) for i in range(PANS)]
        look_at(viewer, scene, looks[0])
        drawn(viewer)
        yield (
            "pan, first time",
            [timed(lambda look=look: (look_at(viewer, scene, look), drawn(viewer))) for look in looks],
        )
        back = looks[::-1]
        yield "pan back", [timed(lambda look=look: (look_at(viewer, scene, look), drawn(viewer))) for look in back]
        switch = our_switch(layer) if ours else plain_switch(layer)
        for bands in (FALSE_COLOR, TRUE_COLOR):
            switch(bands)
            drawn(viewer)
        wanted = [FALSE_COLOR, TRUE_COLOR] * (SWITCHES // 2)
        yield "switch", [timed(lambda bands=bands: (switch(bands), drawn(viewer))) for bands in wanted]
        yield (
            "drawing alone",
            [timed(lambda: (canvas_of(viewer).update(), drawn(viewer))) for _ in wanted],
        )


def longest_gaps(path: Path, side: int, *, is_asynchronous: bool) -> list[str]:
    """Return the longest gaps of a first and a second journey, each with what was decoded on the window's thread."""
    from napari.settings import get_settings

    get_settings().experimental.async_ = is_asynchronous
    told = []
    try:
        with window() as viewer, opened(path) as scene:
            our_layer(viewer, scene)
            viewer.reset_view()
            decoded: list[tuple[str, int, float]] = []
            watch_decoding(scene, decoded)
            for _ in ("first", "again"):
                with Heartbeat() as heart:
                    travel(viewer, scene, journey(side, CANVAS_PX))
                told.append(f"{heart.longest_ms:.0f}")
            there = sum(name == "MainThread" for name, _, _ in decoded)
            told.append(f"{there} of {len(decoded)}")
    finally:
        get_settings().experimental.async_ = False
    return told


@contextmanager
def window() -> Iterator[Viewer]:
    """Yield a napari window of 1600 x 1000 pixels."""
    import napari

    from napari_geolabel.viewer.gl_guard import keep_gl_context

    viewer = napari.Viewer(show=True)
    keep_gl_context(viewer)
    viewer.window.resize(1600, 1000)
    drawn(viewer)
    try:
        yield viewer
    finally:
        viewer.layers.clear()
        viewer.close()


@contextmanager
def opened(path: Path) -> Iterator[Scene]:
    """Yield an open scene."""
    from napari_geolabel.imagery import open_scene

    with open_scene(path) as scene:
        yield scene


def our_layer(viewer: Viewer, scene: Scene) -> Image:
    """Add our own layer."""
    from napari_geolabel.viewer.scene_layer import add_scene_layer

    return add_scene_layer(viewer, scene)


def our_switch(layer: Image) -> Callable[[tuple[int, int, int]], object]:
    """Return what switches our layer."""
    from napari_geolabel.viewer.scene_layer import show_composite

    names = {TRUE_COLOR: "true_color", FALSE_COLOR: "false_color"}
    return lambda bands: show_composite(layer, names[bands])


class PlainLevel:
    """One level of a file, opened, read and stretched anew at every request."""

    def __init__(self, path: Path, overview: int | None, bands: list[tuple[int, int, int]], factor: int) -> None:
        import rasterio

        self._path, self._bands, self._factor = path, bands, factor
        self._options: dict[str, Any] = {} if overview is None else {"OVERVIEW_LEVEL": overview}
        with rasterio.open(path, **self._options) as dataset:
            self.shape = (-(-dataset.height // factor), -(-dataset.width // factor), 4)
        self.ndim, self.dtype, self.size = 3, np.dtype(np.uint8), int(np.prod(self.shape))

    def __getitem__(self, key: tuple[slice, ...]) -> NDArray[np.uint8]:
        import rasterio
        from rasterio.windows import Window

        row, row_stop, _ = key[0].indices(self.shape[0])
        col, col_stop, _ = key[1].indices(self.shape[1])
        by = self._factor
        with rasterio.open(self._path, **self._options) as dataset:
            cut = Window(col * by, row * by, (col_stop - col) * by, (row_stop - row) * by)
            shape = (3, row_stop - row, col_stop - col)
            return stretched(dataset.read(self._bands[0], window=cut, out_shape=shape))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.uint8]:  # noqa: ANN401
        return self[:, :]


def plain_layer(viewer: Viewer, scene: Scene) -> Image:
    """Add a layer that reads as many tools do, in the place of a scene."""
    import rasterio

    from napari_geolabel.viewer.frame import layer_transform

    path = scene.path
    with rasterio.open(path) as dataset:
        overviews = len(dataset.overviews(1))
    bands = [TRUE_COLOR]
    stored = [PlainLevel(path, None if i == 0 else i - 1, bands, 1) for i in range(overviews + 1)]
    levels = stored if overviews else [PlainLevel(path, None, bands, 2**i) for i in range(5)]
    return viewer.add_image(
        levels,
        rgb=True,
        multiscale=True,
        contrast_limits=(0, 255),
        metadata={"bands": bands},
        **layer_transform(scene.grid),
    )


def plain_switch(layer: Image) -> Callable[[tuple[int, int, int]], object]:
    """Return what switches a plain layer."""
    shown = layer.metadata["bands"]

    def switch(bands: tuple[int, int, int]) -> None:
        shown[0] = bands
        layer.refresh()

    return switch


def canvas_of(viewer: Viewer) -> Any:  # noqa: ANN401  (a Qt widget)
    """Return the widget that the picture is drawn in."""
    from napari_geolabel.viewer.gl_guard import canvas_widget

    return canvas_widget(viewer)


def drawn(viewer: Viewer) -> None:
    """Wait until the canvas shows what it should."""
    from qtpy.QtWidgets import QApplication

    QApplication.instance().processEvents()
    canvas_of(viewer).grabFramebuffer()  # waits for the picture


if __name__ == "__main__":
    main()

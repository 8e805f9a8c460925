"""What opens, shows and pans over a scene in the imagery benchmark: this project and its peers.

Every rival gives pictures of the same size, uint8 RGBA, with limits between the
2nd and the 98th percentile.  Drawing on a screen is left out everywhere.
"""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""

TRUE_COLOR, FALSE_COLOR = (3, 2, 1), (4, 3, 2)
FIRST_PX = 686
"""Side of the first picture, of the whole scene."""


class Rival(Protocol):
    """Shows a scene."""

    name: str
    reads: int
    """Reads from the file since it was opened, -1 where they cannot be counted."""

    bytes_read: int
    """Decoded bytes of those reads, -1 where they cannot be counted."""

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""

    def close(self) -> None:
        """Let go of the scene."""


class Ours:
    """Our own: one open scene, tiles in a cache, tables of colours."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reads = self.bytes_read = 0
        self._lock = threading.Lock()
        self._scene: Any = None

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""
        from napari_geolabel.imagery import Composite, Picture, Stretch, open_scene

        stretch = Stretch.percentile(2, 98)
        self._composites = {
            TRUE_COLOR: Composite(id="t", title="t", channels=("red", "green", "blue"), stretch=stretch),
            FALSE_COLOR: Composite(id="f", title="f", channels=("nir", "red", "green"), stretch=stretch),
        }
        self._scene = open_scene(path)
        self._count()
        self._picture = Picture(self._scene, self._composites[TRUE_COLOR])
        np.asarray(self._picture.levels[-1])

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""
        if self._picture.composite is not self._composites[bands]:
            self._picture.composite = self._composites[bands]
        self._picture.levels[0][window[0] : window[1], window[2] : window[3]]

    def close(self) -> None:
        """Let go of the scene."""
        if self._scene is not None:
            self._scene.close()

    def _count(self) -> None:
        store = self._scene.source.store
        original = store._decode  # noqa: SLF001  (the one place that decodes tiles)
        self.reads = self.bytes_read = 0

        def counting(level: Any, tiles: Any, missing: Any, found: Any) -> None:  # noqa: ANN401
            original(level, tiles, missing, found)
            with self._lock:
                self.reads += 1
                self.bytes_read += sum(found[key].nbytes for key in missing)

        store._decode = counting  # noqa: SLF001


class PerRequest:
    """rasterio as many tools use it: open the file, read the window, stretch by numpy's percentiles."""

    name = "rasterio per request"

    def __init__(self) -> None:
        self.reads = self.bytes_read = 0

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""
        self._path = path
        self.reads = self.bytes_read = 0
        self._shown(None, TRUE_COLOR)

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""
        self._shown(window, bands)

    def close(self) -> None:
        """Nothing is kept open."""

    def _shown(self, window: Window | None, bands: tuple[int, int, int]) -> NDArray[np.uint8]:
        import rasterio
        from rasterio.windows import Window as RasterWindow

        with rasterio.open(self._path) as dataset:
            if window is None:
                pixels = dataset.read(bands, out_shape=(3, FIRST_PX, FIRST_PX))
            else:
                row, stop, col, col_stop = window
                pixels = dataset.read(bands, window=RasterWindow(col, row, col_stop - col, stop - row))
        self.reads += 1
        self.bytes_read += pixels.nbytes
        return stretched(pixels)


class WholeArray:
    """napari with the whole array in memory, as its own reader gives it."""

    name = "napari, whole array"

    def __init__(self) -> None:
        self.reads = self.bytes_read = -1
        self._viewer: Any = None

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""
        import rasterio
        from napari.components import ViewerModel

        with rasterio.open(path) as dataset:
            self._pixels = dataset.read()
        self._viewer = ViewerModel()
        self._viewer.add_image(self._pixels, channel_axis=0)

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""
        # what lies in memory is cut out and stretched: the fairest that can be said for it
        row, stop, col, col_stop = window
        stretched(self._pixels[[band - 1 for band in bands], row:stop, col:col_stop])

    def close(self) -> None:
        """Let go of the scene."""
        if self._viewer is not None:
            self._viewer.layers.clear()
            self._viewer = self._pixels = None


class RioTiler:
    """rio-tiler with its reader kept open."""

    name = "rio-tiler"

    def __init__(self) -> None:
        self.reads = self.bytes_read = -1
        self._reader: Any = None

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""
        from rio_tiler.io import Reader

        self._reader = Reader(str(path))
        self._shown(self._reader.preview(indexes=TRUE_COLOR, max_size=FIRST_PX))

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""
        from rasterio.windows import Window as RasterWindow

        row, stop, col, col_stop = window
        cut = RasterWindow(col, row, col_stop - col, stop - row)
        self._shown(self._reader.read(indexes=bands, window=cut))

    def close(self) -> None:
        """Let go of the scene."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _shown(self, image: Any) -> None:  # noqa: ANN401
        limits = [tuple(np.percentile(band.compressed(), (2, 98))) for band in image.array]
        image.rescale(limits)
        np.asarray(image.data_as_image())


class Qgis:
    """QGIS's renderer, in a process of its own that keeps the layer open."""

    name = "QGIS renderer"

    def __init__(self) -> None:
        self.reads = self.bytes_read = -1
        self.seconds = 0.0
        script = Path(__file__).with_name("qgis_worker.py")
        self._process = subprocess.Popen(
            ["/usr/bin/python3", str(script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": "/tmp"},  # noqa: S108
        )  # fmt: skip
        if self._answer() != "ready":
            raise OSError("QGIS does not start")

    def first(self, path: Path) -> None:
        """Open a scene and make a picture of the whole of it."""
        self._ask({"do": "first", "path": str(path), "bands": TRUE_COLOR, "px": FIRST_PX})

    def view(self, window: Window, bands: tuple[int, int, int]) -> None:
        """Make a picture of a window of the full resolution."""
        self._ask({"do": "view", "window": window, "bands": bands})

    def close(self) -> None:
        """Let go of the scene."""
        self._ask({"do": "close"})

    def quit(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._process.communicate(json.dumps({"do": "quit"}) + "\n", timeout=20)

    def _ask(self, job: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer != "done":
            raise OSError(f"QGIS: {answer or 'it ended'}")

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def stretched(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return RGBA, shape (rows, cols, 4), of three bands by numpy's percentiles of what is valid."""
    out = np.empty((*pixels.shape[1:], 4), np.uint8)
    valid = pixels[0] != 0
    for i, band in enumerate(pixels):
        low, high = np.percentile(band[valid], (2, 98)) if valid.any() else (0, 1)
        out[..., i] = np.clip((band.astype(np.float64) - low) / (high - low), 0, 1) * 255
    out[..., 3] = np.where(valid, 255, 0)
    return out


def rivals() -> list[Rival]:
    """Return this project and the peers that are installed."""
    found: list[Rival] = [Ours("napari-geolabel"), PerRequest(), WholeArray()]
    try:
        import rio_tiler  # noqa: F401
    except ImportError:
        print("rio-tiler is not installed; pip install --group bench")
    else:
        found.append(RioTiler())
    try:
        found.append(Qgis())
    except OSError:
        print("QGIS is not there; apt-get install python3-qgis")
    return found

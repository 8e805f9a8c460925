"""Make the pictures of "Seeing with bands" from the sample scene: ``python scripts/docs_pictures.py [FOLDER]``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

import napari_geolabel as geolabel
from napari_geolabel.files import atomic_write
from napari_geolabel.imagery import contact_sheet
from napari_geolabel.samples import sample_path

FOLDER = Path(__file__).parents[1] / "docs" / "images"
COMPOSITES = (
    "true_color", "false_color", "swir", "agriculture", "land_water", "urban", "atmospheric_penetration", "ship_nir",
    "index_rgb",
)  # fmt: skip
INDICES = ("ndvi", "ndwi", "mndwi", "ndmi", "ndti", "ndbi", "bsi", "ci2swir", "hot")
TILE_PX = 190
PIXELS = {"cloud": (102.5, 166.5, "#4f7df0"), "woods": (689.5, 532.5, "#6aa80f"), "sea": (95.5, 97.5, "#00a5b5")}
RIVER_MOUTH = shapely.Point(429, 329).buffer(25)
PLOT_PX = (760, 300)
SWIPED: Final = (slice(180, 480), slice(100, 720))
"""Rows and columns of the picture of a swipe."""


def main(folder: Path = FOLDER) -> None:
    """Write the pictures, each under 100 kB."""
    folder.mkdir(exist_ok=True)
    with geolabel.open_scene(sample_path("coast.tif")) as scene:
        _write(folder / "composites.jpg", contact_sheet(scene, COMPOSITES, tile_px=TILE_PX))
        _write(folder / "indices.jpg", contact_sheet(scene, INDICES, tile_px=TILE_PX))
        _write(folder / "stretches.jpg", contact_sheet(scene, _stretches(scene), tile_px=TILE_PX))
        _write(folder / "swipe.jpg", _swiped(scene, "true_color", "swir"))
        _plot_spectra(scene, folder / "spectra.png")


def _stretches(scene: geolabel.Scene) -> list[geolabel.Composite]:
    """Return true colour in several stretches, each under a name that says which."""
    shown = scene.composite("true_color")
    stretches = {
        "by default": shown.stretch,
        "percentile(2, 98)": geolabel.Stretch.percentile(2, 98),
        "... together": geolabel.Stretch.percentile(2, 98, channels="together"),
        "fixed(0, 0.3)": geolabel.Stretch.fixed(0, 0.3),
        "deviations(2)": geolabel.Stretch.deviations(2),
        "equalize()": geolabel.Stretch.equalize(),
    }
    return [replace(shown, id=name, stretch=stretch) for name, stretch in stretches.items()]


def _swiped(scene: geolabel.Scene, left: str, right: str) -> NDArray[np.uint8]:
    """Return a part of the scene in one composite left of a line, and another right of it, as a swipe shows them."""
    picture, other = (geolabel.render(scene, id_, max_size=None, window=SWIPED) for id_ in (left, right))
    column = picture.shape[1] // 2
    picture[:, column:] = other[:, column:]
    picture[:, column - 1 : column + 2, :3] = 20
    picture[:, column, :3] = 255
    return picture


def _plot_spectra(scene: geolabel.Scene, path: Path) -> None:
    """Draw pixels and an area as the spectral profile does, without a screen, and name them beside their curves."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qtpy.QtWidgets import QApplication

    from napari_geolabel.widgets.spectrum_plot import Curve, SpectrumPlot

    app = QApplication.instance() or QApplication([])
    plot = SpectrumPlot("light", scene.bands)
    plot.resize(*PLOT_PX)
    legend = plot.getPlotItem().addLegend(offset=(-10, 5), labelTextColor="#222222")
    area = geolabel.area_spectrum(scene, RIVER_MOUTH)
    plot.put("turbid water", Curve(spectrum=area, color="#d55e00", dashed=True))
    for name, (x, y, color) in PIXELS.items():
        spectrum = geolabel.pixel_spectrum(scene, x, y)
        if spectrum is not None:  # it lies on the scene
            plot.put(name, Curve(spectrum=spectrum, color=color))
    for name in plot.curves:
        legend.addItem(plot.line(name), name)
    app.processEvents()
    with atomic_write(path) as temporary:
        plot.grab().save(str(temporary), "PNG")
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _write(path: Path, rgba: NDArray[np.uint8]) -> None:
    """Write an opaque picture as JPEG, which photographs need a tenth of PNG's room in."""
    from PIL import Image

    with atomic_write(path) as temporary:
        Image.fromarray(np.ascontiguousarray(rgba[..., :3])).save(temporary, format="JPEG", quality=82, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

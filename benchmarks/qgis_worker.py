"""Renders with QGIS what it is asked for, line by line; run by Debian's own Python, which has QGIS."""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsMultiBandColorRenderer,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize


class Shown:
    """A layer and how it is shown."""

    def __init__(self, path: str) -> None:
        self.layer = QgsRasterLayer(path, "scene", "gdal")
        if not self.layer.isValid():
            raise OSError(f"{path} does not open in QGIS")
        self.bands: list[int] = []

    def show(self, bands: list[int]) -> None:
        """Show three bands, stretched between the 2nd and 98th percentile of the whole layer, as QGIS guesses them."""
        if bands == self.bands:
            return
        self.bands = bands
        self.layer.setRenderer(QgsMultiBandColorRenderer(self.layer.dataProvider(), *bands))
        self.layer.setContrastEnhancement(
            QgsContrastEnhancement.StretchToMinimumMaximum, QgsRasterMinMaxOrigin.CumulativeCut
        )

    def draw(self, extent: QgsRectangle, width: int, height: int) -> None:
        """Draw an extent into a picture."""
        settings = QgsMapSettings()
        settings.setLayers([self.layer])
        settings.setDestinationCrs(self.layer.crs())
        settings.setOutputSize(QSize(width, height))
        settings.setExtent(extent)
        job = QgsMapRendererSequentialJob(settings)
        job.start()
        job.waitForFinished()
        job.renderedImage()


def main() -> None:
    """Answer until told to quit."""
    application = QgsApplication([], False)
    application.initQgis()
    print("ready", flush=True)
    shown = None
    for line in sys.stdin:
        job = json.loads(line)
        if job["do"] == "quit":
            break
        try:
            shown = answer(job, shown)
            print("done", flush=True)
        except OSError as error:
            print(error, flush=True)
    shown = None
    application.exitQgis()


def answer(job: dict[str, Any], shown: Shown | None) -> Shown | None:
    """Do one job and return what is shown then."""
    if job["do"] == "close":
        return None
    if job["do"] == "first":
        shown = Shown(job["path"])
        shown.show(job["bands"])
        shown.draw(shown.layer.extent(), job["px"], job["px"])
        return shown
    if shown is None:
        raise OSError("nothing is open")
    shown.show(job["bands"])
    row, stop, col, col_stop = job["window"]
    extent, layer = shown.layer.extent(), shown.layer
    x, y = layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
    rectangle = QgsRectangle(
        extent.xMinimum() + col * x,
        extent.yMaximum() - stop * y,
        extent.xMinimum() + col_stop * x,
        extent.yMaximum() - row * y,
    )
    shown.draw(rectangle, col_stop - col, stop - row)
    return shown


if __name__ == "__main__":
    main()

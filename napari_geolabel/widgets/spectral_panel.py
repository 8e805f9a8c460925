"""The way to the docks of spectra and bands."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import Panel, set_tooltip


class SpectralPanel(Panel):
    """Two buttons: what a pixel holds in each band, and what the bands are."""

    def __init__(self, session: Session) -> None:
        super().__init__("Bands")
        self.spectra, self.bands = QPushButton("Spectral profile…"), QPushButton("Band table…")
        set_tooltip(self.spectra, "Values by wavelength under the mouse, of pins, of what is selected (Alt+S)")
        set_tooltip(self.bands, "Names, wavelengths, scale and values of the bands, to be mended (Alt+B)")
        row = QHBoxLayout()
        for button, wish in ((self.spectra, "spectra"), (self.bands, "bands")):
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, wish=wish: session.asked.emit(wish))
        self.column.addLayout(row)

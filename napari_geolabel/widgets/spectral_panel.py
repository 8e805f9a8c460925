"""The way to the docks of spectra and bands."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel


class SpectralPanel(Panel):
    """Two buttons: what a pixel holds in each band, and what the bands are."""

    def __init__(self, session: Session) -> None:
        super().__init__("Bands")
        self.spectra, self.bands = QPushButton("Spectral profile…"), QPushButton("Band table…")
        hint(self.spectra, session.keys, "Values by wavelength: under the mouse, of pins, of the selection ({spectra})")
        hint(self.bands, session.keys, "Names, wavelengths, scale and values of the bands, to be mended ({bands})")
        row = QHBoxLayout()
        for button, wish in ((self.spectra, "spectra"), (self.bands, "bands")):
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, wish=wish: session.asked.emit(wish))
        self.column.addLayout(row)

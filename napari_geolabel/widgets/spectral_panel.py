"""The way to the docks of spectra and bands, and to the minimap."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel


class SpectralPanel(Panel):
    """Buttons: what a pixel holds in each band, what the bands are, and the scene in small."""

    def __init__(self, session: Session) -> None:
        super().__init__("Bands and map")
        self.spectra, self.bands = QPushButton("Spectral profile…"), QPushButton("Band table…")
        hint(self.spectra, session.keys, "Values by wavelength: under the mouse, of pins, of the selection ({spectra})")
        hint(self.bands, session.keys, "Names, wavelengths, scale and values of the bands, to be mended ({bands})")
        self.map = QPushButton("Minimap…")
        hint(self.map, session.keys, "The whole scene in small, and what of it has been looked at ({map})")
        row = QHBoxLayout()
        for button, wish in ((self.spectra, "spectra"), (self.bands, "bands"), (self.map, "map")):
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, wish=wish: session.asked.emit(wish))
        self.column.addLayout(row)

"""The table in which a person names the bands of a scene that names none itself."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem

from napari_geolabel.imagery.bands import COMMON_NAMES, COMMON_WAVELENGTHS_UM, BandSet

ROW_PX = 28
MOST_ROWS = 6


class BandTable(QTableWidget):  # type: ignore[misc]  # qtpy has no types
    """One row per band: what the file says of it, and the name to give it."""

    def __init__(self) -> None:
        super().__init__(0, 2)
        self.setHorizontalHeaderLabels(["band", "name it"])
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)

    def show_bands(self, bands: BandSet) -> None:
        """Show other bands."""
        self.setRowCount(len(bands))
        for row, band in enumerate(bands):
            told = QTableWidgetItem(f"{band.index + 1}  {band.description or band.name}")
            told.setFlags(told.flags() & ~told.flags().ItemIsEditable)
            self.setItem(row, 0, told)
            choice = QComboBox()
            choice.setEditable(True)
            choice.addItems(["", *ORDERED_NAMES])
            choice.setCurrentText(band.common_name or "")
            self.setCellWidget(row, 1, choice)
        self.setFixedHeight(ROW_PX * (min(MOST_ROWS, len(bands)) + 1) + 8)

    @property
    def is_filled(self) -> bool:
        """Whether any band was given a name."""
        return any(self._choice(row).currentText().strip() for row in range(self.rowCount()))

    def names(self, bands: BandSet) -> list[str]:
        """Return the names of all bands, in order; a band without one keeps its own."""
        return [self._choice(row).currentText().strip() or band.name for row, band in enumerate(bands)]

    def _choice(self, row: int) -> QComboBox:
        widget = self.cellWidget(row, 1)
        assert isinstance(widget, QComboBox)  # noqa: S101  (what show_bands put there)
        return widget


ORDERED_NAMES = [
    *sorted(COMMON_WAVELENGTHS_UM, key=lambda name: COMMON_WAVELENGTHS_UM[name][1]),
    *sorted(COMMON_NAMES - set(COMMON_WAVELENGTHS_UM)),
]

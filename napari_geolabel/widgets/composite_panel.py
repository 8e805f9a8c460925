"""Which composite the scene shows, how it is stretched, and bands or indices as layers of their own."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDoubleSpinBox, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.band_row import BandRow
from napari_geolabel.widgets.parts import Panel, mark_current, set_tooltip, word

_ID = Qt.ItemDataRole.UserRole
LIST_HEIGHT_PX = 130


class CompositePanel(Panel):
    """Switch the composite of the selected scene in place; labels and view stay."""

    def __init__(self, session: Session) -> None:
        super().__init__("Composite  (Alt+Left, Alt+Right)")
        self._session, self._scene = session, session.scene
        self.list = QListWidget()
        self.list.setFixedHeight(LIST_HEIGHT_PX)
        mark_current(self.list)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.low, self.high = _percent_box(0, 49.9), _percent_box(50.1, 100)
        self.reset = QPushButton("Reset")
        self.bands = BandRow(session.scene.bands.names, session.try_add_band)
        self.column.addWidget(self.list)
        self.column.addLayout(self._stretch_row())
        self.column.addWidget(self.bands)
        self.list.itemClicked.connect(self._on_click)
        self.low.editingFinished.connect(self._on_stretch)
        self.high.editingFinished.connect(self._on_stretch)
        self.reset.clicked.connect(self._on_reset)
        session.scenes.changed.connect(self._show)
        self._show()

    def _stretch_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        label = word("Stretch %")
        set_tooltip(label, "Percentiles of the valid pixels that show black and full brightness.")
        row.addWidget(label)
        row.addWidget(self.low)
        row.addWidget(word("to"))
        row.addWidget(self.high)
        row.addWidget(self.reset)
        return row

    def _show(self) -> None:
        composites = self._session.scenes.composites
        if composites.scene is not self._scene:
            self._scene = composites.scene
            self.bands.set_names(self._scene.bands.names)
        if [self.list.item(i).data(_ID) for i in range(self.list.count())] != list(composites):
            self.list.clear()
            for composite in composites.values():
                item = QListWidgetItem(composite.title)
                item.setData(_ID, composite.id)
                self.list.addItem(item)
        current = list(composites).index(composites.current)
        self.list.setCurrentRow(current)
        percentiles = composites.percentiles
        for box, value in zip((self.low, self.high), percentiles or (0.0, 100.0), strict=True):
            box.setEnabled(percentiles is not None)  # an index has fixed limits, so that its colours mean the same
            box.setValue(value)

    def _on_click(self, item: QListWidgetItem) -> None:
        self._session.use_composite(item.data(_ID))

    def _on_stretch(self) -> None:
        wanted = self.low.value(), self.high.value()
        if self._session.scenes.composites.percentiles not in (None, wanted):
            self._session.scenes.composites.stretch(*wanted)

    def _on_reset(self) -> None:
        self._session.scenes.composites.reset_stretch()


def _percent_box(lowest: float, highest: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(lowest, highest)
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setKeyboardTracking(False)
    return box

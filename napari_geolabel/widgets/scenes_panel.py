"""Which scenes lie over each other: add one, take one away, choose the one that composites act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.labels_panel import ChoosePath
from napari_geolabel.widgets.parts import Panel, mark_current, set_tooltip

if TYPE_CHECKING:
    from napari.layers import Image

LIST_HEIGHT_PX = 70
_FILES = "Scenes (*.tif *.tiff *.TIF *.TIFF *.jp2 *.vrt);;All files (*)"


def choose_other_scene_path(parent: QWidget | None) -> str:
    """Ask for the file of a scene to lay over the one that is labelled."""
    return str(QFileDialog.getOpenFileName(parent, "Add a scene", "", _FILES)[0])


def add_scene_to(session: Session, path: str) -> None:
    """Add a scene to a session as buttons and menus do: what cannot be is told, not raised."""
    try:
        session.add_scene(path)
    except GeoLabelError as error:
        warn(str(error))


class ScenesPanel(Panel):
    """The scenes of a session; a click selects one's layer, which is what composites then act on."""

    def __init__(self, session: Session, choose_path: ChoosePath = choose_other_scene_path) -> None:
        super().__init__("Scenes")
        self._session, self._choose_path = session, choose_path
        self.list = QListWidget()
        self.list.setFixedHeight(LIST_HEIGHT_PX)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        mark_current(self.list)
        self.add, self.remove = QPushButton("Add a scene…"), QPushButton("Remove")
        set_tooltip(self.add, "Lay another date, another sensor or a radar scene over the one that is labelled.")
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove)
        self.column.addWidget(self.list)
        self.column.addLayout(row)
        self.list.itemClicked.connect(self._on_click)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        session.scenes.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        layers, active = self._layers, self._active
        self.list.clear()
        for layer in layers:
            item = QListWidgetItem(layer.name if layer is not self._session.scene_layer else f"{layer.name} (labelled)")
            self.list.addItem(item)
        self.list.setCurrentRow(next(i for i, layer in enumerate(layers) if layer is active))
        self.list.setVisible(len(layers) > 1)
        self.remove.setVisible(len(layers) > 1)
        self.remove.setEnabled(active is not self._session.scene_layer)

    @property
    def _layers(self) -> list[Image]:
        return self._session.scenes.layers

    @property
    def _active(self) -> Image:
        """The layer of the scene that is in use; a pane has another layer of it."""
        active = self._session.scenes.active_layer
        return next(each for each in self._layers if each.metadata[SCENE_KEY] is active.metadata[SCENE_KEY])

    def _on_click(self, item: QListWidgetItem) -> None:
        self._session.viewer.layers.selection.active = self._layers[self.list.row(item)]

    def _on_add(self) -> None:
        path = self._choose_path(self)
        if path:
            add_scene_to(self._session, path)

    def _on_remove(self) -> None:
        self._session.remove_scene(self._active)

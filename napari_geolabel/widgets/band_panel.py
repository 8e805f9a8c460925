"""Dock widget of the Plugins menu: a band or an index of an open scene as a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.gl_guard import unwrapped
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.scene_layer import SCENE_KEY, add_band_layer, scene_layers
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.band_row import BandRow
from napari_geolabel.widgets.parts import DOCK_PX, plain_label

if TYPE_CHECKING:
    from napari.viewer import Viewer


class BandPanel(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Adds bands and indices of the scene of the active layer."""

    def __init__(self, napari_viewer: Viewer) -> None:  # napari fills in a parameter of this name
        super().__init__()
        self._viewer = unwrapped(napari_viewer)
        self.scene_name = plain_label()
        self.row = BandRow([], self._add)
        self.setMinimumWidth(DOCK_PX)
        column = QVBoxLayout(self)
        column.addWidget(self.scene_name)
        column.addWidget(self.row)
        column.addStretch()
        self._viewer.layers.events.inserted.connect(self._show)
        self._viewer.layers.events.removed.connect(self._show)
        self._viewer.layers.selection.events.active.connect(self._show)
        self._show()

    def _scene(self) -> Scene | None:
        layers = scene_layers(self._viewer)
        return layers[0].metadata[SCENE_KEY] if layers else None

    def _show(self, _event: object = None) -> None:
        scene = self._scene()
        self.row.setEnabled(scene is not None)
        self.scene_name.setText(scene.name if scene is not None else "No scene is open; drag a GeoTIFF into napari.")
        self.row.set_names(scene.bands.names if scene is not None else [])

    def _add(self, expression: str) -> None:
        scene, session = self._scene(), find_session(self._viewer)
        try:
            if session is not None and session.scene is scene:
                session.add_band(expression)
            elif scene is not None:
                add_band_layer(self._viewer, scene, expression)
        except GeoLabelError as error:
            warn(str(error))

"""Dock widget of the Plugins menu: choose scene and ontology, name the bands, start labelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from qtpy.QtCore import QSize
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.drivers import SCENE_SUFFIXES
from napari_geolabel.imagery.network import Trust
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.ontology.files import load_ontology, template_names
from napari_geolabel.viewer.attach import attach
from napari_geolabel.viewer.gl_guard import unwrapped
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.preferences import load_preferences
from napari_geolabel.viewer.scene_layer import SCENE_KEY, add_scene_layer, change_scene, scene_layers
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.band_table import BandTable
from napari_geolabel.widgets.labels_panel import ChoosePath
from napari_geolabel.widgets.parts import DOCK_PX, breakable, heading, plain_label, set_tooltip
from napari_geolabel.widgets.scene_about import SceneAbout
from napari_geolabel.widgets.start_hints import about_classes, about_place, foreign_picture

if TYPE_CHECKING:
    from napari.layers import Image, Layer
    from napari.viewer import Viewer

_SCENES = f"Scenes ({' '.join(f'*{s} *{s.upper()}' for s in SCENE_SUFFIXES)});;All files (*)"
_ONTOLOGIES = "Ontology (*.yaml *.yml *.json);;All files (*)"


ChoosePaths = Callable[[QWidget | None], Sequence[str]]
"""Asks for files; none when the user thinks better of it."""


def choose_scene_paths(parent: QWidget | None) -> Sequence[str]:
    """Ask for the file of a scene, or for those of its bands."""
    title = "Open a scene (several files are its bands)"
    return [str(path) for path in QFileDialog.getOpenFileNames(parent, title, "", _SCENES)[0]]


def choose_scene_folder(parent: QWidget | None) -> str:
    """Ask for a folder with a file per band, such as a SAFE product."""
    return str(QFileDialog.getExistingDirectory(parent, "Open a folder of bands (SAFE, Landsat, ...)"))


def ask_address(parent: QWidget | None) -> str:
    """Ask for the address of a scene on the network, which is the user's word that it may be asked."""
    question = "Address of a GeoTIFF: https://… or s3://…\nOnly this address is asked, and only for the parts shown."
    text, is_given = QInputDialog.getText(parent, "Open from the network", question)
    return str(text).strip() if is_given else ""


def choose_ontology_path(parent: QWidget | None) -> str:
    """Ask for the file of an ontology."""
    return str(QFileDialog.getOpenFileName(parent, "Open an ontology", "", _ONTOLOGIES)[0])


class StartPanel(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Start a labelling session."""

    def __init__(
        self,
        napari_viewer: Viewer,  # napari fills in a parameter of this name
        choose_scene: ChoosePaths = choose_scene_paths,
        choose_ontology: ChoosePath = choose_ontology_path,
        choose_folder: ChoosePath = choose_scene_folder,
        choose_address: ChoosePath = ask_address,
    ) -> None:
        super().__init__()
        self._viewer = unwrapped(napari_viewer)
        self._choose_scene, self._choose_ontology = choose_scene, choose_ontology
        self._choose_folder, self._choose_address = choose_folder, choose_address
        attach(self._viewer)
        self.scene, self.open_scene = _choice(), QPushButton("Open…")
        self.ontology, self.open_ontology = _choice(), QPushButton("Open…")
        self.open_folder, self.open_address = QPushButton("Folder of bands…"), QPushButton("From the network…")
        set_tooltip(self.open_folder, "A SAFE product, a Landsat folder, or any folder with one file per band.")
        set_tooltip(
            self.open_address, "A GeoTIFF at an address that you trust. Nothing else is ever read over the network."
        )
        self.about = SceneAbout(self._use_reading)
        self.table, self.name_bands = BandTable(), QPushButton("Name the bands")
        self.table_hint = plain_label(
            "The file does not name its bands. Name them to get colour composites and indices."
        )
        self.reopen = QPushButton("Open it as a scene")
        set_tooltip(self.reopen, "napari's own reader has read it, which knows neither its bands nor its place.")
        self.classes, self.place = plain_label(), plain_label()
        self.read_only = QCheckBox("Read only: look at the labels without changing them")
        self.start = QPushButton("Annotate")
        self._lay_out()
        self._connect()
        self._fill_ontologies(load_preferences().ontology)
        self._show_scenes()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the size that the dock starts with: sentences break, and the map needs the room."""
        return QSize(DOCK_PX, super().sizeHint().height())

    def _lay_out(self) -> None:
        self.setMinimumWidth(DOCK_PX)
        column = QVBoxLayout(self)
        column.addWidget(heading("Scene"))
        column.addLayout(_row(self.scene, self.open_scene))
        column.addLayout(_row(self.open_folder, self.open_address))
        for widget in (self.about, self.reopen, self.table_hint, self.table, self.name_bands, heading("Ontology")):
            column.addWidget(widget)
        column.addLayout(_row(self.ontology, self.open_ontology))
        column.addWidget(self.classes)
        column.addSpacing(8)
        column.addWidget(self.place)
        column.addWidget(self.read_only)
        column.addWidget(self.start)
        column.addStretch()

    def _connect(self) -> None:
        self.open_scene.clicked.connect(self._on_open_scene)
        self.open_folder.clicked.connect(self._on_open_folder)
        self.open_address.clicked.connect(self._on_open_address)
        self.open_ontology.clicked.connect(self._on_open_ontology)
        self.reopen.clicked.connect(self._on_reopen)
        self.name_bands.clicked.connect(self._on_name_bands)
        self.start.clicked.connect(self._on_start)
        self.scene.currentIndexChanged.connect(self._show_scene)
        self.ontology.currentTextChanged.connect(lambda name: self.classes.setText(about_classes(name) if name else ""))
        self._viewer.layers.events.inserted.connect(self._show_scenes)
        self._viewer.layers.events.removed.connect(self._show_scenes)

    @property
    def layer(self) -> Image | None:
        """The scene layer that is chosen."""
        layers = scene_layers(self._viewer)
        index = self.scene.currentIndex()
        return next((layer for layer in layers if layer.name == self.scene.itemText(index)), None)

    def _show_scenes(self, _event: object = None) -> None:
        names = [layer.name for layer in scene_layers(self._viewer)]
        chosen = self.scene.currentText()
        self.scene.blockSignals(True)
        self.scene.clear()
        self.scene.addItems(names)
        self.scene.setCurrentIndex(names.index(chosen) if chosen in names else min(0, len(names) - 1))
        self.scene.blockSignals(False)
        self._show_scene()

    def _show_scene(self, _index: int = 0) -> None:
        layer = self.layer
        scene: Scene | None = layer.metadata[SCENE_KEY] if layer is not None else None
        unnamed = scene is not None and not scene.bands.is_named and len(scene.bands) > 1
        self.about.show_scene(scene)
        for widget in (self.table_hint, self.table, self.name_bands):
            widget.setVisible(unnamed)
        if scene is not None and unnamed:
            self.table.show_bands(scene.bands)
        self.place.setText("" if scene is None else breakable(about_place(scene)))
        foreign = foreign_picture(self._viewer) if scene is None else None
        self.reopen.setVisible(foreign is not None)
        if foreign is not None:
            self.about.about.setText(f"{foreign[0].name} is a picture without bands and place.")
        self.start.setEnabled(scene is not None)

    def _on_open_scene(self) -> None:
        paths = self._choose_scene(self)
        if paths:
            _or_warn(lambda: self._open(paths))

    def _on_reopen(self) -> None:
        """Put a scene in the place of what napari's own reader has made of its file."""
        foreign = foreign_picture(self._viewer)
        if foreign is not None:
            picture, path = foreign
            _or_warn(lambda: self._open([path], instead_of=picture))

    def _on_open_folder(self) -> None:
        path = self._choose_folder(self)
        if path:
            _or_warn(lambda: self._open([path]))

    def _on_open_address(self) -> None:
        address = self._choose_address(self)
        if address:
            _or_warn(lambda: self._open([address], trust="network"))

    def _open(self, paths: Sequence[str], trust: Trust = "local", instead_of: Layer | None = None) -> None:
        from napari_geolabel.imagery.opening import open_scene

        scene = open_scene(paths, trust=trust)
        if instead_of is not None:  # gone before the scene comes: they have other units, of which napari warns
            self._viewer.layers.remove(instead_of)
        layer = add_scene_layer(self._viewer, scene)
        self._viewer.layers.selection.active = layer
        self.scene.setCurrentText(layer.name)

    def _on_open_ontology(self) -> None:
        path = self._choose_ontology(self)
        if path:
            _or_warn(lambda: self._take_ontology(path))

    def _take_ontology(self, path: str) -> None:
        load_ontology(path)  # a wrong file is told now, not after everything else is chosen
        self._fill_ontologies(path)

    def _on_name_bands(self) -> None:
        _or_warn(self._rename)

    def _use_reading(self, scene: Scene) -> None:
        """Show the chosen scene as another sensor or page has it."""
        layer = self.layer
        if layer is None:
            return
        session = find_session(self._viewer)
        if session is not None and session.scene_layer is layer:
            raise GeoLabelError("this scene is being labelled; end the session first, or change it in the Scene tab")
        change_scene(layer, scene)
        self._show_scenes()
        self.scene.setCurrentText(layer.name)

    def _rename(self) -> None:
        layer = self.layer
        if layer is None:
            return
        if not self.table.is_filled:
            raise GeoLabelError("no band was given a name; choose at least red, green and blue")
        scene: Scene = layer.metadata[SCENE_KEY]
        change_scene(layer, scene.with_bands(self.table.names(scene.bands)))
        self._show_scenes()

    def _on_start(self) -> None:
        layer = self.layer
        if layer is None:
            return
        if find_session(self._viewer) is not None:
            warn("this viewer is labelling already; use another window for another scene")
            return
        mode: Literal["rw", "r"] = "r" if self.read_only.isChecked() else "rw"
        _or_warn(lambda: annotate(self._viewer, layer.metadata[SCENE_KEY], self.ontology.currentText(), mode=mode))
        if find_session(self._viewer) is not None:
            self._make_room()

    def _make_room(self) -> None:
        """Hide the dock of this panel, whose place the panels of the session need; the Plugins menu shows it again."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QDockWidget):
            above = above.parentWidget()
        if above is not None:
            above.hide()

    def _fill_ontologies(self, chosen: str) -> None:
        """Offer the templates and the one that is chosen, which may be a file."""
        names = list(dict.fromkeys([*template_names(), chosen]))
        self.ontology.clear()
        self.ontology.addItems(names)
        self.ontology.setCurrentText(chosen)


def _choice() -> QComboBox:
    box = QComboBox()
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long names do not widen the dock
    box.setMinimumContentsLength(12)
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QComboBox) else 0)
    return row


def _or_warn(action: Callable[[], object]) -> None:
    """Do something; what cannot be is told."""
    try:
        action()
    except GeoLabelError as error:
        warn(str(error))

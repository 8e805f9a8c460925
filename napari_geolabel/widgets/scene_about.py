"""What a scene is taken for: its sensor and page, which may be changed, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from qtpy.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.metadata import SceneMetadata
from napari_geolabel.imagery.network import Trust
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.sensors import NO_SENSOR, sensors
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.rereading import read_scene_as
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import Panel, breakable, plain_label, set_tooltip, word

NO_SCENE = "Open a scene, or drag one into napari."
CHOSEN = "your choice"
"""How a sensor was recognised that a person chose."""


class LabelledScene(Panel):
    """The scene of a session: what is known of it, and what it is taken for."""

    def __init__(self, session: Session) -> None:
        super().__init__("Labelled scene")
        self._session = session
        self.about = SceneAbout(partial(read_scene_as, session), pages=False)
        self.column.addWidget(self.about)
        session.scene_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.about.show_scene(self._session.scene)


class SceneAbout(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Tells of a scene, and lets its sensor and page be chosen.

    Parameters
    ----------
    use
        Is called with the scene as it is to be read from now on; what it
        raises is told, and the choice goes back.
    pages
        Whether another page may be chosen: it has other pixels.
    """

    def __init__(self, use: Callable[[Scene], object], *, pages: bool = True) -> None:
        super().__init__()
        self._offers_pages = pages
        self._use = use
        self._scene: Scene | None = None
        self.about, self.notes = plain_label(NO_SCENE), plain_label()
        self.sensor, self.page = _choice(), _choice()
        set_tooltip(self.sensor, "What made the scene: it tells what the bands are and how values become reflectance.")
        self._sensor_row, self._page_row = _row("Sensor", self.sensor), _row("Page", self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.about, self._sensor_row, self._page_row, self.notes):
            column.addWidget(widget)
        self.sensor.activated.connect(self._on_sensor)
        self.page.activated.connect(self._on_page)
        self.show_scene(None)

    def show_scene(self, scene: Scene | None) -> None:
        """Tell of another scene, or of none."""
        self._scene = scene
        self._sensor_row.setVisible(scene is not None)
        self._page_row.setVisible(scene is not None and self._offers_pages and bool(scene.metadata.pages))
        if scene is None:
            self.about.setText(NO_SCENE)
            self.notes.setText("")
        else:
            told = scene.metadata
            self.about.setText("\n".join([_shape(scene), *filter(None, [_taken(told)])]))
            # the list above is where another sensor is chosen in a window
            notes = [f"• {note.partition('; choose another with ')[0]}" for note in told.notes]
            self.notes.setText(breakable("\n".join(notes)))
            self._fill_sensors(scene)
            self._fill_pages(told)
        self.notes.setVisible(bool(self.notes.text()))

    def _fill_sensors(self, scene: Scene) -> None:
        """Offer what the file tells, none, and the sensors that have products with as many bands."""
        found = scene.sensor
        self.sensor.clear()
        with scene.with_sensor(None) as plain:
            told = plain.sensor
            self.sensor.addItem(f"{told.title} (by {told.reason})" if told is not None else "not recognised", None)
            self.sensor.addItem("none", NO_SENSOR)
            for sensor in sensors().values():
                if _fits(plain, sensor.id):
                    self.sensor.addItem(sensor.title, sensor.id)
        chosen = found.id if found is not None and found.reason == CHOSEN else None
        if found is None and told is not None:
            chosen = NO_SENSOR
        self.sensor.setCurrentIndex(max(0, self.sensor.findData(chosen)) if chosen is not None else 0)

    def _fill_pages(self, told: SceneMetadata) -> None:
        self.page.clear()
        self.page.addItems(list(told.pages))
        self.page.setCurrentIndex((told.page or 1) - 1)

    def _on_sensor(self, index: int) -> None:
        scene = self._scene
        if scene is not None:
            self._change(lambda: scene.with_sensor(self.sensor.itemData(index)))

    def _on_page(self, index: int) -> None:
        scene = self._scene
        if scene is not None:
            trust: Trust = "local" if scene.url is None else "network"
            self._change(lambda: open_scene(scene.url or scene.path, page=index + 1, trust=trust))

    def _change(self, reading: Callable[[], Scene]) -> None:
        """Have the scene read otherwise; what cannot be is told, and the old choice comes back."""
        try:
            self._use(reading())
        except GeoLabelError as error:
            warn(str(error))
            self.show_scene(self._scene)


def _fits(scene: Scene, sensor_id: str) -> bool:
    try:
        scene.with_sensor(sensor_id).close()
    except GeoLabelError:
        return False
    return True


def _shape(scene: Scene) -> str:
    """Return the size and place of a scene in a line."""
    rows, cols = scene.grid.shape
    size = f"{len(scene.bands)} bands, {cols} x {rows} pixels"
    if not scene.grid.is_georeferenced or scene.grid.crs is None:
        return f"{size}, not georeferenced: labels stay in pixels"
    authority = scene.grid.crs.to_authority()
    return f"{size}, {':'.join(authority) if authority else scene.grid.crs.name}"


def _taken(told: SceneMetadata) -> str:
    """Return when a scene was taken, by what and under which clouds, as far as it is known."""
    when = told.acquired
    parts = [
        told.platform,
        f"{when:%Y-%m-%d %H:%M} UTC" if isinstance(when, datetime) else when and str(when),
        None if told.sun_elevation_deg is None else f"sun {told.sun_elevation_deg:.0f}° high",
        None if told.cloud_cover_percent is None else f"{told.cloud_cover_percent:.3g} % cloud",
    ]
    return ", ".join(part for part in parts if part)


def _choice() -> QComboBox:
    box = QComboBox()
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long titles do not widen the dock
    box.setMinimumContentsLength(12)
    return box


def _row(title: str, box: QComboBox) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(word(title))
    row.addWidget(box, 1)
    return holder

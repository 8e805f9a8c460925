"""Spectra of the labelled scene: under the mouse, of pinned pixels, of what is selected and of whole classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QFileDialog, QGridLayout, QPushButton, QSplitter, QVBoxLayout, QWidget
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import GeoLabelError, GeometryError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.spectral_library import LibraryCurve
from napari_geolabel.imagery.spectrum import Spectrum, areas_spectrum, pixel_spectrum, write_spectra
from napari_geolabel.labels.spectra import class_areas
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.outlines import look_at
from napari_geolabel.viewer.pins import Pin, PinMarks, Pins
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.curve_list import CurveList
from napari_geolabel.widgets.labels_panel import ChoosePath
from napari_geolabel.widgets.library_menu import LibraryMenu, own_color
from napari_geolabel.widgets.parts import plain_label, set_tooltip
from napari_geolabel.widgets.scene_work import SceneWork
from napari_geolabel.widgets.spectrum_plot import Curve, SpectrumPlot

CURSOR, SELECTION = "cursor", "selection"
SELECTION_COLOR = "#007acc"
_PIN, _CLASS, _LIBRARY = "pin:", "class:", "library:"
_LIST_PX = 230
_REST_MS = 100  # after an edit, so that many in a row are read once


def choose_csv_path(parent: QWidget | None) -> str:
    """Ask for the CSV file to write spectra to."""
    path, _ = QFileDialog.getSaveFileName(parent, "Export spectra", "", "CSV (*.csv)")
    return str(path) if not path or "." in path.rpartition("/")[2] else f"{path}.csv"


class SpectralDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Plots what the labelled scene holds in each band, while it is seen."""

    def __init__(self, session: Session, *, choose_export: ChoosePath = choose_csv_path) -> None:
        super().__init__()
        self._session, self._choose_export = session, choose_export
        self._at_points, self._in_areas = SceneWork(session.scene), SceneWork(session.scene)
        self._frame = Frame.of(session.scene.grid)
        self._spectra: dict[str, Curve] = {}
        self._stale: set[str] = set()
        self._rest = QTimer(self)
        self.pins = Pins()
        self.marks = PinMarks(session.viewer, session.scene, self.pins)
        self.plot = SpectrumPlot(session.viewer.theme, session.scene.bands)
        self.curves, self.hint = CurveList(), plain_label()
        self.pin, self.remove = QPushButton("Pin"), QPushButton("Remove")
        self.classes, self.fit = QPushButton("Classes"), QPushButton("Fit")
        self.export = QPushButton("Export CSV…")
        self.library = LibraryMenu(spectra=self.measured, quantity=lambda: self.plot.axis.value)
        self._lay_out()
        self._connect()
        self.curves.put(CURSOR, "under the mouse", self._text_color)
        self._show_hint()

    def pin_cursor(self) -> Pin | None:
        """Pin the pixel under the mouse; None where the mouse is not on the scene."""
        x, y = self._cursor_px()
        rows, cols = self._session.scene.grid.shape
        if not (0 <= x < cols and 0 <= y < rows):
            warn(f"the mouse is not on the scene; move it over the pixel to pin and press {self._pin_key}")
            return None
        return self.pins.add(float(np.floor(x)) + 0.5, float(np.floor(y)) + 0.5)

    def spectra(self) -> list[Spectrum]:
        """Return what is shown besides the pixel under the mouse, in the order of the list."""
        shown = [key for key in self.curves.keys if key != CURSOR and self.curves.is_shown(key)]
        return [self._spectra[key].spectrum for key in shown if key in self._spectra]

    def measured(self) -> list[Spectrum]:
        """Return what is shown of the scene itself, without the curves of the library."""
        return [spectrum for spectrum in self.spectra() if any(spectrum.count)]

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Follow mouse and selection while the dock is seen; Qt calls this."""
        super().showEvent(event)
        self.marks.show()
        self._ask_selection()
        self._ask_classes()

    def hideEvent(self, event: object) -> None:  # noqa: N802
        """Leave the scene alone while nobody looks; Qt calls this."""
        super().hideEvent(event)
        self.marks.hide()

    def _lay_out(self) -> None:
        self.classes.setCheckable(True)
        for button, text in (
            (self.pin, f"Pin the pixel in the middle of the view; {self._pin_key} pins the one under the mouse."),
            (self.remove, "Remove the pin that is chosen in the list (Delete)."),
            (self.classes, "What each class comes to over all its annotations: mean and standard deviation."),
            (self.fit, "Bring all curves into view; the mouse wheel zooms."),
            (self.export, "Write the pins, the selection and the classes that are ticked as a table."),
        ):
            set_tooltip(button, text)
        side, split = QWidget(), QSplitter(Qt.Orientation.Horizontal)
        column, buttons, whole = QVBoxLayout(side), QGridLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for place, button in enumerate((self.pin, self.remove, self.fit, self.classes, self.library, self.export)):
            buttons.addWidget(button, place // 3, place % 3)
        column.addWidget(self.curves)
        column.addLayout(buttons)
        side.setMinimumWidth(_LIST_PX)
        split.addWidget(self.plot)
        split.addWidget(side)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.setSpacing(2)
        whole.addWidget(split, 1)
        whole.addWidget(self.hint)

    def _connect(self) -> None:
        session = self._session
        self.pin.clicked.connect(self._on_pin)
        self.remove.clicked.connect(self._on_remove)
        self.classes.toggled.connect(self._on_classes)
        self.library.chosen.connect(self._on_library)
        self.fit.clicked.connect(self.plot.fit)
        self.export.clicked.connect(self._on_export)
        self.curves.toggled.connect(self._on_toggled)
        self.curves.renamed.connect(self._on_renamed)
        self.curves.itemActivated.connect(self._on_activated)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.curves)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_remove)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._read_stale)
        self.pins.changed.connect(self._show_pins)
        session.viewer.cursor.events.position.connect(self._on_cursor)
        session.viewer.events.theme.connect(self._on_theme)
        session.selection.changed.connect(self._ask_selection)
        session.labels.changed.connect(self._on_change)
        session.labels.ontology_changed.connect(self._ask_classes)
        session.scene_changed.connect(self._on_scene)
        session.closed.connect(self._retire)

    @property
    def _text_color(self) -> str:
        from napari.utils.theme import get_theme

        return str(get_theme(self._session.viewer.theme).text.as_hex("long"))

    def _cursor_px(self) -> tuple[float, float]:
        x, y = self._frame.to_pixel(self._session.viewer.cursor.position)
        return float(x), float(y)

    # what is asked of the scene

    def _on_cursor(self, _event: object = None) -> None:
        if self.isVisible() and self.curves.is_shown(CURSOR):
            x, y = self._cursor_px()
            self._at_points.ask(CURSOR, partial(_spectrum_at, x=x, y=y), partial(self._take, CURSOR, None))

    def _show_pins(self) -> None:
        """Bring list and plot in line with the pins; each pin is read once."""
        for key in [key for key in self.curves.keys if key.startswith(_PIN)]:
            if int(key.removeprefix(_PIN)) not in self.pins:
                self._forget(key)
        for pin in self.pins:
            key = f"{_PIN}{pin.id}"
            self.curves.put(key, pin.name, pin.color, editable=True)
            if key in self._spectra:
                known = self._spectra[key]
                self._spectra[key] = replace(known, spectrum=replace(known.spectrum, title=pin.name))
            else:
                job = partial(_spectrum_at, x=pin.x, y=pin.y, title=pin.name)
                self._at_points.ask(key, job, partial(self._take, key, pin.color))
        self._show_hint()

    def _ask_selection(self, _event: object = None) -> None:
        if not self.isVisible():
            return
        store = self._session.labels.store
        chosen = [store[each] for each in self._session.selected_ids if each in store]
        if not chosen:
            self._in_areas.forget(SELECTION)
            self._forget(SELECTION)
            return
        names = list(dict.fromkeys(self._session.labels.ontology[each.class_id].name for each in chosen))
        title = f"selected {', '.join(names)}" if len(chosen) == 1 else f"{len(chosen)} selected: {', '.join(names)}"
        self.curves.put(SELECTION, title, SELECTION_COLOR)
        self._ask_area(SELECTION, [each.geometry for each in chosen], title, SELECTION_COLOR)

    def _ask_classes(self, _event: object = None, only: set[str] | None = None) -> None:
        """Read the classes anew, or only some of them."""
        if not (self.isVisible() and self.classes.isChecked()):
            return
        areas, ontology = class_areas(self._session.labels), self._session.labels.ontology
        shown = {key.removeprefix(_CLASS) for key in self.curves.keys if key.startswith(_CLASS)}
        for class_id in shown - set(areas):
            self._in_areas.forget(f"{_CLASS}{class_id}")
            self._forget(f"{_CLASS}{class_id}")
        for class_id, geometries in areas.items():
            if only is None or class_id in only:
                key, found = f"{_CLASS}{class_id}", ontology[class_id]
                self.curves.put(key, f"class {found.name}", found.color)
                self._ask_area(key, geometries, f"class {found.name}", found.color)

    def _ask_area(self, key: str, geometries: Sequence[BaseGeometry], title: str, color: str) -> None:
        job = partial(_spectrum_in, geometries=geometries, title=title)
        self._in_areas.ask(key, job, partial(self._take, key, color))

    def _take(self, key: str, color: str | None, spectrum: Spectrum | None) -> None:
        """Plot what was read; what the list holds no more came too late."""
        if key not in self.curves.keys:
            return
        if spectrum is None:
            self._spectra.pop(key, None)
            self.plot.drop(key)
        else:
            self._spectra[key] = Curve(spectrum=spectrum, color=color, dashed=key.startswith((_CLASS, _LIBRARY)))
            if self.curves.is_shown(key):
                self.plot.put(key, self._spectra[key])

    def _forget(self, key: str) -> None:
        self._spectra.pop(key, None)
        self.curves.drop(key)
        self.plot.drop(key)

    # what the user and the session do

    def _on_pin(self) -> None:
        centre = self._frame.to_pixel(self._session.viewer.scene.camera.center)
        rows, cols = self._session.scene.grid.shape
        x, y = np.floor(np.clip(centre, 0, (cols - 1, rows - 1))) + 0.5
        self.pins.add(float(x), float(y))

    def _on_remove(self) -> None:
        key = self.curves.current
        if key is None or not key.startswith(_PIN):
            warn("choose a pin in the list to remove it; other curves are hidden by their boxes")
        else:
            self.pins.remove(int(key.removeprefix(_PIN)))

    def _on_renamed(self, key: str, name: str) -> None:
        self.pins.rename(int(key.removeprefix(_PIN)), name)

    def _on_activated(self, _item: object) -> None:
        """Go to the pin whose row is activated."""
        key = self.curves.current
        if key is not None and key.startswith(_PIN):
            pin = self.pins[int(key.removeprefix(_PIN))]
            look_at(self._session.viewer, self._session.scene.grid, (pin.x - 20, pin.y - 20, pin.x + 20, pin.y + 20))

    def _on_toggled(self, key: str, is_shown: bool) -> None:
        if is_shown and key in self._spectra:
            self.plot.put(key, self._spectra[key])
        elif not is_shown:
            self.plot.drop(key)

    def _on_classes(self, is_wanted: bool) -> None:
        if is_wanted:
            self._ask_classes()
            if not any(key.startswith(_CLASS) for key in self.curves.keys):
                tell("no class has an annotation yet; label some areas, and their curves appear here")
            return
        for key in [key for key in self.curves.keys if key.startswith(_CLASS)]:
            self._in_areas.forget(key)
            self._forget(key)

    def _on_library(self, curve: LibraryCurve, is_wanted: bool) -> None:
        """Show a curve of the library as the bands of the scene see it, or no more."""
        key = f"{_LIBRARY}{curve.id}"
        if not is_wanted:
            self._forget(key)
            return
        self.curves.put(key, f"library {curve.title}", own_color(curve))
        self._take(key, own_color(curve), curve.at(self._session.scene.bands))

    def _on_change(self, change: Change) -> None:
        """Note which annotations and classes have changed, and read them when the edits pause."""
        for edit in change.edits:
            for side in (edit.before, edit.after):
                if side is not None:
                    self._stale |= {side.id, f"{_CLASS}{side.class_id}"}
        if change.edits:
            self._rest.start()

    def _read_stale(self) -> None:
        stale, self._stale = self._stale, set()
        if stale & set(self._session.selected_ids):
            self._ask_selection()
        self._ask_classes(only={each.removeprefix(_CLASS) for each in stale if each.startswith(_CLASS)})

    def _on_scene(self) -> None:
        """Read everything again from the scene as it is read now."""
        scene = self._session.scene
        for work in (self._at_points, self._in_areas):
            work.follow(scene)
        for key in [key for key in self.curves.keys if key.startswith(_LIBRARY)]:
            self._forget(key)  # other bands, and maybe no reflectance any more
        self.library.reset()
        self._spectra.clear()
        self.plot.use_bands(scene.bands)
        self._show_pins()
        self._ask_selection()
        self._ask_classes()

    def _on_theme(self, _event: object = None) -> None:
        self.plot.use_theme(self._session.viewer.theme)
        self.curves.put(CURSOR, "under the mouse", self._text_color)

    def _on_export(self) -> None:
        spectra = self.spectra()
        if not spectra:
            warn(
                f"there is nothing to export yet; pin a pixel ({self._pin_key}), select an annotation, or show classes"
            )
            return
        path = self._choose_export(self)
        if not path:
            return
        try:
            write_spectra(path, spectra)
        except GeoLabelError as error:
            warn(str(error))
        else:
            tell(f"{len(spectra)} {'spectrum' if len(spectra) == 1 else 'spectra'} written to {path}")

    @property
    def _pin_key(self) -> str:
        return self._session.keys.label("pin_spectrum")

    def _show_hint(self) -> None:
        start = "" if len(self.pins) else f"{self._pin_key} pins the pixel under the mouse."
        self.hint.setText("  ".join(filter(None, [start, self.plot.axis.note])))
        self.hint.setVisible(bool(self.hint.text()))

    def _retire(self) -> None:
        """Let go of the labels and the scene, which may outlive this dock."""
        session = self._session
        session.viewer.cursor.events.position.disconnect(self._on_cursor)
        session.viewer.events.theme.disconnect(self._on_theme)
        session.selection.changed.disconnect(self._ask_selection, missing_ok=True)
        session.labels.changed.disconnect(self._on_change, missing_ok=True)
        session.labels.ontology_changed.disconnect(self._ask_classes, missing_ok=True)
        self._rest.stop()
        self.marks.close()
        self._at_points.close()
        self._in_areas.close()


def _spectrum_at(scene: Scene, *, x: float, y: float, title: str = "") -> Spectrum | None:
    """Return the spectrum of a pixel, None outside the scene."""
    return pixel_spectrum(scene, x, y, title)


def _spectrum_in(scene: Scene, *, geometries: Sequence[BaseGeometry], title: str) -> Spectrum | None:
    """Return the spectrum of areas, None where none lies on the scene."""
    try:
        return areas_spectrum(scene, geometries, title)
    except GeometryError:
        return None

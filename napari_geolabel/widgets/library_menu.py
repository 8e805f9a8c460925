"""The button that shows curves of the spectral library, keeps what is plotted, and loads curves from files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.spectral_library import (
    LibraryCurve,
    built_in_curves,
    curve_of,
    forget_curve,
    keep_curves,
    read_curves,
    spectral_library,
)
from napari_geolabel.imagery.spectrum import Spectrum
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.widgets.parts import set_tooltip

OWN_COLOR = "#b15928"
"""Of curves that have none of their own."""
_SOURCE_LETTERS = 200  # of a source in a tooltip


def choose_csv_to_load(parent: QWidget | None) -> str:
    """Ask for a CSV file of curves."""
    path, _ = QFileDialog.getOpenFileName(parent, "Load curves", "", "CSV (*.csv)")
    return str(path)


class LibraryMenu(QPushButton):  # type: ignore[misc]  # qtpy has no types
    """A menu of curves, each with a tick, made anew whenever it opens.

    Parameters
    ----------
    spectra
        Returns what is plotted, to be kept.
    quantity
        Returns what the plotted values are; curves of something else are greyed.
    choose_file
        Asks for the file to load.
    """

    chosen = Signal(object, bool)
    """Emitted with a `LibraryCurve` and whether it is to be shown."""

    def __init__(
        self,
        *,
        spectra: Callable[[], Iterable[Spectrum]],
        quantity: Callable[[], str],
        choose_file: Callable[[QWidget | None], str] = choose_csv_to_load,
    ) -> None:
        super().__init__("Library")
        self._spectra, self._quantity, self._choose_file = spectra, quantity, choose_file
        self._shown: set[str] = set()
        self.entries = QMenu(self)
        self.entries.setToolTipsVisible(True)
        self.entries.aboutToShow.connect(self.fill)
        self.setMenu(self.entries)
        set_tooltip(self, "Curves of vegetation, sand, water, cloud and snow, and those that you have kept.")

    def fill(self) -> None:
        """List the curves as they are now."""
        menu, quantity = self.entries, self._quantity()
        menu.clear()
        try:
            curves = spectral_library()
        except GeoLabelError as error:
            warn(str(error))
            curves = built_in_curves()
        own = [curve for id_, curve in curves.items() if id_ not in built_in_curves()]
        for curve in curves.values():
            if own and curve is own[0]:
                menu.addSeparator()
            action = menu.addAction(curve.title)
            action.setCheckable(True)
            action.setChecked(curve.id in self._shown)
            action.setEnabled(curve.quantity == quantity)
            set_tooltip(action, _tooltip(curve, quantity))
            action.toggled.connect(partial(self._on_chosen, curve))
        menu.addSeparator()
        menu.addAction("Keep what is plotted", self.keep)
        menu.addAction("Load curves from CSV…", self.load)
        if own:
            remove = menu.addMenu("Remove")
            for curve in own:
                remove.addAction(curve.title, partial(self._forget, curve))

    def keep(self) -> None:
        """Keep the curves of pins, selection and classes that are ticked, for other scenes."""
        quantity = self._quantity()
        try:
            curves = [curve_of(each, quantity=quantity) for each in self._spectra()]
            keep_curves(curves)
        except GeoLabelError as error:
            warn(str(error))
            return
        if curves:
            tell(f"kept in your library: {', '.join(curve.title for curve in curves)}")
        else:
            warn("there is nothing to keep yet; pin a pixel, select an annotation, or show the classes")

    def load(self) -> None:
        """Take curves of a file into one's own library, and show those that fit."""
        path = self._choose_file(self)
        if not path:
            return
        try:
            curves = keep_curves(read_curves(Path(path)))
        except GeoLabelError as error:
            warn(str(error))
            return
        for curve in curves:
            if curve.quantity == self._quantity():
                self._on_chosen(curve, True)
        tell(f"taken into your library: {', '.join(curve.title for curve in curves)}")

    def reset(self) -> None:
        """Take note that no curve is shown any more."""
        self._shown.clear()

    def _on_chosen(self, curve: LibraryCurve, is_wanted: bool) -> None:
        (self._shown.add if is_wanted else self._shown.discard)(curve.id)
        self.chosen.emit(curve, is_wanted)

    def _forget(self, curve: LibraryCurve) -> None:
        try:
            forget_curve(curve.id)
        except GeoLabelError as error:
            warn(str(error))
            return
        if curve.id in self._shown:
            self._on_chosen(curve, False)


def own_color(curve: LibraryCurve) -> str:
    """Return the colour that a curve is drawn in."""
    return curve.color or OWN_COLOR


def _tooltip(curve: LibraryCurve, quantity: str) -> str:
    if curve.quantity != quantity:
        return f"It holds {curve.quantity.lower()}, this scene {quantity.lower()}; set scale and offset (band table)."
    source = curve.source if len(curve.source) <= _SOURCE_LETTERS else f"{curve.source[:_SOURCE_LETTERS]}…"
    return source or "Your own."

"""Composites of one's own: made, changed, removed, and shared as a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import AUTOMATIC, Composite, resolve
from napari_geolabel.viewer.composites import Composites
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import plain_label, set_tooltip, word

AskComposite = Callable[[QWidget | None, Composites, Composite], Composite | None]
"""Asks for title and channels; gets the window, what there is, and what to begin with; None is given up."""
ChoosePath = Callable[[QWidget | None], str]

_FILES = "Composites (*.toml)"


class CompositeDialog(QDialog):  # type: ignore[misc]  # qtpy has no types
    """A title and three channels, each a band, an index or an expression; one channel alone is shown in grey."""

    def __init__(self, parent: QWidget | None, composites: Composites, start: Composite) -> None:
        super().__init__(parent)
        self.setWindowTitle("A composite of your own")
        self._composites, self._start = composites, start
        self.composite: Composite | None = None
        self.name = QLineEdit(start.title)
        names = [*composites.scene.bands.names, *composites.indices]
        texts = (*start.channels, "", "")[:3]
        self.channels = [_channel_box(names, text) for text in texts]
        self.refusal = plain_label()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        grid = QGridLayout(self)
        widgets = (self.name, *self.channels)
        for row, (title, widget) in enumerate(zip(("Title", "Red", "Green", "Blue"), widgets, strict=True)):
            grid.addWidget(word(title), row, 0)
            grid.addWidget(widget, row, 1)
        grid.addWidget(plain_label("For one channel in grey leave Green and Blue empty."), 4, 1)
        grid.addWidget(self.refusal, 5, 1)
        grid.addWidget(buttons, 6, 1)
        grid.setColumnStretch(1, 1)
        self.setMinimumWidth(440)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)

    def accept(self) -> None:
        """Close where the composite can be shown; else say why not and stay."""
        texts = tuple(box.currentText().strip() for box in self.channels)
        title = self.name.text().strip() or "My composite"
        channels = tuple(text for text in texts if text)
        same = channels == self._start.channels
        stretch, colors = (self._start.stretch, self._start.colormap) if same else (AUTOMATIC, None)
        try:
            made = replace(self._start, title=title, channels=channels, stretch=stretch, colormap=colors)
            resolve(made, self._composites.scene.bands)
        except GeoLabelError as error:
            self.refusal.setText(f"{error}.")
            return
        self.composite = made
        super().accept()


def ask_composite(parent: QWidget | None, composites: Composites, start: Composite) -> Composite | None:
    """Ask in a dialog."""
    dialog = CompositeDialog(parent, composites, start)
    dialog.exec()
    return dialog.composite


def choose_shared_path(parent: QWidget | None) -> str:
    """Ask for a file of composites to read."""
    return str(QFileDialog.getOpenFileName(parent, "Import composites", "", _FILES)[0])


def choose_target_path(parent: QWidget | None) -> str:
    """Ask where to write composites; a name without a suffix gets .toml."""
    path = str(QFileDialog.getSaveFileName(parent, "Export your composites", "composites.toml", _FILES)[0])
    return path if not path or path.endswith(".toml") else f"{path}.toml"


class OwnComposites(QPushButton):  # type: ignore[misc]  # qtpy has no types
    """A button with a menu of what can be done with one's own composites."""

    def __init__(
        self,
        session: Session,
        *,
        ask: AskComposite = ask_composite,
        choose_shared: ChoosePath = choose_shared_path,
        choose_target: ChoosePath = choose_target_path,
    ) -> None:
        super().__init__("Own")
        self._session, self._ask = session, ask
        self._choose_shared, self._choose_target = choose_shared, choose_target
        set_tooltip(self, "Make a composite of your own, change or remove it, share yours as a file.")
        menu = QMenu(self)
        self.new = menu.addAction("New, from what is shown…", self._on_new)
        self.edit = menu.addAction("Rename or change what is shown…", self._on_edit)
        self.remove = menu.addAction("Remove what is shown", self._on_remove)
        menu.addSeparator()
        self.read = menu.addAction("Import…", self._on_read)
        self.write = menu.addAction("Export mine…", self._on_write)
        menu.aboutToShow.connect(self.refresh)
        self.setMenu(menu)

    def refresh(self) -> None:
        """Offer what can be done now."""
        is_own = self._composites.current in self._composites.own
        self.edit.setEnabled(is_own)
        self.remove.setEnabled(is_own)
        self.write.setEnabled(bool(self._composites.own))

    @property
    def _composites(self) -> Composites:
        return self._session.scenes.composites

    def _on_new(self) -> None:
        shown = self._composites.shown
        asked = self._ask(self, self._composites, replace(shown, title=f"My {shown.title.lower()}", description=""))
        if asked is not None:
            taken = [*self._composites, *self._composites.indices, *self._composites.unavailable]
            self._keep(replace(asked, id=free_id(asked.title, taken)))

    def _on_edit(self) -> None:
        own = self._composites.own[self._composites.current]
        asked = self._ask(self, self._composites, own)
        if asked is not None:
            self._keep(asked)

    def _keep(self, composite: Composite) -> None:
        def add() -> None:
            self._composites.add(composite)
            self._composites.show(composite.id)

        _told(add)

    def _on_remove(self) -> None:
        _told(lambda: self._composites.remove(self._composites.current))

    def _on_read(self) -> None:
        path = self._choose_shared(self)

        def read() -> None:
            found = self._composites.read(path)
            tell(f"imported {len(found)} composite{'s' if len(found) != 1 else ''}: {', '.join(found)}")

        if path:
            _told(read)

    def _on_write(self) -> None:
        path = self._choose_target(self)
        if path:
            _told(lambda: self._composites.write(path))


def free_id(title: str, taken: Sequence[str]) -> str:
    """Return an id made of a title that no other composite has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    start = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "own"
    number, found = 1, start
    while found in taken:
        number += 1
        found = f"{start}_{number}"
    return found


def _channel_box(names: Sequence[str], text: str) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.addItems(["", *names])
    box.setCurrentText(text)
    set_tooltip(box, "A band, an index, or an expression such as (nir - red) / (nir + red).")
    return box


def _told(action: Callable[[], object]) -> None:
    try:
        action()
    except GeoLabelError as error:
        warn(str(error))

"""Ontologies from and to files, in the editor."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QPushButton, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS, export_ontology, read_ontology
from napari_geolabel.ontology.files import is_ontology_file, load_ontology
from napari_geolabel.ontology.merging import add_missing
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.notices import tell
from napari_geolabel.widgets.parts import set_tooltip

OWN = "Ontology"
ChooseFile = Callable[[QWidget | None], tuple[str, str]]
"""Asks for a file; its path, empty when the user gave up, and the chosen filter."""


class OntologyFiles(QObject):  # type: ignore[misc]  # qtpy has no types
    """The buttons *Import…* and *Export…* of a draft."""

    refused = Signal(str)
    """Emitted with the reason why a file was not read or written."""

    def __init__(self, draft: OntologyDraft, in_use: Callable[[], Ontology]) -> None:
        super().__init__()
        self._draft, self._in_use = draft, in_use
        self.choose_import: ChooseFile = choose_import
        self.choose_export: ChooseFile = choose_export
        self.import_, self.export = QPushButton("Import…"), QPushButton("Export…")
        self.buttons = (self.import_, self.export)
        set_tooltip(self.import_, "take over the classes of another ontology, also of another program")
        set_tooltip(self.export, "write it as YAML or for another program, and tell what that does not hold")
        self.import_.clicked.connect(self._on_import)
        self.export.clicked.connect(self._on_export)

    def _on_import(self) -> None:
        path, _ = self.choose_import(self.import_)
        if not path:
            return
        try:
            notes: list[str] = []
            if is_ontology_file(path):
                other = load_ontology(path)
            else:
                read = read_ontology(path)
                other, notes = read.ontology, read.notes
            self._draft.do(add_missing, other)
        except GeoLabelError as error:
            self.refused.emit(str(error))
            return
        tell("; ".join([f"classes of {other.name} are in the draft", *notes]))

    def _on_export(self) -> None:
        path, chosen = self.choose_export(self.export)
        if not path:
            return
        form = next((f for f in ONTOLOGY_FORMATS.values() if chosen.startswith(f.title)), None)
        suffix = form.suffix if form else ".yaml"
        named = path if "." in path.rpartition("/")[2] else f"{path}{suffix}"
        try:
            lost = export_ontology(self._draft.finished, named, format=form.id if form else None)
        except GeoLabelError as error:
            self.refused.emit(str(error))
            return
        tell("; ".join([f"saved {named}", *lost]))


def choose_import(parent: QWidget | None) -> tuple[str, str]:
    """Ask for the file to import."""
    filters = "Ontologies (*.yaml *.yml *.json *.xml *.qml *.txt *.clr *.csv);;All files (*)"
    path, chosen = QFileDialog.getOpenFileName(parent, "Import an ontology", "", filters)
    return str(path), str(chosen)


def choose_export(parent: QWidget | None) -> tuple[str, str]:
    """Ask for the file to write, and its format."""
    filters = [f"{OWN} (*.yaml *.json)", *(f"{f.title} (*{f.suffix})" for f in ONTOLOGY_FORMATS.values())]
    path, chosen = QFileDialog.getSaveFileName(parent, "Export the ontology", "", ";;".join(filters))
    return str(path), str(chosen)

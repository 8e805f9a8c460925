"""Undo and redo, export and import, and whether there is work that is not saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from napari_geolabel.errors import FewerLabelsError, GeoLabelError
from napari_geolabel.labelfile.status import Failed, Status
from napari_geolabel.labels.exporting import ExportOrder, export_order, prepare_export
from napari_geolabel.labels.importing import PreparedImport, finish_import, import_order, prepare_import
from napari_geolabel.labels.loss_notes import told
from napari_geolabel.masks import Watch
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.chips_dialog import show_chips_dialog
from napari_geolabel.widgets.export_dialog import AskExport, ask_export
from napari_geolabel.widgets.format_choice import (
    ChooseFormat,
    choose_format,
    export_filters,
    format_for,
    import_filters,
)
from napari_geolabel.widgets.import_dialog import AskImport, ask_import
from napari_geolabel.widgets.journal_watch import JournalWatch
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import ElidedButton, Panel, plain_label, set_tooltip
from napari_geolabel.widgets.relay import Relay
from napari_geolabel.widgets.replace_dialog import AskReplace, ask_replace
from napari_geolabel.widgets.watched import run_watched

ChoosePath = Callable[[QWidget | None], str]
"""Asks for a file and returns its path, empty when the user gave up."""

WARNING_COLOR = "#f5a623"


def choose_export_path(parent: QWidget | None) -> str:
    """Ask for the file to export to; a name without a suffix gets that of the chosen filter."""
    path, chosen = QFileDialog.getSaveFileName(parent, "Export labels", "", export_filters())
    suffix = chosen.rpartition("*")[2].rstrip(")")
    return str(path) if not path or "." in path.rpartition("/")[2] else f"{path}{suffix}"


def choose_import_path(parent: QWidget | None) -> str:
    """Ask for the file to import."""
    path, _ = QFileDialog.getOpenFileName(parent, "Import labels", "", import_filters())
    return str(path)


def choose_label_path(parent: QWidget | None) -> str:
    """Ask for another label file to go on in."""
    path, _ = QFileDialog.getSaveFileName(parent, "Save labels elsewhere", "", "Label file (*.labels.gpkg)")
    return str(path) if not path or path.endswith(".gpkg") else f"{path}.labels.gpkg"


class LabelsPanel(Panel):
    """Whether labels are saved, undo, and their way to and from files; history and conflicts are asked for here."""

    table_asked, history_asked, conflicts_asked = Signal(), Signal(), Signal()
    """Emitted when the user wants to see them."""

    def __init__(
        self,
        session: Session,
        *,
        ask_export: AskExport = ask_export,
        choose_import: ChoosePath = choose_import_path,
        ask_import: AskImport = ask_import,
        choose_place: ChoosePath = choose_label_path,
        ask_replace: AskReplace = ask_replace,
    ) -> None:
        super().__init__("Labels")
        self._ask_replace = ask_replace
        self._session = session
        self._ask_export, self._choose_import, self._ask_import = ask_export, choose_import, ask_import
        self._choose_place = choose_place
        self.state = plain_label()
        self.undo, self.redo = ElidedButton("Undo"), ElidedButton("Redo")
        self.export, self.import_ = QPushButton("Export…"), QPushButton("Import…")
        self.retry, self.save_elsewhere = QPushButton("Retry"), QPushButton("Save elsewhere…")
        self.table, self.history, self.conflicts = QPushButton("Table…"), QPushButton("History…"), QPushButton()
        self.chips = QPushButton("Chips…")
        set_tooltip(self.chips, "cut the scene into chips with labels, to train a model")
        hint(self.table, session.keys, "all annotations: find, sort, filter, edit, mend ({table})")
        self.conflicts.setStyleSheet(f"QPushButton {{ background: {WARNING_COLOR}; color: black; }}")
        self.rescue = QWidget()
        self.rescue.setLayout(_row(self.retry, self.save_elsewhere))
        self.head.addWidget(self.state, stretch=1)
        self.column.addWidget(self.rescue)
        self.column.addLayout(_row(self.undo, self.redo))
        self.column.addLayout(_row(self.export, self.import_, self.chips, self.table, self.history))
        self.column.addWidget(self.conflicts)
        self.undo.clicked.connect(self._on_undo)
        self.redo.clicked.connect(self._on_redo)
        self.export.clicked.connect(self._on_export)
        self.import_.clicked.connect(self._on_import)
        self.chips.clicked.connect(self._on_chips)
        self.table.clicked.connect(self.table_asked)
        self.history.clicked.connect(self.history_asked)
        self.conflicts.clicked.connect(self.conflicts_asked)
        self.retry.clicked.connect(self._on_retry)
        self.save_elsewhere.clicked.connect(self._on_save_elsewhere)
        self.watch = JournalWatch(session)
        self.watch.conflicts_changed.connect(self._show_conflicts)
        session.labels.changed.connect(self._show)
        self._show_conflicts()
        self._show()
        self._relay = Relay(self._show_state, self)
        session.labels.status_changed.connect(self._relay.ask)
        session.closed.connect(self._retire)

    def _show(self, _change: object = None) -> None:
        labels = self._session.labels
        undoing, refusal = self._session.undoing, labels.refusal
        for button, verb, title, key in (
            (self.undo, "Undo", undoing.undo_title, "undo"),
            (self.redo, "Redo", undoing.redo_title, "redo"),
        ):
            button.setEnabled(bool(title) and not refusal)
            button.setText(f"{verb}: {title}" if title and not refusal else verb)
            named = f"{verb}: {title}  ({self._session.keys.label(key)})" if title else f"nothing to {verb.lower()}"
            set_tooltip(button, refusal or named)
        self.import_.setEnabled(not refusal)
        set_tooltip(self.import_, refusal)
        self._show_state()

    def _show_state(self) -> None:
        labels = self._session.labels
        painted_px = labels.canvas.painted_pixels
        if labels.refusal:
            self.state.setText(f"READ ONLY: {amount_text(len(labels), painted_px)}")
        else:
            text = state_text(len(labels), labels.status, unsaved=labels.unsaved, painted_px=painted_px)
            self.state.setText(text)
        set_tooltip(self.state, labels.refusal or place_text(labels.path))
        self.rescue.setVisible(isinstance(labels.status, Failed))

    def _show_conflicts(self) -> None:
        """Show a badge while two sessions do not agree on something."""
        count = len(self.watch.conflicts)
        self.conflicts.setVisible(count > 0)
        self.conflicts.setText("1 conflict to resolve…" if count == 1 else f"{count} conflicts to resolve…")
        set_tooltip(self.conflicts, "changed in two ways at the same time; look at mine, theirs and base")

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.changed.disconnect(self._show, missing_ok=True)
        self._session.labels.status_changed.disconnect(self._relay.ask, missing_ok=True)

    def _on_retry(self) -> None:
        self._session.labels.retry()

    def _on_save_elsewhere(self) -> None:
        path = self._choose_place(self)
        if path:
            save_elsewhere(self._session, path, ask=self._ask_replace, parent=self)
            self._show_state()

    def _on_undo(self) -> None:
        self._session.undo()

    def _on_redo(self) -> None:
        self._session.redo()

    def _on_export(self) -> None:
        wanted = self._ask_export(self._session, self)
        if wanted is not None:
            export_to(self._session, wanted.path, ask=self._ask_replace, parent=self, **wanted.order)
            self._show_state()

    def _on_chips(self) -> None:
        show_chips_dialog(self._session, self.window())

    def _on_import(self) -> None:
        path = self._choose_import(self)
        chosen = self._ask_import(self._session, path, self) if path else None
        if chosen is not None:
            import_from(self._session, path, parent=self.window(), prepared=chosen.prepared, **chosen.order)
            self._show_state()


def export_to(
    session: Session,
    path: str,
    *,
    ask: AskReplace = ask_replace,
    choose: ChooseFormat = choose_format,
    parent: QWidget | None = None,
    **order: Any,  # noqa: ANN401  (the keywords of `Labels.export`)
) -> bool:
    """Export labels, tell what was done and what the format could not hold; return whether it was written.

    Before a file is replaced by one with far fewer labels, the user is asked,
    and so is the format where the suffix leaves several.
    """
    if "format" not in order:
        goes_on, order["format"] = format_for(path, parent, choose)
        if not goes_on:
            return False
    try:
        try:
            losses = _exported(session, export_order(path, **order), parent)
        except FewerLabelsError as error:
            if not ask(parent, str(error)):
                return False
            losses = _exported(session, export_order(path, overwrite="always", **order), parent)
    except GeoLabelError as error:
        warn(str(error))
        return False
    tell("; ".join([f"saved {path}", *told(losses)]))
    return True


def _exported(session: Session, order: ExportOrder, parent: QWidget | None) -> list[str]:
    """Export labels beside Qt's thread, and return what the file does not hold."""
    labels, title = session.labels, f"Exporting {order.path.name}…"
    prepared = prepare_export(labels, order)

    def work(watch: Watch) -> list[str]:
        losses = prepared.losses()
        prepared.write(losses, watch)
        return losses

    losses = run_watched(parent, title, work)
    labels.count_as_saved(order.saves)
    return losses


def import_from(
    session: Session,
    path: str,
    *,
    parent: QWidget | None = None,
    prepared: PreparedImport | None = None,
    **order: Any,  # noqa: ANN401  (the keywords of `Labels.import_from`)
) -> None:
    """Import labels as one change and tell how many came and what was left out; what takes time can be cancelled.

    What is ``prepared`` of the file for the labels as they are need not be made again.
    """
    labels, wanted = session.labels, import_order(path, **order)
    title = f"Importing {wanted.path.name}…"
    try:
        if prepared is None:
            prepared = run_watched(parent, title, lambda watch: prepare_import(labels, wanted, watch))
        report = finish_import(labels, prepared)
    except GeoLabelError as error:
        warn(str(error))
        return
    skipped = [f"left out {where}: {reason}" for where, reason in report.skipped[:3]]
    tell("; ".join([f"imported {report.imported} annotations", *skipped, *report.notes]))


def save_elsewhere(
    session: Session, path: str, *, ask: AskReplace = ask_replace, parent: QWidget | None = None
) -> bool:
    """Go on in another label file and tell so; return whether everything is there.

    The dialog that chose the file has asked already whether to replace it.
    """
    labels = session.labels
    try:
        try:
            labels.save_as(path, overwrite="careful")
        except FewerLabelsError as error:
            if not ask(parent, str(error)):
                return False
            labels.save_as(path, overwrite="always")
    except GeoLabelError as error:
        warn(str(error))
        return False
    tell(f"the labels are kept in {path} from now on")
    return True


def place_text(path: Path | None) -> str:
    """Return name and folder of the label file, or what holds the labels without one."""
    return "in memory only; export them to keep them" if path is None else f"{path.name} in {path.parent}"


def amount_text(annotations: int, painted_px: int = 0) -> str:
    """Return how much there is: ``3 annotations and a painted mask``."""
    counted = "1 annotation" if annotations == 1 else f"{annotations} annotations"
    if not painted_px:
        return counted
    return f"{counted} and a painted mask" if annotations else "a painted mask"


def state_text(count: int, status: Status | None = None, *, unsaved: bool, painted_px: int = 0) -> str:
    """Return how much there is and whether it is saved, as a sentence; without a status, of labels in memory."""
    amount = amount_text(count, painted_px)
    if isinstance(status, Failed):
        return f"{amount}, FAILED: {status.reason}"
    if status is not None:
        return f"{amount}, {status}"
    if unsaved:
        return f"{amount}, not saved"
    return f"{amount}, everything saved" if count or painted_px else "nothing labelled yet"


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for button in buttons:
        row.addWidget(button)
    return row

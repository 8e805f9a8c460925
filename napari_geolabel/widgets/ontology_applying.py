"""Taking an edited ontology into use: what does not fit it is shown first."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QMessageBox, QWidget

from napari_geolabel.labels.evolving import Evolution
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.draft import OntologyDraft

SHOWN = 5
"""So many of what does not fit are written out; the details have all."""

AskMisfits = Callable[[QWidget | None, Evolution], bool]
"""Asks whether answers that do not fit are to be left out."""


def take_into_use(labels: Labels, draft: OntologyDraft, ask: AskMisfits, parent: QWidget | None = None) -> None:
    """Let labels go on with what was edited; ask first where answers would have to be left out.

    Raises
    ------
    GeoLabelError
        If the labels cannot go on with it; they and the draft are as they were.
    """
    after = draft.finished
    foreseen = labels.foresee(after)
    if foreseen.clashes and not ask(parent, foreseen):
        return
    labels.evolve(after, leave_out=bool(foreseen.clashes))
    draft.begin_with(after)


def ask_misfits(parent: QWidget | None, foreseen: Evolution) -> bool:
    """Show what does not fit, and ask whether such answers are to be left out."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Use the ontology", "", parent=parent)
    box.setText(misfit_text(foreseen))
    box.setDetailedText("\n".join(f"{c.annotation_id or 'scene'}: {c.reason}" for c in foreseen.clashes))
    leave = box.addButton("Leave such answers out", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    return bool(box.clickedButton() is leave)


def misfit_text(foreseen: Evolution) -> str:
    """Return what does not fit in a few lines of plain text."""
    count = len(foreseen.clashes)
    lines = [f"{count} of the annotations have answers that the new version does not allow:"]
    lines += [clash.reason for clash in foreseen.clashes[:SHOWN]]
    return "\n".join([*lines, *([f"and {count - SHOWN} more"] if count > SHOWN else [])])

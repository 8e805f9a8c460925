"""What changes painted areas at once: grow, shrink, smooth, clean, and the way to polygons and back."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.retoucher import COMMANDS, Scope
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.amounts import amount_box
from napari_geolabel.widgets.background import Background, expected, told
from napari_geolabel.widgets.parts import Panel, plain_label, set_tooltip, swatch, word

_WORDS = {
    "grow": "Grow",
    "shrink": "Shrink",
    "smooth": "Smooth",
    "drop_specks": "Drop specks",
    "fill_holes": "Fill holes",
    "swap": "Swap with",
    "outline": "Paint to polygons",
    "burn": "Selection to paint",
}


class MaskPanel(Panel):
    """Change what is painted of the current class; work on the whole mask goes on in the background."""

    def __init__(self, session: Session) -> None:
        super().__init__("Painted areas")
        self._session, self._retoucher = session, session.retoucher
        self._work: Background | None = None
        self.about = plain_label()
        self.buttons = {command: self._make_button(command) for command in COMMANDS}
        self.scope = self._make_scope()
        self.partner = QComboBox()
        self.distance = amount_box(self._retoucher.distance, 0.1, self._retoucher.unit)
        self.least_area = amount_box(self._retoucher.least_area, 1, self._retoucher.area_unit)
        self.tolerance = amount_box(self._retoucher.tolerance, 0, "%")
        self.busy = self._make_busy()
        self._lay_out()
        self._connect()
        self._show()

    def _make_button(self, command: str) -> QPushButton:
        button = QPushButton(_WORDS[command])
        button.clicked.connect(self._on_button)
        return button

    def _on_button(self) -> None:
        """Do what was clicked; a function of its own for each button would keep the panel alive."""
        clicked = self.sender()
        self._run(next(command for command, button in self.buttons.items() if button is clicked))

    def _make_scope(self) -> QComboBox:
        scope = QComboBox()
        scope.addItems([each.value.capitalize() for each in Scope])
        set_tooltip(scope, "Change only the pixels that are on screen, or all of the mask.")
        return scope

    def _make_busy(self) -> QWidget:
        """Return the row that shows that something is being computed, and gives it up."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        self.working = word("")
        cancel = QPushButton("Cancel")
        set_tooltip(cancel, "Leave the mask as it is.")
        cancel.clicked.connect(self._end)
        line.addWidget(self.working, 1)
        line.addWidget(cancel)
        row.hide()
        return row

    def _lay_out(self) -> None:
        self.column.addWidget(self.about)
        self._row([word("In"), self.scope])
        grid = QGridLayout()
        grid.setSpacing(4)
        rows = (
            (word("Distance"), self.distance, ("grow", "shrink", "smooth")),
            (word("Least area"), self.least_area, ("drop_specks", "fill_holes")),
        )
        for number, (name, box, commands) in enumerate(rows):
            grid.addWidget(name, 2 * number, 0)
            grid.addWidget(box, 2 * number, 1, 1, 2)
            for column, command in enumerate(commands):
                grid.addWidget(self.buttons[command], 2 * number + 1, column)
        self.column.addLayout(grid)
        self._row([self.buttons["swap"], self.partner])
        self._row([self.buttons["outline"], self.buttons["burn"]])
        self._row([word("Wand tolerance"), self.tolerance])
        self.column.addWidget(self.busy)

    def _row(self, widgets: Sequence[QWidget]) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        for widget in widgets:
            line.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
        self.column.addLayout(line)

    def _connect(self) -> None:
        session, retoucher = self._session, self._retoucher
        set_tooltip(self.distance, "How far areas grow or shrink, and the radius of the disc that smooths.")
        set_tooltip(self.least_area, "Specks and holes below this area go.")
        set_tooltip(self.tolerance, "How much a pixel may differ from the one that is clicked, in each band.")
        self.distance.valueChanged.connect(lambda value: setattr(retoucher, "distance", value))
        self.least_area.valueChanged.connect(lambda value: setattr(retoucher, "least_area", value))
        self.tolerance.valueChanged.connect(lambda value: setattr(retoucher, "tolerance", value))
        set_tooltip(self.partner, "The class that changes places with the current one.")
        self.partner.activated.connect(self._choose_partner)
        session.labels.ontology_changed.connect(self._fill_partners)
        self._fill_partners()
        self.scope.currentIndexChanged.connect(lambda index: setattr(retoucher, "scope", list(Scope)[index]))
        for signal in (session.class_changed, session.selection.changed, session.classes.changed):
            signal.connect(self._show)
        session.closed.connect(self._close)

    def _fill_partners(self, *_: object) -> None:
        """Offer all classes that are painted."""
        painted = [c for c in self._session.labels.ontology.classes if Kind.MASK in c.kinds and not c.archived]
        self.partner.clear()
        for each in painted:
            self.partner.addItem(swatch(each.color), each.name, each.id)
        self._choose_partner()

    def _choose_partner(self, *_: object) -> None:
        self._retoucher.partner = self.partner.currentData()
        self._show()

    def _close(self) -> None:
        """Let go of the labels, which outlive the session, and of what is being computed."""
        self._session.labels.ontology_changed.disconnect(self._fill_partners, missing_ok=True)
        self._end()

    def _show(self, *_: object) -> None:
        """Name the class, and grey what cannot be done now."""
        self.about.setText(f"of {self._session.labels.ontology[self._session.current_class].name}")
        for command, button in self.buttons.items():
            reason = self._retoucher.why_not(command)
            button.setEnabled(not reason and self._work is None)
            set_tooltip(button, reason or COMMANDS[command])

    def _run(self, command: str) -> None:
        """Do a command: at once in view, in the background on the whole mask."""
        if self._retoucher.scope is Scope.VIEW or command == "burn":
            self._retoucher.run(command)
            return
        try:
            plan = self._retoucher.plan(command)
        except GeoLabelError as error:
            warn(str(error))
            return
        self._work = Background("mask")
        self.working.setText(f"{_WORDS[command]}: working on the whole mask …")
        self.busy.show()
        self._show()
        self._work.ask(told(plan), self._take)

    def _take(self, outcome: Change | Exception) -> None:
        self._end()
        done = expected(outcome)
        if isinstance(done, Change):
            self._retoucher.take(done)
        else:
            warn(str(done))

    def _end(self, *_: object) -> None:
        """Forget what is being computed: its thread ends by itself, and what it returns goes nowhere."""
        work, self._work = self._work, None
        if work is not None:
            work.abandon()
        self.busy.hide()
        self._show()

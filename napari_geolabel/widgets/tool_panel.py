"""The drawing tools as buttons, and what changes annotations that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
)

from napari_geolabel.viewer.authoring import words
from napari_geolabel.viewer.keys import COMMAND_KEYS, KEYS, TOOL_KEYS
from napari_geolabel.viewer.session import Session
from napari_geolabel.viewer.sketches import RESHAPING_TOOLS
from napari_geolabel.widgets.parts import Panel, set_tooltip, word

COLUMNS = 3
AMOUNT_PX = 64
"""Least width of the box of an amount."""
_TOOL = "tool"
_MOVE_KEY = next(key.key for key in KEYS if key.does.startswith("put the tool away"))


class ToolPanel(Panel):
    """Take a tool in hand, or change what is selected; what cannot be now is greyed, and its tooltip says why."""

    def __init__(self, session: Session) -> None:
        super().__init__("Tools")
        self._session = session
        self._is_empty = True
        self.buttons: dict[str, QPushButton] = {}
        self._at_once = QButtonGroup(self)  # not a partial for each button, which would keep the panel alive
        self.commands = {name: self._make_command(name) for name in COMMAND_KEYS}
        self._group = QButtonGroup(self)  # one of them is always down
        self.reshaping = Panel("Change what is selected, or what is drawn over")
        """What reshapes; a panel of its own, since all of it has no room above the classes."""
        self._lay_tools(self, ["", *(name for name in session.tools if name not in RESHAPING_TOOLS)])
        self._lay_aim()
        self._lay_tools(self.reshaping, [name for name in session.tools if name in RESHAPING_TOOLS], self.commands)
        self._lay_amounts()
        self._group.buttonClicked.connect(self._on_click)
        self._at_once.buttonClicked.connect(self._on_command)
        session.tool_changed.connect(self._show)
        session.class_changed.connect(self._show)
        session.selection.changed.connect(self._show)
        session.counts.changed.connect(self._on_counts)
        self._show()

    def _lay_tools(self, panel: Panel, names: Iterable[str], more: Mapping[str, QPushButton] | None = None) -> None:
        """Add buttons of tools, and of commands, to a panel in rows."""
        made = {name: self._make_button(name) for name in names}
        self.buttons |= made
        grid = QGridLayout()
        grid.setSpacing(4)
        for button in made.values():
            self._group.addButton(button)
        for index, button in enumerate([*made.values(), *(more or {}).values()]):
            grid.addWidget(button, *divmod(index, COLUMNS))
        panel.column.addLayout(grid)

    def _lay_aim(self) -> None:
        """Add the switches of what the mouse snaps to and follows."""
        aim, row = self._session.toolbox.aim, QHBoxLayout()
        self.snap, self.trace = QCheckBox("Snap"), QCheckBox("Trace")
        for box, hint, key in ((self.snap, _SNAP, "Shift-G"), (self.trace, _TRACE, "Shift-T")):
            set_tooltip(box, f"{hint} {key.replace('-', '+')}")
            row.addWidget(box)
        row.addStretch()
        self.column.addLayout(row)
        if aim is not None:
            self.snap.clicked.connect(aim.toggle_snapping)
            self.trace.clicked.connect(aim.toggle_tracing)
            aim.changed.connect(self._show_aim)

    def _show_aim(self) -> None:
        """Tick what is switched on, by whatever hand."""
        aim = self._session.toolbox.aim
        if aim is not None:
            for box, is_on in ((self.snap, aim.is_snapping), (self.trace, aim.is_tracing)):
                with QSignalBlocker(box):
                    box.setChecked(is_on)

    def _lay_amounts(self) -> None:
        """Add how far a buffer goes and how much simplifying may move."""
        reshaper, row = self._session.reshaper, QHBoxLayout()
        self.distance = _spin_box(reshaper.distance, -100_000, reshaper.unit)
        self.tolerance = _spin_box(reshaper.tolerance_px, 0.1, "px")
        set_tooltip(self.distance, "How far a buffer grows; less than 0 shrinks.")
        set_tooltip(self.tolerance, "How far simplifying may move an outline, in pixels of the scene.")
        self.distance.valueChanged.connect(lambda value: setattr(reshaper, "distance", value))
        self.tolerance.valueChanged.connect(lambda value: setattr(reshaper, "tolerance_px", value))
        for widget in (word("Buffer by"), self.distance, word("simplify to"), self.tolerance):
            row.addWidget(widget)
        self.reshaping.column.addLayout(row)

    def _make_button(self, name: str) -> QPushButton:
        """Return the button of a tool, of moving the map for the empty name."""
        key = "" if name in RESHAPING_TOOLS else TOOL_KEYS.get(name, "") if name else _MOVE_KEY
        title = words(name).capitalize() if name else "Move map"
        button = _button(f"{title}  {key.replace('-', '+')}".strip())
        button.setCheckable(True)
        button.setProperty(_TOOL, name)
        return button

    def _make_command(self, name: str) -> QPushButton:
        button = _button(name.capitalize())
        button.setProperty(_TOOL, name)
        self._at_once.addButton(button)
        return button

    def _on_click(self, button: QPushButton) -> None:
        self._session.use_tool(button.property(_TOOL) or None)
        self._show()

    def _on_command(self, button: QPushButton) -> None:
        self._session.reshaper.run(button.property(_TOOL))

    def _on_counts(self) -> None:
        """Show what can be done with the first annotation, and no longer without the last."""
        if self._is_empty != (self._session.counts.total == 0):
            self._show()

    def _show(self, _changed: str = "") -> None:
        """Press the button of the tool in hand and grey what cannot be used now."""
        self._is_empty = self._session.counts.total == 0
        reasons = self._session.tools
        for name, button in self.buttons.items():
            _grey(button, reasons.get(name, ""), _hint(name))
            button.setChecked(name == (self._session.tool or ""))
        for name, button in self.commands.items():
            _grey(button, self._session.reshaper.why_not(name), _hint(name))


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def _spin_box(value: float, least: float, unit: str) -> QDoubleSpinBox:
    """Return a box for an amount with a unit."""
    box = QDoubleSpinBox()
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)  # wheel and arrow keys do, and the unit needs room
    box.setMinimumWidth(AMOUNT_PX)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # not as wide as its largest number
    box.setDecimals(1)
    box.setRange(least, 100_000)
    box.setValue(value)
    box.setSuffix(f" {unit}")
    return box


def _grey(button: QPushButton, reason: str, hint: str) -> None:
    """Let a button be pressed unless there is a reason against it, which its tooltip then says."""
    button.setEnabled(not reason)
    set_tooltip(button, reason or hint)


def _hint(name: str) -> str:
    """Return what a button does, with its key where it does not show it."""
    key = {**COMMAND_KEYS, **TOOL_KEYS}.get(name, "").replace("-", "+")
    return f"{_HINTS[name]} {key}" if "+" in key else _HINTS.get(name, "")


_SNAP = "Set points on vertices and edges of what is there; a square marks a vertex, an hourglass an edge."
_TRACE = "Between two points on one outline, follow that outline: the border is then the same twice."
_DRAW = "double click or Enter ends, Escape gives up."
_HINTS = {
    "": "Drag moves the map, the wheel zooms.",
    "box": "Drag from corner to corner, or click two corners.",
    "rotated_box": "Click bow, stern and one side.",
    "polygon": "Click the corners; double click or Enter ends, right click or Backspace takes one back.",
    "lasso": "Hold the button and draw round it; letting go ends.",
    "ellipse": "Drag from corner to corner of the box around it, or click the two.",
    "polyline": "Click along the line; double click or Enter ends, right click or Backspace takes one back.",
    "keypoint": "Click the point.",
    "brush": "Paint the mask; the layer controls at the left have size, eraser and fill.",
    "adjust": "Drag what is selected to move it, its corners to resize, the grip ahead to turn.",
    "hole": f"Click the corners of a hole inside; {_DRAW}",
    "split": f"Click a line from one side to the other; {_DRAW}",
    "cut": f"Click the corners of what shall go; {_DRAW}",
    "part": f"Click the corners of another part; {_DRAW}",
    "reshape": f"Click the new outline, from a point on one side of the old to one on the same side; {_DRAW}",
    "merge": "Make one of all that is selected.",
    "simplify": "Leave out the vertices that matter less than the tolerance below.",
    "buffer": "Grow what is selected by the distance below.",
    "duplicate": "Put a copy beside what is selected.",
}
